"""The table of states: what it refuses to be, and the picture in the documents that is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import clocks, workflows
from knowledge.clocks import ClocksError
from knowledge.workflows import WorkflowError

DOCUMENTS = Path(__file__).parents[2] / "docs"
GOOD = """
source: DESIGN
checked_on: 2026-11-21
states: {new: {words: new, open: true}, done: {words: done, open: false}}
needs: {reason: a reason is given}
steps:
  - {from: [new], do: finish, to: done, by: [owner], needs: [reason], tells: []}
"""
WRONG = {
    "a state that there is not": ("to: done", "to: gone"),
    "a need that nothing explains": ("needs: [reason]", "needs: [luck]"),
    "a word that there is not": ("tells: []", "whom: []"),
    "no states": ("states:", "stages:"),
}


SHOWN = {"escalations.md": "with_executive --> responded", "meetings.md": "minutes_draft --> agreed"}


@pytest.mark.parametrize("page", SHOWN)
def test_the_picture_in_the_documents_is_the_one_that_the_table_makes(page: str) -> None:
    text = (DOCUMENTS / page).read_text(encoding="utf-8")

    assert workflows.written(text, workflows.DOCUMENTS[page]()) == text
    assert SHOWN[page] in text


def test_each_page_gets_the_table_of_its_own_records(tmp_path: Path) -> None:
    page = tmp_path / "meetings.md"
    page.write_text(f"Before.\n{workflows.BEGIN} stale {workflows.END}\nAfter.\n", encoding="utf-8")

    workflows.write([str(page)])

    text = page.read_text(encoding="utf-8")
    assert "papers_open --> locked" in text
    assert text.startswith("Before.")
    assert text.endswith("After.\n")
    assert "stale" not in text


@pytest.mark.parametrize(("right", "wrong"), WRONG.values(), ids=WRONG)
def test_a_table_with_a_mistake_is_not_used(right: str, wrong: str) -> None:
    assert workflows.parse(GOOD).steps
    with pytest.raises(WorkflowError):
        workflows.parse(GOOD.replace(right, wrong))


def test_a_step_that_stands_there_twice_is_not_used() -> None:
    with pytest.raises(WorkflowError, match="twice"):
        workflows.parse(GOOD + "  - {from: [new], do: finish, to: done, by: [owner]}\n")


def test_the_periods_are_those_of_the_design_and_say_where_they_come_from() -> None:
    found = clocks.numbers("escalations")

    assert found == {"triage": 2, "cut_off": 10, "pack": 5, "chase": 2, "answer": 5, "old": 90, "deferrals": 2}
    assert {period.source for period in clocks.shipped()["escalations"].values()} == {"DESIGN"}


@pytest.mark.parametrize("row", ["{days: 1}", "{days: x, source: a, checked_on: 2026-01-01}", "4"])
def test_a_period_with_a_mistake_is_not_used(row: str) -> None:
    with pytest.raises(ClocksError):
        clocks.parse(f"kind: {{one: {row}}}")
