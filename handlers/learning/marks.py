"""Attendance: the secretariat says who was there, who left early and who was not there, and can put it right."""

from __future__ import annotations

from collections.abc import Mapping

from db import audit, booked, deliveries, learning, records, reminders
from db.bookings import Booking, BookingState
from db.evaluations import get as evaluation
from db.learning import CONFIRMED, NO_SHOW, Place
from db.training import Course, SessionState, TrainingSession
from handlers import telling
from handlers.context import Context, Request, UserError, number
from handlers.learning import places
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Note, Table, Text, Tone
from handlers.wording import words

PAGE = 10
EVALUATION, IMPACT = "evaluation", "impact"
MARKS: Mapping[str, str] = {
    BookingState.ATTENDED.value: "Was there",
    BookingState.PARTIAL.value: "Left early or came late",
    NO_SHOW: "Was not there",
}
_CHOICES = tuple(Choice(value, label) for value, label in MARKS.items())


# --- what is shown ---------------------------------------------------------------------------------------------


def sessions(context: Context, request: Request) -> Card:
    """Show the sessions that have begun, newest first, with how many people are still to be marked."""
    page = number(request.value)
    found = learning.begun(context.session, now=context.now, skip=page * 5, limit=6)
    rows = tuple((one.course.title, places.day(context, one.session), _to_mark(one.number)) for one in found[:5])
    buttons = [
        Button(f"{place}: {places.day(context, one.session)}", "learning.attendance", f"{one.session.id}|0")
        for place, one in enumerate(found[:5], 1)
    ]
    if len(found) > len(buttons):
        buttons.append(Button("Earlier sessions", "learning.sessions", str(page + 1)))
    body = Table(("Session", "Day", "Attendance"), rows) if rows else Text("No session has begun yet.")
    return Card("Attendance", (body,), tuple(buttons))


def _to_mark(left: int) -> str:
    return f"{left} to mark" if left else "complete"


def show(context: Context, request: Request) -> Card:
    """Show who had a place at a session, ten at a time, and what is noted of each."""
    return _card(context, request.value)


