"""Courses with sessions, and the people who book them: `desk.books("Ola Invented", booking.session(bot))`."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from db import engine as database
from db import people, records, registry
from db.bookings import Booking
from db.people import Identity, Role
from db.training import COURSE_PREFIX, SESSION_PREFIX, Course, TrainingSession
from handlers.booking import ticking
from handlers.context import Request
from handlers.messages import Card, Errors, Form
from tests.fakes import Bot

THURSDAY = datetime(2026, 12, 10, 10, tzinfo=UTC)
LINK = "https://join.example/room"
_numbers = itertools.count(7001)  # far from the references that the tables give


def course(bot: Bot, title: str = "Invented course") -> int:
    """Keep a course, and return its number."""
    with database.transaction(bot.engine) as session:
        ref = records.next_ref(session, COURSE_PREFIX, 2026)
    row = Course(
        ref=ref, title=f"{title} {next(_numbers)}", kind="course", category="B", level="",
        aims="", audience="", prerequisites="", hours=3, mode="room", owner_role="", source="", historic=False,
    )  # fmt: skip
    with database.transaction(bot.engine) as session:
        session.add(row)
    return row.id


def session(bot: Bot, of: int = 0, **changed: object) -> int:
    """Keep a session in an invented room in December 2026, and return its number."""
    with database.transaction(bot.engine) as kept:
        ref = records.next_ref(kept, SESSION_PREFIX, 2026)
    values: dict[str, object] = {
        "ref": ref, "course_id": of or course(bot), "starts_at": THURSDAY, "mode": "room",
        "place": "Room 1", "link": LINK, "trainer": "", "capacity": 1, "least": 1, "waiting_list": True,
        "opens_on": date(2026, 11, 1), "closes_on": date(2026, 12, 9), "campaign": "", "access": "", "book_at": "",
        "state": "open", "sequence": 0, "uid": "",
    } | changed  # fmt: skip
    starts_at = values["starts_at"]
    assert isinstance(starts_at, datetime)
    row = TrainingSession(**{"ends_at": starts_at.replace(hour=13)} | values)
    with database.transaction(bot.engine) as kept:
        kept.add(row)
    return row.id


def soon(bot: Bot) -> dict[str, Any]:
    """Return the days of a session that can be booked now, wherever the clock stands."""
    now = bot.clock.now
    starts_at = now.replace(hour=10, minute=0) + timedelta(days=28)
    return {"starts_at": starts_at, "opens_on": now.date(), "closes_on": starts_at.date() - timedelta(days=1)}


class Desk:
    """People of one agency with a manager, who book places. It lives as long as a test."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.boss = self.enrols("Boss Invented")
        self.keeper = self.enrols("Keeper Invented", Role.COORDINATOR)

    def enrols(self, name: str, *roles: Role, agency: str = "Example Trust") -> Identity:
        """Enrol somebody, and return where they speak from."""
        who = Identity("test", name.replace(" ", "-").lower())
        with database.transaction(self.bot.engine) as session:
            on = self.bot.clock.now.date()
            people.enrol(session, who, name=name, roles=roles, on=on, post="Nurse", agency=agency)
        return who

    def form(self, who: Identity, session_id: int) -> Card | Form:
        """Press the button under a session."""
        reply = self.bot.does(Request(who, route="booking.ask", value=str(session_id)))
        assert isinstance(reply, Card | Form), reply
        return reply

    def asks(self, who: Identity, session_id: int, **fields: str) -> Card | Errors:
        """Ask for a place, with the boss as the manager unless the boxes say otherwise."""
        form = self.form(who, session_id)
        if isinstance(form, Card):
            return form
        filled = {"manager": "" if "address" in fields else "Boss Invented"} | fields
        return self.bot.sends(form, who=who, **filled)

    def books(self, name: str, session_id: int, **fields: str) -> Identity:
        """Let somebody new ask for a place."""
        who = self.enrols(name)
        reply = self.asks(who, session_id, **fields)
        assert isinstance(reply, Card), reply
        return who

    def confirmed(self, name: str, session_id: int) -> Identity:
        """Let somebody new ask for a place, to whom the boss agrees."""
        who = self.books(name, session_id)
        self.press("booking.agree", self.of(who, session_id), self.boss)
        return who

    def press(self, action: str, row: Booking, who: Identity, more: str = "") -> Card:
        """Press a button about a booking."""
        reply = self.bot.does(Request(who, route=action, value=f"{row.id}{more}"))
        assert isinstance(reply, Card), reply
        return reply

    def gives_up(self, who: Identity, session_id: int) -> Card:
        """Give up a place, and say yes."""
        return self.press("booking.cancel", self.of(who, session_id), who, "|yes")

    def of(self, who: Identity, session_id: int) -> Booking:
        """Return somebody's booking."""
        with Session(self.bot.engine) as session:
            person = registry.owner(session, who)
            return session.query(Booking).filter_by(session_id=session_id, person_id=person).one()

    def name_of(self, who: Identity) -> str:
        """Return what somebody is called."""
        with Session(self.bot.engine) as session:
            return people.find(session, who, on=self.bot.clock.now.date()).name

    def states(self, session_id: int) -> dict[str, str]:
        """Return where every booking of a session stands, by name, in the order in which they were made."""
        with Session(self.bot.engine) as session:
            rows = session.query(people.Person.name, Booking.state).join(Booking, Booking.person_id == people.Person.id)
            found = rows.filter(Booking.session_id == session_id).order_by(Booking.id)
            return {row.name: row.state for row in found}

    def ticks(self) -> int:
        """Let the minute come."""
        return self.bot.dispatcher.within(ticking.tick)

    def told(self, who: Identity) -> list[Card]:
        """Return what somebody was sent, oldest first."""
        return [one.card for one in self.bot.queued() if one.to.address == who.user_id]


def owed(bot: Bot, who: Identity) -> None:
    """Let there be a session to be asked for, a place of this person, and a place to which they have to agree."""
    desk = Desk(bot)
    session_id = session(bot, capacity=3, **soon(bot))
    name = desk.name_of(who)
    desk.asks(who, session_id, work="Nurse")
    desk.press("booking.agree", desk.of(who, session_id), desk.boss)
    desk.books("Wyn Invented", session_id, manager=name)
    session(bot, **soon(bot))
