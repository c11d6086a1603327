"""How papers say things: days, states, what is withheld, and the middle of some numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median
from zoneinfo import ZoneInfo

from db.papers import SENSITIVE, Promised

OFFICIAL = "OFFICIAL"
MIDNIGHT = time()
WITHHELD = "See confidential annex"
MOST_WORDS = 240  # characters of an issue in a table; the whole of it is in the record


@dataclass(frozen=True, slots=True)
class Made:
    """What a paper or an export is: for whom, how far back, when, and whether it is the annex."""

    now: datetime
    zone: ZoneInfo
    partnership: str
    since: datetime
    since_words: str
    version: str
    meeting_on: date | None = None
    annex: bool = False

    @property
    def today(self) -> date:
        """Return the day in the partnership's time zone."""
        return self.day(self.now)

    @property
    def marking(self) -> str:
        """Return what stands on each page."""
        return SENSITIVE if self.annex else OFFICIAL

    @property
    def made_words(self) -> str:
        """Say when it was made, as people in the partnership read their clocks."""
        return f"{self.now.astimezone(self.zone):%-d %B %Y at %H:%M}"

    @property
    def meeting_words(self) -> str:
        """Say for which meeting it is."""
        return (
            f"For the Executive on {long_day(self.meeting_on)}" if self.meeting_on else "No next Executive is planned"
        )

    def day(self, moment: datetime) -> date:
        """Return the day on which a moment was."""
        return moment.astimezone(self.zone).date()

    def shows(self, marking: str) -> bool:
        """Say whether the words of a record may stand in this file."""
        return self.annex or marking != SENSITIVE

    def words(self, marking: str, text: str) -> str:
        """Return some words of a record, or in their place where they are to be found."""
        return text if self.shows(marking) else WITHHELD


def day(found: date | None) -> str:
    """Say a day in a table."""
    return f"{found:%-d %b %Y}" if found else ""


def long_day(found: date) -> str:
    """Say a day in a sentence."""
    return f"{found:%-d %B %Y}"


def brief(text: str) -> str:
    """Return the beginning of a text, whole words of it, where it is too long for a table."""
    line = " ".join(text.split())
    if len(line) <= MOST_WORDS:
        return line
    beginning = line[:MOST_WORDS]
    return (beginning.rpartition(" ")[0] or beginning) + "\u00a0…"


def owners(actions: Iterable[Promised]) -> str:
    """Say who has promised to do something by when, one in a line; what is done is left out."""
    return "\n".join(f"{one.owner}, {day(one.due_on)}" for one in actions if one.done_on is None)


def promised(actions: Iterable[Promised], *, today: date) -> str:
    """Say what was promised, by whom, by when, and what has become of it."""
    return "\n".join(f"{one.what} ({one.owner}, {_became(one, today)})" for one in actions)


def _became(one: Promised, today: date) -> str:
    if one.done_on is not None:
        return f"done {day(one.done_on)}"
    return f"overdue since {day(one.due_on)}" if one.due_on < today else f"due {day(one.due_on)}"


def middle(numbers: Sequence[int]) -> str:
    """Say the median of some numbers of days."""
    return f"{median(numbers):g}" if numbers else "none yet"
