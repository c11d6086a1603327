"""`thscp import people`: the list of people from the command line."""

from __future__ import annotations

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
