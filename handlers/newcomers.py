"""Strangers who ask to be enrolled: `enrol me`, and what the secretariat makes of it."""

from __future__ import annotations

from datetime import timedelta

from db import audit, deliveries, directory, newcomers, people, registry
from db.deliveries import Destination
from db.newcomers import Newcomer
from db.people import KEEPERS, SECRETARIAT, Role
from db.registry import Wanted
from handlers import boxes, naming, persons
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Errors, Facts, Field, Form, Table, Text, Tone, card_to_json
from handlers.wording import words

MOST_SHOWN = 5
KEPT = timedelta(days=90)  # the audit trail keeps that it was decided, and by whom


def offer(context: Context, _request: Request) -> Card:
    """Say what enrolling is, and offer the form for it; to somebody enrolled, what is known of them."""
    mine = _mine(context)
    return Card(
        title=f"You are enrolled, {mine.name}" if mine else "Ask to be enrolled",
        body=(
            *([Facts((("Agency", mine.agency or "none"), ("Reached on", persons.reached_on(mine))))] if mine else []),
            Text(words("newcomers_offer", enrolled=bool(mine))),
        ),
        actions=(
            Button("Ask for a change" if mine else "Enrol me", "newcomers.open", style="primary", opens=True),
            Button("What can I do here?", "help.show"),
        ),
    )


def _mine(context: Context) -> directory.Details | None:
    person_id = context.actor.person_id
    return directory.details(context.session, person_id, on=context.today) if person_id is not None else None


def open_form(context: Context, _request: Request) -> Form:
    """Open the form in which somebody says who they are."""
    mine = _mine(context)
    sits = frozenset(sitting.group for sitting in mine.sittings) if mine else frozenset()
    return Form(
        title="Enrol me",
        action="newcomers.ask",
        token=context.token,
        intro="The secretariat reads this and decides. You hear from them here.",
        fields=(
            Field("name", "Your name", max_length=persons.MAX_NAME, value=mine.name if mine else ""),
            *boxes.agency(context, mine.agency if mine else ""),
            boxes.groups(context, sits),
        ),
    )


def ask(context: Context, request: Request) -> Card | Errors:
    """Keep the request and tell the secretariat; a newer one takes the place of one that waits."""
    name = " ".join(request.fields.get("name", "").split())
    if problem := persons.name_problem(name):
        return Errors({"name": problem})
    wanted = boxes.wanted(context, {**request.fields, "roles": "", "post": ""})
    if isinstance(wanted, Errors):
        return wanted
    number_ = newcomers.ask(
        context.session,
        request.identity,
        name=name,
        agency=wanted.agency or "",
        groups=sorted(wanted.groups or ()),
        at=context.now,
    )
    told = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    asked = newcomers.get(context.session, number_)
    if asked is not None:
        _tell(context, f"newcomer:{number_}:{context.token}", _card(context, asked), told)
    actor, subject = str(request.identity), f"newcomer {number_}"
    audit.add(context.session, at=context.now, actor=actor, action="asked to be enrolled", subject=subject)
    said = words("newcomers_asked", somebody=bool(told))
    return Card("Passed to the secretariat", (Text(said),), tone=Tone.GOOD)


def _tell(context: Context, key: str, card: Card, readers: list[people.Identity]) -> None:
    deliveries.put(
        context.session,
        key=key,
        kind="request to be enrolled",
        card=card_to_json(card),
        destinations=[Destination(to.platform, to.user_id) for to in readers],
        now=context.now,
    )


def show(context: Context, _request: Request) -> Card:
    """Show who waits to be enrolled, oldest first."""
    waiting = newcomers.waiting(context.session, limit=MOST_SHOWN + 1)
    if not waiting:
        return Card("Nobody waits to be enrolled", actions=(Button("Everybody", "people.show"),))
    shown, more = waiting[:MOST_SHOWN], len(waiting) > MOST_SHOWN
    rows = tuple((one.name, one.agency or "none", persons.day(context.day(one.asked_at))) for one in shown)
    return Card(
        title="Who waits to be enrolled",
        body=(Table(("Name", "Agency", "Since"), rows, "and more" if more else ""),),
        actions=(
            *(Button(one.name, "newcomers.one", str(one.id)) for one in shown),
            Button("Everybody", "people.show"),
        ),
    )


def one(context: Context, request: Request) -> Card:
    """Show one request, with what can be decided."""
    return _card(context, _access_waiting(context, request.value))


