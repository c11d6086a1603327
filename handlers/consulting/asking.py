"""Consulting a group: the form, whom it asks, what they are sent, and asking those who joined later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlsplit

from db import consultations, groups, reminders
from db.consultations import MAX_LINK, MAX_QUESTION, MAX_TITLE, Consultation, Consulted
from db.groups import Sitting
from db.records import Stale
from handlers import access, naming, persons
from handlers.access import Need, access_consultation
from handlers.consulting import cards, records
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Link, Note, Text, Tone
from handlers.prose import escape
from knowledge import clocks
from knowledge.calendar import CalendarError, working_days_after

LADDER = "consultation"


def show(context: Context, _request: Request) -> Card:
    """Show how a group is consulted, to those who may."""
    records.known(context)
    said = (
        "You ask a group one question about one document. Everybody in the group is asked privately, and reminded. "
        "Each of them says that they agree, disagree or have no view. **Silence is not agreement.**"
    )
    buttons = [Button("All consultations", "consulting.list", "|0")]
    if not cards.may_ask(context):
        return Card(
            "Consult a group", (Text(said), Note("The secretariat and chairs of groups do this.")), tuple(buttons)
        )
    new = Button("Consult a group", "consulting.new", style="primary", opens=True)
    return Card("Consult a group", (Text(said),), (new, *buttons))


def open_new(context: Context, _request: Request) -> Form:
    """Open the form in which a group is asked."""
    known = _groups(context)
    period = clocks.numbers("consultations")["reply"]
    due = _usual(context, period)
    return Form(
        title="Consult a group",
        action="consulting.ask",
        token=context.token,
        intro="Everybody who sits in the group today is asked. Silence is not agreement.",
        fields=(
            Field("group", "Group", "choice", choices=tuple(Choice(name, name) for name in known), value=known[0]),
            Field("title", "What is it about?", max_length=MAX_TITLE),
            Field("question", "The question", "longtext", hint="In general terms: no child, no family.",
                  max_length=MAX_QUESTION),
            Field("link", "Link to the document", hint="It begins with https://", max_length=MAX_LINK),
            Field("due_on", "Reply by", "date", hint=f"Usually in {period} working days.", value=due),
        ),
        submit="Ask them",
    )  # fmt: skip


def _usual(context: Context, period: int) -> str:
    """Return the day that the form opens with; empty where bank holidays are not known so far ahead."""
    try:
        return working_days_after(context.today, period).isoformat()
    except CalendarError:
        return ""


def _groups(context: Context) -> list[str]:
    """Return the groups that the one who asks may consult. Raises UserError when there are none."""
    known = naming.group_names(context)
    if records.keeps(context):
        return known
    chaired = set(context.session.scalars(access.chaired(context)))
    mine = [name for name in known if groups.group_id(context.session, name) in chaired] if chaired else []
    if not mine:
        raise access.not_found()
    return mine


def ask(context: Context, request: Request) -> Card | Errors:
    """Open the consultation of that form: ask everybody who sits in the group today."""
    group, fields = request.fields.get("group", ""), request.fields
    if group not in _groups(context):
        return Errors({"group": "Please choose a group from the list."})
    title, question = " ".join(fields.get("title", "").split()), fields.get("question", "").strip()
    link, due = fields.get("link", "").strip(), _read_due(context, fields.get("due_on", ""))
    sitting = records.asked_of(groups.members(context.session, group, on=context.today))
    wrong = {
        "group": "" if sitting else "Nobody sits in this group yet.",
        "title": _too_long(title, MAX_TITLE),
        "question": _too_long(question, MAX_QUESTION),
        "link": "" if _is_link(link) else "Please give one address that begins with https://",
        "due_on": due if isinstance(due, str) else "",
    }
    if isinstance(due, str) or any(wrong.values()):
        return Errors({name: said for name, said in wrong.items() if said})
    row = consultations.begin(
        context.session, year=context.today.year, group_id=groups.group_id(context.session, group), title=title,
        question=question, link=link, opened_at=context.now, opened_by_person_id=context.actor.person_id, due_on=due,
        closed_at=None, raised_meeting_id=None,
    )  # fmt: skip
    records.note(context, row, "opened", state="open")
    _ask(context, row, sitting)
    return cards.card(context, row, title=f"{row.ref}: {len(sitting)} asked", tone=Tone.GOOD)


def _too_long(text: str, most: int) -> str:
    return "" if 0 < len(text) <= most else f"Please write something of at most {most} characters."


def _is_link(text: str) -> bool:
    if not text.startswith("https://") or len(text) > MAX_LINK or any(char in text for char in ' \n\t<>"|'):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _read_due(context: Context, text: str) -> date | str:
    found = persons.read_day(context, text)
    if not isinstance(found, date):
        return found or "Please give the day by which they are to reply."
    if found <= context.today:
        return "Please give a later day: they need time to reply."
    try:
        working_days_after(found, 1)
    except CalendarError as error:
        return str(error)
    return found


def _ask(context: Context, row: Consultation, sitting: Iterable[Sitting]) -> None:
    """Note that these are asked, tell each of them privately, and plan their reminders."""
    asked = list(sitting)
    agencies = consultations.agencies(context.session, [one.person_id for one in asked])
    for one in asked:
        agency = agencies.get(one.person_id, "")
        consultations.ask(context.session, row, person_id=one.person_id, seat=one.seat, agency=agency)
        _tell(context, row, one.person_id)


def _tell(context: Context, row: Consultation, person_id: int) -> None:
    group = records.group_name(context, row.group_id)
    notice = Card(
        title=f"{row.ref}: please reply",
        body=(
            Text(f"**{escape(row.title)}**"),
            Text(escape(row.question)),
            Note(f"{escape(group)} is asked. Please reply by {records.day(row.due_on)}. Silence is not agreement."),
        ),
        actions=(*cards.reply_buttons(row), Button("Open it", "consulting.show", row.ref), Link("Document", row.link)),
    )
    records.tell(context, [person_id], notice, key=f"consultation:{row.ref}:asked:{person_id}")
    reminders.plan(
        context.session, subject=row.ref, ladder=LADDER, person_id=person_id, title=f"Your reply to {row.ref}",
        anchor_on=row.due_on, now=context.now,
    )  # fmt: skip


def join(context: Context, request: Request) -> Card:
    """Ask those who sit in the group now and were not asked; who follows on a seat takes over its open reply."""
    row = access_consultation(context, access.opened(request)[0], Need.KEEP)
    still_open(row)
    try:
        access.changing(context, row, request)
    except Stale as stale:
        raise access.overtaken(stale) from None
    asked = records.all_asked(context, row)
    sitting = records.asked_of(records.members(context, row.group_id, context.today))
    known, here = {one.person_id for one in asked}, {one.person_id for one in sitting}
    new = [one for one in sitting if one.person_id not in known]
    if not new:
        raise UserError("Everybody who sits in the group was asked.", hint="Open it to see who replied.", ref=row.ref)
    vacant = [one for one in asked if not one.reply and one.person_id not in here]
    _ask(context, row, [one for one in new if not _follows(context, row, one, vacant)])
    records.note(context, row, "asked those who joined", state="open")
    return cards.replies_card(context, row, title=f"{row.ref}: {len(new)} more asked", tone=Tone.GOOD)


def _follows(context: Context, row: Consultation, one: Sitting, vacant: list[Consulted]) -> bool:
    """Give the open reply of somebody who left to whoever has their seat now; return False when there is none."""
    left = next((old for old in vacant if one.seat and old.seat == one.seat), None)
    if left is None:
        return False
    vacant.remove(left)
    reminders.cancel(context.session, row.ref, person_id=left.person_id)
    left.person_id = one.person_id
    left.agency = consultations.agencies(context.session, [one.person_id]).get(one.person_id, left.agency)
    context.session.flush()
    _tell(context, row, one.person_id)
    return True


def still_open(row: Consultation) -> None:
    """Raise UserError when a consultation is closed."""
    if row.closed_at is not None:
        raise UserError(f"{row.ref} is closed.", hint="Open it to see what came of it.", ref=row.ref)
