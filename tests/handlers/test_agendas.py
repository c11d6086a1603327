"""Agendas: what people asked for, taken and moved by the secretariat, for those who may see the meeting."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import agendas, meetings
from db import engine as database
from db.agendas import AgendaItem
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors
from handlers.routes import resolve
from tests.agendas import ITEM, Desk, lines
from tests.fakes import STRANGER, Bot, labels, said

LATER = (date(2027, 1, 14), date(2026, 12, 29), date(2027, 1, 7))


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: `tests/db/test_agendas.py` asks the same of both."""
    return sqlite_engine


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def stored(bot: Bot, meeting: str) -> list[AgendaItem]:
    with Session(bot.engine) as session:
        return agendas.items(session, int(meeting))


# --- asking ----------------------------------------------------------------------------------------------------


def test_an_item_that_a_member_asks_for_is_on_the_agenda_once_the_secretariat_has_taken_it(desk: Desk) -> None:
    meeting = desk.meets()

    asked = desk.asks(desk.member, meeting)

    assert isinstance(asked, Card)
    assert lines(asked) == []
    assert ITEM["title"] in said(asked)
    assert ITEM["title"] not in said(desk.shows(desk.other, meeting))
    assert lines(desk.arranges(meeting, ITEM["title"], "take")) == [
        ("1. Data on neglect", "Discuss", "Designated nurse", "20 min. Asked for")
    ]
    assert "1 item, 20 of 120 minutes" in said(desk.shows(desk.other, meeting))
    assert [(one.to.address, one.card.title) for one in desk.bot.queued()] == [
        (desk.keeper.user_id, "An item is asked for"), (desk.member.user_id, "Your item is on the agenda")
    ]  # fmt: skip


def test_an_item_of_the_secretariat_is_on_the_agenda_at_once(desk: Desk) -> None:
    meeting = desk.meets()

    card = desk.asks(desk.keeper, meeting)

    assert isinstance(card, Card)
    assert [row[0] for row in lines(card)] == ["1. Data on neglect"]
    assert desk.bot.queued() == []


def test_an_item_that_is_left_out_is_told_once_and_can_be_put_back(desk: Desk) -> None:
    meeting = desk.meets()
    desk.asks(desk.member, meeting)
    desk.arranges(meeting, ITEM["title"], "take")

    for _ in range(2):
        desk.bot.clock.pass_(minutes=1)
        card = desk.arranges(meeting, ITEM["title"], "drop")

    assert lines(card) == []
    assert "Left out: 1" in said(card)
    assert "Left out" not in said(desk.shows(desk.other, meeting))
    assert [one.card.title for one in desk.bot.queued()] == [
        "An item is asked for", "Your item is on the agenda", "Your item was left out of the agenda"
    ]  # fmt: skip
    assert len(lines(desk.arranges(meeting, ITEM["title"], "take"))) == 1


def test_after_the_cut_off_the_next_meeting_is_offered(desk: Desk) -> None:
    meeting, later = desk.meets(), desk.meets(*LATER)
    early = desk.bot.opens(desk.shows(desk.member, meeting), "Ask for an item", who=desk.member)
    desk.bot.clock.pass_(days=6)  # the day after the cut-off

    form = desk.bot.opens(desk.shows(desk.member, meeting), "Ask for an item", who=desk.member)
    refused = desk.bot.sends(early, who=desk.member, **ITEM)

    assert "too late for Delivery Group on 10 December 2026: items had to be in by 26 November 2026" in form.intro
    assert [one.value for one in form.fields if one.name == "meeting"] == [later]
    assert isinstance(refused, Errors)
    assert "The next is Delivery Group, 14 January 2027." in refused.by_field["meeting"]
    assert isinstance(desk.bot.sends(form, who=desk.member, **ITEM), Card)
    assert [len(stored(desk.bot, one)) for one in (meeting, later)] == [0, 1]


def test_on_the_cut_off_day_itself_an_item_is_in_time(desk: Desk) -> None:
    meeting = desk.meets()
    desk.bot.clock.pass_(days=5)

    assert isinstance(desk.asks(desk.member, meeting), Card)


