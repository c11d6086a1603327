"""How a risk is shown: its record with what can be done next, its scores over time, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from db import actions, challenges, escalations, relations, risks
from db.people import SECRETARIAT, Person, Role
from db.risks import Risk, Status
from handlers import access, titles
from handlers.context import Context, Request, UserError, number
from handlers.messages import MAX_BUTTONS, Button, Card, Element, Facts, Heading, Note, Table, Text, Tone
from handlers.prose import escape
from handlers.risks import checks
from handlers.risks import records as own
from knowledge import risks as rules
from knowledge import workflows

ROWS = 8  # of a table on the card of one risk


@dataclass(frozen=True, slots=True)
class _Choice:
    """One thing that can be done to a risk: in which states, by whom, and which button does it."""

    label: str
    action: str
    states: frozenset[str]
    who: frozenset[str]
    opens: bool = True
    style: Literal["plain", "primary", "danger"] = "plain"


_S, _R = Status, Role
_KEEPERS = frozenset(role.value for role in SECRETARIAT)
_MANAGER = frozenset({_R.STRATEGY_MANAGER.value})
_OWNER = frozenset({own.OWNER})
_ALERT, _OPEN = frozenset({_S.ALERT.value}), frozenset({_S.OPEN.value})
_KEPT = frozenset({_S.OPEN.value, _S.ESCALATED.value, _S.ACCEPTED.value})
_LIVE = _ALERT | _KEPT
_ENDED = frozenset({_S.ACCEPTED.value, _S.CLOSED.value})
_MEMBERS = frozenset(role.value for role in Role) - {_R.ADMIN.value, _R.DATA_PROTECTION_OFFICER.value} | {own.OWNER}
_PARTS = _MEMBERS | {own.CHAIR}
_CLOSERS = frozenset({own.CHAIR, _R.STATUTORY_PARTNER.value})
CHOICES = (
    _Choice("I will own it", "risks.own", _LIVE, _OWNER, opens=False, style="primary"),
    _Choice("It is not mine", "risks.decline", _LIVE, _OWNER),
    _Choice("Agree to close it", "risks.agree", _OPEN, _CLOSERS, opens=False, style="primary"),
    _Choice("Keep it open", "risks.keep-open", _OPEN, _CLOSERS),
    _Choice("Put it on the register", "risks.register", _ALERT, _MANAGER, opens=False, style="primary"),
    _Choice("Describe it", "risks.describe", _LIVE, _MANAGER | {_R.COORDINATOR.value}),
    _Choice("Score it", "risks.score", _ALERT, _MANAGER),
    _Choice("Owner and answer", "risks.assign", _LIVE, _MANAGER),
    _Choice("Merge it", "risks.merge", _ALERT, _MANAGER),
    _Choice("It is not a risk", "risks.dismiss", _ALERT, _MANAGER),
    _Choice("Score it again", "risks.score", _KEPT, _OWNER | _KEEPERS, style="primary"),
    _Choice("Add a control", "risks.control", _LIVE, _OWNER | _KEEPERS),
    _Choice("Add an action", "actions.new", _KEPT, _OWNER | _KEEPERS),
    _Choice("Escalate it", "risks.escalate", _OPEN, _OWNER | {own.CHAIR}, opens=False),
    _Choice("Accept it for a time", "risks.accept", _OPEN, frozenset({_R.STATUTORY_PARTNER.value})),
    _Choice("Ask to close it", "risks.close", _OPEN, _MANAGER),
    _Choice("Open it again", "risks.reopen", _ENDED, _OWNER | {own.CHAIR, _R.SCRUTINEER.value}),
    _Choice("Challenge it", "challenges.ask", frozenset(Status), _MEMBERS),
    _Choice("Scores over time", "risks.scores", frozenset(Status), _PARTS, opens=False),
    _Choice("Links", "linking.show", frozenset(Status), _PARTS, opens=False),
    _Choice("History", "audit.history", frozenset(Status), _PARTS, opens=False),
)


_BY_REF = frozenset({"linking.show", "audit.history"})


def show_typed(context: Context, request: Request) -> Card:
    """Show what can be raised, or with a reference that one risk."""
    if request.text.strip():
        return show(context, own.get(context, request.text.strip()))
    own.me(context)
    return Card(
        title="Risks",
        body=(Text("Raise one in six boxes, or look at the register. Type **risk** and a reference to see one."),),
        actions=(
            Button("Raise a risk", "risks.new", style="primary", opens=True),
            Button("Open risks", "lists.show", "risks|open|0|"),
            Button("Heat map", "heatmap.show"),
            *([Button("Check the register", "risks.check")] if context.actor.roles & SECRETARIAT else []),
        ),
    )


def open_one(context: Context, request: Request) -> Card:
    """Show one risk, with what can be done next."""
    return show(context, own.get(context, request.value))


def more(context: Context, request: Request) -> Card:
    """Show what else can be done to a risk."""
    ref, _, page = request.value.partition(" ")
    risk = own.get(context, ref)
    return Card(
        f"{risk.ref}: what else?", (Text(escape(risk.title)),), buttons(context, risk, page=max(number(page), 1))
    )


def show(context: Context, risk: Risk, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of one risk for somebody who may read it."""
    named = [Text(f"**{escape(risk.title)}**")] if title else []
    body: list[Element] = [*named, Facts(tuple(_facts(context, risk))), *_words(risk)]
    body += [*_controls(context, risk), *_actions(context, risk), *_challenges(context, risk), *_links(context, risk)]
    if context.actor.roles & SECRETARIAT and (wrong := _to_put_right(context, risk)):
        body += [Heading("To put right"), Text("\n".join(f"- {one}" for one in wrong))]
    return Card(
        title=title or f"{risk.ref}: {risk.title}",
        body=tuple(body),
        actions=buttons(context, risk),
        tone=tone,
        fallback=f"{risk.ref}, {rules.states()[risk.status]}",
    )


