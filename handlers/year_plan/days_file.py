"""Files with days to keep clear of: lists and calendars read into days, or refused with every mistake by its row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from zoneinfo import ZoneInfo

from db.calendar_days import MAX_SOURCE, MAX_WHAT, DayKind
from handlers.context import UserError
from handlers.files import Piece
from handlers.imports import reading
from handlers.imports.reading import ImportProblems, Line, Problem, Sheet
from handlers.roster import as_day
from handlers.year_plan.clear_days import span_problem
from knowledge import calendar_files, school_terms
from knowledge.calendar_files import CalendarFileError, Entry
from knowledge.school_terms import Span

MAX_DAYS = 500
TERM = "term"
LONGEST_TERM = 130  # days; an autumn term has about 110
_COLUMNS = {
    "kind": "kind", "type": "kind", "first": "first", "first day": "first", "from": "first", "start": "first",
    "starts": "first", "start date": "first", "date": "first", "day": "first", "last": "last", "last day": "last",
    "to": "last", "until": "last", "end": "last", "ends": "last", "end date": "last", "what": "what", "name": "what",
    "title": "what", "event": "what", "source": "source",
}  # fmt: skip
_KINDS = {
    "holiday": DayKind.HOLIDAY, "holidays": DayKind.HOLIDAY, "school holiday": DayKind.HOLIDAY,
    "school holidays": DayKind.HOLIDAY, "half term": DayKind.HOLIDAY, "term": TERM, "school term": TERM,
    "religious": DayKind.RELIGIOUS, "religious date": DayKind.RELIGIOUS, "board": DayKind.BOARD,
    "another board": DayKind.BOARD, "other board": DayKind.BOARD,
}  # fmt: skip
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")  # alone in a cell, even one that the calendar does not have
_NO_KIND = "I cannot tell its kind. Say in its title holiday, term or board, or name the feast."
_SIGNS = (  # what a title says of its kind, the first that fits
    (re.compile(r"\b(?:half[- ]terms?|holidays?|break)\b", re.IGNORECASE), DayKind.HOLIDAY),
    (re.compile(r"\bterms?\b", re.IGNORECASE), TERM),
    (
        re.compile(r"\b(?:eid|ramadan|diwali|yom kippur|rosh hashanah|passover|vaisakhi|easter)\b", re.IGNORECASE),
        DayKind.RELIGIOUS,
    ),
    (re.compile(r"\b(?:board|committee|partnership|council|cabinet|forum)\b", re.IGNORECASE), DayKind.BOARD),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Days of a file, under the row or event that holds them. `kind` is one of DayKind, or a term."""

    span: Span
    kind: str
    source: str


def free_text(name: str, content: bytes) -> list[Piece]:
    """Return what anybody may have written in such a file. Raises UserError when it cannot be read."""
    if _is_calendar(name):
        titles = {entry.summary: f"Event {entry.number}" for entry in reversed(_entries(content))}
        return [Piece(place, title, names=True) for title, place in titles.items()]
    sheet = reading.read(name, content)
    pieces = [Piece("The names of the columns", heading) for heading in sheet.headings]
    for line in sheet.lines:
        for heading, cell in zip(sheet.headings, line.cells, strict=True):
            if cell and as_day(cell) is None and not _DAY.fullmatch(cell):
                # the name of a feast is the name of a person too
                pieces.append(Piece(f"Row {line.number}, {heading}", cell, names=_column(heading) == "what"))
    return list({(piece.text, piece.names): piece for piece in reversed(pieces)}.values())


def read(name: str, content: bytes, *, source: str, zone: ZoneInfo) -> list[Found]:
    """Read the days of a file; `source` stands for one that is not given. Raises UserError with every mistake."""
    if _is_calendar(name):
        found, problems = _of_calendar(_entries(content), source, zone)
    else:
        found, problems = _of_sheet(reading.read(name, content), source)
    if problems:
        raise ImportProblems(problems)
    if not found:
        raise UserError("The file holds no days.", hint="Put one holiday, term or date into each row.")
    if len(found) > MAX_DAYS:
        raise UserError(f"The file holds more than {MAX_DAYS} entries.", hint="Split it into smaller files.")
    return list({(one.kind, one.span.first, one.span.last, one.span.what): one for one in reversed(found)}.values())


