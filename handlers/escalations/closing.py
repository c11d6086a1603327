"""What follows an answer: actions, the outcome, the chair's word and the end; and opening it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from db import actions, groups, meetings
from db.escalations import Escalation
from db.people import Role
from handlers import access, promises
from handlers.context import Context, UserError, number
from handlers.escalations import boxes, clocks, records, watching
from handlers.escalations.records import Deed, Taken
from handlers.messages import Button, Errors, Field

MAX_OUTCOME = 500
_OWNERS = (Role.STRATEGY_MANAGER, Role.COORDINATOR, Role.STATUTORY_PARTNER)  # "chair" would be those of every group


def act(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Give somebody an action with a date."""
    problem = boxes.too_long(fields, "what", actions.MAX_WHAT)
    wrong = {"what": problem} if problem else {}
    owners = _owners(context, row)
    owner = fields.get("owner", "")
    if owner not in owners:
        wrong["owner"] = "Please choose who does it."
    due = _day(fields.get("due_on", ""))
    if due is None or due < context.today:
        wrong["due_on"] = "Please give a day from today on."
    if wrong or due is None:
        return Errors(wrong)
    kind, _, name = owner.partition(":")
    told = row.status == "responded" and row.marking != access.SENSITIVE  # by the notice of this step

    def write() -> None:
        added = actions.add(
            context.session,
            of_ref=row.ref,
            what=fields["what"].strip(),
            due_on=due,
            at=context.now,
            year=records.year(context),
            by=context.actor.person_id,
            owner_person_id=number(name) if kind == "person" else None,
            owner_role=name if kind == "role" else "",
        )
        promises.note_added(context, added)
        promises.promise(context, added, told=told)

    return Taken(frozenset({"owner and date"}), write, says=f"Due on {clocks.day(due)}: {fields['what'].strip()}")


def _owners(context: Context, row: Escalation) -> dict[str, str]:
    names = (records.group(context, row), meetings.EXECUTIVE)
    people = {
        f"person:{one.person_id}": f"{one.name} ({one.group})"
        for name in names
        for one in groups.members(context.session, name, on=context.today)
    }
    return {**{f"role:{role.value}": role.value.capitalize() for role in _OWNERS}, **dict(list(people.items())[:90])}


def _action(context: Context, row: Escalation) -> tuple[Field, ...]:
    return (
        boxes.text("what", "What is to be done?", most=actions.MAX_WHAT),
        boxes.choice("owner", "Who does it?", _owners(context, row)),
        Field("due_on", "By when?", "date", value=context.today.isoformat()),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def feed_back(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Say that the group has had its answer by another way."""

    def write() -> None:
        row.feedback_to_group_at = context.now
        watching.stop(context, row)

    return Taken(write=write, fields=("feedback_to_group_at",))


def propose(_context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Write what came of it, and ask the chair of the group to agree to close it."""
    found = _outcome(row, fields)
    if isinstance(found, Errors):
        return found

    def write() -> None:
        found()
        row.closing_agreed_by = None  # whoever agreed before did so to other words

    def buttons() -> tuple[Button, ...]:
        return (
            Button("I agree to close it", "escalation.step", records.value(row, "agree to close"), style="primary"),
        )

    return Taken(write=write, fields=("outcome",), says=fields["outcome"].strip(), buttons=buttons)


def agree(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Agree, for the group, that it can be closed with the outcome that was proposed."""
    if not row.outcome:
        raise UserError("Nobody has asked to close it.", hint="The Strategy Manager writes what came of it first.")

    def write() -> None:
        row.closing_agreed_by = context.actor.person_id

    return Taken(write=write)


def close(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Close it with its outcome, and tell the group and everybody concerned."""
    found = _outcome(row, fields)
    if isinstance(found, Errors):
        return found
    if row.closing_agreed_by is not None and fields["outcome"].strip() != row.outcome:
        return Errors({"outcome": f"The chair agreed to other words: put them back, or press {PROPOSE.label} again."})

    def write() -> None:
        found()
        row.closed_at, row.closed_by = context.now, context.actor.person_id

    return Taken(
        frozenset({"outcome"}), write, ("outcome",), lambda: watching.stop(context, row), fields["outcome"].strip()
    )


def _outcome(row: Escalation, fields: Mapping[str, str]) -> Errors | records.Write:
    wrong = {"outcome": boxes.too_long(fields, "outcome", MAX_OUTCOME)}
    if len(fields.get("lessons", "").strip()) > MAX_OUTCOME:
        wrong["lessons"] = boxes.too_long(fields, "lessons", MAX_OUTCOME)
    if wrong := {name: said for name, said in wrong.items() if said}:
        return Errors(wrong)

    def write() -> None:
        row.outcome, row.lessons = fields["outcome"].strip(), fields.get("lessons", "").strip()

    return write


def _what_came(_context: Context, row: Escalation) -> tuple[Field, ...]:
    return (
        boxes.text("outcome", "What came of it?", row.outcome, most=MAX_OUTCOME),
        boxes.text("lessons", "What was learnt?", row.lessons, most=MAX_OUTCOME, required=False),
    )


def reopen(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Open a closed one again, with the reason."""
    if problem := boxes.too_long(fields, "reason"):
        return Errors({"reason": problem})
    reason = fields["reason"].strip()

    def write() -> None:
        row.status_reason, row.clocks = reason, clocks.begun(row.clocks, context.today)
        row.closed_at, row.closed_by, row.closing_agreed_by, row.still_wanted_at = None, None, None, None

    return Taken(frozenset({"reason"}), write, then=lambda: watching.triage(context, row), says=reason)


START = Deed("start", "Give it an action", "given its first action", act, _action, style="primary", decides=True)
ADD = Deed("add action", "Add an action", "given an action", act, _action, decides=True)
FEED_BACK = Deed("feed back", "The group has its answer", "answered to the group", feed_back)
PROPOSE = Deed(
    "propose closing", "Ask to close it", "proposed to be closed", propose, _what_came, decides=True,
    intro="The chair of the group is asked whether it can be closed.",
)  # fmt: skip
AGREE = Deed("agree to close", "I agree to close it", "agreed to be closed", agree, style="primary")
CLOSE = Deed(
    "close", "Close it", "closed", close, _what_came, style="danger", decides=True,
    intro="The group and everybody concerned are told the outcome.",
)  # fmt: skip
REOPEN = Deed(
    "reopen", "Open it again", "opened again", reopen,
    lambda _context, _row: (boxes.text("reason", "Why is it opened again?"),),
)  # fmt: skip
DEEDS = (START, ADD, FEED_BACK, PROPOSE, AGREE, CLOSE, REOPEN)
