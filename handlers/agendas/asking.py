"""Asking for an item, until the cut-off; and what the secretariat makes of it: taken, moved, or left out."""

from __future__ import annotations

from db import agendas
from db.agendas import ASKED, MAX_PRESENTER, MAX_TITLE, AgendaItem, Purpose
from db.meetings import Meeting
from handlers.agendas import items, records, showing
from handlers.agendas.items import Item
from handlers.context import Context, Request, UserError
from handlers.messages import Card, Choice, Errors, Field, Form, Tone
from handlers.prose import escape

LENGTHS = ("5", "10", "15", "20", "30", "45", "60")
_MOVES = {
    "take": "Take it on the agenda, or put it back",
    "up": "One place up",
    "down": "One place down",
    "top": "To the top",
    "bottom": "To the end",
    "drop": "Leave it out",
}


def open_form(context: Context, request: Request) -> Form:
    """Open the form for an item, of the next meeting that still takes items when this one does not."""
    meeting = records.get(context, request.value)
    open_ones = _open(context)
    if not open_ones:
        raise UserError(
            "No meeting of your groups takes items now.", hint="Type dates to see by when items must be in."
        )
    chosen = meeting if meeting.id in {row.id for _, row in open_ones} else open_ones[0][1]
    late = "" if chosen is meeting else f"{_late(context, meeting)} "
    choices = tuple(Choice(str(row.id), f"{name}, {records.day(row.on)}") for name, row in open_ones)
    purposes = tuple(Choice(one.value, one.value.capitalize()) for one in Purpose)
    return Form(
        "Ask for an item",
        "agendas.add",
        (
            Field("title", "What it is about", hint="In general terms: no child, no family.", max_length=MAX_TITLE),
            Field("purpose", "What the meeting is to do", "choice", choices=purposes, value=Purpose.DISCUSS.value),
            Field("presenter", "Who presents it, by role", hint="Such as: Designated nurse.", max_length=MAX_PRESENTER),
            Field("minutes", "Minutes", "choice", choices=tuple(Choice(one, one) for one in LENGTHS), value="10"),
            Field("meeting", "For which meeting", "choice", choices=choices, value=str(chosen.id)),
        ),
        context.token,
        str(meeting.id),
        "Ask for it",
        f"{late}The secretariat takes it or leaves it out, and you are told.",
    )


def add(context: Context, request: Request) -> Card | Errors:
    """Keep that item, which the secretariat has still to take; it takes its own at once."""
    fields = request.fields
    texts = {name: " ".join(fields.get(name, "").split()) for name in ("title", "presenter")}
    if wrong := _wrong(texts, fields.get("purpose", ""), fields.get("minutes", "")):
        return Errors(wrong)
    meeting = records.get(context, fields.get("meeting", ""))
    if not records.takes_items(context, meeting):
        following = next(iter(_open(context)), None)
        offer = f" The next is {following[0]}, {records.day(following[1].on)}." if following else ""
        return Errors({"meeting": f"{_late(context, meeting)}{offer}"})
    agendas.held(context.session, meeting.id)
    row = agendas.keep(
        context.session,
        meeting_id=meeting.id,
        source=ASKED,
        source_ref=request.key or context.token,
        at=context.now,
        purpose=fields["purpose"],
        minutes=int(fields["minutes"]),
        added_by_person_id=context.actor.person_id,
        taken_at=context.now if records.keeps(context) else None,
        **texts,
    )
    records.note(context, "asked for an agenda item", meeting)
    if not records.keeps(context):
        said = f"{escape(texts['title'])}\n\nTake it on the agenda, or leave it out. Whoever asked is told."
        records.tell_keepers(context, meeting, "An item is asked for", said, key=f"{row.id}:asked")
    title = "On the agenda" if records.keeps(context) else "You asked for it. The secretariat looks at it"
    return showing.card(context, meeting, title=title, tone=Tone.GOOD)


