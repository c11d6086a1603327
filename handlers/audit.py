"""The audit trail and the history of a record, for those who may see them: who did what and when, never any words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from db import audit, history
from db.audit import AuditEntry
from db.history import CLOCK
from db.people import IdentityRow, Person, Role
from handlers import access, titles
from handlers.context import Context, Request, number
from handlers.messages import Button, Card, Note, Table, Text

AUDITORS = frozenset({Role.ADMIN, Role.SCRUTINEER, Role.DATA_PROTECTION_OFFICER, Role.STRATEGY_MANAGER})
TAKES = re.compile(r"(?:[A-Za-z]{3}-\d{4}-\d{3,6})?")
PAGE = 10
_MOST_DETAIL = 120


def show(context: Context, request: Request) -> Card:
    """Show who did what, newest first, page by page: everything, or what was done to one record."""
    subject, _, page = request.value.partition("|") if request.value else (access.plain(request.text), "", "0")
    skip = number(page) * PAGE
    found = audit.listed(context.session, skip=skip, limit=PAGE + 1, subject=subject)
    shown, more = found[:PAGE], len(found) > PAGE
    title = f"Audit trail of {subject}" if subject else "Audit trail"
    end = audit.head(context.session)
    return Card(
        title=title if not skip else f"{title}, page {number(page) + 1}",
        body=(_deeds(context, shown), Note(f"The trail ends at {end.place}, with the hash {end.hash[:16]}.")),
        actions=tuple(_buttons(subject, number(page), more=more)),
    )


def of_record(context: Context, request: Request) -> Card:
    """Show what was done to a record, newest first, to somebody who may read it."""
    ref, _, page = request.value.partition("|")
    row = access.access_any(context, ref)
    entries = history.newest(context.session, row.ref, skip=number(page) * PAGE, limit=PAGE + 1)
    shown, more = entries[:PAGE], len(entries) > PAGE
    names = history.names(context.session, shown)
    called = functools.partial(titles.state, row.ref)
    rows = tuple(
        (_when(context, one.at), names.get(one.actor_person_id or 0, "The clock"), history.in_words(one, called))
        for one in shown
    )
    table = Table(("When", "Who", "What"), rows) if rows else Text("Nothing was noted yet.")
    later = [Button("More", "audit.history", f"{row.ref}|{number(page) + 1}")] if more else []
    return Card(f"History of {row.ref}", (table,), (*titles.opens([row.ref]), *later))


def _buttons(subject: str, page: int, *, more: bool) -> Iterable[Button]:
    if more:
        yield Button("Older", "audit.show", f"{subject}|{page + 1}")
    if page:
        yield Button("Newer", "audit.show", f"{subject}|{page - 1}")
    if subject:
        yield Button("The whole trail", "audit.show", "|0")


def _deeds(context: Context, entries: list[AuditEntry]) -> Table | Text:
    if not entries:
        return Text("Nothing of that is in the trail.")
    names = _names(context, entries)
    rows = tuple((_when(context, one.at), names.get(one.actor, one.actor), _what(one), one.subject) for one in entries)
    return Table(("When", "Who", "What", "To what"), rows)


def _what(entry: AuditEntry) -> str:
    rest = dict(entry.detail)
    before, after = rest.pop("before", ""), rest.pop("after", "")
    moved = [f"now {titles.state(entry.subject, str(after))}"] if after and before != after else []
    detail = "; ".join([*moved, *(f"{name}: {value}" for name, value in sorted(rest.items()) if value != "")])
    said = f"{entry.action} ({detail})" if detail else entry.action
    return said if len(said) <= _MOST_DETAIL else f"{said[: _MOST_DETAIL - 1]}…"


def _when(context: Context, at: datetime) -> str:
    return f"{at.astimezone(context.house.time_zone):%-d %b %Y, %H:%M:%S}"


def _names(context: Context, entries: list[AuditEntry]) -> dict[str, str]:
    """Return what the people are called who did it, by how the trail names them: by their record or by their place."""
    numbers = {number(one.actor.removeprefix("person:")) for one in entries}
    by_number = select(Person.id, Person.name).where(Person.id.in_(numbers))
    found = {f"person:{person_id}": name for person_id, name in context.session.execute(by_number)}
    users = {one.actor.partition(":")[2] for one in entries}
    by_place = (
        select(IdentityRow.platform, IdentityRow.user_id, Person.name)
        .join(Person, Person.id == IdentityRow.person_id)
        .where(IdentityRow.user_id.in_(users))
    )
    places = {f"{platform}:{user}": name for platform, user, name in context.session.execute(by_place)}
    return {CLOCK: "The clock", **places, **found}
