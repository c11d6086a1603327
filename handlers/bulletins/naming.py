"""Whom a bulletin is for, as somebody wrote it into a file: names of groups, agencies, roles and channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select

from db import channels
from db.groups import Group
from db.people import Agency, Role
from handlers.context import Context, UserError

_EVERYBODY = ("everybody", "everyone", "everybody enrolled", "all", "")
_NOBODY = "nobody yet"
_LABELS = ("groups", "agencies", "roles", "channels", "on")  # with which a list may begin, as the bot itself says it
_LIKE, _MOST_LIKE = 60, 3  # of 100, and how many names are offered for one that is not known


def readers(context: Context, words: str) -> dict[str, Any]:
    """Return the audience that words name, as it is kept. Raises UserError with the names that are nearest."""
    known = dict(_known(context))
    found: dict[str, Any] = {name: [] for name in ("groups", "agencies", "roles", "platforms", "channels")}
    everybody = False
    for part in words.split(";"):
        label, colon, rest = part.partition(":")
        names = rest if colon and label.strip().casefold() in _LABELS else part
        if names.strip().casefold() in (*_EVERYBODY, _NOBODY):
            everybody = everybody or bool(names.strip())
            continue
        for name in _names(names, known):
            kind, value = known[name]
            found[kind].append(value)
    others = any(found[kind] for kind in found if kind != "channels")
    return found | {"channels_only": bool(found["channels"]) and not others and not everybody}


def _known(context: Context) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Give every name that may be written, without its capitals, with what it stands for; a group before an agency."""
    yield from ((one.name.casefold(), ("channels", one.id)) for one in channels.listed(context.session))
    yield from ((platform.casefold(), ("platforms", platform)) for platform in context.house.reached)
    yield from ((role.value.casefold(), ("roles", role.value)) for role in Role)
    kinds: Mapping[str, Callable[[], Iterator[str]]] = {
        "agencies": lambda: iter(context.session.scalars(select(Agency.name))),
        "groups": lambda: iter(context.session.scalars(select(Group.name))),
    }
    for kind, named in kinds.items():
        yield from ((name.casefold(), (kind, name)) for name in named())


def _names(words: str, known: Mapping[str, object]) -> Iterator[str]:
    """Give the names in words with commas between them, some of which have commas themselves."""
    pieces = words.split(",")
    while pieces:
        for length in range(len(pieces), 0, -1):
            name = " ".join(",".join(pieces[:length]).split()).casefold()
            if name in known:
                yield name
                pieces = pieces[length:]
                break
        else:
            raise _unknown(pieces[0].strip(), known)


def _unknown(name: str, known: Mapping[str, object]) -> UserError:
    near = process.extract(name.casefold(), list(known), scorer=fuzz.WRatio, limit=_MOST_LIKE, score_cutoff=_LIKE)
    hint = f"Did you mean {' or '.join(row[0] for row in near)}?" if near else "Write everybody, or names of groups."
    return UserError(f"There is no group, agency, role or channel '{name}'.", hint=hint)
