"""What tests of reminders share: planning, letting time pass, and what came of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update

from db import engine as database
from db import people, reminders
from db.deliveries import Delivery, Occurrence, State
from db.people import Identity
from handlers import reminders as feature
from handlers.context import House
from handlers.messages import Card
from tests.fakes import Bot, Queued, labels

HOUSE = House(public_url="https://bot.example", reached=frozenset({"test"}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def id_of(bot: Bot, who: Identity) -> int:
    with database.transaction(bot.engine) as session:
        found = people.find(session, who, on=bot.clock.now.date()).person_id
    assert found
    return found


def plan(
    bot: Bot, who: Identity, title: str, on: str, *, ladder: str = "meeting", body: str = "", statutory: bool = False
) -> None:
    person_id = id_of(bot, who)
    with database.transaction(bot.engine) as session:
        reminders.plan(
            session,
            subject=f"test:{title}",
            ladder=ladder,
            person_id=person_id,
            title=title,
            now=bot.clock.now,
            anchor_on=date.fromisoformat(on[:10]),
            anchor_at=at(on) if " " in on else None,
            body_markdown=body,
            statutory=statutory,
        )


def plan_soon(bot: Bot, who: Identity, title: str) -> None:
    """Plan a meeting for Thursday on Tuesday evening: what is still to come is due on Wednesday and on Thursday."""
    bot.clock.now = at("2026-11-24 18:00")
    plan(bot, who, title, "2026-11-26")


def cancel(bot: Bot, title: str) -> None:
    with database.transaction(bot.engine) as session:
        reminders.cancel(session, f"test:{title}")


def tick(bot: Bot, when: str = "") -> int:
    if when:
        bot.clock.now = at(when)
    return bot.dispatcher.within(feature.queue_due)


def reminded(bot: Bot, who: Identity | None = None) -> list[Queued]:
    return [
        one
        for one in bot.queued()
        if one.kind in ("reminder", "statutory-reminder") and (who is None or one.to.address == who.user_id)
    ]


def due(bot: Bot) -> list[datetime]:
    with database.transaction(bot.engine) as session:
        return [row.due_at for row in session.scalars(select(Occurrence).order_by(Occurrence.id))]


def deliver(bot: Bot) -> None:
    """Let what is due arrive."""
    arrived = update(Delivery).where(Delivery.state == State.PENDING.value, Delivery.due_at <= bot.clock.now)
    with database.transaction(bot.engine) as session:
        session.execute(arrived.values(state=State.SENT.value))


def time_passes(bot: Bot, start: str, end: str) -> None:
    """Let time pass in steps of twelve hours: at each, what is due is queued and arrives."""
    now = at(start)
    while now <= at(end):
        bot.clock.now = now
        tick(bot)
        deliver(bot)
        now += timedelta(hours=12)


def opened(bot: Bot, card: Card, who: Identity) -> Card:
    """Open the first reminder of a list."""
    label = next(label for label in labels(card) if label.startswith("Later or done"))
    found = bot.presses(card, label, who=who)
    assert isinstance(found, Card)
    return found
