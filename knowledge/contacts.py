"""Whom to call: rows with a source, the day checked, and whether the partnership confirmed them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Contact:
    """One service and how to reach it.

    `verified` means confirmed by the partnership, which `national` numbers do not need. `also` holds the other
    words by which people ask for it.
    """

    key: str
    name: str
    when: str
    source: str
    checked_on: date
    verified: bool
    phone: str = ""
    phone_note: str = ""
    email: str = ""
    address: str = ""
    hours: str = ""
    note: str = ""
    national: bool = False
    withheld: bool = False
    also: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Return everything that people may call it, in lower case."""
        return (self.key, *(word.lower() for word in self.also))

    @property
    def confirmation(self) -> str:
        """Say how far to trust the row, in words that stand beside it."""
        if self.national:
            return "National number"
        return "Confirmed by the partnership" if self.verified else "Not yet confirmed by the partnership"


def parse(text: str) -> dict[str, Contact]:
    """Read contact rows from YAML, in their order. Raises TypeError on a missing, unknown or malformed field."""
    return {key: Contact(key=key, **row | {"also": _also(key, row)}) for key, row in yaml.safe_load(text).items()}


def _also(key: str, row: dict[str, Any]) -> tuple[str, ...]:
    found = row.get("also", [])
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise TypeError(f"{key}: also must be a list of words; put figures between quotation marks")
    return tuple(found)


def called(contacts: Mapping[str, Contact], word: str) -> Contact | None:
    """Return the contact that people call by a word; None when there is none, or none any more."""
    wanted = word.strip().lower()
    return next((contact for contact in contacts.values() if wanted in contact.words), None)


@functools.cache
def shipped() -> Mapping[str, Contact]:
    """Return the contacts that come with the program, the withheld ones left out."""
    text = (resources.files("knowledge") / "data" / "contacts.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: contact for key, contact in parse(text).items() if not contact.withheld})
