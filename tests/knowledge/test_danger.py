"""A cry for help is recognised; a question about procedures is not taken for one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import articles
from knowledge.danger import is_urgent, reasons
from tests.search.evaluate import DEVELOPMENT, read

OWN = Path(DEVELOPMENT).with_name("danger.jsonl")

DANGER = {
    "a child about itself": "im 12 and my uncle keeps touching me",
    "a child who wants to die": "i dont want to be alive anymore",
    "a child in hiding": "my stepdad is hitting my mum right now and im hiding in the bathroom",
    "a disclosure": "A little boy told me mummy's boyfriend hurts his bottom.",
    "an allegation": "a colleague has been messaging a year 10 girl on snapchat",
    "an accident": "child has swallowed methadone at home",
    "a weapon": "a kid turned up at school with a gun in his bag",
    "a forced marriage": "she's 15 and her parents are flying her out tomorrow to be married",
    "Slack mark-up around it": "<@U0123> the baby is *not breathing*",
    "shouting": "HE IS STRANGLING HER AND THE KIDS ARE IN THERE",
}
PROCEDURE = {
    "a disclosure in general": "who do i tell if a child discloses abuse",
    "a policy": "what is the procedure when a pupil says they have been hit at home",
    "numbers": "how many children were stabbed last year",
    "training": "training about sexual abuse in families",
    "a group": "which group looks at knife crime",
    "a review": "who chairs the rapid review panel after a child has died",
    "a seat": "can my deputy attend for me tomorrow",
    "computers": "kill a process in linux",
    "nothing": "",
}


@pytest.mark.parametrize("text", DANGER.values(), ids=DANGER)
def test_a_report_of_danger_is_urgent(text: str) -> None:
    assert is_urgent(text), reasons(text)


@pytest.mark.parametrize("text", PROCEDURE.values(), ids=PROCEDURE)
def test_a_question_about_procedures_is_not_urgent(text: str) -> None:
    assert not is_urgent(text), reasons(text)


def test_nearly_every_report_of_danger_is_recognised() -> None:
    reports = [one for path in (DEVELOPMENT, OWN) for one in read(path) if one.kind == "urgent"]

    found = sum(is_urgent(one.text) for one in reports)

    assert found / len(reports) >= 0.97


def test_nearly_no_other_question_is_taken_for_danger() -> None:
    others = [one for path in (DEVELOPMENT, OWN) for one in read(path) if one.kind != "urgent"]

    found = sum(is_urgent(one.text) for one in others)

    assert found / len(others) <= 0.01


def test_the_title_of_an_article_is_never_urgent() -> None:
    library = articles.load(articles.shipped()).articles.values()

    assert not [one.title for one in library if is_urgent(one.title)]


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_urgent(text) in {True, False}


def test_a_very_long_text_is_read_in_no_time() -> None:
    texts = ["my uncle " * 20_000, "a" * 100_000, "he is in the the the " * 5_000, "\x00" * 100_000]

    started = time.perf_counter()
    for text in texts:
        is_urgent(text)

    assert time.perf_counter() - started < 1.0
