"""The list of contacts: its words, its dates, and everything in a file of one's own that cannot be used."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge import contacts
from knowledge.contacts import ContactsError

ROW = "{name: A service, when: Now, source: invented, checked_on: 2026-11-01, verified: true"


def test_a_service_is_found_by_its_key_and_by_the_other_words_of_its_row() -> None:
    book = contacts.parse(f"desk: {ROW}, also: [Front Desk, '1234']}}\nyard: {ROW}}}")

    found = [contacts.called(book, word) for word in ("desk", " front desk ", "1234", "yard", "desks", "")]

    assert [row.key if row else None for row in found] == ["desk", "desk", "desk", "yard", None, None]


def test_no_word_leads_to_two_shipped_services() -> None:
    words = Counter(word for row in contacts.shipped().values() for word in row.words)

    assert [word for word, times in words.items() if times > 1] == []


def test_a_withheld_service_is_not_found_by_its_words() -> None:
    assert contacts.called(contacts.shipped(), "ofsted-whistleblowing") is None


MALFORMED = {
    "words that are no list": (f"desk: {ROW}, also: front desk}}", "desk: also must be a list of words"),
    "a bare figure among words": (f"desk: {ROW}, also: [999]}}", "desk: also must be a list of words"),
    "a number without quotation marks": (f"desk: {ROW}, phone: 999}}", "desk: phone must be text; put figures between"),
    "a word for a day": (f"desk: {ROW}, review_by: soon}}", "desk: review_by must be a day such as 2026"),
    "a moment for a day": (f"desk: {ROW}, review_by: 2026-11-01 10:00:00}}", "desk: review_by must be a day such as"),
    "a day that no calendar has": (f"desk: {ROW}, review_by: 2026-02-30}}", "day is out of range"),
    "a word for true": (f"desk: {ROW}, national: perhaps}}", "desk: national must be true or false"),
    "a field that there is not": (f"desk: {ROW}, fax: '1'}}", "desk: there is no fax"),
    "a row without its fields": ("desk: {name: A service}", "desk: checked_on, source, verified, when is missing"),
    "a name left empty": (f"desk: {ROW.replace('A service', '')}}}", "desk: name is missing"),
    "a row that is a word": ("desk: here", "desk: it must be a row"),
    "a list": ("[desk]", "rows, each under a key"),
    "a figure for a key": (f"999: {ROW}}}", "a key that is a word"),
    "nothing": ("", "rows, each under a key"),
    "no YAML": ("desk: {name: [", "expected"),
}


@pytest.mark.parametrize(("text", "told"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_wrong_with_a_list_is_named(text: str, told: str) -> None:
    with pytest.raises(ContactsError) as error:
        contacts.parse(text)

    assert told in str(error.value)


def test_a_value_left_empty_counts_as_not_given() -> None:
    [row] = contacts.parse(f"desk: {ROW}, phone: , email: '', also: , review_by: }}").values()

    assert (row.phone, row.email, row.also, row.review_by) == ("", "", (), None)


def test_a_list_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(f"desk: {ROW}}}\nyard: {ROW}, withheld: true}}", encoding="utf-8")

    assert list(contacts.load(str(tmp_path / "own.yaml"))) == ["desk"]
    assert contacts.load("") is contacts.shipped()


UNREADABLE = {
    "not there": ("no.yaml", "No such file"),
    "a folder": (".", "directory"),
    "not UTF-8": ("latin.yaml", "UTF-8"),
}


@pytest.mark.parametrize(("name", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "latin.yaml").write_bytes("desk: {name: Café}".encode("latin-1"))

    with pytest.raises(ContactsError, match=told):
        contacts.load(str(tmp_path / name))


def test_a_row_is_checked_until_its_review_date_or_for_a_quarter() -> None:
    book = contacts.parse(f"desk: {ROW}}}\nyard: {ROW}, review_by: 2026-12-01}}")

    days = {day: [row.key for row in contacts.overdue(book, day)] for day in
            (date(2026, 12, 1), date(2026, 12, 2), date(2027, 2, 1), date(2027, 2, 2))}  # fmt: skip

    assert list(days.values()) == [[], ["yard"], ["yard"], ["desk", "yard"]]


def test_every_row_of_the_urgent_card_needs_a_number() -> None:
    shipped = dict(contacts.shipped())
    without = {key: replace(row, phone=" - ") if key == "edt" else row for key, row in shipped.items() if key != "lado"}

    assert contacts.blank(shipped) == []
    assert contacts.blank(without) == ["edt", "lado"]
