"""Whoever guesses a reference learns nothing: not by words, not by buttons, not by how much the database is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from db import actions, challenges, disputes, history
from db import engine as database
from db.deliveries import Delivery
from handlers.context import Request
from handlers.messages import Form, Reply
from handlers.routes import ROUTES
from handlers.routing import Kind, Route
from tests.fakes import Bot
from tests.registers import scenes
from tests.registers.cast import Cast

GUESSED_BY = ("stranger", "leaver", "other-member", "other-chair", "officer", "admin")
BOXES = ("ref", "into", "to", "other", "of", "record", "risk", "escalation")  # in which a reference might be typed

# features that know nothing of these records
OTHERS = frozenset({
    "ask", "booking", "briefing", "bulletin", "bulletins", "calendar", "calendars", "changes", "channel", "channels",
    "clear", "contact", "course", "enquiries", "enrol", "enrolment", "gaps", "help", "home", "joining", "learning",
    "link", "mailing", "newcomers", "people", "places", "plan", "reminders", "scheduled", "session", "status",
    "subscribe", "subscriptions", "terms", "training", "undelivered", "uploads",
})  # fmt: skip
AUDITORS = ("officer", "admin")  # may see what was done to every record, by its reference and without its words


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give SQLite alone: what is asked of the other database is the same, and tests/handlers/test_access.py asks it."""
    return sqlite_engine


@pytest.fixture
def cast(bot: Bot) -> Cast:
    return Cast(bot)


@pytest.fixture
def secrets(bot: Bot, cast: Cast) -> Mapping[str, str]:
    """Give a record of each kind that those who guess may not see."""
    found = {
        "a draft": scenes.drafted(bot, cast),
        "a sensitive escalation": scenes.drafted(bot, cast, marking="OFFICIAL-SENSITIVE", now="send"),
        "a sensitive risk": scenes.alerted(bot, cast, ticks="sensitive"),
    }
    now, by = bot.clock.now, cast.ids["scrutineer"]
    with database.transaction(bot.engine) as session:
        risk = found["a sensitive risk"]
        one = actions.add(session, of_ref=risk, what="Write it down", due_on=now.date(), at=now, year=2026, by=by,
                          owner_role="coordinator")  # fmt: skip
        other = disputes.open_one(session, parties="two agencies", subject="money", by=cast.ids["police"], at=now,
                                  year=2026, stage="local talks")  # fmt: skip
        asked = challenges.raise_one(
            session, ref="CHA-2026-001", raised_at=now, raised_by=by, challenged="housing", linked_risk=risk,
            challenge="What would show it?", response_due=now.date(), marking="OFFICIAL-SENSITIVE", changed_at=now,
        )  # fmt: skip
        return found | {"an action": one.ref, "a dispute": other.ref, "a challenge": asked.ref}


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(engine, "after_cursor_execute", note)
    yield asked
    event.remove(engine, "after_cursor_execute", note)


def guesses(ref: str, version: int = 1) -> Iterator[Request]:
    """Return everything that somebody can send who only knows how references look."""
    someone = scenes.NOBODY
    for route in ROUTES.values():
        if _other(route):
            continue
        if route.kind is Kind.VERB and route.takes.fullmatch(ref):
            yield Request(someone, f"{route.name} {ref}")
        for value in (f"{ref}|{version}|comment", f"{ref} 1"):
            fields = dict.fromkeys(BOXES, ref) if route.kind is Kind.FORM else {}
            yield Request(someone, route=route.name, value=value, fields=fields)


def _other(route: Route) -> bool:
    return route.name.partition(".")[0] in OTHERS


def shape(reply: Reply | None, ref: str) -> str:
    """Return a reply without what is different each time, and without the reference."""
    same = replace(reply, token="") if isinstance(reply, Form) else reply
    return repr(same).replace(ref, "REF")


def answers(bot: Bot, request: Request, ref: str) -> tuple[str, int]:
    """Return what is answered about a reference, and how often the database was asked for it."""
    with counted(bot.engine) as asked:
        reply = bot.does(request)
    return shape(reply, ref), len(asked)


@pytest.mark.parametrize("name", GUESSED_BY)
def test_a_reference_that_is_guessed_reads_like_one_that_is_not_there(
    bot: Bot, cast: Cast, secrets: Mapping[str, str], name: str
) -> None:
    kept = [bot.counted(Delivery), bot.counted(history.Entry)]
    differs = []
    for what, ref in secrets.items():
        nothing = f"{ref[:9]}901"
        for real, unreal in zip(guesses(ref), guesses(nothing), strict=True):
            if name in AUDITORS and (real.route or real.text).startswith("audit"):
                continue
            pair = [(replace(one, identity=cast.places[name]), of) for one, of in ((real, ref), (unreal, nothing))]
            told = [answers(bot, *one) for one in pair]
            if told[0] != told[1]:  # what is read once and kept counts for the first
                told = [answers(bot, *one) for one in pair]
            if told[0] != told[1]:
                differs.append(f"{what}: {real.route or real.text} {real.value}: {told[0]} is not {told[1]}")

    assert differs == []
    assert [bot.counted(Delivery), bot.counted(history.Entry)] == kept


@pytest.mark.parametrize("name", ["stranger", "leaver"])
def test_nobody_who_is_not_enrolled_sees_a_record_that_all_members_see(bot: Bot, cast: Cast, name: str) -> None:
    refs = [scenes.alerted(bot, cast), scenes.drafted(bot, cast, now="send")]

    for ref in refs:
        for real, unreal in zip(guesses(ref), guesses(f"{ref[:9]}901"), strict=True):
            replies = [bot.does(replace(one, identity=cast.places[name])) for one in (real, unreal)]
            assert shape(replies[0], ref) == shape(replies[1], f"{ref[:9]}901"), real


@pytest.mark.parametrize("name", GUESSED_BY)
def test_no_list_shows_or_counts_what_somebody_may_not_read(bot: Bot, cast: Cast, name: str) -> None:
    def lists() -> list[str]:
        mine = [route for route in ROUTES.values() if route.kind is Kind.VERB and not _other(route)]
        verbs = [route.name for route in mine if route.takes.fullmatch("") and route.name != "audit"]
        return [shape(bot.does(Request(cast.places[name], verb)), "no reference") for verb in verbs]

    scenes.alerted(bot, cast)
    scenes.drafted(bot, cast, now="send")
    before = lists()

    scenes.alerted(bot, cast, ticks="sensitive")
    scenes.drafted(bot, cast, now="send", marking="OFFICIAL-SENSITIVE")
    scenes.drafted(bot, cast)

    assert lists() == before
    assert len(before) > 5  # lists
