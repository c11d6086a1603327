"""The plan of a year in chat: shown with what stands against each day, kept as proposed, then confirmed or dropped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from db import calendar_days, groups, meetings, people
from db import engine as database
from db import proposed as stored
from db.calendar_days import Days
from db.meetings import MeetingState
from db.people import Identity, Role
from handlers.context import Request
from handlers.meetings import ticking
from handlers.messages import Card, Errors, Form, Table, Tone
from tests.fakes import Bot, labels, said

# Typed from a calendar of 2027-28: terms as a council gives them, the feasts as a mosque does, and another board.
LOADED = (
    ("holiday", "2027-05-31", "2027-06-04", "Summer half term"),
    ("holiday", "2027-07-22", "2027-08-31", "Summer holidays"),
    ("holiday", "2027-10-25", "2027-10-29", "Autumn half term"),
    ("holiday", "2027-12-20", "2027-12-31", "Christmas holidays"),
    ("holiday", "2028-02-14", "2028-02-18", "Spring half term"),
    ("religious", "2027-05-16", "2027-05-18", "Eid al-Adha"),
    ("religious", "2028-01-28", "2028-02-25", "Ramadan"),
    ("religious", "2028-02-26", "2028-02-28", "Eid al-Fitr"),
    ("board", "2027-06-15", "2027-06-15", "Health and Wellbeing Board"),
    ("board", "2027-09-15", "2027-09-15", "Adults Board"),
)
GROUPS = ("Strategic", "Delivery", "Quality", "Effective")
AN_HOUR_AGO = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one database only: what both have to do is in tests/db/test_year_plan.py."""
    return sqlite_engine


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, Role.COORDINATOR)


def load(bot: Bot, *days: tuple[str, str, str, str]) -> None:
    with database.transaction(bot.engine) as session:
        for kind, first, last, what in days or LOADED:
            first_on, last_on = date.fromisoformat(first), date.fromisoformat(last)
            loaded = Days(kind=kind, first_on=first_on, last_on=last_on, what=what, source="A calendar")
            calendar_days.add(session, loaded, at=AN_HOUR_AGO, by=None)


def meets(bot: Bot, group: str, *days: str) -> None:
    with database.transaction(bot.engine) as session:
        for on in map(date.fromisoformat, days):
            meetings.add(session, group, on=on, cut_off_on=on - timedelta(days=14), pack_on=on - timedelta(days=7))


def press(bot: Bot, card: Card, label: str, who: Identity) -> Card:
    found = bot.presses(card, label, who=who)
    assert isinstance(found, Card), found
    return found


def pages(bot: Bot, card: Card, who: Identity) -> list[tuple[str, ...]]:
    found = [row for part in card.body if isinstance(part, Table) for row in part.rows]
    if "Later dates" in labels(card):
        found += pages(bot, press(bot, card, "Later dates", who), who)
    return found


def kept(bot: Bot, keeper: Identity, text: str = "plan year") -> Card:
    card = press(bot, bot.types(text, who=keeper), "Keep these dates", keeper)
    return press(bot, card, "Yes, keep them", keeper)


def stored_meetings(bot: Bot) -> list[tuple[str, date, str]]:
    with database.transaction(bot.engine) as session:
        return [(name, row.on, row.state) for name, row in stored.between(session, date(2027, 4, 1), date(2028, 3, 31))]


# --- the plan --------------------------------------------------------------------------------------------------


def test_the_plan_of_2027_keeps_clear_of_what_is_loaded_and_says_where_it_cannot(bot: Bot, keeper: Identity) -> None:
    load(bot)

    card = bot.types("plan year", who=keeper)
    rows = pages(bot, card, keeper)

    assert card.title == "Meetings from April 2027 to March 2028"
    rrwg = "Rapid Review Working Group. Achievements 2022-23: every six weeks. The annual cycle does not name it."
    assert [row for row in rows if not row[1].startswith(GROUPS)] == [
        ("Wed 12 May 2027", rrwg, "Nothing"),
        ("Thu 13 May 2027", "Executive. The section 11 audit begins.", "Nothing"),
        ("Wed 16 June 2027", "Partnership", "Nothing"),
        ("Wed 23 June 2027", rrwg, "Nothing"),
        ("Tue 13 July 2027", "Executive", "Nothing"),
        ("Wed 21 July 2027", rrwg, "Nothing"),
        ("Wed 1 September 2027", rrwg, "Nothing"),
        ("Tue 14 September 2027", "Partnership. The annual report is approved.", "Nothing"),
        ("Wed 13 October 2027", rrwg, "Nothing"),
        ("Thu 14 October 2027", "Annual peer reviews of agencies. Quality assurance and challenge.", "Nothing"),
        ("Tue 16 November 2027", "Executive. Budget review and forward planning.", "Nothing"),
        ("Wed 24 November 2027", rrwg, "Nothing"),
        ("Wed 5 January 2028", rrwg, "Nothing"),
        ("Thu 13 January 2028", "Full Partnership", "Nothing"),
        ("Thu 27 January 2028", rrwg, "Nothing"),
        ("Tue 29 February 2028", "Executive. It plans the away day in March.", "Nothing"),
        ("Thu 9 March 2028", rrwg, "Nothing"),
        ("Wed 15 March 2028", "Away day. The year is reviewed and the business plan agreed.", "Nothing"),
    ]
    assert [row[0] for row in rows if row[1].startswith("Delivery Group")] == [
        "Wed 14 April 2027", "Thu 10 June 2027", "Thu 9 September 2027"
    ]  # fmt: skip
    told = said(card)
    assert "Executive: 16 November 2027 to 29 February 2028 is more than 2 months" in told.replace("\\", "")
    assert "is loaded" not in told


