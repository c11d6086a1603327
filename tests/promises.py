"""Actions, links and meetings as tests need them before anybody comes: added to the tables, with their history."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from db import actions, history, meetings, people, relations
from db import engine as database
from db.actions import ActionItem
from db.people import Identity, Role
from db.relations import Kind
from tests.fakes import Bot

DUE = date(2026, 11, 30)
MEETS, CUT_OFF, PACK = date(2026, 12, 3), date(2026, 11, 19), date(2026, 11, 26)


def number(bot: Bot, who: Identity) -> int:
    """Return the number of somebody who is enrolled."""
    with Session(bot.engine) as session:
        found = people.find(session, who, on=bot.clock.now.date()).person_id
    assert found is not None
    return found


def action(
    bot: Bot, owner: Identity | Role, *, due: date = DUE, what: str = "Publish the neglect strategy", of: str = ""
) -> str:
    """Add an action for a person or a role, and return its reference."""
    person, role = (None, owner.value) if isinstance(owner, Role) else (number(bot, owner), "")
    with database.transaction(bot.engine) as session:
        row = actions.add(
            session, of_ref=of, what=what, due_on=due, at=bot.clock.now, year=2026, by=None,
            owner_person_id=person, owner_role=role,
        )  # fmt: skip
        history.note(
            session, row.ref, at=bot.clock.now, actor_person_id=None, action="added", after_state="open", version=1
        )
        return row.ref


def kept(bot: Bot, ref: str) -> ActionItem:
    """Return an action as it is now."""
    with Session(bot.engine) as session:
        found = actions.get(session, ref)
    assert found is not None
    return found


def meeting(bot: Bot, group: str = meetings.EXECUTIVE, on: date = MEETS) -> int:
    """Add a meeting of a group, and return its number."""
    with database.transaction(bot.engine) as session:
        row = meetings.add(session, group, on=on, cut_off_on=CUT_OFF, pack_on=PACK)
        assert row is not None
        return row.id


def link(bot: Bot, first: str, second: str, kind: Kind = Kind.RELATES_TO) -> None:
    """Link two records."""
    with database.transaction(bot.engine) as session:
        relations.link(session, first, kind, second, at=bot.clock.now, by=None)


def made(bot: Bot) -> None:
    """Add actions that belong together and a meeting, so that every form about them can be opened."""
    refs = [action(bot, Role.COORDINATOR) for _ in range(3)]
    for first, second in zip(refs, refs[1:] + refs[:1], strict=True):
        link(bot, first, second)
    meeting(bot, on=date(2027, 1, 14))
