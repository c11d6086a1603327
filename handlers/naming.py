"""Names of agencies, groups and roles as people write them: found, or refused with the nearest that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

from db import directory, groups
from db.audiences import Audience
from db.people import Role
from handlers.context import Context, UserError
from knowledge import groups as shelf

NEAR = 75  # of 100: "Exectuive" is near "Executive", "Police" is not near "Partnership"
MOST_NEAR = 3


class UnknownNameError(UserError):
    """A name that there is not; `near` are those that may be meant."""

    def __init__(self, what: str, name: str, near: list[str]) -> None:
        meant = f"Did you mean {_or(near)}?" if near else f"Type people to see every {what}."
        super().__init__(f"I know no {what} called '{name}'.", hint=meant)
        self.near = near


def agencies(context: Context) -> list[str]:
    """Return the names of the agencies that there are."""
    return directory.agency_names(context.session)


def group_names(context: Context) -> list[str]:
    """Return the names of the groups of the partnership, and of those that were added here."""
    shipped = [group.name for group in shelf.shipped().values()]
    return list(dict.fromkeys([*shipped, *groups.names(context.session)]))


def seats() -> dict[str, tuple[str, ...]]:
    """Return what people sit for in each group, by its name."""
    return {group.name: group.seats for group in shelf.shipped().values()}


def agency(context: Context, name: str) -> str:
    """Return an agency under its own name. Raises UnknownNameError with the nearest names."""
    return _found("agency", name, {one: one for one in agencies(context)})


def group(context: Context, name: str) -> str:
    """Return a group under its own name, also for the short ones. Raises UnknownNameError with the nearest names."""
    known = {one: one for one in group_names(context)}
    short = {word: one.name for one in shelf.shipped().values() for word in one.also}
    return _found("group", name, known | short)


def role(name: str) -> Role:
    """Return a role by its name. Raises UnknownNameError with the nearest names."""
    return Role(_found("role", name, {one.value: one.value for one in Role}))


def audience(context: Context, wanted: Audience) -> Audience:
    """Return an audience with every name as it is written here. Raises UnknownNameError for the first unknown one."""
    return Audience(
        tuple(agency(context, name) for name in wanted.agencies),
        tuple(group(context, name) for name in wanted.groups),
        tuple(role(name).value for name in wanted.roles),
        wanted.platforms,
        wanted.channels,
        wanted.kind,
        wanted.channels_only,
    )


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three of the names that may be meant, best first."""
    found = process.extract(
        name.casefold(), {one: one.casefold() for one in known}, scorer=fuzz.WRatio, score_cutoff=NEAR, limit=MOST_NEAR
    )
    return [one for _, _, one in found]


def _found(what: str, name: str, known: Mapping[str, str]) -> str:
    wanted = " ".join(name.split()).casefold()
    for written, meant in known.items():
        if written.casefold() == wanted:
            return meant
    nearest = [known[one] for one in near(wanted, known)]
    raise UnknownNameError(what, name.strip(), list(dict.fromkeys(nearest)))


def _or(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
