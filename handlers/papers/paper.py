"""A paper before it is a file: headings, paragraphs, tables and pictures, with its marking. It knows no format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Shade(Enum):
    """The colour behind a word. It only repeats what the word says."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Badge:
    """A word in a cell that has a colour as well, such as 'Red 20' or 'Overdue'."""

    word: str
    shade: Shade


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called, in bold, and below it what is said of it."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Words in a cell that lead to an address."""

    words: str
    url: str


Cell = str | Badge | Named | Linked


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 for the parts of a paper."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences. `strong` for what must not be overlooked."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `share` is its part of the width beside those of the others."""

    title: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table under a header that is repeated on each page; `about` says to those who do not see it what it holds.

    `empty` is the sentence that stands in its place when it has no rows.
    """

    about: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as PNG, with words for those who do not see it."""

    png: bytes
    alt: str
    width_cm: float = 13.0


@dataclass(frozen=True, slots=True)
class Turn:
    """From here on a new page, upright or on its side."""

    landscape: bool


Part = Heading | Paragraph | Bullets | Grid | Picture | Turn


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `marking` stands at the top and at the foot of each page, `made` and `version` at the foot."""

    title: str
    subtitle: str
    partnership: str
    marking: str
    made: str
    version: str
    parts: Sequence[Part]
