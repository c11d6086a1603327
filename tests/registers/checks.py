"""What must be so after whatever anybody did: every step was allowed, and history, audit and notices tell the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import AuditEntry
from db.history import Entry
from tests.fakes import Bot
from tests.registers import rights_by_hand as hand
from tests.registers.cast import PLAYERS, Cast
from tests.registers.explorer import rows
from tests.registers.rights_by_hand import Step, Who


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its table, its references, and what was typed by hand about it."""

    table: str
    prefix: str
    states: frozenset[str]
    steps: tuple[Step, ...]
    group: str  # the column that says which group it belongs to
    owner: str = ""
    tells: Mapping[tuple[str, str], frozenset[Who]] | None = None

    def allowed(self, before: str, after: str) -> frozenset[Who]:
        """Return who may take a step; nobody when there is no such step."""
        return frozenset().union(*(step.who for step in self.steps if (step.before, step.after) == (before, after)))


ESCALATIONS = Kind(
    "escalations", "ESC", hand.ESCALATION_STATES, (*hand.ESCALATION_STEPS, *hand.URGENT_STEPS, hand.SETTLED),
    group="group_id", tells=hand.ESCALATION_TELLS,
)  # fmt: skip
RISKS = Kind(
    "risks", "RSK", hand.RISK_STATES, hand.RISK_STEPS, group="lead_group_id", owner="owner_id", tells=hand.RISK_TELLS
)


def wrong_steps(bot: Bot, cast: Cast, kind: Kind, *, after: int = 0) -> list[str]:
    """Return every step in the histories that nobody, or not this person, may take; `after` one history number."""
    found, groups = [], _groups(bot)
    names = {number: name for name, number in cast.ids.items()}
    records = rows(bot.engine, kind.table)
    for entry in histories(bot, kind, after=after):
        if entry.before_state == entry.after_state:
            continue
        record = records[entry.record_ref]
        name = names.get(entry.actor_person_id or 0)
        stands = (
            cast.standing(
                name,
                group=groups.get(record[kind.group], ""),
                raised_by=record["raised_by"],
                owner=record[kind.owner] if kind.owner else None,
            )
            if name
            else {Who.CLOCK}
        )
        step = f"{entry.record_ref}: {entry.before_state or 'nothing'} to {entry.after_state} by {name or 'the clock'}"
        allowed = kind.allowed(entry.before_state, entry.after_state)
        if (
            kind is RISKS
            and record["marking"] != "OFFICIAL"
            and (entry.before_state, entry.after_state) in hand.TAKE_TWO
        ):
            allowed |= hand.CLOSES_SENSITIVE.who
        if not allowed & stands:
            found.append(
                f"{step}, who is {', '.join(sorted(stands))}; allowed: {', '.join(sorted(allowed)) or 'nobody'}"
            )
        if (entry.before_state, entry.after_state) in hand.NEVER_CLOSED_BY_RAISER and Who.RAISER in stands:
            found.append(f"{step}, who raised it")
        if (entry.before_state, entry.after_state) in hand.TAKE_TWO and not _two(entry, record, cast):
            found.append(f"{step}, alone")
    return found


def _two(entry: Entry, record: Mapping[str, Any], cast: Cast) -> bool:
    """Say whether the Strategy Manager and somebody else have closed a risk together."""
    return record["closure_asked_by"] == cast.ids["manager"] != entry.actor_person_id and bool(record["evidence"])


def disagreements(bot: Bot, kind: Kind) -> list[str]:
    """Return where a record, its history and the audit trail do not tell the same."""
    found = []
    last: dict[str, str] = {}
    for entry in histories(bot, kind):
        if entry.after_state:
            began = entry.record_ref not in last and entry.before_state in (hand.NOTHING, entry.after_state)
            if not began and entry.before_state != last.get(entry.record_ref):
                found.append(f"{entry.record_ref}: {entry.action} starts at {entry.before_state}, not where it was")
            last[entry.record_ref] = entry.after_state
    for ref, record in rows(bot.engine, kind.table).items():
        if record["status"] not in kind.states:
            found.append(f"{ref}: {record['status']} is no state")
        if record["status"] != last.get(ref):
            found.append(f"{ref}: is {record['status']}, its history ends with {last.get(ref)}")
    with Session(bot.engine) as session:
        told = session.execute(select(Entry.record_ref, Entry.action).order_by(Entry.id)).all()
        trail = session.execute(select(AuditEntry.subject, AuditEntry.action).order_by(AuditEntry.id)).all()
    noted = [pair for pair in trail if pair in set(told)]
    if noted != told:
        found.append(f"history has {len(told)} deeds, the audit trail {len(noted)} of them, or in another order")
    return found


def not_told(bot: Bot, cast: Cast, kind: Kind, step: Entry, told: Sequence[tuple[str, str]]) -> list[str]:
    """Return who should have been told of a step and was not. `told` are addresses and titles since before it."""
    pair = (step.before_state, step.after_state)
    record = rows(bot.engine, kind.table)[step.record_ref]
    group = _groups(bot).get(record[kind.group], "")
    reached = {address for address, _ in told}
    missing = []
    for name in PLAYERS:
        stands = cast.standing(name, group=group, raised_by=record["raised_by"])
        due = (kind.tells or {}).get(pair, frozenset()) & stands
        if due and cast.ids[name] != step.actor_person_id and name not in reached and Who.LEAVER not in stands:
            missing.append(f"{step.record_ref}: {name} was not told of {pair[0]} to {pair[1]}")
    return missing


def histories(bot: Bot, kind: Kind, *, after: int = 0) -> list[Entry]:
    """Return the deeds to every record of a kind, oldest first."""
    with Session(bot.engine) as session:
        wanted = select(Entry).where(Entry.record_ref.startswith(f"{kind.prefix}-"), Entry.id > after)
        return list(session.scalars(wanted.order_by(Entry.id)))


def _groups(bot: Bot) -> dict[int, str]:
    with bot.engine.connect() as connection:
        return {row.id: row.name for row in connection.exec_driver_sql("SELECT id, name FROM groups")}
