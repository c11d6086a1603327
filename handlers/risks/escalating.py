"""A risk goes to the Executive: an escalation is drafted from it, by its owner or chair, or by the clock."""

from __future__ import annotations

from datetime import date, timedelta

from db import escalations, history, records, relations
from db.people import SECRETARIAT
from db.relations import Kind
from db.risks import Risk
from handlers import promises
from handlers.context import Context, Request, UserError
from handlers.escalations import watching
from handlers.messages import Button, Card, Tone
from handlers.risks import cards
from handlers.risks import records as own
from knowledge import workflows
from knowledge.calendar import working_days_after
from knowledge.scoring import Rag

_ANSWERED = frozenset({"responded", "in-action", "closed", "withdrawn"})
_MOST = {"issue": 1000, "impact_on_children": 500, "already_tried": 500}


def escalate(context: Context, request: Request) -> Card:
    """Draft an escalation from a risk; its chair completes and sends it."""
    risk = own.get(context, request.value)
    own.may(context, risk, "escalate")
    if risk.lead_group_id is None:
        raise UserError("It has no lead group that could escalate it.", hint="Ask the Strategy Manager to choose one.")
    own.pressed(context, risk, request)
    _begin(context, risk, own.me(context))
    return cards.show(context, risk, title=f"{risk.escalation_ref} is drafted from {risk.ref}", tone=Tone.GOOD)


def by_itself(context: Context, risk: Risk) -> bool:
    """Draft an escalation of a red risk whose target date has passed or about which nothing is being done."""
    if risk.lead_group_id is None or risk.owner_id is None:
        return False  # the check of the register shows it
    own.by_clock(context, risk)
    _begin(context, risk, risk.owner_id, clock=True)
    return True


def must(context: Context, risk: Risk, *, busy: bool) -> bool:
    """Say whether a risk on the register has to go to the Executive by itself; `busy` when an action of it is open."""
    last = context.day(risk.escalated_at) if risk.escalated_at else None
    scored = context.day(risk.scored_at) if risk.scored_at else context.today
    return due(own.colour(context, risk), risk, busy=busy, scored=scored, last=last, today=context.today)


def due(colour: Rag | None, risk: Risk, *, busy: bool, scored: date, last: date | None, today: date) -> bool:
    """Say whether a risk is red, and past its target or without any action for too long; and was not sent lately."""
    if colour is not Rag.RED:
        return False
    if last is not None and today < last + timedelta(days=int(risk.clocks["escalate_again_days"])):
        return False
    past = risk.target_date is not None and risk.target_date < today
    pause = int(risk.clocks["escalate_without_action_working_days"])
    return past or (not busy and today > working_days_after(scored, pause))


def hide(context: Context, risk: Risk) -> None:
    """Mark what was escalated from a risk as OFFICIAL-SENSITIVE, like the risk whose words stand in it."""
    for row in escalations.of_risk(context.session, risk.ref):
        if row.marking == own.SENSITIVE:
            continue
        version = records.changed(context.session, row, expected=row.version)
        row.marking = own.SENSITIVE
        history.note(
            context.session, row.ref, at=context.now, actor_person_id=context.actor.person_id, action="corrected",
            before_state=row.status, after_state=row.status, detail={"fields": "marking"}, version=version,
        )  # fmt: skip
        watching.again(context, row)
        promises.again(context, row.ref)


def answered(context: Context, risk: Risk) -> bool:
    """Bring a risk back when the Executive has answered its escalation, or that was taken back; say whether it was."""
    found = escalations.of_ref(context.session, risk.escalation_ref) if risk.escalation_ref else None
    if found is None or found.status not in _ANSWERED:
        return False
    own.by_clock(context, risk)
    own.move(context, risk, "answered", clock=True, escalation=found.ref, status=found.status)
    concerned = [*own.place_of(context, risk.owner_id), *own.managers(context), *own.reading_chairs(context, risk)]
    stands = workflows.escalations().states[found.status].words
    said = f"{found.ref}: {stands}. Please look whether the scores and the actions still fit."
    own.tell(context, risk, "answered", concerned, f"{risk.ref} is back from the Executive", said)
    return True


def _begin(context: Context, risk: Risk, who: int, *, clock: bool = False) -> None:
    own.move(context, risk, "escalate", clock=clock)
    texts = {
        "issue": "\n".join(filter(None, (risk.cause, risk.event))),
        "impact_on_children": risk.consequence,
        "already_tried": risk.doing,
    }
    row = escalations.draft(
        context.session,
        group_id=risk.lead_group_id or 0,
        raised_by=who,
        raised_by_role="clock" if clock else own.roles_in_words(context),
        year=context.today.year,
        at=context.now,
        title=risk.title,
        type="system-risk",
        marking=risk.marking,
        linked_risk_id=risk.ref,
        **{name: text[: _MOST[name]] for name, text in texts.items()},
    )
    by = None if clock else who
    history.note(
        context.session, row.ref, at=context.now, actor_person_id=by, action="drafted", after_state=row.status,
        detail={"from": risk.ref}, version=row.version,
    )  # fmt: skip
    risk.escalation_ref, risk.escalated_at = row.ref, context.now
    context.session.flush()
    relations.link(context.session, risk.ref, Kind.ESCALATED_AS, row.ref, at=context.now, by=by)
    own.note(context, risk, "escalation drafted", clock=clock, escalation=row.ref)
    concerned = [
        *own.chairs(context, risk), *own.place_of(context, risk.owner_id), *own.managers(context),
        *own.reach(context, *(SECRETARIAT if clock else ())),
    ]  # fmt: skip
    why = "It is red, and its target date has passed or nothing is being done about it. " if clock else ""
    said = f"{why}{row.ref} is a draft. The chair of the lead group completes it and sends it."
    opens = (Button(f"Open {row.ref}", "escalation.show", row.ref),)
    own.tell(context, risk, "escalated", concerned, f"{risk.ref} goes to the Executive", said, buttons=opens)