def _card(context: Context, asked: Newcomer) -> Card:
    known = people.find(context.session, asked.identity, on=context.today).person_id
    about, platform = str(asked.id), persons.PLATFORMS.get(asked.platform, asked.platform)
    facts = (("Name", asked.name), ("Agency", asked.agency or "none"),
             ("Groups", "; ".join(asked.groups.splitlines()) or "none"), ("Writes from", platform))  # fmt: skip
    return Card(
        title=f"{asked.name} asks for a change" if known else f"{asked.name} asks to be enrolled",
        body=(Facts(facts), Text(words("newcomers_check", known=bool(known)))),
        actions=(
            Button("Choose the roles", "newcomers.choose", about, opens=True),
            Button("Change it so" if known else "Enrol as a member", "newcomers.member", about, style="primary"),
            Button("Do not enrol", "newcomers.refuse", about, style="danger"),
        ),
    )


def choose(context: Context, request: Request) -> Form:
    """Open the form in which the roles of a newcomer are chosen, before they are enrolled."""
    asked = _access_waiting(context, request.value)
    return Form(
        title="Enrol with roles",
        action="newcomers.enrol",
        token=context.token,
        about=str(asked.id),
        intro=f"{asked.name}, {asked.agency or 'of no agency'}.",
        fields=(
            Field("name", "Name", max_length=persons.MAX_NAME, value=asked.name),
            *boxes.agency(context, asked.agency),
            boxes.roles(frozenset({Role.MEMBER})),
            boxes.groups(context, frozenset(asked.groups.splitlines())),
            boxes.posts(()),
        ),
        submit="Enrol",
    )


def enrol(context: Context, request: Request) -> Card | Errors:
    """Enrol a newcomer with what that form says."""
    asked = _access_waiting(context, request.value)
    name = " ".join(request.fields.get("name", "").split())
    if problem := persons.name_problem(name):
        return Errors({"name": problem})
    wanted = boxes.wanted(context, request.fields, name=name)
    return wanted if isinstance(wanted, Errors) else _decided(context, asked, wanted)


def member(context: Context, request: Request) -> Card:
    """Enrol a newcomer as a member, with the agency and groups that they gave; or change somebody's record so."""
    asked = _access_waiting(context, request.value)
    known = people.find(context.session, asked.identity, on=context.today).person_id
    groups = frozenset(asked.groups.splitlines()) & frozenset(naming.group_names(context))
    roles = None if known else frozenset({Role.MEMBER})
    return _decided(context, asked, Wanted(asked.name, asked.agency, roles, groups))


def refuse(context: Context, request: Request) -> Card:
    """Leave somebody a stranger, and tell them whom to ask."""
    asked = _access_waiting(context, request.value)
    _close(context, asked, None)
    card = Card("You have not been enrolled", (Text(words("newcomers_refused")),), _NEXT)
    _tell(context, f"newcomer:{asked.id}:refused", card, [asked.identity])
    return Card(f"{asked.name} stays a stranger", (Text("They have been told."),), _BACK, Tone.GOOD)


def _decided(context: Context, asked: Newcomer, wanted: Wanted) -> Card:
    """Make the record and tell the person; a leaver is the same person again, with none of the roles of before."""
    person_id = registry.owner(context.session, asked.identity)
    if person_id is None:
        person_id = registry.create(context.session, asked.name)
        registry.add_place(context.session, person_id, asked.identity)
    elif people.has_left(context.session, asked.identity, on=context.today):
        registry.come_back(context.session, person_id, on=context.today)
    persons.not_oneself(context, person_id)
    done = registry.change(context.session, person_id, wanted, on=context.today)
    _close(context, asked, person_id)
    persons.note(context, "enrolled", person_id, **done)
    card = Card("You are enrolled", (Text(words("newcomers_welcome", house=context.house)),), _NEXT, Tone.GOOD)
    _tell(context, f"newcomer:{asked.id}:enrolled", card, [asked.identity])
    return persons.card(context, person_id, title=f"Enrolled: {wanted.name}", tone=Tone.GOOD)


def forget(context: Context) -> int:
    """Forget what was asked long ago and has been decided; return how many requests it were."""
    return newcomers.forget(context.session, before=context.now - KEPT)


def _close(context: Context, asked: Newcomer, person_id: int | None) -> None:
    asked.decided_at, asked.decided_by, asked.person_id = context.now, context.actor.person_id, person_id
    action, subject = ("enrolled a newcomer" if person_id else "refused a newcomer"), f"newcomer {asked.id}"
    actor = f"person:{context.actor.person_id}"
    audit.add(context.session, at=context.now, actor=actor, action=action, subject=subject)


def _access_waiting(context: Context, value: str) -> Newcomer:
    asked = newcomers.get(context.session, number(value))
    if asked is None or not context.actor.roles & KEEPERS:
        raise UserError("I cannot find that request.", hint="Type people to see who waits.")
    if asked.decided_at is not None:
        raise UserError("That request has been decided already.", hint="Type people to see who waits.")
    return asked


_BACK = (Button("Who waits", "newcomers.show"), Button("Everybody", "people.show"))
_NEXT = (Button("What can I do here?", "help.show"),)
