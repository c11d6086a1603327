"""Changes to the list of people: enrolled, changed, given a seat, a deputy or another place, left and come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from db import directory, registry
from db.directory import Details
from db.people import SECRETARIAT, Identity, Role
from db.registry import Seat, Wanted
from handlers import boxes, naming, persons
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Text, Tone
from handlers.prose import escape
from handlers.wording import words
from knowledge.calendar import instant

DEPUTISED = (Role.STRATEGY_MANAGER, Role.COORDINATOR, Role.CHAIR, Role.STATUTORY_PARTNER)
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)  # whatever waits, however long


def open_new(context: Context, _request: Request) -> Form:
    """Open the form in which somebody is enrolled."""
    return Form(
        title="Enrol somebody",
        action="changes.enrol",
        token=context.token,
        intro="They can use the assistant at once. Those who write to it themselves can type: enrol me.",
        fields=(
            Field("name", "Name", max_length=persons.MAX_NAME),
            *boxes.agency(context, ""),
            boxes.roles(frozenset({Role.MEMBER})),
            boxes.groups(context, frozenset()),
            boxes.posts(()),
            *boxes.place(),
        ),
        submit="Enrol",
    )


def enrol(context: Context, request: Request) -> Card | Errors:
    """Enrol the person of that form."""
    name = " ".join(request.fields.get("name", "").split())
    if problem := persons.name_problem(name):
        return Errors({"name": problem})
    wanted = boxes.wanted(context, request.fields)
    place = boxes.read_place(request.fields)
    for found in (wanted, place):
        if isinstance(found, Errors):
            return found
    if not isinstance(wanted, Wanted) or not isinstance(place, Identity | None):
        return Errors({"name": "Please fill in the form again."})
    if place and registry.owner(context.session, place) is not None:
        return Errors({"id": "Somebody is enrolled with this id already. Find them under people."})
    person_id = registry.create(context.session, name)
    done = registry.change(context.session, person_id, wanted, on=context.today)
    if place:
        registry.add_place(context.session, person_id, place)
    persons.note(context, "enrolled", person_id, **done)
    return persons.card(context, person_id, title=f"Enrolled: {name}", tone=Tone.GOOD)


def open_change(context: Context, request: Request) -> Form:
    """Open the form with somebody's name, agency, roles, groups and posts."""
    found = persons.access(context, request.value)
    held = frozenset(Role(one.name) for one in found.roles)
    sits = frozenset(sitting.group for sitting in found.sittings)
    return Form(
        title="Change a record",
        action="changes.save",
        token=context.token,
        about=str(found.id),
        intro=f"This is about {found.name}. What you change holds from today.",
        fields=(
            Field("name", "Name", max_length=persons.MAX_NAME, value=found.name),
            *boxes.agency(context, found.agency),
            boxes.roles(held),
            boxes.groups(context, sits),
            boxes.posts(tuple(one.name for one in found.posts)),
        ),
        submit="Save",
    )


def save(context: Context, request: Request) -> Card | Errors:
    """Keep what that form says. Nobody changes their own roles and groups, and the secretariat is never empty."""
    found = persons.access(context, request.value)
    name = " ".join(request.fields.get("name", "").split())
    if problem := persons.name_problem(name):
        return Errors({"name": problem})
    wanted = boxes.wanted(context, request.fields, name=name)
    if isinstance(wanted, Errors):
        return wanted
    done = registry.change(context.session, found.id, wanted, on=context.today)
    if {"roles", "groups"} & set(done):
        persons.not_oneself(context, found.id)
    _keep_a_secretariat(context)
    if not done:
        return persons.card(context, found.id, title="Nothing was changed")
    persons.note(context, "changed", found.id, **done)
    return persons.card(context, found.id, title="Saved", tone=Tone.GOOD)


def open_seat(context: Context, request: Request) -> Form:
    """Open the form in which somebody is given a seat of a group, as its holder or deputy."""
    found = persons.access(context, request.value)
    named = [f"{group}: {seat}" for group, seats in naming.seats().items() for seat in seats]
    members = [f"{group}: member" for group in naming.group_names(context)]
    return Form(
        title="Seat in a group",
        action="changes.sit",
        token=context.token,
        about=str(found.id),
        intro=f"This is about {found.name}. A seat that they have in the same group ends.",
        fields=(
            Field("seat", "Which seat?", "choice", choices=tuple(Choice(one, one) for one in (*named, *members))),
            Field("deputy", "As the deputy of its holder", "confirm", required=False),
            *boxes.days(context),
        ),
        submit="Save",
    )


