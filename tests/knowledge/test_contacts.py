"""The words by which people ask for a service belong to the list of contacts."""

from __future__ import annotations

from collections import Counter

import pytest

from knowledge import contacts

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


@pytest.mark.parametrize("also", ["front desk", "[999]"], ids=["no list", "a bare figure"])
def test_words_that_are_no_list_of_words_are_named(also: str) -> None:
    with pytest.raises(TypeError, match="desk: also must be a list of words"):
        contacts.parse(f"desk: {ROW}, also: {also}}}")
