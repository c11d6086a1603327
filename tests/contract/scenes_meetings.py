"""A meeting from its first question to what follows from who was there, as its cards are shown to those who come."""

from __future__ import annotations

from db.people import Role
from handlers.messages import Card
from knowledge.calendar import working_days_after
from tests.convening import Room
from tests.fakes import Bot


def convened(bot: Bot) -> None:
    """Ask who comes, answer, move and hold meetings, mark who was there, and review that a seat was empty."""
    room = Room(bot)
    manager = bot.enrol(Role.MEMBER, Role.STRATEGY_MANAGER)
    police = room.members["Police"]
    first, second, third = (working_days_after(bot.clock.now.date(), days) for days in (20, 40, 60))
    ref = room.meets(third, link="https://meet.example/room")
    room.bot.types("meetings", who=police)
    room.says(ref, "Police", "I attend")
    bot.sends(bot.opens(room.with_button(ref, "Details"), "Details", who=room.keeper), who=room.keeper)
    bot.presses(room.card(ref), "Open papers", who=room.keeper)
    room.held(first, police="absent")
    last = room.held(second, police="absent")
    listed = bot.presses(room.with_button(last, "Absences", manager), "Absences", who=manager)
    assert isinstance(listed, Card)
    bot.sends(bot.opens(listed, "Review 1", who=manager), who=manager, outcome="propose-risk", note="No answer.")
