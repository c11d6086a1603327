"""How contacts are shown: the numbers first, and under them how far to trust them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import date

from handlers.messages import Element, Note, Text
from handlers.prose import escape
from knowledge.contacts import Contact


def lines(contacts: Mapping[str, Contact], keys: Iterable[str]) -> list[Element]:
    """Return the rows of a card for these contacts, and under them how far to trust the numbers."""
    shown = tuple(contacts[key] for key in keys if key in contacts)
    return list(_rows(shown)) if shown else []


@functools.lru_cache(maxsize=256)
def _rows(shown: tuple[Contact, ...]) -> tuple[Element, ...]:
    rows = "\n".join(f"- **{escape(row.name)}**: {escape(_reach(row))}" for row in shown)
    return Text(rows), Note(" ".join(escape(line) for line in _standings(shown)))


def one_line(contacts: Mapping[str, Contact], keys: Iterable[str]) -> str:
    """Return the contacts as one plain line, for notifications."""
    return " ".join(f"{row.name}: {_reach(row)}." for key in keys if (row := contacts.get(key)))


def _reach(contact: Contact) -> str:
    phone = f"{contact.phone} ({contact.phone_note})" if contact.phone_note else contact.phone
    return ", ".join(filter(None, (phone, contact.email, contact.address, contact.hours)))


def _standings(shown: Iterable[Contact]) -> list[str]:
    """Say once for all rows of one standing and one day where they were read, then what is odd about each."""
    groups: dict[tuple[str, date], list[str]] = {}
    oddities = []
    for row in shown:
        groups.setdefault((row.confirmation, row.checked_on), []).append(row.source)
        oddities += [f"{row.name}: {row.note}"] if row.note else []
    said = [
        f"{confirmation}. Checked {day:%-d %B %Y}: {'; '.join(dict.fromkeys(sources))}."
        for (confirmation, day), sources in groups.items()
        if confirmation != "National number"
    ]
    return [*said, *oddities]
