"""Places in training: kept, agreed to, waited for, offered, given up and given to a colleague."""

from __future__ import annotations

from handlers.context import Request
from handlers.messages import Form
from tests import booking
from tests.fakes import Bot


def booked(bot: Bot) -> None:
    """Let people book a session, wait, accept and leave, and let the secretariat decide for a manager."""
    desk = booking.Desk(bot)
    session = booking.session(bot, capacity=2, **booking.soon(bot))
    ola, _sam = desk.confirmed("Ola Placed", session), desk.books("Sam Placed", session)
    kit, uma = desk.books("Kit Placed", session), desk.books("Uma Placed", session)
    listed = desk.bot.types("places", who=ola)
    own = bot.presses(listed, listed.actions[0].label, who=ola)
    assert not isinstance(own, Form)
    bot.presses(own, "My places", who=ola)
    desk.enrols("Lou Placed")
    form = bot.opens(own, "A colleague goes", who=ola)
    bot.sends(form, who=ola, name="Lou Placed")
    waiting = bot.presses(bot.types("places", who=desk.boss), "Waiting for me", who=desk.boss)
    assert not isinstance(waiting, Form)
    bot.presses(waiting, "Decline", who=desk.boss)
    desk.press("booking.accept", desk.of(kit, session), kit)
    desk.gives_up(uma, session)
    bot.does(Request(desk.keeper, route="booking.list", value=str(session)))
    decide = bot.does(Request(desk.keeper, route="booking.decide", value=str(session)))
    assert isinstance(decide, Form)
    filled = {"booking": decide.fields[0].choices[0].value, "answer": "agrees", "note": "By telephone."}
    bot.sends(decide, who=desk.keeper, **filled)
    end = bot.does(Request(desk.keeper, route="booking.choose-end", value=str(session)))
    assert isinstance(end, Form)
    bot.sends(end, who=desk.keeper, booking=end.fields[0].choices[-1].value)
