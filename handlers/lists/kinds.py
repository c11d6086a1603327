"""What each list shows: which records, in which order, and how one of them is said in a short row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from db import challenges, listing, risks
from db.challenges import Challenge
from db.escalations import Escalation
from db.risks import Risk
from handlers import access, dues, standing
from handlers.context import Context
from knowledge import scoring
from knowledge.scoring import Rag

SOON = timedelta(days=14)

Record = Escalation | Risk | Challenge
Which = Callable[[Context], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One list: its table, who sees what of it, what it can be narrowed to, and the routes that it leads to."""

    name: str
    one: str
    table: type[Escalation | Risk | Challenge]
    visible: Which
    filters: Mapping[str, tuple[str, Which]]  # by the word that is typed: the title, and the condition
    columns: tuple[InstrumentedAttribute[str], ...]  # in which words are looked for
    header: tuple[str, str, str, str]
    row: Callable[[Context, Any], tuple[str, str, str, str]]
    order: Sequence[ColumnElement[Any]]
    by_due: Sequence[ColumnElement[Any]]
    opens: str  # the route that opens one
    begins: tuple[str, str, bool]  # the button that begins a new one, its route, and whether that is a form

    def ordered(self, which: str) -> Sequence[ColumnElement[Any]]:
        """Return in which order the records of a filter come."""
        return self.by_due if which in ("due", "overdue") else self.order


def _me(context: Context) -> int:
    return context.actor.person_id or 0


def _soon(context: Context) -> date:
    return context.today + SOON


def _past(context: Context) -> date:
    return context.today - timedelta(days=1)


def _sits(context: Context) -> Any:
    return listing.groups_of(_me(context), on=context.today)


# --- escalations -----------------------------------------------------------------------------------------------


def _escalation(context: Context, row: Escalation) -> tuple[str, str, str, str]:
    return (
        row.ref,
        standing.shortened(row.title),
        standing.of_escalation(context, row),
        standing.when(context, dues.of_escalation(context, row)),
    )


ESCALATIONS = Kind(
    name="escalations",
    one="Escalation",
    table=Escalation,
    visible=access.visible_escalations,
    filters=MappingProxyType(
        {
            "open": ("Open escalations", lambda _: Escalation.status.in_(dues.OPEN)),
            "mine": (
                "Escalations that you raised or deal with",
                lambda context: or_(Escalation.raised_by == _me(context), Escalation.claimed_by == _me(context)),
            ),
            "group": ("Escalations of your groups", lambda context: Escalation.group_id.in_(_sits(context))),
            "red": ("Red escalations: open too long", dues.old),
            "due": ("Escalations due within two weeks", lambda context: dues.escalations_by(context, _soon(context))),
            "overdue": ("Overdue escalations", lambda context: dues.escalations_by(context, _past(context))),
            "closed": ("Escalations that are finished", lambda _: Escalation.status.in_(dues.FINISHED)),
            "all": ("All escalations", lambda _: true()),
        }
    ),
    columns=(Escalation.ref, Escalation.title, Escalation.issue, Escalation.ask),
    header=("Escalation", "What", "Where it stands", "Due"),
    row=_escalation,
    order=(
        Escalation.status.in_(dues.FINISHED),
        case((Escalation.urgency == "urgent", 0), else_=1),
        Escalation.id.desc(),
    ),
    by_due=(Escalation.response_due.asc().nulls_first(),),
    opens="escalation.show",
    begins=("Escalate something", "escalation.fork", False),
)

# --- risks -----------------------------------------------------------------------------------------------------


def _risk(context: Context, row: Risk) -> tuple[str, str, str, str]:
    return (
        row.ref,
        standing.shortened(row.title),
        standing.of_risk(context, row),
        standing.when(context, dues.of_risk(context, row)),
    )


def _red(_context: Context) -> ColumnElement[bool]:
    low, high = scoring.shipped().bands[Rag.RED]
    return and_(Risk.status.in_(_LIVE), dues.red(low=low, high=high))


