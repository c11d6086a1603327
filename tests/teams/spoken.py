"""Everything that the bot says: to each role for each verb, on a walk through all buttons, and in scenes of several."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from db.people import Role
from handlers import routes
from handlers.context import Request
from handlers.messages import Card, Choice, Form, Reply
from handlers.routing import Kind
from tests.contract.scenes import SCENES
from tests.doors import Walk
from tests.fakes import CHANNEL, STRANGER, Bot


class Listening(Bot):
    """A bot that remembers what it said."""

    heard: list[Reply]

    def does(self, request: Request) -> Reply | None:
        """Pass on a request, and remember its reply."""
        reply = super().does(request)
        if reply is not None:
            self.heard.append(reply)
        return reply


@dataclass
class Spoken:
    """All that was said, without what was said twice."""

    cards: list[Card] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    @property
    def everything(self) -> list[Card | Form]:
        """All cards, then all forms."""
        return [*self.cards, *self.forms]


def everything(bot: Listening) -> Spoken:
    """Walk through all buttons and forms, type all verbs as nobody, each role and all of them, and play all scenes."""
    bot.heard = []
    walk = Walk(bot)
    verbs = [route.name for route in routes.ROUTES.values() if route.kind is Kind.VERB]
    for who in (STRANGER, walk.who, *(bot.enrol(role) for role in Role)):
        for verb in (*verbs, "neglect", "perhaps neglect", "quantum chromodynamics"):
            bot.does(Request(who, verb))
            bot.does(Request(who, verb, conversation=CHANNEL))
    for play in SCENES:
        play(bot)
    queued = [one.card for one in bot.queued()]
    said = list({repr(reply): reply for reply in [*bot.heard, *queued]}.values())
    return Spoken([one for one in said if isinstance(one, Card)], [one for one in said if isinstance(one, Form)])


def bounded(form: Form) -> Form:
    """Return a form as short as those that people fill in."""
    fields = tuple(
        replace(
            field,
            label=field.label[:80],
            hint=field.hint[:80],
            choices=tuple(Choice(choice.value, choice.label[:40]) for choice in field.choices[:5]),
        )
        for field in form.fields
    )
    return replace(form, title=form.title[:80], intro=form.intro[:200], submit=form.submit[:80], fields=fields)
