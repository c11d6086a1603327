"""Meetings and training of invented people, as other features keep them: `Diary(bot)` writes them down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import update

from db import engine as database
from db import groups, meetings, people, registry
from db.bookings import Booking, BookingState
from db.meetings import Meeting
from db.people import Identity
from db.training import Course, CourseKind, SessionState, TrainingSession
from handlers.calendars import feed
from handlers.messages import Card, Facts
from tests.calendars.readers import Read, by_vobject
from tests.fakes import Bot, labels

GROUP = "Delivery Group"
ON, STARTS = date(2027, 3, 29), datetime(2027, 3, 29, 9, 0, tzinfo=UTC)  # ten o'clock in London, in summer time
COURSE, HELD = "Working together", datetime(2027, 1, 12, 10, 0, tzinfo=UTC)
MEETING_LINK, SESSION_LINK = "https://join.example/meeting", "https://join.example/session"


class Diary:
    """What is planned for the people of a bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def sits(self, who: Identity, group: str = GROUP, *, deputy: bool = False) -> None:
        """Let somebody sit in a group."""
        with database.transaction(self._bot.engine) as session:
            groups.join(session, self.number(who), group, on=self._bot.clock.now.date(), deputy=deputy)

    def leaves_group(self, who: Identity, group: str = GROUP) -> None:
        """Let somebody sit there no longer."""
        with database.transaction(self._bot.engine) as session:
            groups.leave(session, self.number(who), group, on=self._bot.clock.now.date())

    def leaves(self, who: Identity) -> None:
        """Let somebody leave the partnership."""
        with database.transaction(self._bot.engine) as session:
            registry.leave(session, self.number(who), on=self._bot.clock.now.date())

    def number(self, who: Identity) -> int:
        """Return the number of a person."""
        with database.transaction(self._bot.engine) as session:
            found = people.find(session, who, on=self._bot.clock.now.date()).person_id
        assert found
        return found

    def meets(self, group: str = GROUP, on: date = ON, starts_at: datetime | None = STARTS, **more: Any) -> int:
        """Let a group meet, and return the number of the meeting."""
        with database.transaction(self._bot.engine) as session:
            row = meetings.add(session, group, on=on, cut_off_on=on, pack_on=on, starts_at=starts_at)
            assert row
            row.link, row.place = MEETING_LINK, "Room 1, Town Hall"
            for name, value in more.items():
                setattr(row, name, value)
            session.flush()
            return row.id

    def moves(self, meeting_id: int, on: date) -> None:
        """Give a meeting another day."""
        days: meetings.Days = {"on": on, "cut_off_on": on, "pack_on": on, "starts_at": None}
        with database.transaction(self._bot.engine) as session:
            row = session.get_one(Meeting, meeting_id)
            meetings.move(session, row, days, today=self._bot.clock.now.date())

    def cancels(self, meeting_id: int) -> None:
        """Cancel a meeting."""
        with database.transaction(self._bot.engine) as session:
            assert meetings.cancel(session, meeting_id)

    def books(self, who: Identity, state: BookingState, *, starts_at: datetime = HELD) -> int:
        """Let somebody book a session of its own, and return the number of the booking."""
        now, mine = self._bot.clock.now, self.number(who)
        with database.transaction(self._bot.engine) as session:
            held = _session(session, starts_at)
            booking = Booking(
                session_id=held, person_id=mine, agency="", work="", state=state.value, line=1, asked_at=now,
                changed_at=now, manager_email="", agreed_by="", certificate="",
            )  # fmt: skip
            session.add(booking)
            session.flush()
            return booking.id

    def becomes(self, booking_id: int, state: BookingState) -> None:
        """Let a booking stand otherwise."""
        values = {"state": state.value, "changed_at": self._bot.clock.now}
        with database.transaction(self._bot.engine) as session:
            session.execute(update(Booking).where(Booking.id == booking_id).values(**values))

    def session_changes(self, booking_id: int, **values: Any) -> None:
        """Let the session of a booking be otherwise, as a calendar has to know."""
        with database.transaction(self._bot.engine) as session:
            row = session.get_one(TrainingSession, session.get_one(Booking, booking_id).session_id)
            row.sequence += 1
            for name, value in values.items():
                setattr(row, name, value)


def _session(session: Any, starts_at: datetime) -> int:
    number = session.query(TrainingSession).count() + 1
    course = Course(
        ref=f"CRS-2027-{number:03}", title=f"{COURSE} {number}", kind=CourseKind.COURSE.value, category="B", level="",
        aims="", audience="", prerequisites="", hours=2, mode="online", owner_role="", source="", historic=False,
    )  # fmt: skip
    session.add(course)
    session.flush()
    held = TrainingSession(
        ref=f"TRN-2027-{number:03}", course_id=course.id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2),
        mode="online", place="Online", link=SESSION_LINK, trainer="", capacity=9, least=1, waiting_list=True,
        opens_on=starts_at.date(), closes_on=starts_at.date(), campaign="", access="", book_at="",
        state=SessionState.OPEN.value, sequence=0,
    )  # fmt: skip
    session.add(held)
    session.flush()
    return int(held.id)


# --- what a calendar programme finds ---------------------------------------------------------------------------


def address(bot: Bot, who: Identity) -> str:
    """Press for an address, whether there was one before or not, and return it."""
    card = bot.types("calendar", who=who)
    given = bot.presses(card, next(one for one in labels(card) if one.startswith("Give me")), who=who)
    assert isinstance(given, Card)
    [facts] = (part for part in given.body if isinstance(part, Facts))
    return facts.pairs[0][1]


def token(url: str) -> str:
    """Return the secret of an address."""
    return url.rpartition("/")[2].removesuffix(".ics")


def text(bot: Bot, url: str) -> bytes | None:
    """Return the calendar at an address; None when there is none."""
    return bot.dispatcher.within(lambda context: feed.read(context, token(url)))


def read(bot: Bot, url: str) -> dict[str, Read]:
    """Return what a calendar programme finds at an address, by the reference."""
    found = text(bot, url)
    assert found is not None
    return {one.uid.partition("@")[0]: one for one in by_vobject(found)}