def test_locked_papers_take_no_more_items(desk: Desk) -> None:
    meeting = desk.meets()
    desk.changes(meeting, locked_at=desk.bot.clock.now, state="locked")

    reply = desk.bot.does(Request(desk.member, route="agendas.ask", value=meeting))

    assert isinstance(reply, Card)
    assert "No meeting of your groups takes items now" in said(reply)


WRONG = {
    "no title": ({"title": "  "}, "title"),
    "a long title": ({"title": "so on " * 40}, "title"),
    "no presenter": ({"presenter": ""}, "presenter"),
    "an unknown purpose": ({"purpose": "argue"}, "purpose"),
    "no minutes": ({"minutes": ""}, "minutes"),
    "minutes that nobody offers": ({"minutes": "-5"}, "minutes"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_box_that_is_not_right_says_so_and_nothing_is_kept(desk: Desk, wrong: str) -> None:
    meeting, (fields, box) = desk.meets(), WRONG[wrong]

    found = desk.asks(desk.member, meeting, **fields)

    assert isinstance(found, Errors)
    assert list(found.by_field) == [box]
    assert stored(desk.bot, meeting) == []


def test_a_form_that_arrives_twice_makes_one_item(desk: Desk) -> None:
    meeting = desk.meets()
    form = desk.bot.opens(desk.shows(desk.member, meeting), "Ask for an item", who=desk.member)

    replies = [desk.bot.sends(form, who=desk.member, **ITEM) for _ in range(2)]

    assert replies[0] == replies[1]
    assert len(stored(desk.bot, meeting)) == 1


def test_the_words_of_an_item_draw_nothing(desk: Desk) -> None:
    meeting = desk.meets()

    card = desk.asks(desk.member, meeting, title="[a link](https://example.org) **bold**")

    assert isinstance(card, Card)
    assert "\\[a link\\]" in said(card)


# --- the order -------------------------------------------------------------------------------------------------

ORDERS = {"up": "ACB", "down": "ABC", "top": "CAB", "bottom": "ABC"}


@pytest.mark.parametrize("move", ORDERS)
def test_the_secretariat_moves_an_item(desk: Desk, move: str) -> None:
    meeting = desk.meets()
    for title in ("Item A", "Item B", "Item C"):
        desk.asks(desk.keeper, meeting, title=title)

    card = desk.arranges(meeting, "Item C", move)

    assert "".join(row[0][-1] for row in lines(card)) == ORDERS[move]


def test_an_item_that_is_asked_for_after_that_comes_at_the_end(desk: Desk) -> None:
    meeting = desk.meets()
    for title in ("Item A", "Item B"):
        desk.asks(desk.keeper, meeting, title=title)
    desk.arranges(meeting, "Item B", "top")

    card = desk.asks(desk.keeper, meeting, title="Item C")

    assert isinstance(card, Card)
    assert [row[0] for row in lines(card)] == ["1. Item B", "2. Item A", "3. Item C"]


def test_an_agenda_that_takes_longer_than_the_meeting_says_so(desk: Desk) -> None:
    meeting = desk.meets()
    for _ in range(3):
        desk.asks(desk.keeper, meeting, minutes="45")

    assert "the items take 135 minutes, and the meeting has 120" in said(desk.shows(desk.member, meeting))


def test_a_long_agenda_is_shown_in_pages(desk: Desk) -> None:
    meeting = desk.meets()
    for number in range(1, 23):
        desk.keeps(meeting, f"Item {number}")

    first = desk.shows(desk.member, meeting)
    rest = desk.bot.presses(first, "More items", who=desk.member)

    assert isinstance(rest, Card)
    assert (len(lines(first)), [row[0] for row in lines(rest)]) == (20, ["21. Item 21", "22. Item 22"])
    assert "More items" not in labels(rest)


@pytest.mark.parametrize(("box", "value"), [("item", "asked nothing"), ("item", ""), ("move", "burn")])
def test_what_the_form_does_not_offer_is_not_done(desk: Desk, box: str, value: str) -> None:
    meeting = desk.meets()
    desk.asks(desk.keeper, meeting)
    form = desk.bot.opens(desk.shows(desk.keeper, meeting), "Arrange the agenda", who=desk.keeper)

    found = desk.bot.sends(form, who=desk.keeper, **({"move": "drop"} | {box: value}))

    assert isinstance(found, Errors)
    assert list(found.by_field) == [box]
    assert len(lines(desk.shows(desk.member, meeting))) == 1


# --- who may, and how it is found ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STRATEGY_MANAGER, Role.SCRUTINEER, Role.STATUTORY_PARTNER])
def test_those_who_may_read_every_record_see_every_agenda(desk: Desk, role: Role) -> None:
    meeting = desk.meets()

    assert desk.shows(desk.bot.enrol(role), meeting).title == "Agenda: Delivery Group, 10 December 2026"


@pytest.mark.parametrize("action", ["agendas.show", "agendas.papers", "agendas.ask", "agendas.bring"])
def test_a_meeting_of_others_reads_like_one_that_is_not_there(desk: Desk, action: str) -> None:
    meeting = desk.meets()

    for who in (desk.outsider, STRANGER):
        assert desk.shows(who, meeting, action) == desk.shows(who, "999", action)
        assert "I cannot find that meeting" in said(desk.shows(who, meeting, action))


def test_an_item_cannot_be_asked_for_with_the_number_of_a_meeting_of_others(desk: Desk) -> None:
    mine = desk.meets()
    theirs = Desk(desk.bot, "Executive").meets()

    reply = desk.asks(desk.member, mine, meeting=theirs)

    assert "I cannot find that meeting" in said(reply)
    assert stored(desk.bot, theirs) == []


def test_only_the_secretariat_arranges_and_packs(desk: Desk) -> None:
    meeting = desk.meets()
    desk.asks(desk.member, meeting)

    assert labels(desk.shows(desk.member, meeting)) == ["Ask for an item", "Papers"]
    assert labels(desk.shows(desk.keeper, meeting)) == ["Ask for an item", "Arrange the agenda", "Papers", "The pack"]
    partner = desk.bot.enrol(Role.STATUTORY_PARTNER)
    for action in ("agendas.arrange", "agendas.paper", "agendas.pack", "agendas.sent"):
        assert "I cannot show you that" in said(desk.shows(partner, meeting, action))


def test_the_next_meeting_is_found_by_its_group_its_reference_or_without_a_word(desk: Desk) -> None:
    later = desk.ref(desk.meets(*LATER)).lower()
    desk.meets()

    found = [desk.bot.types(f"agenda {words}", who=desk.member).title for words in ("", "delivery group", later)]

    assert found == [
        "Agenda: Delivery Group, 10 December 2026",
        "Agenda: Delivery Group, 10 December 2026",
        "Agenda: Delivery Group, 14 January 2027",
    ]


def test_other_words_after_agenda_are_a_question() -> None:
    assert [resolve(text)[0].name for text in ("agenda for change", "agenda exec", "agenda")] == [
        "ask", "agenda", "agenda"
    ]  # fmt: skip


def test_without_a_meeting_that_one_may_see_the_dates_are_named(desk: Desk) -> None:
    desk.meets()

    for who in (desk.outsider, STRANGER):
        assert "Type dates" in said(desk.bot.types("agenda", who=who))


def test_an_agenda_of_a_cancelled_meeting_says_so(desk: Desk) -> None:
    meeting = desk.meets()
    with database.transaction(desk.bot.engine) as session:
        meetings.cancel(session, int(meeting))

    assert "This meeting does not take place" in said(desk.shows(desk.member, meeting))


@pytest.mark.parametrize("value", ["", "0", "-1", "9999999999", "1; drop", "1|x"])
def test_a_button_with_another_value_harms_nothing(desk: Desk, value: str) -> None:
    desk.meets()

    for action in ("agendas.show", "agendas.papers", "agendas.arrange", "agendas.pack", "agendas.sent"):
        assert desk.shows(Identity("test", desk.keeper.user_id), value, action).title


def test_whoever_asked_for_an_item_that_was_not_taken_is_told_once_when_the_papers_lock(desk: Desk) -> None:
    meeting = desk.meets()
    desk.asks(desk.member, meeting)
    assert desk.tick() == 0

    desk.locks(meeting)
    assert [desk.tick(), desk.tick()] == [1, 0]

    _, notice = desk.bot.queued()
    assert notice.to.address == desk.member.user_id
    assert notice.card.title == "Your item was not taken"
    assert ITEM["title"] in said(notice.card)
    assert lines(desk.arranges(meeting, ITEM["title"], "take"))[0][0] == f"1. {ITEM['title']}"
