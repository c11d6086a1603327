"""A cry for help is recognised; a question about procedures is not taken for one."""

from __future__ import annotations

import pytest

from knowledge import articles, guard
from tests.search.evaluate import BLIND, read

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
    assert guard.scan(text).urgent


@pytest.mark.parametrize("text", PROCEDURE.values(), ids=PROCEDURE)
def test_a_question_about_procedures_is_not_urgent(text: str) -> None:
    assert not guard.scan(text).urgent


def test_nearly_every_report_of_danger_among_questions_that_trained_nothing_is_recognised() -> None:
    reports = [one for one in read(BLIND) if one.kind == "urgent"]

    found = sum(guard.scan(one.text).urgent for one in reports)

    assert found / len(reports) >= 0.92


def test_nearly_no_other_question_is_taken_for_danger() -> None:
    others = [one for one in read(BLIND) if one.kind != "urgent"]

    found = [one.text for one in others if guard.scan(one.text).urgent]

    assert len(found) / len(others) <= 0.01, found


def test_the_title_of_an_article_is_never_urgent() -> None:
    library = articles.load(articles.shipped()).articles.values()

    assert not [one.title for one in library if guard.scan(one.title).urgent]
