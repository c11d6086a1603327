"""What a handler is given: who asks, from where, what they said, and what it may use to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db import people
from db.deliveries import Destination
from db.people import Actor, Identity
from handlers.messages import Card
from knowledge.articles import Library
from knowledge.contacts import Contact
from knowledge.search import Found

if TYPE_CHECKING:
    from handlers.routing import Route
    from handlers.safety import Screening


class UserError(Exception):
    """Something the person can put right: what is wrong, and what to do next. No blame, no jargon.

    `ref` is the record that it is about, for those who may read it: they can open it from there.
    """

    def __init__(self, message: str, *, hint: str = "", ref: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.ref = ref


def number(value: str) -> int:
    """Read the number that a button carried; 0, which no row has, when it is none that a database can hold."""
    return int(value) if value.isdecimal() and len(value) < 10 else 0  # noqa: PLR2004 - below 2**31


Surfaces = Mapping[str, Callable[[Card], list[str]]]  # for each platform, what it could not show of a card


class Finder(Protocol):
    """What looks up the article for some words."""

    def find(self, text: str) -> Found:
        """Return the verdict and up to three articles, best first."""


@dataclass(frozen=True, slots=True)
class House:
    """The settings of one partnership that handlers speak of."""

    partnership: str = "Tower Hamlets Safeguarding Children Partnership"
    command: str = "/thscp"
    area: str = "Tower Hamlets"
    time_zone: ZoneInfo = ZoneInfo("Europe/London")  # noqa: RUF009 - it never changes
    withhold_unapproved: bool = False
    keep_words_days: int = 30
    public_url: str = ""
    reached: frozenset[str] = frozenset()  # the platforms that messages can be sent to
    quiet_hours: str = ""  # such as "21:00-07:00", for everybody and every channel
    school_holidays: tuple[tuple[date, date], ...] = ()  # the first and the last day of each
    risk_floor: bool = False  # whether the worst impact is never below amber
    deputy_counts: bool = True  # whether a deputy's attendance begins the count of absences anew
    book_elsewhere: str = ""  # where places in training are booked, if not here
    manager_days: int = 5  # working days for which a place is held until the manager agrees
    offer_days: int = 1  # working days until an offered place lapses, at the end of the last one
    late_cancel_days: int = 3  # working days before a session, within which giving a place up is late
    work_ends: time = time(17)  # the end of a working day


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that answers are made of."""

    library: Library
    contacts: Mapping[str, Contact]
    sources: Mapping[str, str]
    index: Finder


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a request came from. In a private one nobody else reads along."""

    platform: str
    address: str
    thread: str = ""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that somebody said, pressed or sent.

    `key` is unique for this one act and the same when the platform delivers it again; None where
    nothing can come twice. `route` is empty for typed words: the dispatcher finds out what they ask for.
    `value` is the untrusted id that a button carried. `reply_to` queues the reply instead of returning it;
    `in_public` is where it may stand instead, before everybody, when the route is an open one.
    """

    identity: Identity
    text: str = ""
    route: str = ""
    value: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    conversation: Conversation | None = None
    key: str | None = None
    reply_to: Destination | None = None
    in_public: Destination | None = None


def _nobody_looks(_text: str) -> Screening:
    raise RuntimeError("nobody looks at files here, so that none can be taken")


@dataclass(frozen=True)
class Context:
    """What a handler works with during one request. It lives as long as the transaction."""

    session: Session
    now: datetime
    identity: Identity
    knowledge: Knowledge
    house: House
    routes: Mapping[str, Route]
    token: str  # unguessable and new for every request: for form tokens and signed links
    surfaces: Surfaces = field(default_factory=dict)
    screened: Callable[[str], Screening] = _nobody_looks  # what the guard thinks of words that came in a file

    @property
    def actor(self) -> Actor:
        """Return who asks, with the roles of today. Questions need no roles, so it is looked up when used."""
        # Not functools.cached_property: in Python 3.11 all contexts share its lock. Who holds it may wait for the
        # database, which somebody else has who waits for the lock.
        if "_actor" not in self.__dict__:
            self.__dict__["_actor"] = people.find(self.session, self.identity, on=self.today)
        found: Actor = self.__dict__["_actor"]
        return found

    @property
    def today(self) -> date:
        """Return the day in the partnership's time zone."""
        return self.day(self.now)

    def day(self, moment: datetime) -> date:
        """Return the day on which a moment was, or will be, in the partnership's time zone."""
        return moment.astimezone(self.house.time_zone).date()
