"""Seats that were empty twice in a row: a private task of strategy managers, and what came of it."""

from __future__ import annotations

from db import attending, escalations, meetings, people
from db.attending import MAX_NOTE, AbsenceReview, Outcome
from db.meetings import Meeting
from db.people import Person, Role
from handlers import telling
from handlers.context import Context, Request, UserError, number
from handlers.meetings import records
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Table, Text, Tone
from handlers.prose import escape
from knowledge import groups as shelf
from knowledge import quorum
from knowledge.quorum import Kept

_ROWS, _DIRECT = 20, 5
_OUTCOMES = {
    Outcome.RESOLVED.value: "It is resolved",
    Outcome.NEW_MEMBER.value: "There will be a new member",
    Outcome.PROPOSE_RISK.value: "I propose a risk",
}


def look(context: Context, group: str, row: Meeting) -> None:
    """Open and take back reviews because of a meeting whose attendance was marked, and of the one after it."""
    _look(context, group, row)
    after = attending.beside(context.session, row, later=True)
    if after is not None:
        _look(context, group, after)


def _look(context: Context, group: str, row: Meeting) -> None:
    before = attending.beside(context.session, row, later=False)
    empty = quorum.empty_twice(
        shelf.named(group), _kept(context, row), _kept(context, before) if before else (),
        deputy_counts=context.house.deputy_counts,
    )  # fmt: skip
    wanted = {(one.seat, one.person_id) for one in empty}
    for review in attending.reviews_of(context.session, row.id):
        if review.closed_at is None and (review.seat, review.person_id) not in wanted:
            review.outcome, review.closed_at = Outcome.TAKEN_BACK.value, context.now
            records.note(context, "took back an absence review", row)
        if review.closed_at is None or review.outcome != Outcome.TAKEN_BACK:
            wanted.discard((review.seat, review.person_id))
    context.session.flush()
    for seat, person_id in sorted(wanted):
        if not attending.waits(context.session, group_id=row.group_id, seat=seat, person_id=person_id):
            _open(context, group, row, seat, person_id)


def _kept(context: Context, row: Meeting) -> list[Kept]:
    return [Kept(one.seat, one.person_id, one.mark) for one in attending.marks(context.session, row.id)]


def _open(context: Context, group: str, row: Meeting, seat: str, person_id: int) -> None:
    review = attending.open_review(context.session, row, seat=seat, person_id=person_id, at=context.now)
    records.note(context, "opened an absence review", row)
    said = (
        f"{_who(context, review)} was not at the last two meetings of {escape(group)}, and no deputy counted. "
        "Please review this with the member. It is a task for you alone: no list shows it to others."
    )
    telling.tell(
        context,
        people.reach(context.session, roles=[Role.STRATEGY_MANAGER], on=context.today),
        Card("A seat was empty twice in a row", (Text(said),),
             (Button("Say what came of it", "meetings.review", str(review.id), "primary", opens=True),)),
        key=f"absence:{review.id}:{review.opened_at.isoformat()}",
        kind="task about absences",
    )  # fmt: skip


def _who(context: Context, review: AbsenceReview) -> str:
    person = context.session.get_one(Person, review.person_id)
    return escape(f"{person.name} ({review.seat})" if review.seat else person.name)


def show(context: Context, _request: Request) -> Card:
    """Show the reviews that are still open to a strategy manager."""
    _may(context)
    rows = attending.open_reviews(context.session, limit=_ROWS + 1)
    if not rows:
        return Card("Absences", (Text("There is nothing to review."),))
    cells = tuple(
        (name, review.seat or "no named seat", group, f"{context.day(review.opened_at):%-d %B %Y}")
        for review, group, name in rows[:_ROWS]
    )
    more = "There are more. They come up as these are finished." if len(rows) > _ROWS else ""
    buttons = tuple(
        Button(f"Review {at}", "meetings.review", str(review.id), opens=True)
        for at, (review, _, _) in enumerate(rows[:_DIRECT], 1)
    )
    return Card("Absences to review", (Table(("Member", "Seat", "Group", "Since"), cells, more),), buttons)


def open_review(context: Context, request: Request) -> Form:
    """Open the form in which it is said what came of a review."""
    review = _get(context, request.value)
    came = attending.came_of(context.session, review.group_id, review.person_id)
    person = context.session.get_one(Person, review.person_id)
    group = escalations.group_name(context.session, review.group_id)
    return Form(
        title="Review an absence",
        action="meetings.reviewed",
        token=context.token,
        about=str(review.id),
        intro=f"{person.name}, {group}. Of {sum(came.values())} meetings they came to {came.get('present', 0)} "
        f"themselves, and to {came.get('deputy', 0)} by a deputy.",
        fields=(
            Field("outcome", "What came of it?", "choice",
                  choices=tuple(Choice(key, words) for key, words in _OUTCOMES.items()), value=Outcome.RESOLVED.value),
            Field("note", "In a few words", "longtext", hint="Nothing about health or family.", max_length=MAX_NOTE),
        ),
        submit="Save",
    )  # fmt: skip


def reviewed(context: Context, request: Request) -> Card | Errors:
    """Keep what came of a review. Only then can a risk be raised because of it."""
    review = _get(context, request.value)
    outcome, note = request.fields.get("outcome", ""), request.fields.get("note", "").strip()
    if outcome not in _OUTCOMES:
        return Errors({"outcome": "Please choose from the list."})
    if not note or len(note) > MAX_NOTE:
        return Errors({"note": f"Please say in at most {MAX_NOTE} characters what came of it."})
    review.outcome, review.note, review.closed_at = outcome, note, context.now
    review.closed_by_person_id = context.actor.person_id
    context.session.flush()
    row = meetings.get(context.session, review.meeting_id)
    if row is not None:
        records.note(context, "reviewed an absence", row, outcome=outcome)
    if outcome == Outcome.PROPOSE_RISK:
        raise_it = Button("Raise the risk", "risks.new", f"absence-{review.id}", "primary", opens=True)
        return Card("Kept", (Text("Now you can raise the risk."),), (raise_it,), Tone.GOOD)
    said = "Change who sits there under people." if outcome == Outcome.NEW_MEMBER else "Nothing more is to be done."
    return Card("Kept", (Text(said),), (Button("Absences", "meetings.reviews"),), Tone.GOOD)


def _may(context: Context) -> None:
    if not records.manages(context):
        raise records.not_found()


def _get(context: Context, value: str) -> AbsenceReview:
    _may(context)
    review = attending.review(context.session, number(value))
    if review is None or review.closed_at is not None:
        raise UserError("I cannot find that review, or it is finished.", hint="Open a meeting and press Absences.")
    return review
