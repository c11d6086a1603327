"""Two people who change one bulletin at the same time: nothing of either is lost, and the second is told."""

from __future__ import annotations

import pytest

from handlers.context import House
from handlers.messages import Card, Errors, Form
from tests.bulletins import REF, WORDS, Desk
from tests.fakes import Bot, said


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


BOX = "What to do now"
MINE, THEIRS = "- Please use my form.", "- Please use their form."


def two_open_a_section(desk: Desk) -> tuple[Form, Form]:
    sections = desk.presses(desk.writes(), "Write the sections")
    return desk.bot.opens(sections, BOX, who=desk.author), desk.bot.opens(sections, BOX, who=desk.approver)


def kept(desk: Desk) -> str:
    sections = desk.presses(desk.opens(), "Write the sections")
    return desk.bot.opens(sections, BOX, who=desk.author).fields[0].value


def test_the_second_of_two_who_write_one_section_is_told_who_and_what_and_nothing_is_overwritten(desk: Desk) -> None:
    mine, theirs = two_open_a_section(desk)
    desk.bot.sends(theirs, who=desk.approver, text=THEIRS)

    found = desk.bot.sends(mine, who=desk.author, text=MINE)

    assert isinstance(found, Errors)
    assert f"Sam Invented changed {REF} while you wrote. What you typed is still here." in found.by_field["text"]
    assert THEIRS in found.by_field["text"]
    assert found.also is not None
    assert kept(desk) == THEIRS


def test_who_was_told_can_still_have_their_words_kept_with_the_same_form(desk: Desk) -> None:
    mine, theirs = two_open_a_section(desk)
    desk.bot.sends(theirs, who=desk.approver, text=THEIRS)
    desk.bot.sends(mine, who=desk.author, text=MINE)

    found = desk.bot.sends(mine, who=desk.author, text=MINE, over="yes")

    assert isinstance(found, Card)
    assert kept(desk) == MINE


def test_two_who_write_different_sections_do_not_disturb_each_other(desk: Desk) -> None:
    sections = desk.presses(desk.writes(), "Write the sections")
    other = desk.bot.opens(sections, "What has happened", who=desk.approver)
    own = desk.bot.opens(sections, BOX, who=desk.author)

    first = desk.bot.sends(other, who=desk.approver, text="The form has moved again.")
    second = desk.bot.sends(own, who=desk.author, text=MINE)

    assert isinstance(first, Card)
    assert isinstance(second, Card)
    assert kept(desk) == MINE


def test_who_writes_while_it_is_approved_is_told_that_saving_takes_the_approval_away(desk: Desk) -> None:
    card = desk.writes()
    own = desk.bot.opens(desk.presses(card, "Write the sections"), BOX, who=desk.author)
    desk.presses(card, "Send for approval")
    desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)

    found = desk.bot.sends(own, who=desk.author, text=MINE)

    assert isinstance(found, Errors)
    assert "It becomes a draft again, and needs a new approval." in found.by_field["text"]
    assert "Approved" in said(desk.opens())


OTHERS = {
    "title and readers": ("Title and readers", {"title": "Their title"}, {"title": "My title"}, "title"),
    "picture": (
        "Picture",
        {"url": "https://example.org/a.png", "alt": "A form"},
        {"url": "https://example.org/b.png", "alt": "Another form"},
        "url",
    ),
}


@pytest.mark.parametrize(("label", "theirs", "mine", "box"), OTHERS.values(), ids=OTHERS)
def test_the_other_forms_of_a_draft_tell_the_second_too(
    desk: Desk, label: str, theirs: dict[str, str], mine: dict[str, str], box: str
) -> None:
    card = desk.writes()
    card = desk.presses(card, "More") if label == "Picture" else card
    own, other = desk.bot.opens(card, label, who=desk.author), desk.bot.opens(card, label, who=desk.approver)
    desk.bot.sends(other, who=desk.approver, **theirs)

    found = desk.bot.sends(own, who=desk.author, **mine)

    assert isinstance(found, Errors)
    assert "Sam Invented" in found.by_field[box]
    assert isinstance(desk.bot.sends(own, who=desk.author, **mine, over="yes"), Card)


def test_a_form_that_is_sent_twice_is_kept_once_and_not_a_clash(desk: Desk) -> None:
    mine, _ = two_open_a_section(desk)

    first = desk.bot.sends(mine, who=desk.author, text=MINE)
    second = desk.bot.sends(mine, who=desk.author, text=MINE)

    assert isinstance(first, Card)
    assert second == first


TWICE = {"a correction": "Write a correction", "the next one": "Write the next one from it"}


@pytest.mark.parametrize("label", TWICE.values(), ids=TWICE)
def test_who_presses_twice_gets_one_draft(desk: Desk, label: str) -> None:
    desk.sent()
    card = desk.opens()

    first, second = desk.presses(card, label), desk.presses(card, label)

    assert first.title == second.title == "BUL-2026-002: The form has moved"


def test_how_to_write_a_link_is_shown_as_it_is_typed(desk: Desk) -> None:
    sections = desk.presses(desk.writes(), "Write the sections")

    assert "\\[words](address)" in said(sections)
    assert WORDS[BOX] == kept(desk)
