"""The columns of exported and imported files: what each is called, holds, and whether a file may change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from db.papers import SENSITIVE, Registered, Tracked
from handlers.papers import saying, table, tracker
from handlers.papers.saying import Made
from handlers.papers.table import Value
from knowledge import risks as rules
from knowledge import scoring


class Change(Enum):
    """What a file may do to a column of a record that is there."""

    NEVER = "decided in chat"
    WORDS = "words"
    CHOICE = "one of a list"
    DAY = "a day"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `name` is that of the record's own column, `also` what trackers of others call it.

    `new` says that a row without a reference may fill it, even where a record that is there may not be changed so.
    `secret`: words that are withheld where the record is OFFICIAL-SENSITIVE.
    """

    name: str
    title: str
    change: Change = Change.NEVER
    most: int = 0
    allowed: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    new: bool = False
    needed: bool = False
    secret: bool = False
    width: int = 14


E = Change
TYPES = ("decision", "resource", "blocked-partner-action", "system-risk", "policy", "information")
MARKINGS = (saying.OFFICIAL, SENSITIVE)
DECISIONS = ("agreed", "agreed with changes", "declined", "deferred", "referred elsewhere", "more information")
LEVELS = ("Low", "Medium", "High", "1", "2", "3", "4", "5")


def _words(name: str, title: str, most: int, *also: str, needed: bool = False, width: int = 40) -> Field:
    return Field(name, title, E.WORDS, most, also=also, new=True, needed=needed, secret=True, width=width)


_MARKING = Field(
    "marking", "Marking", allowed=MARKINGS, also=("classification", "protective marking"), new=True, width=20
)
ESCALATIONS = (
    Field("ref", "Ref", also=("reference", "escalation ref", "number", "no", "id"), width=16),
    Field("version", "Version", width=9),
    Field("status", "Status", also=("state", "progress"), new=True, width=18),
    Field("raised_on", "Raised on", also=("date", "date raised", "date logged", "raised"), new=True),
    Field("group", "Group", also=("subgroup", "sub-group", "source"), new=True, needed=True, width=26),
    Field("agency", "Agency", also=("organisation",), new=True, most=120, width=24),
    _words("title", "Title", 100, "escalation", "subject", "topic", needed=True, width=36),
    Field("type", "Type", E.CHOICE, allowed=TYPES, also=("kind", "category"), new=True, width=20),
    _words("issue", "Issue", 1000, "issue in brief", "description", "detail", width=60),
    _words("impact_on_children", "Impact on children", 500, "impact"),
    _words("already_tried", "Already tried", 500, "action taken", "tried"),
    _words("ask", "Ask", 300, "request", "ask of the executive", "decision needed", needed=True),
    Field("urgency", "Urgency", width=14),
    _MARKING,
    Field("meeting_on", "For the Executive on"),
    Field("response_due", "Response due"),
    Field("executive_response", "Executive response", most=1000, also=("response",), new=True, secret=True,
          width=50),
    Field("decision_type", "Decision", allowed=DECISIONS, also=("decision type",), new=True, width=18),
    Field("decided_on", "Decided on", also=("decision date", "date of response"), new=True),
    Field("actions", "Actions", secret=True, width=50),
    Field("outcome", "Outcome", most=500, also=("result",), new=True, secret=True, width=40),
    _words("lessons", "Lessons", 500, "learning"),
    Field("answered_group_on", "Group told on"),
    Field("closed_on", "Closed on", also=("date closed", "closed"), new=True),
    Field("deferrals", "Deferrals", width=10),
    Field("days_open", "Days open", width=10),
)  # fmt: skip


def _score(which: str, title: str, *before: str, bare: bool = False) -> tuple[Field, Field]:
    """Return the two columns of a score; `before` is what others say in place of its name, `bare` nothing at all."""
    found = []
    for name, words in (("l", "likelihood"), ("i", "impact")):
        also = (*(f"{one} {words}" for one in before), *([words] if bare else []))
        found.append(Field(f"{which}_{name}", f"{title} {words}", allowed=LEVELS, also=also, new=True, width=12))
    return found[0], found[1]


def _of(box: str) -> tuple[str, ...]:
    return tuple(rules.choices(box).values())


