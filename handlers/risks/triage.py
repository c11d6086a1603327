"""The Strategy Manager decides on alerts: described, put on the register, merged, or found not to be a risk."""

from __future__ import annotations

from db import challenges, relations, risks
from db.people import SECRETARIAT, Role
from db.relations import Kind
from db.risks import Risk, Status
from handlers import access, promises
from handlers.context import Context, Request, UserError
from handlers.messages import Card, Errors, Field, Form, Tone
from handlers.prose import escape
from handlers.risks import alert, boxes, cards, escalating
from handlers.risks import records as own
from knowledge import risks as rules

MAX_PART, MAX_REASON = 500, 500
_KEEPERS = tuple(role.value for role in SECRETARIAT)


def open_describe(context: Context, request: Request) -> Form:
    """Open the form for the words of a risk: cause, event and consequence, and where it belongs."""
    risk = own.get(context, request.value)
    own.allow(context, risk, *_KEEPERS)
    parts = (("cause", "Cause"), ("event", "What could happen"), ("consequence", "What it would mean for children"))
    return Form(
        title="Describe it",
        action="risks.words",
        token=context.token,
        about=access.about(risk),
        intro="Because of … it may happen that … which would mean … In general terms, never a child.",
        fields=(
            Field("title", "Title", max_length=alert.MAX_TITLE, value=risk.title),
            *(
                Field(name, label, "longtext", max_length=alert.MAX_TEXT, value=getattr(risk, name))
                for name, label in parts
            ),
            boxes.choice("category", "Category", "category", risk.category),
            boxes.choice("proximity", "When may it happen?", "proximity", risk.proximity or "months-3"),
            boxes.choice("marking", "Marking", "marking", risk.marking),
        ),
        submit="Save",
    )


def describe(context: Context, request: Request) -> Card | Errors:
    """Keep the words of a risk."""
    risk = own.get(context, request.value)
    own.allow(context, risk, *_KEEPERS)
    texts = {name: request.fields.get(name, "").strip() for name in ("title", "cause", "event", "consequence")}
    most = {"title": alert.MAX_TITLE}
    wrong = {
        name: problem
        for name, text in texts.items()
        if (problem := boxes.too_long_or_empty(text, most.get(name, alert.MAX_TEXT)))
    }
    picked = {name: boxes.chosen(request.fields, name, name) for name in ("category", "proximity", "marking")}
    wrong |= {name: "Please choose one of the list." for name, value in picked.items() if not value}
    if wrong:
        return Errors(wrong)
    if clash := own.held(context, risk, request, "title"):
        return clash
    fields = [name for name, value in {**texts, **picked}.items() if getattr(risk, name) != value]
    for name in fields:
        setattr(risk, name, (texts | picked)[name])
    own.note(context, risk, "described", fields=", ".join(fields))
    own.remind(context, risk)  # its title may be another, or one that is not to be named
    promises.again(context, risk.ref)
    if risk.marking == own.SENSITIVE:
        challenges.hide(context.session, risk.ref)
        escalating.hide(context, risk)
    return cards.show(context, risk)


def register(context: Context, request: Request) -> Card:
    """Put an alert on the register, when its owner has accepted and nothing is missing."""
    risk = own.get(context, request.value)
    own.may(context, risk, "open-it")
    own.pressed(context, risk, request)
    if lacks := own.missing(risk):
        raise UserError(
            f"{risk.ref} is not complete yet: {'; '.join(lacks)}.", hint="Open it to complete it.", ref=risk.ref
        )
    open_it(context, risk)
    return cards.show(context, risk, title=f"{risk.ref} is on the register", tone=Tone.GOOD)


def open_it(context: Context, risk: Risk) -> None:
    """Put a risk that is held and complete on the register, and tell whoever raised and owns it."""
    own.move(context, risk, "open-it")
    own.plan_review(context, risk, context.today)
    own.tell(
        context, risk, "open",
        [*own.place_of(context, risk.raised_by), *own.place_of(context, risk.owner_id), *own.managers(context)],
        f"{risk.ref} is on the register",
        f"Score: {escape(own.score(context, risk.current_l, risk.current_i))}. "
        f"Owner: {escape(own.name_of(context, risk.owner_id))}. Next review: {own.day(risk.next_review)}.",
    )  # fmt: skip


