"""A booking as its handlers use it: fetched under the right to it, held, said in words, noted and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from db import booked, history, people
from db.booked import Entry
from db.bookings import Booking, BookingState
from db.people import SECRETARIAT
from db.training import SessionState, TrainingSession
from handlers import telling
from handlers.context import Context, UserError, number
from handlers.messages import Action, Button, Card, Facts, Link, Note, Text, Tone
from handlers.prose import escape
from knowledge import places
from knowledge.places import Rules, Span

KIND = "notice about a place in training"
YES, DECLINES = "yes", "declines"  # what the buttons that give a place up say: to be asked nothing more, or to an offer
_STATES = {
    BookingState.CONFIRMED: "You have a place.",
    BookingState.DECLINED: "Your manager did not agree.",
    BookingState.LAPSED: "The time ran out.",
    BookingState.CANCELLED: "You gave it up.",
    BookingState.CANCELLED_LATE: "You gave it up late.",
    BookingState.SUBSTITUTED: "A colleague took it.",
    BookingState.CALLED_OFF: "The session does not take place.",
    BookingState.ATTENDED: "You were there.",
    BookingState.PARTIAL: "You were there for a part of it.",
    BookingState.NO_SHOW: "You were not there.",
}


# --- rights ----------------------------------------------------------------------------------------------------


def me(context: Context) -> int:
    """Return the person who asks. Raises UserError for somebody who is not enrolled."""
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    return context.actor.person_id


def access(context: Context, value: str) -> tuple[Booking, TrainingSession]:
    """Return a booking of the one who asks, with its session; both are held. Raises UserError for anybody else's."""
    mine = me(context)
    return _held(context, value, lambda row: row.person_id == mine)


def access_as_manager(context: Context, value: str) -> tuple[Booking, TrainingSession]:
    """Return a booking to the manager who is asked about it; it is held. Raises UserError for everybody else."""
    mine = me(context)
    return _held(context, value, lambda row: row.manager_person_id == mine)


def access_as_keeper(context: Context, value: str) -> tuple[Booking, TrainingSession]:
    """Return any booking to the secretariat; it is held. Raises UserError for everybody else."""
    return _held(context, value, lambda _: bool(context.actor.roles & SECRETARIAT))


def _held(context: Context, value: str, allowed: Callable[[Booking], bool]) -> tuple[Booking, TrainingSession]:
    found = booked.get(context.session, number(value))
    if found is None or not allowed(found):
        raise not_found()
    session = booked.hold(context.session, found.session_id)
    row = booked.get(context.session, found.id)  # as it is now that nobody else moves it
    if session is None or row is None or not allowed(row):
        raise not_found()
    return row, session


def not_found() -> UserError:
    """Return what is said about a booking that is not there, or that is not for the one who asks."""
    return UserError("I cannot find that booking.", hint="Type places to see yours.")


# --- rules -----------------------------------------------------------------------------------------------------


def rules(context: Context) -> Rules:
    """Return the periods of the house."""
    house = context.house
    return Rules(house.manager_days, house.offer_days, house.late_cancel_days, house.work_ends, house.time_zone)


def span(session: TrainingSession) -> Span:
    """Return when a session can be booked, for the rules."""
    return Span(session.state, session.opens_on, session.closes_on, session.starts_at)


def runs(context: Context, session: TrainingSession) -> None:
    """Raise UserError for a session that has begun, or that does not take place."""
    see = "Type training to see what is coming."
    if session.state == SessionState.CANCELLED:
        raise UserError("This session was cancelled. It does not take place.", hint=see)
    if session.state not in booked.RUNS or session.starts_at <= context.now:
        raise UserError("This session has begun. Nothing can be changed any more.", hint=see)


# --- words -----------------------------------------------------------------------------------------------------


def moment(context: Context, at: datetime) -> str:
    """Say a moment as people read it, in London time."""
    return f"{at.astimezone(context.house.time_zone):%A %-d %B %Y, %H:%M}"


def name_of(context: Context, person_id: int) -> str:
    """Return what somebody is called."""
    found = context.session.get(people.Person, person_id)
    return found.name if found else ""


def state(context: Context, row: Booking) -> str:
    """Say in words where a booking stands, to the one whose it is."""
    match BookingState(row.state):
        case BookingState.REQUESTED:
            return f"It is kept for you. Your manager has to agree by {_until(context, row)}."
        case BookingState.OFFERED:
            return f"A place is offered to you. Accept by {_until(context, row)}."
        case BookingState.WAITING:
            agreed = "Your manager has agreed." if row.agreed_at else "Your manager has not agreed yet."
            ahead = booked.before(context.session, row)
            return f"You wait. You are number {ahead + 1} in the line. {agreed}"
        case other:
            return _STATES[other]


