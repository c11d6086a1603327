"""Meetings that are proposed: `proposed(bot)` keeps two of next year, for somebody to decide about."""

from __future__ import annotations

from datetime import date, timedelta

from db import engine as database
from db import meetings
from db.meetings import EXECUTIVE, MeetingState
from tests.fakes import Bot


def proposed(bot: Bot) -> None:
    """Keep two meetings of the Executive as proposed, in two months."""
    with database.transaction(bot.engine) as session:
        for on in (date(2027, 5, 13), date(2027, 7, 15)):
            cut_off_on, pack_on = on - timedelta(days=14), on - timedelta(days=7)
            meetings.add(
                session, EXECUTIVE, on=on, cut_off_on=cut_off_on, pack_on=pack_on, state=MeetingState.PROPOSED,
                title="Executive",
            )  # fmt: skip
