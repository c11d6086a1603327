"""A tracker and a register to make papers of: `filled(bot)` has some of everything, `workbook(rows)` an Excel file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import openpyxl
import pytest
from sqlalchemy import select

from db import actions, escalations, groups, meetings, records, risks
from db import engine as database
from db.escalations import Escalation
from db.people import Identity, Role
from db.risks import Risk
from handlers.imports import asking
from handlers.messages import Card
from handlers.papers import making
from handlers.papers.making import Order
from knowledge import risks as rules
from tests.fakes import Bot
from tests.records import number

R = TypeVar("R", Escalation, Risk)
LAST, NEXT = date(2026, 10, 1), date(2026, 12, 3)
REGISTER = [
    ("Name of the risk", "Risk description", "Likelihood", "Impact", "Remarks"),
    ("Late data", "Schools send their returns late", "High", "Medium", "Chased twice"),
]  # somebody's own, of which not every column is known
SECRET = "The words that only some may read"
KINDS = ("escalations", "risks")
every_kind = pytest.mark.parametrize("kind", KINDS)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=10, tzinfo=UTC)


def meets(bot: Bot) -> None:
    """Let the Executive have met in October, and meet again in December."""
    with database.transaction(bot.engine) as session:
        for on in (LAST, NEXT):
            cut_off_on, pack_on = on - timedelta(days=14), on - timedelta(days=7)
            meetings.add(session, meetings.EXECUTIVE, on=on, cut_off_on=cut_off_on, pack_on=pack_on)


def escalated(bot: Bot, by: int, title: str = "No neglect lead", **columns: object) -> str:
    """Keep an escalation that was sent, and return its reference."""
    with database.transaction(bot.engine) as session:
        row = escalations.draft(
            session, group_id=groups.group_id(session, "Delivery Group"), raised_by=by, raised_by_role="chair",
            year=2026, at=at("2026-11-02"), title=title,
        )  # fmt: skip
        given: dict[str, object] = {
            "status": "with-executive", "raised_at": at("2026-11-02"), "agency": "Example Council", "type": "decision",
            "issue": "Two agencies have no lead for neglect.", "impact_on_children": "Plans for infants drift.",
            "already_tried": "Both were asked twice.", "ask": "Agree that each agency names a lead.",
        }  # fmt: skip
        for name, value in (given | columns).items():
            setattr(row, name, value)
        return row.ref


def risked(bot: Bot, by: int, title: str = "Too few health visitors", **columns: object) -> str:
    """Keep a risk on the register, and return its reference."""
    with database.transaction(bot.engine) as session:
        given: dict[str, object] = {
            "title": title, "raised_by": by, "raised_at": at("2026-11-03"), "changed_at": at("2026-11-03"),
            "status": "open", "cause": "Posts stay empty.", "event": "Visits are missed.",
            "consequence": "Harm to infants is seen late.", "owner_id": by, "owner_accepted_at": at("2026-11-04"),
            "inherent_l": 5, "inherent_i": 4, "current_l": 4, "current_i": 4, "target_l": 2, "target_i": 4,
            "target_date": date(2027, 3, 31), "next_review": date(2026, 12, 3), "response": "treat",
            "category": "workforce", "clocks": rules.clocks(), "agency_raising": "Example Council",
        }  # fmt: skip
        return risks.raise_one(session, ref=records.next_ref(session, "RSK", 2026), **(given | columns)).ref


def acts(bot: Bot, of_ref: str, what: str, due_on: date, role: Role = Role.CHAIR) -> None:
    """Let somebody have promised something for a record."""
    with database.transaction(bot.engine) as session:
        actions.add(
            session, of_ref=of_ref, what=what, due_on=due_on, at=at("2026-11-05"), year=2026, by=None,
            owner_role=role.value,
        )  # fmt: skip


def filled(bot: Bot) -> Identity:
    """Fill the tracker and the register with some of everything; return a strategy manager."""
    who = bot.enrol(Role.STRATEGY_MANAGER, name="Sam Invented")
    owner = number(bot, bot.enrol(Role.STATUTORY_PARTNER, name="Alex Invented"))
    by = number(bot, who)
    meets(bot)
    open_one = escalated(bot, by, response_due=date(2026, 11, 10))
    acts(bot, open_one, "Name a lead in each agency", date(2026, 11, 30))
    escalated(bot, by, "Data on exclusions", raised_at=at("2026-07-01"), status="accepted")
    escalated(bot, by, SECRET, issue=SECRET, ask=SECRET, marking="OFFICIAL-SENSITIVE", urgency="urgent")
    done = {"decided_at": at("2026-10-20"), "executive_response": "Agreed by all three.", "decision_type": "agreed"}
    escalated(bot, by, "Money for training", status="responded", decided_how="between meetings", **done)
    ended = {"status": "closed", "closed_at": at("2026-10-30"), "outcome": "The course runs again."}
    escalated(bot, by, "A course that stopped", raised_at=at("2026-09-01"), decided_how="meeting", **(done | ended))
    escalated(bot, by, "Ended long ago", raised_at=at("2026-03-01"), **(ended | {"closed_at": at("2026-05-01")}))
    red = risked(bot, owner)
    acts(bot, red, "Recruit from abroad", date(2026, 11, 1))
    with database.transaction(bot.engine) as session:
        risk = risks.find(session, red)
        assert risk is not None
        risks.add_control(
            session, risk_id=risk.id, words="Weekly look at empty posts", kind="detective", effective="partly",
            added_at=at("2026-11-04"), added_by=owner,
        )  # fmt: skip
        risks.add_score(
            session, risk_id=risk.id, at=at("2026-11-04"), by=owner, which="current", likelihood=4, impact=4,
            trend="down", reason="Two posts were filled",
        )  # fmt: skip
    risked(bot, owner, "Late data from schools", current_l=3, current_i=3, next_review=date(2026, 11, 1))
    risked(bot, owner, "A quiet risk", current_l=2, current_i=2, owner_id=None)
    risked(bot, owner, SECRET, event=SECRET, cause=SECRET, marking="OFFICIAL-SENSITIVE")
    kept = {
        "status": "accepted",
        "acceptance_reason": "Nothing more can be done now.",
        "acceptance_expiry": date(2027, 6, 1),
    }
    risked(bot, owner, "Old buildings", current_l=5, current_i=2, **kept)
    risked(bot, owner, "A new worry", status="alert", owner_id=None, current_l=None, current_i=None)
    return who


def made(bot: Bot, kind: str, form: str, *, annex: bool = False) -> bytes:
    """Return a paper or an export."""
    order = Order(kind, form, annex=annex)
    return bot.dispatcher.within(lambda context: making.made_file(context, order, by="a test"))


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """Return an Excel file with these rows."""
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(packed)
    return packed.getvalue()


def rows_of(content: bytes) -> list[list[object]]:
    """Return the rows of the first sheet of an Excel file."""
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]


def brought(bot: Bot, who: Identity, kind: str, content: bytes, name: str = "file.xlsx") -> Card:
    """Bring a file as somebody does with the browser, and return what they see."""
    take = asking.take_escalations if kind == "escalations" else asking.take_risks
    person_id = number(bot, who)
    return bot.dispatcher.within(lambda context: take(context, person_id, name, content))


def pressed(bot: Bot, card: Card, label: str, who: Identity) -> Card:
    """Press a button that leads to a card."""
    found = bot.presses(card, label, who=who)
    assert isinstance(found, Card), found
    return found


def found(bot: Bot, kind: type[R], ref: str) -> R:
    """Return a record as it is kept."""
    table: type[Any] = kind
    with database.transaction(bot.engine) as session:
        row: R = session.scalars(select(table).where(table.ref == ref)).one()
        session.expunge(row)
    return row