def _until(context: Context, row: Booking) -> str:
    return moment(context, row.held_until) if row.held_until else "the day of the session"


def facts(context: Context, one: Entry) -> Facts:
    """Return what a booking is for, and where it stands."""
    where = [("Place", one.held.place)] if one.held.place else []
    return Facts(
        (
            ("Course", one.course),
            ("When", moment(context, one.held.starts_at)),
            *where,
            ("Your manager", one.booking.manager_email or one.manager or "not known"),
            ("State", state(context, one.booking)),
        )
    )


def card(context: Context, row: Booking, title: str = "", tone: Tone = Tone.PLAIN, *, said: str = "") -> Card:
    """Return the card of a booking for the one whose it is; the joining link is only for who has a place."""
    one = booked.entry(context.session, row.id)
    if one is None:
        raise not_found()
    words = [Text(escape(said))] if said else []
    note = Note("Do you need help to take part? E-mail the secretariat. Please do not write it here.")
    return Card(title or f"Your booking: {one.course}", (*words, facts(context, one), note), _buttons(one), tone)


def _buttons(one: Entry) -> tuple[Action, ...]:
    row, about = one.booking, str(one.booking.id)
    joining = [Link("Join online", one.held.link)] if one.held.link.startswith("https://") else []
    give_up = Button("Give up my place", "booking.cancel", about, style="danger")
    swap = Button("A colleague goes", "booking.substitute", about, opens=True)
    mine = Button("My places", "booking.mine")
    match BookingState(row.state):
        case BookingState.CONFIRMED:
            return (Button("Add to calendar", "calendars.file", f"session:{about}"), *joining, swap, give_up, mine)
        case BookingState.REQUESTED:
            return (swap, give_up, mine)
        case BookingState.OFFERED:
            return (*offer_buttons(row), mine)
        case BookingState.WAITING:
            return (Button("Leave the line", "booking.cancel", about, style="danger"), mine)
        case _:
            return (Button("Ask for a place", "booking.ask", str(row.session_id), opens=True), mine)


def offer_buttons(row: Booking) -> tuple[Button, Button]:
    """Return the buttons under an offer."""
    about = str(row.id)
    return (
        Button("Accept", "booking.accept", about, style="primary"),
        Button("Decline", "booking.cancel", f"{about}|{DECLINES}"),
    )


# --- noting and telling ----------------------------------------------------------------------------------------


def move(context: Context, row: Booking, session: TrainingSession, to: BookingState, **detail: str) -> None:
    """Give a booking another state, and note it; without somebody who asks it was the clock."""
    before, row.state, row.changed_at = row.state, to.value, context.now
    if to not in (BookingState.REQUESTED, BookingState.OFFERED):
        row.held_until = None
    context.session.flush()
    note(context, row, session, f"booking {to.value}", before=before, **detail)


def note(
    context: Context, row: Booking, session: TrainingSession, action: str, *, before: str = "", **detail: str
) -> None:
    """Write a deed into the history of a session: which booking, never the words."""
    history.note(
        context.session,
        session.ref,
        at=context.now,
        actor_person_id=context.actor.person_id,
        action=action,
        before_state=before,
        after_state=row.state,
        detail={"booking": row.id, **detail},
    )


def tell(context: Context, row: Booking, person_ids: Iterable[int | None], notice: Card, event: str) -> bool:
    """Tell people of a booking, once for each deed. Return False when nobody is reached."""
    wanted = [one for one in person_ids if one is not None]
    return telling.tell_people(context, wanted, notice, key=_key(context, row, event), kind=KIND)


def tell_secretariat(context: Context, row: Booking, notice: Card, event: str) -> bool:
    """Tell the secretariat of a booking, once for each deed."""
    return telling.tell_secretariat(context, notice, key=_key(context, row, event), kind=KIND)


def _key(context: Context, row: Booking, event: str) -> str:
    return f"booking:{row.id}:{event}:{context.token}"


def what(context: Context, session: TrainingSession) -> str:
    """Say in the small Markdown which course it is and when."""
    title = booked.title(context.session, session.id)
    return f"**{escape(title)}**, {escape(moment(context, session.starts_at))}"


def late(context: Context, session: TrainingSession) -> bool:
    """Say whether a place that is given up now is given up late."""
    return places.is_late(context.today, context.day(session.starts_at), context.house.late_cancel_days)
