"""A catalogue with sessions, made by what the secretariat types and presses, and bookings of invented people."""

from __future__ import annotations

from sqlalchemy import select

from db import engine as database
from db import people
from db.bookings import Booking, BookingState
from db.people import Identity, Role
from db.training import TrainingSession
from handlers.messages import Card
from tests.fakes import Bot

COURSE = "CRS-2020-002"  # Neglect, of the catalogue that comes with the program
SESSION = {
    "on": "2026-12-03",
    "from": "10:00",
    "until": "12:30",
    "mode": "in-person",
    "place": "Town hall, room 4",
    "link": "https://example.org/join",
    "trainer": "External trainer",
    "capacity": "2",
}


def keeper(bot: Bot) -> Identity:
    """Enrol somebody of the secretariat."""
    return bot.enrol(Role.MEMBER, Role.COORDINATOR)


def session(bot: Bot, who: Identity, *, course: str = COURSE, opened: bool = True, **fields: str) -> str:
    """Add a session of a course, open it for booking, and return its reference."""
    form = bot.opens(bot.types(f"course {course}", who=who), "Add a session", who=who)
    card = bot.sends(form, who=who, **SESSION | fields)
    assert isinstance(card, Card), card
    if opened:
        bot.presses(card, "Open for booking", who=who)
    return card.title.split()[0]


def book(bot: Bot, ref: str, *states: BookingState) -> list[Identity]:
    """Give new people a booking of a session in each of these states, and return where they are reached."""
    found = []
    for line, state in enumerate(states):
        who = bot.enrol(Role.MEMBER)
        found.append(who)
        with database.transaction(bot.engine) as opened:
            person = people.find(opened, who, on=bot.clock.now.date()).person_id or 0
            [number] = opened.scalars(select(TrainingSession.id).where(TrainingSession.ref == ref))
            opened.add(
                Booking(
                    session_id=number, person_id=person, agency="", work="", state=state.value, line=line,
                    asked_at=bot.clock.now, changed_at=bot.clock.now, held_until=None, manager_person_id=None,
                    manager_email="", agreed_at=None, agreed_by="", for_booking_id=None, certificate="",
                    certified_at=None,
                )
            )  # fmt: skip
    return found


def made(bot: Bot) -> None:
    """Let there be a session that can be booked, changed, moved and cancelled."""
    session(bot, keeper(bot))
