"""What people take from a session: asked of those who attended, after it and three months later, in two short forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from db import evaluations, learning, reminders
from db.evaluations import MAX_CHANGE
from db.learning import Place, Said
from handlers.context import Context, Request, UserError
from handlers.learning import places
from handlers.learning.marks import IMPACT
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Note, Text, Tone
from handlers.prose import escape
from knowledge import clocks, ladders
from knowledge.calendar import CalendarError

CONFIDENCE: Mapping[str, str] = {
    "1": "1, not confident", "2": "2, a little", "3": "3, fairly", "4": "4, confident", "5": "5, very confident",
}  # fmt: skip
_MOST_SHOWN = 20


# --- one's own -------------------------------------------------------------------------------------------------


def open_after(context: Context, request: Request) -> Form:
    """Open the form in which somebody says what they took from a session."""
    place = places.own(context, request.value)
    said = evaluations.get(context.session, place.booking.id)
    return _form(
        context, place, "What you took from it", "learning.evaluated", _confidence(said.after if said else None),
        Field(
            "change", "One change I will make", "longtext", max_length=MAX_CHANGE,
            hint="In your work, from now on. Please name no child and no family.", value=said.change if said else "",
        ),
    )  # fmt: skip


def after(context: Context, request: Request) -> Card | Errors:
    """Keep what somebody says after a session, and offer them their certificate."""
    place = places.own(context, request.value, hold=True)
    found = _read(request, "change", "the one change that you will make")
    if isinstance(found, Errors):
        return found
    confidence, change = found
    evaluations.keep(context.session, place.booking.id, after=confidence, after_at=context.now, change=change)
    reminders.cancel(context.session, places.subject(place.booking.id, "after"))
    button = Button("My certificate", "learning.certificate", str(place.booking.id), style="primary")
    return Card(
        "Thank you",
        (Text("I ask you once more in three months. Nobody is shown your name with your answer."),),
        (button, Button("My learning", "learning.show", "0")),
        tone=Tone.GOOD,
    )


def open_later(context: Context, request: Request) -> Form:
    """Open the form in which somebody says, after three months, what came of it."""
    place = _asked_later(context, request)
    said = evaluations.get(context.session, place.booking.id)
    return _form(
        context, place, "Three months later", "learning.looked-back", _confidence(said.later if said else None),
        Field(
            "effect", "What came of it?", "longtext", max_length=MAX_CHANGE,
            hint="What do you do differently, and what changed? Please name no child and no family.",
            value=said.effect if said else "",
        ),
    )  # fmt: skip


def later(context: Context, request: Request) -> Card | Errors:
    """Keep what somebody says three months after a session."""
    place = _asked_later(context, request)
    found = _read(request, "effect", "what came of it")
    if isinstance(found, Errors):
        return found
    confidence, effect = found
    evaluations.keep(context.session, place.booking.id, later=confidence, later_at=context.now, effect=effect)
    reminders.cancel(context.session, places.subject(place.booking.id, "later"))
    return Card(
        "Thank you",
        (Text("It helps to show what training is good for. Nobody is shown your name with your answer."),),
        (Button("My learning", "learning.show", "0"),),
        tone=Tone.GOOD,
    )


def is_later(context: Context, place: Place) -> bool:
    """Say whether the question after three months is asked of this session yet."""
    step = ladders.shipped()[IMPACT].steps[0]
    try:
        return context.now >= ladders.due(step, context.day(place.session.starts_at), None, context.house.time_zone)
    except CalendarError:  # so far ahead that bank holidays are not known
        return False


def _asked_later(context: Context, request: Request) -> Place:
    place = places.own(context, request.value, hold=True)
    if not is_later(context, place):
        raise UserError(
            "It is too early to say what came of it.", hint="I ask you about three months after the session."
        )
    return place


def _form(context: Context, place: Place, title: str, action: str, *boxes: Field) -> Form:
    return Form(
        title=title,
        action=action,
        token=context.token,
        about=str(place.booking.id),
        intro=places.named(context, place.session, place.course),
        fields=boxes,
    )


def _confidence(present: int | None) -> Field:
    choices = tuple(Choice(value, label) for value, label in CONFIDENCE.items())
    label = "How confident are you in this now?"
    return Field("confidence", label, "choice", choices=choices, value=str(present or ""))


def _read(request: Request, box: str, what: str) -> tuple[int, str] | Errors:
    confidence, text = request.fields.get("confidence", ""), request.fields.get(box, "").strip()
    wrong = {}
    if confidence not in CONFIDENCE:
        wrong["confidence"] = "Please choose a number from 1 to 5."
    if not text or len(text) > MAX_CHANGE:
        wrong[box] = f"Please say in at most {MAX_CHANGE} characters {what}."
    return Errors(wrong) if wrong else (int(confidence), text)


# --- what everybody said ---------------------------------------------------------------------------------------


def replies(context: Context, request: Request) -> Card:
    """Show the secretariat what people said of a session, without names, once enough have answered."""
    session, course = places.of_session(context, request.value)
    said, least = learning.said_of(context.session, session.id), clocks.numbers("training")["hidden_below"]
    parts = [
        _figure("Before", (one.before for one in said), least),
        _figure("After", (one.after for one in said), least),
        _figure("Three months later", (one.later for one in said), least),
    ]
    changes = [one.change for one in said if one.change]
    if len(changes) >= least:
        lines = [f"- {escape(' '.join(change.split()))}" for change in changes[:_MOST_SHOWN]]
        more = [f"\nAnd {len(changes) - _MOST_SHOWN} more."] if len(changes) > _MOST_SHOWN else []
        parts.append("**Changes that people will make**\n\n" + "\n".join([*lines, *more]))
    else:
        parts.append(f"Fewer than {least} people have said what they will change, so it is not shown.")
    return Card(
        f"What people said: {places.named(context, session, course)}",
        (Text("\n\n".join(parts)), Note("Confidence from 1 to 5. In the order of the alphabet, without names.")),
        (Button("Attendance", "learning.attendance", f"{session.id}|0"),),
    )


def _figure(when: str, numbers: Iterable[int | None], least: int) -> str:
    known = [one for one in numbers if one is not None]
    if len(known) < least:
        return f"**{when}**: fewer than {least} answers."
    return f"**{when}**: {sum(known) / len(known):.1f} on average of {len(known)} answers."


def mean(rows: Iterable[Said], change: Callable[[Said], int | None], least: int) -> float | None:
    """Return the mean of a change in confidence over those who said both; None for fewer than `least`."""
    known = [found for one in rows if (found := change(one)) is not None]
    return sum(known) / len(known) if len(known) >= least else None
