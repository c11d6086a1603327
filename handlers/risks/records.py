"""A risk's record as the flow uses it: fetched under the right to it, moved on, noted, and told to people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from db import deliveries, groups, history, people, records, reminders, risks
from db.deliveries import Destination, Queue
from db.groups import Group
from db.people import SECRETARIAT, Identity, Role
from db.records import Stale
from db.risks import Risk
from handlers import access
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Text, card_to_json
from handlers.prose import escape
from knowledge import risks as rules
from knowledge import scoring
from knowledge.risks import CLOCK, Refusal
from knowledge.scoring import Rag

SENSITIVE = access.SENSITIVE
OWNER, CHAIR = "owner", "chair"
PARTNERS = frozenset({Role.STATUTORY_PARTNER})


def get(context: Context, value: str) -> Risk:
    """Return the risk that a button or a form carries, `REF|version`, to somebody who may read it."""
    return access.access_risk(context, value.partition("|")[0])


def me(context: Context) -> int:
    """Return the person who asks. Raises UserError for somebody who is not enrolled."""
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Ask the secretariat to enrol you.")
    return context.actor.person_id


def parts(context: Context, risk: Risk) -> frozenset[str]:
    """Return what the one who asks is in a risk: their roles, and whether they own it or chair its lead group."""
    mine = {role.value for role in context.actor.roles} - {CHAIR}
    who = context.actor.person_id
    if who is not None and who == risk.owner_id:
        mine.add(OWNER)
    if access.chairs_group(context, risk.lead_group_id):
        mine.add(CHAIR)
    return frozenset(mine)


def may(context: Context, risk: Risk, action: str) -> None:
    """Raise UserError unless the one who asks may do this to a risk as it stands."""
    found = rules.after(risk.status, action, parts(context, risk))
    if isinstance(found, Refusal):
        raise _refused(risk, found)


def allow(context: Context, risk: Risk, *able: str) -> None:
    """Raise UserError, as for no record, unless the one who asks is one of these in a risk."""
    if not parts(context, risk) & set(able):
        raise access.not_found()


def _refused(risk: Risk, found: Refusal) -> UserError:
    return UserError(found.reason, hint=found.hint, ref=risk.ref) if found.reason else access.not_found()


def held(context: Context, risk: Risk, request: Request, box: str) -> Errors | None:
    """Hold a risk for what a form changes; else say at a box what others changed meanwhile.

    Call it before anything is changed.
    """
    try:
        access.changing(context, risk, request)
    except Stale as stale:
        return access.clash(stale, box)
    risk.changed_at = context.now
    return None


def pressed(context: Context, risk: Risk, request: Request) -> None:
    """Hold a risk for what a button does. Raises UserError when it is not any more as it stood above the button."""
    try:
        access.changing(context, risk, request)
    except Stale as stale:
        raise access.overtaken(stale) from None
    risk.changed_at = context.now


def by_clock(context: Context, risk: Risk) -> None:
    """Hold a risk for what nobody presses."""
    records.changed(context.session, risk, expected=risk.version)
    risk.changed_at = context.now


def move(context: Context, risk: Risk, action: str, *, clock: bool = False, **detail: str | int | bool) -> None:
    """Do something to a risk that is held, and note it. Raises UserError when its state or the person forbids it."""
    who = frozenset({CLOCK}) if clock else parts(context, risk)
    found = rules.after(risk.status, action, who)
    if isinstance(found, Refusal):
        raise _refused(risk, found)
    before, risk.status = risk.status, found
    context.session.flush()
    note(context, risk, action, before=before, clock=clock, **detail)


def note(
    context: Context, risk: Risk, action: str, *, before: str = "", clock: bool = False, **detail: str | int | bool
) -> None:
    """Write a deed into the history of a risk; never the words."""
    history.note(
        context.session,
        risk.ref,
        at=context.now,
        actor_person_id=None if clock else context.actor.person_id,
        action=_DONE.get(action, action),
        before_state=before or risk.status,
        after_state=risk.status,
        detail=detail,
        version=risk.version,
    )


_DONE = {
    "open-it": "put on the register",
    "merge": "merged",
    "dismiss": "found not to be a risk",
    "rescore": "scored again",
    "escalate": "escalated",
    "answered": "answered by the Executive",
    "accept": "accepted",
    "expire": "acceptance expired",
    "close": "closed",
    "reopen": "opened again",
}

# --- words -------------------------------------------------------------------------------------------------


def missing(risk: Risk) -> list[str]:
    """Return what an alert still needs before it can be on the register."""
    scored = all(
        getattr(risk, f"{which}_{part}") is not None for which in ("inherent", "current", "target") for part in "li"
    )
    return [
        words
        for words, there in (
            ("an owner is missing", risk.owner_id is not None),
            ("the owner has not accepted yet", risk.owner_id is None or risk.owner_accepted_at is not None),
            ("the three scores are missing", scored),
            ("it is not said how it is answered: treat, tolerate, transfer or stop", bool(risk.response)),
        )
        if not there
    ]


def score(context: Context, likelihood: int | None, impact: int | None) -> str:
    """Say a score with its colour as a word."""
    return scoring.in_words(likelihood, impact, floor=context.house.risk_floor)


def colour(context: Context, risk: Risk) -> Rag | None:
    """Return the colour of the current score; None when there is none."""
    if risk.current_l is None or risk.current_i is None:
        return None
    return scoring.rag(risk.current_l, risk.current_i, floor=context.house.risk_floor)


def name_of(context: Context, person_id: int | None) -> str:
    """Return what a person is called; nobody where there is none."""
    person = context.session.get(people.Person, person_id) if person_id else None
    return person.name if person else "nobody yet"


def group_of(context: Context, risk: Risk) -> str:
    """Return the name of the lead group; empty where there is none."""
    found = context.session.get(Group, risk.lead_group_id) if risk.lead_group_id else None
    return found.name if found else ""


def agency_of(context: Context, person_id: int | None) -> str:
    """Return the name of somebody's agency; empty where they have none."""
    person = context.session.get(people.Person, person_id) if person_id else None
    found = context.session.get(people.Agency, person.agency_id) if person and person.agency_id else None
    return found.name if found else ""


