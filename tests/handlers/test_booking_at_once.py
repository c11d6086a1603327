"""Many who book, cancel, accept and wait at the same moment: no place is given twice, and nobody overtakes."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.dispatcher import Dispatcher
from db import engine as database
from db import people
from db.bookings import HOLDS, Booking, BookingState
from db.people import Identity
from db.training import TrainingSession
from handlers.booking import ticking
from handlers.context import House, Knowledge, Request
from handlers.messages import Card, Reply, Tone
from tests import booking
from tests.booking import Desk
from tests.fakes import JUDGED, Bot, Clock, talking


@pytest.fixture
def desk(bot: Bot) -> Desk:
    return Desk(bot)


@pytest.fixture
def replicas(
    engine: Engine, bot: Bot, database_url: str, knowledge: Knowledge, house: House
) -> Iterator[list[Dispatcher]]:
    """Give what takes requests: several servers with engines of their own on PostgreSQL, and one on SQLite."""
    if engine.dialect.name == "sqlite":
        yield [bot.dispatcher]
        return
    with ExitStack() as stack:
        engines = [database.connect(database_url, threads=2) for _ in range(3)]
        for opened in engines:
            stack.callback(opened.dispose)
        found = [Dispatcher(opened, knowledge, house, clock=bot.clock, scan=JUDGED) for opened in engines]
        for one in found:
            stack.callback(one.close)
        yield found


def crowd(bot: Bot, number: int, *, first: int = 0) -> list[Identity]:
    """Enrol many invented people."""
    found = [Identity("test", f"crowd-{one}") for one in range(first, first + number)]
    with database.transaction(bot.engine) as session:
        for one, who in enumerate(found, first):
            people.enrol(session, who, name=f"Crowd {one}", roles=(), on=bot.clock.now.date())
    return found


def booked(who: Identity, session: int) -> Request:
    fields = {"work": "Nurse", "manager": "Boss Invented", "address": "", "before": "unsaid"}
    return Request(who, route="booking.book", value=str(session), fields=fields, key=f"form:{who}")


def cancelled(who: Identity, row: int) -> Request:
    return Request(who, route="booking.cancel", value=f"{row}|yes", key=f"press:{who}")


def at_once(replicas: list[Dispatcher], requests: Iterable[Request]) -> None:
    """Send all requests at once, by turns to each of the servers, which take them in their own threads."""

    async def sent() -> list[Reply | None]:
        each = [replicas[number % len(replicas)].handle(request) for number, request in enumerate(requests)]
        return await asyncio.gather(*each)

    for reply in asyncio.run(sent()):
        assert isinstance(reply, Card)
        assert reply.tone is Tone.GOOD, reply


def rows(bot: Bot, session_id: int) -> list[Booking]:
    with Session(bot.engine) as session:
        return list(session.scalars(select(Booking).where(Booking.session_id == session_id).order_by(Booking.id)))


def test_of_two_hundred_who_book_at_once_twenty_get_a_place_and_the_others_wait_in_their_order(
    desk: Desk, replicas: list[Dispatcher]
) -> None:
    session = booking.session(desk.bot, capacity=20)
    requests = [booked(who, session) for who in crowd(desk.bot, 200)]
    again = random.Random(1).sample(requests, 40)  # noqa: S311 - the same in every run

    at_once(replicas, [*requests[:100], *again[:20], *requests[100:], *again[20:]])

    found = rows(desk.bot, session)
    assert Counter(row.state for row in found) == {"requested": 20, "waiting": 180}
    assert [row.line for row in found if row.state == "waiting"] == list(range(1, 181))
    assert len({row.person_id for row in found}) == 200


def test_places_given_up_while_others_book_are_never_given_twice(desk: Desk, replicas: list[Dispatcher]) -> None:
    session = booking.session(desk.bot, capacity=30)
    first, second = crowd(desk.bot, 30), crowd(desk.bot, 30, first=30)
    at_once(replicas, [booked(who, session) for who in first])
    own = [row.id for row in rows(desk.bot, session)]
    by_person = {desk.of(who, session).id: who for who in first}

    mixed = [request for row, who in zip(own, second, strict=True)
             for request in (cancelled(by_person[row], row), booked(who, session))]  # fmt: skip
    at_once(replicas, mixed)

    states = Counter(row.state for row in rows(desk.bot, session))
    assert states["cancelled"] == 30
    assert states["requested"] + states["offered"] == 30
    assert states["waiting"] == 0


def test_an_offer_that_is_accepted_while_it_lapses_has_one_outcome(
    desk: Desk, database_url: str, knowledge: Knowledge, house: House
) -> None:
    early, late = Clock(), Clock()
    first, second = database.connect(database_url), database.connect(database_url)
    one = Dispatcher(first, knowledge, house, clock=early, scan=JUDGED)
    other = Dispatcher(second, knowledge, house, clock=late, scan=JUDGED)
    for number in range(3):
        session = booking.session(desk.bot)
        ola = desk.confirmed(f"Ola {'abcd'[number]} Invented", session)
        sam = desk.confirmed(f"Sam {'abcd'[number]} Invented", session)
        desk.books(f"Kit {'abcd'[number]} Invented", session)
        desk.gives_up(ola, session)
        row = desk.of(sam, session)
        assert row.held_until
        early.now, late.now = row.held_until - timedelta(milliseconds=1), row.held_until
        accept = Request(sam, route="booking.accept", value=str(row.id))

        asyncio.run(_both(one, accept, other))

        states = list(desk.states(session).values())[1:]
        assert states in (["confirmed", "waiting"], ["lapsed", "offered"])
    for server, opened in ((one, first), (other, second)):
        server.close()
        opened.dispose()


async def _both(one: Dispatcher, request: Request, other: Dispatcher) -> None:
    """Send a request to one server while the clock of the other one ticks."""
    reply, _ = await asyncio.gather(one.handle(request), other.in_transaction(ticking.tick))
    assert isinstance(reply, Card)
    assert "went wrong" not in reply.title, reply


# --- any order of deeds ------------------------------------------------------------------------------------------

STEPS = 45


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_do_no_place_is_given_twice_and_nobody_overtakes(
    sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    with talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        desk = Desk(bot)
        session = booking.session(bot, capacity=2)
        everybody = crowd(bot, 7)
        for step in range(STEPS):
            before = {row.id: row for row in rows(bot, session)}
            _something(desk, chance, session, everybody, step)
            assert _wrong(bot, session, before) == []


def _something(desk: Desk, chance: random.Random, session: int, everybody: list[Identity], step: int) -> None:
    who = chance.choice(everybody)
    known = {row.person_id: row for row in rows(desk.bot, session)}
    row = chance.choice([*known.values()]) if known else None
    match chance.choice(("ask", "ask", "ask", "press", "press", "press", "tick", "more")):
        case "ask":
            request = booked(who, session)
            desk.bot.does(Request(who, route=request.route, value=request.value, fields=request.fields, key=f"{step}"))
        case "press" if row:
            owner = _identity(desk.bot, row.person_id)
            action = chance.choice(("agree", "decline", "accept", "cancel"))
            by = desk.boss if action in ("agree", "decline") else owner
            desk.press(f"booking.{action}", row, by, "|yes" if action == "cancel" else "")
        case "tick":
            desk.bot.clock.pass_(hours=chance.choice((1, 20, 60)))
            desk.ticks()
        case "more" if chance.random() < 0.2:
            with Session(desk.bot.engine) as kept, kept.begin():
                kept.get_one(TrainingSession, session).capacity += 1
        case _:
            pass


def _identity(bot: Bot, person_id: int) -> Identity:
    with Session(bot.engine) as session:
        found = people.reach_person(session, person_id, on=bot.clock.now.date())
    assert found
    return found


def _wrong(bot: Bot, session_id: int, before: dict[int, Booking]) -> list[str]:
    """Return what does not hold any more after one deed."""
    found = rows(bot, session_id)
    with Session(bot.engine) as session:
        capacity = session.get_one(TrainingSession, session_id).capacity
        doubled = select(Booking.person_id).group_by(Booking.session_id, Booking.person_id).having(func.count() > 1)
        twice = session.scalars(doubled).all()
    still = [row.line for row in found if row.state == BookingState.WAITING.value]
    was_waiting = [one.id for one in before.values() if one.state == BookingState.WAITING.value]
    passed = [row.line for row in found if row.id in was_waiting and row.state == BookingState.OFFERED.value]
    told = {
        "somebody is in twice": bool(twice),
        "more hold a place than there are": sum(row.state in HOLDS for row in found) > capacity,
        "two stand at one place in the line": len(set(still)) != len(still),
        "somebody was overtaken": not all(line < other for line in passed for other in still),
    }
    return [what for what, so in told.items() if so]
