"""A group writes an escalation, keeps it as a draft and sends it; its chair withdraws it, or says that it is urgent."""

from __future__ import annotations

from collections.abc import Mapping

from db import escalations, history, reminders
from db.escalations import Escalation
from db.people import Role
from handlers import access
from handlers.context import Context, Request, UserError
from handlers.escalations import boxes, cards, clocks, executive, parties, records, watching
from handlers.escalations.records import Deed, Taken
from handlers.messages import Button, Card, Choice, Errors, Field, Form

SEND, KEEP = "send", "keep"
_COLUMNS = (
    "title",
    "type",
    "issue",
    "impact_on_children",
    "already_tried",
    "ask",
    "urgency",
    "urgency_reason",
    "marking",
)
_ROLES = (Role.CHAIR, Role.STATUTORY_PARTNER, Role.STRATEGY_MANAGER, Role.COORDINATOR, Role.SCRUTINEER, Role.MEMBER)


def open_new(context: Context, _request: Request) -> Form:
    """Open the form in which a group asks the Executive for a decision or help."""
    me(context)
    now = Field(
        "now",
        "And now?",
        "choice",
        hint="A draft stays yours until you or the chair of the group sends it.",
        choices=(Choice(SEND, "Send it, or ask the chair to"), Choice(KEEP, "Keep it as a draft")),
        value=SEND,
    )
    return Form(
        title="Ask the Executive",
        action="escalation.begin",
        fields=(*boxes.draft(context, None), now),
        token=context.token,
        submit="Save",
        intro=clocks.pack_words(records.next_executive(context), records.in_time(context), context.today),
    )


def begin(context: Context, request: Request) -> Card | Errors:
    """Keep what was written as a draft under a reference; then send it, where its writer may and it is complete."""
    person_id = me(context)
    fields = request.fields
    wrong = boxes.wrong(fields)
    group_id = boxes.group_id(context, fields.get("group", ""))
    if group_id is None:
        wrong["group"] = "Please choose one of these groups."
    origin = boxes.origin(context, fields, group_id) if group_id else None
    if isinstance(origin, str):
        wrong["origin"] = origin
    if wrong or group_id is None or isinstance(origin, str):
        return Errors(wrong)
    row = escalations.draft(
        context.session,
        group_id=group_id,
        raised_by=person_id,
        raised_by_role=_role(context, group_id),
        year=records.year(context),
        at=context.now,
        **_written(fields),
    )
    row.origin_meeting_id = origin
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=person_id, action="drafted", after_state=row.status,
        version=row.version,
    )  # fmt: skip
    if fields.get("now") != SEND or boxes.missing(row):
        return cards.kept(context, row)
    if access.chairs_group(context, group_id):
        records.perform(context, row, SUBMIT, _sending(context, row), expected=row.version)
        return cards.sent(context, row)
    records.perform(context, row, HAND_OVER, Taken(buttons=lambda: _send_button(row)), expected=row.version)
    return cards.show(context, row, note="The chair of the group has been asked to send it.")


def me(context: Context) -> int:
    """Return the person who asks. Raises UserError for somebody who is not enrolled."""
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Type enrol me, and the secretariat is asked to enrol you.")
    return context.actor.person_id


def _role(context: Context, group_id: int) -> str:
    if access.chairs_group(context, group_id):
        return Role.CHAIR.value
    return next((role.value for role in _ROLES if role in context.actor.roles), Role.MEMBER.value)


def _written(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(fields.get(name, "").split()) if name == "title" else fields.get(name, "").strip()
            for name in _COLUMNS}  # fmt: skip


# --- what is done to a draft -----------------------------------------------------------------------------------


