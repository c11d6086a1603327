"""How places move on: what comes free is offered to the first who waits, and what nobody takes up in time moves on.

Callers hold the session. Nobody overtakes anybody.
"""

from __future__ import annotations

from db import booked, people
from db.bookings import Booking, BookingState
from db.training import TrainingSession
from handlers.booking import records
from handlers.context import Context
from handlers.messages import Button, Card, Text, Tone
from handlers.prose import escape
from knowledge import places


def free(context: Context, session: TrainingSession) -> int:
    """Return how many places of a session nobody has and nobody is kept for."""
    return max(session.capacity - booked.held(context.session, session.id), 0)


def bring_up_to_date(context: Context, session: TrainingSession) -> int:
    """Let what has run out lapse, and offer what is free; return how much that was."""
    return lapse(context, session) + offer(context, session)


def lapse(context: Context, session: TrainingSession) -> int:
    """Let the places of a session lapse whose time has run out, and tell people."""
    over = booked.run_out(context.session, session.id, now=context.now)
    for row in over:
        _lapse(context, session, row)
    return len(over)


def _lapse(context: Context, session: TrainingSession, row: Booking) -> None:
    was = BookingState(row.state)
    records.move(context, row, session, BookingState.LAPSED)
    booked.close_links(context.session, row.id, at=context.now)
    what, name = records.what(context, session), escape(records.name_of(context, row.person_id))
    if was is BookingState.WAITING:
        said = Text(f"{what}: it has begun, and no place came free. You do not wait any more.")
        found = Button("Coming dates", "training.dates", "|0")
        records.tell(context, row, [row.person_id], Card("No place came free", (said,), (found,)), "in-vain")
        return
    offered = was is BookingState.OFFERED
    own = "You did not accept in time." if offered else "Your manager did not agree in time."
    notice = Card(
        "A place is not kept any more",
        (Text(f"{what}: {own} The place is not kept for you any more. You can ask again."),),
        (Button("My places", "booking.mine"),),
        Tone.WARNING,
    )
    records.tell(context, row, [row.person_id], notice, "lapsed")
    if not offered:
        told = Card("The time to agree is over", (Text(f"{name} asked for a place: {what}. It is not kept any more."),))
        records.tell(context, row, [row.manager_person_id], told, "lapsed-manager")


def offer(context: Context, session: TrainingSession) -> int:
    """Offer every free place of a session to those who wait, in their order; return how many."""
    until = places.offer_until(context.now, records.span(session), records.rules(context))
    if until is None or session.state not in booked.RUNS:
        return 0
    made = 0
    while (empty := free(context, session)) and (
        chosen := places.next_in_line(booked.waiting(context.session, session.id, limit=empty), empty)
    ):
        for booking_id in chosen:
            row = booked.get(context.session, booking_id)
            if row is None:
                continue
            if people.reach_person(context.session, row.person_id, on=context.today) is None:
                records.move(context, row, session, BookingState.LAPSED)  # they have left: nobody could accept
                continue
            row.held_until = until
            records.move(context, row, session, BookingState.OFFERED)
            _tell_offer(context, session, row)
            made += 1
    return made


def _tell_offer(context: Context, session: TrainingSession, row: Booking) -> None:
    by = records.moment(context, row.held_until) if row.held_until else ""
    notice = Card(
        "A place has come free for you",
        (Text(f"{records.what(context, session)}\n\n**Accept by {escape(by)}.** After that the next one is asked."),),
        records.offer_buttons(row),
        fallback=f"A place has come free for you. Accept by {by}",
    )
    records.tell(context, row, [row.person_id], notice, "offered")


def give_back(context: Context, session: TrainingSession, row: Booking, to: BookingState, **detail: str) -> None:
    """End a booking, close the links of its manager, and let its place move on."""
    records.move(context, row, session, to, **detail)
    booked.close_links(context.session, row.id, at=context.now)
    offer(context, session)
