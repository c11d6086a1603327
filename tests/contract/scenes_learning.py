"""What others have to do before the cards about training that was attended are shown: a session that took place."""

from __future__ import annotations

from datetime import timedelta

from db.bookings import BookingState
from db.people import Identity, Role
from handlers.learning import ticking
from handlers.messages import Card, Errors
from tests import learning
from tests.fakes import Bot, button_of, labels


def learned(bot: Bot) -> None:
    """Note who was at a session, tell who was not, and let who was there answer and get the certificate."""
    keeper, ola = bot.enrol(Role.COORDINATOR), bot.enrol(Role.MEMBER, name="Ola Invented")
    course_id = learning.course(bot, "Hearing what is not said")
    session = learning.session(bot, course_id, starts_at=bot.clock.now - timedelta(hours=4))
    places = {learning.booking(bot, session, who): who for who in (ola, *(bot.enrol(Role.MEMBER) for _ in range(10)))}
    learning.owed(bot, ola)
    sheet = _first(bot, keeper, _press(bot, keeper, bot.types("learning", who=keeper), "Attendance"))
    _press(bot, keeper, sheet, "Next people")
    sent: Card | Errors = sheet
    for page in (sheet, _press(bot, keeper, sheet, "Next people")):
        form = bot.opens(page, "Say who was there", who=keeper)
        sent = bot.sends(form, who=keeper, **{
            box.name: BookingState.ATTENDED.value if places[int(box.name.partition("_")[2])] == ola
            else BookingState.NO_SHOW.value for box in form.fields
        })  # fmt: skip
    assert isinstance(sent, Card)
    for label in ("Tell who was not there", "What people said", "All sessions"):
        _press(bot, keeper, sent, label)
    _press(bot, keeper, bot.types("learning", who=keeper), "Report by agency")
    _answers(bot, ola)


def few(bot: Bot) -> None:
    """Tell the secretariat that a session has few bookings, and call it off from there."""
    keeper, course_id = bot.enrol(Role.COORDINATOR), learning.course(bot, "Working with few")
    starts_at = bot.clock.now.replace(hour=10) + timedelta(days=1)
    while starts_at.weekday() > 4:
        starts_at += timedelta(days=1)
    opens_on = bot.clock.now.date() - timedelta(days=60)
    session = learning.session(bot, course_id, starts_at=starts_at, opens_on=opens_on, least=3)
    bot.dispatcher.within(ticking.tick)
    [card] = (one.card for one in bot.queued() if one.key.startswith(f"few-bookings:{session}:")
              and one.to.address == keeper.user_id)  # fmt: skip
    bot.sends(bot.opens(card, "Call it off", who=keeper), who=keeper)


def _answers(bot: Bot, ola: Identity) -> None:
    mine = bot.types("learning", who=ola)
    label = next(one for one in labels(mine) if one.startswith("Say it"))
    thanks = bot.sends(bot.opens(mine, label, who=ola), who=ola, confidence="4", change="I will ask first.")
    assert isinstance(thanks, Card)
    _press(bot, ola, thanks, "My certificate")
    mine = _press(bot, ola, thanks, "My learning")
    label = next(one for one in labels(mine) if one.startswith("Look back"))
    bot.sends(bot.opens(mine, label, who=ola), who=ola, confidence="5", effect="Plans are clearer.")


def _first(bot: Bot, keeper: Identity, sessions: Card) -> Card:
    return _press(bot, keeper, sessions, next(one for one in labels(sessions) if one.startswith("1: ")))


def _press(bot: Bot, who: Identity, card: Card, label: str) -> Card:
    assert button_of(card, label)
    found = bot.presses(card, label, who=who)
    assert isinstance(found, Card)
    return found