def test_a_compromise_is_named_with_what_stands_against_the_day(bot: Bot, keeper: Identity) -> None:
    load(bot, ("holiday", "2027-05-01", "2027-05-31", "A long holiday"))

    rows = pages(bot, bot.types("plan year 2027", who=keeper), keeper)

    [executive] = [row for row in rows if row[1].startswith("Executive. The section 11")]
    assert executive[2] == (
        "School holidays: A long holiday; every other working day of May that is meant has as much against it, or more"
    )


def test_what_nobody_loaded_is_not_said_to_be_avoided(bot: Bot, keeper: Identity) -> None:
    assert "avoid the days that you loaded" not in said(bot.types("plan year 2027", who=keeper))
    load(bot)
    assert "avoid the days that you loaded" in said(bot.types("plan year 2027", who=keeper))


def test_what_nobody_loaded_is_said(bot: Bot, keeper: Identity) -> None:
    told = said(bot.types("plan year", who=keeper))

    assert "No school term dates are loaded for this year" in told
    assert "No religious dates are loaded" in told
    assert "No dates of other boards are loaded" in told


WORDS = {"a plan for a child": "plan for a child", "a bare word": "plan", "another plan": "plan years ahead"}


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS)
def test_anything_else_after_the_word_is_a_question(bot: Bot, keeper: Identity, text: str) -> None:
    assert "Meetings from" not in bot.types(text, who=keeper).title


NO_YEAR = {"over": "plan year 2020", "no bank holidays": "plan year 2097", "beyond all": "plan year 9999"}


@pytest.mark.parametrize("text", NO_YEAR.values(), ids=NO_YEAR)
def test_a_year_that_cannot_be_planned_is_said_so(bot: Bot, keeper: Identity, text: str) -> None:
    card = bot.types(text, who=keeper)

    assert "cannot plan the year" in card.title
    assert (text == "plan year 2097") is ("Bank holidays are known" in said(card))


def test_the_year_that_runs_is_planned_from_tomorrow(bot: Bot, keeper: Identity) -> None:
    meets(bot, "Executive", "2026-05-12", "2026-11-10")

    rows = pages(bot, bot.types("plan year 2026", who=keeper), keeper)

    assert rows[0] == ("Tue 12 May 2026", "Executive", "Already on the list. It is over.")
    assert [row[0] for row in rows if row[1].startswith("Executive.")] == ["Tue 16 February 2027"]


def test_meetings_that_are_on_the_list_are_kept_in_mind(bot: Bot, keeper: Identity) -> None:
    meets(bot, "Executive", "2027-03-31", "2027-05-19", "2027-06-16")
    meets(bot, "Rapid Review Working Group", "2027-03-10")

    card = bot.types("plan year", who=keeper)

    rows = pages(bot, card, keeper)
    assert [row[0] for row in rows if row[1].startswith("Executive")][:3] == [
        "Wed 19 May 2027", "Wed 16 June 2027", "Thu 15 July 2027"
    ]  # fmt: skip
    [partnership] = [row[0] for row in rows if row[1] == "Partnership"]
    assert partnership != "Wed 16 June 2027"
    assert next(row[0] for row in rows if row[1].startswith("Rapid")) == "Wed 21 April 2027"
    assert "Executive: 31 March 2027" not in said(card).replace("\\", "")


