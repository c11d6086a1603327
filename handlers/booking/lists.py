"""Lists of places: one's own, those that wait for one's agreement as a manager, and who is booked for a session."""

from __future__ import annotations

from db import booked
from db.booked import Entry
from db.bookings import BookingState
from db.training import TrainingSession
from handlers.booking import agreeing, keeping, records
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Table, Text, Tone
from handlers.prose import escape

PAGE, PEOPLE, CHOICES, MAX_NOTE = 4, 20, 98, 200
AGREES, DECLINES = "agrees", "declines"
_SHORT = {
    BookingState.REQUESTED: "Manager to agree",
    BookingState.CONFIRMED: "Has a place",
    BookingState.OFFERED: "Offered",
    BookingState.WAITING: "Waits",
    BookingState.DECLINED: "Manager declined",
    BookingState.LAPSED: "Ran out",
    BookingState.CANCELLED: "Gave it up",
    BookingState.CANCELLED_LATE: "Gave it up late",
    BookingState.SUBSTITUTED: "Colleague went",
    BookingState.CALLED_OFF: "Called off",
    BookingState.ATTENDED: "Was there",
    BookingState.PARTIAL: "Partly there",
    BookingState.NO_SHOW: "Was not there",
}


def mine(context: Context, request: Request) -> Card:
    """Show the places that somebody has, asked for or waits for, the next one first."""
    me, page = records.me(context), number(request.value)
    found = booked.of_mine(context.session, me, now=context.now, skip=page * PAGE, limit=PAGE + 1)
    shown, more = found[:PAGE], len(found) > PAGE
    lines = [f"- {records.what(context, one.held)}: {escape(records.state(context, one.booking))}" for one in shown]
    body = Text("\n".join(lines) or "You have asked for no place. Type training to see what is coming.")
    buttons = [Button(f"Open {one.held.ref}", "booking.one", str(one.booking.id)) for one in shown]
    if more:
        buttons.append(Button("More", "booking.mine", str(page + 1)))
    if booked.of_manager(context.session, me, now=context.now, skip=0, limit=1):
        buttons.append(Button("Waiting for me", "booking.waiting"))
    return Card("Your places in training", (body,), tuple(buttons))


def one(context: Context, request: Request) -> Card:
    """Show one booking of the one who asks, with what can be done with it."""
    row, _ = records.access(context, request.value)
    return records.card(context, row)


def waiting(context: Context, request: Request) -> Card:
    """Show a manager who waits for their agreement, one after the other."""
    me, page = records.me(context), number(request.value)
    found = booked.of_manager(context.session, me, now=context.now, skip=page, limit=2)
    if not found:
        return Card("Nobody waits for your agreement", actions=(Button("My places", "booking.mine"),))
    booking = found[0].booking
    until = f" Please answer by {records.moment(context, booking.held_until)}." if booking.held_until else ""
    said = f"{escape(found[0].name)} asks for a place: {records.what(context, found[0].held)}.{escape(until)}"
    following = [Button("Next", "booking.waiting", str(page + 1))] if len(found) > 1 else []
    buttons = (*agreeing.buttons(booking), *following, Button("My places", "booking.mine"))
    return Card("Waiting for your agreement", (Text(said),), buttons)


# --- for the secretariat ---------------------------------------------------------------------------------------


def of_session(context: Context, request: Request) -> Card:
    """Show the secretariat who is booked for a session and who waits, page by page."""
    value, _, page = request.value.partition("|")
    session = _session(context, value)
    found = booked.of_session(context.session, session.id, skip=number(page) * PEOPLE, limit=PEOPLE + 1)
    rows = tuple(
        (one.name, one.booking.agency or "no agency", _short(one), one.booking.manager_email or one.manager)
        for one in found[:PEOPLE]
    )
    head = Text(f"{records.what(context, session)}. {booked.held(context.session, session.id)} of "
                f"{session.capacity} places are taken or kept.")  # fmt: skip
    body = Table(("Name", "Agency", "State", "Manager"), rows) if rows else Text("Nobody has asked for a place.")
    buttons = [Button("Decide for a manager", "booking.decide", str(session.id), opens=True)]
    if any(one.booking.state in keeping.OURS for one in found[:PEOPLE]):
        about = f"{session.id}|{number(page)}"
        buttons.append(Button("Give up for somebody", "booking.choose-end", about, "danger", opens=True))
    if len(found) > PEOPLE:
        buttons.append(Button("More", "booking.list", f"{session.id}|{number(page) + 1}"))
    return Card(f"Who is booked for {session.ref}", (head, body), tuple(buttons))


