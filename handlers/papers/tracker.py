"""The escalation tracker that goes out with the papers of the Executive. Source: domain.md 1.6."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from db.papers import SENSITIVE, Tracked
from handlers.papers import saying
from handlers.papers.paper import (
    Badge,
    Bullets,
    Cell,
    Column,
    Grid,
    Heading,
    Named,
    Paper,
    Paragraph,
    Part,
    Shade,
    Turn,
)
from handlers.papers.saying import Made, day
from knowledge import workflows

TITLE = "Escalation tracker"
OLD_DAYS = 90  # where a record does not know its own period
WITH_EXECUTIVE = ("accepted", "with-executive")
_OPEN = (
    Column("Ref", 2.15),
    Column("Date", 1.95),
    Column("Group", 2.2),
    Column("Issue in brief", 4.0),
    Column("Ask", 2.6),
    Column("Executive response", 4.2),
    Column("Decision date", 1.95),
    Column("Owner and due", 2.1),
    Column("Status", 1.9),
    Column("Days open", 1.05),
)
_CLOSED = (
    Column("Ref", 2.0),
    Column("Raised", 1.6),
    Column("Group", 1.8),
    Column("Issue in brief", 3.8),
    Column("Executive response", 3.0),
    Column("Outcome", 3.8),
    Column("Ended", 1.6),
    Column("Days open", 0.9),
)
_BETWEEN = (
    Column("Ref", 2.0),
    Column("Group", 2.0),
    Column("Ask", 4.0),
    Column("Decision", 2.0),
    Column("Response", 5.0),
    Column("Decided on", 1.6),
)


def write(rows: Sequence[Tracked], made: Made) -> Paper:
    """Return the tracker of these escalations; the annex holds only what is withheld in the other."""
    shown = [one for one in rows if not made.annex or one.row.marking == SENSITIVE]
    states = workflows.escalations().open_states()
    live = [one for one in shown if one.row.status in states]
    ended = [one for one in shown if one not in live and _since(one, made)]
    between = [one for one in shown if _between(one, made)]
    title = f"{TITLE}: confidential annex" if made.annex else TITLE
    parts: list[Part] = [*_summary(shown, live, ended, made), Turn(landscape=True)]
    parts += [
        Heading("Open escalations"),
        Grid("Open escalations", _OPEN, [_line(one, made) for one in live], _NONE_OPEN),
    ]
    parts += [
        Heading("Decisions taken between meetings"),
        Grid("Decisions taken between meetings", _BETWEEN, [_decision(one, made) for one in between], _NONE_BETWEEN),
        Heading(f"Ended since {made.since_words}"),
        Grid("Escalations that were ended", _CLOSED, [_ended(one, made) for one in ended], _NONE_ENDED),
    ]
    return Paper(title, made.meeting_words, made.partnership, made.marking, made.made_words, made.version, parts)


_NONE_OPEN = "No escalation is open."
_NONE_BETWEEN = "No escalation was decided between meetings."
_NONE_ENDED = "None was ended."


def _summary(shown: Sequence[Tracked], live: Sequence[Tracked], ended: Sequence[Tracked], made: Made) -> list[Part]:
    """Return the first page: the counts, how long answers take, and what is asked today."""
    counted = [
        ("Open now", len(live)),
        ("New", sum(_is_since(one.row.raised_at, made) for one in shown)),
        ("Answered", sum(_is_since(one.row.decided_at, made) for one in shown)),
        ("Overdue", sum(overdue(one, made) for one in live)),
        ("Open for too long", sum(_old(one, made) for one in live)),
        ("Closed", sum(one.row.status == "closed" for one in ended)),
    ]
    rows: list[tuple[str, str]] = [(name, str(number)) for name, number in counted]
    rows.append(("Median days to a response", saying.middle(_response_days(shown, made))))
    asks = [one for one in live if asked_today(one, made)]
    lines = [f"{one.row.ref}, {one.group}: {made.words(one.row.marking, one.row.ask)}" for one in asks]
    found: list[Part] = [
        Heading("At a glance"),
        Paragraph(f"New, answered and closed count what happened since {made.since_words}."),
        Grid("Counts of escalations", (Column("What", 3), Column("Number", 1)), rows, ""),
        Heading("Asks today"),
        Bullets(lines) if lines else Paragraph("Nothing is asked of the Executive today."),
    ]
    if made.annex:
        found.insert(0, Paragraph("For those who may read what is OFFICIAL-SENSITIVE. Do not send it on.", strong=True))
    elif any(not made.shows(one.row.marking) for one in shown):
        found.append(
            Paragraph("The words of items that are OFFICIAL-SENSITIVE are in an annex, which is a file of its own.")
        )
    return found


def overdue(one: Tracked, made: Made) -> bool:
    """Say whether the Executive's answer, or an action, should be there by now."""
    due = one.row.response_due
    late = due is not None and due < made.today and one.row.decided_at is None
    return late or any(action.done_on is None and action.due_on < made.today for action in one.actions)