_LIVE = tuple(sorted(one.value for one in risks.LIVE))
RISKS = Kind(
    name="risks",
    one="Risk",
    table=Risk,
    visible=access.visible_risks,
    filters=MappingProxyType(
        {
            "open": ("Open risks", lambda _: Risk.status.in_(_LIVE)),
            "mine": (
                "Risks that you raised or own",
                lambda context: or_(Risk.raised_by == _me(context), Risk.owner_id == _me(context)),
            ),
            "group": ("Risks of your groups", lambda context: Risk.lead_group_id.in_(_sits(context))),
            "red": ("Red risks", _red),
            "due": ("Risks due within two weeks", lambda context: dues.risks_by(context, _soon(context))),
            "overdue": ("Overdue risks", lambda context: dues.risks_by(context, _past(context))),
            "closed": ("Risks that are off the register", lambda _: Risk.status.not_in(_LIVE)),
            "all": ("All risks", lambda _: true()),
        }
    ),
    columns=(Risk.ref, Risk.title, Risk.cause, Risk.event, Risk.consequence),
    header=("Risk", "What", "Score and state", "Due"),
    row=_risk,
    order=(Risk.status.not_in(_LIVE), risks.SCORE.desc().nulls_last(), Risk.id.desc()),
    by_due=(Risk.next_review.asc().nulls_first(),),
    opens="risks.open",
    begins=("Raise a risk", "risks.new", True),
)

# --- challenges ------------------------------------------------------------------------------------------------


def _challenge(context: Context, row: Challenge) -> tuple[str, str, str, str]:
    said = f"{row.challenged}: {row.challenge}"
    return (
        row.ref,
        standing.shortened(said),
        standing.of_challenge(row),
        standing.when(context, dues.of_challenge(row)),
    )


def _of_groups(context: Context) -> ColumnElement[bool]:
    """Say that a challenge is to a risk or an escalation of one's groups that one may read."""
    if context.actor.person_id is None:
        return false()
    of_risks = select(Risk.ref).where(Risk.lead_group_id.in_(_sits(context)), access.visible_risks(context))
    sent = select(Escalation.ref).where(Escalation.group_id.in_(_sits(context)), access.visible_escalations(context))
    return or_(Challenge.linked_risk.in_(of_risks), Challenge.linked_escalation.in_(sent))


_ANSWERABLE = tuple(sorted(one.value for one in challenges.LIVE))
CHALLENGES = Kind(
    name="challenges",
    one="Challenge",
    table=Challenge,
    visible=access.visible_challenges,
    filters=MappingProxyType(
        {
            "open": ("Open challenges", lambda _: Challenge.status.in_(_ANSWERABLE)),
            "mine": (
                "Challenges that you raised or have to answer",
                lambda context: or_(Challenge.raised_by == _me(context), Challenge.owner_id == _me(context)),
            ),
            "group": ("Challenges to what your groups lead", _of_groups),
            "due": ("Challenges to answer within two weeks", lambda context: dues.challenges_by(_soon(context))),
            "overdue": ("Overdue challenges", lambda context: dues.challenges_by(_past(context))),
            "closed": ("Closed challenges", lambda _: Challenge.status.not_in(_ANSWERABLE)),
            "all": ("All challenges", lambda _: true()),
        }
    ),
    columns=(Challenge.ref, Challenge.challenged, Challenge.theme, Challenge.challenge),
    header=("Challenge", "What was asked", "Where it stands", "Answer due"),
    row=_challenge,
    order=(Challenge.status.not_in(_ANSWERABLE), Challenge.id.desc()),
    by_due=(Challenge.response_due.asc(),),
    opens="challenges.open",
    begins=("Challenge somebody", "challenges.ask", True),
)

KINDS: Mapping[str, Kind] = MappingProxyType({one.name: one for one in (ESCALATIONS, RISKS, CHALLENGES)})
