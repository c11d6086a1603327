"""Papers of a meeting: links that their owners bring, chased until they are there, wherever the meeting moves to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import agendas, meetings
from db import engine as database
from db.agendas import Paper
from handlers import reminders
from handlers.messages import Card, Errors
from tests.agendas import LINK, Desk, lines
from tests.fakes import Bot, button_of, labels, said

TITLE = "Neglect data"


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: `tests/db/test_agendas.py` asks the same of both."""
    return sqlite_engine


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


def paper(desk: Desk, number: int = 1) -> Paper:
    with Session(desk.bot.engine) as session:
        found = session.get(Paper, number)
        assert found is not None
        return found


def told(desk: Desk, until: datetime) -> list[tuple[str, str]]:
    """Return who is told what by then, a day at a time, but for the first notice."""
    before = len(desk.bot.queued())
    while desk.bot.clock.now < until:
        desk.bot.clock.pass_(days=1)
        desk.tick()
        desk.bot.dispatcher.within(reminders.queue_due)
    return [(one.to.address, said(one.card)) for one in desk.bot.queued()[before:]]


def test_a_paper_is_due_seven_working_days_before_and_its_owner_is_told(desk: Desk) -> None:
    meeting = desk.meets()

    card = desk.wants(meeting)

    assert isinstance(card, Card)
    assert lines(card) == [(TITLE, "Remi Invented", "1 December 2026", "Not yet")]
    [notice] = desk.bot.queued()
    assert notice.to.address == desk.member.user_id
    assert "Please give its link by 1 December 2026" in said(notice.card)


def test_its_owner_gives_the_link_and_is_reminded_no_more(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)

    card = desk.brings(desk.member, meeting)

    assert isinstance(card, Card)
    assert lines(card)[0][3] == "21 November 2026"
    assert f"[{TITLE}]({LINK})" in said(card)
    assert told(desk, datetime(2026, 12, 9, 10, tzinfo=UTC)) == []


def test_its_owner_is_reminded_before_on_and_after_the_day_and_then_the_secretariat(desk: Desk) -> None:
    desk.wants(desk.meets())

    found = told(desk, datetime(2026, 12, 5, 10, tzinfo=UTC))

    me, keeper = desk.member.user_id, desk.keeper.user_id
    assert [who for who, _ in found] == [me, me, me, keeper]
    for (_, words), day in zip(found, ("is due on", "is due today", "was due on", "Remi Invented"), strict=True):
        assert "Delivery Group, 10 December 2026" in words.replace("\\", "")
        assert day in words
        assert TITLE not in words


def test_a_meeting_that_moves_takes_its_papers_along(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)
    desk.wants(meeting, due="2026-12-04", title="A late one")  # four working days before
    with database.transaction(desk.bot.engine) as session:
        row = meetings.planned(session, int(meeting))
        assert row is not None
        meetings.move(
            session, row, {"on": date(2026, 12, 17), "cut_off_on": date(2026, 12, 3), "pack_on": date(2026, 12, 10),
                           "starts_at": None}, today=desk.bot.clock.now.date(),
        )  # fmt: skip

    assert [desk.tick(), desk.tick()] == [2, 0]

    assert [paper(desk, one).due_on for one in (1, 2)] == [date(2026, 12, 8), date(2026, 12, 11)]
    found = told(desk, datetime(2026, 12, 6, 10, tzinfo=UTC))
    assert [words for _, words in found if "8 December" in words] != []
    assert [words for _, words in found if "1 December 2026" in words] == []


def test_nobody_is_chased_for_a_meeting_that_was_cancelled_until_it_takes_place_again(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)
    desk.changes(meeting, state="cancelled")

    assert [desk.tick(), desk.tick()] == [1, 0]
    assert told(desk, datetime(2026, 11, 28, 10, tzinfo=UTC)) == []
    desk.changes(meeting, state="confirmed")
    assert [desk.tick(), desk.tick()] == [1, 0]
    assert paper(desk).due_on == date(2026, 12, 1)
    assert len(told(desk, datetime(2026, 11, 30, 10, tzinfo=UTC))) == 1


def test_the_secretariat_drops_a_paper_that_is_not_needed(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)

    card = desk.brings(desk.keeper, meeting, link="", **{"not-needed": "yes"})

    assert isinstance(card, Card)
    assert "No paper is wanted" in said(card)
    assert told(desk, datetime(2026, 12, 9, 10, tzinfo=UTC)) == []


