"""A risk is closed by two: the Strategy Manager gives the evidence, and the chair of its lead group agrees.

Chairs may not read what is OFFICIAL-SENSITIVE: there a statutory partner agrees in their place.
"""

from __future__ import annotations

from db.people import Role
from db.risks import Risk, Status
from handlers import access
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Field, Form, Tone
from handlers.prose import escape
from handlers.risks import boxes, cards
from handlers.risks import records as own

MAX_EVIDENCE, MAX_REASON = 800, 500


def open_close(context: Context, request: Request) -> Form:
    """Open the form in which the Strategy Manager says why a risk can be closed."""
    risk = own.get(context, request.value)
    own.allow(context, risk, Role.STRATEGY_MANAGER.value)
    own.may(context, risk, "close")
    return Form(
        title="Ask to close it",
        action="risks.ask-close",
        token=context.token,
        about=access.about(risk),
        intro="The chair of its lead group has to agree before it is closed.",
        fields=(
            boxes.choice("why", "Why can it be closed?", "closing", "target"),
            Field("evidence", "What shows it?", "longtext", max_length=MAX_EVIDENCE),
        ),
        submit="Ask the chair",
    )


def ask(context: Context, request: Request) -> Card | Errors:
    """Keep the evidence, and ask the chair of the lead group to agree."""
    risk = own.get(context, request.value)
    own.allow(context, risk, Role.STRATEGY_MANAGER.value)
    own.may(context, risk, "close")
    why = boxes.chosen(request.fields, "why", "closing")
    if not why:
        return Errors({"why": "Please choose one of the list."})
    evidence = boxes.written(request.fields, "evidence", MAX_EVIDENCE)
    if isinstance(evidence, Errors):
        return evidence
    if why == "target" and not _target_met(risk):
        return Errors({"why": "The score now is above the target. Score it again, or say that the risk is gone."})
    chairs = own.closers(context, risk)
    if not chairs:
        raise UserError(
            "Nobody is enrolled who could agree to it.", hint="Choose a lead group, or give it a chair, first."
        )
    if clash := own.held(context, risk, request, "evidence"):
        return clash
    risk.closure_reason, risk.evidence, risk.closure_asked_by = why, evidence, context.actor.person_id
    own.note(context, risk, "closing asked for", why=why)
    said = "Open it to read the evidence, then agree, or say why it stays open."
    answers = (
        Button("Agree to close it", "risks.agree", access.about(risk), style="primary"),
        Button("Keep it open", "risks.keep-open", access.about(risk), opens=True),
    )
    own.tell(context, risk, "closing", chairs, f"May {risk.ref} be closed?", said, buttons=answers)
    return cards.show(context, risk, title=f"The chair is asked to agree that {risk.ref} is closed", tone=Tone.GOOD)


def agree(context: Context, request: Request) -> Card:
    """Close a risk as the one who has to agree, after the Strategy Manager gave the evidence."""
    risk = own.get(context, request.value)
    own.allow(context, risk, own.closer(risk))
    own.pressed(context, risk, request)
    if risk.closure_asked_by is None or not risk.evidence:
        raise UserError("Nobody has asked to close it.", hint="The Strategy Manager gives the evidence first.")
    if risk.closure_asked_by == context.actor.person_id:
        raise UserError("It takes two to close a risk.", hint="Somebody else has to agree.")
    if risk.closure_reason == "target" and not _target_met(risk):
        raise UserError("It was scored above its target since.", hint="Ask the Strategy Manager to look at it again.")
    own.move(context, risk, "close", agreed=True, asked_by=risk.closure_asked_by, why=risk.closure_reason)
    risk.closed_by, risk.closed_at = risk.closure_asked_by, context.now
    own.remind(context, risk)
    concerned = [
        *own.place_of(context, risk.raised_by), *own.place_of(context, risk.owner_id), *own.managers(context),
    ]  # fmt: skip
    own.tell(context, risk, "closed", concerned, f"{risk.ref} is closed", f"What shows it: {escape(risk.evidence)}")
    return cards.show(context, risk, title=f"{risk.ref} is closed", tone=Tone.GOOD)


def open_keep(context: Context, request: Request) -> Form:
    """Open the form in which the one who has to agree says why a risk stays open."""
    risk = own.get(context, request.value)
    own.allow(context, risk, own.closer(risk))
    return Form(
        title="Keep it open",
        action="risks.kept-open",
        token=context.token,
        about=access.about(risk),
        fields=(Field("reason", "Why does it stay open?", "longtext", max_length=MAX_REASON),),
        submit="Keep it open",
    )


def keep(context: Context, request: Request) -> Card | Errors:
    """Leave a risk open whose closing was asked for, and tell the Strategy Manager why."""
    risk = own.get(context, request.value)
    own.allow(context, risk, own.closer(risk))
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    if risk.status != Status.OPEN or risk.closure_asked_by is None:
        raise UserError("Nobody asks to close it any more.", hint=f"Type risk {risk.ref} to see where it stands.")
    if clash := own.held(context, risk, request, "reason"):
        return clash
    concerned = [*own.place_of(context, risk.closure_asked_by), *own.managers(context)]
    risk.closure_asked_by, risk.closure_reason, risk.evidence, risk.reason = None, "", "", reason
    own.note(context, risk, "closing declined")
    own.tell(context, risk, "kept-open", concerned, f"{risk.ref} stays open", f"Why: {escape(reason)}")
    return cards.show(context, risk, title=f"{risk.ref} stays open", tone=Tone.GOOD)


def _target_met(risk: Risk) -> bool:
    now, target = (risk.current_l, risk.current_i), (risk.target_l, risk.target_i)
    if None in now or None in target:
        return False
    return (now[0] or 0) * (now[1] or 0) <= (target[0] or 0) * (target[1] or 0)
