"""The check of the register: what is not as it should be, risk by risk. For the secretariat, and for the paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from db import risks
from db.people import SECRETARIAT
from db.risks import Risk, Status
from handlers import access
from handlers.context import Context, Request, number
from handlers.messages import Button, Card, Note, Table, Text, Tone
from knowledge import risks as rules

ROWS, OPENED = 20, 3
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "no-owner": "no owner",
        "owner-left": "the owner has left",
        "owner-not-accepted": "the owner has not accepted yet",
        "lowered-without-control": "residual lowered without any control",
        "acceptance-expired": "acceptance expired",
        "review-overdue": "review overdue",
        "target-past": "target date past",
        "not-triaged": "waits for triage for too long",
        "no-lead-group": "no lead group",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be with one risk."""

    ref: str
    code: str

    @property
    def words(self) -> str:
        """Say it in words."""
        return WORDS[self.code]


def problems(risk: Risk, *, controlled: bool, raised_on: date, today: date, owner_left: bool = False) -> list[Problem]:
    """Return what is not as it should be with a risk: a pure look at its record and at whether it has a control."""
    on_register = risk.status in (Status.OPEN, Status.ESCALATED, Status.ACCEPTED)
    if risk.status == Status.ALERT:
        late = rules.triage_by(raised_on, risk.clocks) < today
        return [Problem(risk.ref, "not-triaged")] if late else []
    if not on_register:
        return []
    accepted = risk.status == Status.ACCEPTED
    wrong = {
        "no-owner": risk.owner_id is None,
        "owner-left": owner_left,
        "owner-not-accepted": risk.owner_id is not None and risk.owner_accepted_at is None,
        "lowered-without-control": _lowered(risk) and not controlled,
        "acceptance-expired": accepted and (risk.acceptance_expiry is None or risk.acceptance_expiry <= today),
        "review-overdue": risk.next_review is not None and risk.next_review < today,
        "target-past": not accepted and risk.target_date is not None and risk.target_date < today and not _met(risk),
        "no-lead-group": risk.lead_group_id is None,
    }
    return [Problem(risk.ref, code) for code, so in wrong.items() if so]


def _lowered(risk: Risk) -> bool:
    now = (risk.current_l or 0) * (risk.current_i or 0)
    return 0 < now < (risk.inherent_l or 0) * (risk.inherent_i or 0)


def _met(risk: Risk) -> bool:
    target = (risk.target_l or 0) * (risk.target_i or 0)
    return target > 0 and (risk.current_l or 0) * (risk.current_i or 0) <= target


def of_one(context: Context, risk: Risk) -> list[Problem]:
    """Return what is not as it should be with one risk."""
    controlled = bool(risks.with_controls(context.session, [risk.id]))
    left = risk.owner_id in risks.owners_who_left(context.session, context.today)
    return problems(
        risk, controlled=controlled, owner_left=left, raised_on=context.day(risk.raised_at), today=context.today
    )


def register(context: Context) -> list[Problem]:
    """Return what is not as it should be on the whole register, by risk: three queries however many there are."""
    controlled = risks.with_controls(context.session)
    left = risks.owners_who_left(context.session, context.today)
    return [
        problem
        for risk in risks.of_status(context.session, risks.LIVE)
        for problem in problems(
            risk,
            controlled=risk.id in controlled,
            owner_left=risk.owner_id in left,
            raised_on=context.day(risk.raised_at),
            today=context.today,
        )
    ]


def show(context: Context, request: Request) -> Card:
    """Show the secretariat what is not as it should be on the register, page by page."""
    if not context.actor.roles & SECRETARIAT:
        raise access.not_found()
    found = register(context)
    if not found:
        return Card(
            "The register is in order", (Text("Every risk has an owner, a review to come and a reason."),),
            (Button("Open risks", "lists.show", "risks|open|0|"),), Tone.GOOD,
        )  # fmt: skip
    start = min(number(request.value), len(found) - 1) // ROWS * ROWS
    shown = found[start : start + ROWS]
    counts = Counter(problem.words for problem in found)
    refs = list(dict.fromkeys(problem.ref for problem in shown))[:OPENED]
    more = [Button("More", "risks.check", str(start + ROWS))] if start + ROWS < len(found) else []
    back = [Button("Back", "risks.check", str(start - ROWS))] if start else []
    return Card(
        title=f"Check of the register: {len(found)} to put right",
        body=(
            Table(("Risk", "What is not right"), tuple((problem.ref, problem.words) for problem in shown)),
            Note("; ".join(f"{words}: {count}" for words, count in sorted(counts.items()))),
        ),
        actions=(*(Button(f"Open {ref}", "risks.open", ref) for ref in refs), *back, *more),
    )
