"""The one way in: danger and identifying details first, then route, role and ONE transaction; errors become cards."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import metrics
from db import deliveries, requests
from db.deliveries import Destination
from db.engine import answers, transaction
from db.people import Identity
from handlers import safety
from handlers.context import Context, House, Knowledge, Request, UserError
from handlers.messages import Button, Card, Errors, Reply, Text, Tone, card_from_json, card_to_json
from handlers.prose import escape
from handlers.routes import ROUTES, resolve
from handlers.routing import Kind, Route
from knowledge.articles import Article
from knowledge.search import Verdict

log = structlog.get_logger()
T = TypeVar("T")

MAX_TEXT = 100_000  # what is longer is not read at all
OFFERED, MAX_OFFERED_FOR = 2, 500
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Dispatcher:
    """Runs every request of every platform. It lives as long as the process and knows no platform.

    `dry` runs everything and keeps nothing, for the command line.
    """

    def __init__(
        self,
        engine: Engine,
        knowledge: Knowledge,
        house: House,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        dry: bool = False,
    ) -> None:
        self.knowledge = knowledge
        self.house = house
        self._engine = engine
        self._clock = clock
        self._dry = dry
        self._woken: Callable[[], None] = lambda: None
        threads = 1 if engine.dialect.name == "sqlite" else engine.pool.size()  # type: ignore[attr-defined]
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="handlers")

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Say whom to tell when something was queued for delivery. It is called from a worker thread."""
        self._woken = wake

    async def handle(self, request: Request) -> Reply | None:
        """Run a request in the thread pool, as `run` does."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.run, request)

    async def in_transaction(self, work: Callable[[Context], T]) -> T:
        """Run other work, such as what is due, in the thread pool and in a transaction of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.within, work)

    def within(self, work: Callable[[Context], T]) -> T:
        """Run work as nobody in particular, in a transaction of its own."""
        with transaction(self._engine) as session:
            return work(self._context(session, Identity("", "")))

    async def not_ready(self) -> list[str]:
        """Return why requests cannot be answered now, in the words of operators; empty when they can."""
        reasons = [] if self.knowledge.library.articles else ["no article could be read"]
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, answers, self._engine)
        except SQLAlchemyError:
            reasons.append("the database does not answer")
        return reasons

    def close(self) -> None:
        """Finish what runs, then stop."""
        self._threads.shutdown(wait=True)

    def run(self, request: Request) -> Reply | None:
        """Run one request and return the reply; None when it ran before or when the reply is queued.

        Where the reply could not be queued, it is returned for the adapter to send as well as it can.
        """
        request = _cleaned(request)
        route, request = _routed(request)
        found = safety.screen((request.text, *request.fields.values()))
        try:
            with metrics.SECONDS.time():
                return self._answered(route, request, found)
        except Exception as error:  # noqa: BLE001 - the one place where everything ends in an apology
            _count(request, "failed")
            reference = secrets.token_hex(4)
            name = route.name if route else ""
            log.error("request failed", route=name, reference=reference, error=type(error).__name__)
            return _apology(reference) if found.passes else self._stopped(route, request, found)

    def _answered(self, route: Route | None, request: Request, found: safety.Screening) -> Reply | None:
        if not found.passes:
            _count(request, "stopped")
            log.info("text stopped", urgent=found.urgent, identifying=found.identifying)
            stopped = self._stopped(route, request, found, self._nearest(request, found))
            return self._once(route, request, lambda _: stopped)
        try:
            reply = self._once(route, request, lambda context: self._handled(context, route, request))
        except UserError as error:
            explanation = _explained(error)
            _count(request, "explained")
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
            if isinstance(reply, Card) and request.reply_to is not None:
                _queue(context, request, reply, request.reply_to)
                returned = None
        if deliveries.queued_in(session):
            self._woken()
        return returned

    def _handled(self, context: Context, route: Route | None, request: Request) -> Reply:
        if route is None:
            raise UserError("That button is from an older version.", hint="Type help to see what you can do now.")
        if route.roles and not route.admits(context.actor.roles):
            raise UserError("I cannot show you that.", hint="Type help to see what you can do here.")
        return route.handler(context, request)

    def _context(self, session: Session, identity: Identity) -> Context:
        token = secrets.token_urlsafe(24)
        return Context(session, self._clock(), identity, self.knowledge, self.house, ROUTES, token)

    def _nearest(self, request: Request, found: safety.Screening) -> list[Article]:
        """Return articles to offer under the danger card, in case it was a question after all."""
        if found.identifying or not request.text:
            return []
        nearest = self.knowledge.index.find(request.text[:MAX_OFFERED_FOR])
        slugs = () if nearest.verdict is Verdict.DECLINE else nearest.slugs[:OFFERED]
        return [self.knowledge.library.articles[slug] for slug in slugs]

    def _stopped(
        self, route: Route | None, request: Request, found: safety.Screening, nearest: Sequence[Article] = ()
    ) -> Card | Errors:
        if route and route.kind is Kind.FORM:
            looks = {name: safety.screen((value,)) for name, value in request.fields.items()}
            if wrong := {
                name: safety.field_message(look, self.knowledge.contacts)
                for name, look in looks.items()
                if not look.passes
            }:
                return Errors(wrong)
        return safety.answer(found, self.knowledge.contacts, nearest)


def _count(request: Request, ended: str) -> None:
    metrics.REQUESTS.labels(request.identity.platform, ended).inc()


def _cleaned(request: Request) -> Request:
    return replace(
        request,
        text=_UNPRINTABLE.sub("", request.text[:MAX_TEXT]),
        fields={name: _UNPRINTABLE.sub("", value[:MAX_TEXT]) for name, value in request.fields.items()},
    )


def _routed(request: Request) -> tuple[Route | None, Request]:
    if request.route:
        return ROUTES.get(request.route), request
    route, words = resolve(request.text)
    return route, replace(request, text=words)


def _queue(context: Context, request: Request, card: Card, to: Destination) -> None:
    deliveries.put(
        context.session,
        key=f"reply:{request.key or context.token}",
        kind=deliveries.REPLY,
        card=card_to_json(card),
        destinations=[to],
        now=context.now,
    )


def _explained(error: UserError) -> Card:
    return Card(
        title=str(error),
        body=(Text(escape(error.hint)),) if error.hint else (),
        tone=Tone.WARNING,
        actions=(Button("What can I do here?", "help.show"),),
    )


def _apology(reference: str) -> Card:
    return Card(
        title="Something went wrong here",
        body=(
            Text("Nothing was saved. Please send it again in a minute."),
            Text(f"{safety.DANGER_LINE} If it keeps happening, tell the secretariat this reference: **{reference}**."),
        ),
        tone=Tone.WARNING,
    )
