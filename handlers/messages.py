"""The neutral vocabulary: what handlers say, before any platform draws it.

Every renderer matches these unions to the end, so that a new element cannot be dropped in silence.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

MAX_BUTTONS = 6  # Teams shows six actions on a card; Slack would show more
MAX_TABLE_ROWS, MAX_TABLE_COLUMNS = 30, 4


class Tone(StrEnum):
    """How a card is meant. It is always shown as a word too, never by colour alone."""

    PLAIN = ""
    DANGER = "Act now"
    WARNING = "Please note"
    GOOD = "Done"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or a list, in the small Markdown of `handlers/prose.py`."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a card, as plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between two parts of a card."""


@dataclass(frozen=True, slots=True)
class Note:
    """Small print, such as sources and dates, in the small Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a name and a value, as plain text."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header, as plain text: at most 30 rows of 4 columns; `more` says what was left out."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture on a public address, with words for those who do not see it."""

    url: str
    alt: str


Element = Text | Heading | Divider | Note | Facts | Table | Image


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. `value` comes back untrusted; `opens` says that a form follows."""

    label: str
    action: str
    value: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An address to open in the browser."""

    label: str
    url: str


Action = Button | Link


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `fallback` is what a notification or a screen reader gets.

    `replaces` says that the card takes the place of the one whose button was pressed; `refused`, that nothing was done
    and a form which was sent stays open with what was typed in it.
    """

    title: str
    body: tuple[Element, ...] = ()
    actions: tuple[Action, ...] = ()
    tone: Tone = Tone.PLAIN
    fallback: str = ""
    replaces: bool = False
    refused: bool = False

    @property
    def summary(self) -> str:
        """Say the card in one line, for notifications and screen readers."""
        text = self.fallback or self.title
        return f"{self.tone.value}: {text}" if self.tone.value else text


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One box of a form. `value` is what it holds when the form opens."""

    name: str
    label: str
    kind: Literal["text", "longtext", "choice", "multichoice", "date", "time", "confirm"] = "text"
    hint: str = ""
    required: bool = True
    max_length: int = 300
    choices: tuple[Choice, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Boxes to fill in. `token` makes sending it twice harmless; `about` is an untrusted id."""

    title: str
    action: str
    fields: tuple[Field, ...]
    token: str
    about: str = ""
    submit: str = "Send"
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Errors:
    """What is wrong with a sent form, by field name; the platform keeps what the person typed.

    `also` is a field that the form is to have besides, so that it can be sent again.
    """

    by_field: Mapping[str, str]
    also: Field | None = None


Reply = Card | Form | Errors

_ELEMENTS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Text, Heading, Divider, Note, Facts, Table, Image, Button, Link)
}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def card_to_json(card: Card) -> dict[str, Any]:
    """Return a card as plain JSON, for the tables of what is still to be delivered."""
    data = {name: getattr(card, name) for name in ("title", "fallback", "replaces", "refused")}
    data["tone"] = card.tone.name
    for name in ("body", "actions"):
        data[name] = [{"is": type(item).__name__, **dataclasses.asdict(item)} for item in getattr(card, name)]
    return data


def card_from_json(data: Mapping[str, Any]) -> Card:
    """Read back what `card_to_json` wrote."""

    def items(name: str) -> tuple[Any, ...]:
        return tuple(
            _ELEMENTS[row["is"]](**{key: _tuples(value) for key, value in row.items() if key != "is"})
            for row in data[name]
        )

    return Card(
        title=data["title"],
        body=items("body"),
        actions=items("actions"),
        tone=Tone[data["tone"]],
        fallback=data["fallback"],
        replaces=data["replaces"],
        refused=data.get("refused", False),  # cards that wait since an earlier version do not say
    )
