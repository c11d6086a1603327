"""Whether everything works, for the secretariat: what waits, what could not be read, what the guard stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import deliveries, delivery_figures, heartbeats
from db.deliveries import State
from handlers import tally
from handlers.context import Context, Request
from handlers.messages import Button, Card, Element, Facts, Heading, Text, Tone
from handlers.wording import words
from knowledge import contacts

_NAMES = {
    State.PENDING: "Messages waiting to be sent",
    State.SENDING: "Messages being sent",
    State.SENT: "Messages sent",
    State.VERIFY: "Messages that may or may not have arrived",
    State.DEAD: "Messages that could not be sent",
    State.EXPIRED: "Messages that came too late to send",
    State.CANCELLED: "Messages cancelled",
}


_WEEK = timedelta(days=7)
_SILENT = timedelta(minutes=2)  # without a tick, after which something is wrong
_LATE = timedelta(minutes=10)  # for which a message waits that could leave: longer than a short failure of a platform
_OFF = 30  # seconds by which a machine's clock may be wrong before somebody should set it
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class _Delivering:
    """How delivery goes: pairs to be shown, and whether a person should look."""

    pairs: tuple[tuple[str, str], ...]
    waiting: int  # for a person
    late: bool
    silent: bool
    clock_off: str  # by how much and which way; empty when the clocks are right

    @property
    def trouble(self) -> bool:
        return bool(self.waiting or self.late or self.silent or self.clock_off)


def show(context: Context, _request: Request) -> Card:
    """Show what was to be sent, whether everything could be read and is in date, and the guard's week."""
    counts = deliveries.counts(context.session)
    broken = len(context.knowledge.library.problems)
    old = contacts.overdue(context.knowledge.contacts, context.today)
    week = tally.of_week(context)
    delivering = _delivering(context)
    pairs = [*delivering.pairs, *((name, str(counts.get(state.value, 0))) for state, name in _NAMES.items())]
    pairs += [("Articles that cannot be read", str(broken)), ("Contacts past their check date", str(len(old)))]
    trouble = bool(broken or old or week.failed or delivering.trouble)
    advice = words("status_advice", trouble=trouble, old=old, broken=broken, failed=week.failed, delivering=delivering)
    body: list[Element] = [Facts(tuple(pairs)), Text(advice)]
    body += [Heading("The guard in the last 7 days"), week.decisions, *week.rates]
    return Card(
        title="Status",
        body=tuple(body),
        actions=(Button("Gaps in the knowledge base", "gaps.show"), Button("The guard's week", "terms.show")),
        tone=Tone.WARNING if trouble else Tone.PLAIN,
    )


def _delivering(context: Context) -> _Delivering:
    session, now = context.session, context.now
    beats = heartbeats.attending(session)
    last = max((beat.beat_at for beat in beats), default=None)
    oldest = delivery_figures.oldest_waiting(session, now=now)
    posts = delivery_figures.punctuality(session, since=now - _WEEK)
    waiting = delivery_figures.for_a_person(session)
    in_time = f"{posts.in_time} of {posts.sent} ({posts.percent})" if posts.sent else "no posts yet"
    off = max((beat.clock_off for beat in beats if beat.beat_at == last), key=abs, default=0)
    return _Delivering(
        pairs=(
            ("Last tick", f"{_length(now - last)} ago" if last else "none yet"),
            ("Oldest message that waits", _since(oldest, now)),
            ("Posts sent within 10 seconds, last 7 days", in_time),
            ("Messages that wait for a person", str(waiting)),
        ),
        waiting=waiting,
        late=oldest is not None and now - oldest > _LATE,
        silent=last is not None and now - last > _SILENT,
        clock_off=_off(off),
    )


def _since(moment: datetime | None, now: datetime) -> str:
    return _length(now - moment) if moment else "none"


def _off(seconds: int) -> str:
    if abs(seconds) <= _OFF:
        return ""
    return f"{_length(timedelta(seconds=abs(seconds)))} {'fast' if seconds > 0 else 'slow'}"


def _length(time: timedelta) -> str:
    """Return how long something took, in the largest unit that fits: 3 minutes."""
    seconds = max(0, int(time.total_seconds()))
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), _UNITS[-1])
    number = seconds // size
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