def resolved(found: list[Found]) -> tuple[list[Found], int]:
    """Return the days with terms turned into the holidays between them, and how many terms there were.

    Raises ImportProblems where terms or holidays of the file stand against each other.
    """
    terms = [one.span for one in found if one.kind == TERM]
    holidays = [one.span for one in found if one.kind == DayKind.HOLIDAY]
    pairs = [*school_terms.overlapping(terms), *school_terms.overlapping(holidays)]
    pairs += school_terms.partly_in_term(holidays, terms)
    if pairs:
        raise ImportProblems(
            Problem(one.number, one.what[:40], f"It overlaps row {other.number}, {other.what[:40]}. Correct one.")
            for one, other in pairs
        )
    gaps = [gap for gap in school_terms.between(terms) if not any(gap.overlaps(one) for one in holidays)]
    sources = {one.span.number: one.source for one in found}
    made = [Found(gap, DayKind.HOLIDAY, sources[gap.number]) for gap in gaps]
    return sorted([*(one for one in found if one.kind != TERM), *made], key=lambda one: one.span.first), len(terms)


# --- lists -----------------------------------------------------------------------------------------------------


def _of_sheet(sheet: Sheet, source: str) -> tuple[list[Found], list[Problem]]:
    columns = [_column(heading) for heading in sheet.headings]
    unknown = [heading for heading, column in zip(sheet.headings, columns, strict=True) if not column]
    missing = [name for name in ("first", "what") if name not in columns]
    if unknown or missing or len(set(columns)) < len(columns):
        raise UserError(
            "I do not know which column is which.",
            hint="Name the columns kind, first, last, what and source, each once. First and what are needed.",
        )
    found, problems = [], []
    for line in sheet.lines:
        cells = dict(zip(columns, line.cells, strict=True))
        days, wrong = _row(line, cells, source)
        problems += wrong
        found += days
    return found, problems


def _column(heading: str) -> str:
    return _COLUMNS.get(" ".join(heading.replace("_", " ").split()).casefold(), "")


def _row(line: Line, cells: dict[str, str], source: str) -> tuple[list[Found], list[Problem]]:
    said, what = cells.get("kind", "").strip().casefold(), " ".join(cells["what"].split())
    kind = _KINDS.get(said) if said else guessed(what)
    first = as_day(cells["first"])
    last = as_day(cells["last"]) if cells.get("last") else first
    given = " ".join(cells.get("source", "").split()) or source
    wrong = {
        "kind": "" if kind else "Put holiday, term, religious or board.",
        "first": "" if first else "Put a day such as 2027-10-25.",
        "last": "" if last or not first else "Put a day such as 2027-10-25.",
        "what": "" if 0 < len(what) <= MAX_WHAT else f"Put a name of 1 to {MAX_WHAT} characters.",
        "source": "" if len(given) <= MAX_SOURCE else f"Please use at most {MAX_SOURCE} characters.",
    }
    if first and last and kind:
        wrong["last"] = _length_problem(kind, first, last)
    problems = [Problem(line.number, column, said) for column, said in wrong.items() if said]
    if problems or first is None or last is None or kind is None:
        return [], problems
    return [Found(Span(line.number, first, last, what), kind, given)], []


def guessed(title: str) -> str | None:
    """Return the kind that a title speaks of; None when it does not say."""
    return next((kind for sign, kind in _SIGNS if sign.search(title)), None)


def _length_problem(kind: str, first: date, last: date) -> str:
    if kind != TERM or last < first:
        return span_problem(first, last)
    return f"A term has at most {LONGEST_TERM} days. Is a day wrong?" if (last - first).days >= LONGEST_TERM else ""


# --- calendars -------------------------------------------------------------------------------------------------


def _is_calendar(name: str) -> bool:
    return PurePath(name).suffix.lower() == ".ics"


def _entries(content: bytes) -> list[Entry]:
    try:
        return calendar_files.read(content)
    except CalendarFileError as error:
        raise UserError("The calendar cannot be used.", hint=str(error)) from error


def _of_calendar(entries: list[Entry], source: str, zone: ZoneInfo) -> tuple[list[Found], list[Problem]]:
    found, problems = [], []
    for entry in entries:
        if entry.cancelled:
            continue
        first, last = _days(entry, zone)
        kind = guessed(entry.summary)
        wrong = _length_problem(kind, first, last) if kind else _NO_KIND
        if not 0 < len(entry.summary) <= MAX_WHAT:
            wrong = f"Give it a title of 1 to {MAX_WHAT} characters."
        if wrong or kind is None:
            problems.append(Problem(entry.number, "event", wrong))
        else:
            found.append(Found(Span(entry.number, first, last, entry.summary), kind, source))
    return found, problems


def _days(entry: Entry, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day of an event as the partnership's clock shows them."""
    if not isinstance(entry.starts, datetime) or not isinstance(entry.ends, datetime):
        return entry.starts, entry.ends
    starts, ends = entry.starts.astimezone(zone), entry.ends.astimezone(zone)
    if ends > starts and ends.time() == time():
        ends -= timedelta(minutes=1)  # it ends with the day before
    return starts.date(), ends.date()