def test_an_owner_cannot_drop_what_is_wanted_of_them(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)

    desk.brings(desk.member, meeting, **{"not-needed": "yes"})

    assert paper(desk).dropped_at is None


def test_a_paper_whose_link_is_known_is_there_at_once(desk: Desk) -> None:
    card = desk.wants(desk.meets(), link=LINK)

    assert isinstance(card, Card)
    assert lines(card)[0][3] == "21 November 2026"
    assert desk.bot.queued() == []


def test_a_paper_can_be_for_an_item(desk: Desk) -> None:
    meeting = desk.meets()
    desk.asks(desk.keeper, meeting)
    form = desk.bot.opens(desk.shows(desk.keeper, meeting, "agendas.papers"), "Add a paper", who=desk.keeper)
    [item] = [one.value for box in form.fields if box.name == "item" for one in box.choices if "Data" in one.label]

    desk.bot.sends(form, who=desk.keeper, title=TITLE, owner="Remi Invented", item=item)

    with Session(desk.bot.engine) as session:
        assert paper(desk).agenda_item_id == agendas.items(session, int(meeting))[0].id


LINKS = (
    "http://council.example.gov.uk/a",
    "council.example.gov.uk/a",
    "javascript:alert(1)",
    "https://",
    "https://user:word@council.example.gov.uk/a",
    "https://council.example.gov.uk/a b",
    "https://council.example.gov.uk/a) [b](https://x.example",
    "https://[::1",
    "https://council.example.gov.uk/" + "a" * 500,
)


def test_only_an_address_with_https_is_taken(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)

    for link in ("", *LINKS):
        found = desk.brings(desk.member, meeting, link=link)
        assert isinstance(found, Errors), link
        assert list(found.by_field) == ["link"], link
    assert paper(desk).received_on is None


WRONG = {
    "no title": ({"title": ""}, "title"),
    "nobody": ({"owner": ""}, "owner"),
    "somebody unknown": ({"owner": "Zed Invented-Elsewhere"}, "owner"),
    "no day": ({"due": ""}, "due"),
    "a day after the meeting": ({"due": "2026-12-10"}, "due"),
    "no item that there is": ({"item": "asked nothing"}, "item"),
    "no link": ({"link": "ftp://council.example.gov.uk"}, "link"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_box_of_a_paper_that_is_not_right_says_so(desk: Desk, wrong: str) -> None:
    fields, box = WRONG[wrong]

    found = desk.wants(desk.meets(), **fields)

    assert isinstance(found, Errors)
    assert list(found.by_field) == [box]


def test_somebody_else_cannot_give_the_link_of_a_paper(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting)
    form = desk.bot.opens(desk.shows(desk.member, meeting, "agendas.papers"), "Give the link", who=desk.member)

    assert "Give the link" not in labels(desk.shows(desk.other, meeting, "agendas.papers"))
    assert isinstance(desk.bot.sends(form, who=desk.other, link=LINK), Errors)
    assert paper(desk).received_on is None


def test_no_paper_is_asked_for_a_meeting_that_does_not_take_place(desk: Desk) -> None:
    meeting = desk.meets()
    desk.changes(meeting, state="cancelled")
    button = button_of(desk.shows(desk.keeper, meeting, "agendas.papers"), "Add a paper")

    assert "does not take place" in said(desk.shows(desk.keeper, meeting, button.action))


def test_an_owner_who_does_not_sit_in_the_group_gives_the_link_and_sees_no_more_than_that(desk: Desk) -> None:
    meeting = desk.meets()
    desk.wants(meeting, title="Of a member", link=LINK)
    assert desk.shows(desk.outsider, meeting, "agendas.papers").title == desk.shows(desk.outsider, "999").title
    desk.wants(meeting, owner="Ebbe Invented")
    [notice] = desk.bot.queued()

    shown = desk.bot.presses(notice.card, "Papers", who=desk.outsider)

    assert isinstance(shown, Card)
    assert lines(shown) == [(TITLE, "Ebbe Invented", "1 December 2026", "Not yet")]
    assert labels(shown) == ["Give the link"]
    assert lines(desk.bot.types(f"agenda {desk.ref(meeting)}", who=desk.outsider)) == lines(shown)
    assert desk.shows(desk.outsider, meeting).title == desk.shows(desk.outsider, "999").title
    kept = desk.brings(desk.outsider, meeting)
    assert isinstance(kept, Card)
    assert lines(kept)[0][3] == "21 November 2026"