def _to_put_right(context: Context, risk: Risk) -> list[str]:
    """Return what an alert lacks before it can be on the register, or what is not as it should be there."""
    lacks = own.missing(risk) if risk.status == Status.ALERT else []
    return [*lacks, *(one.words for one in checks.of_one(context, risk))]


def buttons(context: Context, risk: Risk, *, page: int = 0) -> tuple[Button, ...]:
    """Return the buttons for what the one who asks can do now; the sixth leads to more."""
    mine = own.parts(context, risk)
    able = [one for one in CHOICES if risk.status in one.states and one.who & mine and _fits(risk, one, mine)]
    every = [*_escalation(context, risk), *(_button(risk, one) for one in able)]
    size = MAX_BUTTONS - 1
    if not page and len(every) == MAX_BUTTONS:
        return tuple(every)
    found, rest = every[page * size : (page + 1) * size], every[(page + 1) * size :]
    if rest:
        found.append(Button("More", "risks.more", f"{risk.ref} {page + 1}"))
    elif page:
        found.append(Button("Back", "risks.open", risk.ref))
    return tuple(found)


def _button(risk: Risk, one: _Choice) -> Button:
    value = risk.ref if one.action in _BY_REF else access.about(risk)
    return Button(one.label, one.action, value, style=one.style, opens=one.opens)


def _escalation(context: Context, risk: Risk) -> list[Button]:
    """Lead to the escalation that was drafted from a risk, for those who may read it."""
    ref = risk.escalation_ref
    return [Button(f"Open {ref}", "escalation.show", ref)] if ref and titles.seen(context, [ref]) else []


def _fits(risk: Risk, choice: _Choice, mine: frozenset[str]) -> bool:
    """Leave out what is settled already."""
    match choice.action:
        case "risks.own" | "risks.decline":
            return risk.owner_accepted_at is None
        case "risks.register":
            return not own.missing(risk)
        case "risks.agree" | "risks.keep-open":
            return risk.closure_asked_by is not None and own.closer(risk) in mine
        case _:
            return True


