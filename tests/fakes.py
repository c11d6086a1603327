"""Stand-ins with a small language: a clock that is moved, a shelf of articles, and a bot to talk to."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

import handlers.routes
from bot import dispatcher, screening
from bot.dispatcher import Dispatcher
from db import engine as database
from db import people
from db.audit import AuditEntry
from db.base import Base
from db.deliveries import Delivery, Destination, Occurrence
from db.people import Identity, Role
from db.screenings import Screening
from handlers import safety
from handlers.context import Conversation, House, Knowledge, Request
from handlers.messages import Button, Card, Errors, Form, Reply, card_from_json
from handlers.routing import Route
from knowledge import contacts, guard
from knowledge.articles import Article, Library, Problem, Source
from knowledge.guard import Finding, Kind, Scan
from knowledge.search import Found, Verdict

JUDGED = functools.lru_cache(maxsize=8192)(guard.scan)  # the same words are judged alike, and tests repeat them a lot
STRANGER = Identity("test", "stranger")
CHANNEL = Conversation("test", "channel-1", private=False)


class Clock:
    """Shows the time that a test wants: a Saturday morning, until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        """Let time pass: `clock.pass_(days=7)`."""
        self.now += timedelta(**time)


def article(slug: str, **changed: Any) -> Article:
    """Return an invented article, with what a test wants to be different."""
    title = slug.replace("-", " ").capitalize()
    plain = Article(
        slug=slug,
        title=title,
        aliases=(),
        audience="All practitioners",
        owner="Strategy Manager",
        edition="First edition",
        status="awaiting-approval",
        checked_on=date(2026, 11, 1),
        review_by=date(2027, 5, 1),
        sources=(Source("arrangements-2019", "Section 3"),),
        related=(),
        contacts=(),
        facts=(),
        questions=(f"what is {title.lower()}",),
        body=f"Do the first thing about **{title.lower()}**.",
    )
    return replace(plain, **changed)