def sit(context: Context, request: Request) -> Card | Errors:
    """Give somebody the seat of that form."""
    found = persons.access(context, request.value)
    persons.not_oneself(context, found.id)
    between = boxes.read_days(context, request.fields)
    if isinstance(between, Errors):
        return between
    group, _, seat = request.fields.get("seat", "").partition(": ")
    if group not in naming.group_names(context) or seat not in (*naming.seats().get(group, ()), "member"):
        return Errors({"seat": "Please choose one of the seats."})
    deputy = request.fields.get("deputy") == "yes"
    chosen = Seat(group, "" if seat == "member" else seat, deputy)
    registry.sit(context.session, found.id, chosen, on=between[0], until=between[1])
    persons.note(context, "gave a seat", found.id, group=group)
    return persons.card(context, found.id, title="Saved", tone=Tone.GOOD)


def open_deputy(context: Context, request: Request) -> Form:
    """Open the form in which a deputy is named for somebody, in one of their roles."""
    found = persons.access(context, request.value)
    mine = _deputised(found)
    if not mine:
        raise UserError(
            f"{found.name} has no role in which somebody could stand in for them.",
            hint=f"These are: {', '.join(DEPUTISED)}.",
        )
    return Form(
        title="Name a deputy",
        action="changes.stand_in",
        token=context.token,
        about=str(found.id),
        intro=f"The deputy may do what {found.name} may, and never approves what they wrote themselves.",
        fields=(
            Field("role", "In which role?", "choice", choices=tuple(Choice(role.value, role.value) for role in mine)),
            Field("name", "Name of the deputy", hint="Somebody enrolled. Leave it empty for nobody.", required=False),
            *boxes.days(context),
        ),
        submit="Save",
    )


def stand_in(context: Context, request: Request) -> Card | Errors:
    """Name the deputy of that form, or let nobody stand in any more."""
    found = persons.access(context, request.value)
    name, role = " ".join(request.fields.get("name", "").split()), request.fields.get("role", "")
    if role not in [one.value for one in _deputised(found)]:
        return Errors({"role": "Please choose one of their roles."})
    if not name:
        registry.end_deputy(context.session, for_person_id=found.id, role=Role(role), on=context.today)
        persons.note(context, "ended a deputy", found.id, role=role)
        return persons.card(context, found.id, title="Saved", tone=Tone.GOOD)
    between = boxes.read_days(context, request.fields)
    if isinstance(between, Errors):
        return between
    deputy = _enrolled(context, name, request.fields, besides=found.id)
    if isinstance(deputy, Errors):
        return deputy
    persons.not_oneself(context, deputy)
    first, last = between
    registry.name_deputy(context.session, deputy, for_person_id=found.id, role=Role(role), on=first, until=last)
    persons.note(context, "named a deputy", found.id, role=role, deputy=f"person {deputy}")
    return persons.card(context, found.id, title="Saved", tone=Tone.GOOD)


def _deputised(found: Details) -> list[Role]:
    held = {one.name for one in found.roles}
    return [role for role in DEPUTISED if role.value in held]


def _enrolled(context: Context, name: str, fields: Mapping[str, str], *, besides: int) -> int | Errors:
    """Return who is called so; where several are, ask which of them."""
    here = [one for one in directory.everybody(context.session) if one.left_on is None or one.left_on > context.today]
    same = [one for one in here if one.name.casefold() == name.casefold() and one.id != besides]
    chosen = [one for one in same if fields.get("which") == f"person-{one.id}"]
    if len(chosen or same) == 1:
        return (chosen or same)[0].id
    if same:
        which = tuple(Choice(f"person-{one.id}", f"{one.name}, {one.agency or 'no agency'}") for one in same)
        also = Field("which", "Which of them?", "choice", required=False, choices=which)
        return Errors({"name": "Several people are called so. Choose one of them below."}, also=also)
    nearest = naming.near(name, [one.name for one in here if one.id != besides])
    meant = f" Did you mean {' or '.join(nearest)}?" if nearest else " Enrol them first."
    return Errors({"name": f"Nobody else who is enrolled is called so.{meant}"})


def open_place(context: Context, request: Request) -> Form:
    """Open the form in which somebody gets one more place where they are reached and speak from."""
    found = persons.access(context, request.value)
    return Form(
        title="Add a place",
        action="changes.join",
        token=context.token,
        about=str(found.id),
        intro=f"Only if you know that it is {found.name}. Otherwise they type link, and join it themselves.",
        fields=boxes.place(required=True),
        submit="Add",
    )


