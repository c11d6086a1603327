"""Every way by which words come in, found by walking: each verb, each button, each box of each form that opens.

`holes(bot, texts)` types each text into each of them, and returns those that did not refuse it or kept it.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from db import engine as database
from db import registry
from db.deliveries import Delivery, Destination
from db.people import Identity, Role
from db.screenings import Screening
from handlers import routes
from handlers.context import Request
from handlers.messages import Button, Card, Errors, Field, Form, Reply, Tone
from handlers.routing import Kind, Route
from handlers.safety import NOT_FAMILY
from tests import (
    agendas,
    booking,
    bulletins,
    consulting,
    convening,
    escalating,
    learning,
    papers,
    promises,
    risking,
    training,
    year_planning,
)
from tests.fakes import CHANNEL, STRANGER, Bot, said
from tests.traces import Words, tables

HARMLESS = "Who keeps the list of chairs?"
# What somebody types first, so that cards appear whose buttons open every form: an answer, an offer, no answer, a
# refusal of each kind, and danger.
BEGINNINGS = (
    "neglect",
    "perhaps neglect",
    "quantum chromodynamics",
    "NHS number 999 787 7896",
    "is Zebediah Quillfeather allowed home?",
    "he is hitting her right now",
    "decisions elg",
    "plan year",
    "clear days",
)
# of the bulletins of BEFORE: the one that people were asked to read, and the one that needs an agreement
PRESSED_FIRST = (("bulletins.chase", "3"), ("bulletins.agreement", "2"), ("imports.match", "1"))
# of the risks and the challenge of OWED, in an order in which each can still be done
_RISKS = tuple(
    (f"risks.{name}", ref)
    for ref, names in {
        "RSK-2026-901": ("decline", "describe", "score", "control", "merge", "assign", "dismiss"),
        "RSK-2026-902": ("score", "close", "keep-open", "accept", "reopen"),
    }.items()
    for name in names
)
_CHALLENGED = ("challenges.step", "CHA-2026-901|1|answer")
_BOOKED = (("booking.ask", "3"), ("booking.decide", "2"))  # the sessions of OWED, after the one of BEFORE
OWED: tuple[Callable[[Bot, Identity], None], ...] = (  # what the one who walks was asked for
    risking.owed,
    convening.owed,
    consulting.owed,
    booking.owed,
    lambda bot, _who: promises.link(bot, "RSK-2026-901", "RSK-2026-902"),
    learning.owed,
)
# What others have done before, so that there is something to decide on.
BEFORE: tuple[Callable[[Bot], None], ...] = (
    bulletins.wait_for_somebody,
    promises.made,
    training.made,
    year_planning.proposed,
)
_FILLED = {"date": "2026-12-01", "time": "10:00", "confirm": "yes"}
_NAMES = {"name": "Robin Invented"}  # boxes that take nothing but a name
_UNKNOWN = "anything"  # a box that no form has
_AT_ONCE = 50  # doors that are tried between two readings of all tables
_number = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Door:
    """One place where words come in: `request(text)` is what arrives when a text is typed there."""

    name: str
    route: str
    request: Callable[[str], Request]
    box: Field | None = None
    admitted: bool = False

    def lets_in(self, words: Words) -> bool:
        """Say whether it takes these words on purpose: the secretariat's own form may say what to do about harm."""
        route = routes.ROUTES.get(self.route)
        own = route is not None and route.procedural and bool(route.roles)
        return own and self.admitted and words.kind == "danger"


# --- walking ---------------------------------------------------------------------------------------------------


