"""Cards and forms as plain text, for the terminal and for `ask --batch`."""

from __future__ import annotations

import textwrap
from typing import assert_never

from handlers.messages import (
    Card,
    Divider,
    Element,
    Errors,
    Facts,
    Field,
    Form,
    Heading,
    Image,
    Note,
    Reply,
    Table,
    Text,
)
from handlers.prose import plain

WIDTH = 78


def text(reply: Reply) -> str:
    """Return a reply as plain text."""
    match reply:
        case Card():
            return _card(reply)
        case Form():
            return "\n".join(filter(None, (reply.title, reply.intro, *map(box, reply.fields))))
        case Errors():
            return "\n".join(reply.by_field.values())
        case _:
            assert_never(reply)


def wrapped(reply: Reply) -> str:
    """Return a reply as plain text in lines that fit a terminal."""
    lines = (textwrap.fill(line, WIDTH, break_long_words=False) if line else "" for line in text(reply).split("\n"))
    return "\n".join(lines)


def _card(card: Card) -> str:
    title = f"{card.tone.value}: {card.title}" if card.tone.value else card.title
    return "\n\n".join(filter(None, (title, *map(_element, card.body))))


def _element(element: Element) -> str:
    match element:
        case Text(markdown) | Note(markdown):
            return plain(markdown)
        case Heading(words):
            return words.upper()
        case Divider():
            return "-" * WIDTH
        case Facts(pairs):
            return "\n".join(f"{name}: {value}" for name, value in pairs)
        case Table():
            return _table(element)
        case Image(url, alt):
            return f"[Picture: {alt}] {url}"
        case _:
            assert_never(element)


def _table(table: Table) -> str:
    rows = (table.header, *table.rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.header))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(filter(None, (*lines, table.more)))


def box(field: Field) -> str:
    """Return what a form asks for in one field; of choices, what to type for each."""
    choices = f" ({', '.join(f'{choice.value}: {choice.label}' for choice in field.choices)})" if field.choices else ""
    return f"{field.label}{choices}: {field.hint}" if field.hint else f"{field.label}{choices}"