def join(context: Context, request: Request) -> Card | Errors:
    """Add the place of that form; one that is somebody else's is joined only when that is said on purpose."""
    found = persons.access(context, request.value)
    place = boxes.read_place(request.fields)
    if isinstance(place, Errors):
        return place
    if place is None:
        return Errors({"id": "Please write the id or the address here."})
    owner = registry.owner(context.session, place)
    if owner == found.id:
        return Errors({"id": "This is one of their places already."})
    if owner is None:
        registry.add_place(context.session, found.id, place)
        persons.note(context, "added a place", found.id, platform=place.platform)
        return persons.card(context, found.id, title="Saved", tone=Tone.GOOD)
    other = persons.access(context, str(owner))
    if request.fields.get("same") != "yes":
        also = Field("same", f"They are the same person as {other.name}", "confirm", required=False)
        said = f"It belongs to {other.name}, {other.agency or 'of no agency'}. Tick the box if that is the same person."
        return Errors({"id": f"{said} Their roles and groups there then end."}, also=also)
    persons.not_oneself(context, other.id)
    registry.merge(context.session, into=found.id, other=other.id, on=context.today)
    _keep_a_secretariat(context)
    persons.note(context, "joined two records", found.id, other=f"person {other.id}")
    return persons.card(context, found.id, title="Both are one person now", tone=Tone.GOOD)


def open_left(context: Context, request: Request) -> Form:
    """Open the form in which it is said that somebody has left, with what they still own."""
    found = persons.access(context, request.value)
    return Form(
        title="Has left",
        action="changes.leave",
        token=context.token,
        about=str(found.id),
        intro=f"{found.name} then has no role, seat or post, and is sent nothing. They can still ask questions.",
        fields=(
            Field("on", "From which day?", "date", value=context.today.isoformat()),
            Field("sure", f"{found.name} has left", "confirm"),
        ),
        submit="Has left",
    )


def leave(context: Context, request: Request) -> Card | Errors:
    """Let somebody have left from that day, and say what nobody looks after then."""
    found = persons.access(context, request.value)
    on = persons.read_day(context, request.fields.get("on", ""), default=context.today)
    if not isinstance(on, date):
        return Errors({"on": on or "Please give the day."})
    if request.fields.get("sure") != "yes":
        return Errors({"sure": "Please tick the box if they have left."})
    owned = _owned(context, found)
    registry.leave(context.session, found.id, on=on)
    since = instant(on, time(), context.house.time_zone) if on > context.today else BEFORE_ALL
    registry.recall(context.session, found.id, since=since)
    _keep_a_secretariat(context)
    persons.note(context, "left", found.id, on=on.isoformat())
    said = words("changes_left", name=found.name, on=on, owned=owned)
    actions = (Button("Their record", "people.card", str(found.id)), Button("Everybody", "people.show"))
    return Card(f"{found.name} has left", (Text(said),), actions, Tone.GOOD)


def _owned(context: Context, found: Details) -> list[str]:
    """Say what a person still owns, in lines of the small Markdown."""
    articles = context.knowledge.library.owners()
    posts = [(one.name, len(articles.get(one.name, ()))) for one in found.posts]
    lines = [f"the post **{escape(post)}**" + (f", with {number} articles" if number else "") for post, number in posts]
    lines += [f"a seat in **{escape(one.group)}**" for one in found.sittings]
    lines += [f"the role **{escape(one.name)}**" for one in found.roles if one.name != Role.MEMBER.value]
    return lines + [f"standing in for **{escape(one.for_name)}**" for one in found.stands_in]


def open_back(context: Context, request: Request) -> Form:
    """Open the form in which somebody who left is enrolled again, with nothing of what they had."""
    found = persons.access(context, request.value)
    return Form(
        title="Enrol again",
        action="changes.return",
        token=context.token,
        about=str(found.id),
        intro=f"{found.name} comes back with what you choose here and with none of the roles of before.",
        fields=(
            *boxes.agency(context, found.agency),
            boxes.roles(frozenset({Role.MEMBER})),
            boxes.groups(context, frozenset()),
            boxes.posts(()),
        ),
        submit="Enrol",
    )


def come_back(context: Context, request: Request) -> Card | Errors:
    """Enrol somebody again who had left."""
    found = persons.access(context, request.value)
    persons.not_oneself(context, found.id)
    if not found.left(context.today):
        raise UserError(f"{found.name} is enrolled.", hint="Type people to change their record.")
    wanted = boxes.wanted(context, request.fields)
    if isinstance(wanted, Errors):
        return wanted
    registry.come_back(context.session, found.id, on=context.today)
    done = registry.change(context.session, found.id, wanted, on=context.today)
    persons.note(context, "enrolled again", found.id, **done)
    return persons.card(context, found.id, title=f"Enrolled again: {found.name}", tone=Tone.GOOD)


def _keep_a_secretariat(context: Context) -> None:
    if not registry.anybody_with(context.session, SECRETARIAT, on=context.today):
        raise UserError(
            "Nobody would be left in the secretariat.",
            hint="Give somebody else the role of coordinator or strategy manager first.",
        )
