"""What somebody does with their own place: accept an offer, give it up, or let a colleague go."""

from __future__ import annotations

from db import booked, registry
from db.bookings import HOLDS, Booking, BookingState
from db.people import Identity
from db.training import TrainingSession
from handlers import owners
from handlers.booking import agreeing, moving, records
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Form, Text, Tone
from handlers.prose import escape
from knowledge import places

OURS = (BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.OFFERED, BookingState.WAITING)
_SWAPPED = (BookingState.REQUESTED, BookingState.CONFIRMED)
_ENDED = "This booking has ended already."
_SEE = "Type places to see yours."


def accept(context: Context, request: Request) -> Card:
    """Take up an offered place, in time."""
    row, session = records.access(context, request.value)
    records.runs(context, session)
    moving.bring_up_to_date(context, session)
    if row.state in (BookingState.CONFIRMED, BookingState.REQUESTED):
        return records.card(context, row, "You have accepted already")
    if row.state != BookingState.OFFERED.value:
        raise UserError("This offer has run out, or it was given back.", hint="You can ask for a place again.")
    if row.agreed_at is not None:
        records.move(context, row, session, BookingState.CONFIRMED)
        return records.card(context, row, "You have a place", Tone.GOOD)
    row.held_until = places.manager_until(context.now, records.span(session), records.rules(context))
    records.move(context, row, session, BookingState.REQUESTED)
    told = agreeing.ask(context, session, row)
    return records.card(context, row, "A place is kept for you", Tone.GOOD, said=told)


def cancel(context: Context, request: Request) -> Card:
    """Ask whether somebody really gives up their place, and say what that means; then give it up."""
    value, _, sure = request.value.partition("|")
    row, session = records.access(context, value)
    records.runs(context, session)
    if row.state not in OURS:
        raise UserError(_ENDED, hint=_SEE)
    late = row.state == BookingState.CONFIRMED.value and records.late(context, session)
    declines = sure == records.DECLINES and row.state == BookingState.OFFERED.value  # else they have accepted since
    if sure != records.YES and not declines:
        return _sure(context, session, row, late=late)
    late = end(context, session, row)
    said = "Thank you for saying so. The place goes to others." + (" You gave it up late." if late else "")
    return records.card(context, row, "You gave it up", Tone.GOOD, said=f"{said} There is no charge.")


def end(context: Context, session: TrainingSession, row: Booking, **detail: str) -> bool:
    """Give up a place, or leave the line, tell the manager who agreed, and return whether that was late."""
    records.runs(context, session)
    moving.lapse(context, session)
    if row.state not in OURS:
        raise UserError(_ENDED, hint=_SEE)
    confirmed = row.state == BookingState.CONFIRMED.value
    late = confirmed and records.late(context, session)
    to = BookingState.CANCELLED_LATE if late else BookingState.CANCELLED
    moving.give_back(context, session, row, to, **detail)
    if confirmed:
        name = escape(records.name_of(context, row.person_id))
        notice = Card("A place was given up", (Text(f"{name} gave up a place: {records.what(context, session)}."),))
        records.tell(context, row, [row.manager_person_id], notice, "given-up")
    return late


def _sure(context: Context, session: TrainingSession, row: Booking, *, late: bool) -> Card:
    days = context.house.late_cancel_days
    early = f"This is late: fewer than {days + 1} working days before." if late else "This is in good time."
    said = f"{records.what(context, session)}\n\n{escape(early)} There is no charge. Somebody else may get the place."
    buttons = (
        Button("Yes, give it up", "booking.cancel", f"{row.id}|{records.YES}", style="danger"),
        Button("No, keep it", "booking.one", str(row.id)),
    )
    return Card("Do you want to give it up?", (Text(said),), buttons)


# --- a colleague goes ------------------------------------------------------------------------------------------


def open_substitute(context: Context, request: Request) -> Form:
    """Open the form in which somebody names the colleague who takes their place."""
    row, session = _swappable(context, request.value)
    return Form(
        title="A colleague goes",
        action="booking.substituted",
        token=context.token,
        about=str(row.id),
        intro=f"{booked.title(context.session, session.id)}, {records.moment(context, session.starts_at)}. They have "
        "to be of your own agency: the place was given to it, and others wait for theirs.",
        fields=(owners.box("name", "Who takes your place?", hint="As they are enrolled."),),
        submit="Give them my place",
    )


def substitute(context: Context, request: Request) -> Card | Errors:
    """Give a place to a colleague of the same agency, and tell them and the manager."""
    row, session = _swappable(context, request.value)
    other = owners.read(context, request.fields, "name")
    if isinstance(other, Errors):
        return other
    if other is None:
        return Errors({"name": "Please write the name of your colleague here."})
    if problem := _not_them(context, session, row, other):
        return Errors({"name": problem})
    own = _hand_over(context, session, row, other)
    name, new = records.name_of(context, row.person_id), records.name_of(context, other)
    what = records.what(context, session)
    mine = (Button("Open my booking", "booking.one", str(own.id)), Button("My places", "booking.mine"))
    given = Card("A colleague gave you their place", (Text(f"{escape(name)} cannot go to {what}. You can."),), mine)
    records.tell(context, own, [other], given, "substitute")
    told = Card("A colleague goes instead", (Text(f"{escape(new)} goes instead of {escape(name)}: {what}."),))
    records.tell(context, row, [row.manager_person_id], told, "substituted")
    return records.card(context, row, "Your colleague has the place", Tone.GOOD, said=f"{new} has been told.")


def _hand_over(context: Context, session: TrainingSession, row: Booking, other: int) -> Booking:
    state, until = row.state, row.held_until
    had = booked.of_person(context.session, session.id, other)
    if had is not None:
        booked.close_links(context.session, had.id, at=context.now)
    records.move(context, row, session, BookingState.SUBSTITUTED)
    booked.close_links(context.session, row.id, at=context.now)
    posts = booked.asker(context.session, other, on=context.today).posts
    own = booked.keep(
        context.session, session.id, other, at=context.now, agency=row.agency, state=state, held_until=until,
        work="; ".join(posts), manager_person_id=row.manager_person_id, manager_email=row.manager_email,
        agreed_at=row.agreed_at, agreed_by=row.agreed_by, for_booking_id=row.id,
    )  # fmt: skip
    records.note(context, own, session, f"booking {state}")
    if state == BookingState.REQUESTED.value:
        agreeing.ask(context, session, own)
    return own


def _not_them(context: Context, session: TrainingSession, row: Booking, other: int) -> str:
    """Say why somebody cannot take a place; empty when they can."""
    boss = row.manager_person_id or registry.owner(context.session, Identity("email", row.manager_email))
    if other in (row.person_id, boss):
        return "Please name a colleague: not yourself, and not the manager who has to agree."
    if not row.agency or booked.asker(context.session, other, on=context.today).agency != row.agency:
        return "They are not of your agency. Give your place up instead, and let them ask for one."
    had = booked.of_person(context.session, session.id, other)
    if had is not None and had.state in HOLDS:
        return "They have a place in this session already."
    return ""


def _swappable(context: Context, value: str) -> tuple[Booking, TrainingSession]:
    row, session = records.access(context, value)
    records.runs(context, session)
    moving.lapse(context, session)
    if row.state not in _SWAPPED:
        raise UserError("You have no place to give to a colleague.", hint=_SEE)
    return row, session
