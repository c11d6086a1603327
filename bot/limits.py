"""How much one person may ask and send in a minute, so that nobody keeps the others waiting."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from db.people import Identity
from handlers.context import House, Request
from handlers.messages import Button, Card, Errors, Text, Tone
from handlers.routing import Kind, Route
from handlers.safety import DANGER_LINE, NOT_FAMILY

MINUTE = timedelta(minutes=1)
ALWAYS = frozenset({"contact", "contact.show"})  # whom to call, however much somebody asked
MOST_PEOPLE = 5_000  # remembered at once; whoever was quiet longest is forgotten first


class _Who(NamedTuple):
    identity: Identity
    sends: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """That somebody has had their share of this minute: from when they may go on; `told` that they know already."""

    until: datetime
    told: bool


class Limits:
    """Counts what people ask and what they send, each over the last minute. It lives as long as the dispatcher.

    0 is no limit. It is kept in memory, so several replicas give several shares. Nothing but times is kept of a person.
    """

    def __init__(self, *, asks: int = 0, sends: int = 0, most_people: int = MOST_PEOPLE) -> None:
        self._most = {False: asks, True: sends}
        self._most_people = most_people
        self._times: OrderedDict[_Who, deque[datetime]] = OrderedDict()
        self._told: dict[_Who, datetime] = {}
        self._lock = threading.Lock()

    def wait(self, identity: Identity, route: Route | None, *, now: datetime) -> Wait | None:
        """Count one thing that somebody asks or sends; None when they may, else how long they are to wait."""
        sends = route is not None and route.kind is Kind.FORM
        most = self._most[sends]
        if not most or (route is not None and route.name in ALWAYS):
            return None
        who = _Who(identity, sends)
        with self._lock:
            times = self._recent(who, now)
            if len(times) < most:
                times.append(now)
                self._told.pop(who, None)
                return None
            until = times[0] + MINUTE
            told = self._told.get(who) == until
            self._told[who] = until
            return Wait(until, told)

    def _recent(self, who: _Who, now: datetime) -> deque[datetime]:
        times = self._times.setdefault(who, deque())
        self._times.move_to_end(who)
        while times and not now - MINUTE < times[0] <= now:  # also when the clock was put back
            times.popleft()
        while len(self._times) > self._most_people:
            forgotten, _ = self._times.popitem(last=False)
            self._told.pop(forgotten, None)
        return times


def reply(wait: Wait, route: Route | None, request: Request, house: House) -> Card | Errors:
    """Say when somebody may go on. A form stays open, with what was typed in it."""
    at = f"{wait.until.astimezone(house.time_zone) + timedelta(seconds=1):%H:%M:%S}"
    boxes = [name for name in request.fields if name != NOT_FAMILY]
    if route is not None and route.kind is Kind.FORM and boxes:
        return Errors({boxes[0]: f"That was a lot in one minute. Nothing was saved. Please send it again after {at}."})
    return Card(
        title=f"Please wait until {at}",
        body=(
            Text("That was a lot in one minute, so I did not do this one. Others wait for me too."),
            Text(DANGER_LINE),
        ),
        actions=(Button("Whom to call", "contact.show"),),
        tone=Tone.WARNING,
        refused=True,
    )