class Shelf:
    """Finds articles by their title or a question of theirs. `perhaps ...` is offered; anything else is not known."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = list(articles)

    def find(self, text: str) -> Found:
        """Look a text up as the real search would, without its judgement."""
        wanted = text.lower().strip().rstrip("?")
        first, _, rest = wanted.partition(" ")
        slugs = tuple(article.slug for article in self._articles)[:3]
        if first == "perhaps" and rest:
            return Found(Verdict.OFFER, slugs, 0.45)
        for found in self._articles:
            if wanted in {found.title.lower(), *found.aliases, *found.questions}:
                return Found(Verdict.ANSWER, (found.slug,), 0.9)
        return Found(Verdict.DECLINE, slugs[:1], 0.1)


def knowledge(*articles: Article, problems: tuple[Problem, ...] = ()) -> Knowledge:
    """Return a knowledge base that holds these articles and the shipped contacts."""
    shelf = articles or (
        article("neglect", related=("threshold", "private-fostering"), contacts=("mast",)),
        article("threshold"),
        article("private-fostering"),
    )
    library = Library({found.slug: found for found in shelf}, problems)
    return Knowledge(library, contacts.shipped(), {"arrangements-2019": "Arrangements 2019"}, Shelf(shelf))


class Script:
    """Judges texts by a script in place of the weights: `Script({"Danny": Kind.NAME}, urgent=["hitting"])`.

    `surely` are names that are judged to be a child's; `together` words that identify only beside each other.
    """

    def __init__(
        self,
        details: Mapping[str, Kind],
        *,
        surely: Iterable[str] = (),
        together: Mapping[tuple[str, str], Kind] | None = None,
        **signs: Iterable[str],
    ) -> None:
        self._details = dict(details)
        self._surely = set(surely)
        self.together = dict(together or {})
        self._signs = {sign: tuple(said) for sign, said in signs.items()}
        self._broken = False
        self.read: list[tuple[str, frozenset[str]]] = []

    def breaks(self) -> None:
        """Fail from now on."""
        self._broken = True

    def works(self) -> None:
        """Judge again."""
        self._broken = False

    def __call__(self, text: str, *, terms: frozenset[str] = frozenset()) -> Scan:
        """Judge a text."""
        self.read.append((text, terms))
        if self._broken:
            raise RuntimeError(text)
        found = [
            Finding(kind, text.index(words), text.index(words) + len(words), kind.lower(), words in self._surely)
            for words, kind in self._details.items()
            if words in text and words not in terms
        ]
        found += [
            Finding(kind, text.index(other), text.index(other) + len(other), "together", sure=True)
            for (one, other), kind in self.together.items()
            if one in text and other in text
        ]
        signs = {sign: any(words in text for words in said) for sign, said in self._signs.items()}
        return Scan(tuple(sorted(found, key=lambda one: one.start)), **signs)


def script() -> Script:
    """Return a guard that knows a few invented details."""
    return Script(
        {
            "Danny": Kind.NAME,
            "Aisha": Kind.NAME,
            "12/03/2015": Kind.DOB,
            "943 476 5919": Kind.NHS_NUMBER,
            "a.khan@example.org": Kind.EMAIL,
            "1 Invented Street": Kind.ADDRESS,
        },
        surely=["Aisha", "12/03/2015", "943 476 5919", "a.khan@example.org", "1 Invented Street"],
        together={("Hill School", "Year 5"): Kind.SCHOOL_YEAR_COMBO},
        urgent=["hitting"],
        referral=["want to refer"],
        case=["my pupil"],
    )


def add_routes(monkeypatch: pytest.MonkeyPatch, *routes: Route) -> None:
    """Let the table of routes have these too, or in the place of those of their names, until the test ends."""
    table = MappingProxyType({**handlers.routes.ROUTES, **{route.name: route for route in routes}})
    for module in (handlers.routes, screening, dispatcher):
        monkeypatch.setattr(module, "ROUTES", table)


@dataclass(frozen=True, slots=True)
class Queued:
    """One message that waits to be sent."""

    kind: str
    key: str
    to: Destination
    card: Card


class Bot:
    """A bot without a platform: `bot.types("neglect")`, `bot.presses(card, "This helped")`, `bot.sends(form, ...)`."""

    def __init__(
        self, engine: Engine, knowledge: Knowledge, house: House, clock: Clock, scan: safety.Scan = JUDGED
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.dispatcher = Dispatcher(engine, knowledge, house, clock=clock, scan=scan)
        self._people = itertools.count(1)

    def enrol(self, *roles: Role, post: str = "", name: str = "") -> Identity:
        """Enrol a new invented person with these roles, and return where they speak from."""
        number = next(self._people)
        who = Identity("test", f"person-{number}")

        with database.transaction(self.engine) as session:
            on = self.clock.now.date()
            people.enrol(session, who, name=name or f"Person {number}", roles=roles, on=on, post=post)
        return who

    def does(self, request: Request) -> Reply | None:
        """Pass on a request as it is."""
        return self.dispatcher.run(request)

    def types(self, text: str, *, who: Identity = STRANGER, **more: Any) -> Card:
        """Type some words and return the card that comes back."""
        return _card(self.does(Request(who, text, **more)))

    def presses(self, card: Card, label: str, *, who: Identity = STRANGER, **more: Any) -> Card | Form:
        """Press the button of a card that is labelled so."""
        button = button_of(card, label)
        reply = self.does(Request(who, route=button.action, value=button.value, **more))
        assert isinstance(reply, Form if button.opens else Card), reply
        return reply

    def opens(self, card: Card, label: str, *, who: Identity = STRANGER) -> Form:
        """Press the button of a card that opens a form."""
        form = self.presses(card, label, who=who)
        assert isinstance(form, Form), form
        return form

    def sends(self, form: Form, *, who: Identity = STRANGER, **fields: str) -> Card | Errors:
        """Send a form, with the boxes that are not named as they were when it opened."""
        filled = {field.name: field.value for field in form.fields} | fields
        request = Request(who, route=form.action, value=form.about, fields=filled, key=f"form:{form.token}")
        reply = self.does(request)
        assert isinstance(reply, Card | Errors), reply
        return reply

    def queued(self) -> list[Queued]:
        """Return every message that was ever queued, oldest first."""
        with Session(self.engine) as session:
            rows = session.execute(
                select(Occurrence, Delivery)
                .join(Delivery, Delivery.occurrence_id == Occurrence.id)
                .order_by(Occurrence.id, Delivery.address)
            )
            return [
                Queued(
                    said.kind,
                    said.key,
                    Destination(sent.platform, sent.address, sent.thread, sent.only_for),
                    card_from_json(said.card),
                )
                for said, sent in rows
            ]

    def screenings(self, *, after: int = 0) -> list[Screening]:
        """Return what the guard decided and counted, oldest first, but for the first few."""
        self.dispatcher.settled()
        with Session(self.engine) as session:
            return list(session.scalars(select(Screening).order_by(Screening.id).offset(after)))

    def audited(self) -> list[AuditEntry]:
        """Return the audit trail, oldest first."""
        with Session(self.engine) as session:
            return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))

    def counted(self, table: type[Base]) -> int:
        """Count the rows of a table."""
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def talking(bot: Bot) -> Iterator[Bot]:
    """Give a bot, and let it finish what runs in the end."""
    yield bot
    bot.dispatcher.close()


def _card(reply: Reply | None) -> Card:
    assert isinstance(reply, Card), reply
    return reply


def button_of(card: Card, label: str) -> Button:
    """Return the button of a card that is labelled so."""
    found = {action.label: action for action in card.actions if isinstance(action, Button)}
    assert label in found, f"no button '{label}' among {sorted(found)}"
    return found[label]


def labels(card: Card) -> list[str]:
    """Return what stands on the buttons and links of a card."""
    return [action.label for action in card.actions]


def said(card: Card | Form | Errors) -> str:
    """Return all the words of a reply in one string, however they are laid out."""
    return repr(card) if isinstance(card, Errors) else "\n".join(_words(card))


def _words(thing: object) -> list[str]:
    if isinstance(thing, str):
        return [thing]
    if isinstance(thing, Mapping):
        return [word for value in thing.values() for word in _words(value)]
    if isinstance(thing, tuple | list):
        return [word for value in thing for word in _words(value)]
    names = getattr(thing, "__dataclass_fields__", {})
    return [word for name in names for word in _words(getattr(thing, name))]
