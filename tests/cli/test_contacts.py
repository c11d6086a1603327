"""A file of contacts of one's own: what it changes, and what is wrong with it before anybody needs a number."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

import pytest

from handlers import refusals
from handlers.safety import Look, Screening
from knowledge import contacts
from tests.cli.command import Command
from tests.fakes import said

SHIPPED = (resources.files("knowledge") / "data" / "contacts.yaml").read_text(encoding="utf-8")
DANGER = "a child is being hurt right now, he is bleeding"


def with_contacts(thscp: Command, old: str, new: str) -> Command:
    """Put a file of contacts into the folder that is the shipped one with something changed."""
    assert old in SHIPPED
    thscp.file("own.yaml", SHIPPED.replace(old, new))
    return thscp


def without(key: str) -> tuple[str, str]:
    """Return the shipped row of a contact, and nothing in its place."""
    start = SHIPPED.index(f"\n{key}:\n") + 1
    rest = SHIPPED[start:].splitlines(keepends=True)
    length = next(number for number, line in enumerate(rest) if number and not line.startswith(" "))
    return "".join(rest[:length]), ""


def test_the_numbers_of_the_file_are_shown(thscp: Command) -> None:
    own = with_contacts(thscp, "020 7364 5006", "01632 960 001")

    shown = own("ask", "contact mast", contacts="own.yaml").out + own("ask", DANGER, contacts="own.yaml").out

    assert shown.count("01632 960 001") == 2
    assert "020 7364 5006" not in shown


BLANK = {
    "no number at all": ("phone: 020 7364 0677", "phone:", "lado"),
    "no figure in it": ('phone: "999"', "phone: see below", "emergency"),
    "withheld": ("  name: Childline\n", "  name: Childline\n  withheld: true\n", "childline"),
    "no row": (*without("edt"), "edt"),
}


@pytest.mark.parametrize(("old", "new", "key"), BLANK.values(), ids=BLANK)
@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_without_a_number_for_a_child_in_danger_it_does_not_start(
    thscp: Command, command: str, old: str, new: str, key: str
) -> None:
    done = with_contacts(thscp, old, new)(command, contacts="own.yaml")

    assert done.code == 1
    assert f"error contacts.blank: Nobody could be told whom to call for a child in danger: no number for {key}." in (
        done.out + done.err
    )
    assert "Traceback" not in done.err


UNUSABLE = {
    "serve": "own.yaml",
    "doctor": "missing.yaml",
    "ask threshold": "own.yaml",
    "chat": "missing.yaml",
}


@pytest.mark.parametrize(("command", "file"), UNUSABLE.items(), ids=UNUSABLE)
def test_a_file_that_cannot_be_used_is_explained_by_every_command(thscp: Command, command: str, file: str) -> None:
    done = with_contacts(thscp, 'phone: "999"', "phone: 999")(*command.split(), contacts=file)

    assert done.code == 1
    assert "error contacts.unreadable: The file of THSCP_CONTACTS cannot be used: " in done.out + done.err
    assert "Traceback" not in done.err


def test_contacts_past_their_date_are_a_warning_at_the_start(thscp: Command) -> None:
    own = with_contacts(thscp, "  name: Childline\n", "  name: Childline\n  review_by: 2026-01-01\n")

    done = own("serve", "--host", "192.0.2.1", contacts="own.yaml")

    assert "warning contacts.overdue: Contacts are past their check date: childline." in done.err
    assert "error port.refused" in done.err  # it went on


def test_rows_that_the_file_lacks_are_a_warning(thscp: Command) -> None:
    done = with_contacts(thscp, *without("nspcc"))("doctor", contacts="own.yaml")

    assert done.code == 0
    assert "warning contacts.fewer: The file of THSCP_CONTACTS lacks nspcc:" in done.out


def test_the_shipped_contacts_keep_nothing_from_starting(thscp: Command) -> None:
    done = thscp("doctor")

    assert done.code == 0
    assert "error contacts" not in done.out


def test_what_must_have_a_number_is_exactly_what_is_shown_in_danger() -> None:
    numbered = {
        key: replace(row, phone=f"01632 96{number:04}") for number, (key, row) in enumerate(contacts.shipped().items())
    }

    told = said(refusals.answer(Screening(Look(urgent=True, staff=True, child=True)), numbered))

    assert {key for key, row in numbered.items() if row.phone in told} == set(contacts.URGENT)
