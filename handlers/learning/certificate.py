"""Certificates: for those who attended and said what they took from it. A PDF behind a link that works once."""

from __future__ import annotations

from db import audit, evaluations, learning, records, reminders
from db.bookings import BookingState
from db.learning import Place
from handlers import files, telling
from handlers.context import Context, Request, UserError, number
from handlers.files import File
from handlers.learning import drawing, places
from handlers.messages import Button, Card, Text, Tone
from handlers.prose import escape
from handlers.wording import words

PREFIX, PDF = "CPD", "application/pdf"
AGAIN = "Type learning for a new link."


def give(context: Context, request: Request) -> Card:
    """Give somebody a link to the certificate of a session that they attended."""
    place = places.own(context, request.value, hold=True)
    said = evaluations.get(context.session, place.booking.id)
    if said is None or said.after is None:
        raise UserError(
            "The certificate comes after you have said what you took from the session.",
            hint="Type learning and press Say it. It takes a minute.",
        )
    _issue(context, place)
    if not drawing.can_draw(_name(context, place), place.course.title):
        return _by_hand(context, place)
    return Card(
        f"Your certificate {place.booking.certificate}",
        (Text(words("learning_certificate")),),
        (files.link(context, "certificate", str(place.booking.id)), Button("My learning", "learning.show", "0")),
    )


def make(context: Context, about: str, person_id: int) -> File:
    """Return the certificate of one booking. Raises UserError when it is somebody else's or was taken back."""
    place = learning.place(context.session, number(about))
    if place is None or place.booking.person_id != person_id or not _stands(place):
        raise UserError("There is no certificate for this session any more.", hint=AGAIN)
    content = drawing.drawn(
        partnership=context.house.partnership,
        name=_name(context, place),
        title=place.course.title,
        facts=tuple(_facts(context, place)),
        at=place.booking.certified_at or context.now,
    )
    return File(f"{place.booking.certificate.lower()}.pdf", content, PDF)


def _stands(place: Place) -> bool:
    return place.booking.state == BookingState.ATTENDED.value and place.booking.certified_at is not None


def _issue(context: Context, place: Place) -> None:
    """Give the certificate its number, once: who gets it back after a mistake keeps the number."""
    booking = place.booking
    if booking.certified_at is not None:
        return
    booking.certificate = booking.certificate or records.next_ref(context.session, PREFIX, context.today.year)
    booking.certified_at = context.now
    context.session.flush()
    actor = f"person:{context.actor.person_id}"
    audit.add(context.session, at=context.now, actor=actor, action="certified", subject=booking.certificate)


def _facts(context: Context, place: Place) -> list[tuple[str, str]]:
    session, course = place.session, place.course
    facts = [("Date", places.day(context, session))]
    if course.hours:
        facts.append(("Length", f"{course.hours} {'hour' if course.hours == 1 else 'hours'}"))
    if course.category:
        facts.append(("Category", course.category))
    return [*facts, ("Certificate", place.booking.certificate)]


def _name(context: Context, place: Place) -> str:
    return reminders.name_of(context.session, place.booking.person_id)


def _by_hand(context: Context, place: Place) -> Card:
    """Say that the letters cannot be drawn as they should be, and ask the secretariat to write it."""
    about = {
        "title": places.named(context, place.session, place.course), "number": place.booking.certificate,
        "name": _name(context, place),
    }  # fmt: skip
    notice = Card("A certificate to write by hand", (Text(words("learning_by_hand", **about)),), tone=Tone.WARNING)
    key = f"certificate-by-hand:{place.booking.id}:{place.booking.certificate}"
    telling.tell_secretariat(context, notice, key=key, kind=places.KIND)
    said = f"Your certificate has the number {escape(place.booking.certificate)}. I cannot draw every letter of it "
    return Card(
        "The secretariat writes your certificate",
        (Text(said + "as it should be written, so I have asked the secretariat to write it for you."),),
        (Button("My learning", "learning.show", "0"),),
    )
