"""Calendars of training are brought with the browser: shown first, then taken over as a whole, or refused by row."""

from __future__ import annotations

import io
from datetime import time

import openpyxl
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from db import training as tables
from db.bookings import BookingState
from db.people import Identity
from db.training import Course, TrainingSession
from handlers import uploads
from handlers.context import Request, UserError
from handlers.files import UPLOADS
from handlers.messages import Card, Facts, Link, Table
from tests import training
from tests.fakes import Bot, said

HEADINGS = ("Title", "Date", "Start", "End", "Place", "Capacity", "Category", "Time zone", "Status")
NEGLECT = ("Neglect", "2026-12-03", "10:00", "12:00", "Town hall", "20", "", "", "")
EVENT = """BEGIN:VEVENT
UID:{uid}
SUMMARY:{title}
DTSTART;TZID={zone}:20261203T{start}00
DTEND;TZID={zone}:20261203T{end}00
LOCATION:{place}
STATUS:{status}
END:VEVENT
"""


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return training.keeper(bot)


def workbook(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (headings, *rows):
        sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def calendar(**fields: str) -> bytes:
    common = {"uid": "one@x", "title": "Neglect", "zone": "Europe/London", "start": "1000", "end": "1200"}
    event = EVENT.format(**common | {"place": "Town hall", "status": "CONFIRMED"} | fields)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{event}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def brings(bot: Bot, keeper: Identity, content: bytes, name: str = "calendar.xlsx") -> Card:
    page = bot.does(Request(keeper, route="uploads.open", value="training"))
    assert isinstance(page, Card), page
    [link] = (one for one in page.actions if isinstance(one, Link))
    token = link.url.rpartition("/")[2]
    return bot.dispatcher.within(lambda context: uploads.take(context, token, name, content))


def taken(bot: Bot, keeper: Identity, content: bytes, name: str = "calendar.xlsx") -> Card:
    card = bot.presses(brings(bot, keeper, content, name), "Take it over", who=keeper)
    assert isinstance(card, Card)
    return card


def counts(card: Card) -> dict[str, str]:
    [facts] = (part for part in card.body if isinstance(part, Facts))
    return dict(facts.pairs)


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def refused(bot: Bot, keeper: Identity, content: bytes, name: str = "calendar.xlsx") -> str:
    with pytest.raises(UserError) as error:
        brings(bot, keeper, content, name)
    return f"{error.value}\n{error.value.hint}"


def test_a_table_is_shown_first_and_nothing_is_kept_until_it_is_taken_over(bot: Bot, keeper: Identity) -> None:
    new = ("Sleep and safety webinar", "04/12/2026", time(9), time(10, 30), "", 30, "A", "Europe/London", "")
    preview = brings(bot, keeper, workbook(NEGLECT, new))

    assert counts(preview)["New"] == "2"
    assert bot.counted(TrainingSession) == 0
    card = bot.presses(preview, "Take it over", who=keeper)
    assert isinstance(card, Card)
    assert rows(card)[0] == ("new", "Neglect", "Thu 3 Dec 2026, 10:00", "Town hall")
    course = bot.types('course "sleep and safety webinar"', who=keeper)
    assert "Webinar" in said(course)
    assert "A. For everybody" in said(course)
    drafts = bot.presses(card, "Not open yet", who=keeper)
    assert [row[3] for row in rows(drafts)] == ["not open yet", "not open yet"]  # type: ignore[arg-type]


def test_all_dates_of_a_calendar_are_opened_with_one_press_but_those_without_a_number_of_places(
    bot: Bot, keeper: Identity
) -> None:
    earlier = training.session(bot, keeper, opened=False, on="2026-12-01")
    later = ("Neglect", "2026-12-10", "10:00", "12:00", "Town hall", "", "", "", "")
    card = taken(bot, keeper, workbook(NEGLECT, later, ("Neglect", "2026-12-11", *NEGLECT[2:])))
    opened = bot.presses(card, "Open them all for booking", who=keeper)

    assert "Open for booking now: 2." in said(opened)
    assert "Not open: 1." in said(opened)
    assert [row[0] for row in rows(bot.types("training"))] == ["TRN-2026-002", "TRN-2026-004"]
    assert earlier in said(bot.types("training drafts", who=keeper))
    assert "Open for booking now: 0." in said(bot.presses(card, "Open them all for booking", who=keeper))
    for value in ("", "TRN-2026-001", "TRN-2026-001|TRN-2027-002", "TRN-2026-000001|TRN-2026-999999"):
        bot.does(Request(bot.enrol(), route="training.open-all", value=value))
    assert earlier in said(bot.types("training drafts", who=keeper))


def test_two_dates_that_a_calendar_calls_alike_are_refused(bot: Bot, keeper: Identity) -> None:
    headings = ("Title", "Date", "Start", "End", "Uid")
    dates = [("Neglect", f"2026-12-0{day}", "10:00", "12:00", "one") for day in (3, 4)]

    assert "Row 3, uid: Row 2 has the same one." in refused(bot, keeper, workbook(*dates, headings=headings))


def test_who_booked_is_told_no_other_time_than_the_new_one(bot: Bot, keeper: Identity) -> None:
    taken(bot, keeper, calendar(), "calendar.ics")
    training.book(bot, "TRN-2026-001", BookingState.CONFIRMED)
    taken(bot, keeper, calendar(start="1300", end="1500", place="Library"), "calendar.ics")

    notices = {one.card.title: said(one.card) for one in bot.queued() if one.kind == "notice about training"}
    assert set(notices) == {"TRN-2026-001 has moved", "TRN-2026-001 is somewhere else"}
    assert (
        "It is now here: Library. It is on Thursday 3 December 2026, 13:00" in notices["TRN-2026-001 is somewhere else"]
    )


def test_the_same_file_changes_nothing_the_second_time(bot: Bot, keeper: Identity) -> None:
    taken(bot, keeper, workbook(NEGLECT))
    again = brings(bot, keeper, workbook(NEGLECT))

    assert again.title == "Nothing would change"
    assert counts(again)["As they are"] == "1"
    assert bot.counted(TrainingSession) == 1


def test_a_file_pressed_twice_is_taken_once_and_one_of_somebody_else_never(bot: Bot, keeper: Identity) -> None:
    preview = brings(bot, keeper, workbook(NEGLECT))

    assert "not here any more" in said(bot.presses(preview, "Take it over", who=training.keeper(bot)))
    bot.presses(preview, "Take it over", who=keeper)
    assert "not here any more" in said(bot.presses(preview, "Take it over", who=keeper))
    assert bot.counted(TrainingSession) == 1


def test_times_of_another_zone_become_london_time_and_are_said(bot: Bot, keeper: Identity) -> None:
    preview = brings(bot, keeper, workbook((*NEGLECT[:7], "New York", "")))

    assert "Row 2: 10:00 in New York is 15:00 in London" in said(preview).replace("\\", "")
    assert rows(preview)[0][2] == "Thu 3 Dec 2026, 15:00"
    brought = brings(bot, keeper, calendar(zone="America/New_York"), "calendar.ics")
    assert "10:00 in New York is 15:00 in London" in said(brought)


def test_every_mistake_is_said_by_its_row_and_nothing_is_taken(bot: Bot, keeper: Identity) -> None:
    words = refused(
        bot, keeper,
        workbook(
            NEGLECT, NEGLECT,
            ("", "2026-12-04", "10:00", "12:00", "", "", "", "", ""),
            ("Neglect", "soon", "10 o'clock", "12:00", "", "", "", "", ""),
            ("Neglect", "2026-12-05", "12:00", "10:00", "", "many", "D", "", ""),
            ("Neglect", "2026-12-06", "12:00", "13:00", "", "", "", "Middle Earth", ""),
            ("Neglect", "2027-03-28", "01:30", "03:00", "", "", "", "", ""),
        ),
    )  # fmt: skip

    for said_there in (
        "Row 3, title: This is in row 2 too", "Row 4, title:", "Row 5, date:", "Row 5, start:", "Row 6, end:",
        "Row 6, capacity:", "Row 6, category:", "Row 7, time zone: I do not know", "Row 8, start: The clocks go",
    ):  # fmt: skip
        assert said_there in words
    assert (bot.counted(TrainingSession), bot.counted(Course)) == (0, 0)


def test_a_table_without_the_columns_that_are_needed_is_refused(bot: Bot, keeper: Identity) -> None:
    assert "columns: start, end" in refused(bot, keeper, workbook(("a", "b", "c"), headings=("Course", "Day", "Venue")))


def test_a_calendar_file_moves_and_cancels_what_it_brought_by_its_own_marks(bot: Bot, keeper: Identity) -> None:
    taken(bot, keeper, calendar(), "calendar.ics")
    [who] = training.book(bot, "TRN-2026-001", BookingState.CONFIRMED)
    moved = taken(bot, keeper, calendar(start="1300", end="1500"), "calendar.ics")

    assert (counts(moved)["Changed"], counts(moved)["New"]) == ("1", "0")
    cancelled = taken(bot, keeper, calendar(start="1300", end="1500", status="CANCELLED"), "calendar.ics")
    assert counts(cancelled)["Cancelled"] == "1"
    notices = [one for one in bot.queued() if one.kind == "notice about training"]
    assert [one.key for one in notices] == ["session-moved:TRN-2026-001:1", "session-cancelled:TRN-2026-001"]
    assert {one.to.address for one in notices} == {who.user_id}
    assert bot.counted(TrainingSession) == 1


def test_a_calendar_file_that_cannot_be_used_is_refused_in_plain_words(bot: Bot, keeper: Identity) -> None:
    assert "time zone that I do not know" in refused(bot, keeper, calendar(zone="Middle/Earth"), "calendar.ics")
    assert "not a calendar file" in refused(bot, keeper, b"hello", "calendar.ics")
    whole_day = calendar().replace(b";TZID=Europe/London:20261203T100000", b";VALUE=DATE:20261203")
    whole_day = whole_day.replace(b";TZID=Europe/London:20261203T120000", b";VALUE=DATE:20261204")
    assert "time at which it begins" in refused(bot, keeper, whole_day, "calendar.ics")


def test_dates_that_are_over_are_left_out(bot: Bot, keeper: Identity) -> None:
    preview = brings(bot, keeper, workbook(("Neglect", "2026-11-02", "10:00", "12:00", "", "", "", "", ""), NEGLECT))

    assert (counts(preview)["Over already"], counts(preview)["New"]) == ("1", "1")


def test_every_word_that_is_kept_of_a_calendar_is_looked_at_by_the_guard(bot: Bot, keeper: Identity) -> None:
    del bot, keeper
    pieces = UPLOADS["training"].pieces("calendar.ics", calendar(place="NHS number 999 787 7896"))

    assert [(one.place, one.text) for one in pieces] == [("Row 1", "Neglect"), ("Row 1", "NHS number 999 787 7896")]


def test_markup_in_a_calendar_is_shown_as_text(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, workbook(("*Neglect* [x](https://bad.example)", *NEGLECT[1:])))

    assert rows(card)[0][1] == "*Neglect* [x](https://bad.example)"  # cells are plain text


def test_another_place_in_a_calendar_file_is_told_and_raises_the_number_for_calendars(
    bot: Bot, keeper: Identity
) -> None:
    taken(bot, keeper, calendar(), "calendar.ics")
    training.book(bot, "TRN-2026-001", BookingState.CONFIRMED)

    taken(bot, keeper, calendar(place="The library"), "calendar.ics")

    [notice] = [one for one in bot.queued() if one.kind == "notice about training"]
    assert notice.key == "session-elsewhere:TRN-2026-001:1"
    assert "The library" in said(notice.card)


def test_a_calendar_is_not_taken_over_somebody_elses_change_of_the_same_moment(
    bot: Bot, keeper: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(bot, keeper, workbook(NEGLECT))
    card = brings(bot, keeper, workbook((*NEGLECT[:4], "Library", *NEGLECT[5:])))
    read = tables.one

    def changed_meanwhile(session: Session, *, ref: str) -> tables.Listed | None:
        found = read(session, ref=ref)
        newer = update(TrainingSession).where(TrainingSession.ref == ref).values(version=TrainingSession.version + 1)
        session.execute(newer.execution_options(synchronize_session=False))
        return found

    monkeypatch.setattr(tables, "one", changed_meanwhile)
    refused = bot.presses(card, "Take it over", who=keeper)
    monkeypatch.undo()

    assert "since you opened it" in said(refused)
    assert "Taken over" in said(bot.presses(card, "Take it over", who=keeper))