def _risks() -> tuple[Field, ...]:
    return (
        Field("ref", "Ref", also=("reference", "risk ref", "risk id", "number", "no", "id"), width=16),
        Field("version", "Version", width=9),
        Field("status", "Status", also=("state",), new=True, width=16),
        Field("raised_on", "Raised on", also=("date", "date raised", "date identified"), new=True),
        Field("agency", "Agency", also=("raised by agency", "organisation"), new=True, most=120, width=24),
        _words("title", "Title", 100, "risk", "risk title", "name", needed=True, width=36),
        _words("cause", "Cause", 500, "because", "causes"),
        _words("event", "Event", 800, "description", "risk description", "detail", "what could go wrong", width=50),
        _words("consequence", "Consequence", 500, "effect", "consequences"),
        _words("children", "Children it touches", 800, "which children"),
        _words("agencies_affected", "Agencies it touches", 300, "agencies affected", width=30),
        _words("doing", "Being done already", 800, "mitigation", "remedial action", width=50),
        Field("category", "Category", E.CHOICE, allowed=_of("category"), also=("type",), new=True, width=24),
        Field("owner", "Owner", also=("risk owner", "lead"), new=True, width=24),
        Field("group", "Lead group", also=("group", "subgroup", "sub-group"), new=True, width=26),
        *_score("inherent", "Inherent", "gross", "initial"),
        *_score("current", "Current", "net", "residual", "mitigated", bare=True),
        *_score("target", "Target"),
        Field("score", "Current score", width=10),
        Field("colour", "Colour", also=("rag", "rating"), width=10),
        Field("trend", "Trend", width=10),
        Field("target_date", "Target date", E.DAY, also=("target by",), new=True),
        Field("proximity", "Proximity", E.CHOICE, allowed=_of("proximity"), also=("when",), new=True, width=22),
        Field("appetite", "Appetite", E.CHOICE, allowed=_of("appetite"), also=("risk appetite",), new=True, width=14),
        Field("response", "Response", allowed=_of("response"), also=("treatment",), new=True, width=22),
        Field("controls", "Controls", secret=True, width=60),
        Field("actions", "Actions", secret=True, width=60),
        Field("next_review", "Next review"),
        Field("acceptance_expiry", "Accepted until"),
        Field("escalation_ref", "Escalation", width=16),
        _MARKING,
        Field("closed_on", "Closed on", also=("date closed",), new=True),
        Field("evidence", "Evidence at closing", most=500, also=("closure",), new=True, secret=True, width=40),
    )  # fmt: skip


RISKS = _risks()
_BOXES = ("category", "proximity", "appetite", "response")


def said(box: str, code: str) -> str:
    """Return the words for a code of a risk's box."""
    return rules.choices(box).get(code, code) if box in _BOXES else code


def of_escalation(one: Tracked, made: Made) -> dict[str, Value]:
    """Return what stands in each column for an escalation; words that are withheld are not in it."""
    row = one.row
    found: dict[str, Value] = {field.name: getattr(row, field.name, None) for field in ESCALATIONS}
    found |= {
        "raised_on": _day(row.raised_at, made),
        "group": one.group,
        "meeting_on": one.meeting_on,
        "decided_on": _day(row.decided_at, made),
        "answered_group_on": _day(row.feedback_to_group_at, made),
        "closed_on": _day(row.closed_at, made),
        "actions": saying.promised(one.actions, today=made.today),
        "days_open": tracker.days_open(one, made),
    }
    return _withheld(found, ESCALATIONS, row.marking, made)


def of_risk(one: Registered, made: Made, *, floor: bool) -> dict[str, Value]:
    """Return what stands in each column for a risk; words that are withheld are not in it."""
    row = one.row
    found: dict[str, Value] = {field.name: getattr(row, field.name, None) for field in RISKS}
    found |= {box: said(box, getattr(row, box)) for box in _BOXES}
    found |= {
        "raised_on": _day(row.raised_at, made),
        "agency": row.agency_raising,
        "owner": one.owner,
        "group": one.group,
        "closed_on": _day(row.closed_at, made),
        "controls": "\n".join(f"{control.words} ({control.kind})" for control in one.controls),
        "actions": saying.promised(one.actions, today=made.today),
    }
    if row.current_l is not None and row.current_i is not None:
        found["score"] = row.current_l * row.current_i
        found["colour"] = scoring.rag(row.current_l, row.current_i, floor=floor).value
    return _withheld(found, RISKS, row.marking, made)


def _day(moment: datetime | None, made: Made) -> Value:
    return made.day(moment) if moment is not None else None


def _withheld(found: dict[str, Value], fields: Sequence[Field], marking: str, made: Made) -> dict[str, Value]:
    if not made.shows(marking):
        found |= {field.name: saying.WITHHELD for field in fields if field.secret and found[field.name]}
    return found


def columns(fields: Sequence[Field]) -> list[table.Column]:
    """Return the columns of a file."""
    return [table.Column(one.title, one.width, one.allowed if one.change is E.CHOICE else ()) for one in fields]
