"""What others have to do before some cards of decisions and consultations are shown to anybody."""

from __future__ import annotations

from tests.consulting import GROUP, TUESDAY, Room
from tests.fakes import Bot


def consulted(bot: Bot) -> None:
    """Consult a group of which some reply, some late and some never, and close it; then record what it decided."""
    room = Room(bot)
    room.meets(TUESDAY.date())
    room.asks()
    room.replies(room.police, "Disagree", "It costs too much.")
    room.at(2026, 12, 9)
    room.tick()
    room.replies(room.trust, "Agree with comments", "From May on.")
    room.keeps("Close it", outcome="The offer goes ahead with a pilot.")
    room.card(room.adviser, f"consultation {room.con}")
    room.decides(**{"for": str(room.number(room.chair)), "against": str(room.number(room.police))})
    card = room.card(room.partner, f"decisions {GROUP}")
    form = bot.opens(card, "Decided between meetings", who=room.partner)
    bot.sends(form, who=room.partner, text="The post is filled for a year.")
