"""What is done before every card of the plan of a year is shown: days are brought in files, and taken over or not."""

from __future__ import annotations

from db.people import Identity, Role
from handlers import uploads
from handlers.context import Request
from handlers.messages import Card, Link
from tests.fakes import Bot

DAYS = "kind,first,last,what\n" + "".join(
    f"board,2027-{month:02}-{day:02},,Board number {month}\n" for month in range(1, 13) for day in (9, 23)
)


def planned(bot: Bot) -> None:
    """Bring days to keep clear of, twice, and look at them and at the plan that keeps clear of them."""
    keeper = bot.enrol(Role.COORDINATOR)
    for label in ("Do not", "Take it over"):
        bot.presses(_brought(bot, keeper), label, who=keeper)
    bot.presses(bot.types("clear days", who=keeper), "More days", who=keeper)
    bot.presses(bot.types("plan year", who=keeper), "Later dates", who=keeper)


def _brought(bot: Bot, who: Identity) -> Card:
    page = bot.does(Request(who, route="uploads.open", value="days"))
    assert isinstance(page, Card), page
    [link] = (one for one in page.actions if isinstance(one, Link))
    token = link.url.rpartition("/")[2]
    bot.dispatcher.within(lambda context: uploads.take(context, token, "days.csv", DAYS.encode()))
    return bot.queued()[-1].card
