"""Quiet hours: those of the house and people's own, at every hour and across the changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from db import engine as database
from db import people, subscriptions
from db.deliveries import Destination
from db.people import Identity, Role
from handlers import quiet
from handlers.context import House, Knowledge
from tests.fakes import Bot, Clock, talking

LONDON = ZoneInfo("Europe/London")
PAT, CHANNEL = Destination("test", "pat"), Destination("test", "channel-1")


def found(
    engine: Engine, knowledge: Knowledge, now: datetime, *, house: str = "", own: str = ""
) -> dict[Destination, datetime]:
    """Ask until when a person and a channel are quiet at a moment."""
    with database.transaction(engine) as session:
        on = datetime(2026, 11, 21, tzinfo=UTC).date()
        pat = people.enrol(session, Identity("test", "pat"), name="Pat", roles=[Role.MEMBER], on=on)
        subscriptions.set_quiet_hours(session, pat, own)
    with talking(Bot(engine, knowledge, House(quiet_hours=house), Clock())) as bot:
        return bot.dispatcher.within(lambda context: quiet.quiet(context, [PAT, CHANNEL, PAT], now))


def london(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON)


CASES = {
    "in the day": ("21:00-07:00", "", london(21, 12), None, None),
    "in the evening": ("21:00-07:00", "", london(21, 22), london(22, 7), london(22, 7)),
    "in the morning": ("21:00-07:00", "", london(22, 6), london(22, 7), london(22, 7)),
    "the first minute": ("21:00-07:00", "", london(21, 21), london(22, 7), london(22, 7)),
    "the minute after": ("21:00-07:00", "", london(22, 7), None, None),
    "a person's own": ("", "12:00-14:00", london(21, 12, 30), london(21, 14), None),
    "one after the other": ("21:00-07:00", "07:00-09:00", london(21, 22), london(22, 9), london(22, 7)),
    "overlapping": ("21:00-07:00", "06:00-09:00", london(22, 6, 30), london(22, 9), london(22, 7)),
    "in summer": ("21:00-07:00", "", london(1, 22, month=7), london(2, 7, month=7), london(2, 7, month=7)),
    "the clock goes back": ("21:00-07:00", "", london(24, 22, month=10), london(25, 7, month=10),
                            london(25, 7, month=10)),
    "the clock goes forward": ("21:00-07:00", "", london(28, 22, month=3), london(29, 7, month=3),
                               london(29, 7, month=3)),
    "none at all": ("", "", london(21, 3), None, None),
    "own hours that cannot be read": ("", "at night", london(21, 3), None, None),
}  # fmt: skip


@pytest.mark.parametrize(("house", "own", "now", "pat", "channel"), CASES.values(), ids=CASES)
def test_a_person_is_quiet_in_the_hours_of_both_and_a_channel_in_those_of_the_house(
    engine: Engine,
    knowledge: Knowledge,
    house: str,
    own: str,
    now: datetime,
    pat: datetime | None,
    channel: datetime | None,
) -> None:
    until = found(engine, knowledge, now, house=house, own=own)

    assert until == {to: moment for to, moment in ((PAT, pat), (CHANNEL, channel)) if moment}


@pytest.mark.parametrize("hour", [3, 8, 12, 20, 23])
def test_hours_that_leave_no_time_at_all_never_swallow_a_message(
    engine: Engine, knowledge: Knowledge, hour: int
) -> None:
    until = found(engine, knowledge, london(21, hour), house="21:00-07:00", own="07:00-21:00")

    assert until.get(PAT) == until.get(CHANNEL)
