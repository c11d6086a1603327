"""A risk is accepted for a time by a statutory partner, and opened again: by a person with a reason, or the clock."""

from __future__ import annotations

from db.risks import Risk
from handlers import access
from handlers.context import Context, Request
from handlers.messages import Card, Errors, Field, Form, Tone
from handlers.prose import escape
from handlers.risks import boxes, cards
from handlers.risks import records as own

MAX_REASON = 500


def open_accept(context: Context, request: Request) -> Form:
    """Open the form in which a statutory partner records that a risk is accepted, until when and why."""
    risk = own.get(context, request.value)
    own.may(context, risk, "accept")
    return Form(
        title="Accept it for a time",
        action="risks.tolerate",
        token=context.token,
        about=access.about(risk),
        intro="It stays on the register, and opens again by itself on that day.",
        fields=(
            Field("reason", "Why is it accepted?", "longtext", max_length=MAX_REASON),
            Field("expiry", "Until when?", "date", hint="At most a year ahead."),
            boxes.choice("how", "Where was it decided?", "decided", "meeting"),
        ),
        submit="Accept it",
    )


def accept(context: Context, request: Request) -> Card | Errors:
    """Keep that a risk is accepted, by whom, why and until when."""
    risk = own.get(context, request.value)
    own.may(context, risk, "accept")
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    expiry = boxes.day(context, request.fields, "expiry", most=int(risk.clocks["accept_at_most_days"]))
    if isinstance(expiry, Errors):
        return expiry
    how = boxes.chosen(request.fields, "how", "decided")
    if not how:
        return Errors({"how": "Please choose one of the list."})
    if clash := own.held(context, risk, request, "reason"):
        return clash
    risk.accepted_by, risk.accepted_at, risk.accepted_how = context.actor.person_id, context.now, how
    risk.acceptance_reason, risk.acceptance_expiry = reason, expiry
    own.move(context, risk, "accept", how=how, until=expiry.isoformat())
    _tell(context, risk, "accepted", f"{risk.ref} is accepted", f"Until {own.day(expiry)}.")
    return cards.show(context, risk, title=f"{risk.ref} is accepted until {own.day(expiry)}", tone=Tone.GOOD)


def open_reopen(context: Context, request: Request) -> Form:
    """Open the form in which an accepted or a closed risk is opened again."""
    risk = own.get(context, request.value)
    own.may(context, risk, "reopen")
    return Form(
        title="Open it again",
        action="risks.revive",
        token=context.token,
        about=access.about(risk),
        fields=(Field("reason", "Why?", "longtext", max_length=MAX_REASON),),
        submit="Open it",
    )


def reopen(context: Context, request: Request) -> Card | Errors:
    """Open an accepted or a closed risk again, with the reason."""
    risk = own.get(context, request.value)
    own.may(context, risk, "reopen")
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    if clash := own.held(context, risk, request, "reason"):
        return clash
    risk.reason = reason
    own.move(context, risk, "reopen")
    forget(risk)
    own.plan_review(context, risk, context.today)
    _tell(context, risk, "reopened", f"{risk.ref} is open again", f"Why: {escape(reason)}")
    return cards.show(context, risk, title=f"{risk.ref} is open again", tone=Tone.GOOD)


def forget(risk: Risk) -> None:
    """Let what was decided about an acceptance or a closure hold no longer; the history keeps it."""
    risk.accepted_by = risk.accepted_at = risk.acceptance_expiry = None
    risk.acceptance_reason = risk.accepted_how = ""
    risk.closure_asked_by = risk.closed_by = risk.closed_at = None
    risk.closure_reason = risk.evidence = ""


def expire(context: Context, risk: Risk) -> None:
    """Open a risk again whose acceptance has run out, and tell everybody concerned."""
    own.by_clock(context, risk)
    until = own.day(risk.acceptance_expiry)
    own.move(context, risk, "expire", clock=True)
    forget(risk)
    own.plan_review(context, risk, context.today)
    _tell(context, risk, "expired", f"{risk.ref} is open again", f"It was accepted until {until}, and that has passed.")


def _tell(context: Context, risk: Risk, event: str, title: str, said: str) -> None:
    concerned = [
        *own.place_of(context, risk.owner_id), *own.managers(context), *own.reading_chairs(context, risk),
        *own.reach(context, *own.PARTNERS),
    ]  # fmt: skip
    own.tell(context, risk, event, concerned, title, said)
