"""Actions: what somebody owes because of a record, in lists and one by one, and what shows that it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import ColumnElement

from db import actions, history, records, reminders
from db.actions import MAX_EVIDENCE, MAX_WHAT, ActionItem, owned_by
from db.decisions import Decision
from db.people import SECRETARIAT, Person, Role
from db.records import Stale
from handlers import access, owners, persons, promises
from handlers.access import Need, access_action
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Facts, Field, Form, Table, Text, Tone
from handlers.prose import escape

TAKES = re.compile(r"(?:due|overdue|all|mine|[Aa][Cc][Tt]-\d{4}-\d{3,6})?", re.IGNORECASE)
PAGE, DIRECT = 10, 2
SOON = timedelta(days=14)
OFFICES = (
    Role.COORDINATOR, Role.STRATEGY_MANAGER, Role.SCRUTINEER, Role.STATUTORY_PARTNER, Role.DATA_PROTECTION_OFFICER,
    Role.ADMIN,
)  # fmt: skip
NOBODY = "nobody"
_TITLES = {"mine": "Your actions", "due": "Your actions due soon", "overdue": "Your overdue actions", "all": "Actions"}


# --- lists -------------------------------------------------------------------------------------------------


def show(context: Context, request: Request) -> Card:
    """Show what you owe, the first that is due at the top; or what is due, overdue, everybody's, or one action."""
    words = request.text.strip()
    if not request.value and access.plain(words).startswith("ACT-"):
        return card(context, access_action(context, words))
    which, _, page = (request.value or f"{words.lower() or 'mine'}|0").partition("|")
    return _list(context, which if which in _TITLES else "mine", number(page))


def _list(context: Context, which: str, page: int) -> Card:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat will enrol you.")
    wanted, due_by = _which(context, which)
    found = actions.listed(context.session, wanted, due_by=due_by, skip=page * PAGE, limit=PAGE + 1)
    shown, more = found[:PAGE], len(found) > PAGE
    names = actions.owner_names(context.session, shown)
    rows = tuple((one.ref, one.what, _due(context, one), names[one.id]) for one in shown)
    body: Element = Table(("Action", "What", "Due", "Who"), rows) if rows else Text("There is nothing here.")
    title = _TITLES[which] if not page else f"{_TITLES[which]}, page {page + 1}"
    return Card(title, (body,), tuple(_list_buttons(context, which, page, shown, more=more)))


def _which(context: Context, which: str) -> tuple[ColumnElement[bool], date | None]:
    mine = owned_by(context.actor.person_id, context.actor.roles)
    match which:
        case "due":
            return mine, context.today + SOON
        case "overdue":
            return mine, context.today - timedelta(days=1)
        case "all":
            return access.visible_actions(context), None
        case _:
            return mine, None


def _list_buttons(context: Context, which: str, page: int, shown: list[ActionItem], *, more: bool) -> Iterator[Button]:
    if len(shown) > DIRECT:
        yield Button("Open one", "actions.choose", f"{which}|{page}", opens=True)
    else:
        yield from (Button(f"Open {one.ref}", "actions.open", one.ref) for one in shown)
    if more:
        yield Button("More", "actions.list", f"{which}|{page + 1}")
    others = [name for name in ("mine", "overdue", "all") if name != which]
    labels = {"mine": "Mine", "overdue": "Overdue", "all": "Everybody's"}
    yield from (Button(labels[name], "actions.list", f"{name}|0") for name in others)
    if context.actor.roles & SECRETARIAT:
        yield Button("Add an action", "actions.new", opens=True)


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one of the actions of a page is chosen, to be opened."""
    which, _, page = request.value.partition("|")
    wanted, due_by = _which(context, which)
    shown = actions.listed(context.session, wanted, due_by=due_by, skip=number(page) * PAGE, limit=PAGE)
    if not shown:
        raise UserError("There is nothing to open.", hint="Type actions to see what you owe.")
    choices = tuple(Choice(one.ref, _short(f"{one.ref}: {one.what}")) for one in shown)
    return Form("Open an action", "actions.chosen", (Field("ref", "Which?", "choice", choices=choices),), context.token)


def chosen(context: Context, request: Request) -> Card:
    """Show the chosen action."""
    return card(context, access_action(context, request.fields.get("ref", "")))


def open_one(context: Context, request: Request) -> Card:
    """Show one action with what can be done with it."""
    return card(context, access_action(context, request.value.partition("|")[0]))


def card(context: Context, row: ActionItem, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of one action."""
    owner = actions.owner_names(context.session, [row])[row.id]
    facts = [("State", _state(context, row)), ("Owner", owner), ("Due", f"{row.due_on:%A %-d %B %Y}")]
    if row.of_ref:
        facts.append(("Because of", row.of_ref))
    body: list[Element] = [Text(escape(row.what)), Facts(tuple(facts))]
    if row.evidence:
        body.append(Text(f"**What shows that it is done:** {escape(row.evidence)}"))
    return Card(title or row.ref, tuple(body), tuple(_buttons(context, row)), tone, fallback=f"{row.ref}: {row.what}")


