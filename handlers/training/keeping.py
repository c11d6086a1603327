"""Sessions are written, opened, closed, moved and cancelled by the secretariat; who booked is told once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from db import training
from db.bookings import BookingState
from db.training import Listed, SessionState
from handlers import access, training_dates
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Field, Form, Text, Tone
from handlers.prose import escape
from handlers.training import boxes, records
from handlers.training.showing import MODES, session_card

MAX_WHY = 200


# --- a new one, and its details ----------------------------------------------------------------------------


def open_new(context: Context, request: Request) -> Form:
    """Open the form for a session of a course."""
    course = records.course(context, request.value)
    return Form(
        title="Add a session",
        action="training.keep-session",
        token=context.token,
        about=course.ref,
        intro=f"{course.title}. Only the secretariat sees it until you open it for booking.",
        fields=(*boxes.times(context), *boxes.details()),
        submit="Save",
    )


def open_change(context: Context, request: Request) -> Form:
    """Open the form for everything of a session but its time."""
    found = records.kept(context, request.value)
    row = records.live(found)
    return Form(
        title="Change a session",
        action="training.keep-session",
        token=context.token,
        about=access.about(row),
        intro=f"{found.course.title}. To give it another time, press 'Move it': then everybody who booked is told.",
        fields=boxes.details(row),
        submit="Save",
    )


def keep(context: Context, request: Request) -> Card | Errors:
    """Keep the session of that form: a new one as a draft, or what changed of one that there is."""
    if access.opened(request)[0].startswith(training.SESSION_PREFIX):
        return _change(context, request)
    course = records.course(context, request.value)
    found = boxes.read_times(context, request.fields)
    if isinstance(found, dict):
        return Errors(found)
    columns, wrong = boxes.read_details(context, request.fields, context.day(found[0]))
    if wrong:
        return Errors(wrong)
    same = training.brought(context.session, uid="", course_id=course.id, starts_at=found[0])
    if same is not None and same.state != SessionState.CANCELLED:
        return Errors({"on": f"{same.ref} is a session of this course at that time already."})
    row = training.add_session(
        context.session, year=context.today.year, course_id=course.id, starts_at=found[0], ends_at=found[1], **columns
    )
    records.note(context, row, "added", after=row.state, fields=columns)
    title = f"{row.ref} is saved, and not open yet"
    return session_card(context, Listed(row, course, 0, 0), title=title, tone=Tone.GOOD)


def _change(context: Context, request: Request) -> Card | Errors:
    found = records.kept(context, request.value)
    row = records.live(found)
    columns, wrong = boxes.read_details(context, request.fields, context.day(row.starts_at))
    if row.state == SessionState.OPEN and not (columns["capacity"] or columns["book_at"]):
        wrong = {"capacity": "It is open for booking, so please say how many places there are."} | wrong
    if wrong:
        return Errors(wrong)
    held = records.hold(context, row, request, "place")
    if isinstance(held, Errors):
        return held
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name, value in columns.items():
        setattr(row, name, value)
    records.note(context, row, "changed", fields=changed, after=row.state)
    elsewhere(context, found, changed)
    return session_card(context, found, title=f"{row.ref} is saved", tone=Tone.GOOD)


def elsewhere(context: Context, found: Listed, changed: Collection[str]) -> None:
    """Tell everybody who holds a place in a session what is other about where it is; never the link itself."""
    row = found.session
    said = [
        words
        for name, words in (
            ("mode", f"It is now {MODES.get(row.mode, row.mode).lower()}."),
            (
                "place",
                f"It is now here: {escape(row.place)}." if row.place else "It is not at the place you were told.",
            ),
            ("link", "The link to join is another one." if row.link else "The link you have does not count any more."),
        )
        if name in changed
    ]
    if not said:
        return
    row.sequence += 1
    booked = training.booked(context.session, session_id=row.id)
    when = escape(training_dates.when(context, row.starts_at, row.ends_at))
    card = Card(
        f"{row.ref} is somewhere else",
        (records.about(found), Text(f"{' '.join(said)} It is on {when}.")),
        (Button("Open it", "training.session", row.ref), Button("My places", "booking.mine")),
    )
    holders = [one.person_id for one in booked if one.state != BookingState.WAITING]
    records.tell(context, holders, card, key=f"session-elsewhere:{row.ref}:{row.sequence}")


# --- open and closed ---------------------------------------------------------------------------------------


def open_booking(context: Context, request: Request) -> Card:
    """Let everybody see a session and book it."""
    found = records.kept(context, request.value)
    row = records.live(found)
    if not row.capacity and not training_dates.book_at(context, found):
        raise UserError(
            "Say first how many places there are, or where else they are booked.", hint="Press 'Change it'."
        )
    if row.starts_at <= context.now:
        raise UserError(f"{row.ref} has begun already.", hint="Press 'Move it' to give it another time.")
    return _stands(context, request, found, SessionState.OPEN, f"{row.ref} is open for booking")


def close_booking(context: Context, request: Request) -> Card:
    """Take no more bookings for a session."""
    found = records.kept(context, request.value)
    return _stands(context, request, found, SessionState.CLOSED, f"Booking of {records.live(found).ref} is closed")


def _stands(context: Context, request: Request, found: Listed, state: SessionState, title: str) -> Card:
    row = found.session
    records.press(context, row, request)
    before, row.state = row.state, state.value
    records.note(context, row, "opened for booking" if state is SessionState.OPEN else "closed for booking",
                 before=before, after=row.state)  # fmt: skip
    return session_card(context, found, title=title, tone=Tone.GOOD)


# --- moved -------------------------------------------------------------------------------------------------


def open_move(context: Context, request: Request) -> Form:
    """Open the form in which a session gets another time."""
    found = records.kept(context, request.value)
    row = records.unnoted(context, found)
    return Form(
        title="Move a session",
        action="training.moved",
        token=context.token,
        about=access.about(row),
        intro=f"{found.course.title}. Everybody who holds a place or waits for one is told the old and the new time.",
        fields=boxes.times(context, row),
        submit="Move it",
    )


def move(context: Context, request: Request) -> Card | Errors:
    """Give a session another time, and tell everybody who holds a place or waits for one."""
    found = records.kept(context, request.value)
    row = records.unnoted(context, found)
    times = boxes.read_times(context, request.fields)
    if isinstance(times, dict):
        return Errors(times)
    held = records.hold(context, row, request, "on")
    if isinstance(held, Errors):
        return held
    records.unnoted(context, found)  # somebody may have noted who was there until it was held
    moved_to(context, found, *times)
    return session_card(context, found, title=f"{row.ref} is moved", tone=Tone.GOOD)


def moved_to(context: Context, found: Listed, starts_at: datetime, ends_at: datetime) -> None:
    """Move a session that is held, and tell of it once; its booking closes as many days before as it did."""
    row = found.session
    if (row.starts_at, row.ends_at) == (starts_at, ends_at):
        return
    days = context.day(starts_at) - context.day(row.starts_at)
    before = training_dates.when(context, row.starts_at, row.ends_at)
    row.moved_from, row.starts_at, row.ends_at = row.starts_at, starts_at, ends_at
    row.closes_on += days
    row.opens_on = min(row.opens_on, row.closes_on)
    row.sequence += 1
    records.note(context, row, "moved", fields=("starts_at", "ends_at"), after=row.state)
    booked = training.booked(context.session, session_id=row.id)
    said = f"It was to be on {before}. It is now on {training_dates.when(context, starts_at, ends_at)}, London time."
    card = Card(
        f"{row.ref} has moved",
        (records.about(found), Text(escape(said)), Text("You keep your place, or your turn to wait.")),
        (Button("Open it", "training.session", row.ref), Button("My places", "booking.mine")),
    )
    key = f"session-moved:{row.ref}:{row.sequence}"
    records.tell(context, [one.person_id for one in booked], card, key=key)


# --- cancelled ---------------------------------------------------------------------------------------------


def open_cancel(context: Context, request: Request) -> Form:
    """Open the form in which a session is cancelled."""
    found = records.kept(context, request.value)
    row = records.unnoted(context, found)
    return Form(
        title="Cancel a session",
        action="training.cancel",
        token=context.token,
        about=access.about(row),
        intro=f"{found.course.title}, {training_dates.when(context, row.starts_at)}. "
        f"People with a place: {found.held}. People who wait: {found.waiting}. All are told. It cannot be undone.",
        fields=(
            Field("why", "Why?", hint="Everybody who booked reads it. Empty for no reason.", required=False,
                  max_length=MAX_WHY),
        ),
        submit="Cancel it",
    )  # fmt: skip


def cancel(context: Context, request: Request) -> Card | Errors:
    """Cancel a session with all its bookings, and offer other dates to everybody who had one."""
    found = records.kept(context, request.value)
    row = records.unnoted(context, found)
    why = " ".join(request.fields.get("why", "").split())
    if len(why) > MAX_WHY:
        return Errors({"why": f"Please use at most {MAX_WHY} characters. You have {len(why)}."})
    held = records.hold(context, row, request, "why")
    if isinstance(held, Errors):
        return held
    records.unnoted(context, found)  # somebody may have noted who was there until it was held
    told = called_off(context, found, why=why)
    return session_card(context, found, title=f"{row.ref} is cancelled. Bookings: {told}", tone=Tone.GOOD)


def called_off(context: Context, found: Listed, *, why: str = "") -> int:
    """Cancel a session that is held, with every booking, and tell each once; return how many bookings it were."""
    row = found.session
    booked = training.booked(context.session, session_id=row.id, for_update=True)
    for one in booked:
        one.state, one.changed_at, one.held_until = BookingState.CALLED_OFF.value, context.now, None
    before, row.state = row.state, SessionState.CANCELLED.value
    row.sequence += 1
    records.note(context, row, "cancelled", before=before, after=row.state)
    others = records.others(context, found)
    said = f"It was to be on {training_dates.when(context, row.starts_at, row.ends_at)}. It does not take place."
    reason = (Text(f"Why: {escape(why)}"),) if why else ()
    offered = (Text("There are other dates:"), training_dates.table(context, others)) if others else ()
    card = Card(
        f"{row.ref} is cancelled",
        (records.about(found), Text(escape(said)), *reason, *offered),
        (*(records.open_button(context, one) for one in others), Button("All dates", "training.dates", "|0")),
        tone=Tone.WARNING,
    )
    records.tell(context, [one.person_id for one in booked], card, key=f"session-cancelled:{row.ref}")
    return len(booked)
