"""Links between records: what a record is linked to, what changed because of it, and linking it to any other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from db import actions, history, relations
from db.actions import ActionItem
from db.consultations import Consultation
from db.decisions import Decision
from db.people import SECRETARIAT, Role
from db.relations import Kind
from handlers import access, titles
from handlers.access import access_any
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Heading, Table, Text, Tone

TAKES = re.compile(r"(?:esc|rsk|cha|act|dec|con)-\d{4}-\d{3,6}", re.IGNORECASE)
LINKERS = SECRETARIAT | {Role.SCRUTINEER}
MOST = 25
_CHOICES = {
    Kind.LED_TO: "This led to the other one",
    Kind.RELATES_TO: "They belong together",
}
CAME_FROM = "came from"


def show(context: Context, request: Request) -> Card:
    """Show what a record is linked to, and what changed because of it, as far as you may read it."""
    return card(context, request.value or request.text)


def card(context: Context, ref: str, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of a record's links."""
    row = access_any(context, ref)
    links, changes = relations.of(context.session, row.ref), relations.because_of(context.session, row.ref)
    owed = actions.of(context.session, row.ref)
    called = titles.seen(
        context, [*(one.ref for one in links), *(one.ref for one in changes), *(one.ref for one in owed)]
    )
    shown = [one for one in links if one.ref in called]
    rows = [(one.said, one.ref, called[one.ref]) for one in shown]
    body: list[Element] = [_table((f"{row.ref} …", "Record", "What it is"), rows)]
    after = [one for one in changes if one.ref in called and (one.because_of in called or one.because_of == row.ref)]
    body.append(Heading("What changed because of this?"))
    rows = [(one.because_of, one.ref, called[one.ref]) for one in after]
    done = {one.ref: f", done {one.done_on:%-d %B %Y}" if one.done_on else ", not done yet" for one in owed}
    rows += [(row.ref, ref, called[ref] + said) for ref, said in done.items() if ref in called]
    body.append(_table(("Because of", "There is", "What it is"), rows))
    buttons = [*_opening(context, [row.ref, *(one.ref for one in shown)])]
    if _may_link(context, row):
        buttons.append(Button("Link it", "linking.new", row.ref, opens=True))
        buttons += [Button("Take a link away", "linking.choose", row.ref, opens=True)] if shown else []
    return Card(title or f"Links of {row.ref}", tuple(body), tuple(buttons), tone)


def open_new(context: Context, request: Request) -> Form:
    """Open the form in which a record is linked to another one."""
    row = _access_to_link(context, request.value)
    choices = (*(Choice(kind.value, label) for kind, label in _CHOICES.items()), Choice(CAME_FROM, "This came from it"))
    return Form(
        title="Link it",
        action="linking.link",
        token=context.token,
        about=row,
        intro=f"{row} is linked to another record, and both show it.",
        fields=(
            Field("ref", "The other record", hint="Its reference, such as RSK-2026-009.", max_length=20),
            Field("kind", "What are they?", "choice", choices=choices, value=Kind.RELATES_TO.value),
        ),
        submit="Link",
    )


def link(context: Context, request: Request) -> Card | Errors:
    """Link the two records of that form."""
    ref = _access_to_link(context, request.value)
    wanted, kind = request.fields.get("ref", ""), request.fields.get("kind", "")
    if kind not in (*(one.value for one in _CHOICES), CAME_FROM):
        return Errors({"kind": "Please choose from the list."})
    try:
        other = access_any(context, wanted).ref
    except UserError as error:
        return Errors({"ref": f"{error} Its reference looks like RSK-2026-009."})
    if other == ref:
        return Errors({"ref": "This is the same record."})
    first, second = (other, ref) if kind == CAME_FROM else (ref, other)
    what = Kind.LED_TO if kind == CAME_FROM else Kind(kind)
    me = context.actor.person_id
    if not relations.link(context.session, first, what, second, at=context.now, by=me):
        return Errors({"ref": "They are linked so already."})
    _note(context, "linked", what, first, second)
    return card(context, ref, title="Linked", tone=Tone.GOOD)


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one of a record's links is chosen, to be taken away."""
    ref = _access_to_link(context, request.value)
    links = relations.of(context.session, ref)
    called = titles.seen(context, [one.ref for one in links])
    choices = tuple(Choice(str(one.id), f"{one.said} {one.ref}") for one in links if one.ref in called)[:MOST]
    if not choices:
        raise UserError("There is no link to take away.", hint="Type my to see what is yours.")
    fields = (Field("link", "Which link?", "choice", choices=choices),)
    return Form("Take a link away", "linking.remove", fields, context.token, ref, "Take it away")


def remove(context: Context, request: Request) -> Card:
    """Take the chosen link away; the history of both records keeps that it was there."""
    ref = _access_to_link(context, request.value)
    row = relations.unlink(context.session, number(request.fields.get("link", "")), ref=ref)
    if row is None:
        raise UserError("That link is not there any more.", hint="Open the links again to see those that are.")
    _note(context, "unlinked", Kind(row.kind), row.ref_a, row.ref_b)
    return card(context, ref, title="Taken away", tone=Tone.GOOD)


def _access_to_link(context: Context, value: str) -> str:
    """Return the reference of a record to somebody who may link it."""
    row = access_any(context, value)
    if not _may_link(context, row):
        raise access.not_found()
    return row.ref


def _may_link(context: Context, row: access.Record) -> bool:
    """Say whether somebody may link a record that they may read: those who keep it, raised it or own it."""
    if context.actor.roles & LINKERS:
        return True
    if isinstance(row, ActionItem):
        return access.owns_action(context, row)
    if isinstance(row, Decision | Consultation):
        return False
    return context.actor.person_id in (row.raised_by, getattr(row, "owner_id", None))


def _note(context: Context, action: str, kind: Kind, first: str, second: str) -> None:
    me = context.actor.person_id
    for ref, other in ((first, second), (second, first)):
        detail = {"kind": kind.value, "ref": other}
        history.note(context.session, ref, at=context.now, actor_person_id=me, action=action, detail=detail)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Element:
    more = f"and {len(rows) - MOST} more" if len(rows) > MOST else ""
    return Table(header, tuple(rows[:MOST]), more) if rows else Text("Nothing yet.")


def _opening(context: Context, refs: list[str]) -> Iterator[Button]:
    yield from [button for button in titles.opens(refs) if button.action in context.routes][:4]
