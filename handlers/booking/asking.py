"""Asking for a place: who asks, for which work, and which manager has to agree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from db import booked, registry
from db.bookings import Booking, BookingState
from db.people import Identity
from db.training import TrainingSession
from handlers import boxes, owners
from handlers.booking import agreeing, moving, records
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Link, Text, Tone
from handlers.prose import escape
from knowledge import places

MAX_WORK, MOST_OTHERS = 100, 3
_AGAIN = (
    BookingState.DECLINED, BookingState.LAPSED, BookingState.CANCELLED, BookingState.CANCELLED_LATE,
    BookingState.SUBSTITUTED, BookingState.CALLED_OFF,
)  # fmt: skip
_CONFIDENCE = (
    Choice("unsaid", "I would rather not say"), Choice("1", "1, not at all"), Choice("2", "2, a little"),
    Choice("3", "3, fairly"), Choice("4", "4, very"), Choice("5", "5, completely"),
)  # fmt: skip
_MANAGER = "Everybody needs their manager's agreement: name one other than yourself."


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody filled in: their work, and who has to agree, by number or by address."""

    work: str
    manager_person_id: int | None
    manager_email: str
    confidence: int


def open_form(context: Context, request: Request) -> Card | Form:
    """Open the form for a place, or say why there is none to be had, or where it is booked."""
    mine = records.me(context)
    session = _session(context, request.value)
    elsewhere = session.book_at or context.house.book_elsewhere
    if elsewhere:
        return _elsewhere(elsewhere)
    row = booked.of_person(context.session, session.id, mine)
    if row is not None and row.state not in _AGAIN:
        return records.card(context, row, "You have asked already")
    if why := places.why_not(context.now, records.span(session), records.rules(context)):
        return _no(context, session, why)
    posts = booked.asker(context.session, mine, on=context.today).posts
    return Form(
        title="Ask for a place",
        action="booking.book",
        token=context.token,
        about=str(session.id),
        intro=f"{booked.title(context.session, session.id)}, {records.moment(context, session.starts_at)}. Your "
        f"manager has to agree. Give their name if they are enrolled here, or else their work address.",
        fields=(
            Field("work", "Which work do you do?", max_length=MAX_WORK, value="; ".join(posts)[:MAX_WORK]),
            owners.box("manager", "Your line manager", hint="As they are enrolled.", required=False),
            Field("address", "Or their work address", hint="An e-mail address.", required=False,
                  max_length=boxes.MAX_ID),
            Field("before", "How sure are you of this topic?", "choice", required=False, choices=_CONFIDENCE,
                  value="unsaid"),
        ),
        submit="Ask",
    )  # fmt: skip


def book(context: Context, request: Request) -> Card | Errors:
    """Keep a place for the one who asks until their manager agrees, or put them at the end of the line."""
    mine = records.me(context)
    session = _session(context, request.value)
    elsewhere = session.book_at or context.house.book_elsewhere
    if elsewhere:
        return _elsewhere(elsewhere)
    asked = _read(context, request, mine)
    if isinstance(asked, Errors):
        return asked
    held = booked.hold(context.session, session.id)
    if held is None:
        raise _no_session()
    row = booked.of_person(context.session, held.id, mine)
    if row is not None and row.state not in _AGAIN:
        return records.card(context, row, "You have asked already")
    if why := places.why_not(context.now, records.span(held), records.rules(context)):
        return _no(context, held, why)
    moving.bring_up_to_date(context, held)
    waits = bool(booked.waiting(context.session, held.id, limit=1))
    if moving.free(context, held) and not waits:
        return _kept(context, held, asked, mine)
    if not held.waiting_list:
        return _no(context, held, "This session is full, and it has no waiting list.")
    return _waits(context, held, asked, mine)


def _kept(context: Context, session: TrainingSession, asked: _Asked, mine: int) -> Card:
    until = places.manager_until(context.now, records.span(session), records.rules(context))
    row = _keep(context, session, asked, mine, BookingState.REQUESTED, held_until=until)
    told = agreeing.ask(context, session, row)
    return records.card(context, row, "A place is kept for you", Tone.GOOD, said=told)


def _waits(context: Context, session: TrainingSession, asked: _Asked, mine: int) -> Card:
    line = booked.end_of_line(context.session, session.id)
    row = _keep(context, session, asked, mine, BookingState.WAITING, line=line)
    told = agreeing.ask(context, session, row)
    said = f"This session is full. You are in the waiting list, and I write to you when a place comes free. {told}"
    return records.card(context, row, "You are in the waiting list", Tone.GOOD, said=said)


def _keep(
    context: Context, session: TrainingSession, asked: _Asked, mine: int, state: BookingState, **more: object
) -> Booking:
    known = booked.asker(context.session, mine, on=context.today)
    row = booked.keep(
        context.session, session.id, mine, at=context.now, agency=known.agency, work=asked.work, state=state.value,
        manager_person_id=asked.manager_person_id, manager_email=asked.manager_email, **more,
    )  # fmt: skip
    if asked.confidence:
        booked.confident(context.session, row.id, asked.confidence, at=context.now)
    records.note(context, row, session, f"booking {state.value}")
    return row


# --- what was filled in ----------------------------------------------------------------------------------------


def _read(context: Context, request: Request, mine: int) -> _Asked | Errors:
    fields = request.fields
    work = " ".join(fields.get("work", "").split())
    if not work or len(work) > MAX_WORK:
        return Errors({"work": f"Please say in at most {MAX_WORK} characters which work you do."})
    manager = owners.read(context, fields, "manager")
    if isinstance(manager, Errors):
        return manager
    address = fields.get("address", "").strip().lower()
    if (manager is None) == (not address):
        return Errors({"manager": "Please give a name here, or an address below: one of the two."})
    if address and (problem := boxes.place_problem("email", address)):
        return Errors({"address": problem})
    if address:
        manager = registry.owner(context.session, Identity("email", address))
    if manager == mine:
        return Errors({"address" if address else "manager": _MANAGER})
    said = fields.get("before", "")
    confidence = int(said) if re.fullmatch("[1-5]", said) else 0
    return _Asked(work, manager, address, confidence)


def _session(context: Context, value: str) -> TrainingSession:
    found = context.session.get(TrainingSession, number(value))
    if found is None or found.state == "draft":
        raise _no_session()
    return found


def _no_session() -> UserError:
    return UserError("I cannot find that session.", hint="Type training to see what is coming.")


# --- when there is no place ------------------------------------------------------------------------------------


def _elsewhere(address: str) -> Card:
    said = Text("Places in this session are booked on another website.")
    return Card("Book it elsewhere", (said,), (Link("Open the website", address),))


def _no(context: Context, session: TrainingSession, why: str) -> Card:
    """Say why somebody cannot book a session, and offer others of the same course."""
    found = booked.others(
        context.session, session, now=context.now, today=context.today, limit=MOST_OTHERS
    )  # fmt: skip
    others = "Other sessions of the course can be booked." if found else "No other session of the course can be booked."
    buttons = [
        Button(f"Ask for {context.day(one.starts_at):%-d %B %Y}", "booking.ask", str(one.id), opens=True)
        for one in found
    ]
    title = "I cannot book this session for you"
    return Card(
        title, (Text(f"{escape(why)} {others}"),), (*buttons, Button("My places", "booking.mine")), Tone.WARNING
    )