def _buttons(context: Context, row: ActionItem) -> Iterator[Button]:
    keeps = _keeps(context)
    if row.done_on is None:
        if keeps:
            yield Button("Change", "actions.change", access.about(row), opens=True)
        if keeps or access.owns_action(context, row):
            yield Button("It is done", "actions.finish", access.about(row), style="primary", opens=True)
    elif keeps:
        yield Button("It is not done", "actions.again", access.about(row))
    yield Button("Links", "linking.show", row.ref)
    yield Button("History", "audit.history", row.ref)


def _state(context: Context, row: ActionItem) -> str:
    if row.done_on:
        return f"Done on {row.done_on:%-d %B %Y}"
    return "Overdue" if row.due_on < context.today else "Open"


def _due(context: Context, row: ActionItem) -> str:
    return f"{row.due_on:%-d %b %Y}{' (overdue)' if row.due_on < context.today else ''}"


def _keeps(context: Context) -> bool:
    return bool(context.actor.roles & SECRETARIAT)


def _short(text: str, most: int = 75) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


# --- adding and changing -----------------------------------------------------------------------------------


def open_new(context: Context, request: Request) -> Form:
    """Open the form for a new action, of the record that the button stands under, or of none."""
    of = _parent(context, request.value)
    said = f"It belongs to {of}." if of else "It belongs to no record."
    return Form("Add an action", "actions.add", _boxes(None, ""), context.token, of, "Add", said)


def add(context: Context, request: Request) -> Card | Errors:
    """Add the action of that form, and tell its owner."""
    of = _parent(context, request.value)
    read = _read(context, request)
    if isinstance(read, Errors):
        return read
    me = context.actor.person_id
    row = actions.add(
        context.session, of_ref=of, at=context.now, year=context.today.year, by=me, **read,  # type: ignore[arg-type]
    )  # fmt: skip
    promises.note_added(context, row)
    if of:
        history.note(
            context.session, of, at=context.now, actor_person_id=me, action="added an action", detail={"ref": row.ref}
        )
    promises.promise(context, row)
    return card(context, row, title=f"{row.ref} added", tone=Tone.GOOD)


def open_change(context: Context, request: Request) -> Form:
    """Open the form in which an action gets another owner, day or wording."""
    row = access_action(context, access.opened(request)[0], Need.KEEP)
    _open_still(row)
    person = context.session.get(Person, row.owner_person_id) if row.owner_person_id else None
    boxes = _boxes(row, person.name if person else "")
    return Form("Change an action", "actions.save", boxes, context.token, access.about(row), "Save")


def save(context: Context, request: Request) -> Card | Errors:
    """Save that form, and tell the owner what they now owe."""
    row = access_action(context, access.opened(request)[0], Need.KEEP)
    _open_still(row)
    read = _read(context, request)
    if isinstance(read, Errors):
        return read
    try:
        version = access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, "what")
    other = [name for name, value in read.items() if getattr(row, name) != value]
    for name, value in read.items():
        setattr(row, name, value)
    context.session.flush()
    promises.note(
        context, row, "changed", before="open", after="open", fields=", ".join(map(_called, other)), version=version
    )
    reminders.cancel(context.session, promises.subject(row))
    promises.promise(context, row)
    return card(context, row, title=f"{row.ref} changed", tone=Tone.GOOD)


def _boxes(row: ActionItem | None, owner: str) -> tuple[Field, ...]:
    roles = (Choice(NOBODY, "Nobody by role"), *(Choice(one.value, one.value.capitalize()) for one in OFFICES))
    what = Field(
        "what", "What is to be done", "longtext", hint="In general terms: no child, no family.", max_length=MAX_WHAT,
        value=row.what if row else "",
    )  # fmt: skip
    return (
        what,
        owners.box("owner", "Who does it", hint="A name. Leave it empty for a role.", value=owner, required=False),
        Field("role", "Or whoever is", "choice", required=False, choices=roles,
              value=(row.owner_role if row else "") or NOBODY),
        Field("due_on", "Done by", "date", value=row.due_on.isoformat() if row else ""),
    )  # fmt: skip