def edit(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Write a draft, or one that came back, anew."""
    wrong, origin = boxes.wrong(fields), boxes.origin(context, fields, row.group_id, before=row.origin_meeting_id)
    if isinstance(origin, str):
        wrong["origin"] = origin
    if wrong:
        return Errors(wrong)
    written = {**_written(fields), "origin_meeting_id": origin}
    changed = tuple(name for name, value in written.items() if getattr(row, name) != value)

    def write() -> None:
        for name in changed:
            setattr(row, name, written[name])

    return Taken(write=write, fields=changed)


def submit(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Send it to the strategy manager, with the clocks of today; an urgent one goes to the partners at once."""
    reason = fields.get("reason", "").strip()
    if len(reason) > boxes.MAX_REASON:
        return Errors({"reason": boxes.too_long(fields, "reason")})
    if row.status == "returned" and not reason and not _changed_since_return(context, row):
        return Errors({"reason": "Nothing was changed since it came back. Please say why it is sent again."})
    return _sending(context, row, reason)


def _sending(context: Context, row: Escalation, reason: str = "") -> Taken:
    if row.status == "draft" and (lacking := boxes.missing(row)):
        raise UserError(f"{row.ref} cannot be sent yet.", hint=f"Please write first: {' '.join(lacking)}", ref=row.ref)

    def write() -> None:
        row.raised_at = row.raised_at or context.now
        row.clocks = clocks.begun(row.clocks, context.today)
        row.status_reason = reason

    def then() -> None:
        watching.triage(context, row)
        executive.hurry(context, row)

    known = frozenset({"changed or reason"}) if reason or _changed_since_return(context, row) else frozenset[str]()
    return Taken(facts=known, write=write, then=then, says=_asking(context, row, reason))


def _asking(context: Context, row: Escalation, reason: str) -> str:
    due = clocks.triage_due(clocks.begun(row.clocks, context.today))
    return "\n\n".join(filter(None, (
        f"It is urgent: {row.urgency_reason}" if row.urgency == records.URGENT else "",
        reason,
        f"It is from {records.group(context, row)}. The Strategy Manager looks by {clocks.day(due)}." if due else "",
    )))  # fmt: skip


def _changed_since_return(context: Context, row: Escalation) -> bool:
    done = [entry.action for entry in history.of(context.session, row.ref)]
    return "returned" in done and EDIT.done in done[len(done) - done[::-1].index("returned") :]


def _reason_again(_context: Context, row: Escalation) -> tuple[Field, ...]:
    if row.status != "returned":
        return ()
    return (boxes.text("reason", "If you changed nothing: why send it again?", required=False),)


def _send_button(row: Escalation) -> tuple[Button, ...]:
    return (Button("Send it", "escalation.step", records.value(row, "submit"), style="primary"),)


def withdraw(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Take it back, with the reason."""
    if problem := boxes.too_long(fields, "reason"):
        return Errors({"reason": problem})
    reason = fields["reason"].strip()

    def write() -> None:
        row.status_reason = reason
        if row.raised_at is not None:  # a draft was in no list of what is open
            row.closed_at, row.closed_by = context.now, context.actor.person_id

    return Taken(facts=frozenset({"reason"}), write=write, then=lambda: watching.stop(context, row), says=reason)


def mark_urgent(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Say that it cannot wait, and why: the three partners and the scrutineer are told at once."""
    most = boxes.LIMITS["urgency_reason"]
    if problem := boxes.too_long(fields, "reason", most):
        return Errors({"reason": problem})
    reason = fields["reason"].strip()

    def write() -> None:
        row.urgency, row.urgency_reason = records.URGENT, reason

    def then() -> None:
        executive.hurry(context, row)

    return Taken(write=write, fields=("urgency",), then=then)


def want(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Say that a deferred one is still wanted."""

    def write() -> None:
        row.still_wanted_at = context.now
        reminders.cancel(context.session, f"{row.ref}: still wanted?")

    return Taken(write=write)


def hand_over(_context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Ask the chair of the group to send it."""
    if lacking := boxes.missing(row):
        raise UserError(f"{row.ref} cannot be sent yet.", hint=f"Please write first: {' '.join(lacking)}", ref=row.ref)
    if not parties.chairs(_context, row):
        raise UserError("I know no chair of that group.", hint="Ask the secretariat to enter who chairs it.")
    return Taken(buttons=lambda: _send_button(row))


EDIT = Deed("edit", "Change it", "changed", edit, boxes.draft)
SUBMIT = Deed("submit", "Send it", "sent", submit, _reason_again, style="primary")
HAND_OVER = Deed("hand over", "Ask the chair to send it", "handed to the chair", hand_over, style="primary")
WITHDRAW = Deed(
    "withdraw", "Withdraw it", "withdrawn", withdraw,
    lambda _context, _row: (boxes.text("reason", "Why does the group withdraw it?"),), style="danger",
)  # fmt: skip
MARK_URGENT = Deed(
    "mark urgent", "Mark it urgent", "marked urgent", mark_urgent,
    lambda _context, _row: (boxes.text("reason", "Why can it not wait?", most=boxes.LIMITS["urgency_reason"]),),
    intro="The three statutory partners and the scrutineer are told at once. They may decide before the meeting.",
)  # fmt: skip
WANT = Deed("want", "It is still wanted", "said to be still wanted", want, style="primary", free=True)
DEEDS = (EDIT, SUBMIT, HAND_OVER, WITHDRAW, MARK_URGENT, WANT)
