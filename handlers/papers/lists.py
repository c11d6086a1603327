"""The audit trail, and everything about one person, as files for those who run the service."""

from __future__ import annotations

import json
from typing import IO, Any

from db import audit, people, whole
from db.people import Identity, Person
from handlers.context import Context, UserError, number
from handlers.papers import making
from handlers.papers.table import Column, Table

_TRAIL = (
    Column("place", 8),
    Column("at", 26),
    Column("actor", 20),
    Column("action", 20),
    Column("subject", 24),
    Column("detail", 60),
    Column("hash", 66),
)
_PERSON = (Column("table", 20), Column("because", 20), Column("values", 100))


def write_audit(context: Context, form: str, to: IO[bytes]) -> int:
    """Write the audit trail; return how many entries it has. That it was written is the next entry."""
    rows = (
        (place, entry.at.isoformat(), entry.actor, entry.action, entry.subject, _json(entry.detail), chained)
        for entry, place, chained in whole.trail(context.session)
    )
    count = making.TABLES[form](_table(context, "Audit", _TRAIL, rows), to)
    _note(context, "audit", form, count)
    return count


def write_person(context: Context, ref: str, form: str, to: IO[bytes]) -> int:
    """Write what is kept about a person, by one of their places or their number; return how many rows there are.

    Raises UserError when nobody is known there.
    """
    person_id = _person(context, ref)
    kept = whole.about_person(context.session, person_id)
    rows = ((one.table, one.because, _json(one.values)) for one in kept)
    count = making.TABLES[form](_table(context, "Person", _PERSON, rows), to)
    _note(context, f"person:{person_id}", form, count)
    return count


def _person(context: Context, ref: str) -> int:
    if ref.isdecimal() and context.session.get(Person, number(ref)) is not None:
        return number(ref)
    try:
        found = people.find(context.session, Identity.parse(ref), on=context.today).person_id
    except ValueError:
        found = None
    if found is None:
        raise UserError(f"Nobody is known as {ref}.", hint="Give a place, such as slack:U0123ABCD, or their number.")
    return found


def _table(context: Context, name: str, columns: tuple[Column, ...], rows: Any) -> Table:
    made = making.when(context, annex=True)
    about = (("Made by", made.partnership), ("Generated", made.made_words))
    return Table(name, columns, rows, made.marking, about)


def _note(context: Context, subject: str, form: str, count: int) -> None:
    how: dict[str, str | int | bool] = {"format": form, "rows": count}
    audit.add(context.session, at=context.now, actor="command line", action="exported", subject=subject, **how)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)
