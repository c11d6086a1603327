"""A year of meetings and training, day by day, with both clock changes and a restart every week.

What should have been said is counted by tests/year/calculator.py; what was said stands in golden/year.txt, to be read.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import partial
from pathlib import Path

import pytest

from handlers.messages import Text
from tests.year.calculator import days, working_days
from tests.year.cast import (
    AUTUMN,
    BEGINS,
    DESK,
    EASTER,
    ENDS,
    MEETINGS,
    MONTH,
    OFF,
    ONE_PLACE,
    SEATS,
    SESSIONS,
    Cast,
    Learns,
    Meets,
)
from tests.year.playing import Arrived, Life

GOLDEN = Path(__file__).parent / "golden" / "year.txt"
NINE = time(9)
REMINDER, DIGEST = re.compile(r"Reminder: (.+)"), re.compile(r"Reminders: (\d+)")
_NUMBERED = re.compile(r"^\d+\. ", re.MULTILINE)
Said = tuple[date, time, str, str]  # on which day, at which local time, to whom, and the words


LAST = {"sqlite": ENDS, "postgresql": date(2027, 4, 2)}  # both clock changes are over


@pytest.fixture
def year(database_url: str) -> Iterator[tuple[Life, Cast, date]]:
    """Let the year pass, or as much of it as there is time for on the slower database."""
    last = LAST[database_url.partition(":")[0].partition("+")[0]]
    life = Life(database_url, BEGINS)
    cast = Cast(life)
    _script(life, cast)
    life.until(last)
    yield life, cast, last
    life.ends()


def _script(life: Life, cast: Cast) -> None:
    """Say who does what on which day, at half past ten."""
    for meets in MEETINGS:
        life.on(BEGINS, partial(cast.adds, meets))
        for name, label in meets.answers.items():
            life.on(_answered(meets), partial(cast.answers, name, meets, label))
        if meets.moved:
            when, to = meets.moved
            life.on(when, partial(cast.moves, meets, to))
        if meets.cancelled:
            life.on(meets.cancelled, partial(cast.cancels, meets))
    for learns in SESSIONS:
        life.on(BEGINS, partial(cast.offers, learns))
    for name, learns, when in BOOKED:
        life.on(when, partial(cast.books, name, learns))
    life.on(date(2026, 10, 28), partial(cast.marks, AUTUMN, Ola_One="attended", Ola_Two="no-show"))
    life.on(date(2026, 11, 2), partial(cast.evaluates, "Ola One", AUTUMN))
    life.on(date(2027, 6, 3), partial(cast.calls_off, OFF))
    life.on(date(2027, 6, 14), partial(cast.gives_up, "Ola One", ONE_PLACE))
    life.on(date(2027, 6, 16), partial(cast.accepts, "Ola Three", ONE_PLACE))


# Who books what when. Of one place, the second waits and lets the offer lapse, the third takes it.
BOOKED = (
    ("Ola One", AUTUMN, date(2026, 9, 2)),
    ("Ola Two", AUTUMN, date(2026, 9, 2)),
    ("Ola One", MONTH, date(2026, 10, 20)),  # after the first reminder was due
    ("Ola Two", EASTER, date(2027, 1, 5)),
    ("Ola Two", OFF, date(2027, 5, 4)),
    ("Ola One", ONE_PLACE, date(2027, 6, 1)),
    ("Ola Two", ONE_PLACE, date(2027, 6, 2)),
    ("Ola Three", ONE_PLACE, date(2027, 6, 4)),
)


def _answered(meets: Meets) -> date:
    return working_days(working_days(meets.on, -15), 1)


# --- what should have been said --------------------------------------------------------------------------------


def _expected() -> Iterator[Said]:
    for meets in MEETINGS:
        yield from _of_meeting(meets)
    for name, learns, booked in BOOKED:
        yield from _of_place(name, learns, booked)
    title = f"**{AUTUMN.course}, 27 October 2026**"
    yield (date(2026, 10, 29), NINE, "Ola One", f"Please say what you took from {title}.")
    yield (AUTUMN.on + timedelta(days=91), NINE, "Ola One", f"{title} was three months ago.")


def _of_meeting(meets: Meets) -> Iterator[Said]:
    last = meets.cancelled or (meets.moved[0] if meets.moved else date.max)
    yield from _of_day(meets, meets.on, until=last)
    if meets.moved:
        yield from _of_day(meets, meets.moved[1], since=meets.moved[0])


def _of_day(meets: Meets, on: date, *, since: date = date.min, until: date = date.max) -> Iterator[Said]:
    """Give what is said of a meeting on a day, by those who come, and to the secretariat."""
    group, is_on = f"**{meets.group}**", f"{on:%-d %B %Y}"
    members = [name for name, (its, _) in SEATS.items() if its == meets.group]
    come = [name for name in members if meets.answers.get(name) != "Apologies"]
    steps = [
        *((working_days(on, -1), name, f"{group} is on {is_on} at 14:00.") for name in come),
        *((on, name, f"{group} is today, {is_on} at 14:00.") for name in come),
    ]
    for name in DESK:
        steps += [
            (working_days(on, -5), name, f"The pack for {group} on {is_on} goes out on"),
            (working_days(on, 2), name, f"Send out the actions from {group} on {is_on}."),
            (working_days(on, 10), name, f"Draft minutes of {group} on {is_on} are due."),
        ]
    yield from ((day, NINE, name, said) for day, name, said in steps if since < day <= until)


def _of_place(name: str, learns: Learns, booked: date) -> Iterator[Said]:
    first, last = booked, date.max
    if learns is OFF:
        last = date(2027, 6, 3)
    if learns is ONE_PLACE:  # who has the place in which time
        first, last = {
            "Ola One": (booked, date(2027, 6, 13)),
            "Ola Two": (date.max, date.max),
            "Ola Three": (date(2027, 6, 16), date.max),
        }[name]
    said = f"**{learns.course}** is on {learns.on:%-d %B %Y} at {learns.at:%H:%M}."
    for day in (working_days(learns.on, -14), working_days(learns.on, -5), days(learns.on, -1)):
        if first < day <= last:
            yield (day, NINE, name, said)


def _asked() -> Iterator[Said]:
    """Give the questions whether somebody comes, and the forecasts of quorum."""
    for meets in MEETINGS:
        members = [name for name, (its, _) in SEATS.items() if its == meets.group]
        silent = [name for name in members if name not in meets.answers]
        last = meets.cancelled or (meets.moved[0] if meets.moved else date.max)
        yield from _asks(meets.group, meets.on, members, silent, until=last)
        if meets.moved:  # all are asked anew, at once, and nobody answers again
            when, to = meets.moved
            yield from ((when, time(10, 31), name, f"Do you come? {meets.group}") for name in members)
            yield from _asks(meets.group, to, [], members, since=when)


def _asks(
    group: str, on: date, asked: list[str], silent: list[str], *, since: date = date.min, until: date = date.max
) -> Iterator[Said]:
    said = [
        *((working_days(on, -15), name, f"Do you come? {group}") for name in asked),
        *((working_days(on, -3), name, f"Please answer: {group}") for name in silent),
        *(
            (working_days(on, -before), name, f"Who comes to {group} on {on:%-d %B}")
            for before in (5, 1)
            for name in DESK
        ),
    ]
    yield from ((day, NINE, name, words) for day, name, words in said if since < day <= until)


# --- what was said ---------------------------------------------------------------------------------------------


def _reminded(life: Life, cast: Cast) -> list[Said]:
    return [
        (one.at.date(), one.at.time(), cast.name(one.to), line) for one in life.post.arrived for line in _lines(one)
    ]


def _lines(one: Arrived) -> list[str]:
    """Return what a reminder says, line by line; nothing for other messages."""
    texts = [part.markdown for part in one.card.body if isinstance(part, Text)]
    if REMINDER.fullmatch(one.card.title):
        return texts[:1]
    if found := DIGEST.fullmatch(one.card.title):
        lines = [line.strip() for line in _NUMBERED.split(texts[0]) if line.strip()]
        assert len(lines) == int(found[1])
        return lines
    return []


def _log(life: Life, cast: Cast) -> str:
    """Write down the year: one line for each message, and under it what a reminder says."""
    lines = []
    for one in sorted(life.post.arrived, key=lambda one: (one.at, cast.name(one.to), one.card.title)):
        lines.append(f"{one.at:%a %-d %b %Y %H:%M}  {cast.name(one.to)}: {one.card.title}")
        lines += [f"    {line}" for line in _lines(one)]
    return "\n".join(lines) + "\n"


def test_every_reminder_of_a_year_arrives_once_and_none_besides(year: tuple[Life, Cast, date]) -> None:
    life, cast, last = year
    log = _log(life, cast)
    if os.environ.get("GOLDEN") == "refresh" and last == ENDS:
        GOLDEN.write_text(log, encoding="utf-8")
    said, wanted = _reminded(life, cast), [one for one in _expected() if one[0] <= last]

    missing = [one for one in wanted if not any(_is(one, other) for other in said)]
    beside = [one for one in said if not any(_is(other, one) for other in wanted)]
    assert missing == []
    assert beside == []
    assert len(said) == len(wanted)
    assert max(Counter(said).values()) == 1

    titles = Counter((one.at.date(), one.at.time(), cast.name(one.to), one.card.title) for one in life.post.arrived)
    about = Counter(one for one in _asked() if one[0] <= last)
    asked = ("Do you come?", "Please answer:", "Who comes to")
    assert {one: count for one, count in titles.items() if one[3].startswith(asked)} == about

    assert life.restarts == (last - BEGINS).days // 7
    golden = GOLDEN.read_text(encoding="utf-8")
    assert log == (golden if last == ENDS else golden[: len(log)])


def _is(wanted: Said, said: Said) -> bool:
    return wanted[:3] == said[:3] and said[3].startswith(wanted[3])
