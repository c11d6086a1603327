"""The boxes of forms about risks, both ways: words to choose from, steps, days and people at work."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date

from db import people
from db.people import SECRETARIAT
from handlers import naming, owners
from handlers.context import Context
from handlers.messages import Choice, Errors, Field
from knowledge import risks as rules
from knowledge import scoring

NONE = "none"
MAX_CHOICE = 75  # characters of an option in Slack
FURTHEST = 3660  # days ahead of a day that anything is planned for


def choice(name: str, label: str, box: str, value: str = "", *, required: bool = True) -> Field:
    """Return a box with one of the words that the register knows."""
    return Field(name, label, "choice", required=required, choices=options(rules.choices(box)), value=value)


def options(words: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return the options of a box from what each is called."""
    return tuple(Choice(key, said) for key, said in words.items())


def chosen(fields: Mapping[str, str], name: str, box: str) -> str:
    """Return what was chosen in a box; empty for what it does not offer."""
    found = fields.get(name, "").strip()
    return found if found in rules.choices(box) else ""


def step(name: str, label: str, scale: str, value: int | None) -> Field:
    """Return a box for a step from 1 to 5, each with its name and what it means."""
    steps = scoring.shipped().likelihood if scale == "likelihood" else scoring.shipped().impact
    said = {str(number): _short(f"{number} {one.name}: {one.anchor}") for number, one in steps.items()}
    cut = "; ".join(f"{number}: {one.anchor}" for number, one in steps.items() if one.anchor not in said[str(number)])
    hint = f"In full, {cut}." if cut else ""
    return Field(name, label, "choice", hint=hint, choices=options(said), value=str(value or 3))


def _short(words: str) -> str:
    return textwrap.shorten(words, MAX_CHOICE, placeholder=" …")


def steps(fields: Mapping[str, str], *names: str) -> dict[str, int] | Errors:
    """Return the steps of these boxes, or what is wrong with them."""
    wrong = {name: "Please choose a step from 1 to 5." for name in names if fields.get(name, "") not in _STEPS}
    return Errors(wrong) if wrong else {name: int(fields[name]) for name in names}


def too_long(text: str, most: int) -> str:
    """Say that a text is past its limit; empty when it is not."""
    return f"Please use at most {most} characters. You have {len(text)}." if len(text) > most else ""


def too_long_or_empty(text: str, most: int) -> str:
    """Say that a text is missing or past its limit; empty when it is neither."""
    return too_long(text, most) if text else "Please fill this in."


def written(fields: Mapping[str, str], name: str, most: int) -> str | Errors:
    """Return what was written in a box, or what is wrong with it: it is empty, or too long."""
    text = fields.get(name, "").strip()
    problem = too_long_or_empty(text, most)
    return Errors({name: problem}) if problem else text


_STEPS = frozenset(map(str, range(scoring.LOWEST, scoring.HIGHEST + 1)))


def day(context: Context, fields: Mapping[str, str], name: str, *, most: int = FURTHEST) -> date | Errors:
    """Return a day after today, at most so many days ahead, or what is wrong with it."""
    try:
        found = date.fromisoformat(fields.get(name, "").strip())
    except ValueError:
        return Errors({name: "Please choose a day, such as 2026-12-01."})
    if found <= context.today:
        return Errors({name: "Please choose a day after today."})
    if (found - context.today).days > most:
        return Errors({name: f"Please choose a day within {most} days."})
    return found


def groups(context: Context, value: str) -> Field:
    """Return the box for the lead group."""
    names = naming.group_names(context)
    known = options({name: name for name in names})
    return Field("group", "Lead group", "choice", choices=known, value=value)


def read_owner(context: Context, fields: Mapping[str, str]) -> int | Errors:
    """Return who is to own a risk, or why they cannot: the secretariat keeps the register and owns nothing on it."""
    found = owners.read(context, fields, "name")
    if found is None:
        return Errors({"name": "Please name somebody."})
    if isinstance(found, int) and people.roles(context.session, found, on=context.today) & SECRETARIAT:
        return Errors({"name": "The secretariat keeps the register and owns no risk. Please name somebody else."})
    return found
