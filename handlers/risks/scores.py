"""Scores of a risk: before controls, now and target, given with a reason; the trend and the next review follow."""

from __future__ import annotations

from db import risks
from db.people import SECRETARIAT, Role
from db.risks import Risk, Status
from handlers import access
from handlers.context import Context, Request
from handlers.messages import Card, Errors, Field, Form
from handlers.risks import boxes, cards
from handlers.risks import records as own
from knowledge import scoring

MAX_REASON = 300
_WHICH = {"inherent": "Before any control", "current": "As it is now", "target": "What we aim for"}
_KEEPERS = tuple(role.value for role in SECRETARIAT)


def open_score(context: Context, request: Request) -> Form:
    """Open the form for the three scores, from one to five each, with why."""
    risk = own.get(context, request.value)
    _allow(context, risk)
    fields = [
        boxes.step(f"{which}_{part}", f"{label}: {scale}", scale, getattr(risk, f"{which}_{part}"))
        for which, label in _WHICH.items()
        for part, scale in (("l", "likelihood"), ("i", "impact"))
    ]
    return Form(
        title="Score it",
        action="risks.rate",
        token=context.token,
        about=access.about(risk),
        intro="Likelihood times impact: Green up to 6, Amber up to 12, Red from 15.",
        fields=(
            *fields,
            Field(
                "target_date", "Target reached by", "date", hint="The day by which it should be there.",
                value=f"{risk.target_date:%Y-%m-%d}" if risk.target_date else "",
            ),
            Field("reason", "Why these scores?", "longtext", max_length=MAX_REASON),
        ),
        submit="Save",
    )  # fmt: skip


def rate(context: Context, request: Request) -> Card | Errors:
    """Keep new scores with their reason, tell the partners of a new red, and set the next review."""
    risk = own.get(context, request.value)
    _allow(context, risk)
    names = [f"{which}_{part}" for which in _WHICH for part in "li"]
    given = boxes.steps(request.fields, *names)
    if isinstance(given, Errors):
        return given
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    target_date = boxes.day(context, request.fields, "target_date")
    if isinstance(target_date, Errors) and request.fields.get("target_date", "") != str(risk.target_date):
        return target_date
    if wrong := _impossible(given):
        return Errors(wrong)
    if clash := own.held(context, risk, request, "reason"):
        return clash
    if not isinstance(target_date, Errors):
        risk.target_date = target_date
    _keep(context, risk, given, reason)
    return cards.show(context, risk)


def _impossible(given: dict[str, int]) -> dict[str, str]:
    now = given["current_l"] * given["current_i"]
    if now > given["inherent_l"] * given["inherent_i"]:
        return {"current_l": "Controls cannot make it worse: the score now is above that before any control."}
    if given["target_l"] * given["target_i"] > now:
        return {"target_l": "The target is above the score now."}
    return {}


def _keep(context: Context, risk: Risk, given: dict[str, int], reason: str) -> None:
    was, first = own.colour(context, risk), risk.target_l is None
    before = risk.current_l * risk.current_i if risk.current_l and risk.current_i else None
    moved = scoring.trend(None if first else before, given["current_l"] * given["current_i"])
    for name, value in given.items():
        setattr(risk, name, value)
    risk.trend, risk.entry_scale, risk.scored_at = moved.value, "5x5", context.now
    for which in _WHICH:
        risks.add_score(
            context.session,
            risk_id=risk.id, at=context.now, by=context.actor.person_id, which=which,
            likelihood=given[f"{which}_l"], impact=given[f"{which}_i"],
            trend=moved.value if which == "current" else scoring.Trend.SAME.value, reason=reason,
        )  # fmt: skip
    if risk.status == Status.OPEN:
        own.move(context, risk, "rescore", fields="scores", trend=moved.value)
    else:
        own.note(context, risk, "scored", fields="scores", trend=moved.value)
    if risk.status != Status.ALERT:
        own.plan_review(context, risk, context.today)
    own.red(context, risk, was)


def _allow(context: Context, risk: Risk) -> None:
    """Let the owner and the secretariat score what is on the register, and the Strategy Manager an alert.

    What is with the Executive or accepted is reviewed too, and stays where it is.
    """
    if risk.status == Status.ALERT:
        own.allow(context, risk, Role.STRATEGY_MANAGER.value)
    elif risk.status in (Status.ESCALATED, Status.ACCEPTED):
        own.allow(context, risk, own.OWNER, *_KEEPERS)
    else:
        own.may(context, risk, "rescore")
