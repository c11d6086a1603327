"""The rules of the risk register and the challenge log: words to choose from, states and periods, as tables."""

from __future__ import annotations

import functools
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

from knowledge import yaml_text
from knowledge.calendar import working_days_after, working_days_before
from knowledge.scoring import Rag

CLOCK = "clock"  # who does what nobody presses


@dataclass(frozen=True, slots=True)
class Transition:
    """What may be done to a risk: from which states, to which one, by whom, and what it needs first."""

    name: str
    starts: frozenset[str]
    to: str
    who: frozenset[str]
    needs: tuple[str, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be done now, and what can. Without a reason it is not for the one who asks."""

    reason: str
    hint: str


def after(status: str, action: str, parts: frozenset[str]) -> str | Refusal:
    """Return the state that an action leads to, for somebody who has these parts in it, or why it cannot be done.

    `parts` are names of roles, and owner, chair or clock.
    """
    found = transitions()[action]
    if not found.who & parts:
        return Refusal("", "")
    if status not in found.starts:
        return Refusal(
            f"You cannot {found.says} now: it is {states()[status]}.", "Open it again to see what you can do."
        )
    return found.to


def possible(status: str, parts: frozenset[str]) -> list[str]:
    """Return what somebody with these parts may do in a state, in the order of the table."""
    return [one.name for one in transitions().values() if status in one.starts and one.who & parts]


def review_on(colour: Rag, since: date, clocks: Mapping[str, Any]) -> date:
    """Return the day of the next review: months after the last by its colour, on a working day."""
    months = int(clocks["review_months"][colour.value])
    return working_days_before(_months_after(since, months), 0)


def triage_by(raised_on: date, clocks: Mapping[str, Any]) -> date:
    """Return the day by which an alert has to be decided on."""
    return working_days_after(raised_on, int(clocks["triage_working_days"]))


def answer_by(asked_on: date, clocks: Mapping[str, Any]) -> date:
    """Return the day by which a challenge has to be answered."""
    return working_days_after(asked_on, int(clocks["answer_working_days"]))


def _months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def choices(box: str) -> Mapping[str, str]:
    """Return what a box can hold, with the words for each."""
    found: Mapping[str, str] = MappingProxyType(_read("risk_choices")[box])
    return found


@functools.cache
def states() -> Mapping[str, str]:
    """Return every state of a risk, in words."""
    return MappingProxyType(dict(_read("risk_states")["states"]))


@functools.cache
def transitions() -> Mapping[str, Transition]:
    """Return what may be done to a risk, by name."""
    rows = _read("risk_states")["transitions"]
    return MappingProxyType({name: _transition(name, row) for name, row in rows.items()})


def _transition(name: str, row: Mapping[str, Any]) -> Transition:
    return Transition(name, frozenset(row["from"]), row["to"], frozenset(row["who"]), tuple(row["needs"]), row["says"])


def clocks() -> dict[str, Any]:
    """Return the periods of today, to be frozen into what is raised today."""
    rows = _read("risk_clocks")
    return {name: value for name, value in rows.items() if name not in ("source", "checked_on")}


@functools.cache
def _read(name: str) -> Mapping[str, Any]:
    text = (resources.files("knowledge") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml_text.parsed(text)
    return found
