"""The command line as people and programs use it: `thscp ask`, `ask --batch` and `chat`."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import Command

KEYS = ["q", "slugs", "score", "answered", "urgent", "refused", "text"]


def test_a_question_is_answered_with_its_source_and_its_date(thscp: Command) -> None:
    done = thscp("ask", "threshold")

    assert done.code == 0
    assert "call 999" in done.out
    assert "020 7364 5006" in done.out
    assert "Not yet approved by the partnership" in done.out
    assert "Checked 2" in done.out
    assert "Sources:" in done.out
    assert done.out.rstrip().endswith("I cannot decide a case. Do not type names or details.")


def test_asking_leaves_no_database_behind(thscp: Command) -> None:
    thscp("ask", "threshold")

    assert not list(thscp.folder.glob("*.db"))


def test_a_batch_prints_one_line_of_json_for_each_question_in_order(thscp: Command) -> None:
    questions = ["lado", "how do penguins vote in antarctica", "im 12 and my uncle keeps touching me"]
    thscp.file("questions.jsonl", "\n".join(json.dumps({"q": text}) for text in questions) + "\n")

    done = thscp("ask", "--batch", "questions.jsonl")
    rows = [json.loads(line) for line in done.out.splitlines()]

    assert [row["q"] for row in rows] == questions
    assert [list(row) for row in rows] == [KEYS] * 3
    lado, penguins, danger = rows
    assert (lado["slugs"][0], lado["answered"], lado["urgent"], lado["refused"]) == (
        "lado-allegations",
        True,
        False,
        False,
    )
    assert 0 < lado["score"] <= 1
    assert (penguins["answered"], len(penguins["slugs"]) <= 3) == (False, True)
    assert (danger["urgent"], danger["answered"], "999" in danger["text"]) == (True, False, True)


def test_a_batch_reads_standard_input(thscp: Command) -> None:
    done = thscp("ask", "--batch", "-", typed='{"q": "deputies"}\n')

    assert json.loads(done.out)["slugs"][0] == "deputies"


AS_READ = {
    "a letter that nobody sees": ("dep\u200buties", "deputies"),
    "more than is read": ("deputies" + " " * 500 + "lado", "deputies"),
}


@pytest.mark.parametrize(("typed", "seen"), AS_READ.values(), ids=AS_READ)
def test_a_batch_searches_the_words_that_the_answer_is_made_of(thscp: Command, typed: str, seen: str) -> None:
    done = thscp("ask", "--batch", "-", typed="".join(json.dumps({"q": text}) + "\n" for text in (typed, seen)))
    found, wanted = ({**json.loads(line), "q": ""} for line in done.out.splitlines())

    assert found == wanted
    assert found["slugs"][0] == "deputies"


def test_half_a_character_in_a_batch_is_answered_and_given_back_as_it_came(thscp: Command) -> None:
    done = thscp("ask", "--batch", "-", typed='{"q": "lado \\ud83d"}\n')

    assert json.loads(done.out)["q"] == "lado \ud83d"


def test_identifying_text_is_refused_and_not_repeated(thscp: Command) -> None:
    done = thscp("ask", "--batch", "-", typed='{"q": "NHS 943 476 5919 what level is this"}\n')
    row = json.loads(done.out)

    assert row["refused"]
    assert not row["answered"]
    assert "943" not in row["text"]


@pytest.mark.parametrize(
    "line", ["not json", '{"question": "x"}', "[1]"], ids=["not JSON", "no question in it", "a list"]
)
def test_a_bad_line_of_a_batch_is_named_without_a_stack_trace(thscp: Command, line: str) -> None:
    done = thscp("ask", "--batch", "-", typed=f'{{"q": "lado"}}\n{line}\n')

    assert done.code != 0
    assert "line 2" in done.err
    assert "Traceback" not in done.err


def test_an_empty_question_gets_advice(thscp: Command) -> None:
    assert "What would you like to know?" in thscp("ask", "").out


def test_a_conversation_follows_the_number_of_a_button(thscp: Command) -> None:
    done = thscp("chat", "--as", "coordinator", typed="threshold\n1\nbye\n")

    assert "1. This helped" in done.out
    assert "Thank you" in done.out


def test_a_conversation_fills_in_a_form_and_keeps_what_was_typed_when_it_is_wrong(thscp: Command) -> None:
    typed = "how do penguins vote in antarctica\n1\nNHS 943 476 5919\nWho votes at the South Pole?\nbye\n"

    done = thscp("chat", typed=typed)

    assert "Take the details out" in done.out
    assert "passed to the secretariat" in done.out


def test_a_practitioner_and_a_stranger_are_refused_what_is_for_the_secretariat(thscp: Command) -> None:
    for role in ("practitioner", "stranger"):
        assert "I cannot show you that" in thscp("chat", "--as", role, typed="gaps\n").out
    assert "Gaps in the knowledge base" in thscp("chat", "--as", "strategy-manager", typed="gaps\n").out


def test_an_unknown_role_is_explained(thscp: Command) -> None:
    done = thscp("chat", "--as", "pirate")

    assert done.code != 0
    assert "There is no role 'pirate'" in done.err
    assert "strategy-manager" in done.err
