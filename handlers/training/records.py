"""Courses and sessions as the other parts use them: fetched under the right to them, noted, and told to who booked."""

from __future__ import annotations

from collections.abc import Iterable

from db import history, records, training
from db.people import SECRETARIAT
from db.records import Stale
from db.training import Course, Listed, SessionState, TrainingSession
from handlers import access, telling, training_dates
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Element, Errors, Link, Text
from handlers.prose import escape
from knowledge import courses

LABEL = 70  # characters of a button
OTHERS = 3  # further dates that are offered where one is cancelled


def keeps(context: Context) -> bool:
    """Say whether the one who asks looks after the catalogue."""
    return bool(context.actor.roles & SECRETARIAT)


def stock(context: Context) -> None:
    """Put the courses that come with the program into the catalogue, each once; what was changed there stays."""
    shipped = {one.ref: one for one in courses.shipped().courses}
    missing = shipped.keys() - training.known_refs(context.session, refs=shipped)
    rows = [
        {
            "ref": one.ref, "version": 1, "title": one.title, "kind": one.kind, "category": one.category,
            "level": one.level, "aims": ". ".join(filter(None, (one.length, one.led_by))), "audience": "",
            "prerequisites": "", "hours": 0, "mode": one.mode, "owner_role": "", "review_on": None,
            "source": one.source, "historic": one.historic, "retired_on": None,
        }
        for one in shipped.values()
        if one.ref in missing
    ]  # fmt: skip
    training.keep(context.session, rows=rows)


def course(context: Context, wanted: str) -> Course:
    """Return a course by its reference or its title. Raises UserError when there is none so called."""
    stock(context)
    plain = wanted.strip().strip('"')
    by_ref = training.course(context.session, ref=access.plain(plain))
    found = by_ref or (training.course(context.session, title=plain) if plain else None)
    if found is None or (found.retired_on is not None and not keeps(context)):
        raise UserError("I cannot find that course.", hint="Type training, and press Catalogue to see every course.")
    return found


def session(context: Context, ref: str) -> Listed:
    """Return a session by its reference; one that is not open yet only to the secretariat. Raises UserError."""
    found = training.one(context.session, ref=access.plain(ref))
    if found is None or (found.session.state == SessionState.DRAFT and not keeps(context)):
        raise UserError("I cannot find that session.", hint="Type training to see the coming dates.")
    return found


def kept(context: Context, value: str) -> Listed:
    """Return the session that a button or form of the secretariat carries, `REF|version`."""
    if not keeps(context):
        raise access.not_found()
    return session(context, value.partition("|")[0])


def live(found: Listed) -> TrainingSession:
    """Return a session that is still to come about. Raises UserError for one that was cancelled or is over."""
    if found.session.state in (SessionState.CANCELLED, SessionState.DONE):
        said = "was cancelled" if found.session.state == SessionState.CANCELLED else "is over"
        raise UserError(f"{found.session.ref} {said}.", hint="Type training to see the coming dates.")
    return found.session


def unnoted(context: Context, found: Listed) -> TrainingSession:
    """Return a session that can be moved or cancelled. Raises UserError for one of which it is noted who was there."""
    row = live(found)
    if training.noted(context.session, session_id=row.id):
        raise UserError(
            f"It is noted who was at {row.ref}, so that it took place.", hint="To put that right, press 'Attendance'."
        )
    return row


def hold(context: Context, row: Course | TrainingSession, request: Request, box: str) -> Errors | int:
    """Hold a record for what a form changes and return its next version; else what others changed meanwhile."""
    try:
        return access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, box)


def press(context: Context, row: TrainingSession, request: Request) -> int:
    """Hold a session for what a button does. Raises UserError when it is not any more as it stood above the button."""
    try:
        return access.changing(context, row, request)
    except Stale as stale:
        raise access.overtaken(stale) from None


def hold_as_read(context: Context, row: TrainingSession) -> None:
    """Hold a session that was read just now. Raises UserError when somebody has changed it in that moment."""
    try:
        records.changed(context.session, row, expected=row.version)
    except Stale as stale:
        raise access.overtaken(stale) from None


def note(
    context: Context,
    row: Course | TrainingSession,
    action: str,
    *,
    fields: Iterable[str] = (),
    before: str = "",
    after: str = "",
) -> None:
    """Write into the history of a course or session what was done to it; never the words."""
    context.session.flush()
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=context.actor.person_id, action=action,
        before_state=before, after_state=after, detail={"fields": ", ".join(fields)}, version=row.version,
    )  # fmt: skip


def tell(context: Context, person_ids: Iterable[int], card: Card, *, key: str) -> bool:
    """Tell people about a session in private, once for a key."""
    return telling.tell_people(context, person_ids, card, key=key, kind="notice about training")


def open_button(context: Context, one: Listed) -> Button:
    """Return the button that opens a session, with its course and day on it."""
    day = one.session.starts_at.astimezone(context.house.time_zone)
    label = f"{day:%-d %b}: {one.course.title}"
    return Button(label if len(label) <= LABEL else f"{label[: LABEL - 2]} …", "training.session", one.session.ref)


def elsewhere(context: Context, found: Listed | None = None) -> tuple[Link, ...]:
    """Return the link to where places are booked, if not here."""
    url = training_dates.book_at(context, found) if found else context.house.book_elsewhere
    return (Link("Book a place", url),) if url else ()


def others(context: Context, found: Listed) -> list[Listed]:
    """Return the next sessions of the same course."""
    rows = training.coming(context.session, since=context.now, course_id=found.course.id, limit=OTHERS + 1)
    return [one for one in rows if one.session.id != found.session.id][:OTHERS]


def about(found: Listed) -> Element:
    """Say which session something is about."""
    return Text(f"**{escape(found.course.title)}**, {found.session.ref}")
