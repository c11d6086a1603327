"""Scenes of one's own calendar, for those who have dates in it."""

from __future__ import annotations

from db.bookings import BookingState
from db.people import Role
from tests.calendars.dates import Diary
from tests.fakes import Bot


def dated(bot: Bot) -> None:
    """Let somebody who has a meeting and waits for a session look at their calendar, and take one date as a file."""
    diary = Diary(bot)
    who = bot.enrol(Role.MEMBER)
    diary.sits(who)
    diary.meets()
    diary.books(who, BookingState.WAITING)
    bot.presses(bot.types("calendar", who=who), "Only the next one", who=who)
