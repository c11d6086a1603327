"""Messages that did not arrive, or may not have: the secretariat is told, and says what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from db import audit, deliveries, people, undelivered
from db.base import take_turns
from db.deliveries import Destination, State
from db.people import SECRETARIAT
from db.undelivered import Unsent
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Note, Text, Tone, card_to_json
from handlers.prose import escape
from handlers.wording import WordingError, words

KIND = deliveries.NOTICE
TOGETHER = timedelta(minutes=10)  # for which failures of one message are gathered after the first notice of it
MANY, NAMED = 1000, 30  # failures of one round; names in one notice
_ALL = "all-"  # what a button's value begins with that is about every delivery of one message

_TITLES = {
    State.DEAD: "A message could not be sent",
    State.VERIFY: "A message may not have arrived",
    State.EXPIRED: "A message came too late to be sent",
}
_MANY = {
    State.DEAD: "{} messages could not be sent",
    State.VERIFY: "{} messages may not have arrived",
    State.EXPIRED: "{} messages came too late to be sent",
}
_ARRIVED = ("It arrived", "undelivered.arrived")
_AGAIN = ("Post it again", "undelivered.again")
_DROP = ("Give up", "undelivered.drop")
_CHOICES = {State.VERIFY: (_ARRIVED, _AGAIN, _DROP), State.DEAD: (_AGAIN, _DROP), State.EXPIRED: (_AGAIN, _DROP)}


# --- telling -------------------------------------------------------------------------------------------------------


def waits_to_be_told(context: Context) -> bool:
    """Say whether something did not arrive, or may not have, of which nobody was told yet."""
    return bool(undelivered.untold(context.session, limit=1))


def tell_of_all(context: Context) -> int:
    """Queue notices about everything that nobody was told of yet; return how many deliveries they are about.

    What fails of one message comes in one notice, and after the first one it is gathered for a while.
    """
    if not waits_to_be_told(context):
        return 0
    take_turns(context.session, "undelivered")  # two replicas must not both tell
    found = undelivered.untold(context.session, limit=MANY)
    recent = undelivered.told_since(
        context.session, {message.occurrence_id for message in found}, since=context.now - TOGETHER
    )
    ready = [message for message in found if message.occurrence_id not in recent]
    tell(context, ready)
    undelivered.told(context.session, [message.id for message in ready], now=context.now)
    return len(ready)


def tell(context: Context, unsent: Iterable[Unsent]) -> None:
    """Queue a notice for the secretariat about each message: its kind and whom it was for, none of its words.

    It does not go where the message itself could not go. A notice that fails is not told in turn: `status` counts it.
    """
    secretariat = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    readers = [Destination(to.platform, to.user_id) for to in secretariat]
    tellable = sorted((message for message in unsent if message.kind != KIND), key=_together)
    for _, group in groupby(tellable, key=_together):
        some = list(group)
        unreached = {(message.destination.platform, message.destination.address) for message in some}
        deliveries.put(
            context.session,
            key=f"undelivered:{some[0].id}:{some[0].state.value}:{some[0].fence}",
            kind=KIND,
            card=card_to_json(_notice(context, some)),
            destinations=[to for to in readers if (to.platform, to.address) not in unreached],
            now=context.now,
            # when it failed, and not now: in an older copy this may have been told before, and is looked for first
            due_at=min((message.due_at for message in some if message.due_at), default=None),
        )


def _together(message: Unsent) -> tuple[int, str]:
    return message.occurrence_id, message.state.value


def _notice(context: Context, some: Sequence[Unsent]) -> Card:
    first = some[0]
    more = (Button("What else waits", "status.show"),)
    if len(some) == 1:
        return Card(
            title=_TITLES[first.state],
            body=(Text(_told(first, _name(context, first))),),
            actions=(*_buttons(first), *more),
            tone=Tone.WARNING,
        )
    known = list(undelivered.names(context.session, some).values())
    return Card(
        title=_MANY[first.state].format(len(some)),
        body=(Text(_told_of_many(first, known[:NAMED], len(some))),),
        actions=(
            Button("Go through them", "undelivered.show"),
            Button("Post all again", "undelivered.again", f"{_ALL}{first.occurrence_id}"),
            Button("Give all up", "undelivered.drop", f"{_ALL}{first.occurrence_id}", style="danger"),
            *more,
        ),
        tone=Tone.WARNING,
    )


def _buttons(message: Unsent) -> tuple[Button, ...]:
    return tuple(Button(label, action, message.id) for label, action in _CHOICES[message.state])


def _name(context: Context, message: Unsent) -> str:
    return undelivered.names(context.session, [message]).get(message.id, "")


def _told(message: Unsent, name: str) -> str:
    try:
        return words("undelivered_notice", message=message, name=name)
    except WordingError:  # a broken template must not keep every other message from being sent
        return f"{escape(message.kind.capitalize())}, for {escape(name or 'a conversation')}."


def _told_of_many(message: Unsent, names: Sequence[str], number: int) -> str:
    try:
        return words("undelivered_many", message=message, names=names, more=number - len(names))
    except WordingError:
        return f"{escape(message.kind.capitalize())}, for {number} people or conversations."


# --- deciding ------------------------------------------------------------------------------------------------------


def show(context: Context, request: Request) -> Card:
    """Show the messages that wait for a person, one after the other, each with what can be done about it."""
    return _waiting(context, number(request.value))


def arrived(context: Context, request: Request) -> Card:
    """Note that a message was seen at its destination."""
    return _decided(context, request, "found delivered", undelivered.arrived, "Noted: it arrived")


def again(context: Context, request: Request) -> Card:
    """Post a message again, or everything of one occurrence that failed."""
    return _decided(context, request, "posted again", deliveries.replay, "It will be posted again")


def drop(context: Context, request: Request) -> Card:
    """Give up a message, or everything of one occurrence that failed."""
    return _decided(context, request, "gave up", undelivered.drop, "Given up")


Decision = Callable[..., bool]


def _decided(context: Context, request: Request, deed: str, decide: Decision, title: str) -> Card:
    chosen = _access_waiting(context, request.value)
    done = [one.id for one in chosen if decide(context.session, one.id, now=context.now)]
    if not done:
        card = Card("That was decided already", tone=Tone.PLAIN)
    else:
        audit.add(
            context.session, at=context.now, actor=f"person:{context.actor.person_id}", action=deed,
            subject=f"delivery:{done[0]}", deliveries=len(done),
        )  # fmt: skip
        card = Card(title if len(done) == 1 else f"{title}: {len(done)} messages", tone=Tone.GOOD)
    left = len(undelivered.waiting_for_a_person(context.session, limit=MANY, besides=KIND))
    following = (Button(f"{left} more to decide", "undelivered.show"),) if left else ()
    return replace(card, actions=following, replaces=True)


def _access_waiting(context: Context, value: str) -> list[Unsent]:
    """Return the deliveries that a button names: those of one message, or one; none that is decided already."""
    if value.startswith(_ALL):
        return undelivered.failed_of(context.session, number(value.removeprefix(_ALL)), limit=MANY)
    found = undelivered.known(context.session, value)
    if found is None:
        raise UserError("I cannot find that message.", hint="Type undelivered to see the messages that wait.")
    return [found]


def _waiting(context: Context, place: int) -> Card:
    found = undelivered.waiting_for_a_person(context.session, limit=MANY, besides=KIND)
    if not found:
        return Card("No message waits for you", (Text("Everything arrived, or was decided."),), tone=Tone.GOOD)
    place %= len(found)
    message = found[place]
    further = (Button("The next one", "undelivered.show", str(place + 1)),) if len(found) > 1 else ()
    return Card(
        title=f"{_TITLES[message.state]} ({place + 1} of {len(found)})",
        body=(
            Text(_told(message, _name(context, message))),
            Note(f"It was due on {_moment(context, message)}."),
        ),
        actions=(*_buttons(message), *further),
        tone=Tone.WARNING,
    )


def _moment(context: Context, message: Unsent) -> str:
    due_at = message.due_at or context.now
    return f"{due_at.astimezone(context.house.time_zone):%-d %B %Y at %H:%M}"
