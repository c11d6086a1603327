"""How a contact is shown: the number first, and under it how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handlers.messages import Element, Note, Text
from handlers.prose import escape
from knowledge.contacts import Contact


def lines(contacts: Mapping[str, Contact], keys: Iterable[str]) -> list[Element]:
    """Return the rows of a card for these contacts, each with its standing under it."""
    rows: list[Element] = []
    for key in keys:
        if found := contacts.get(key):
            rows += [Text(f"**{escape(found.name)}**: {escape(_reach(found))}"), Note(escape(_standing(found)))]
    return rows


def one_line(contacts: Mapping[str, Contact], keys: Iterable[str]) -> str:
    """Return the contacts as one plain line, for notifications."""
    return " ".join(f"{row.name}: {_reach(row)}." for key in keys if (row := contacts.get(key)))


def _reach(contact: Contact) -> str:
    phone = f"{contact.phone} ({contact.phone_note})" if contact.phone_note else contact.phone
    return ", ".join(filter(None, (phone, contact.email, contact.address, contact.hours)))


def _standing(contact: Contact) -> str:
    return " ".join(filter(None, (f"{contact.when}. {contact.standing()}.", contact.note)))
