"""`thscp import people`: the list of people from the command line."""

from __future__ import annotations

import pytest

from tests.cli.command import Command

LIST = """name,agency,roles,slack
Ann One,Example Council,member;coordinator,U0ANNABCD
Ben Two,Example Council,member,
"""


def test_a_list_is_taken_over_once_and_the_same_again_changes_nothing(thscp: Command) -> None:
    thscp.file("people.csv", LIST)

    first, second = thscp("import", "people", "people.csv"), thscp("import", "people", "people.csv")

    assert (first.code, second.code) == (0, 0)
    assert "New: 2" in first.out
    assert "Unchanged: 2" in second.out


def test_a_dry_run_shows_what_would_change_and_changes_nothing(thscp: Command) -> None:
    thscp.file("people.csv", LIST)

    shown = [thscp("import", "people", "--dry-run", "people.csv") for _ in range(2)]

    assert [done.code for done in shown] == [0, 0]
    assert ["New: 2" in done.out for done in shown] == [True, True]


REFUSED = {
    "a mistake": ("name,roles\nAnn One,king\n", "Row 2, roles: I know no role called 'king'."),
    "a family in a cell": ("name,post\nAnn One,NHS number 999 787 7896\n", "That looks like personal details"),
}


def test_a_list_that_is_refused_is_explained_and_ends_with_1(thscp: Command) -> None:
    for content, told in REFUSED.values():
        thscp.file("people.csv", content)
        done = thscp("import", "people", "people.csv")
        assert done.code == 1
        assert told in done.out + done.err
        assert "Traceback" not in done.err


REGISTER = "Name,What,Likelihood,Impact,Remarks\nLate data,Schools send late,High,Medium,none\n"
MATCHED = ("--column", "title=Name", "--column", "event=What", "--column", "Current likelihood=Likelihood",
           "--column", "current_i=Impact")  # fmt: skip


def test_a_register_of_ones_own_is_taken_over_when_its_columns_are_said(thscp: Command) -> None:
    thscp.file("people.csv", "name,roles,slack\nAnn One,coordinator,U0ANNABCD\n")
    thscp("import", "people", "people.csv")
    thscp.file("register.csv", REGISTER)
    by = ("--by", "slack:U0ANNABCD")

    asked = thscp("import", "risks", "register.csv", *by)
    shown = thscp("import", "risks", "register.csv", *MATCHED, "--dry-run")
    taken = thscp("import", "risks", "register.csv", *MATCHED, *by)
    again = thscp("import", "risks", "register.csv", *MATCHED)

    assert (asked.code, "I do not know which column is which." in asked.err) == (1, True)
    assert "New: 1" in shown.out
    assert "New: 1" in taken.out
    assert "New: 0" in again.out


WITH_ROWS = {
    "escalations": "Title,Group,Ask\nNo lead,Delivery Group,Name a lead\n",
    "risks": "Title,Event,Likelihood\nLate data,Schools send late,\n",
}


@pytest.mark.parametrize("kind", WITH_ROWS)
def test_new_records_need_somebody_who_brings_them(thscp: Command, kind: str) -> None:
    thscp.file("people.csv", "name,roles,slack\nAnn One,coordinator,U0ANNABCD\n")
    thscp("import", "people", "people.csv")
    thscp.file("rows.csv", WITH_ROWS[kind])

    nobody = thscp("import", kind, "rows.csv")
    ann = thscp("import", kind, "rows.csv", "--by", "slack:U0ANNABCD")

    assert (nobody.code, f"Somebody has to bring these {kind}." in nobody.err) == (1, True)
    assert (ann.code, "New: 1" in ann.out) == (0, True)


def test_a_day_that_the_calendar_does_not_have_is_named_and_taken_for_nobodys_birthday(thscp: Command) -> None:
    thscp.file("rows.csv", "Title,Event,Date raised\nLate data,Schools send late,31/02/2026\n")

    done = thscp("import", "risks", "rows.csv")

    assert (done.code, "Row 2, Raised on: Please write a day" in done.err) == (1, True)