def _short(one: Entry) -> str:
    words = _SHORT[BookingState(one.booking.state)]
    if one.booking.state == BookingState.WAITING.value:
        return f"{words}, {'agreed' if one.booking.agreed_at else 'not agreed'}"
    return words


def open_decide(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat notes what a manager said elsewhere."""
    session = _session(context, request.value)
    found = booked.to_decide(context.session, session.id, now=context.now, limit=CHOICES)
    if not found:
        raise UserError("No manager has to decide about this session.", hint="Everybody's manager has answered.")
    choices = tuple(
        Choice(str(one.booking.id), f"{one.name}, {one.booking.agency or 'no agency'}"[:75]) for one in found
    )
    answers = (Choice(AGREES, "The manager agrees"), Choice(DECLINES, "The manager declines"))
    return Form(
        title="Decide for a manager",
        action="booking.decided",
        token=context.token,
        about=str(session.id),
        fields=(
            Field("booking", "Who asked for the place?", "choice", choices=choices),
            Field("answer", "What did the manager say?", "choice", choices=answers),
            Field("note", "How do you know?", hint="Such as: by telephone on Monday.", max_length=MAX_NOTE),
        ),
        submit="Note it",
    )


def decide(context: Context, request: Request) -> Card | Errors:
    """Note what a manager said, with how the secretariat knows."""
    fields = request.fields
    note = " ".join(fields.get("note", "").split())
    wrong = {
        name: "Please choose from the list."
        for name, fine in (("booking", fields.get("booking")), ("answer", fields.get("answer") in (AGREES, DECLINES)))
        if not fine
    }
    if not note or len(note) > MAX_NOTE:
        wrong["note"] = f"Please say in at most {MAX_NOTE} characters how you know."
    if wrong:
        return Errors(wrong)
    row, session = records.access_as_keeper(context, fields["booking"])
    if row.person_id == context.actor.person_id:
        return Errors({"booking": "This is your own booking. Please ask somebody else of the secretariat."})
    card = agreeing.answer(
        context, session, row, agrees=fields["answer"] == AGREES, by="secretariat", note=note
    )  # fmt: skip
    title = "Noted" if card.tone is not Tone.WARNING else card.title
    return Card(title, card.body, (Button("Who is booked", "booking.list", str(session.id)),), card.tone)


def open_end(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat gives up a place for somebody of one page of the list."""
    value, _, page = request.value.partition("|")
    session = _session(context, value)
    records.runs(context, session)
    found = booked.of_session(context.session, session.id, skip=number(page) * PEOPLE, limit=PEOPLE)
    choices = tuple(
        Choice(str(one.booking.id), f"{one.name}, {_short(one).lower()}"[:75])
        for one in found
        if one.booking.state in keeping.OURS
    )
    if not choices:
        raise UserError("Nobody here has a place or waits for one.", hint="Type training to see what is coming.")
    return Form(
        title="Give up for somebody",
        action="booking.end",
        token=context.token,
        about=str(session.id),
        intro="For somebody who told you that they cannot come. They are told, and the place goes to the next.",
        fields=(Field("booking", "Who cannot come?", "choice", choices=choices),),
        submit="Give it up",
    )


def end(context: Context, request: Request) -> Card | Errors:
    """Give up a place for somebody who said so elsewhere, and tell them."""
    if not request.fields.get("booking"):
        return Errors({"booking": "Please choose from the list."})
    row, session = records.access_as_keeper(context, request.fields["booking"])
    keeping.end(context, session, row, by="secretariat")
    said = f"{records.what(context, session)}: the secretariat has noted that you cannot come. You can ask again."
    again = Button("Ask for a place", "booking.ask", str(session.id), opens=True)
    notice = Card("Your place was given up for you", (Text(said),), (again, Button("My places", "booking.mine")))
    records.tell(context, row, [row.person_id], notice, "ended")
    name = escape(records.name_of(context, row.person_id))
    buttons = (Button("Who is booked", "booking.list", str(session.id)),)
    return Card("Noted", (Text(f"{name} has been told. The place goes to the next who waits."),), buttons, Tone.GOOD)


def _session(context: Context, value: str) -> TrainingSession:
    found = context.session.get(TrainingSession, number(value))
    if found is None:
        raise UserError("I cannot find that session.", hint="Type training to see what is coming.")
    return found