def _card(context: Context, value: str, *, tone: Tone = Tone.PLAIN) -> Card:
    about, _, wanted = value.partition("|")
    session, course = places.of_session(context, about)
    everybody = learning.people_of(context.session, session.id)
    page = min(number(wanted), max(len(everybody) - 1, 0) // PAGE)
    shown = everybody[page * PAGE : (page + 1) * PAGE]
    rows = tuple((name, booking.agency, MARKS.get(booking.state, "not noted")) for booking, name in shown)
    left = sum(booking.state == CONFIRMED for booking, _ in everybody)
    buttons = (
        [Button("Say who was there", "learning.mark", f"{session.id}|{page}", "primary", opens=True)] if rows else []
    )
    if len(everybody) > (page + 1) * PAGE:
        buttons.append(Button("Next people", "learning.attendance", f"{session.id}|{page + 1}"))
    if any(_not_told(context, booking) for booking, _ in everybody):
        buttons.append(Button("Tell who was not there", "learning.missed", str(session.id)))
    buttons.append(Button("What people said", "learning.replies", str(session.id)))
    buttons.append(Button("All sessions", "learning.sessions", "0"))
    body = Table(("Name", "Agency", "Attendance"), rows) if rows else Text("Nobody had a confirmed place.")
    note = Note(f"Page {page + 1}. Still to be noted in all: {left}.")
    return Card(f"Attendance: {places.named(context, session, course)}", (body, note), tuple(buttons), tone=tone)


# --- marking ---------------------------------------------------------------------------------------------------


def open_mark(context: Context, request: Request) -> Form:
    """Open the form with ten people of a session; nothing is chosen beforehand but what was noted."""
    about, _, page = request.value.partition("|")
    session, course = places.of_session(context, about)
    start = number(page) * PAGE
    shown = learning.people_of(context.session, session.id)[start : start + PAGE]
    if not shown:
        raise UserError("There is nobody on this page.", hint="Type learning and press Attendance.")
    return Form(
        title="Who was there?",
        action="learning.marked",
        token=context.token,
        about=f"{session.id}|{page}",
        intro=f"{places.named(context, session, course)}. Who left early gets no certificate. "
        "You can leave people out and note them later.",
        fields=tuple(
            Field(
                _box(booking), name, "choice", required=False, choices=_CHOICES,
                value=booking.state if booking.state in MARKS else "",
            )
            for booking, name in shown
        ),
        submit="Save",
    )  # fmt: skip


def _box(booking: Booking) -> str:
    return f"place_{booking.id}"


def mark(context: Context, request: Request) -> Card | Errors:
    """Note who was there; a certificate of somebody who was not is taken back, and what they are asked changes."""
    session, course = places.of_session(context, request.value.partition("|")[0])
    booked.hold(context.session, session.id)  # two who note at once, or one who cancels it, wait for each other
    everybody = [booking for booking, _ in learning.people_of(context.session, session.id, hold=True)]
    said = {booking.id: request.fields.get(_box(booking), "") for booking in everybody}
    wrong = {_box(one): "Please choose from the list." for one in everybody if said[one.id] not in ("", *MARKS)}
    if wrong:
        return Errors(wrong)
    changed = [one for one in everybody if said[one.id] and said[one.id] != one.state]
    for booking in changed:
        _set(context, Place(booking, session, course), said[booking.id])
    if changed:
        _note(context, session, "noted attendance", people=len(changed))
    if everybody and all(one.state in MARKS for one in everybody) and session.state != SessionState.DONE.value:
        records.changed(context.session, session, expected=session.version)
        session.state = SessionState.DONE.value
        _note(context, session, "done")
    context.session.flush()
    return _card(context, request.value, tone=Tone.GOOD)


def _set(context: Context, place: Place, state: str) -> None:
    """Note one person, and ask those who were there, and nobody else, what they took from it."""
    booking, session = place.booking, context.session
    if booking.state == NO_SHOW:
        for whom in ("learner", "manager"):
            deliveries.cancel(session, _missed_key(booking, whom), now=context.now)
    booking.state, booking.changed_at = state, context.now
    if state != BookingState.ATTENDED.value:
        booking.certified_at = None
        for when in ("after", "later"):
            reminders.cancel(session, places.subject(booking.id, when))
        return
    said = evaluation(session, booking.id)
    title, held_on = places.named(context, place.session, place.course), context.day(place.session.starts_at)
    if said is None or said.after is None:
        reminders.plan(
            session, subject=places.subject(booking.id, "after"), ladder=EVALUATION, person_id=booking.person_id,
            title=title, now=context.now, anchor_on=max(held_on, context.today),
        )  # fmt: skip
    if said is None or said.later is None:
        reminders.plan(
            session, subject=places.subject(booking.id, "later"), ladder=IMPACT, person_id=booking.person_id,
            title=title, now=context.now, anchor_on=held_on,
        )  # fmt: skip


def _note(context: Context, session: TrainingSession, action: str, **detail: int) -> None:
    actor = f"person:{context.actor.person_id}"
    audit.add(context.session, at=context.now, actor=actor, action=action, subject=session.ref, **detail)


# --- who was not there -----------------------------------------------------------------------------------------


def tell_missed(context: Context, request: Request) -> Card:
    """Send the note to everybody who was not there, and to their managers; to nobody twice."""
    session, course = places.of_session(context, request.value)
    absent = [(one, name) for one, name in learning.people_of(context.session, session.id) if one.state == NO_SHOW]
    told = sum(_tell(context, booking, name, session, course) for booking, name in absent)
    said = (
        f"The note was sent to {told} of {len(absent)} people who were not there." if told else "Nobody new was told."
    )
    return Card(
        "Who was not there",
        (Text(said), Note("People who cannot be reached here get no note. Please write to them.")),
        (Button("Attendance", "learning.attendance", f"{session.id}|0"),),
        tone=Tone.GOOD,
    )


def _tell(context: Context, booking: Booking, name: str, session: TrainingSession, course: Course) -> bool:
    about = {"title": course.title, "day": places.day(context, session)}
    told = _send(context, booking, "learner", booking.person_id, words("learning_missed", **about))
    if booking.manager_person_id is not None:
        said = words("learning_missed_manager", name=name, **about)
        _send(context, booking, "manager", booking.manager_person_id, said)
    return told


def _send(context: Context, booking: Booking, whom: str, person_id: int, said: str) -> bool:
    card = Card("A place that was not used", (Text(said),))
    return telling.tell_people(context, [person_id], card, key=_missed_key(booking, whom), kind=places.KIND)


def _not_told(context: Context, booking: Booking) -> bool:
    return booking.state == NO_SHOW and not deliveries.report(context.session, _missed_key(booking, "learner"))


def _missed_key(booking: Booking, whom: str) -> str:
    return f"not-there:{booking.id}:{booking.changed_at.isoformat()}:{whom}"
