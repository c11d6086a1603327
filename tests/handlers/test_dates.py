"""The dates of groups: shown to those who are enrolled, added by the secretariat, with what they mean for papers."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from db import engine as database
from db import meetings
from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Table, Tone
from tests.fakes import STRANGER, Bot, labels, said


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, Role.COORDINATOR)


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def add(bot: Bot, keeper: Identity, on: str, **fields: str) -> Card | Errors:
    form = bot.opens(bot.types("dates", who=keeper), "Add dates", who=keeper)
    return bot.sends(form, who=keeper, on=on, **fields)


def move(bot: Bot, keeper: Identity, **fields: str) -> Card | Errors:
    form = bot.opens(bot.types("dates", who=keeper), "Move a meeting", who=keeper)
    return bot.sends(form, who=keeper, **{"meeting": form.fields[0].choices[0].value} | fields)


# Typed by hand, with the bank holidays of England and Wales at Christmas and at Easter.
CUT_OFF_AND_PACK = {
    "2026-12-03": ("Thursday 19 November 2026", "Thursday 26 November 2026"),
    "2027-01-07": ("Monday 21 December 2026", "Wednesday 30 December 2026"),
    "2027-04-01": ("Tuesday 16 March 2027", "Tuesday 23 March 2027"),
}


@pytest.mark.parametrize("on", CUT_OFF_AND_PACK)
def test_the_cut_off_and_the_day_of_papers_are_worked_out_in_working_days(bot: Bot, keeper: Identity, on: str) -> None:
    card = add(bot, keeper, on)

    assert isinstance(card, Card)
    assert rows(card)[0][2:] == CUT_OFF_AND_PACK[on]
    assert rows(bot.types("dates", who=bot.enrol(Role.MEMBER))) == rows(card)


def test_several_days_are_added_at_once_in_order_with_their_time_in_london(bot: Bot, keeper: Identity) -> None:
    card = add(bot, keeper, "2027-03-04", at="14:30", on_2="2027-01-14", on_3="2027-05-06", on_6="2027-01-14")

    assert isinstance(card, Card)
    assert [row[1] for row in rows(card)] == [
        "Thursday 14 January 2027, 14:30", "Thursday 4 March 2027, 14:30", "Thursday 6 May 2027, 14:30"
    ]  # fmt: skip


WRONG = {
    "no day": ({"on": ""}, "on", "Please give a day"),
    "no such day": ({"on": "2027-02-29"}, "on", "Please give a day such as"),
    "words": ({"on": "next Tuesday"}, "on", "Please give a day such as"),
    "a day that is over": ({"on": "2026-11-20"}, "on", "is over"),
    "a weekend": ({"on": "2026-12-05"}, "on", "Saturday 5 December 2026 is a weekend or a bank holiday"),
    "Christmas Day": ({"on": "2026-12-25"}, "on", "weekend or a bank holiday"),
    "a day beyond the calendar": ({"on": "2099-01-01"}, "on", "Bank holidays are known"),
    "a wrong further day": (
        {"on_2": "2027-01-14", "on_4": "2027-01-17"},
        "on_4",
        "Sunday 17 January 2027 is a weekend",
    ),
    "no such time": ({"at": "25:00"}, "at", "a time such as"),
    "no such group": ({"group": "Nobody's Group"}, "group", "choose a group"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_at_its_box_and_no_date_is_added(bot: Bot, keeper: Identity, wrong: str) -> None:
    fields, box, words = WRONG[wrong]

    errors = add(bot, keeper, **{"on": "2027-01-07"} | fields)

    assert isinstance(errors, Errors)
    assert words in errors.by_field[box]
    assert rows(bot.types("dates", who=keeper)) == []


def test_the_29th_of_february_is_a_day_in_a_leap_year(bot: Bot, keeper: Identity) -> None:
    assert isinstance(add(bot, keeper, "2028-02-29"), Card)


def test_a_day_that_is_there_is_not_added_again(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2026-12-03")

    errors = add(bot, keeper, "2026-12-03")

    assert isinstance(errors, Errors)
    assert errors.by_field == {"on": "Executive meets then already."}


def test_one_group_is_shown_by_any_of_its_names(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2026-12-03")
    add(bot, keeper, "2026-12-10", group="Delivery Group")

    assert [row[0] for row in rows(bot.types("dates exec", who=keeper))] == ["Executive"]
    assert [row[0] for row in rows(bot.types("dates delivery group", who=keeper))] == ["Delivery Group"]
    assert "When" not in bot.types("dates for neglect training", who=keeper).title


def test_more_than_two_months_without_an_executive_is_said(bot: Bot, keeper: Identity) -> None:
    card = add(bot, keeper, "2026-12-03", on_2="2027-02-18")
    assert isinstance(card, Card)
    assert "more than 2 months without a meeting of: Executive" in said(card)

    card = add(bot, keeper, "2027-01-07")
    assert isinstance(card, Card)
    assert "more than 2 months" not in said(card)


def test_other_groups_are_held_to_the_gap_that_a_source_gives_them(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2026-12-03", on_2="2027-01-15", group="Rapid Review Working Group")
    add(bot, keeper, "2026-12-04", on_2="2027-05-04", group="Rapid Review Panel")

    shown = said(bot.types("dates", who=keeper))

    assert "more than 6 weeks without a meeting of: Rapid Review Working Group" in shown
    assert "without a meeting of: Rapid Review Panel" not in shown


def test_a_cancelled_meeting_is_none_and_can_be_planned_again(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2026-12-03")
    form = bot.opens(bot.types("dates", who=keeper), "Cancel a meeting", who=keeper)

    card = bot.sends(form, who=keeper, meeting=form.fields[0].choices[0].value)

    assert isinstance(card, Card)
    assert rows(bot.types("dates", who=keeper)) == []
    with Session(bot.engine) as session:
        assert meetings.next_meeting(session, "Executive", bot.clock.now.date()) is None
    assert isinstance(add(bot, keeper, "2026-12-03"), Card)
    assert len(rows(bot.types("dates", who=keeper))) == 1


def test_members_see_dates_without_buttons_that_change_them_and_strangers_see_none(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2026-12-03")

    assert labels(bot.types("dates", who=bot.enrol(Role.MEMBER))) == []
    stranger = bot.types("dates", who=STRANGER)
    assert (stranger.tone, rows(stranger)) == (Tone.WARNING, [])


def test_later_dates_are_on_the_next_page(bot: Bot, keeper: Identity) -> None:
    for month in (2, 3):
        days = {f"on_{number}": f"2027-{month:02d}-{day:02d}" for number, day in enumerate((2, 3, 4, 8, 9), 2)}
        add(bot, keeper, f"2027-{month:02d}-01", **days)

    first = bot.types("dates", who=keeper)
    later = bot.presses(first, "Later dates", who=keeper)

    assert isinstance(later, Card)
    assert (len(rows(first)), len(rows(later))) == (10, 2)


@pytest.mark.parametrize("meeting", ["0", "99", "x"])
def test_a_meeting_that_is_not_there_cannot_be_cancelled(bot: Bot, keeper: Identity, meeting: str) -> None:
    reply = bot.does(Request(keeper, route="dates.cancel", fields={"meeting": meeting}))

    assert isinstance(reply, Card)
    assert reply.tone is Tone.WARNING


def test_a_moved_meeting_has_its_new_cut_off_and_keeps_its_time(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2027-03-04", at="14:30")

    card = move(bot, keeper, on="2027-04-01")

    assert isinstance(card, Card)
    assert rows(card) == [("Executive", "Thursday 1 April 2027, 14:30", *CUT_OFF_AND_PACK["2027-04-01"])]
    assert rows(bot.types("dates", who=keeper)) == rows(card)


def test_the_papers_of_a_meeting_that_is_moved_are_open_again_until_they_go_out(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper, "2026-12-03")
    with database.transaction(bot.engine) as session:
        [meeting] = meetings.coming(session, "Executive", bot.clock.now.date())
        meetings.lock(session, meeting, at=bot.clock.now)

    move(bot, keeper, on="2027-01-07")

    with Session(bot.engine) as session:
        assert meetings.in_time(session, "Executive", bot.clock.now.date()) is not None


NO_MOVE = {
    "a weekend": ({"on": "2026-12-05"}, "on", "Saturday 5 December 2026 is a weekend or a bank holiday"),
    "no day": ({"on": ""}, "on", "Please give a day"),
    "its own day": ({"on": "2026-12-03"}, "on", "press Details"),
    "a day that is taken": ({"on": "2027-01-14"}, "on", "has that day on its list already"),
    "no such time": ({"on": "2026-12-10", "at": "25:00"}, "at", "a time such as"),
}


@pytest.mark.parametrize("wrong", NO_MOVE)
def test_a_meeting_stays_where_it_is_when_its_new_day_is_wrong(bot: Bot, keeper: Identity, wrong: str) -> None:
    add(bot, keeper, "2026-12-03", on_2="2027-01-14")
    before = rows(bot.types("dates", who=keeper))
    fields, box, words = NO_MOVE[wrong]

    errors = move(bot, keeper, **fields)

    assert isinstance(errors, Errors)
    assert words in errors.by_field[box]
    assert rows(bot.types("dates", who=keeper)) == before


@pytest.mark.parametrize("meeting", ["0", "99", "x"])
def test_a_meeting_that_is_not_there_cannot_be_moved(bot: Bot, keeper: Identity, meeting: str) -> None:
    fields = {"meeting": meeting, "on": "2026-12-10"}

    reply = bot.does(Request(keeper, route="dates.moved", fields=fields))

    assert isinstance(reply, Card)
    assert reply.tone is Tone.WARNING


@pytest.mark.parametrize("label", ["Move a meeting", "Cancel a meeting"])
def test_no_meeting_is_chosen_beforehand_and_the_form_stays_until_one_is(
    bot: Bot, keeper: Identity, label: str
) -> None:
    add(bot, keeper, "2026-12-03")
    form = bot.opens(bot.types("dates", who=keeper), label, who=keeper)

    errors = bot.sends(form, who=keeper)

    assert isinstance(errors, Errors)
    assert errors.by_field == {"meeting": "Please choose a meeting."}
    assert len(rows(bot.types("dates", who=keeper))) == 1


def test_a_day_that_somebody_else_takes_in_the_same_moment_is_said_at_its_box(
    bot: Bot, keeper: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(bot, keeper, "2026-12-03", on_2="2027-01-14")
    before = rows(bot.types("dates", who=keeper))
    monkeypatch.setattr(meetings, "taken", lambda *_: False)

    reply = move(bot, keeper, on="2027-01-14")

    assert isinstance(reply, Errors)
    assert "has that day on its list already" in reply.by_field["on"]
    assert rows(bot.types("dates", who=keeper)) == before
