"""Who is enrolled: the agencies with their people, somebody found by name, and one person's record."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from db import directory, groups, newcomers, people
from db.directory import Entry
from db.people import Identity, Role
from handlers import files, persons
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Note, Table, Text
from handlers.wording import words
from knowledge import groups as shelf

PAGE = 25
MOST_FOUND = 5  # beside "Everybody", as many buttons as every platform shows
NEAR = 80  # of 100, for a name that is spelt another way


def bootstrap(context: Context, secretariat: Iterable[Identity]) -> None:
    """Enrol the identities of THSCP_SECRETARIAT as coordinators, once each; those who left stay without roles.

    The groups of the partnership are there from then on, so that they can be chosen.
    """
    keep_groups(context)
    for identity in secretariat:
        if not people.has_left(context.session, identity, on=context.today):
            people.enrol(context.session, identity, name="Secretariat", roles=[Role.COORDINATOR], on=context.today)


def keep_groups(context: Context) -> None:
    """Keep the groups that come with the program, so that channels and audiences can name them."""
    for group in shelf.shipped().values():
        groups.group_id(context.session, group.name)


def show(context: Context, request: Request) -> Card:
    """List the agencies with how many people are enrolled, page by page."""
    page = number(request.value)
    every = directory.agencies(context.session, on=context.today)
    shown, more = every[page * PAGE : (page + 1) * PAGE], len(every) > (page + 1) * PAGE
    rows = tuple((one.name or "No agency", str(one.people)) for one in shown)
    waiting = len(newcomers.waiting(context.session, limit=PAGE))
    total = sum(one.people for one in every)
    buttons = [
        Button("Find somebody", "people.find", style="primary", opens=True),
        Button("Enrol somebody", "changes.new", opens=True),
        Button("Bring a list", "people.file"),
    ]
    buttons += [Button("Open an agency", "people.choose", str(page), opens=True)] if shown else []
    buttons += [Button("Who waits", "newcomers.show")] if waiting else []
    buttons += [Button("More agencies", "people.show", str(page + 1))] if more else []
    return Card(
        title=f"People: {total} enrolled",
        body=(
            Table(("Agency", "People"), rows, "and more" if more else ""),
            Text(words("people_all", waiting=waiting)),
        ),
        actions=tuple(buttons),
    )


def bring(context: Context, _request: Request) -> Card:
    """Give a link to the page that takes a list of people."""
    return Card(
        title="Bring a list of people",
        body=(Text(words("people_file")),),
        actions=(files.link(context, "people", label="Open the page"), Button("Everybody", "people.show")),
    )


def choose(context: Context, request: Request) -> Form:
    """Open the form in which one of the agencies of a page is chosen."""
    page = number(request.value)
    shown = directory.agencies(context.session, on=context.today)[page * PAGE : (page + 1) * PAGE]
    if not shown:
        raise UserError("Nobody is enrolled there.", hint="Type people to see every agency.")
    choices = tuple(Choice(f"agency-{one.id}", f"{one.name or 'No agency'} ({one.people})") for one in shown)
    return Form(
        title="Open an agency",
        action="people.chosen",
        token=context.token,
        fields=(Field("agency", "Which one?", "choice", choices=choices),),
        submit="Open",
    )


def chosen(context: Context, request: Request) -> Card:
    """List the people of the agency that was chosen."""
    return _listed(context, number(request.fields.get("agency", "").removeprefix("agency-")), 0)


def of_agency(context: Context, request: Request) -> Card:
    """List the people of an agency, page by page."""
    agency, _, page = request.value.partition(":")
    return _listed(context, number(agency), number(page))


def _listed(context: Context, agency: int, page: int) -> Card:
    found = directory.of_agency(context.session, agency, on=context.today, skip=page * PAGE, limit=PAGE + 1)
    if not found:
        raise UserError("Nobody is enrolled there.", hint="Type people to see every agency.")
    shown, more = found[:PAGE], len(found) > PAGE
    rows = tuple((one.name, _roles(context, one.id)) for one in shown)
    buttons = [Button("Open somebody", "people.pick", f"{agency}:{page}", style="primary", opens=True)]
    buttons += [Button("More people", "people.agency", f"{agency}:{page + 1}")] if more else []
    return Card(
        title=shown[0].agency or "People of no agency",
        body=(Table(("Name", "Roles"), rows, "and more" if more else ""),),
        actions=(*buttons, Button("Everybody", "people.show")),
    )


def _roles(context: Context, person_id: int) -> str:
    return ", ".join(sorted(people.roles(context.session, person_id, on=context.today))) or "none"


def pick(context: Context, request: Request) -> Form:
    """Open the form in which one of the people of a page is chosen."""
    agency, _, page = request.value.partition(":")
    skip = number(page) * PAGE
    shown = directory.of_agency(context.session, number(agency), on=context.today, skip=skip, limit=PAGE)
    if not shown:
        raise UserError("Nobody is enrolled there.", hint="Type people to see every agency.")
    choices = tuple(Choice(f"person-{one.id}", one.name) for one in shown)
    return Form(
        title="Open somebody",
        action="people.picked",
        token=context.token,
        fields=(Field("person", "Whom?", "choice", choices=choices),),
        submit="Open",
    )


def picked(context: Context, request: Request) -> Card:
    """Show the record of the person who was chosen."""
    return persons.card(context, number(request.fields.get("person", "").removeprefix("person-")))


def one(context: Context, request: Request) -> Card:
    """Show the record of one person."""
    return persons.card(context, number(request.value))


def find(context: Context, _request: Request) -> Form:
    """Open the form in which somebody is looked for by name."""
    return Form(
        title="Find somebody",
        action="people.found",
        token=context.token,
        fields=(Field("name", "Their name", hint="A part of it is enough.", max_length=persons.MAX_NAME),),
        submit="Find",
    )


def found(context: Context, request: Request) -> Card | Errors:
    """Show whom a name may mean: one record, or up to five people to choose from."""
    name = " ".join(request.fields.get("name", "").split())
    if problem := persons.name_problem(name):
        return Errors({"name": problem})
    matching = _matching(name, directory.everybody(context.session))
    if not matching:
        return Errors({"name": "Nobody of that name is or was enrolled. Try a part of it."})
    if len(matching) == 1:
        return persons.card(context, matching[0].id)
    shown = matching[:MOST_FOUND]
    rows = tuple((one.name, one.agency or "none", _standing(context, one)) for one in shown)
    return Card(
        title=f"{len(matching)} people may be meant",
        body=(
            Table(("Name", "Agency", "Standing"), rows, "and more" if len(matching) > MOST_FOUND else ""),
            Note("Of two people of one name, the roles and the agency say who is who."),
        ),
        actions=(
            *(Button(_told_apart(one), "people.card", str(one.id)) for one in shown),
            Button("Everybody", "people.show"),
        ),
    )


def _matching(name: str, everybody: Iterable[Entry]) -> list[Entry]:
    """Return those whose name holds the words; where there are none, those whose name sounds like them."""
    wanted = name.casefold()
    people_ = list(everybody)
    holding = [one for one in people_ if all(word in one.name.casefold() for word in wanted.split())]
    return holding or [one for one in people_ if fuzz.WRatio(wanted, one.name.casefold()) >= NEAR]


def _told_apart(one: Entry) -> str:
    return f"{one.name}, {one.agency}" if one.agency else one.name


def _standing(context: Context, one: Entry) -> str:
    if one.left_on is not None and one.left_on <= context.today:
        return f"left on {persons.day(one.left_on)}"
    return _roles(context, one.id)
