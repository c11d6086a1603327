"""The boxes of a session, both ways: as they open, and what was filled in or is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from db.training import MAX_LINK, TrainingSession
from handlers import persons
from handlers.context import Context, number
from handlers.messages import Choice, Field
from handlers.training.showing import MODES
from knowledge.calendar import exists, instant

MAX_SHORT, MOST_PLACES = 200, 1_000
_TEXTS = {"place": MAX_SHORT, "trainer": MAX_SHORT, "campaign": MAX_SHORT, "access": MAX_SHORT}
_LINKS = ("link", "book_at")
_DAY = timedelta(days=1)
Wrong = dict[str, str]


def times(context: Context, row: TrainingSession | None = None) -> tuple[Field, ...]:
    """Return the boxes for the day and the hours."""
    zone = context.house.time_zone
    starts, ends = (row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)) if row else (None, None)
    return (
        Field("on", "Day", "date", value=f"{starts:%Y-%m-%d}" if starts else ""),
        Field("from", "From", "time", hint="London time.", value=f"{starts:%H:%M}" if starts else ""),
        Field("until", "Until", "time", value=f"{ends:%H:%M}" if ends else ""),
    )


def details(row: TrainingSession | None = None) -> tuple[Field, ...]:
    """Return the boxes for everything else."""
    modes = tuple(Choice(key, name) for key, name in MODES.items())
    return (
        Field("mode", "How", "choice", choices=modes, value=row.mode if row and row.mode in MODES else "in-person"),
        _text("place", "Place", row),
        _text("link", "Link to join", row, hint="Only those with a confirmed place get it.", most=MAX_LINK),
        _text("trainer", "Trainer", row, hint="A role, not a name."),
        Field("capacity", "Places", max_length=4, value=str(row.capacity or "") if row else "", required=False,
              hint="How many people there is room for."),
        Field("least", "Fewest people", max_length=4, value=str(row.least or "") if row else "", required=False,
              hint="How many it needs to run."),
        Field("waiting_list", "People can wait for a place", "confirm", required=False,
              value="yes" if row is None or row.waiting_list else ""),
        _day("opens_on", "Booking opens on", "Left empty: today.", row),
        _day("closes_on", "Booking closes on", "Left empty: the day before.", row),
        _text("campaign", "Part of", row, hint="Such as Safeguarding Month 2026: neglect."),
        _text("access", "Access", row, hint="Such as: step-free, or captions."),
        _text("book_at", "Booked elsewhere at", row, hint="Only if places are not booked here.", most=MAX_LINK),
    )  # fmt: skip


def _text(name: str, label: str, row: TrainingSession | None, *, hint: str = "", most: int = MAX_SHORT) -> Field:
    return Field(name, label, hint=hint, required=False, max_length=most, value=getattr(row, name) if row else "")


def _day(name: str, label: str, hint: str, row: TrainingSession | None) -> Field:
    return Field(name, label, "date", hint=hint, required=False, value=getattr(row, name).isoformat() if row else "")


def read_times(context: Context, fields: Mapping[str, str]) -> tuple[datetime, datetime] | Wrong:
    """Return when a session begins and ends, or what is wrong with it."""
    day = persons.read_day(context, fields.get("on", ""))
    if not isinstance(day, date):
        return {"on": day or "Please give a day."}
    begins, ends = _clock(fields.get("from", "")), _clock(fields.get("until", ""))
    wrong = {name: "Please give a time such as 14:30." for name, at in (("from", begins), ("until", ends)) if not at}
    if wrong or begins is None or ends is None:
        return wrong
    return span(context, day, begins, ends)


def span(context: Context, day: date, begins: time, ends: time) -> tuple[datetime, datetime] | Wrong:
    """Return the moments of a session on a day in London, or what is wrong with them."""
    zone = context.house.time_zone
    wrong = {
        name: "The clocks go forward then, so that there is no such time on that day. Please give another."
        for name, at in (("from", begins), ("until", ends))
        if not exists(day, at, zone)
    }
    if wrong:
        return wrong
    starts_at, ends_at = instant(day, begins, zone), instant(day, ends, zone)
    if starts_at <= context.now:
        return {"on": "That is over already. Please give a time that is to come."}
    return (starts_at, ends_at) if ends_at > starts_at else {"until": "It should end after it begins."}


def _clock(text: str) -> time | None:
    try:
        found = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0, tzinfo=None)


def read_details(context: Context, fields: Mapping[str, str], on: date) -> tuple[dict[str, Any], Wrong]:
    """Return the other columns that a form describes, and what is wrong with it; `on` is the day of the session."""
    texts = {name: " ".join(fields.get(name, "").split()) for name in (*_TEXTS, *_LINKS)}
    wrong = {name: f"Please use at most {most} characters." for name, most in _TEXTS.items() if len(texts[name]) > most}
    wrong |= {name: problem for name in _LINKS if (problem := link_problem(texts[name]))}
    if fields.get("mode") not in MODES:
        wrong["mode"] = "Please choose from the list."
    capacity, least = fields.get("capacity", "").strip(), fields.get("least", "").strip()
    if capacity and not 0 < number(capacity) <= MOST_PLACES:
        wrong["capacity"] = f"Please give a whole number from 1 to {MOST_PLACES}."
    if least and not (least.isdecimal() and number(least) <= (number(capacity) or MOST_PLACES)):
        wrong["least"] = "Please give a whole number, at most the number of places."
    opens_on, closes_on, wrong_days = _days(context, fields, on)
    columns: dict[str, Any] = {
        **texts,
        "mode": fields.get("mode"),
        "capacity": number(capacity),
        "least": number(least),
    }
    columns |= {"waiting_list": fields.get("waiting_list") == "yes", "opens_on": opens_on, "closes_on": closes_on}
    return columns, wrong | wrong_days


def _days(context: Context, fields: Mapping[str, str], on: date) -> tuple[date | None, date | None, Wrong]:
    opens_on = persons.read_day(context, fields.get("opens_on", ""), default=min(context.today, on))
    closes_on = persons.read_day(context, fields.get("closes_on", ""), default=on - _DAY)
    if not isinstance(opens_on, date):
        return None, None, {"opens_on": opens_on or "Please give a day."}
    if not isinstance(closes_on, date):
        return None, None, {"closes_on": closes_on or "Please give a day."}
    if not fields.get("closes_on", "").strip():
        closes_on = max(closes_on, opens_on)
    if closes_on > on or opens_on > closes_on:
        return None, None, {"closes_on": "Booking should close after it opens, and not after the session."}
    return opens_on, closes_on, {}


def link_problem(url: str) -> str:
    """Say what is wrong with an address; empty when nothing is, or there is none."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    fine = parts.scheme == "https" and parts.hostname and not any(char.isspace() for char in url)
    return "" if fine and len(url) <= MAX_LINK else "Please give a link that begins with https://"
