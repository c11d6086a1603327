"""Messages that did not arrive, or may not have: the secretariat is told of each, once."""

from __future__ import annotations

from collections.abc import Iterable

from db import deliveries, people
from db.deliveries import Destination, State, Unsent
from db.people import SECRETARIAT, Identity
from handlers.context import Context
from handlers.messages import Button, Card, Text, Tone, card_to_json
from handlers.prose import escape
from handlers.wording import WordingError, words

KIND = "notice of an undelivered message"

_TITLES = {
    State.DEAD: "A message could not be sent",
    State.VERIFY: "A message may not have arrived",
    State.EXPIRED: "A message came too late to be sent",
}


def tell(context: Context, unsent: Iterable[Unsent]) -> None:
    """Queue a notice for the secretariat about each message: its kind and whom it was for, none of its words.

    It does not go where the message itself could not go. A notice that fails is not told in turn: `status` counts it.
    """
    secretariat = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    for message in unsent:
        if message.kind != KIND:
            readers = [Destination(to.platform, to.user_id) for to in secretariat]
            deliveries.put(
                context.session,
                key=f"undelivered:{message.id}:{message.state.value}",
                kind=KIND,
                card=card_to_json(_notice(context, message)),
                destinations=[to for to in readers if to.address != message.destination.address],
                now=context.now,
            )


def _notice(context: Context, message: Unsent) -> Card:
    to = message.destination
    name = people.find(context.session, Identity(to.platform, to.address), on=context.today).name
    return Card(
        title=_TITLES[message.state],
        body=(Text(_told(message, name)),),
        actions=(Button("What else waits", "status.show"),),
        tone=Tone.WARNING,
    )


def _told(message: Unsent, name: str) -> str:
    try:
        return words("undelivered_notice", message=message, name=name)
    except WordingError:  # a broken template must not keep every other message from being sent
        return f"{escape(message.kind.capitalize())}, for {escape(name or 'a conversation')}."
