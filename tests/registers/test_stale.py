"""Two people change one record at the same moment, or somebody comes too late: they are told, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from db import engine as database
from db import groups
from db.people import Identity
from handlers.access import NOT_FOUND, SEEN
from handlers.messages import Button, Card, Errors, Form
from tests.fakes import Bot, said
from tests.registers import checks, scenes
from tests.registers.cast import DELIVERY, Cast
from tests.registers.checks import ESCALATIONS, RISKS
from tests.registers.explorer import harmless, rows


@dataclass(frozen=True, slots=True)
class Pair:
    """A form that two people may send about one record."""

    table: str
    verb: str
    label: str
    first: str
    second: str
    box: str


PAIRS = {
    "a draft": Pair("escalations", "escalation", "Change it", "member", "chair", "issue"),
    "an alert": Pair("risks", "risk", "Describe it", "coordinator", "manager", "cause"),
}
each_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)


@pytest.fixture
def cast(bot: Bot) -> Cast:
    return Cast(bot)


def begun(bot: Bot, cast: Cast, pair: Pair) -> str:
    return scenes.drafted(bot, cast, by="member") if pair.table == "escalations" else scenes.alerted(bot, cast)


def opened(bot: Bot, cast: Cast, pair: Pair, name: str, ref: str) -> Form:
    card = bot.types(f"{pair.verb} {ref}", who=cast.places[name])
    return bot.opens(with_button(bot, card, pair.label, cast.places[name]), pair.label, who=cast.places[name])


def with_button(bot: Bot, card: Card, label: str, who: Identity) -> Card:
    """Return the card with a button, or the one behind More."""
    while label not in (found := {one.label for one in card.actions if isinstance(one, Button)}) and "More" in found:
        more = bot.presses(card, "More", who=who)
        assert isinstance(more, Card)
        card = more
    return card


def sends(bot: Bot, cast: Cast, name: str, form: Form, **fields: str) -> Card | Errors:
    filled = {box.name: harmless(box) for box in form.fields} | fields
    return bot.sends(form, who=cast.places[name], **filled)


@each_pair
def test_the_second_of_two_is_told_who_changed_what_and_nothing_of_the_first_is_lost(
    bot: Bot, cast: Cast, pair: Pair
) -> None:
    ref = begun(bot, cast, pair)
    forms = {name: opened(bot, cast, pair, name, ref) for name in (pair.first, pair.second)}
    assert isinstance(sends(bot, cast, pair.first, forms[pair.first], **{pair.box: "What the first one wrote."}), Card)
    kept = rows(bot.engine, pair.table)[ref]

    errors = sends(bot, cast, pair.second, forms[pair.second], **{pair.box: "What the second one wrote."})

    assert isinstance(errors, Errors), errors
    assert f"{pair.first.title()} Invented" in said(errors)
    assert pair.box in said(errors)
    assert set(errors.by_field) <= {box.name for box in forms[pair.second].fields}
    assert errors.also is not None
    assert errors.also.name == SEEN
    assert rows(bot.engine, pair.table)[ref] == kept


@each_pair
def test_who_has_read_what_others_changed_can_save_theirs_over_it(bot: Bot, cast: Cast, pair: Pair) -> None:
    ref = begun(bot, cast, pair)
    forms = {name: opened(bot, cast, pair, name, ref) for name in (pair.first, pair.second)}
    sends(bot, cast, pair.first, forms[pair.first], **{pair.box: "What the first one wrote."})
    errors = sends(bot, cast, pair.second, forms[pair.second], **{pair.box: "What the second one wrote."})
    assert isinstance(errors, Errors)
    assert errors.also is not None

    over = {pair.box: "What the second one wrote.", SEEN: errors.also.choices[0].value}
    card = sends(bot, cast, pair.second, forms[pair.second], **over)

    assert isinstance(card, Card), card
    assert rows(bot.engine, pair.table)[ref][pair.box] == "What the second one wrote."


@each_pair
def test_a_version_that_nobody_has_seen_yet_saves_nothing(bot: Bot, cast: Cast, pair: Pair) -> None:
    ref = begun(bot, cast, pair)
    form = opened(bot, cast, pair, pair.second, ref)
    kept = rows(bot.engine, pair.table)[ref]

    replies = [
        sends(bot, cast, pair.second, form, **{pair.box: "Anything else.", SEEN: seen})
        for seen in ("2", "0", "-1", "999999999999", "one", "1 ")
    ]

    assert {type(reply) for reply in replies} <= {Errors, Card}
    assert rows(bot.engine, pair.table)[ref] == kept


@each_pair
def test_a_form_that_is_sent_twice_is_kept_once(bot: Bot, cast: Cast, pair: Pair) -> None:
    ref = begun(bot, cast, pair)
    form = opened(bot, cast, pair, pair.second, ref)

    sends(bot, cast, pair.second, form, **{pair.box: "Once."})
    before = rows(bot.engine, pair.table)[ref]
    sends(bot, cast, pair.second, form, **{pair.box: "Once."})

    assert rows(bot.engine, pair.table)[ref] == before
    assert before["version"] == 2


@each_pair
def test_who_leaves_between_opening_and_sending_changes_nothing(bot: Bot, cast: Cast, pair: Pair) -> None:
    ref = begun(bot, cast, pair)
    form = opened(bot, cast, pair, pair.second, ref)
    kept = rows(bot.engine, pair.table)[ref]
    cast.leaves(pair.second)

    reply = sends(bot, cast, pair.second, form, **{pair.box: "Too late."})

    assert "cannot" in said(reply)
    assert rows(bot.engine, pair.table)[ref] == kept


def test_a_chair_whose_seat_ends_between_opening_and_sending_withdraws_nothing(bot: Bot, cast: Cast) -> None:
    ref = scenes.drafted(bot, cast, by="member")
    card = bot.types(f"escalation {ref}", who=cast.places["chair"])
    form = bot.opens(
        with_button(bot, card, "Withdraw it", cast.places["chair"]), "Withdraw it", who=cast.places["chair"]
    )
    with database.transaction(bot.engine) as session:
        groups.leave(session, cast.ids["chair"], DELIVERY, on=bot.clock.now.date())

    reply = sends(bot, cast, "chair", form)

    assert NOT_FOUND in said(reply)
    assert rows(bot.engine, "escalations")[ref]["status"] == "draft"


@pytest.mark.parametrize("kind", [ESCALATIONS, RISKS], ids=["escalations", "risks"])
def test_histories_agree_after_all_of_it(bot: Bot, cast: Cast, kind: checks.Kind) -> None:
    for pair in PAIRS.values():
        ref = begun(bot, cast, pair)
        for name in (pair.first, pair.second):
            sends(bot, cast, name, opened(bot, cast, pair, name, ref), **{pair.box: f"By {name}."})

    assert checks.disagreements(bot, kind) == []
