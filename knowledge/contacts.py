"""Whom to call: rows with a source, the day checked, and whether the partnership confirmed them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from knowledge import yaml_text

URGENT = ("emergency", "mast", "edt", "lado", "childline")  # those that are shown when a child is in danger
REVIEW_AFTER = timedelta(days=92)  # a quarter, as articles


class ContactsError(ValueError):
    """A list of contacts that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One service and how to reach it.

    `verified` means confirmed by the partnership, which `national` numbers do not need. `also` holds the other
    words by which people ask for it. `review_by` is when it has to be checked again, if not after a quarter.
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
    review_by: date | None = None

    @property
    def review_on(self) -> date:
        """Return the last day on which it counts as checked."""
        return self.review_by or self.checked_on + REVIEW_AFTER

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


_NEEDED = frozenset({"name", "when", "source", "checked_on", "verified"})
_KNOWN = frozenset(field.name for field in dataclasses.fields(Contact)) - {"key"}
_DAY, _FLAG = (date, "a day such as 2026-11-21"), (bool, "true or false")
_TEXT = (str, "text; put figures between quotation marks")
_SHAPES: Mapping[str, tuple[type, str]] = {
    "checked_on": _DAY,
    "review_by": _DAY,
    "verified": _FLAG,
    "national": _FLAG,
    "withheld": _FLAG,
    "also": (list, "a list of words; put figures between quotation marks"),
}


def parse(text: str) -> dict[str, Contact]:
    """Read contact rows from YAML, in their order. Raises ContactsError on what is missing, unknown or malformed."""
    try:
        rows = yaml_text.parsed(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day that no calendar has
        raise ContactsError(" ".join(str(error).split())) from None
    if not isinstance(rows, dict) or not all(isinstance(key, str) for key in rows):
        raise ContactsError("it must be rows, each under a key that is a word")
    return {key: _contact(key, row) for key, row in rows.items()}


def _contact(key: str, given: Any) -> Contact:
    if not isinstance(given, dict):
        raise ContactsError(f"{key}: it must be a row of names and values")
    row = {name: value for name, value in given.items() if value not in (None, "")}
    if missing := sorted(_NEEDED - row.keys()):
        raise ContactsError(f"{key}: {', '.join(missing)} is missing")
    if unknown := sorted(map(str, row.keys() - _KNOWN)):
        raise ContactsError(f"{key}: there is no {', '.join(unknown)}")
    for name, value in row.items():
        kind, shape = _SHAPES.get(name, _TEXT)
        words = value if isinstance(value, list) else []
        if type(value) is not kind or not all(isinstance(word, str) for word in words):
            raise ContactsError(f"{key}: {name} must be {shape}")
    return Contact(key=key, **row | {"also": tuple(row.get("also", ()))})


def called(contacts: Mapping[str, Contact], word: str) -> Contact | None:
    """Return the contact that people call by a word; None when there is none, or none any more."""
    wanted = word.strip().lower()
    return next((contact for contact in contacts.values() if wanted in contact.words), None)


def blank(contacts: Mapping[str, Contact]) -> list[str]:
    """Return the keys of what is shown when a child is in danger and has no number."""
    return [key for key in URGENT if key not in contacts or not any(map(str.isdigit, contacts[key].phone))]


def overdue(contacts: Mapping[str, Contact], today: date) -> list[Contact]:
    """Return the contacts that should have been checked again before today."""
    return [contact for contact in contacts.values() if contact.review_on < today]


def load(file: str) -> Mapping[str, Contact]:
    """Return the contacts of a file, the withheld ones left out; without a file, the shipped ones.

    Raises ContactsError when they cannot be used.
    """
    if not file:
        return shipped()
    try:
        return _shown(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise ContactsError(error.strerror or "it cannot be read") from None
    except UnicodeDecodeError:
        raise ContactsError("it is not text in UTF-8") from None


@functools.cache
def shipped() -> Mapping[str, Contact]:
    """Return the contacts that come with the program, the withheld ones left out."""
    return _shown((resources.files("knowledge") / "data" / "contacts.yaml").read_text(encoding="utf-8"))


def _shown(text: str) -> Mapping[str, Contact]:
    return MappingProxyType({key: contact for key, contact in parse(text).items() if not contact.withheld})
