"""The secretariat looks at what groups send: accepts it for a meeting, returns it, keeps its data and its place."""

from __future__ import annotations

from collections.abc import Mapping

from db import reminders
from db.escalations import Escalation
from db.meetings import Meeting
from handlers import promises
from handlers.context import Context, UserError
from handlers.escalations import boxes, clocks, executive, records, watching
from handlers.escalations.records import Deed, Taken
from handlers.messages import Errors, Field

ABOUT = ("title", "priority_id", "marking")
PRIORITIES = {
    "": "None",
    "neglect": "Neglect",
    "infant-safety": "Infant Safety",
    "peer-on-peer-harm": "Peer-on-Peer Harm",
    "anti-racism": "Anti-Racism",
}


def give_back(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Return it to its group, with the reason."""
    if problem := boxes.too_long(fields, "reason"):
        return Errors({"reason": problem})
    reason = fields["reason"].strip()

    def write() -> None:
        row.triage_note, row.triaged_by, row.triaged_at = reason, context.actor.person_id, context.now

    return Taken(frozenset({"reason"}), write, then=lambda: watching.triaged(context, row), says=reason)


def accept(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Accept it for a meeting of the Executive."""
    meeting = boxes.chosen(context, fields)
    note = fields.get("note", "").strip()
    if meeting is None:
        return Errors({"meeting": "Please choose a meeting of the Executive. Dates are added with the word dates."})
    if len(note) > boxes.MAX_REASON:
        return Errors({"note": boxes.too_long(fields, "note")})

    def write() -> None:
        row.triage_note, row.triaged_by, row.triaged_at = note, context.actor.person_id, context.now
        _goes_to(row, meeting)
        row.outcome, row.closed_at, row.closed_by, row.closing_agreed_by = "", None, None, None
        row.feedback_to_group_at = None  # one that was opened again is to be answered again

    def then() -> None:
        watching.response(context, row)
        executive.hurry(context, row)

    says = f"It goes to the Executive on {clocks.day(meeting.on)}.\n\n{note}".strip()
    return Taken(frozenset({"target meeting"}), write, ("target_meeting_id",), then, says)


def _goes_to(row: Escalation, meeting: Meeting) -> None:
    row.target_meeting_id, row.response_due = meeting.id, meeting.on


def _acceptance(context: Context, _row: Escalation) -> tuple[Field, ...]:
    return (
        boxes.meeting(context, "For which meeting?"),
        boxes.text("note", "Note for the group", required=False),
    )


def send(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Put it before the Executive: it is in the pack."""
    return put_before(context, row)


def put_before(context: Context, row: Escalation) -> Taken:
    """Return what it means that it is in the pack: the Executive is asked now."""

    def write() -> None:
        row.asked_at = context.now

    known = records.target(context, row) is not None
    return Taken(frozenset({"in pack"} if known else ()), write, then=lambda: watching.response(context, row))


def correct(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Change its data: title, priority and marking; never what was decided."""
    title = " ".join(fields.get("title", "").split())
    wrong = {}
    if not title or len(title) > boxes.LIMITS["title"]:
        wrong["title"] = f"Please give it a title of at most {boxes.LIMITS['title']} characters."
    if fields.get("marking", "") not in boxes.MARKINGS:
        wrong["marking"] = "Please choose one."
    if fields.get("priority_id", "") not in (*PRIORITIES, "none"):
        wrong["priority_id"] = "Please choose one."
    if wrong:
        return Errors(wrong)
    written = {"title": title, "priority_id": fields["priority_id"].replace("none", ""), "marking": fields["marking"]}
    changed = tuple(name for name in ABOUT if getattr(row, name) != written[name])

    def write() -> None:
        for name in changed:
            setattr(row, name, written[name])

    def then() -> None:
        watching.again(context, row)
        promises.again(context, row.ref)

    return Taken(write=write, fields=changed, then=then)


def _about(_context: Context, row: Escalation) -> tuple[Field, ...]:
    priorities = {key or "none": said for key, said in PRIORITIES.items()}
    return (
        Field("title", "Title", max_length=boxes.LIMITS["title"], value=row.title),
        boxes.choice("priority_id", "Priority", priorities, row.priority_id),
        boxes.choice("marking", "Marking", boxes.MARKINGS, row.marking),
    )


def claim(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Say that one deals with it, so that nobody else does the same."""
    me = context.actor.person_id

    def write() -> None:  # nobody else can write by now, so that of two at once the second is told
        if row.claimed_by not in (None, me):
            name = reminders.name_of(context.session, row.claimed_by or 0)
            raise UserError(f"{name} has {row.ref} already.", hint="They can let it go with the button under it.")
        row.claimed_by, row.claimed_at = me, context.now

    return Taken(write=write)


def release(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Say that one deals with it no longer."""
    if row.claimed_by != context.actor.person_id:
        raise UserError(f"You have not taken {row.ref}.", hint="Open it to see who has.")

    def write() -> None:
        row.claimed_by, row.claimed_at = None, None

    return Taken(write=write)


RETURN = Deed(
    "return", "Return it", "returned", give_back,
    lambda _context, _row: (boxes.text("reason", "What has to change?"),), decides=True,
)  # fmt: skip
ACCEPT = Deed("accept", "Accept it", "accepted", accept, _acceptance, style="primary", decides=True)
SEND = Deed("send", "It is in the pack", "put before the Executive", send, style="primary")
CORRECT = Deed("correct", "Change its data", "corrected", correct, _about, decides=True)
CLAIM = Deed("claim", "I deal with it", "claimed", claim, free=True)
RELEASE = Deed("release", "Let it go", "let go", release, free=True)
DEEDS = (ACCEPT, RETURN, SEND, CORRECT, CLAIM, RELEASE)