class Walk:
    """Goes to every card that can be reached, presses everything, and sends every form that opens."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        for prepare in BEFORE:
            prepare(bot)
        self.who = bot.enrol(*Role)
        for owe in OWED:
            owe(bot, self.who)
        self._first = escalating.forms(bot, self.who)
        self._first += agendas.forms(bot, self.who)
        _two_of_one_name(bot, _NAMES["name"])
        papers.brought(bot, self.who, "risks", papers.workbook(papers.REGISTER))
        self.forms: dict[str, list[Form]] = {}
        self._pressed: set[tuple[str, str]] = set()
        self._cards: deque[Card] = deque()
        self._ends: deque[Button] = deque()
        self._seen = 0
        self._go()
        known = [route.name for route in routes.ROUTES.values() if route.kind is Kind.FORM]
        missing = sorted(set(known) - set(self.forms))
        assert not missing, (
            f"No button of the walk opens a form for {', '.join(missing)}, so its boxes are not tested. Add to "
            "BEGINNINGS in tests/doors.py what is typed first so that a card with that button appears."
        )

    def _go(self) -> None:
        verbs = [route.name for route in routes.ROUTES.values() if route.kind is Kind.VERB]
        for route, value in (
            *PRESSED_FIRST,
            *self._first,
            ("linking.choose", "RSK-2026-901"),
            *_RISKS,
            _CHALLENGED,
            *_BOOKED,
        ):
            self._does(Request(self.who, route=route, value=value, conversation=CHANNEL))
        for text in (*verbs, *BEGINNINGS):
            self._does(Request(self.who, text, conversation=CHANNEL))
        while self._cards or self._ends:
            card = self._cards.popleft() if self._cards else Card("", actions=(self._ends.popleft(),))
            for button in card.actions:
                if isinstance(button, Button) and (button.action, button.label) not in self._pressed:
                    self._press(button, now=not card.title)

    def _press(self, button: Button, *, now: bool) -> None:
        """Press a button; one that ends something only when nothing else is left to press."""
        if button.style == "danger" and not now:
            self._ends.append(button)
            return
        self._pressed.add((button.action, button.label))
        self._does(Request(self.who, route=button.action, value=button.value, conversation=CHANNEL))

    def _does(self, request: Request) -> None:
        match self._bot.does(request):
            case Card() as card:
                self._cards.append(card)
            case Form() as form:
                known = self.forms.setdefault(form.action, [])
                if [field.name for field in form.fields] not in [[one.name for one in old.fields] for old in known]:
                    known.append(form)
                self._does(sent(self.who, form, {}))
        if (number := self._bot.counted(Delivery)) > self._seen:
            self._cards.extend(one.card for one in self._bot.queued()[self._seen :])
            self._seen = number


def _two_of_one_name(bot: Bot, name: str) -> None:
    """Enrol somebody who has left and somebody who chairs, so that the forms for each of them open."""
    on = bot.clock.now.date()
    with database.transaction(bot.engine) as session:
        registry.leave(session, registry.create(session, name), on=on)
        chairs = registry.Wanted(agency="Example Trust", roles=frozenset({Role.CHAIR}))
        registry.change(session, registry.create(session, name), chairs, on=on)


def sent(who: Identity, form: Form, fields: Mapping[str, str]) -> Request:
    """Return what arrives when somebody sends a form: these boxes, and something harmless in the others."""
    filled = {field.name: _harmless(field) for field in form.fields} | dict(fields)
    return Request(who, route=form.action, value=form.about, fields=filled, key=_new_key())


def _harmless(field: Field) -> str:
    if field.kind == "multichoice":
        return ",".join(choice.value for choice in field.choices)
    if field.choices:
        return field.value or field.choices[0].value
    return _NAMES.get(field.name) or _FILLED.get(field.kind, HARMLESS[: field.max_length])


def _new_key() -> str:
    return f"door:{next(_number)}"


# --- doors -----------------------------------------------------------------------------------------------------


def doors(walk: Walk) -> Iterator[Door]:
    """Return every door for a person with every role, and those of each route for a stranger where it needs a role.

    A stranger's words in the boxes of forms go the same way as those in a box that no form has.
    """
    yield from _without_route(walk.who)
    for route in routes.ROUTES.values():
        yield from _of_route(route, walk.who, walk.forms, admitted=True)
        if route.roles:
            yield from (
                replace(door, name=f"{door.name}, by a stranger")
                for door in _of_route(route, STRANGER, {}, admitted=False)
            )


def _without_route(who: Identity) -> Iterator[Door]:
    place = Destination("test", "channel-1")
    yield Door("typed", "ask", lambda text: Request(who, text, key=_new_key()))
    yield Door("typed in a channel", "ask", lambda text: Request(who, text, conversation=CHANNEL, key=_new_key()))
    yield Door("answered later", "ask", lambda text: Request(who, text, key=_new_key(), reply_to=place))
    yield Door("no route, value", "ask", lambda text: Request(who, value=text, key=_new_key()))
    yield Door("no route, box", "ask", lambda text: Request(who, fields={_UNKNOWN: text}, key=_new_key()))
    made_up = "made.up"
    yield Door("unknown, text", "unknown", lambda text: Request(who, text, route=made_up, key=_new_key()))
    yield Door("unknown, value", "unknown", lambda text: Request(who, route=made_up, value=text, key=_new_key()))
    yield Door(
        "unknown, box",
        "unknown",
        lambda text: Request(who, route=made_up, fields={_UNKNOWN: text}, key=_new_key()),
    )


def _of_route(route: Route, who: Identity, forms: Mapping[str, list[Form]], *, admitted: bool) -> Iterator[Door]:
    name = route.name
    if route.kind is Kind.VERB:
        # words that do not fit a verb are a question
        taken_by = name if route.takes.fullmatch(HARMLESS) else "ask"
        yield Door(f"{name} and words", taken_by, lambda text: Request(who, f"{name} {text}", key=_new_key()))
    yield Door(f"{name}, text", name, lambda text: Request(who, text, route=name, key=_new_key()))
    yield Door(f"{name}, value", name, lambda text: Request(who, route=name, value=text, key=_new_key()))
    yield Door(
        f"{name}, unknown box",
        name,
        lambda text: Request(who, route=name, fields={_UNKNOWN: text}, key=_new_key()),
        admitted=admitted,
    )
    for number, form in enumerate(forms.get(name, ()), 1):
        for box in (*form.fields, Field(_UNKNOWN, ""), Field(NOT_FAMILY, "")):
            yield Door(
                f"{name}, form {number}, box {box.name}",
                name,
                lambda text, form=form, box=box: sent(who, form, {box.name: text}),  # type: ignore[misc]
                box=box if box in form.fields else None,
                admitted=admitted,
            )


# --- typing ----------------------------------------------------------------------------------------------------


def holes(bot: Bot, texts: Sequence[Words], walk: Walk | None = None, *, of: str = "") -> list[str]:
    """Return every door that does not refuse one of the texts, answers with its words, or keeps them, and why.

    All tables are read after every few doors. Where words are found, these doors are tried again one by one.
    A bot can be walked through once only: give the `walk` where that has been done. `of` tries the doors of one
    feature alone, by the beginning of their names.
    """
    every = [door for door in doors(walk or Walk(bot)) if door.name.startswith(of)]
    found = []
    for words in texts:
        kept = kept_in(bot, words)
        tried = [door for door in every if not door.lets_in(words)]
        for start in range(0, len(tried), _AT_ONCE):
            some = tried[start : start + _AT_ONCE]
            said_why = {door.name: why for door in some if (why := open_to(bot, door, words))}
            if kept_in(bot, words) != kept:
                kept = kept_in(bot, words)
                said_why |= {door.name: why for door in some if (why := keeps(bot, door, words, kept))}
            found += [f"{name}: {why}" for name, why in said_why.items()]
    return found


def open_to(bot: Bot, door: Door, words: Words) -> str:
    """Type words into one door, and return what is wrong with its answer; empty when nothing is."""
    bot.dispatcher.settled()
    counted = bot.counted(Screening)
    request = door.request(words.text)
    reply = bot.does(request)
    now = bot.screenings(after=counted)
    if reply is None and request.reply_to:
        reply = bot.queued()[-1].card
    if words.seen_in(repr(reply)):
        return f"{words.kind} came back"
    if not refuses(reply, words, door.box):
        return f"{words.kind} not refused"
    decided = [(row.door, row.decision in words.decisions) for row in now]
    return "" if decided == [(door.route, True)] else f"{words.kind} counted as {decided}"


def keeps(bot: Bot, door: Door, words: Words, kept: dict[str, int]) -> str:
    """Type words into one door, and return which tables have them then; empty when none has.

    `kept` says how often they stood in each table before; it is brought up to date.
    """
    bot.does(door.request(words.text))
    before, after = dict(kept), kept_in(bot, words)
    kept.update(after)
    new = sorted(name for name, times in after.items() if times > before[name])
    return f"{words.kind} kept in {', '.join(new)}" if new else ""


def kept_in(bot: Bot, words: Words) -> dict[str, int]:
    """Count how often the words stand in each table."""
    return {name: words.seen_in(rows) for name, rows in tables(bot.engine).items()}


def refuses(reply: Reply | None, words: Words, box: Field | None = None) -> bool:
    """Say whether a reply is the one that such words must get; in a form it stands at the box they were typed in."""
    urgent = words.kind == "danger"
    if isinstance(reply, Errors):
        told = dict(reply.by_field)
        if box and box.kind in ("text", "longtext") and box.name not in told:
            return False
        wanted = "call 999" if urgent else "Nothing was saved"
        return any(wanted in text for text in told.values()) or (NOT_FAMILY in told and words.kind == "name")
    if not isinstance(reply, Card) or "I have not kept your message" not in said(reply):
        return False
    return reply.tone is (Tone.DANGER if urgent else Tone.WARNING)