def test_the_default_year_is_the_next_that_begins(bot: Bot, keeper: Identity) -> None:
    assert "April 2027" in bot.types("plan year", who=keeper).title
    bot.clock.now = datetime(2027, 3, 31, 9, tzinfo=UTC)
    assert "April 2027" in bot.types("plan year", who=keeper).title
    bot.clock.now = datetime(2027, 4, 1, 9, tzinfo=UTC)
    assert "cannot plan the year 2028" in bot.types("plan year", who=keeper).title


# --- keeping it ------------------------------------------------------------------------------------------------


def test_kept_dates_are_proposed_and_nobody_sees_them_among_the_dates(bot: Bot, keeper: Identity) -> None:
    load(bot)

    asked = press(bot, bot.types("plan year", who=keeper), "Keep these dates", keeper)
    assert asked.title == "Keep 30 meetings as proposed?"
    assert stored_meetings(bot) == []
    card = press(bot, asked, "Yes, keep them", keeper)

    assert card.title == "30 meetings kept as proposed"
    assert {state for _, _, state in stored_meetings(bot)} == {MeetingState.PROPOSED.value}
    assert ("Wednesday 14 April 2027", "Delivery Group", "Wednesday 31 March 2027", "Wednesday 7 April 2027") in [
        row for part in card.body if isinstance(part, Table) for row in part.rows
    ]
    assert "No dates are known" in said(bot.types("dates", who=keeper))
    assert [one.action for one in bot.audited()].count("proposed a meeting") == 30


def test_keeping_twice_adds_nothing(bot: Bot, keeper: Identity) -> None:
    asked = press(bot, bot.types("plan year", who=keeper), "Keep these dates", keeper)
    press(bot, asked, "Yes, keep them", keeper)
    before = stored_meetings(bot)

    again = press(bot, asked, "Yes, keep them", keeper)

    assert again.title == "These dates are kept already"
    assert stored_meetings(bot) == before
    assert "Keep these dates" not in labels(bot.types("plan year", who=keeper))


def test_a_plan_that_changed_since_it_was_shown_is_shown_again(bot: Bot, keeper: Identity) -> None:
    asked = press(bot, bot.types("plan year", who=keeper), "Keep these dates", keeper)
    load(bot)

    card = press(bot, asked, "Yes, keep them", keeper)

    assert (card.title, card.tone) == ("The plan has changed", Tone.WARNING)
    assert stored_meetings(bot) == []


def test_a_dropped_day_is_proposed_again_and_a_cancelled_one_is_kept_anew(bot: Bot, keeper: Identity) -> None:
    card = kept(bot, keeper)
    days = stored_meetings(bot)

    sure = press(bot, card, "Drop all", keeper)
    assert sure.title == f"Drop {len(days)} meetings?"
    assert press(bot, sure, "Yes, drop them all", keeper).title == f"{len(days)} meetings dropped"
    assert press(bot, sure, "Yes, drop them all", keeper).title == "0 meetings dropped"

    assert stored_meetings(bot) == []
    kept(bot, keeper)
    assert stored_meetings(bot) == days


def test_a_month_or_all_are_confirmed_and_then_everybody_sees_them(bot: Bot, keeper: Identity) -> None:
    card = kept(bot, keeper)

    card = press(bot, card, "Confirm April 2027", keeper)
    assert card.title == "4 meetings confirmed"
    shown = said(bot.types("dates", who=bot.enrol(Role.MEMBER)))
    assert "Thursday 15 April 2027" in shown
    assert "May 2027" not in shown
    sure = press(bot, card, "Confirm all", keeper)
    done = press(bot, sure, "Yes, confirm them all", keeper)

    assert {state for _, _, state in stored_meetings(bot)} == {MeetingState.CONFIRMED.value}
    assert labels(done) == ["Plan a year"]
    assert press(bot, sure, "Yes, confirm them all", keeper).title == "Nothing was left to confirm"


def changing(bot: Bot, keeper: Identity, group: str) -> tuple[Form, str]:
    form = bot.opens(kept(bot, keeper), "Change one", who=keeper)
    return form, next(one.value for one in form.fields[0].choices if group in one.label)


def test_one_meeting_is_moved_with_its_cut_off_and_stays_proposed(bot: Bot, keeper: Identity) -> None:
    form, wanted = changing(bot, keeper, "Delivery Group")

    card = bot.sends(form, who=keeper, meeting=wanted, do="move", on="2027-04-29")

    assert isinstance(card, Card)
    assert card.title == "Moved to Thursday 29 April 2027"
    assert ("Thursday 29 April 2027", "Delivery Group", "Thursday 15 April 2027", "Thursday 22 April 2027") in [
        row for part in card.body if isinstance(part, Table) for row in part.rows
    ]
    assert ("Delivery Group", date(2027, 4, 29), MeetingState.PROPOSED.value) in stored_meetings(bot)
    assert bot.audited()[-1].detail["before"] == "2027-04-14"


