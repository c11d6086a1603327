"""Whether everything works, for the secretariat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from bot.attendance import Attendance
from db import deliveries, screenings
from db import engine as database
from db.deliveries import Delivery, Destination, Occurrence, State
from db.people import Role
from db.undelivered import Unsent
from handlers import undelivered
from handlers.context import House, Knowledge
from handlers.messages import Card, Facts, Table, Tone, card_to_json
from knowledge import contacts
from knowledge.articles import Problem
from tests.fakes import Bot, Clock, said


def counts(card: Card) -> dict[str, str]:
    return dict(pair for element in card.body if isinstance(element, Facts) for pair in element.pairs)


def test_when_everything_works_nothing_is_asked_of_anybody(bot: Bot) -> None:
    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert (card.tone, set(counts(card).values())) == (Tone.PLAIN, {"0", "none", "none yet", "no posts yet"})
    assert "Nothing needs you" in said(card)


class Posts:
    """Posts in the tables of a bot: `posts.put("one", due=-30)`, in seconds from now; `posts.became(...)`."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def put(self, key: str, *, due: float = 0, kind: str = "notice", **became: Any) -> None:
        """Queue one, and say what became of it; `left` and `let_go` are in seconds from now too."""
        now = self.bot.clock.now
        moments = {"left": "sent_at", "let_go": "not_before", "asked": "asked_at"}
        values = {
            moments.get(name, name): now + timedelta(seconds=value) if name in moments else value
            for name, value in became.items()
        }
        with database.transaction(self.bot.engine) as session:
            deliveries.put(
                session, key=key, kind=kind, card=card_to_json(Card("A notice")), now=now,
                due_at=now + timedelta(seconds=due), destinations=[Destination("test", "channel-1")],
            )  # fmt: skip
            of_this = select(Occurrence.id).where(Occurrence.key == key).scalar_subquery()
            changed = update(Delivery).where(Delivery.occurrence_id == of_this)
            if values:
                session.execute(changed.values(values))


@pytest.fixture
def posts(bot: Bot) -> Posts:
    """Give posts in the tables of the bot."""
    return Posts(bot)


STATES = {
    "one that waits": (State.PENDING, {}, "Messages waiting to be sent", False),
    "one that was sent": (State.SENT, {"left": 0}, "Messages sent", False),
    "one that the bot looks for": (State.VERIFY, {}, "Messages that may or may not have arrived", False),
    "one that a person looks for": (State.VERIFY, {"asked": 0}, "Messages that may or may not have arrived", True),
    "one that could not be sent": (State.DEAD, {}, "Messages that could not be sent", True),
    "one that came too late": (State.EXPIRED, {}, "Messages that came too late to send", True),
    "one that was cancelled": (State.CANCELLED, {}, "Messages cancelled", False),
}


@pytest.mark.parametrize(("state", "became", "name", "trouble"), STATES.values(), ids=STATES)
def test_messages_are_counted_and_those_that_only_a_person_can_settle_need_one(
    posts: Posts, state: State, became: dict[str, Any], name: str, trouble: bool
) -> None:
    posts.put("one", state=state.value, **became)

    card = posts.bot.types("status", who=posts.bot.enrol(Role.COORDINATOR))

    assert counts(card)[name] == "1"
    assert counts(card)["Messages that wait for a person"] == str(int(trouble))
    assert (card.tone is Tone.WARNING) is trouble
    assert ("Something needs a person" in said(card)) is trouble


WAITING = {
    "nothing": ([], "none", False),
    "one that just became due": ([{"due": 0}], "0 seconds", False),
    "the oldest of two": ([{"due": -60}, {"due": -125}], "2 minutes", False),
    "one that has waited for too long": ([{"due": -601}], "10 minutes", True),
    "one that is tried again later": ([{"due": -7200, "let_go": 600, "attempts": 3}], "2 hours", True),
    "one that is not due yet": ([{"due": 60}], "none", False),
    "one that quiet hours defer": ([{"due": -7200, "let_go": 3600}], "none", False),
    "one that was let go after quiet hours": ([{"due": -7200, "let_go": -5}], "5 seconds", False),
    "one that a person holds back": ([{"due": -7200, "held": True}], "none", False),
}


@pytest.mark.parametrize(("rows", "shown", "trouble"), WAITING.values(), ids=WAITING)
def test_the_age_of_the_oldest_message_that_could_leave_is_shown(
    posts: Posts, rows: list[dict[str, Any]], shown: str, trouble: bool
) -> None:
    for number, row in enumerate(rows):
        posts.put(f"post {number}", **row)

    card = posts.bot.types("status", who=posts.bot.enrol(Role.COORDINATOR))

    assert counts(card)["Oldest message that waits"] == shown
    assert (card.tone is Tone.WARNING) is trouble


