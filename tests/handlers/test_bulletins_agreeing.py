"""What a kind needs beside its approval: pressed by who holds that post, and never by the author alone."""

from __future__ import annotations

import pytest

from db.people import Identity, Role
from handlers.context import House
from handlers.messages import Card
from tests.bulletins import REF, Desk
from tests.fakes import Bot, labels, said


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def waits_for_agreement(desk: Desk) -> None:
    sections = desk.presses(desk.begins(kind="young-people", title="Who can help you"), "Write the sections")
    for label in ("What this is about", "What you can do"):
        sections = desk.fills(sections, label, text="You can talk to a teacher you trust.")
    desk.presses(desk.presses(sections, "Back"), "Send for approval")


def agrees(desk: Desk, who: Identity) -> str:
    found = desk.does("agree", "1:1", who, name="young-scrutineers")
    assert isinstance(found, Card)
    return found.title


def test_who_sits_in_the_group_is_asked_reads_it_and_agrees(desk: Desk) -> None:
    yuki = desk.enrols("Yuki Invented", group="Young Scrutineers")
    waits_for_agreement(desk)
    asked = next(one.card for one in desk.bot.queued() if "waits for your agreement" in one.card.title)

    read = desk.presses(asked, "Read it", yuki)
    done = desk.fills(read, "Note an agreement", yuki)
    approved = desk.presses(desk.opens(who=desk.approver), "Approve", desk.approver)

    assert "You can talk to a teacher you trust." in said(read)
    assert done.title == f"{REF}: thank you"
    assert "Young Scrutineers have checked it: Yuki Invented" in said(approved).replace("\\", "")


def test_nobody_of_the_secretariat_agrees_in_place_of_somebody_who_holds_the_post(desk: Desk) -> None:
    desk.enrols("Yuki Invented", group="Young Scrutineers")
    waits_for_agreement(desk)

    titles = [agrees(desk, who) for who in (desk.author, desk.approver)]

    assert titles == ["Somebody else has to agree to that."] * 2
    assert "Note an agreement" not in labels(desk.opens(who=desk.approver))
    assert "Yuki Invented" in said(desk.opens())


def test_where_nobody_holds_the_post_the_secretariat_notes_it_but_not_the_author(desk: Desk) -> None:
    waits_for_agreement(desk)

    own, other = agrees(desk, desk.author), agrees(desk, desk.approver)

    assert own == "Somebody else has to agree to that."
    assert other == f"{REF}: Who can help you"
    assert "Note an agreement" not in labels(desk.opens(who=desk.approver))


def test_a_chair_who_holds_the_seat_agrees_to_the_learning_and_other_members_do_not(desk: Desk) -> None:
    chair = desk.enrols("Charlie Invented", group="Rapid Review Working Group", seat="Chair")
    member = desk.enrols("Pat Invented", group="Rapid Review Working Group")
    card = desk.presses(desk.begins(kind="schools", title="For schools"), "Write the sections")
    card = desk.fills(card, "Actions for designated safeguarding leads", text="- Please check your list.")
    card = desk.fills(card, "Learning", text="Please ask twice.")
    desk.presses(desk.presses(card, "Back"), "Send for approval")

    refused = desk.does("agree", "1:1", member, name="review-learning")
    done = desk.does("agree", "1:1", chair, name="review-learning")

    assert desk.notices("waits for your agreement") == [chair.user_id]
    assert isinstance(refused, Card)
    assert refused.title == "I cannot find that bulletin."
    assert isinstance(done, Card)
    assert done.title == f"{REF}: thank you"


def test_an_agreement_to_words_that_changed_since_does_not_count(desk: Desk) -> None:
    yuki = desk.enrols("Yuki Invented", group="Young Scrutineers")
    waits_for_agreement(desk)
    sections = desk.presses(desk.presses(desk.opens(), "More"), "Write the sections")
    card = desk.presses(desk.fills(sections, "What you can do", text="You can talk to a friend."), "Back")
    desk.presses(card, "Send for approval")

    assert agrees(desk, yuki) == f"{REF} has been changed since."


def test_a_bulletin_that_nobody_has_to_agree_to_offers_no_agreement(desk: Desk) -> None:
    card = desk.in_review()

    assert "Note an agreement" not in labels(card)
    assert agrees(desk, desk.approver) == f"{REF} needs no further agreement."


def test_only_who_can_approve_it_is_offered_to_and_the_others_read_for_whom_it_waits(desk: Desk) -> None:
    approver = desk.in_review()
    author = desk.opens()

    assert {"Approve", "Return it"} <= set(labels(approver))
    assert not {"Approve", "Return it"} & set(labels(author))
    assert "Approval: Sam Invented" in said(author)


def test_an_approver_who_thinks_again_returns_what_is_scheduled_already(desk: Desk) -> None:
    desk.scheduled()

    desk.fills(desk.opens(who=desk.approver), "Return it", desk.approver, words="Please wait for the new form.")

    assert "Returned to its author" in said(desk.opens())


def test_a_statutory_partner_reads_what_they_may_pause_and_no_draft(desk: Desk) -> None:
    partner = desk.bot.enrol(Role.STATUTORY_PARTNER)
    desk.scheduled()
    read = desk.presses(desk.bot.types("scheduled", who=partner), f"Read {REF}", partner)
    desk.writes()

    draft = desk.does("look", "2", partner)
    member = desk.does("look", "1", desk.bot.enrol(Role.MEMBER))

    assert "Please use the new form from today." in said(read)
    assert isinstance(draft, Card)
    assert "Please use the new form" not in said(draft)
    assert isinstance(member, Card)
    assert member.title == "I cannot find that bulletin."


def test_what_is_read_while_it_goes_out_are_the_words_that_go_out(desk: Desk) -> None:
    partner = desk.bot.enrol(Role.STATUTORY_PARTNER)
    desk.sending()
    sections = desk.presses(desk.presses(desk.opens(), "More"), "Write the sections")
    desk.fills(sections, "What to do now", text="- Please wait for the next form.")

    read = desk.presses(desk.bot.types("scheduled", who=partner), f"Read {REF}", partner)

    assert "Please use the new form from today." in said(read)
