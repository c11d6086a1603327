"""Proposes the meetings of a year: days that avoid what can be avoided, and why where they cannot. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from knowledge import cycle, groups
from knowledge.calendar import is_working_day
from knowledge.cycle import SUB_GROUPS, Cycle, Event, Gap

_MIDDLE_OF_WEEK = (1, 2, 3)  # Tuesday to Thursday
_MIDDLE = 15  # of a month
_DAY, _LATE = timedelta(days=1), timedelta(days=20)  # a day of a series is one of the last three weeks it can be on


class Why(StrEnum):
    """What stands against a day; what weighs most is first."""

    BOARD = "another board meets"
    HOLIDAY = "school holidays"
    RELIGIOUS = "a religious date"


_WEIGHT = {Why.BOARD: 8, Why.HOLIDAY: 4, Why.RELIGIOUS: 4}
_SAME_DAY = 8
NOT_LOADED = {
    Why.HOLIDAY: "No school term dates are loaded for this year, so I could not keep clear of holidays.",
    Why.RELIGIOUS: "No religious dates are loaded for this year, so I could not keep clear of them.",
    Why.BOARD: "No dates of other boards are loaded for this year, so I could not keep clear of them.",
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """Days that somebody loaded because something stands against them, both ends included."""

    first: date
    last: date
    why: Why
    what: str

    def covers(self, day: date) -> bool:
        """Say whether a day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Proposal:
    """One meeting that is proposed. `compromises` say what stands against its day and could not be avoided."""

    group: str
    title: str
    note: str
    on: date
    compromises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The meetings of a business year in order of time, which of its own rules it breaks, and what was not known."""

    proposals: tuple[Proposal, ...]
    warnings: tuple[str, ...]
    unknown: tuple[str, ...]


def propose(
    year: int, blocked: Sequence[Blocked], *, sub_groups: Sequence[str], before: Mapping[str, date] = {},
    series: Sequence[str] = (), there: Sequence[tuple[str, date]] = (), after: date = date.min, of: Cycle | None = None,
) -> Plan:  # fmt: skip
    """Return a plan for the business year that begins in April of `year`.

    `sub_groups` are the keys of the groups that meet as sub-groups; those of `series` meet as often as their gap in
    weeks says. `before` is the last meeting of a group that is known from before the year, by key; `there` are the
    meetings of the year that are known already: their months are done. Nothing is proposed until the day `after`.
    Raises CalendarError beyond the years whose bank holidays are known.
    """
    found = of or cycle.shipped()
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    here = [one for one in blocked if one.first <= last and one.last >= first]
    taken = [on for _, on in there]
    proposals: list[Proposal] = []
    for event in found.events:
        days = [day for day in event.days(year) if is_working_day(day) and day > after]
        for key in sub_groups if event.group == SUB_GROUPS else (event.group,):
            if days and not any(group == key and _month(on) == _month(days[0]) for group, on in there):
                gap = found.gaps.get(key) or found.gaps.get(event.group)
                met = [*there, *before.items(), *((one.group, one.on) for one in proposals)]
                earlier = [on for group, on in met if group == key and on < days[0]]
                latest = gap.latest(max(earlier)) if gap and earlier else date.max
                proposals.append(_placed(event, key, days, latest, blocked=here, taken=taken))
                taken.append(proposals[-1].on)
    for key in series:
        known = sorted(on for group, on in there if group == key)
        begins = max(first, after + _DAY) if after > first else first
        span = (begins, last)
        for one in _series(key, found.gaps[key], span, blocked=here, taken=taken, known=known, before=before.get(key)):
            proposals.append(one)
            taken.append(one.on)
    proposals.sort(key=lambda one: (one.on, one.title))
    unknown = tuple(text for why, text in NOT_LOADED.items() if why not in {one.why for one in here})
    every = [*there, *((one.group, one.on) for one in proposals)]
    return Plan(tuple(proposals), tuple(_broken(every, found, sub_groups, before, last)), unknown)


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _placed(
    event: Event, key: str, days: Sequence[date], latest: date, *, blocked: Sequence[Blocked], taken: Sequence[date]
) -> Proposal:
    """Return a meeting on the best of these days; one until `latest`, which the longest gap allows, is better."""
    on = min(days, key=lambda day: (_against(day, blocked, taken), day > latest, abs(day.day - _MIDDLE), day))
    name = groups.shipped()[key].name
    title, note = (name, event.title) if event.group == SUB_GROUPS else (event.title, event.note)
    return Proposal(key, title, note, on, _compromises(on, blocked, taken, f"of {on:%B} that is meant"))


def _series(
    key: str, gap: Gap, year: tuple[date, date], *, blocked: Sequence[Blocked], taken: Sequence[date],
    known: Sequence[date], before: date | None,
) -> Iterator[Proposal]:  # fmt: skip
    """Give the meetings that a group still needs to meet often enough, each as late as it can well be."""
    first, last = year
    name = groups.shipped()[key].name
    note = f"{gap.source[:1].upper()}{gap.source[1:]}. The annual cycle does not name it."
    previous = before or first - _DAY
    while (latest := max(gap.latest(previous), first + _LATE)) <= last:
        if coming := [on for on in known if previous < on <= latest]:
            previous = coming[-1]
            continue
        window = [latest - _DAY * back for back in range(_LATE.days + 1)]
        days = [day for day in window if day > previous and is_working_day(day)]
        on = min(days, key=lambda day: (_against(day, blocked, taken), latest - day))
        said = f"of the three weeks until {latest:%-d %B}"
        yield Proposal(key, name, note, on, _compromises(on, blocked, taken, said))
        previous = on


def _compromises(on: date, blocked: Sequence[Blocked], taken: Sequence[date], among: str) -> tuple[str, ...]:
    found = [f"{one.why.value}: {one.what}" for one in blocked if one.covers(on)]
    if on in taken:
        found.append("another meeting of the partnership is on the same day")
    if found:
        found.append(f"every other working day {among} has as much against it, or more")
    return tuple(found)


def _against(day: date, blocked: Sequence[Blocked], taken: Sequence[date]) -> tuple[int, bool]:
    """Weigh what stands against a day; then the middle of the week is better."""
    against = sum(_WEIGHT[one.why] for one in blocked if one.covers(day)) + _SAME_DAY * (day in taken)
    return against, day.weekday() not in _MIDDLE_OF_WEEK


def _broken(
    meetings: Sequence[tuple[str, date]], of: Cycle, sub_groups: Sequence[str], before: Mapping[str, date], end: date
) -> Iterable[str]:
    """Say which groups meet too seldom, also where nothing more is planned until the year ends."""
    for key in dict.fromkeys([*of.gaps, *sub_groups]):
        gap = of.gaps.get(key) or (of.gaps.get(SUB_GROUPS) if key in sub_groups else None)
        days = sorted([*(on for group, on in meetings if group == key), *([before[key]] if key in before else [])])
        if gap is None or not days:
            continue
        name = groups.shipped()[key].name
        for earlier, later in zip(days, [*days[1:], None], strict=True):
            latest = gap.latest(earlier)
            if latest < (later or end):
                until = f"to {later:%-d %B %Y}" if later else "to the end of the year"
                yield (
                    f"{name}: {earlier:%-d %B %Y} {until} is more than {gap} ({gap.source}). "
                    f"One more meeting by {latest:%-d %B %Y} would keep the rule."
                )
