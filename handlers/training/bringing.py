"""A calendar of training in a spreadsheet or calendar file: read into dates in London time, or refused by its rows."""

from __future__ import annotations

import functools
import hashlib
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from zoneinfo import ZoneInfo

from db.training import MAX_LINK, MAX_TITLE
from handlers.context import UserError, number
from handlers.files import Piece
from handlers.imports import reading
from handlers.imports.reading import ImportProblems, Problem
from handlers.roster import as_day
from handlers.training.boxes import MAX_SHORT, MOST_PLACES, link_problem
from knowledge import calendar_files, courses
from knowledge.calendar import exists, instant
from knowledge.calendar_files import CalendarFileError, Entry

SUFFIX = ".ics"
LONDON = "Europe/London"
# What a column may be called; the first name is how people are told of it.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "course", "name", "event", "training"),
    "date": ("date", "day", "on"),
    "start": ("start", "from", "starts", "start time", "begins"),
    "end": ("end", "until", "ends", "end time", "to"),
    "zone": ("time zone", "timezone", "zone", "tz"),
    "place": ("place", "location", "venue", "where"),
    "link": ("link", "url", "joining link"),
    "capacity": ("capacity", "places"),
    "category": ("category", "group"),
    "kind": ("kind", "type"),
    "status": ("status", "state"),
    "uid": ("uid", "id", "reference"),
}
_NEEDED = ("title", "date", "start", "end")
_TIMES = ("%H:%M", "%H:%M:%S", "%H.%M", "%I:%M %p", "%I%p", "%I.%M%p", "%I:%M%p")
_OTHER_NAMES = {"london": LONDON, "uk": LONDON, "bst": LONDON, "": LONDON}


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a calendar. `row` is where it stands, `uid` a mark of what the calendar calls it, `told` its zone.

    It is kept as plain values until it is taken over: the moments are texts.
    """

    row: int
    uid: str
    title: str
    starts_at: str
    ends_at: str
    place: str = ""
    link: str = ""
    capacity: int = 0
    category: str = ""
    kind: str = "course"
    cancelled: bool = False
    told: str = ""


def free_text(name: str, content: bytes) -> list[Piece]:
    """Return what anybody may have written in a calendar. Raises UserError when it cannot be read."""
    return [
        Piece(f"Row {one.row}", text)
        for one in read(name, content, ZoneInfo(LONDON))
        for text in dict.fromkeys((one.title, one.place, one.link))
        if text
    ]


def read(name: str, content: bytes, zone: ZoneInfo) -> list[Date]:
    """Return the dates of a file. Raises UserError for one that cannot be read, with every mistake by its row."""
    problems: list[Problem] = []
    if PurePath(name).suffix.lower() == SUFFIX:
        try:
            entries = calendar_files.read(content)
        except CalendarFileError as error:
            raise UserError(str(error), hint="Nothing of the file was kept.") from error
        found = [one for entry in entries if (one := _of_entry(entry, zone, problems))]
    else:
        found = list(_of_sheet(reading.read(name, content), zone, problems))
    seen: dict[tuple[str, str], int] = {}
    for one in found:
        first = seen.setdefault((one.title.casefold(), one.starts_at), one.row)
        if first != one.row:
            problems.append(Problem(one.row, "title", f"This is in row {first} too. Take one of them out."))
        elif one.uid and (same := seen.setdefault(("uid", one.uid), one.row)) != one.row:
            problems.append(Problem(one.row, "uid", f"Row {same} has the same one. Give each date its own."))
    if problems:
        raise ImportProblems(problems)
    return found


# --- calendar files ----------------------------------------------------------------------------------------


def _of_entry(entry: Entry, zone: ZoneInfo, problems: list[Problem]) -> Date | None:
    at, starts, ends = entry.number, entry.starts, entry.ends
    wrong = dict(_texts(entry.summary, entry.location, entry.url))
    if not isinstance(starts, datetime) or not isinstance(ends, datetime) or ends <= starts:
        wrong["start"] = "Please give the time at which it begins and ends."
        starts = ends = datetime.min.replace(tzinfo=zone)
    problems += [Problem(at, name, said) for name, said in wrong.items()]
    if wrong:
        return None
    return Date(
        at, _mark(entry.uid), entry.summary, starts.astimezone(zone).isoformat(), ends.astimezone(zone).isoformat(),
        entry.location, entry.url, kind=_kind("", entry.summary), cancelled=entry.cancelled,
        told=_told(starts, str(starts.tzinfo), zone),
    )  # fmt: skip


# --- spreadsheets ------------------------------------------------------------------------------------------


def _of_sheet(sheet: reading.Sheet, zone: ZoneInfo, problems: list[Problem]) -> Iterator[Date]:
    places = {
        column: place
        for column, names in _COLUMNS.items()
        for place, heading in enumerate(sheet.headings)
        if heading.casefold().strip(" :*") in names
    }
    if missing := [column for column in _NEEDED if column not in places]:
        raise UserError(
            f"I cannot find these columns: {', '.join(missing)}.",
            hint="The first row names the columns: title, date, start, end, and perhaps time zone, place, link, "
            "capacity, category, kind, status, uid.",
        )
    for line in sheet.lines:
        cells = {column: " ".join(line.cells[place].split()) for column, place in places.items()}
        if one := _of_line(line.number, cells, zone, problems):
            yield one


def _of_line(at: int, cells: Mapping[str, str], zone: ZoneInfo, problems: list[Problem]) -> Date | None:
    wrong = dict(_texts(cells["title"], cells.get("place", ""), cells.get("link", "")))
    category, capacity = cells.get("category", "").upper().removeprefix("CATEGORY ").strip(), cells.get("capacity", "")
    if category not in {"", *courses.shipped().categories}:
        wrong["category"] = "Please give A, B or C, or leave it empty."
    if capacity and not 0 < number(capacity) <= MOST_PLACES:
        wrong["capacity"] = f"Please give a whole number from 1 to {MOST_PLACES}."
    moments = _moments(cells, wrong)
    problems += [Problem(at, _COLUMNS[name][0], said) for name, said in wrong.items()]
    if wrong or moments is None:
        return None
    starts, ends = moments
    return Date(
        at, _mark(cells.get("uid", "")), cells["title"], starts.astimezone(zone).isoformat(),
        ends.astimezone(zone).isoformat(), cells.get("place", ""), cells.get("link", ""), number(capacity), category,
        _kind(cells.get("kind", ""), cells["title"]), cells.get("status", "").lower() in ("cancelled", "canceled"),
        _told(starts, str(starts.tzinfo), zone),
    )  # fmt: skip


def _moments(cells: Mapping[str, str], problems: dict[str, str]) -> tuple[datetime, datetime] | None:
    """Return when a row begins and ends, in its own time zone; say in `problems` what is wrong with it."""
    wrong: dict[str, str] = {}
    day, begins, ends = as_day(cells["date"]), _time(cells["start"]), _time(cells["end"])
    there = _zone(cells.get("zone", ""))
    if there is None:
        wrong["zone"] = "I do not know this time zone. Write it like Europe/London."
    if day is None:
        wrong["date"] = "Please give a day such as 2026-12-03."
    for name, at in (("start", begins), ("end", ends)):
        if at is None:
            wrong[name] = "Please give a time such as 14:30."
        elif day and there and not exists(day, at, there):
            wrong[name] = "The clocks go forward then, so that there is no such time on that day."
    problems |= wrong
    if wrong or day is None or begins is None or ends is None or there is None:
        return None
    moments = _at(day, begins, there), _at(day, ends, there)
    if moments[1] <= moments[0]:
        problems["end"] = "It should end after it begins."
    return moments


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    return instant(day, at, zone).astimezone(zone)


def _time(text: str) -> time | None:
    for form in _TIMES:
        try:
            return datetime.strptime(text.upper(), form).time()  # noqa: DTZ007 - its zone stands beside it
        except ValueError:
            continue
    return None


def _zone(text: str) -> ZoneInfo | None:
    plain = text.strip().casefold().replace(" ", "_")
    name = _OTHER_NAMES.get(plain) or _zones().get(plain)
    return ZoneInfo(name) if name else None


@functools.cache
def _zones() -> dict[str, str]:
    """Return every time zone by its name and by its city."""
    names = sorted(zoneinfo.available_timezones())
    return {one.rpartition("/")[2].casefold(): one for one in names} | {one.casefold(): one for one in names}


# --- both --------------------------------------------------------------------------------------------------


def _texts(title: str, place: str, link: str) -> Iterator[tuple[str, str]]:
    if not title or len(title) > MAX_TITLE:
        yield "title", f"Please write a title of at most {MAX_TITLE} characters."
    if len(place) > MAX_SHORT:
        yield "place", f"Please use at most {MAX_SHORT} characters."
    if len(link) > MAX_LINK or link_problem(link):
        yield "link", "Please give a link that begins with https://"


def _kind(text: str, title: str) -> str:
    """Return the kind that is said, or that a title names; else it is a course."""
    said = f" {text or title} ".casefold()
    known = courses.shipped().kinds.items()
    return next((key for key, one in known if key != "course" and any(f" {word} " in said for word in one.words)),
                "course")  # fmt: skip


def _mark(uid: str) -> str:
    """Return what is kept of the name that a calendar has for a date: nothing that anybody could read."""
    return hashlib.sha256(uid.encode()).hexdigest()[:32] if uid else ""


def _told(starts: datetime, zone: str, home: ZoneInfo) -> str:
    """Say what a time is in London, where it was written in another time zone and is another there."""
    here = starts.astimezone(home)
    if here.replace(tzinfo=None) == starts.replace(tzinfo=None):
        return ""
    city, city_here = (name.rpartition("/")[2].replace("_", " ") for name in (zone, str(home)))
    return f"{starts:%H:%M} in {city} is {here:%H:%M} in {city_here}"
