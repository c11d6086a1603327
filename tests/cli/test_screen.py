"""What `thscp screen` prints, for people and for programs."""

from __future__ import annotations

import json

from tests.cli.command import Command

NUMBER = "NHS number 999 787 7896 has three missed appointments"
DANGER = "im 13 and my stepdad hits me every night"
CLEAN = "What does the threshold document say?"


def test_a_batch_prints_one_line_of_json_for_each_text_in_order(thscp: Command) -> None:
    thscp.file("texts.jsonl", "\n".join(json.dumps({"text": text}) for text in (NUMBER, DANGER, CLEAN)) + "\n\n")

    done = thscp("screen", "--batch", "texts.jsonl")
    number, danger, clean = (json.loads(line) for line in done.out.splitlines())

    assert done.code == 0
    assert number == {
        "identifying": True,
        "urgent": False,
        "decision": "block",
        "spans": [{"start": 11, "end": 23, "type": "NHS_NUMBER"}],
    }
    assert (danger["urgent"], danger["decision"]) == (True, "block")
    assert clean == {"identifying": False, "urgent": False, "decision": "pass", "spans": []}


def test_a_batch_reads_standard_input(thscp: Command) -> None:
    done = thscp("screen", "--batch", "-", typed=json.dumps({"text": CLEAN}) + "\n")

    assert json.loads(done.out)["decision"] == "pass"


def test_a_line_that_cannot_be_read_is_named(thscp: Command) -> None:
    for line in ("no json", '{"q": "threshold"}', '{"text": 7}', "[]"):
        done = thscp("screen", "--batch", "-", typed=f'{{"text": "fine"}}\n{line}\n')

        assert done.code != 0
        assert "line 2 should look like" in done.out + done.err


def test_one_text_is_explained_in_words(thscp: Command) -> None:
    done = thscp("screen", NUMBER)

    assert "This does not go on." in done.out
    assert "NHS_NUMBER: '999 787 7896'" in done.out


def test_nothing_is_kept(thscp: Command) -> None:
    thscp("screen", NUMBER)

    assert not list(thscp.folder.iterdir())
