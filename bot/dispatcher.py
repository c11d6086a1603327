"""The one way in: danger and identifying details first, then route, role and ONE transaction; errors become cards."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import limits, logs, metrics
from bot.clock import wall
from bot.counting import Counting, note_override
from bot.limits import Limits, Wait
from bot.screening import Looked, Screener
from db import deliveries, migrate, requests, terms
from db.deliveries import Destination
from db.engine import transaction
from db.people import Identity
from handlers import refusals, safety, titles
from handlers.context import Context, House, Knowledge, Request, Surfaces, UserError
from handlers.messages import Button, Card, Errors, Reply, Text, Tone, card_from_json, card_to_json
from handlers.prose import escape
from handlers.routes import ROUTES
from handlers.routing import Kind, Route
from handlers.safety import Screening
from knowledge import guard
from knowledge.articles import Article
from knowledge.search import Verdict

log = structlog.get_logger()
T = TypeVar("T")

OFFERED, MAX_OFFERED_FOR = 2, 500
READY_SECONDS = 5.0  # until a database that says nothing counts as one that does not answer
QUEUE_SECONDS = 1.0  # for which danger waits for the database; Slack waits for 3


@dataclass(frozen=True, slots=True)
class _Queueing:
    """A card on its way into the database, for which nobody waits long."""

    card: Card
    under_way: futures.Future[bool]
    late: threading.Event

    def reply(self) -> Card | None:
        """Return None when the card is queued; else the card, which is then not queued any more."""
        if self.under_way.done() and self.under_way.result():
            return None
        self.late.set()
        self.under_way.cancel()
        return self.card


class Dispatcher:
    """Runs every request of every platform. It lives as long as the process and knows no platform.

    `dry` runs everything and keeps nothing, for the command line. `scan` is the guard's judgement of one text.
    `surfaces` say what each platform could not show of a card.
    """

    def __init__(
        self,
        engine: Engine,
        knowledge: Knowledge,
        house: House,
        *,
        clock: Callable[[], datetime] = wall,
        dry: bool = False,
        scan: safety.Scan = guard.scan,
        surfaces: Surfaces = MappingProxyType({}),
        limits: Limits | None = None,
    ) -> None:
        self.knowledge = knowledge
        self.house = house
        self._engine = engine
        self._clock = clock
        self._dry = dry
        self._surfaces = surfaces
        self._limits = limits or Limits()
        self._woken: Callable[[], None] = lambda: None
        threads = 1 if engine.dialect.name == "sqlite" else engine.pool.size()  # type: ignore[attr-defined]
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="handlers")
        self._first = ThreadPoolExecutor(2, thread_name_prefix="danger")  # it never waits for the database
        self._screener = Screener(scan)
        self._counting = Counting(self.within, self._threads)

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Say whom to tell when something was queued for delivery. It is called from a worker thread."""
        self._woken = wake

    async def handle(self, request: Request) -> Reply | None:
        """Run a request in the thread pool, as `run` does. Danger waits for no other request and no database."""
        loop = asyncio.get_running_loop()
        looked = await loop.run_in_executor(self._first, self._screener.look, request)
        if looked.in_doubt:
            asked = self._threads.submit(self._admits, looked)
            await asyncio.wait([asyncio.wrap_future(asked)], timeout=QUEUE_SECONDS)
            looked = looked.settled(asked)
        if looked.found.passes:
            return await loop.run_in_executor(self._threads, self._passed, looked)
        stopped = await loop.run_in_executor(self._first, self._stopped, looked)
        queueing = self._queueing(looked, stopped)
        if queueing is not None:
            await asyncio.wait([asyncio.wrap_future(queueing.under_way)], timeout=QUEUE_SECONDS)
        return self._given(looked, stopped, queueing)

    async def in_transaction(self, work: Callable[[Context], T]) -> T:
        """Run other work, such as what is due, in the thread pool and in a transaction of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.within, work)

    def now(self) -> datetime:
        """Return the time that every request is given."""
        return self._clock()

    def within(self, work: Callable[[Context], T]) -> T:
        """Run work as nobody in particular, in a transaction of its own."""
        with transaction(self._engine) as session:
            return work(self._context(session, Identity("", "")))

    async def not_ready(self) -> list[str]:
        """Return why requests cannot be answered now, in the words of operators; empty when they can."""
        reasons = [] if self.knowledge.library.articles else ["no article could be read"]
        try:
            async with asyncio.timeout(READY_SECONDS):
                behind = await asyncio.get_running_loop().run_in_executor(self._threads, migrate.behind, self._engine)
        except (SQLAlchemyError, TimeoutError):
            return [*reasons, "the database does not answer"]
        return [*reasons, "the tables are those of an older version"] if behind else reasons

    def settled(self) -> None:
        """Wait until everything is counted that was stopped."""
        self._counting.settled()

    def close(self) -> None:
        """Finish what runs, then stop."""
        self._first.shutdown(wait=True)
        self._threads.shutdown(wait=True)

    def run(self, request: Request) -> Reply | None:
        """Run one request and return the reply; None when it ran before or when the reply is queued.

        Where the reply could not be queued, it is returned for the adapter to send as well as it can.
        """
        looked = self._screener.look(request)
        if looked.in_doubt:
            asked = self._threads.submit(self._admits, looked)
            futures.wait([asked], timeout=QUEUE_SECONDS)
            looked = looked.settled(asked)
        if looked.found.passes:
            return self._passed(looked)
        stopped = self._stopped(looked)
        queueing = self._queueing(looked, stopped)
        if queueing is not None:
            futures.wait([queueing.under_way], timeout=QUEUE_SECONDS)
        return self._given(looked, stopped, queueing)

    def screened(self, request: Request) -> Screening:
        """Return what the guard thinks of a request, and do nothing with it."""
        return self._screener.look(request).found

    def leaves_no_trace(self, request: Request) -> bool:
        """Say whether nothing of a request may be kept anywhere, not even the card that answers it."""
        route = ROUTES.get(request.route)
        return route is not None and route.unrecorded

    def screen_text(self, text: str) -> Screening:
        """Return what the guard thinks of the words of a file, as it does of what people type; nothing is kept."""
        return self._screener.read(text)

    def count_stopped(self, found: Screening, route: str) -> None:
        """Begin to count a file that was not taken because of its words, as what is typed is counted."""
        looked = Looked(Request(Identity("web", "")), ROUTES[route], found)
        self._counting.stopped(looked, dry=self._dry)

    def read_terms(self) -> None:
        """Read again which names are known to be no family's. Until it succeeds, the old ones hold."""
        try:
            with transaction(self._engine) as session:
                found = terms.all_terms(session)
            self._screener.use(found)
        except Exception as error:  # noqa: BLE001 - whatever it was, the guard goes on without the new ones
            log.error("terms not read", error=type(error).__name__, place=logs.place(error))

    def _admits(self, looked: Looked) -> bool:
        """Say whether the person may use the route; no, when the database cannot tell."""
        route, request = looked.route, looked.request
        try:
            with transaction(self._engine) as session:
                return route is not None and route.admits(self._context(session, request.identity).actor.roles)
        except Exception as error:  # noqa: BLE001 - whatever it was, the words are then taken for danger
            log.error("rights not known", error=type(error).__name__, place=logs.place(error))
            return False

    def _given(self, looked: Looked, stopped: Card | Errors, queueing: _Queueing | None) -> Reply | None:
        """Return what a stopped request is answered with, and begin to count it: nobody waits for that."""
        reply = stopped if queueing is None else queueing.reply()
        self._counting.stopped(looked, dry=self._dry)
        return reply

    def _passed(self, looked: Looked) -> Reply | None:
        route, request = looked.route, looked.request
        try:
            if wait := self._limits.wait(request.identity, route, now=self._clock()):
                return self._held_up(looked, wait)
            if route and route.unrecorded:
                return self._once(route, request, lambda context: self._by_route(context, route, request))
            with metrics.SECONDS.time():
                return self._answered(looked)
        except Exception as error:  # noqa: BLE001 - the one place where everything ends in an apology
            reference = secrets.token_hex(4)
            if route and route.unrecorded:
                log.error("request failed", reference=reference)
                return _apology(reference)
            _count(request, "failed")
            what = {"route": route.name if route else "", "error": type(error).__name__, "place": logs.place(error)}
            log.error("request failed", reference=reference, **what)
            return _apology(reference)

    def _held_up(self, looked: Looked, wait: Wait) -> Reply | None:
        """Say when somebody may go on who had their share; where that is a message of its own, say it once."""
        route, request = looked.route, looked.request
        if route is None or not route.unrecorded:
            _count(request, "limited")
        said = limits.reply(wait, route, request, self.house)
        if request.reply_to is None or _is_form(route, request):
            return said  # the form is still open: its key must work when it is sent again
        return None if wait.told else self._once(route, request, lambda _: said)

    def _answered(self, looked: Looked) -> Reply | None:
        route, request, whole = looked.route, looked.request, looked.found.whole
        if whole.referral or whole.case:
            request = replace(request, in_public=None)  # what is said about their words is for them alone
        try:
            reply = self._once(route, request, lambda context: self._handled(context, looked))
        except UserError as error:
            explanation = _explained(error)
            _count(request, "explained")
            if _is_form(route, request):
                return explanation  # the form is still open: its key must work when it is sent again
            return self._once(route, request, lambda _: explanation)
        _count(request, "handled")
        return reply

    def _once(self, route: Route | None, request: Request, decide: Callable[[Context], Reply]) -> Reply | None:
        with transaction(self._engine) as session:
            context = self._context(session, request.identity)
            if request.key and not requests.claim(session, request.key, at=context.now):
                kept = requests.kept_reply(session, request.key)
                return card_from_json(kept) if kept else None
            reply = decide(context)
            if isinstance(reply, Errors) or self._dry:
                session.rollback()  # a form with errors is still open: its key must work when it is sent again
                return reply
            if request.key and route and route.kind is Kind.FORM and isinstance(reply, Card):
                requests.keep_reply(session, request.key, card_to_json(reply))
            returned: Reply | None = reply
            if isinstance(reply, Card) and request.reply_to is not None and not (route and route.unrecorded):
                to = (request.in_public if route and route.open and not reply.refused else None) or request.reply_to
                _queue(context, request, reply, to, kind=deliveries.REPLY)
                returned = None
        if deliveries.queued_in(session):
            self._woken()
        if terms.changed_in(session):
            self.read_terms()
        return returned

    def _handled(self, context: Context, looked: Looked) -> Reply:
        reply = self._by_route(context, looked.route, looked.request)
        if not isinstance(reply, Card):
            return reply
        if looked.found.overridden:
            note_override(context, looked)
        return self._with_lines(looked, reply)

    def _with_lines(self, looked: Looked, card: Card) -> Card:
        """Add what words say that pass but seem to refer a child, or to tell one child's case."""
        whole = looked.found.whole
        if looked.route is None or looked.route.procedural:
            return card
        if whole.referral:
            article = refusals.REFERRAL in self.knowledge.library.articles
            card = replace(card, body=(refusals.no_referral(self.knowledge.contacts, article=article), *card.body))
        return replace(card, body=(*card.body, refusals.one_case())) if whole.case else card

    def _by_route(self, context: Context, route: Route | None, request: Request) -> Reply:
        if route is None:
            raise UserError("That button is from an older version.", hint="Type help to see what you can do now.")
        if route.roles and not route.admits(context.actor.roles):
            raise UserError("I cannot show you that.", hint="Type help to see what you can do here.")
        return route.handler(context, request)

    def _context(self, session: Session, identity: Identity) -> Context:
        token = secrets.token_urlsafe(24)
        knowledge, screened = self.knowledge, self.screen_text
        return Context(session, self._clock(), identity, knowledge, self.house, ROUTES, token, self._surfaces, screened)

    def _stopped(self, looked: Looked) -> Card | Errors:
        """Return what is given in place of an answer. It needs no database, and a broken search does no harm."""
        request, route, found = looked.request, looked.route, looked.found
        _count(request, "stopped")
        log.info("text stopped", decision=found.decision)
        with metrics.SECONDS.time():
            if route and route.kind is Kind.FORM and found.in_fields_alone:
                return refusals.form_errors(found, self.knowledge.contacts)
            return refusals.answer(found, self.knowledge.contacts, self._nearest(request, found))

    def _nearest(self, request: Request, found: Screening) -> list[Article]:
        """Return articles to offer under the card: about referrals, or what an urgent question may have been after."""
        articles = self.knowledge.library.articles
        if found.failed or not request.text:
            return []
        if not found.urgent or found.identifying:
            return [articles[slug] for slug in (refusals.REFERRAL,) if slug in articles]
        try:
            nearest = self.knowledge.index.find(request.text[:MAX_OFFERED_FOR])
            slugs = () if nearest.verdict is Verdict.DECLINE else nearest.slugs[:OFFERED]
            return [articles[slug] for slug in slugs]
        except Exception as error:  # noqa: BLE001 - the card matters, not what stands under it
            log.error("search failed", error=type(error).__name__, place=logs.place(error))
            return []

    def _queueing(self, looked: Looked, stopped: Card | Errors) -> _Queueing | None:
        """Begin to queue a card that has a place to go to; None for what is returned without being stored."""
        to = looked.request.reply_to
        if to is None or self._dry or isinstance(stopped, Errors):
            return None
        late = threading.Event()
        under_way = self._threads.submit(self._queue_stopped, looked, stopped, to, late)
        return _Queueing(stopped, under_way, late)

    def _queue_stopped(self, looked: Looked, card: Card, to: Destination, late: threading.Event) -> bool:
        request, found = looked.request, looked.found
        kind = deliveries.URGENT if found.urgent or found.failed else deliveries.REPLY
        try:
            with transaction(self._engine) as session:
                context = self._context(session, request.identity)
                if not request.key or requests.claim(session, request.key, at=context.now):
                    _queue(context, request, card, to, kind=kind)
                if late.is_set():  # it was given back meanwhile, and must not come twice
                    session.rollback()
        except Exception as error:  # noqa: BLE001 - whatever it was, the card is given back instead
            log.error("card not queued", error=type(error).__name__, place=logs.place(error))
            return False
        if deliveries.queued_in(session):
            self._woken()
        return True


def _is_form(route: Route | None, request: Request) -> bool:
    """Say whether a form was sent, even one of another version, whose route is not known any more."""
    return route.kind is Kind.FORM if route else bool(request.fields)


def _count(request: Request, ended: str) -> None:
    metrics.REQUESTS.labels(request.identity.platform, ended).inc()


def _queue(context: Context, request: Request, card: Card, to: Destination, *, kind: str) -> None:
    deliveries.put(
        context.session,
        key=f"reply:{request.key or context.token}",
        kind=kind,
        card=card_to_json(card),
        destinations=[to],
        now=context.now,
    )


def _explained(error: UserError) -> Card:
    return Card(
        title=str(error),
        body=(Text(escape(error.hint)),) if error.hint else (),
        tone=Tone.WARNING,
        actions=(*titles.opens([error.ref]), Button("What can I do here?", "help.show")),
        refused=True,
    )


def _apology(reference: str) -> Card:
    return Card(
        title="Something went wrong here",
        body=(
            Text("Nothing was saved. Please send it again in a minute."),
            Text(f"{safety.DANGER_LINE} If it keeps happening, tell the secretariat this reference: **{reference}**."),
        ),
        tone=Tone.WARNING,
        refused=True,
    )
