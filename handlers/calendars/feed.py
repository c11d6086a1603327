"""A person's own calendar address: given once, taken back at any time, read by their calendar programme."""

from __future__ import annotations

import itertools
import secrets
from datetime import date, datetime

from db import feeds
from handlers import files, persons
from handlers.calendars import events
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Element, Facts, Heading, Note, Table, Text, Tone
from handlers.wording import words
from knowledge.calendar_event import Event, Status

FEW = 5
TOKEN_BYTES = 32  # 256 bits: it stays good for years
_STATUS = {Status.CONFIRMED: "Confirmed", Status.TENTATIVE: "Not confirmed yet", Status.CANCELLED: "Cancelled"}


def show(context: Context, _request: Request) -> Card:
    """Show what is next in your calendar, and whether you have a private address for it."""
    me = _me(context)
    feed = feeds.of_person(context.session, me)
    coming = _coming(context, me)
    return Card(
        "Your calendar",
        (Text(words("calendars_show", feed=feed)), *_listed(context, [one for _, one in coming])),
        (*_of_feed(has=feed is not None), *_as_file(coming)),
    )


def give(context: Context, _request: Request) -> Card:
    """Give you a new private address, once; the one before stops working."""
    me, base = _me(context), _public_url(context)
    before = feeds.of_person(context.session, me)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feeds.make(context.session, person_id=me, token_hash=files.hashed(token), at=context.now)
    persons.note(context, "made a calendar address", me)
    return Card(
        "Your calendar address",
        (
            Facts((("Address", f"{base}/calendar/{token}.ics"),)),
            Text(words("calendars_warning", before=before)),
            Heading("How to add it"),
            Text(words("calendars_address")),
        ),
        _of_feed(has=True),
        fallback="Your calendar address",
    )


def revoke(context: Context, _request: Request) -> Card:
    """Take your private address back, so that it shows nothing any more."""
    me = _me(context)
    if feeds.revoke(context.session, person_id=me, at=context.now):
        persons.note(context, "took a calendar address back", me)
    return Card("Taken back", (Text(words("calendars_revoked")),), _of_feed(has=False), tone=Tone.GOOD)


def read(context: Context, token: str) -> bytes | None:
    """Return the calendar behind an address; None for one that was never given, was taken back, or whose owner left."""
    person_id = feeds.read(context.session, files.hashed(token), on=context.today)
    if person_id is None:
        return None
    return events.written(context, events.every(context, person_id).values(), context.house.partnership)


def _me(context: Context) -> int:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    return context.actor.person_id


def _public_url(context: Context) -> str:
    if not context.house.public_url:
        raise UserError(
            "I cannot make an address yet: this service does not know its own.",
            hint="Ask whoever runs it to set THSCP_PUBLIC_URL. Nothing is lost.",
        )
    return context.house.public_url


def _of_feed(*, has: bool) -> tuple[Button, ...]:
    if not has:
        return (Button("Give me an address", "calendars.give", style="primary"),)
    return (
        Button("Give me a new one", "calendars.give"),
        Button("Take it back", "calendars.revoke", style="danger"),
    )


def _listed(context: Context, coming: list[Event]) -> list[Element]:
    if not coming:
        return [Note("There is nothing in it yet. Meetings of your groups and training that you book will be.")]
    rows = tuple((_when(context, one), one.summary, _STATUS[one.status]) for one in coming[:FEW])
    more = len(coming) - FEW
    return [
        Heading("What is next in it"),
        Table(("When", "What", "How sure"), rows, f"{more} more" if more > 0 else ""),
    ]


def _as_file(coming: list[tuple[str, Event]]) -> list[Button]:
    """Offer the next meeting or session as a file, to those who want no address."""
    sure = (about for about, one in coming if one.status is Status.CONFIRMED)
    return [Button("Only the next one", "calendars.file", about) for about in itertools.islice(sure, 1)]


def _coming(context: Context, person_id: int) -> list[tuple[str, Event]]:
    found = events.every(context, person_id).items()
    ahead = [(about, one) for about, one in found if _day(context, one.starts) >= context.today]
    return sorted(ahead, key=lambda pair: (_day(context, pair[1].starts), pair[1].uid))


def _day(context: Context, at: datetime | date) -> date:
    return context.day(at) if isinstance(at, datetime) else at


def _when(context: Context, event: Event) -> str:
    at = event.starts
    clock = f", {at.astimezone(context.house.time_zone):%H:%M}" if isinstance(at, datetime) else ""
    return f"{_day(context, at):%A %-d %B %Y}{clock}"