def _facts(context: Context, risk: Risk) -> Iterator[tuple[str, str]]:
    state = rules.states()[risk.status]
    yield "State", state[0].upper() + state[1:]  # and no other letter: it may be with the Executive
    trend = f", {_TREND[risk.trend]}" if risk.status != Status.ALERT else ""  # which nobody has reviewed yet
    yield "Score now", f"{own.score(context, risk.current_l, risk.current_i)}{trend}"
    yield "Before controls", own.score(context, risk.inherent_l, risk.inherent_i)
    target = own.score(context, risk.target_l, risk.target_i)
    yield "Target", f"{target} by {own.day(risk.target_date)}" if risk.target_date else target
    asked = " (asked, has not accepted yet)" if risk.owner_id and risk.owner_accepted_at is None else ""
    yield "Owner", own.name_of(context, risk.owner_id) + asked
    yield "Lead group", own.group_of(context, risk) or "none yet"
    yield "Category", rules.choices("category")[risk.category]
    yield "Raised", f"{context.day(risk.raised_at):%-d %B %Y}, {risk.agency_raising or 'no agency'}"
    for label, box, value in (
        ("When it may happen", "proximity", risk.proximity),
        ("Answer to it", "response", risk.response),
        ("Appetite", "appetite", risk.appetite),
    ):
        if value:
            yield label, rules.choices(box)[value]
    if risk.priority_ids:
        yield "Priorities", ", ".join(rules.choices("priority")[one] for one in risk.priority_ids)
    if risk.next_review:
        yield "Next review", own.day(risk.next_review)
    if risk.status == Status.ACCEPTED:
        yield "Accepted", f"by {own.name_of(context, risk.accepted_by)}, until {own.day(risk.acceptance_expiry)}"
    if found := escalations.of_ref(context.session, risk.escalation_ref):
        yield "Escalation", f"{found.ref}: {workflows.escalations().states[found.status].words}"
    if risk.merged_into:
        yield "Merged into", risk.merged_into
    yield "Marking", risk.marking


_TREND = {"up": "up since the last review", "same": "unchanged", "down": "down since the last review"}


def _words(risk: Risk) -> Iterator[Element]:
    for label, text in (
        ("Cause", risk.cause),
        ("What could happen", risk.event),
        ("What it would mean", risk.consequence),
        ("Agencies", risk.agencies_affected),
        ("Done so far", risk.doing),
        ("Why it is accepted", risk.acceptance_reason if risk.status == Status.ACCEPTED else ""),
        ("Why it can be closed", risk.evidence),
        ("Reason", risk.reason),
    ):
        if text:
            yield Text(f"**{label}:** {escape(text)}")


def _controls(context: Context, risk: Risk) -> Iterator[Element]:
    rows = risks.controls(context.session, risk.id)
    if rows:
        kinds, works = rules.choices("control"), rules.choices("effective")
        lines = tuple((row.words, kinds[row.kind], works[row.effective]) for row in rows[:ROWS])
        yield Heading("Controls")
        yield Table(("Control", "Kind", "Effect"), lines, more=_more(len(rows)))


def _actions(context: Context, risk: Risk) -> Iterator[Element]:
    rows = actions.of(context.session, risk.ref)
    if rows:
        ids = {row.owner_person_id for row in rows[:ROWS] if row.owner_person_id}
        named = context.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
        names = {number: name for number, name in named}  # noqa: C416 - rows are no pairs to mypy
        lines = tuple(
            (
                row.ref,
                row.what,
                names.get(row.owner_person_id or 0, row.owner_role),
                f"Done {row.done_on:%-d %B %Y}" if row.done_on else f"Due {row.due_on:%-d %B %Y}",
            )
            for row in rows[:ROWS]
        )
        yield Heading("Actions")
        yield Table(("Action", "What", "Who", "When"), lines, more=_more(len(rows)))


def _challenges(context: Context, risk: Risk) -> Iterator[Element]:
    rows = challenges.of_risk(context.session, risk.ref, access.visible_challenges(context))
    if rows:
        lines = (f"- {row.ref}: {row.status.replace('-', ' ')}, answer due {own.day(row.response_due)}" for row in rows)
        yield Heading("Challenges")
        yield Text("\n".join(lines))


def _links(context: Context, risk: Risk) -> Iterator[Element]:
    rows = relations.of(context.session, risk.ref) if access.cleared(context) else []
    if rows:  # others see under Links what of it they may read
        yield Note("; ".join(f"{row.said} {row.ref}" for row in rows[:ROWS]))


def _more(count: int) -> str:
    return f"and {count - ROWS} more" if count > ROWS else ""


def show_scores(context: Context, request: Request) -> Card:
    """Show every score that a risk was given, newest first, with why."""
    risk = own.get(context, request.value)
    rows = risks.scores(context.session, risk.id, limit=30)
    lines = tuple(
        (
            f"{context.day(row.at):%-d %B %Y}",
            _WHICH[row.which],
            own.score(context, row.likelihood, row.impact),
            row.reason,
        )
        for row in rows
    )
    if not lines:
        raise UserError("It has no scores yet.", hint=f"Type risk {risk.ref} to see it.")
    return Card(
        title=f"{risk.ref}: scores over time",
        body=(Table(("Day", "Score", "Value", "Why"), lines),),
        actions=(Button("Back", "risks.open", risk.ref),),
    )


_WHICH = {"inherent": "Before controls", "current": "Now", "target": "Target"}