def roles_in_words(context: Context) -> str:
    """Return the roles of the one who asks, as they are kept with what they raise; everybody is a member besides."""
    roles = context.actor.roles - {Role.MEMBER} or context.actor.roles
    return ", ".join(sorted(role.value for role in roles))


def day(on: date | None) -> str:
    """Say a day, such as `Thursday 19 November 2026`."""
    return f"{on:%A %-d %B %Y}" if on else ""


def subject(risk: Risk) -> str:
    """Return what a notice calls a risk: what is sensitive leaves nothing but its reference in a notification."""
    return risk.ref if risk.marking == SENSITIVE else f"{risk.ref}: {risk.title}"


# --- telling people ----------------------------------------------------------------------------------------


def tell(  # noqa: PLR0917 - what happened to whom, and the two parts of the message
    context: Context,
    risk: Risk,
    event: str,
    to: Iterable[Identity],
    title: str,
    markdown: str,
    *,
    buttons: tuple[Button, ...] = (),
    urgent: bool = False,
    key: str = "",
) -> bool:
    """Queue a notice about a risk; return False when it was told before, or there is nobody to tell.

    The same event of the same version is told once, and nobody is told of what they did themselves. What is
    OFFICIAL-SENSITIVE leaves its reference and the step alone.
    """
    mine = place_of(context, context.actor.person_id)
    places = [Destination(one.platform, one.user_id) for one in dict.fromkeys(to) if one not in mine]
    if not places:
        return False
    said = "Open it to read what this is about." if risk.marking == SENSITIVE else markdown
    card = Card(
        title=title,
        body=(Text(f"**{escape(subject(risk))}**"), Text(said)),
        actions=(*buttons, Button("Open it", "risks.open", risk.ref)),
        fallback=title,
    )
    return deliveries.put(
        context.session,
        key=f"risk:{risk.ref}:{event}:{key or risk.version}",
        kind="notice about a risk",
        card=card_to_json(card),
        destinations=places,
        now=context.now,
        queue=Queue.URGENT if urgent else None,
    )


