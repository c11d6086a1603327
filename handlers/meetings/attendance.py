"""Who was there: marked for each member after a meeting was held, with what follows for quorum and for absences."""

from __future__ import annotations

from db import attending
from db.attending import Mark
from handlers.context import Context, Request, UserError, number
from handlers.meetings import absences, cards, records
from handlers.meetings.records import FLOW, Seen, Sitters
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Text, Tone
from knowledge import quorum
from knowledge.quorum import Place

PAGE = 10  # boxes of one form
_MARKS = {
    Mark.PRESENT.value: "Was there",
    Mark.DEPUTY.value: "Their deputy was there",
    Mark.APOLOGIES.value: "Apologies",
    Mark.ABSENT.value: "Not there",
}
_EXPECTED = {
    quorum.ATTENDS: Mark.PRESENT.value,
    quorum.DEPUTY: Mark.DEPUTY.value,
    quorum.APOLOGIES: Mark.APOLOGIES.value,
    "": Mark.ABSENT.value,
}


def open_marks(context: Context, request: Request) -> Form:
    """Open the form in which it is marked who was there, ten members at a time; it opens with what is known."""
    seen, sitting, page = _of(context, request)
    shown, pages = _page(sitting, page), -(-len(sitting.places) // PAGE)
    known = {row.person_id: row.mark for row in attending.marks(context.session, seen.row.id)}
    of = f" Page {page + 1} of {pages}." if pages > 1 else ""
    return Form(
        title="Who was there?",
        action="meetings.mark",
        token=context.token,
        about=f"{seen.row.id}|{page}",
        intro=f"{seen.group}, {cards.day(seen.row.on)}.{of}",
        fields=tuple(_box(one, sitting, known.get(one.holder, _expected(one, sitting))) for one in shown),
        submit="Save",
    )


def mark(context: Context, request: Request) -> Card | Errors:
    """Keep that page. Once everybody is marked, say whether it was quorate, and look at absences."""
    seen, sitting, page = _of(context, request)
    shown = _page(sitting, page)
    said = {one.holder: request.fields.get(_name(one), "") for one in shown}
    known = {row.person_id: row.mark for row in attending.marks(context.session, seen.row.id)}
    if wrong := _wrong(sitting, shown, known | said):
        return Errors(wrong)
    agencies = attending.agencies(context.session, said)
    for one in shown:
        attending.mark(
            context.session, seen.row.id, one.holder, seat=one.seat, agency=agencies.get(one.holder, ""),
            said=Mark(said[one.holder]), by=context.actor.person_id, at=context.now,
        )  # fmt: skip
    left = [one for one in sitting.places if one.holder not in known | said]
    if left:
        after = (page + 1) % -(-len(sitting.places) // PAGE)
        text = f"{len(left)} members are still to be marked."
        following = Button("Next members", "meetings.attendance", f"{seen.row.id}|{after}", "primary", opens=True)
        return Card("Saved", (Text(text),), (following,), Tone.GOOD)
    return _complete(context, seen, page, len(sitting.places))


def _complete(context: Context, seen: Seen, page: int, places: int) -> Card:
    result = cards.was_quorate(seen.group, attending.marks(context.session, seen.row.id))
    records.note(context, "marked attendance", seen.row, quorum=result.state.value)
    absences.look(context, seen.group, seen.row)
    more: tuple[Button, ...] = ()
    if (page + 1) * PAGE < places:
        more = (Button("Next members", "meetings.attendance", f"{seen.row.id}|{page + 1}", opens=True),)
    return Card(
        f"Attendance of {seen.row.ref} is kept",
        (Text(cards.in_words(result)),),
        (*more, Button("Open it", "meetings.open", str(seen.row.id))),
        Tone.GOOD,
    )


def _of(context: Context, request: Request) -> tuple[Seen, Sitters, int]:
    seen = records.kept(context, request.value)
    if FLOW.step(seen.row.state, "mark attendance") is None:
        raise UserError("It was not held yet.", hint="Attendance is marked once the meeting was held.")
    sitting, page = records.sitters(context, seen.group, seen.row), number(request.value.partition("|")[2])
    if not _page(sitting, page):
        raise UserError("Nobody sits in this group.", hint="Members are added under people.")
    return seen, sitting, page


def _page(sitting: Sitters, page: int) -> tuple[Place, ...]:
    return sitting.places[page * PAGE : (page + 1) * PAGE]


def _name(one: Place) -> str:
    return f"person-{one.holder}"


def _box(one: Place, sitting: Sitters, value: str) -> Field:
    able = [mark for mark in _MARKS if mark != Mark.DEPUTY or one.deputies]
    label = f"{sitting.names[one.holder]}{f', {one.seat}' if one.seat else ''}"
    return Field(
        _name(one), label, "choice", choices=tuple(Choice(mark, _MARKS[mark]) for mark in able),
        value=value if value in able else Mark.ABSENT.value,
    )  # fmt: skip


def _expected(one: Place, sitting: Sitters) -> str:
    return Mark.DEPUTY.value if one.holder in sitting.comes_for else _EXPECTED[one.answer]


def _wrong(sitting: Sitters, shown: tuple[Place, ...], marks: dict[int, str]) -> dict[str, str]:
    wrong = {_name(one): "Please choose one of these." for one in shown if marks[one.holder] not in _MARKS}
    twice = quorum.counted_twice(sitting.places, marks)
    for one in shown:
        if one.holder in twice:
            said = "One person counts for one seat only: this deputy has a seat, or stands in for somebody else too."
            wrong[_name(one)] = said if one.deputies else "This seat sends no deputy, or none is known."
    return wrong
