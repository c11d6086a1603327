"""The whole life of a bulletin: written, approved by a second person, scheduled, sent once, followed and corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from db.people import Role
from handlers.context import House
from handlers.messages import Card, Errors
from tests.bulletins import NINE_ON_TUESDAY, REF, WORDS, Desk
from tests.fakes import Bot, labels, said


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def test_a_bulletin_is_written_approved_scheduled_and_sent_to_everybody_once(desk: Desk) -> None:
    reader = desk.bot.enrol(Role.MEMBER)
    card = desk.scheduled()
    early = desk.tick()
    desk.bot.clock.now = NINE_ON_TUESDAY - timedelta(seconds=50)

    ticks = (early, desk.tick(), desk.tick())
    desk.bot.clock.now = NINE_ON_TUESDAY
    desk.arrives()
    desk.tick()

    assert "Scheduled" in said(card)
    assert ticks == (0, 1, 0)
    sent = desk.messages()
    assert {one.to.address for one in sent} == {who.user_id for who in (desk.author, desk.approver, reader)}
    assert {one.key for one in sent} == {f"bulletin:{REF}:v1"}
    assert "Please use the new form from today" in said(sent[0].card)
    assert "Sent" in said(desk.opens())
    assert labels(desk.bot.types("bulletins", who=reader)) == [f"Read {REF}"]


def test_a_section_keeps_what_was_typed_before(desk: Desk) -> None:
    sections = desk.presses(desk.writes(), "Write the sections")

    form = desk.bot.opens(sections, "What to do now", who=desk.author)

    assert form.fields[0].value == WORDS["What to do now"]
    assert "words" in said(sections)


def test_a_draft_that_is_not_right_is_not_sent_for_approval(desk: Desk) -> None:
    card = desk.presses(desk.begins(), "Send for approval")

    assert card.title == f"{REF} cannot be approved yet"
    assert "What has happened" in said(card)
    assert desk.notices("waits for your approval") == []


PICTURES = {
    "no words": ({"url": "https://example.org/a.png", "alt": ""}, "alt"),
    "no address": ({"url": "", "alt": "A form"}, "url"),
    "not safe": ({"url": "http://example.org/a.png", "alt": "A form"}, "url"),
}


@pytest.mark.parametrize(("given", "box"), PICTURES.values(), ids=PICTURES)
def test_a_picture_has_a_safe_address_and_words(desk: Desk, given: dict[str, str], box: str) -> None:
    more = desk.presses(desk.begins(), "More")

    found = desk.tries(more, "Picture", None, **given)

    assert isinstance(found, Errors)
    assert list(found.by_field) == [box]


def test_a_test_goes_to_oneself_alone_and_counts_for_nothing(desk: Desk) -> None:
    card = desk.writes()

    desk.presses(card, "Send a test to me")

    tests = [one for one in desk.bot.queued() if one.kind == "test of a bulletin"]
    assert [one.to.address for one in tests] == [desk.author.user_id]
    assert tests[0].card.title.startswith("TEST")
    assert "A draft" in said(desk.opens())
    assert labels(desk.bot.types("bulletins")) == []


def test_a_returned_bulletin_comes_back_with_the_words_and_can_be_approved_when_it_was_changed(desk: Desk) -> None:
    desk.fills(desk.in_review(), "Return it", desk.approver, words="Please say which form.")

    returned = desk.opens()
    desk.presses(returned, "Send for approval")
    approved = desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)

    assert "Please say which form" in said(returned)
    assert desk.notices("came back to you") == [desk.author.user_id]
    assert "Approved" in said(approved)


CHANGES: dict[str, Callable[[Desk], object]] = {
    "in review": Desk.in_review,
    "approved": Desk.approved,
    "scheduled": Desk.scheduled,
}


@pytest.mark.parametrize("before", CHANGES.values(), ids=CHANGES)
def test_a_change_of_what_somebody_may_have_approved_makes_a_draft_of_the_next_version(
    desk: Desk, before: Callable[[Desk], object]
) -> None:
    before(desk)

    more = desk.presses(desk.opens(), "More")
    desk.fills(desk.presses(more, "Write the sections"), "What to do now", text="- Please use the new form.")

    card = desk.opens()
    assert ("State", "A draft") in card.body[0].pairs  # type: ignore[union-attr]
    assert ("Version", "2") in card.body[0].pairs  # type: ignore[union-attr]
    desk.bot.clock.now = NINE_ON_TUESDAY
    desk.tick()
    assert desk.messages() == []


def test_an_approval_of_an_earlier_version_does_not_count(desk: Desk) -> None:
    old = desk.in_review()
    sections = desk.presses(desk.presses(desk.opens(), "More"), "Write the sections")
    desk.presses(desk.presses(desk.fills(sections, "What to do now", text="Wait."), "Back"), "Send for approval")

    found = desk.presses(old, "Approve", desk.approver)

    assert found.title == f"{REF} has been changed since."
    assert "Waiting for approval" in said(desk.opens())


def test_the_next_one_has_the_same_sections_and_needs_its_own_approval(desk: Desk) -> None:
    desk.sent()

    card = desk.presses(desk.opens(), "Write the next one from it")

    assert card.title.startswith("BUL-2026-002")
    assert "A draft" in said(card)
    form = desk.bot.opens(desk.presses(card, "Write the sections"), "What to do now", who=desk.author)
    assert form.fields[0].value == WORDS["What to do now"]


def test_what_a_kind_needs_beside_the_approval_is_noted_for_this_version_first(desk: Desk) -> None:
    card = desk.begins(kind="young-people", title="Who can help you")
    sections = desk.presses(card, "Write the sections")
    for label in ("What this is about", "What you can do"):
        sections = desk.fills(sections, label, text="You can talk to a teacher you trust.")
    desk.presses(desk.presses(sections, "Back"), "Send for approval")

    early = desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)
    desk.fills(desk.opens(who=desk.approver), "Note an agreement", desk.approver, name="young-scrutineers")
    approved = desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)

    assert "needs something first" in early.title
    assert "Young Scrutineers have checked it: Sam Invented, 21 November 2026" in said(approved).replace("\\", "")


# --- corrections ------------------------------------------------------------------------------------------------


def test_a_correction_answers_the_original_everywhere_it_arrived_after_a_second_person_approved_it(desk: Desk) -> None:
    reader, lost = desk.bot.enrol(Role.MEMBER), desk.bot.enrol(Role.MEMBER)
    desk.sending()
    desk.arrives(but={lost.user_id: "user_not_found"})
    desk.tick()
    card = desk.presses(desk.opens(), "Write a correction")
    desk.fills(desk.presses(card, "Write the sections"), "What to do now", text="Please use the old form today.")
    desk.presses(desk.opens("BUL-2026-002"), "Send for approval")
    desk.presses(desk.opens("BUL-2026-002", desk.approver), "Approve", desk.approver)

    desk.fills(desk.opens("BUL-2026-002"), "Send it now", sure="yes")
    desk.arrives()
    desk.tick()

    originals = {one.to.address for one in desk.messages()} - {lost.user_id}
    sent = desk.messages("BUL-2026-002")
    assert {one.to.address for one in sent} == originals
    assert all(one.to.thread for one in sent)
    assert sent[0].card.title.startswith("Correction: ")
    whole = desk.presses(desk.bot.types("bulletins", who=reader), f"Read {REF}", reader)
    assert "Please use the new form from today" in said(whole)
    assert "Please use the old form today" in said(whole)


def test_nothing_is_corrected_that_nobody_got(desk: Desk) -> None:
    desk.writes()

    found = desk.does("correct", "1", desk.author)

    assert isinstance(found, Card)
    assert found.title == f"Nobody got {REF}."


# --- audiences --------------------------------------------------------------------------------------------------


def test_who_would_get_it_is_counted_and_named_before_it_is_sent(desk: Desk) -> None:
    desk.bot.enrol(Role.MEMBER, name="Robin Invented")
    card = desk.presses(desk.approved(), "Who gets it")

    assert ("In all", "3") in card.body[0].pairs  # type: ignore[union-attr]
    assert "Robin Invented" in said(card)


def test_a_bulletin_for_nobody_is_refused_with_what_to_do(desk: Desk) -> None:
    card = desk.approved(roles="SCRUTINEER")

    found = desk.fills(card, "Choose when", day="2026-11-24", time="09:00")

    assert found.title == "Nobody would get this bulletin."
    assert "choose others" in said(found)


def test_the_archive_pages_and_never_shows_a_draft(desk: Desk) -> None:
    desk.sent()
    desk.writes()

    card = desk.bot.types("bulletins")

    assert labels(card) == [f"Read {REF}"]
    other = desk.does("whole", "2", desk.bot.enrol(Role.MEMBER))
    assert isinstance(other, Card)
    assert other.title == "I cannot find that bulletin."