def asked_today(one: Tracked, made: Made) -> bool:
    """Say whether the Executive is asked to decide about it at the meeting that the paper is for."""
    if one.row.status == "with-executive":
        return True
    return one.row.status == "accepted" and made.meeting_on is not None and one.meeting_on == made.meeting_on


def days_open(one: Tracked, made: Made) -> int | None:
    """Return for how many days it has been open, or was."""
    if one.row.raised_at is None:
        return None
    end = made.day(one.row.closed_at) if one.row.closed_at else made.today
    return (end - made.day(one.row.raised_at)).days


def status(one: Tracked, made: Made) -> Badge:
    """Say where it stands, with a colour that only repeats it."""
    words = workflows.escalations().states[one.row.status].words.capitalize()
    words = words.replace("executive", "Executive")
    if overdue(one, made):
        return Badge(f"{words}. Overdue", Shade.RED)
    if _old(one, made):
        return Badge(f"{words}. Open for more than {_old_days(one)} days", Shade.RED)
    if one.row.urgency == "urgent" and one.row.decided_at is None:
        return Badge(f"{words}. Urgent", Shade.AMBER)
    if one.row.status in ("deferred", "returned", "reopened"):
        return Badge(words, Shade.AMBER)
    return Badge(words, Shade.GREEN if one.row.status in ("responded", "in-action") else Shade.GREY)


def _line(one: Tracked, made: Made) -> tuple[Cell, ...]:
    row = one.row
    answer = "\n".join(filter(None, (row.decision_type.capitalize(), row.executive_response)))
    return (
        row.ref,
        day(made.day(row.raised_at)) if row.raised_at else "",
        "\n".join(filter(None, (one.group, row.agency))),
        _issue(one, made),
        made.words(row.marking, row.ask),
        made.words(row.marking, answer) if answer else "",
        day(made.day(row.decided_at)) if row.decided_at else "",
        saying.owners(one.actions),
        status(one, made),
        str(days_open(one, made) or 0),
    )


def _issue(one: Tracked, made: Made) -> Cell:
    row = one.row
    return Named(row.title, saying.brief(row.issue)) if made.shows(row.marking) else saying.WITHHELD


def _decision(one: Tracked, made: Made) -> tuple[Cell, ...]:
    row = one.row
    return (
        row.ref,
        one.group,
        made.words(row.marking, row.ask),
        made.words(row.marking, row.decision_type.capitalize()),
        made.words(row.marking, row.executive_response),
        day(made.day(row.decided_at)) if row.decided_at else "",
    )


def _ended(one: Tracked, made: Made) -> tuple[Cell, ...]:
    row = one.row
    words = "Closed" if row.status == "closed" else "Withdrawn"
    return (
        row.ref,
        day(made.day(row.raised_at)) if row.raised_at else "",
        "\n".join(filter(None, (one.group, row.agency))),
        _issue(one, made),
        made.words(row.marking, row.executive_response),
        made.words(row.marking, row.outcome),
        f"{words}\n{day(made.day(row.closed_at)) if row.closed_at else ''}",
        str(days_open(one, made) or 0),
    )


def _since(one: Tracked, made: Made) -> bool:
    return _is_since(one.row.closed_at, made)


def _is_since(moment: datetime | None, made: Made) -> bool:
    return moment is not None and moment >= made.since


def _between(one: Tracked, made: Made) -> bool:
    return one.row.decided_how.startswith("between") and _is_since(one.row.decided_at, made)


def _old_days(one: Tracked) -> int:
    return int(one.row.clocks.get("periods", {}).get("old", OLD_DAYS))


def _old(one: Tracked, made: Made) -> bool:
    return (days_open(one, made) or 0) > _old_days(one)


def _response_days(rows: Iterable[Tracked], made: Made) -> list[int]:
    return [
        (made.day(one.row.decided_at) - made.day(one.row.raised_at)).days
        for one in rows
        if one.row.decided_at and one.row.raised_at and _is_since(one.row.decided_at, made)
    ]