DAY = 86_400
IN_TIME = {
    "in time": ([{"left": 10}], "1 of 1 (100%)"),
    "too late": ([{"left": 10.5}], "0 of 1 (0%)"),
    "after quiet hours": ([{"due": -7200, "let_go": -60, "left": -55}], "1 of 1 (100%)"),
    "only when it was tried again": ([{"due": -60, "let_go": -5, "attempts": 2, "left": 0}], "0 of 1 (0%)"),
    "a reply": ([{"left": 60, "kind": deliveries.REPLY}], "no posts yet"),
    "more than a week ago": ([{"due": -8 * DAY, "let_go": -8 * DAY, "left": -8 * DAY}], "no posts yet"),
    "two of three": ([{"left": 1}, {"left": 2}, {"left": 30}], "2 of 3 (66.6%)"),
}


@pytest.mark.parametrize(("rows", "shown"), IN_TIME.values(), ids=IN_TIME)
def test_the_share_of_posts_that_left_within_ten_seconds_is_shown(
    posts: Posts, rows: list[dict[str, Any]], shown: str
) -> None:
    for number, row in enumerate(rows):
        values: dict[str, Any] = {"state": State.SENT.value, "attempts": 1} | row
        posts.put(f"post {number}", **values)

    card = posts.bot.types("status", who=posts.bot.enrol(Role.COORDINATOR))

    assert counts(card)["Posts sent within 10 seconds, last 7 days"] == shown


@pytest.mark.parametrize(("seconds", "shown", "trouble"), [(1, "1 second ago", False), (121, "2 minutes ago", True)])
async def test_the_last_tick_is_shown(bot: Bot, seconds: int, shown: str, trouble: bool) -> None:
    await Attendance(bot.dispatcher).beat()
    bot.clock.pass_(seconds=seconds)

    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert counts(card)["Last tick"] == shown
    assert (card.tone is Tone.WARNING) is trouble


OFF = {"fast": (1.0, True), "slow": (-1.0, True), "right": (0.0, False)}


@pytest.mark.parametrize("how", OFF)
async def test_a_machine_whose_clock_is_wrong_is_reported(bot: Bot, how: str) -> None:
    hours, trouble = OFF[how]
    await Attendance(bot.dispatcher, clock_off=lambda: timedelta(hours=hours)).beat()

    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert (card.tone is Tone.WARNING) is trouble
    assert (f"1 hour {how}" in said(card)) is trouble


def test_from_the_notice_of_an_undelivered_message_the_secretariat_sees_what_else_waits(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    lost = Unsent("1", "reply", Destination("test", "anna"), State.DEAD)
    bot.dispatcher.within(lambda context: undelivered.tell(context, [lost]))

    card = bot.presses(bot.queued()[-1].card, "What else waits", who=who)

    assert isinstance(card, Card)
    assert (card.title, counts(card)["Messages waiting to be sent"]) == ("Status", "1")


def test_an_article_that_cannot_be_read_needs_a_person(
    engine: Engine, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    broken = replace(knowledge, library=replace(knowledge.library, problems=(Problem("x", "broken"),)))
    bot = Bot(engine, broken, house, clock)

    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert card.tone is Tone.WARNING
    assert counts(card)["Articles that cannot be read"] == "1"
    bot.dispatcher.close()


def decided(bot: Bot, decision: str, *kinds: str, rules: tuple[str, ...] = ()) -> None:
    with database.transaction(bot.engine) as session:
        screenings.record(
            session, at=bot.clock.now, platform="test", door="ask", decision=decision, kinds=kinds, rules=rules,
            guard_version="1",
        )  # fmt: skip


def test_the_guards_week_is_shown_with_the_rate_of_each_rule(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    for decision in ("ask", "overridden", "overridden"):
        decided(bot, decision, "NAME", rules=("name",))

    card = bot.types("status", who=who)

    [table] = [element for element in card.body if isinstance(element, Table)]
    assert (counts(card)["Asked whose name it is"], counts(card)["Let through with a reason"]) == ("1", "2")
    assert table.rows == (("name", "1", "2", "67%"),)
    assert card.tone is Tone.PLAIN
    assert bot.presses(card, "The guard's week", who=who).title == "What the guard did this week"


def test_a_guard_that_could_not_look_needs_a_person_for_a_week(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    decided(bot, "failed")

    now = bot.types("status", who=who)
    bot.clock.pass_(days=7, seconds=1)
    later = bot.types("status", who=who)

    assert (now.tone, later.tone) == (Tone.WARNING, Tone.PLAIN)
    assert counts(now)["Could not be checked"] == "1"


def test_contacts_past_their_date_need_a_person_and_are_named(
    engine: Engine, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    yesterday, today = clock.now.date() - timedelta(days=1), clock.now.date()
    shipped = contacts.shipped()
    dated = {"mast": replace(shipped["mast"], review_by=yesterday), "edt": replace(shipped["edt"], review_by=today)}
    bot = Bot(engine, replace(knowledge, contacts={**shipped, **dated}), house, clock)

    card = bot.types("status", who=bot.enrol(Role.COORDINATOR))

    assert (card.tone, counts(card)["Contacts past their check date"]) == (Tone.WARNING, "1")
    assert "**MAST, the Multi\\-Agency Support Team" in said(card)
    assert "was to be checked by 20 November 2026" in said(card)
    assert "Emergency Duty Team" not in said(card)
    bot.dispatcher.close()
