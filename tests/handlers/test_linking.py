"""Links between records: made, shown from both sides, followed to what changed, and taken away."""

from __future__ import annotations

import pytest

from db.people import Identity, Role
from db.relations import Kind
from handlers.context import Request
from handlers.messages import Card, Errors, Table, Tone
from tests import promises
from tests.fakes import STRANGER, Bot, labels, said


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, Role.COORDINATOR, name="Nico Invented")


@pytest.fixture
def refs(bot: Bot, keeper: Identity) -> list[str]:
    return [promises.action(bot, keeper, what=f"Action number {number}") for number in range(1, 5)]


def links(bot: Bot, ref: str, who: Identity) -> Card:
    return bot.types(f"links {ref}", who=who)


def tables(card: Card) -> list[list[tuple[str, ...]]]:
    return [list(part.rows) for part in card.body if isinstance(part, Table)]


def linked(bot: Bot, ref: str, other: str, kind: str, who: Identity) -> Card | Errors:
    form = bot.opens(links(bot, ref, who), "Link it", who=who)
    return bot.sends(form, who=who, ref=other, kind=kind)


def test_a_link_is_shown_from_both_sides(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    card = linked(bot, refs[0], refs[1].lower(), "led to", keeper)

    assert isinstance(card, Card)
    assert tables(card)[0] == [("led to", refs[1], "Action number 2")]
    assert tables(links(bot, refs[1], keeper)) == [[("came from", refs[0], "Action number 1")]]


def test_what_changed_because_of_a_record_is_followed_from_link_to_link(
    bot: Bot, keeper: Identity, refs: list[str]
) -> None:
    linked(bot, refs[0], refs[1], "led to", keeper)
    linked(bot, refs[2], refs[1], "came from", keeper)
    promises.link(bot, refs[2], refs[0], Kind.LED_TO)  # round in a circle

    changed = tables(links(bot, refs[0], keeper))[1]

    assert changed == [(refs[0], refs[1], "Action number 2"), (refs[1], refs[2], "Action number 3")]


def test_records_that_belong_together_are_no_cause_of_each_other(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    card = linked(bot, refs[1], refs[0], "relates to", keeper)

    assert isinstance(card, Card)
    assert tables(card) == [[("relates to", refs[0], "Action number 1")]]


WRONG = {
    "no reference": ("", "led to", "ref"),
    "one that is not there": ("ACT-2026-099", "led to", "ref"),
    "one of no kind": ("XYZ-2026-001", "led to", "ref"),
    "words": ("the first one", "led to", "ref"),
    "a sign that no reference has": ("ACT-2026-001\0", "led to", "ref"),
    "itself": ("ACT-2026-001", "led to", "ref"),
    "no kind of link": ("ACT-2026-002", "", "kind"),
    "a kind that only the bot uses": ("ACT-2026-002", "merged into", "kind"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_linked_is_said_at_its_box(bot: Bot, keeper: Identity, refs: list[str], wrong: str) -> None:
    other, kind, box = WRONG[wrong]

    errors = linked(bot, refs[0], other, kind, keeper)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [box]


def test_the_same_link_is_made_once(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    linked(bot, refs[0], refs[1], "relates to", keeper)

    assert isinstance(linked(bot, refs[1], refs[0], "relates to", keeper), Errors)


def test_a_link_is_taken_away_and_the_history_of_both_keeps_it(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    card = linked(bot, refs[0], refs[1], "led to", keeper)
    assert isinstance(card, Card)
    form = bot.opens(card, "Take a link away", who=keeper)

    gone = bot.sends(form, who=keeper, link=form.fields[0].choices[0].value)

    assert isinstance(gone, Card)
    assert tables(gone) == []
    for ref in refs[:2]:
        history = bot.does(Request(keeper, route="audit.history", value=ref))
        assert isinstance(history, Card)
        assert [row[2] for row in tables(history)[0]] == ["unlinked", "linked", "added (now open)"]


def test_a_link_of_another_record_cannot_be_taken_away_here(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    linked(bot, refs[0], refs[1], "led to", keeper)
    linked(bot, refs[2], refs[3], "led to", keeper)
    form = bot.opens(links(bot, refs[0], keeper), "Take a link away", who=keeper)

    reply = bot.sends(form, who=keeper, link="2")

    assert isinstance(reply, Card)
    assert reply.tone is Tone.WARNING
    assert len(tables(links(bot, refs[2], keeper))[0]) == 1


def test_members_read_links_and_only_those_with_a_part_make_them(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    member = bot.enrol(Role.MEMBER)
    linked(bot, refs[0], refs[1], "led to", keeper)

    assert not {"Link it", "Take a link away"} & set(labels(links(bot, refs[0], member)))
    for route in ("linking.new", "linking.link", "linking.choose", "linking.remove"):
        fields = {"ref": refs[2], "kind": "led to", "link": "1"}
        reply = bot.does(Request(member, route=route, value=refs[0], fields=fields))
        assert isinstance(reply, Card)
        assert reply.tone is Tone.WARNING
    assert tables(links(bot, refs[0], keeper))[0] == [("led to", refs[1], "Action number 2")]


def test_a_record_that_somebody_may_not_see_is_not_shown_as_linked(bot: Bot, keeper: Identity, refs: list[str]) -> None:
    officer = bot.enrol(Role.DATA_PROTECTION_OFFICER)
    own = promises.action(bot, officer)
    promises.link(bot, own, refs[0], Kind.LED_TO)

    card = links(bot, own, officer)

    assert (tables(card), refs[0] in said(card)) == ([], False)
    assert refs[0] in said(links(bot, own, keeper))


def test_a_stranger_who_guesses_reads_the_same_for_every_reference(bot: Bot, refs: list[str]) -> None:
    assert said(links(bot, refs[0], STRANGER)) == said(links(bot, "ACT-2026-099", STRANGER))
