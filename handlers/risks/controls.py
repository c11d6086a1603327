"""What is in place against a risk: controls, each with its kind and whether it works. They end, and are kept."""

from __future__ import annotations

from db import risks
from db.people import SECRETARIAT
from db.risks import Status
from handlers import access
from handlers.context import Context, Request, UserError, number
from handlers.messages import Card, Errors, Field, Form
from handlers.risks import boxes, cards
from handlers.risks import records as own

MAX_CONTROL = 300
_ABLE = (own.OWNER, *(role.value for role in SECRETARIAT))
_LIVE = (Status.ALERT, Status.OPEN, Status.ESCALATED, Status.ACCEPTED)


def open_control(context: Context, request: Request) -> Form:
    """Open the form for something that is in place against a risk, or that is not any more."""
    risk = own.get(context, request.value)
    own.allow(context, risk, *_ABLE)
    there = risks.controls(context.session, risk.id)
    known = {str(row.id): row.words for row in there}
    return Form(
        title="Controls",
        action="risks.add-control",
        token=context.token,
        about=access.about(risk),
        intro="What is in place already. What is still to be done is an action.",
        fields=(
            Field("words", "What is in place?", "longtext", required=not known, max_length=MAX_CONTROL),
            boxes.choice("kind", "What does it do?", "control", "preventive"),
            boxes.choice("effective", "Does it work?", "effective", "partly"),
            *([_ended(known)] if known else []),
        ),
        submit="Save",
    )


def _ended(known: dict[str, str]) -> Field:
    choices = boxes.options({boxes.NONE: "None", **{key: words[:70] for key, words in known.items()}})
    return Field("ended", "Not in place any more", "choice", required=False, choices=choices, value=boxes.NONE)


def add_control(context: Context, request: Request) -> Card | Errors:
    """Keep a control, and end the one that is not in place any more."""
    risk = own.get(context, request.value)
    own.allow(context, risk, *_ABLE)
    text, ended = request.fields.get("words", "").strip(), request.fields.get("ended", boxes.NONE)
    picked = {
        "kind": boxes.chosen(request.fields, "kind", "control"),
        "effective": boxes.chosen(request.fields, "effective", "effective"),
    }
    if wrong := {name: "Please choose one of the list." for name, value in picked.items() if not value}:
        return Errors(wrong)
    old = risks.control(context.session, risk.id, number(ended))
    if not text and old is None:
        return Errors({"words": "Please say what is in place."})
    if problem := boxes.too_long(text, MAX_CONTROL):
        return Errors({"words": problem})
    if risk.status not in _LIVE:
        raise UserError("It is not on the register.", hint=f"Type risk {risk.ref} to see where it stands.")
    if clash := own.held(context, risk, request, "words"):
        return clash
    if old is not None:
        old.ended_at = context.now
        own.note(context, risk, "control ended", control=old.id)
    if text:
        row = risks.add_control(
            context.session,
            risk_id=risk.id, words=text, added_at=context.now, added_by=context.actor.person_id, **picked,
        )  # fmt: skip
        own.note(context, risk, "control added", control=row.id, effective=row.effective)
    return cards.show(context, risk)
