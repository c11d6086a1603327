"""A bulletin becomes messages: nothing is lost or doubled, and every platform takes each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import surfaces
from bot.slack import render
from handlers import wording
from handlers.bulletins import compose
from handlers.bulletins.draft import READ, Draft
from handlers.bulletins.kinds import KINDS
from handlers.context import House, UserError
from handlers.messages import Button, Card, Heading, Image, Note, Text, Tone
from handlers.prose import plain
from tests import fakes
from tests.slack.blocks import lint_message

KNOWLEDGE = fakes.knowledge()
GOOD = Draft(
    ref="BUL-2026-001",
    kind="monthly",
    title="New guide to neglect",
    sections={"headline": "- The guide is new.", "links": "Read [the guide](https://example.org/guide)."},
    audience_words="Everybody enrolled",
)


def cards(draft: Draft, *, test: bool = False) -> list[Card]:
    return compose.cards(draft, KNOWLEDGE, House(), id=7, test=test)


def headings(card: Card) -> list[str]:
    return [part.text for part in card.body if isinstance(part, Heading)]


def words(card: Card) -> str:
    return "\n".join(plain(part.markdown) for part in card.body if isinstance(part, Text | Note))


def test_sections_stand_in_the_order_of_their_kind_and_empty_ones_are_left_out() -> None:
    (card,) = cards(replace(GOOD, sections={"links": "Links.", "voice": " ", "headline": "News."}))

    assert headings(card) == [
        "This month",
        "If you are worried about a child",
        "Training dates",
        "What the Executive decided",
        "Useful links and feedback",
    ]
    assert words(card).count("Nothing this time.") == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_whom_to_call(kind: str) -> None:
    (card,) = cards(replace(GOOD, kind=kind, sections={}))

    assert "call 999" in words(card)
    assert "020 7364 5006" in words(card)


def test_young_people_are_given_childline() -> None:
    (card,) = cards(replace(GOOD, kind="young-people", sections={"topic": "Chats", "help": "Tell an adult."}))

    assert "0800 1111" in words(card)


def test_an_urgent_notice_says_so_in_a_word() -> None:
    (card,) = cards(replace(GOOD, kind="urgent", sections={"what": "It moved."}))

    assert card.tone is Tone.WARNING


def test_every_kind_has_its_template_and_there_is_no_other() -> None:
    templates = {path.stem for path in wording.folder().glob("bulletin_*.j2")}

    assert templates == {"bulletin_parts", *(f"bulletin_{kind}" for kind in KINDS)}


def test_schools_see_what_they_have_to_do_first() -> None:
    (card,) = cards(replace(GOOD, kind="schools", sections={"news": "New.", "actions": "Do it."}))

    assert headings(card)[0] == "Actions for designated safeguarding leads"


def test_the_message_says_its_reference_its_marking_and_its_readers() -> None:
    (card,) = cards(GOOD)

    assert "BUL-2026-001. Marking: OFFICIAL." in words(card)
    assert "For: Everybody enrolled." in words(card)


def test_a_picture_comes_first_with_its_words() -> None:
    (card,) = cards(replace(GOOD, image_url="https://example.org/a.png", image_alt="A park"))

    assert card.body[0] == Image("https://example.org/a.png", "A park")


def test_the_button_stands_under_the_last_part_of_what_is_to_be_read() -> None:
    *others, last = cards(replace(long(), needs_reading=True))

    assert [card.actions for card in others] == [(), ()]
    assert last.actions == (Button("I have read this and briefed my team", READ, "7"),)
    assert cards(GOOD)[0].actions == ()


def test_a_test_says_so_and_its_button_is_left_out() -> None:
    (card,) = cards(replace(GOOD, needs_reading=True), test=True)

    assert card.title == "TEST: New guide to neglect"
    assert "counts for nothing" in words(card)
    assert card.actions == ()


def test_a_correction_says_what_it_corrects() -> None:
    (card,) = cards(replace(GOOD, title="The date", correction_of="New guide to neglect"))

    assert card.title == "Correction: The date"
    assert 'It corrects "New guide to neglect".' in words(card)


def test_what_an_author_writes_never_passes_for_a_part_of_the_template() -> None:
    typed = "## Not a heading\n> not small print\n{{ bulletin.ref }} {% if %}\n---"

    (card,) = cards(replace(GOOD, sections={"headline": typed}))

    assert "Not a heading" not in headings(card)
    assert "## Not a heading\n> not small print\n{{ bulletin.ref }} {% if %}\n---" in words(card)


def test_a_section_that_its_kind_has_lost_is_still_shown() -> None:
    (card,) = cards(replace(GOOD, sections={"weather": "It will rain."}))

    assert "It will rain." in words(card)


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(UserError, match="no such kind") as refused:
        cards(replace(GOOD, kind="daily"))

    assert "monthly" in refused.value.hint


# --- sizes -----------------------------------------------------------------------------------------------------


def long() -> Draft:
    """Return a bulletin with 3,000 characters in each section, which is more than one message holds."""
    sentence = "Read the guide with your team, and say what you need to do next. "
    text = "\n\n".join([sentence * 9] * 5)[:2_990]
    return replace(GOOD, sections={section.key: text for section in KINDS["monthly"].written})


def test_a_long_bulletin_is_split_at_its_sections_and_says_so() -> None:
    parts = cards(long())

    assert len(parts) == 3
    assert [card.title for card in parts] == [f"New guide to neglect (Part {n} of 3)" for n in (1, 2, 3)]
    assert [name for card in parts for name in headings(card)] == [one.label for one in KINDS["monthly"].sections]
    assert all(lint_message(render.message(card)) == [] for card in parts)


def test_a_section_that_no_message_holds_is_split_at_a_paragraph() -> None:
    paragraphs = [f"{number}: {'<' * 1_000}" for number in range(6)]

    parts = cards(replace(GOOD, sections={"headline": "\n\n".join(paragraphs)}))

    named = [name for card in parts for name in headings(card) if name.startswith("This month")]
    assert named == ["This month", *["This month (continued)"] * 2]
    assert "".join(re.findall(r"(\d): <", "".join(map(words, parts)))) == "012345"
    assert [surface(card) for card in parts for surface in surfaces.every().values() if surface(card)] == []


_WORD = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=30)
_PARAGRAPH = st.lists(
    _WORD | st.sampled_from(["&&&&&&&&", "**bold**", "[a guide](https://example.org/g?a=1&b=2)", "-"]),
    min_size=1,
    max_size=60,
).map(" ".join)
_TEXT = st.lists(_PARAGRAPH | _PARAGRAPH.map(lambda words: f"- {words}"), max_size=5).map("\n\n".join)


@given(st.dictionaries(st.sampled_from([section.key for section in KINDS["monthly"].written]), _TEXT))
def test_nothing_is_lost_or_doubled_and_slack_takes_every_part(sections: dict[str, str]) -> None:
    kept = {key: text[:3_000] for key, text in sections.items()}
    parts = cards(replace(GOOD, sections=kept, needs_reading=True))

    assert [lint_message(render.message(card)) for card in parts] == [[]] * len(parts)
    assert "left out" not in str([render.message(card) for card in parts])
    bodies = [part for card in parts for part in card.body]
    assert _of_the_author(bodies) == [word for one in KINDS["monthly"].written for word in _written(kept, one.key)]


def _of_the_author(bodies: Sequence[object]) -> list[str]:
    """Return every word under the headings of sections that somebody writes, in order."""
    own = {section.label for section in KINDS["monthly"].written}
    found: list[str] = []
    under = ""
    for part in bodies:
        if isinstance(part, Heading):
            under = part.text.removesuffix(" (continued)")
        elif isinstance(part, Text) and under in own and part.markdown != "Nothing this time.":
            found += plain(part.markdown).split()
    return found


def _written(kept: dict[str, str], key: str) -> list[str]:
    return plain("\n".join(kept.get(key, "").strip().splitlines())).split()
