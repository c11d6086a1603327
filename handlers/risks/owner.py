"""Who owns a risk: asked by the Strategy Manager, and taken or declined by them. Never the secretariat."""

from __future__ import annotations

from db import people, reminders
from db.people import SECRETARIAT, Role
from db.risks import Risk, Status
from handlers import access, owners
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Field, Form, Tone
from handlers.prose import escape
from handlers.risks import boxes, cards, triage
from handlers.risks import records as own

MAX_REASON = 300
_ASSIGNABLE = (Status.ALERT, Status.OPEN, Status.ESCALATED, Status.ACCEPTED)


def open_assign(context: Context, request: Request) -> Form:
    """Open the form for the owner of a risk, its lead group, and how it is answered."""
    risk = own.get(context, request.value)
    own.allow(context, risk, Role.STRATEGY_MANAGER.value)
    return Form(
        title="Owner and answer",
        action="risks.ask-owner",
        token=context.token,
        about=access.about(risk),
        fields=(
            owners.box(
                "name", "Who is asked to own it?", hint="As they are enrolled; never the secretariat.",
                value=own.name_of(context, risk.owner_id) if risk.owner_id else "",
            ),
            boxes.groups(context, own.group_of(context, risk)),
            boxes.choice("response", "How is it answered?", "response", risk.response or "treat"),
            boxes.choice("appetite", "Appetite for it", "appetite", risk.appetite or "cautious"),
            Field(
                "priorities", "Priorities it touches", "multichoice", required=False,
                choices=boxes.choice("p", "", "priority").choices, value=",".join(risk.priority_ids),
            ),
        ),
        submit="Ask them",
    )  # fmt: skip


def assign(context: Context, request: Request) -> Card | Errors:
    """Ask somebody to own a risk, and keep its lead group and how it is answered."""
    risk = own.get(context, request.value)
    own.allow(context, risk, Role.STRATEGY_MANAGER.value)
    if risk.status not in _ASSIGNABLE:
        raise UserError("It is not on the register.", hint=f"Type risk {risk.ref} to see where it stands.")
    owner = boxes.read_owner(context, request.fields)
    if isinstance(owner, Errors):
        return owner
    picked = {name: boxes.chosen(request.fields, name, name) for name in ("response", "appetite")}
    if wrong := {name: "Please choose one of the list." for name, value in picked.items() if not value}:
        return Errors(wrong)
    group = request.fields.get("group", "")
    if group not in [one.value for one in boxes.groups(context, "").choices]:
        return Errors({"group": "Please choose one of the list."})
    if clash := own.held(context, risk, request, "name"):
        return clash
    priorities = {one.strip() for one in request.fields.get("priorities", "").split(",")}
    known = boxes.choice("p", "", "priority").choices
    risk.priority_ids = [one.value for one in known if one.value in priorities]
    risk.response, risk.appetite, risk.lead_group_id = (
        picked["response"],
        picked["appetite"],
        own.group_id(context, group),
    )
    if owner != risk.owner_id:
        _ask(context, risk, owner)
    own.note(context, risk, "owner and answer set", fields="owner, lead group, response, appetite, priorities")
    return cards.show(context, risk)


def _ask(context: Context, risk: Risk, owner: int) -> None:
    if risk.owner_id is not None:
        reminders.cancel(context.session, risk.ref, person_id=risk.owner_id)
        said = "Somebody else is asked to own it. You need not do anything more."
        own.tell(context, risk, "passed-on", own.place_of(context, risk.owner_id), f"{risk.ref} is not yours now", said)
    risk.owner_id, risk.owner_accepted_at = owner, None
    own.tell(
        context,
        risk,
        "assigned",
        own.place_of(context, owner),
        f"You are asked to own {risk.ref}",
        f"Score: {escape(own.score(context, risk.current_l, risk.current_i))}. The owner reviews it and answers for "
        "what is done about it. Please say whether you take it.",
        buttons=(
            Button("I will own it", "risks.own", access.about(risk), style="primary"),
            Button("It is not mine", "risks.decline", access.about(risk), opens=True),
        ),
    )
    own.remind(context, risk)


def accept(context: Context, request: Request) -> Card:
    """Own a risk that one was asked to own; it goes on the register when nothing else is missing."""
    risk = own.get(context, request.value)
    own.allow(context, risk, own.OWNER)
    if people.roles(context.session, own.me(context), on=context.today) & SECRETARIAT:
        raise UserError(
            "The secretariat keeps the register and owns no risk.", hint="Ask the Strategy Manager to name another."
        )
    if risk.owner_accepted_at is not None:  # a second click is no change by somebody else
        return cards.show(context, risk, title=f"You own {risk.ref}", tone=Tone.GOOD)
    own.pressed(context, risk, request)
    risk.owner_accepted_at = context.now
    own.note(context, risk, "owner accepted")
    if risk.status == Status.ALERT and not own.missing(risk):
        triage.open_it(context, risk)
    else:
        own.remind(context, risk)
        own.tell(
            context, risk, "owned", own.managers(context), f"{risk.ref} has an owner",
            f"{escape(own.name_of(context, risk.owner_id))} owns it.",
        )  # fmt: skip
    return cards.show(context, risk, title=f"You own {risk.ref}", tone=Tone.GOOD)


def open_decline(context: Context, request: Request) -> Form:
    """Open the form in which somebody who was asked says that a risk is not theirs."""
    risk = own.get(context, request.value)
    own.allow(context, risk, own.OWNER)
    return Form(
        title="It is not mine",
        action="risks.not-mine",
        token=context.token,
        about=access.about(risk),
        fields=(Field("reason", "Why, and who could own it?", max_length=MAX_REASON),),
    )


def decline(context: Context, request: Request) -> Card | Errors:
    """Keep that somebody does not own a risk, and tell the Strategy Manager why."""
    risk = own.get(context, request.value)
    own.allow(context, risk, own.OWNER)
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    if risk.owner_accepted_at is not None:
        raise UserError("You own it already.", hint="Ask the Strategy Manager to name another owner.")
    if clash := own.held(context, risk, request, "reason"):
        return clash
    name = own.name_of(context, risk.owner_id)
    risk.owner_id = None
    own.remind(context, risk)  # nobody is reminded of what they do not own
    own.note(context, risk, "owner declined")
    own.tell(
        context, risk, "declined", own.managers(context), f"{risk.ref} still needs an owner",
        f"{escape(name)} does not take it: {escape(reason)}",
    )  # fmt: skip
    return Card(
        f"You do not own {risk.ref}", actions=(Button("Raise a risk", "risks.new", opens=True),), tone=Tone.GOOD
    )
