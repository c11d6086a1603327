"""What stands in a calendar: one event, before anybody writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """How sure it is that an event takes place for its reader, in the words of RFC 5545, 3.8.1.11."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a calendar. `starts` and `ends` are both aware moments, or both days for one that has no time.

    `ends` is the first moment, or the first day, that does not belong to it. The `uid` never changes; `sequence` rises
    with each change, and `stamp` is when the last one was, in UTC.
    """

    uid: str
    sequence: int
    stamp: datetime
    starts: datetime | date
    ends: datetime | date
    summary: str
    place: str = ""
    description: str = ""
    url: str = ""
    status: Status = Status.CONFIRMED
