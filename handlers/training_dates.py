"""Coming dates of training in words, for every place in which they stand: lists, posts in channels, and bulletins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from db import training
from db.training import SHOWN, Listed
from handlers.context import Context
from handlers.messages import Table
from handlers.prose import escape
from knowledge import courses
from knowledge.calendar import instant
from knowledge.courses import Room

SECTION = "training"  # of a bulletin
MOST = 20
MAX_LIST = 2_500  # characters of a section, which holds 3,000


def ahead(context: Context, *, limit: int = MOST) -> list[Listed]:
    """Return the sessions of the coming weeks, as many as are posted at once."""
    until = context.now + courses.shipped().posting.ahead
    return training.coming(context.session, since=context.now, until=until, limit=limit)


def room(context: Context, one: Listed) -> Room:
    """Return what a session has room for."""
    row = one.session
    return Room(
        row.state, row.opens_on, row.closes_on, row.capacity, one.held, one.waiting, row.waiting_list,
        elsewhere=bool(book_at(context, one)),
    )  # fmt: skip


def book_at(context: Context, one: Listed) -> str:
    """Return the address where a place is booked elsewhere; empty where it is booked here."""
    return one.session.book_at or context.house.book_elsewhere


def places(context: Context, one: Listed) -> str:
    """Say how a session stands with places."""
    if one.session.state in SHOWN and one.session.starts_at <= context.now:
        return "it is over" if one.session.ends_at <= context.now else "it has begun"
    return room(context, one).in_words(context.today)


def when(context: Context, starts_at: datetime, ends_at: datetime | None = None) -> str:
    """Say when something is, in London time."""
    zone = context.house.time_zone
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone) if ends_at else None
    if ends is None:
        return f"{starts:%A %-d %B %Y, %H:%M}"
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%A %-d %B %Y, %H:%M}"
    return f"{starts:%A %-d %B %Y, %H:%M} to {until}"


def table(context: Context, rows: Sequence[Listed], *, more: str = "") -> Table:
    """Return sessions as a table: reference, course, time and places."""
    cells = tuple(
        (one.session.ref, one.course.title, when(context, one.session.starts_at), places(context, one)) for one in rows
    )
    return Table(("Session", "What", "When", "Places"), cells, more)


def as_text(context: Context) -> str:
    """Return the dates of the coming weeks as a list for a bulletin; empty when there are none."""
    lines = []
    for one in ahead(context):
        row = one.session
        said = f"{one.course.title}: {when(context, row.starts_at, row.ends_at)}. {places(context, one).capitalize()}."
        lines.append(f"- {escape(said)} To book: type session {row.ref}.")
    while len(found := "\n".join(lines)) > MAX_LIST:
        lines.pop()
    return found


def midnight(context: Context, day: date) -> datetime:
    """Return the moment at which a day begins in London."""
    return instant(day, datetime.min.time(), context.house.time_zone)