def _wrong(texts: dict[str, str], purpose: str, minutes: str) -> dict[str, str]:
    found = {}
    for name, most in (("title", MAX_TITLE), ("presenter", MAX_PRESENTER)):
        if not texts[name]:
            found[name] = "Please fill this in."
        elif len(texts[name]) > most:
            found[name] = f"Please use at most {most} characters. You have {len(texts[name])}."
    if purpose not in tuple(Purpose):
        found["purpose"] = "Please choose from the list."
    if minutes not in LENGTHS:
        found["minutes"] = "Please choose from the list."
    return found


def _open(context: Context) -> list[tuple[str, Meeting]]:
    return [(name, row) for name, row in records.coming(context) if records.takes_items(context, row)]


def _late(context: Context, meeting: Meeting) -> str:
    name, on = records.name(context, meeting), records.day(meeting.on)
    return f"It is too late for {name} on {on}: items had to be in by {records.day(meeting.cut_off_on)}."


# --- what becomes of it ----------------------------------------------------------------------------------------


def open_arrange(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat takes, moves and drops items."""
    meeting = records.kept(context, request.value)
    every = items.listed(context, meeting)
    if not every:
        raise UserError("Nothing is on this agenda yet.", hint="Ask for an item first.")
    choices = tuple(Choice(one.key, _label(place, one)) for place, one in enumerate(every[: items.MOST], 1))
    return Form(
        "Arrange the agenda",
        "agendas.arranged",
        (
            Field("item", "Which item", "choice", choices=choices),
            Field("move", "What becomes of it", "choice", choices=tuple(Choice(*one) for one in _MOVES.items())),
        ),
        context.token,
        str(meeting.id),
        "Do it",
        "Whoever asked for the item is told when it is taken or left out.",
    )


def arrange(context: Context, request: Request) -> Card | Errors:
    """Do that, and tell whoever asked for the item what became of it."""
    meeting = records.kept(context, request.value)
    agendas.held(context.session, meeting.id)
    every = items.listed(context, meeting)
    chosen = next((one for one in every if one.key == request.fields.get("item", "")), None)
    if chosen is None:
        return Errors({"item": "Please choose an item from the list."})
    move = request.fields.get("move", "")
    if move not in _MOVES:
        return Errors({"move": "Please choose from the list."})
    if move in ("take", "drop"):
        _decide(context, meeting, items.kept(context, meeting, chosen), taken=move == "take", item=chosen)
    else:
        _move(context, meeting, every, chosen, move)
    context.session.flush()
    records.note(context, "arranged an agenda", meeting, how=move, source=chosen.source)
    return showing.card(context, meeting, title="Done", tone=Tone.GOOD)


def _label(place: int, item: Item) -> str:
    state = " (left out)" if item.dropped else " (asked for)" if item.waits else ""
    title = item.title if len(item.title) <= 60 else f"{item.title[:59].rstrip()}…"  # noqa: PLR2004 - of a choice
    return f"{place}. {title}{state}"


def _decide(context: Context, meeting: Meeting, row: AgendaItem, *, taken: bool, item: Item) -> None:
    if (item.on and taken) or (item.dropped and not taken):
        return
    row.dropped_at = None if taken else context.now
    row.taken_at = context.now if taken else None
    if item.source == ASKED:
        title = "Your item is on the agenda" if taken else "Your item was left out of the agenda"
        said = escape(item.title) if taken else f"{escape(item.title)}\n\nAsk the secretariat if you want to know why."
        key = f"{row.id}:{context.now.isoformat()}"
        records.tell(context, row.added_by_person_id, meeting, title, said, key=key)


def _move(context: Context, meeting: Meeting, every: list[Item], chosen: Item, move: str) -> None:
    """Give every item a place, the chosen one another; what is not on the agenda keeps its place behind it."""
    on = [one for one in every if one.on or one is chosen]
    others = [one for one in on if one is not chosen]
    at = on.index(chosen)
    new = {"up": max(at - 1, 0), "down": at + 1, "top": 0, "bottom": len(others)}[move]
    others.insert(new, chosen)
    for place, one in enumerate(others, 1):
        items.kept(context, meeting, one).place = place
