"""The coming dates are posted where the secretariat wants them: monthly, and each week of Safeguarding Month."""

from __future__ import annotations

from db import audit, channels, deliveries, training
from db.deliveries import Destination
from handlers import access, training_dates
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Note, Text, Tone, card_to_json
from handlers.training import records
from knowledge import courses
from knowledge.calendar import instant


def switch(context: Context, request: Request) -> Card:
    """Post the coming dates in a registered channel from now on, or no more."""
    if not records.keeps(context):
        raise access.not_found()
    found = next(iter(channels.chosen(context.session, [number(request.value)])), None)
    if found is None:
        raise UserError("That channel is not registered.", hint="Type channels in the channel, and register it.")
    posted = found.id in training.posted_in(context.session)
    if posted:
        training.post_no_more(context.session, channel_id=found.id)
    else:
        training.post_in(context.session, channel_id=found.id, at=context.now)
    audit.add(
        context.session, at=context.now, actor=f"person:{context.actor.person_id}", subject=f"channel {found.id}",
        action="posts no training dates" if posted else "posts training dates",
    )  # fmt: skip
    said = "No dates are posted here any more." if posted else "The coming dates are posted here once a month, and "
    said += "" if posted else "each week in November. Nothing is posted when there are none."
    return Card("No more dates here" if posted else "Dates are posted here", (Text(said),), tone=Tone.GOOD)


def post(context: Context) -> int:
    """Post the coming dates where they are wanted, when it is time, each day once; return how many places it were."""
    posting = courses.shipped().posting
    day = courses.posting_day(context.today, posting)
    if day is None or context.now < instant(day, posting.at, context.house.time_zone):
        return 0
    wanted = channels.chosen(context.session, training.posted_in(context.session))
    places = [Destination(one.platform, one.address) for one in wanted if one.platform in context.house.reached]
    found = training_dates.ahead(context) if places else []
    if not found:
        return 0
    queued = deliveries.put(
        context.session, key=f"training-dates:{day}", kind="training dates", card=card_to_json(_card(context, found)),
        destinations=places, now=context.now,
    )  # fmt: skip
    return len(places) if queued else 0


def _card(context: Context, found: list[training.Listed]) -> Card:
    more = f"and perhaps more: type {context.house.command} training" if len(found) == training_dates.MOST else ""
    return Card(
        "Training: dates of the coming weeks",
        (training_dates.table(context, found, more=more), Note("Times are London time.")),
        (
            *(records.open_button(context, one) for one in found[:4]),
            Button("All dates", "training.dates", "|0"),
            *records.elsewhere(context),
        ),
    )
