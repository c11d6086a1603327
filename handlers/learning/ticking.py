"""What the clock does: reminders follow the places that people have, and a session with few bookings is told of."""

from __future__ import annotations

import re
from datetime import time, timedelta

from db import learning, reminders
from db.learning import Held, Place
from handlers import access, telling
from handlers.context import Context
from handlers.learning import places
from handlers.messages import Button, Card, Text, Tone
from handlers.prose import escape
from handlers.wording import words
from knowledge import clocks, ladders
from knowledge.calendar import CalendarError, instant, working_days_after, working_days_before

AT_ONCE = 100  # places, in one tick: about a second, in which a server on SQLite answers nobody
BEFORE, JOINING = "training", "training-joining"
_PLAIN_LINK = re.compile(r"https?://[^\s()<>\[\]\\*_`]+")


def tick(context: Context) -> int:
    """Do what is due; return how much it was. Call it at any time."""
    return _forget(context) + _remind(context) + _few(context)


# --- reminders -------------------------------------------------------------------------------------------------


def _remind(context: Context) -> int:
    """Plan the reminders of places that have none yet, or whose session was changed."""
    found = learning.to_remind(context.session, now=context.now, limit=AT_ONCE)
    for place in found:
        _plan(context, place, BEFORE, "")
        _plan(context, place, JOINING, _joining(place))
    learning.reminded(context.session, [(one.booking.id, one.session.version) for one in found])
    return len(found)


def _plan(context: Context, place: Place, ladder: str, body: str) -> None:
    starts_at = place.session.starts_at
    reminders.plan(
        context.session, subject=places.subject(place.booking.id), ladder=ladder, person_id=place.booking.person_id,
        title=place.course.title, now=context.now, anchor_on=context.day(starts_at), anchor_at=starts_at,
        body_markdown=body,
    )  # fmt: skip


def _joining(place: Place) -> str:
    """Say where it is and how to join, which only those with a confirmed place are told."""
    session = place.session
    lines = [f"Where: {escape(session.place)}"] if session.place else []
    if _PLAIN_LINK.fullmatch(session.link):
        lines.append(f"Your joining link: [{escape(session.link)}]({session.link})")
    elif session.link:
        lines.append(f"Your joining link: {escape(session.link)}")
    return "\n\n".join(lines)


def _forget(context: Context) -> int:
    """Take back the reminders of places that were given up, and of sessions that do not take place."""
    found = learning.to_forget(context.session, limit=AT_ONCE)
    for booking in found:
        reminders.cancel(context.session, places.subject(booking.id))
    learning.reminded(context.session, [(one.id, 0) for one in found])
    return len(found)


# --- few bookings ----------------------------------------------------------------------------------------------


def _few(context: Context) -> int:
    """Tell the secretariat, once, of a session that is near and has fewer people than it needs."""
    ahead = clocks.numbers("training")["few"]
    zone = context.house.time_zone
    try:
        until = instant(working_days_after(context.today, ahead) + timedelta(days=1), time(0), zone)
        near = [] if context.house.book_elsewhere else learning.few(context.session, after=context.now, until=until)
        return sum(_tell_few(context, one) for one in near if _is_time(context, one, ahead))
    except CalendarError:  # bank holidays are not known so far ahead: reminders, which say so, must not wait for that
        return 0


def _is_time(context: Context, one: Held, ahead: int) -> bool:
    """Say whether the day has come, for a session whose bookings were open before it."""
    alert_on = working_days_before(context.day(one.session.starts_at), ahead)
    return one.session.opens_on < alert_on and context.now >= instant(alert_on, ladders.OPENS, context.house.time_zone)


def _tell_few(context: Context, one: Held) -> bool:
    session = one.session
    title = places.named(context, session, one.course)
    card = Card(
        "Few bookings",
        (Text(words("learning_few", title=title, number=one.number, least=session.least)),),
        (
            Button("Open it", "training.session", session.ref),
            Button("Call it off", "training.choose-cancel", access.about(session), style="danger", opens=True),
        ),
        tone=Tone.WARNING,
    )
    return telling.tell_secretariat(
        context, card, key=f"few-bookings:{session.id}:{session.starts_at.isoformat()}", kind=places.KIND
    )
