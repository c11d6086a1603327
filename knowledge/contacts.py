"""Whom to call: rows with a source, the day checked, and whether the partnership confirmed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Contact:
    """One service and how to reach it.

    `verified` means confirmed by the partnership, which `national` numbers do not need.
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

    @property
    def confirmation(self) -> str:
        """Say how far to trust the row, in words that stand beside it."""
        if self.national:
            return "National number"
        return "Confirmed by the partnership" if self.verified else "Not yet confirmed by the partnership"


def parse(text: str) -> dict[str, Contact]:
    """Read contact rows from YAML, in their order. Raises TypeError on a missing or unknown field."""
    rows = yaml.safe_load(text)
    return {key: Contact(key=key, **row) for key, row in rows.items()}


def shipped() -> Mapping[str, Contact]:
    """Return the contacts that come with the program, the withheld ones left out."""
    text = (resources.files("knowledge") / "data" / "contacts.yaml").read_text(encoding="utf-8")
    return {key: contact for key, contact in parse(text).items() if not contact.withheld}
