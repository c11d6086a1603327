"""One person as those who keep the list of people see them: fetched under the right to it, and drawn as a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from unicodedata import category

from db import audit, directory
from db.directory import Details, Held, StandIn
from db.groups import Sitting
from db.people import KEEPERS
from handlers.context import Context, UserError, number
from handlers.messages import Button, Card, Facts, Note, Tone

PLATFORMS = {
    "slack": "Slack",
    "teams": "Teams",
    "email": "e-mail",
    "playground": "the playground",
    "terminal": "the terminal",
}
MAX_NAME = 60
FURTHEST_BACK = timedelta(days=366)  # of a day that something holds from
_BETWEEN = " .'’-"  # what stands between the letters of names


def access(context: Context, value: str) -> Details:
    """Return the record that a number names. Raises UserError for those who do not keep the list, or for no record."""
    found = directory.details(context.session, number(value), on=context.today)
    if found is None or not context.actor.roles & KEEPERS:
        raise UserError("I cannot find that person.", hint="Type people to see who is enrolled.")
    return found


def not_oneself(context: Context, person_id: int) -> None:
    """Raise UserError where somebody would give rights to themselves."""
    if person_id == context.actor.person_id:
        raise UserError(
            "You cannot change your own roles, deputies or groups.",
            hint="Ask somebody else of the secretariat. So nobody can give rights to themselves.",
        )


def note(context: Context, action: str, person_id: int, *, actor: str = "", **detail: str) -> None:
    """Write into the audit trail who did what to whose record; no names, for the trail can never be corrected."""
    by = actor or f"person:{context.actor.person_id}"
    audit.add(context.session, at=context.now, actor=by, action=action, subject=f"person {person_id}", **detail)


def card(context: Context, person_id: int, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Draw the record of one person, with what can be done about it."""
    found = access(context, str(person_id))
    about = str(found.id)
    if found.left(context.today):
        actions: tuple[Button, ...] = (Button("Enrol again", "changes.back", about, opens=True),)
    else:
        actions = (
            Button("Change", "changes.open", about, opens=True),
            Button("Seat in a group", "changes.seat", about, opens=True),
            Button("Deputy", "changes.deputy", about, opens=True),
            Button("Add a place", "changes.place", about, opens=True),
            Button("Has left", "changes.left", about, opens=True),
        )
    return Card(
        title=title or found.name,
        body=(Facts(tuple(_facts(context, found))), Note("Ids on a platform are never shown here.")),
        actions=(*actions, Button("Everybody", "people.show")),
        tone=tone,
    )


def _facts(context: Context, found: Details) -> Iterator[tuple[str, str]]:
    yield "Name", found.name
    yield "Agency", found.agency or "none"
    if found.left_on is not None:
        yield ("Left" if found.left(context.today) else "Leaves"), day(found.left_on)
    yield "Roles", "; ".join(map(_held, found.roles)) or "none"
    yield "Posts", "; ".join(map(_held, found.posts)) or "none"
    yield "Groups", "; ".join(map(_sitting, found.sittings)) or "none"
    if found.stands_in:
        yield "Stands in for", "; ".join(f"{one.for_name}, {_days(one)}" for one in found.stands_in)
    if found.deputies:
        yield "Deputies", "; ".join(f"{one.name}, {_days(one)}" for one in found.deputies)
    yield "Reached on", reached_on(found) or "nothing yet"


def reached_on(found: Details) -> str:
    """Name the platforms of somebody's places, oldest first."""
    counted = Counter(found.platforms)
    return ", ".join(
        PLATFORMS.get(platform, platform) + (f" ({times} times)" if times > 1 else "")
        for platform, times in counted.items()
    )


def _held(one: Held) -> str:
    until = f" until {day(one.until_on)}" if one.until_on else ""
    return f"{one.name}, since {day(one.from_on)}{until}"


def _sitting(one: Sitting) -> str:
    seat = f" ({one.seat}{', deputy' if one.deputy else ''})" if one.seat else " (deputy)" if one.deputy else ""
    return f"{one.group}{seat}, since {day(one.from_on)}{f' until {day(one.until_on)}' if one.until_on else ''}"


def _days(one: StandIn) -> str:
    return f"as {one.role.value} from {day(one.from_on)}{f' until {day(one.until_on)}' if one.until_on else ''}"


def day(when: date) -> str:
    """Return a day as people read it."""
    return f"{when:%-d %B %Y}"


def name_problem(name: str) -> str:
    """Say what is wrong with somebody's name; empty when nothing is."""
    if not name:
        return "Please write the name here."
    if len(name) > MAX_NAME:
        return f"Please use at most {MAX_NAME} characters. You have {len(name)}."
    letters = all(char in _BETWEEN or category(char)[0] in "LM" for char in name)  # M: the marks of other scripts
    return "" if letters and name[0] not in _BETWEEN else "Please write the name in letters, and nothing else."


def read_day(context: Context, text: str, *, default: date | None = None) -> date | str | None:
    """Return the day of a box, or what is wrong with it, in words; `default` for an empty one."""
    if not text.strip():
        return default
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return "Please give a day such as 2026-11-21."
    if found < context.today - FURTHEST_BACK:
        return "Please give a day of the last twelve months, or a later one."
    return found
