"""The manager's agreement: asked in chat or by a signed link, and given there or by the secretariat for them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from db import booked, deliveries
from db.bookings import Booking, BookingState
from db.deliveries import Destination
from db.training import SessionState, TrainingSession
from handlers.booking import moving, records
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Link, Text, Tone, card_to_json
from handlers.prose import escape
from knowledge import places

GONE = "This link was used already, or it has expired."
ANEW = "If you still want to answer, write to the secretariat."
PAGE = "/agree/"
_DECIDABLE = (BookingState.REQUESTED, BookingState.OFFERED, BookingState.WAITING)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page of a signed link says: who asks, for which course, on which day, and until when."""

    name: str
    course: str
    when: str
    until: str


# --- asking ----------------------------------------------------------------------------------------------------


def ask(context: Context, session: TrainingSession, row: Booking) -> str:
    """Ask the manager of a booking, and return what the one who asked for the place is told of that."""
    if row.manager_person_id is not None and records.tell(
        context, row, [row.manager_person_id], _question(context, session, row, buttons(row)), "asked"
    ):
        return "I have asked your manager."
    if row.manager_email and "email" in context.house.reached and context.house.public_url:
        _write(context, session, row)
        return "I have written to your manager."
    about = row.manager_email or records.name_of(context, row.manager_person_id or 0)
    name = escape(records.name_of(context, row.person_id))
    said = f"{name} asked for a place: {records.what(context, session)}. I cannot reach the manager: {escape(about)}."
    decide = Button("Decide for a manager", "booking.decide", str(session.id), opens=True)
    notice = Card("Please ask a manager", (Text(f"{said} Please ask them, and note what they say."),), (decide,))
    records.tell_secretariat(context, row, notice, "ask-manager")
    return "I cannot reach your manager. The secretariat will ask them."


def _question(
    context: Context, session: TrainingSession, row: Booking, answers: tuple[Button | Link, ...]
) -> Card:  # fmt: skip
    name = records.name_of(context, row.person_id)
    by = f" Please answer by {records.moment(context, row.held_until)}." if row.held_until else ""
    waits = " The session is full: this is for the waiting list." if row.state == BookingState.WAITING.value else ""
    said = f"{escape(name)} asks for a place: {records.what(context, session)}.{waits}{escape(by)}"
    return Card(f"{name} asks for your agreement", (Text(said),), answers)


def buttons(row: Booking) -> tuple[Button, Button]:
    """Return the buttons with which a manager answers."""
    about = str(row.id)
    return (Button("Agree", "booking.agree", about, style="primary"), Button("Decline", "booking.decline", about))


def _write(context: Context, session: TrainingSession, row: Booking) -> None:
    until = row.held_until or session.starts_at
    token = secrets.token_urlsafe(24)  # not the one of the request: keys of messages have that one, and are logged
    booked.link(context.session, row.id, _hashed(token), at=context.now, until=until)
    answer = Link("Answer on a page", f"{context.house.public_url}{PAGE}{token}")
    deliveries.put(
        context.session,
        key=f"booking:{row.id}:asked:{context.token}",
        kind=records.KIND,
        card=card_to_json(_question(context, session, row, (answer,))),
        destinations=[Destination("email", row.manager_email)],
        now=context.now,
        expires_at=until,
    )


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- answering -------------------------------------------------------------------------------------------------


def agree(context: Context, request: Request) -> Card:
    """Let a manager agree to a booking."""
    row, session = records.access_as_manager(context, request.value)
    return answer(context, session, row, agrees=True, by="manager")


def decline(context: Context, request: Request) -> Card:
    """Let a manager decline a booking."""
    row, session = records.access_as_manager(context, request.value)
    return answer(context, session, row, agrees=False, by="manager")


def answer(
    context: Context, session: TrainingSession, row: Booking, *, agrees: bool, by: str, note: str = ""
) -> Card:  # fmt: skip
    """Take a manager's answer to a booking that is held, tell who asked, and let the place move on if it is no."""
    records.runs(context, session)
    moving.lapse(context, session)
    name = records.name_of(context, row.person_id)
    if row.agreed_at is not None or row.state not in _DECIDABLE:
        return Card(
            "There is nothing to decide any more",
            (Text(f"Somebody has decided about {escape(name)} already, or the time ran out."),),
            tone=Tone.WARNING,
        )
    row.agreed_by = f"{by}: {note}" if note else by
    if not agrees:
        moving.give_back(context, session, row, BookingState.DECLINED, by=by)
        own = "Your manager did not agree, so the place is not kept for you."
        _tell_asker(context, session, row, "Your manager did not agree", own)
        return Card("You declined", (Text(f"{escape(name)} has been told, and the place goes to others."),))
    row.agreed_at = context.now
    booked.close_links(context.session, row.id, at=context.now)
    if row.state == BookingState.REQUESTED.value:
        records.move(context, row, session, BookingState.CONFIRMED, by=by)
        _tell_asker(context, session, row, "You have a place", "Your manager has agreed. You have a place.")
        return Card("You agreed", (Text(f"{escape(name)} has a place, and has been told."),), tone=Tone.GOOD)
    records.note(context, row, session, "booking agreed", by=by)
    _tell_asker(context, session, row, "Your manager has agreed", "Your manager has agreed. You have no place yet.")
    said = f"{escape(name)} has been told. They have no place yet: they wait until one comes free."
    return Card("You agreed", (Text(said),), tone=Tone.GOOD)


def _tell_asker(context: Context, session: TrainingSession, row: Booking, title: str, said: str) -> None:
    buttons = (Button("Open my booking", "booking.one", str(row.id)), Button("My places", "booking.mine"))
    notice = Card(title, (Text(f"{records.what(context, session)}: {said}"),), buttons)
    records.tell(context, row, [row.person_id], notice, "answered")


# --- by a signed link ------------------------------------------------------------------------------------------


def shown(context: Context, token: str) -> Asked:
    """Return what the page of a link shows; looking decides nothing. Raises UserError when the link works no more."""
    row, session = _linked(context, token)
    return Asked(
        records.name_of(context, row.person_id),
        booked.title(context.session, session.id),
        records.moment(context, session.starts_at),
        records.moment(context, row.held_until or session.starts_at),
    )


def by_link(context: Context, token: str, *, agrees: bool) -> Card:
    """Take the answer of a manager through a link, once. Raises UserError when it works no more."""
    row, session = _linked(context, token)
    booked.close_links(context.session, row.id, at=context.now)
    return answer(context, session, row, agrees=agrees, by="manager by e-mail")


def _linked(context: Context, token: str) -> tuple[Booking, TrainingSession]:
    booking_id = booked.linked(context.session, _hashed(token), at=context.now)
    found = booked.get(context.session, booking_id) if booking_id else None
    session = booked.hold(context.session, found.session_id) if found else None
    row = booked.get(context.session, found.id) if found else None
    still = booked.linked(context.session, _hashed(token), at=context.now)  # somebody else may have used it meanwhile
    if session is not None and session.state == SessionState.CANCELLED:
        raise UserError("This session was cancelled. It does not take place.", hint="You have nothing to do.")
    if row is None or session is None or still is None or places.is_over(row.held_until, context.now):
        raise UserError(GONE, hint=ANEW)
    if row.agreed_at is not None or row.state not in _DECIDABLE:
        raise UserError(GONE, hint=ANEW)
    return row, session
