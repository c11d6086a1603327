"""Details that could name a child are recognised, and no text holds the look up."""

from __future__ import annotations

import pytest

from knowledge.guard import identifies

ENDLESS = {
    "words with figures": "A-1 ",
    "longer words with figures": "Flat-1 ",
    "house numbers": "1 Aa ",
    "one word without an end": "A",
    "half an e-mail address": "a@gmail",
    "half a reference": "case no a1 ",
}


@pytest.mark.parametrize("part", ENDLESS.values(), ids=ENDLESS)
def test_a_text_of_any_kind_that_fills_a_whole_message_is_looked_through(part: str) -> None:
    text = (part * 100_000)[:100_000]

    assert not identifies(text)
    assert identifies(f"{text} NHS 943 476 5919")


ADDRESSES = {
    "a street": "he lives at 14 Fieldgate street",
    "a street of several words": "2a Old Saint Mary-the-Great Church lane",
    "a word with an apostrophe": "9 Queen's Park road",
}


@pytest.mark.parametrize("text", ADDRESSES.values(), ids=ADDRESSES)
def test_a_street_with_its_number_is_recognised(text: str) -> None:
    assert identifies(text)