def place_of(context: Context, person_id: int | None) -> list[Identity]:
    """Return where a person is reached; nowhere when there is none, or they have left."""
    found = people.reach_person(context.session, person_id, on=context.today) if person_id else None
    return [found] if found else []


def reach(context: Context, *roles: Role) -> list[Identity]:
    """Return where those who have one of the roles are reached."""
    return people.reach(context.session, roles=roles, on=context.today)


def managers(context: Context) -> list[Identity]:
    """Return where Strategy Managers are reached, or the rest of the secretariat while there is none."""
    return reach(context, Role.STRATEGY_MANAGER) or reach(context, *SECRETARIAT)


def chairs(context: Context, risk: Risk) -> list[Identity]:
    """Return where those are reached who chair the lead group of a risk."""
    group = group_of(context, risk)
    sitting = groups.members(context.session, group, on=context.today) if group else []
    ids = [one.person_id for one in sitting if one.seat.lower() in access.CHAIRS]
    return people.places(context.session, ids, on=context.today)


def reading_chairs(context: Context, risk: Risk) -> list[Identity]:
    """Return where the chairs are reached who may read a risk: none, where it is sensitive."""
    return [] if risk.marking == SENSITIVE else chairs(context, risk)


def closer(risk: Risk) -> str:
    """Return who has to agree that a risk is closed: chairs may not read what is sensitive."""
    return Role.STATUTORY_PARTNER.value if risk.marking == SENSITIVE else CHAIR


def closers(context: Context, risk: Risk) -> list[Identity]:
    """Return where those are reached who could agree that a risk is closed."""
    return reach(context, Role.STATUTORY_PARTNER) if risk.marking == SENSITIVE else chairs(context, risk)


def red(context: Context, risk: Risk, was: Rag | None) -> None:
    """Tell the statutory partners at once when a risk has become red."""
    if colour(context, risk) is not Rag.RED or was is Rag.RED:
        return
    said = f"The score is now {escape(score(context, risk.current_l, risk.current_i))}."
    if risk.status == risks.Status.ALERT:
        said += " It was raised just now, and the Strategy Manager has not looked at it yet."
    tell(context, risk, "red", reach(context, Role.STATUTORY_PARTNER), f"New red risk: {risk.ref}", said, urgent=True)


def plan_review(context: Context, risk: Risk, since: date) -> None:
    """Set the day of the next review by the colour, and plan the owner's reminders of it."""
    found = colour(context, risk)
    if found is None:
        return
    risk.review_frequency = int(risk.clocks["review_months"][found.value])
    risk.next_review = rules.review_on(found, since, risk.clocks)
    remind(context, risk)


def remind(context: Context, risk: Risk) -> None:
    """Plan the owner's reminders of the next review while the risk is on the register; take them back otherwise."""
    live = risk.status in (risks.Status.OPEN, risks.Status.ESCALATED, risks.Status.ACCEPTED)
    if not live or risk.owner_id is None or risk.next_review is None:
        reminders.cancel(context.session, risk.ref)
        return
    reminders.plan(
        context.session,
        subject=risk.ref,
        ladder="risk-review",
        person_id=risk.owner_id,
        title=subject(risk),
        anchor_on=risk.next_review,
        now=context.now,
    )


def group_id(context: Context, name: str) -> int | None:
    """Return the number of a group by its name, None for no name."""
    return groups.group_id(context.session, name) if name else None