def _read(context: Context, request: Request) -> dict[str, object] | Errors:
    fields = request.fields
    what = " ".join(fields.get("what", "").split())
    if not what or len(what) > MAX_WHAT:
        return Errors({"what": f"Please say in at most {MAX_WHAT} characters what is to be done."})
    owner = owners.read(context, fields, "owner")
    if isinstance(owner, Errors):
        return owner
    role = fields.get("role", NOBODY) or NOBODY
    if role != NOBODY and role not in {one.value for one in OFFICES}:
        return Errors({"role": "Please choose from the list."})
    if (owner is None) == (role == NOBODY):
        return Errors({"owner": "Please give a name here, or choose a role below: one of the two."})
    due = persons.read_day(context, fields.get("due_on", ""))
    if not isinstance(due, date):
        return Errors({"due_on": due or "Please give the day by which it is to be done."})
    if due < context.today:
        return Errors({"due_on": "This day is over. Please give today or a later day."})
    role = "" if role == NOBODY else role
    return {"what": what, "owner_person_id": owner, "owner_role": role, "due_on": due}


def _parent(context: Context, value: str) -> str:
    """Return the record for which somebody may add actions: the secretariat for all, owners and chairs for theirs."""
    if not value:
        if not _keeps(context):
            raise access.not_found()
        return ""
    row = access.access_any(context, value.partition("|")[0])
    mine = getattr(row, "owner_id", None) == (context.actor.person_id or 0)
    chairs = isinstance(row, Decision) and access.chairs_group(context, row.group_id)
    if not (_keeps(context) or mine or chairs):
        raise access.not_found()
    return row.ref


# --- done --------------------------------------------------------------------------------------------------


def open_done(context: Context, request: Request) -> Form:
    """Open the form in which an owner says what shows that an action is done."""
    row = _mine(context, request)
    return Form(
        title="It is done",
        action="actions.done",
        token=context.token,
        about=access.about(row),
        intro=f"{row.ref}: {row.what}",
        fields=(
            Field(
                "evidence", "What shows it?", "longtext", hint="A decision, a date, a document by its title.",
                max_length=MAX_EVIDENCE,
            ),
        ),
        submit="Done",
    )  # fmt: skip


def done(context: Context, request: Request) -> Card | Errors:
    """Note that an action is done, with what shows it, and tell who asked for it."""
    row = _mine(context, request)
    evidence = request.fields.get("evidence", "").strip()
    if not evidence or len(evidence) > MAX_EVIDENCE:
        return Errors({"evidence": f"Please say in at most {MAX_EVIDENCE} characters what shows that it is done."})
    try:
        version = access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, "evidence")
    if row.done_on is not None:
        return Errors({"evidence": "Somebody has said already that this is done."})
    row.done_on, row.evidence = context.today, evidence
    context.session.flush()
    promises.note(context, row, "done", before="open", after="done", fields="evidence", version=version)
    reminders.cancel(context.session, promises.subject(row))
    if row.added_by_person_id not in (None, context.actor.person_id):
        promises.tell(context, row, [row.added_by_person_id or 0], f"{row.ref} is done", "done")
    return card(context, row, title=f"{row.ref} is done", tone=Tone.GOOD)


def again(context: Context, request: Request) -> Card:
    """Open an action again that was not done after all, and remind its owner again."""
    ref, version = access.opened(request)
    row = access_action(context, ref, Need.KEEP)
    if row.done_on is None:
        raise UserError(f"{row.ref} is open already.", hint="Open it again to see it as it is now.")
    try:
        new = records.changed(context.session, row, expected=version)
    except Stale as stale:
        raise access.overtaken(stale) from None
    row.done_on = None
    context.session.flush()
    promises.note(context, row, "opened again", before="done", after="open", version=new)
    promises.promise(context, row)
    return card(context, row, title=f"{row.ref} is open again", tone=Tone.GOOD)


def _mine(context: Context, request: Request) -> ActionItem:
    """Return an open action to its owner, or to the secretariat."""
    row = access_action(context, access.opened(request)[0], Need.KEEP if _keeps(context) else Need.OWN)
    _open_still(row)
    return row


def _open_still(row: ActionItem) -> None:
    if row.done_on is not None:
        raise UserError(f"{row.ref} is done already.", hint="Type actions to see what is still open.")


# --- what follows ------------------------------------------------------------------------------------------


def _called(column: str) -> str:
    return {"owner_person_id": "owner", "owner_role": "owner", "due_on": "due"}.get(column, column)
