"""Registers full of records for lists: `shelf.escalation(...)`, `shelf.risk(...)`, `shelf.challenge(...)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from db import actions, challenges, escalations, groups, records, registry, risks
from db import engine as database
from db.people import Identity
from handlers.escalations import clocks
from knowledge import risks as rules
from tests.fakes import Bot

GROUP = "Delivery Group"


class Shelf:
    """Puts records straight into the registers, as old as a test wants them to be."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        with database.transaction(bot.engine) as session:
            self.group = groups.group_id(session, GROUP)
            self.somebody = registry.create(session, "Sam Invented")

    @property
    def _now(self) -> Any:
        return self.bot.clock.now

    def person(self, who: Identity) -> int:
        with Session(self.bot.engine) as session:
            return registry.owner(session, who) or 0

    def sits(self, who: Identity, group: str = GROUP, seat: str = "") -> None:
        with database.transaction(self.bot.engine) as session:
            groups.join(session, self.person(who), group, on=self._now.date(), seat=seat)

    def escalation(self, title: str, *, days_ago: int = 1, group: str = GROUP, **columns: Any) -> str:
        """Keep an escalation that was sent so many days ago; a draft is one with the status of a draft."""
        at = self._now - timedelta(days=days_ago)
        status = columns.setdefault("status", "submitted")
        raised_by = columns.pop("raised_by", self.somebody)
        with database.transaction(self.bot.engine) as session:
            row = escalations.draft(
                session, group_id=groups.group_id(session, group), raised_by=raised_by, raised_by_role="chair",
                year=2026, at=at, title=title, issue=columns.pop("issue", "Something is not settled."),
            )  # fmt: skip
            if status != "draft":
                row.raised_at, row.clocks = at, clocks.freeze(at.date())
            for name, value in columns.items():
                setattr(row, name, value)
            return row.ref

    def risk(self, title: str, *, days_ago: int = 1, score: tuple[int, int] = (2, 3), **columns: Any) -> str:
        """Keep a risk that was raised so many days ago."""
        at = self._now - timedelta(days=days_ago)
        with database.transaction(self.bot.engine) as session:
            row = risks.raise_one(
                session, ref=records.next_ref(session, "RSK", 2026), version=1, title=title, raised_at=at,
                changed_at=at, current_l=score[0], current_i=score[1], clocks=rules.clocks(),
                **({"raised_by": self.somebody, "status": "open"} | columns),
            )  # fmt: skip
            return row.ref

    def challenge(self, challenged: str, *, due_in: int = 3, **columns: Any) -> str:
        """Keep a challenge that is to be answered in so many days."""
        with database.transaction(self.bot.engine) as session:
            row = challenges.raise_one(
                session, ref=records.next_ref(session, "CHA", 2026), raised_at=self._now, changed_at=self._now,
                challenged=challenged, response_due=self._now.date() + timedelta(days=due_in),
                **({"raised_by": self.somebody, "challenge": "What would show it?"} | columns),
            )  # fmt: skip
            return row.ref

    def action(self, what: str, *, due_in: int = 3, **columns: Any) -> str:
        """Keep an action that is due in so many days."""
        with database.transaction(self.bot.engine) as session:
            return actions.add(
                session, of_ref=columns.pop("of_ref", ""), what=what, at=self._now, year=2026, by=None,
                due_on=self._now.date() + timedelta(days=due_in), **columns,
            ).ref  # fmt: skip


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    """Collect every statement that the database is asked."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(engine, "after_cursor_execute", note)
    yield found
    event.remove(engine, "after_cursor_execute", note)