def test_a_proposed_meeting_that_is_moved_keeps_its_time(bot: Bot, keeper: Identity) -> None:
    form, wanted = changing(bot, keeper, "Delivery Group")
    with database.transaction(bot.engine) as session:
        session.get_one(meetings.Meeting, int(wanted)).starts_at = datetime(2027, 4, 14, 9, 30, tzinfo=UTC)

    bot.sends(form, who=keeper, meeting=wanted, do="move", on="2027-04-29")

    with database.transaction(bot.engine) as session:
        moved = session.get_one(meetings.Meeting, int(wanted)).starts_at
    assert moved == datetime(2027, 4, 29, 9, 30, tzinfo=UTC)


def test_a_meeting_that_is_confirmed_in_the_plan_asks_its_members_as_any_other(bot: Bot, keeper: Identity) -> None:
    form, wanted = changing(bot, keeper, "Delivery Group")
    member = bot.enrol(Role.MEMBER)
    with database.transaction(bot.engine) as session:
        found = people.find(session, member, on=bot.clock.now.date()).person_id
        assert found
        groups.join(session, found, "Delivery Group", on=bot.clock.now.date())
    bot.sends(form, who=keeper, meeting=wanted, do="confirm")

    bot.clock.now = datetime(2027, 4, 1, 9, tzinfo=UTC)
    bot.dispatcher.within(ticking.tick)

    asked = [one for one in bot.queued() if one.to.address == member.user_id]
    assert [one.card.title for one in asked] == ["Do you come? Delivery Group"]
    with database.transaction(bot.engine) as session:
        assert session.get_one(meetings.Meeting, int(wanted)).sequence == 1  # calendars have to know


WRONG = {
    "no day": ({"do": "move"}, "on", "Please give a day"),
    "a Sunday": ({"do": "move", "on": "2027-04-18"}, "on", "is a weekend"),
    "a day that is over": ({"do": "move", "on": "2026-11-02"}, "on", "is over"),
    "its own day": ({"do": "move", "on": "2027-04-14"}, "on", "on its list already"),
    "nothing chosen": ({"do": ""}, "do", "choose what"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_change_is_said_at_its_box(bot: Bot, keeper: Identity, wrong: str) -> None:
    fields, box, words = WRONG[wrong]
    form, wanted = changing(bot, keeper, "Delivery Group")

    errors = bot.sends(form, who=keeper, meeting=wanted, **fields)

    assert isinstance(errors, Errors)
    assert words in errors.by_field[box]
    assert ("Delivery Group", date(2027, 4, 14), MeetingState.PROPOSED.value) in stored_meetings(bot)


def test_one_meeting_is_confirmed_or_dropped_and_is_then_no_proposal(bot: Bot, keeper: Identity) -> None:
    form, wanted = changing(bot, keeper, "Delivery Group")
    confirmed = bot.sends(form, who=keeper, meeting=wanted, do="confirm")
    assert isinstance(confirmed, Card)
    assert ("Delivery Group", date(2027, 4, 14), MeetingState.CONFIRMED.value) in stored_meetings(bot)

    again = bot.does(Request(keeper, route="plan.change", fields={"meeting": wanted, "do": "drop"}))
    assert isinstance(again, Card)
    assert "not proposed any more" in again.title
    form = bot.opens(confirmed, "Change one", who=keeper)
    bot.sends(form, who=keeper, meeting=form.fields[0].choices[0].value, do="drop")

    assert len([on for _, on, _ in stored_meetings(bot) if on.month == 4]) == 3


def test_no_route_trusts_what_a_button_carries(bot: Bot, keeper: Identity) -> None:
    kept(bot, keeper)
    before = stored_meetings(bot)

    for route in ("plan.show", "plan.keep", "plan.confirm", "plan.drop", "plan.choose", "plan.proposed", "clear.show"):
        for value in ("", "x|y|z", "2027", "99999999999", "2027|-1"):
            assert bot.does(Request(keeper, route=route, value=value)) is not None

    assert stored_meetings(bot) == before


def test_what_is_proposed_for_a_day_that_is_over_is_not_confirmed(bot: Bot, keeper: Identity) -> None:
    sure = press(bot, kept(bot, keeper), "Confirm all", keeper)
    bot.clock.now = datetime(2027, 7, 1, 9, tzinfo=UTC)

    press(bot, sure, "Yes, confirm them all", keeper)

    assert {on.month for _, on, state in stored_meetings(bot) if state == MeetingState.PROPOSED.value} == {4, 5, 6}
