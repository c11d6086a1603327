"""What has to happen before some cards of agendas are shown to anybody."""

from __future__ import annotations

from tests.agendas import Desk
from tests.fakes import Bot

LONG = 25  # items, more than one card shows


def met(bot: Bot) -> None:
    """Ask for items and papers of a meeting, arrange them, bring one, and send the pack."""
    desk = Desk(bot, "Education Safeguarding Forum")
    meeting = desk.meets()
    desk.asks(desk.member, meeting)
    desk.arranges(meeting, "Data on neglect", "take")
    for number in range(LONG):
        desk.keeps(meeting, f"Item {number}")
    desk.bot.presses(desk.shows(desk.member, meeting), "More items", who=desk.member)
    desk.wants(meeting)
    desk.brings(desk.member, meeting)
    desk.bot.presses(desk.shows(desk.keeper, meeting), "The pack", who=desk.keeper)
    desk.changes(meeting, locked_at=bot.clock.now, state="locked")
    desk.bot.presses(desk.shows(desk.keeper, meeting, "agendas.pack"), "It was sent", who=desk.keeper)
