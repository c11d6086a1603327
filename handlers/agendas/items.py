"""What is on an agenda: items that people asked for, and what the records bring by themselves, in one order."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from db import agendas, arising
from db.agendas import ASKED, AgendaItem
from db.escalations import Escalation
from db.meetings import EXECUTIVE, Meeting
from db.risks import Risk, Status
from handlers import access
from handlers.agendas import records
from handlers.context import Context
from knowledge import agendas as rules
from knowledge import scoring
from knowledge.scoring import Rag

UNREADABLE = "An item for which you may not read the record"
MOST = 98  # a list of choices holds 100 on every platform
IN_ANNEX = "see confidential annex"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_SOURCES = tuple(rules.shipped())
_FROM = {
    ASKED: "Asked for",
    "attendance": "Attendance rule",
    "escalation": "Escalation",
    "reported": "Answered between meetings",
    "decision": "Decided between meetings",
    "consultation": "Consultation",
    "risk": "Risk register",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item as somebody sees it. `row` is what is kept of it: automatic ones have one once they were arranged."""

    source: str
    ref: str
    title: str
    purpose: str
    presenter: str
    minutes: int
    row: AgendaItem | None = None

    @property
    def key(self) -> str:
        """Return what names the item in a form: letters alone, for references read like those of cases."""
        found = hashlib.sha256(f"{self.source} {self.ref}".encode()).hexdigest()[:16]
        return f"item-{found.translate(_LETTERS)}"

    @property
    def origin(self) -> str:
        """Say where the item is from."""
        return _FROM[self.source]

    @property
    def dropped(self) -> bool:
        """Say whether it will not be talked about."""
        return self.row is not None and self.row.dropped_at is not None

    @property
    def waits(self) -> bool:
        """Say whether the secretariat has still to take it: what records bring needs nobody's word."""
        return self.row is not None and self.source == ASKED and self.row.taken_at is None and not self.dropped

    @property
    def on(self) -> bool:
        """Say whether it is on the agenda."""
        return not self.dropped and not self.waits


def listed(context: Context, meeting: Meeting, *, public: bool = False) -> list[Item]:
    """Return everything for a meeting in its order, also what waits and what was dropped.

    `public`: for a paper that all members get, whoever makes it.
    """
    kept = agendas.items(context.session, meeting.id)
    rows = {(row.source, row.source_ref): row for row in kept}
    brought = _automatic(context, meeting, _stays(meeting, kept), public=public)
    found = [replace(one, row=rows.get((one.source, one.ref))) for one in brought]
    found += [
        Item(ASKED, row.source_ref, row.title, row.purpose, row.presenter, row.minutes, row)
        for row in kept
        if row.source == ASKED
    ]
    return sorted(found, key=_place)  # it keeps the order of what has no place


def agenda(context: Context, meeting: Meeting, *, public: bool = False) -> list[Item]:
    """Return what the meeting talks about, in order."""
    return [one for one in listed(context, meeting, public=public) if one.on]


def stays(context: Context, meeting: Meeting) -> Mapping[str, Collection[str]]:
    """Return what was on an agenda when its papers were locked, and stays there: by source, the references."""
    return _stays(meeting, agendas.items(context.session, meeting.id))


def _stays(meeting: Meeting, rows: Sequence[AgendaItem]) -> Mapping[str, Collection[str]]:
    found: dict[str, set[str]] = {source: set() for source in _SOURCES}
    for row in rows:
        if row.source in found and row.taken_at and meeting.locked_at and row.taken_at >= meeting.locked_at:
            found[row.source].add(row.source_ref)
    return found


def kept(context: Context, meeting: Meeting, item: Item) -> AgendaItem:
    """Return what is kept of an item. Of an automatic one that is its place alone: its words stay in the record."""
    return item.row or agendas.keep(
        context.session, meeting_id=meeting.id, source=item.source, source_ref=item.ref, at=context.now
    )


def _place(item: Item) -> tuple[bool, int, int]:
    place = item.row.place if item.row else 0
    return place == 0, place, _SOURCES.index(item.source) if item.source in _SOURCES else len(_SOURCES)


# --- what records bring ----------------------------------------------------------------------------------------


def _automatic(
    context: Context, meeting: Meeting, stay: Mapping[str, Collection[str]], *, public: bool
) -> Iterator[Item]:
    session = context.session
    first = arising.is_next(session, meeting, context.today)
    if stay["attendance"] or (first and arising.absence(session, meeting.group_id)):
        yield _item("attendance", meeting.ref, "Attendance: the strategy manager reports")
    yield from _escalations(context, meeting, stay, public=public)
    for decision in arising.decisions(session, meeting, first=first, kept=stay["decision"]):
        yield _item("decision", decision.ref, f"{decision.ref}: {decision.text}")
    silent_ones = arising.unanswered(session, meeting, context.today, first=first, kept=stay["consultation"])
    for asked, silent in silent_ones:
        missing = f"No reply yet: {', '.join(silent)}. Silence is not agreement." if silent else "All have replied."
        yield _item("consultation", asked.ref, f"{asked.ref}: {asked.title}. {missing}")
    if first or stay["risk"]:
        yield from _risks(context, meeting, stay["risk"], first=first, public=public)


def _item(source: str, ref: str, title: str, presenter: str = "") -> Item:
    plain = rules.shipped()[source]
    return Item(source, ref, title, plain.purpose, presenter or plain.presenter, plain.minutes)


def _escalations(
    context: Context, meeting: Meeting, stay: Mapping[str, Collection[str]], *, public: bool
) -> Iterator[Item]:
    session = context.session
    here = arising.escalations(session, meeting, kept=stay["escalation"])
    asked = [(row, group, "escalation") for row, group in here]
    asked += [(row, group, "reported") for row, group in arising.reported(session, meeting, kept=stay["reported"])]
    visible = access.visible_escalations(context)
    readable = arising.readable(session, Escalation, [row.ref for row, _, _ in asked], visible)
    for row, group, source in asked:
        title = _title(row, readable=row.ref in readable, public=public)
        yield _item(source, row.ref, title, f"Chair of {group}" if source == "escalation" else "")


def _risks(context: Context, meeting: Meeting, stay: Collection[str], *, first: bool, public: bool) -> Iterator[Item]:
    executive = records.name(context, meeting) == EXECUTIVE
    rows = [
        row
        for row in arising.risks(context.session, meeting, kept=stay)
        if row.ref in stay or (first and _due(context, meeting, row, executive=executive))
    ]
    readable = arising.readable(context.session, Risk, [row.ref for row in rows], access.visible_risks(context))
    for row in rows:
        yield _item("risk", row.ref, _title(row, readable=row.ref in readable, public=public))


def _due(context: Context, meeting: Meeting, row: Risk, *, executive: bool) -> bool:
    red = False
    if row.current_l is not None and row.current_i is not None:
        red = scoring.rag(row.current_l, row.current_i, floor=context.house.risk_floor) is Rag.RED
    if executive and (row.status == Status.ESCALATED or (red and row.status == Status.OPEN)):
        return True
    if row.lead_group_id != meeting.group_id:
        return False
    review = row.next_review is not None and row.next_review <= meeting.on
    return review or (red and row.target_date is not None and row.target_date < meeting.on)


def _title(row: Escalation | Risk, *, readable: bool, public: bool) -> str:
    sensitive = row.marking == access.SENSITIVE
    if public:  # whoever fetches the file, all members read it
        return f"{row.ref}: {IN_ANNEX if sensitive else row.title}"
    if not readable:
        return UNREADABLE
    return f"{row.ref} ({access.SENSITIVE})" if sensitive else f"{row.ref}: {row.title}"
