"""A table before it is a spreadsheet, CSV or JSON, and how words are kept from being run by a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

Value = str | int | date | None

# What spreadsheets run, or take for a command, at the beginning of a cell; the apostrophe tells them that it is words.
_RUN = re.compile(r"'*\s*[=+\-@|%]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called, how wide it is in characters, and what may stand in it where that is a list."""

    name: str
    width: int = 14
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its marking. `rows` come one after the other, so that any number of them needs no memory.

    `about` are the pairs that say what it is: who made it when, and in which version.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    marking: str
    about: Sequence[tuple[str, str]] = field(default=())


def neutral(text: str) -> str:
    """Return words so that no spreadsheet runs them: with an apostrophe before what looks like a formula."""
    clean = _UNPRINTABLE.sub(" ", text)
    return f"'{clean}" if _RUN.match(clean) else clean


def plain(text: str) -> str:
    """Take the apostrophe away again that `neutral` has put before words."""
    return text[1:] if text.startswith("'") and _RUN.match(text) else text
