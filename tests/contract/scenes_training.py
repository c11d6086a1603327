"""Scenes of training: a channel that wants its dates, a session that is moved and cancelled, a calendar taken over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from db.bookings import BookingState
from db.people import Identity
from handlers import uploads
from handlers.context import Request
from handlers.messages import Card, Form, Link
from handlers.training import ticking
from tests import training
from tests.fakes import CHANNEL as HERE
from tests.fakes import Bot, button_of

CALENDAR = "title,date,start,end,place,time zone\nInvented course,{day},10:00,12:00,Town hall,New York\n"


def wanted(bot: Bot) -> None:
    """Post coming dates in a channel, and stop it again."""
    who = training.keeper(bot)
    listed = bot.types("channels", who=who, conversation=HERE)
    button = next(one for one in listed.actions if one.label in ("Register this channel", "Change this channel"))
    form = bot.presses(listed, button.label, who=who, conversation=HERE)
    assert isinstance(form, Form)
    bot.sends(form, who=who, name="Channel of training")
    training.session(bot, who, on=_day(bot, 21))
    for _ in range(2):
        first = bot.presses(bot.types("training", who=who, conversation=HERE), "Catalogue", who=who, conversation=HERE)
        assert isinstance(first, Card)
        label = next(one.label for one in first.actions if one.label.startswith("Post "))
        bot.presses(first, label, who=who, conversation=HERE)
        bot.dispatcher.within(ticking.tick)


def kept(bot: Bot) -> None:
    """Write a course and a session of it, and close, change, move and cancel that."""
    who = training.keeper(bot)
    catalogue = bot.presses(bot.types("training", who=who), "Catalogue", who=who)
    assert isinstance(catalogue, Card)
    bot.sends(bot.opens(catalogue, "Open a course", who=who), who=who, course=training.COURSE)
    bot.sends(bot.opens(catalogue, "Add a course", who=who), who=who, title="Course of a scene", kind="workshop")
    bot.sends(bot.opens(bot.types("course neglect", who=who), "Change the course", who=who), who=who)
    for ahead in (22, 23, 24):
        training.session(bot, who, on=_day(bot, ahead))
    dates = bot.types("training neglect", who=who)
    bot.presses(dates, "By month", who=who)
    bot.presses(dates, "Later dates", who=who)
    ref = training.session(bot, who, on=_day(bot, 28))
    training.book(bot, ref, BookingState.CONFIRMED, BookingState.WAITING)
    bot.presses(_open(bot, who, ref), "Close booking", who=who)
    bot.presses(_open(bot, who, ref), "Open for booking", who=who)
    bot.sends(bot.opens(_open(bot, who, ref), "Change it", who=who), who=who, place="Library")
    bot.sends(bot.opens(_open(bot, who, ref), "Move it", who=who), who=who, on=_day(bot, 29))
    bot.sends(bot.opens(_open(bot, who, ref), "Cancel it", who=who), who=who, why="No trainer.")
    bot.presses(bot.types(f"session {ref}"), "About the course")


def taken(bot: Bot) -> None:
    """Take a calendar over."""
    who = training.keeper(bot)
    page = bot.does(Request(who, route="uploads.open", value="training"))
    assert isinstance(page, Card)
    [link] = (one for one in page.actions if isinstance(one, Link))
    content = CALENDAR.format(day=_day(bot, 40)).encode()
    token = link.url.rpartition("/")[2]
    card = bot.dispatcher.within(lambda context: uploads.take(context, token, "calendar.csv", content))
    assert button_of(card, "Do not")
    done = bot.presses(card, "Take it over", who=who)
    assert isinstance(done, Card)
    bot.presses(done, "Not open yet", who=who)
    bot.presses(done, "Open them all for booking", who=who)


def _day(bot: Bot, ahead: int) -> str:
    return f"{bot.clock.now + timedelta(days=ahead):%Y-%m-%d}"


def _open(bot: Bot, who: Identity, ref: str) -> Card:
    return bot.types(f"session {ref}", who=who)


SCENES: tuple[Callable[[Bot], None], ...] = (wanted, kept, taken)
