"""Taking a file over: first as a look at what it would change, then all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from db import escalations, groups, history, papers, records, risks
from db.escalations import Escalation
from db.risks import Risk, Status
from handlers.context import Context, UserError
from handlers.escalations import clocks, watching
from handlers.imports import comparing, telling
from handlers.imports.comparing import Changed, New, Outcome
from handlers.imports.matching import Matched
from handlers.imports.newcomers import Reader, Wanted
from handlers.imports.reading import ImportProblems, Line
from handlers.risks import records as own
from knowledge import risks as rules
from knowledge import scoring

BROUGHT = "taken over from a file"
_RISK = "RSK"


def look(context: Context, kind: str, found: Matched, lines: Iterable[Line]) -> tuple[Outcome, list[Wanted]]:
    """Return what a file would change, and change nothing. Raises ImportProblems with every mistake in it."""
    outcome = comparing.compare(context, kind, found, lines)
    reader = Reader(context, kind, outcome.problems)
    there = _titles(context, kind)
    wanted: list[Wanted] = []
    kept: list[New] = []
    for new in outcome.new:
        title = _folded(new.cells.get("title", ""))
        if title in there:
            outcome.there += 1
            continue
        read = reader.read(new)
        kept.append(new)
        if read is not None:
            wanted.append(read)
            there.add(title)
    outcome.new = kept
    if outcome.problems:
        raise ImportProblems(outcome.problems)
    return outcome, wanted


def take(context: Context, kind: str, found: Matched, lines: Iterable[Line], *, by: int | None) -> Outcome:
    """Change what a file says, in the name of somebody. Raises ImportProblems for a mistake; nothing is done then."""
    outcome, wanted = look(context, kind, found, lines)
    if by is None and not outcome.nothing:
        raise UserError(f"Somebody has to bring these {kind}.", hint="Say who: --by slack:U0123ABCD.")
    for changed in outcome.changed:
        _correct(context, changed, by)
    if kind == "escalations":
        for one in wanted:
            _escalation(context, one, by or 0)
    else:
        telling.owners(context, [_risk(context, one, by) for one in wanted])
    return outcome


def _correct(context: Context, changed: Changed, by: int | None) -> None:
    row = changed.row
    version = records.changed(context.session, row, expected=changed.version)
    for one in changed.differences:
        setattr(row, one.field.name, one.value)
    names = [one.field.name for one in changed.differences]
    if isinstance(row, Risk):
        row.changed_at = context.now
        own.remind(context, row)  # its title may be another
    _note(context, row, by, "corrected by a file", version=version, fields=names)


def _escalation(context: Context, wanted: Wanted, by: int) -> None:
    raised = wanted.moment(context, "raised_on") or context.now
    texts = {name: str(text) for name, text in wanted.texts.items()}
    texts.setdefault("agency", "")
    row = Escalation(
        ref=records.next_ref(context.session, escalations.PREFIX, context.today.year),
        version=1,
        group_id=groups.group_id(context.session, wanted.group),
        raised_by=by,
        raised_by_role="",
        drafted_at=raised,
        raised_at=raised,
        deferrals=0,
        clocks=clocks.freeze(context.today),
        status=wanted.status,
        **texts,
    )
    row.decided_at = wanted.moment(context, "decided_on")
    row.decided_how = "meeting" if row.decided_at else ""
    if wanted.status == "closed":
        row.closed_at, row.closed_by = wanted.moment(context, "closed_on") or context.now, by
    context.session.add(row)
    context.session.flush()
    _note(context, row, by, BROUGHT, version=1, fields=sorted(texts))
    if row.status == "submitted":
        watching.triage(context, row)


def _risk(context: Context, wanted: Wanted, by: int | None) -> Risk:
    texts = {name: str(text) for name, text in wanted.texts.items()}
    texts["agency_raising"] = texts.pop("agency", "")
    owns = wanted.status == Status.OPEN
    row = risks.raise_one(
        context.session,
        ref=records.next_ref(context.session, _RISK, context.today.year),
        version=1,
        raised_by=by,
        raised_at=wanted.moment(context, "raised_on") or context.now,
        changed_at=context.now,
        source="report",
        owner_id=wanted.owner_id,
        owner_accepted_at=context.now if owns else None,
        lead_group_id=groups.group_id(context.session, wanted.group) if wanted.group else None,
        target_date=wanted.days.get("target_date"),
        entry_scale="3x3" if wanted.in_three else "5x5",
        scored_at=context.now if "current_l" in wanted.steps else None,
        status=wanted.status,
        clocks=rules.clocks(),
        **wanted.steps,
        **texts,
    )
    if wanted.status == Status.CLOSED:
        row.closed_at, row.closed_by = wanted.moment(context, "closed_on") or context.now, by
        row.closure_reason = "gone"
    for which in ("inherent", "current", "target"):
        if f"{which}_l" in wanted.steps:
            _scored(context, row, which, wanted.steps, by)
    if owns:
        own.plan_review(context, row, context.today)
    _note(context, row, by, BROUGHT, version=1, fields=sorted({**texts, **wanted.steps}))
    return row


def _scored(context: Context, row: Risk, which: str, steps: Mapping[str, int], by: int | None) -> None:
    risks.add_score(
        context.session,
        risk_id=row.id,
        at=context.now,
        by=by,
        which=which,
        likelihood=steps[f"{which}_l"],
        impact=steps[f"{which}_i"],
        trend=scoring.Trend.SAME.value,
        reason="As it was in the register that was taken over",
    )


def _note(
    context: Context, row: Escalation | Risk, by: int | None, action: str, *, version: int, fields: Iterable[str]
) -> None:
    history.note(
        context.session,
        row.ref,
        at=context.now,
        actor_person_id=by,
        action=action,
        before_state="" if action == BROUGHT else row.status,
        after_state=row.status,
        detail={"fields": ", ".join(fields)},
        version=version,
    )


def _titles(context: Context, kind: str) -> set[str]:
    """Return the titles that are on the list already, so that the same file taken twice changes nothing."""
    table = Escalation if kind == "escalations" else Risk
    return {_folded(one) for one in papers.titles(context.session, table)}


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()