def open_merge(context: Context, request: Request) -> Form:
    """Open the form in which an alert is merged into a risk that says the same."""
    risk = own.get(context, request.value)
    own.may(context, risk, "merge")
    return Form(
        title="Merge it",
        action="risks.join",
        token=context.token,
        about=access.about(risk),
        fields=(
            Field("into", "Into which risk?", hint="Its reference, such as RSK-2026-009.", max_length=20),
            Field("reason", "Why?", "longtext", hint="Whoever raised it reads this.", max_length=MAX_REASON),
        ),
    )


def merge(context: Context, request: Request) -> Card | Errors:
    """Merge an alert into another risk and tell whoever raised it. A circle of merged risks is refused."""
    risk = own.get(context, request.value)
    own.may(context, risk, "merge")
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    risks.take_turns_to_merge(context.session)  # two risks must not be merged into each other at the same moment
    try:
        into = access.access_risk(context, request.fields.get("into", ""))
    except UserError as error:
        return Errors({"into": f"{error} {error.hint}"})
    if refused := _circle(context, risk, into):
        return Errors({"into": refused})
    if clash := own.held(context, risk, request, "reason"):
        return clash
    risk.merged_into, risk.reason = into.ref, reason
    own.move(context, risk, "merge", into=into.ref)
    relations.link(context.session, risk.ref, Kind.MERGED_INTO, into.ref, at=context.now, by=context.actor.person_id)
    _ended(context, risk, "merged", f"It was merged into {into.ref}, which says the same.")
    return cards.show(context, risk, title=f"{risk.ref} is merged into {into.ref}", tone=Tone.GOOD)


def _circle(context: Context, risk: Risk, into: Risk) -> str:
    """Return why a risk cannot be merged into another; empty when it can."""
    if into.id == risk.id:
        return "A risk cannot be merged into itself."
    met, last = {into.ref}, into
    while last.merged_into:
        found = risks.find(context.session, last.merged_into)
        if found is None or found.ref in met:
            break
        met.add(found.ref)
        last = found
    if risk.ref in met:
        return f"{into.ref} is merged into {risk.ref} already: that would be a circle."
    if last is not into:
        return f"{into.ref} is merged into {last.ref} itself. Merge it into {last.ref}."
    if into.status not in (Status.ALERT, Status.OPEN, Status.ESCALATED, Status.ACCEPTED):
        return f"{into.ref} is {rules.states()[into.status]}. Choose one that is on the register."
    return ""


def open_dismiss(context: Context, request: Request) -> Form:
    """Open the form in which an alert is found not to be a risk."""
    risk = own.get(context, request.value)
    own.may(context, risk, "dismiss")
    return Form(
        title="It is not a risk",
        action="risks.set-aside",
        token=context.token,
        about=access.about(risk),
        fields=(Field("reason", "Why?", "longtext", hint="Whoever raised it reads this.", max_length=MAX_REASON),),
    )


def dismiss(context: Context, request: Request) -> Card | Errors:
    """Keep that an alert is not a risk, with the reason, and tell whoever raised it and the scrutineer."""
    risk = own.get(context, request.value)
    own.may(context, risk, "dismiss")
    reason = boxes.written(request.fields, "reason", MAX_REASON)
    if isinstance(reason, Errors):
        return reason
    if clash := own.held(context, risk, request, "reason"):
        return clash
    risk.reason = reason
    own.move(context, risk, "dismiss")
    _ended(context, risk, "dismissed", "The Strategy Manager finds that it is not a risk for the register.")
    return cards.show(context, risk, title=f"{risk.ref} is set aside", tone=Tone.GOOD)


def _ended(context: Context, risk: Risk, event: str, said: str) -> None:
    """Tell whoever raised an alert what became of it, and the scrutineer, who can query it."""
    own.remind(context, risk)
    why = f"{said}\n\nWhy: {escape(risk.reason)}"
    own.tell(context, risk, event, own.place_of(context, risk.raised_by), f"{risk.ref}: what became of it", why)
    query = f"{why}\n\nPress **Challenge it** on the record to query this."
    own.tell(
        context, risk, f"{event}-scrutineer", own.reach(context, Role.SCRUTINEER), f"{risk.ref} was set aside", query
    )
