"""What may stand in the cells of a file: read into what the records hold, or refused with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.papers.columns import Change, Field
from handlers.papers.table import Value
from handlers.roster import as_day
from knowledge import risks as rules
from knowledge import scoring

_CHOICES = {"category", "proximity", "appetite", "response"}
_STANDING: Mapping[str, Mapping[str, str]] = {
    "escalations": {
        "": "submitted", "open": "submitted", "new": "submitted", "live": "submitted", "submitted": "submitted",
        "in progress": "submitted", "responded": "responded", "answered": "responded", "closed": "closed",
        "complete": "closed", "completed": "closed", "resolved": "closed",
    },
    "risks": {
        "": "alert", "alert": "alert", "new": "alert", "open": "open", "live": "open", "active": "open",
        "closed": "closed",
    },
}  # fmt: skip


class CellError(ValueError):
    """What is wrong with a cell, and what to do."""


def as_cell(value: Value) -> str:
    """Return a value of a record as a file that was read gives it back."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else tidy(str(value))


def tidy(text: str) -> str:
    """Return words without what spreadsheets change by themselves: ends of lines, and spaces around them."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("_x000D_", "").split("\n")).strip()


def standing(kind: str, text: str) -> str:
    """Return the state in which something new is taken over. Raises CellError for a word that names none."""
    known = _STANDING[kind]
    found = known.get(" ".join(text.split()).casefold())
    if found is None:
        raise CellError(f"I do not know this. I know: {', '.join(sorted({one for one in known if one}))}.")
    return found


def day(text: str) -> date | None:
    """Return the day in a cell. Raises CellError when there is something else."""
    if not text:
        return None
    found = as_day(text)
    if found is None or not date(1990, 1, 1) <= found <= date(2100, 1, 1):
        raise CellError("Please write a day, such as 2026-11-24 or 24/11/2026.")
    return found


def step(text: str) -> int | None:
    """Return a step of a score, from Low, Medium or High, or 1 to 5. Raises CellError for something else."""
    if not text:
        return None
    if text.isdecimal() and len(text) == 1 and scoring.LOWEST <= int(text) <= scoring.HIGHEST:
        return int(text)
    named = {one.name.casefold(): at for scale in _scales() for at, one in scale.items()}
    if text.casefold() in named:
        return named[text.casefold()]
    try:
        return scoring.entered(text)
    except scoring.ScoringError:
        raise CellError("Please write Low, Medium or High, or a number from 1 to 5.") from None


def in_three(text: str) -> bool:
    """Say whether a step was given as one of three."""
    return bool(text) and not text.isdecimal()


def _scales() -> tuple[Mapping[int, scoring.Step], ...]:
    return scoring.shipped().likelihood, scoring.shipped().impact


def words(one: Field, text: str) -> str:
    """Return the words of a cell. Raises CellError when they are too many, or missing where they are needed."""
    found = tidy(text)
    if one.most and len(found) > one.most:
        raise CellError(f"Please use at most {one.most} characters; these are {len(found)}.")
    if one.needed and not found:
        raise CellError("Please fill this in.")
    return found


def choice(one: Field, text: str) -> str:
    """Return the code of one of a list, from the code or its words. Raises CellError for something else."""
    if not text:
        return ""
    options = rules.choices(one.name) if one.name in _CHOICES else {code: code for code in one.allowed}
    for code, label in options.items():
        if _folded(text) in (_folded(code), _folded(label)):
            return code
    raise CellError(f"I do not know this. I know: {', '.join(options.values())}.")


def _folded(text: str) -> str:
    return " ".join(text.replace("-", " ").split()).casefold()


def read(one: Field, text: str) -> Value:
    """Return what a record holds for a cell of a column that a file may change. Raises CellError."""
    if one.change is Change.DAY:
        return day(text)
    return choice(one, text) if one.allowed else words(one, text)
