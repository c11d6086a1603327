"""No door lets in who a child is or leaves a cry for help unanswered, and a door that is forgotten fails here."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

import handlers.routes
from bot.screening import Looked, Screener
from db import audit
from handlers import safety
from handlers.context import Context, Request
from handlers.messages import Button, Card, Errors, Field, Form, Reply
from handlers.routing import Kind, Route
from handlers.safety import NOT_FAMILY, REASONS, Screening
from tests.doors import Walk, holes, kept_in, sent
from tests.fakes import STRANGER, Bot, add_routes
from tests.traces import Words

REFUSED = frozenset({"ask", "block"})
A_NUMBER = Words("number", "NHS number 999 787 7896", ("999 787 7896", "9997877896"), frozenset({"block"}))
A_NAME = Words(
    "name", "is Yusuf Abdi allowed home while his dad is on bail?", ("Yusuf Abdi", "dad is on bail"), REFUSED
)
DANGER = Words("danger", "he is hitting her right now", ("hitting her",), frozenset({"urgent"}))

ALL = (A_NUMBER, A_NAME, DANGER)


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one kind of database: the walk is long, and `test_nothing_kept.py` takes it on both."""
    return sqlite_engine


# --- every door ------------------------------------------------------------------------------------------------


def test_no_verb_button_or_box_of_any_form_lets_in_a_number_a_name_or_danger(bot: Bot) -> None:
    assert holes(bot, ALL) == []


IN_ONE_WORD = (
    Words("NHS number", "9997877896", ("9997877896",), REFUSED),
    Words("address", "yusuf.abdi@mail.example", ("yusuf.abdi", "mail.example"), REFUSED),
)


def test_no_door_lets_in_a_detail_that_is_one_word(bot: Bot) -> None:
    assert holes(bot, IN_ONE_WORD) == []


def test_no_reason_lets_in_more_than_names(bot: Bot) -> None:
    walk = Walk(bot)
    boxes = [
        (form, field)
        for form in itertools.chain(*walk.forms.values())
        for field in form.fields
        if field.name != NOT_FAMILY and not handlers.routes.ROUTES[form.action].procedural
    ]

    for words, reason in itertools.product((A_NUMBER, DANGER), [*REASONS, "none", "", "anything else"]):
        fields = [(form, {field.name: words.text, NOT_FAMILY: reason}) for form, field in boxes]
        replies = [bot.does(sent(walk.who, form, filled)) for form, filled in fields]

        assert {type(reply) for reply in replies} == {Errors}, (words.kind, reason)
        assert sum(kept_in(bot, words).values()) == 0, (words.kind, reason)


def _saved_nothing(reply: Reply | None) -> bool:
    return isinstance(reply, Errors) and "Nothing was saved." in "".join(reply.by_field.values())


SAID_TOGETHER = {
    "the child first": ("one child in year 4", "Marner Primary School"),
    "the school first": ("Marner Primary School", "one child in year 4"),
}


@pytest.mark.parametrize("said", SAID_TOGETHER.values(), ids=SAID_TOGETHER)
def test_what_two_boxes_say_together_is_refused_in_every_form(bot: Bot, said: tuple[str, str]) -> None:
    assert [bot.dispatcher.screened(Request(STRANGER, text)).decision for text in said] == ["pass", "pass"]
    together = Words("both", "\n".join(said), ("Marner Primary",), REFUSED)
    walk = Walk(bot)
    replies: dict[str, Reply | None] = {}

    for form in itertools.chain(*walk.forms.values()):
        names = [field.name for field in form.fields if field.kind in ("text", "longtext")]
        for one, other in itertools.combinations([*names, "a box that the form does not have"], 2):
            replies[f"{form.action}: {one}, {other}"] = bot.does(sent(walk.who, form, {one: said[0], other: said[1]}))

    assert replies
    assert [name for name, reply in replies.items() if not _saved_nothing(reply)] == []
    assert sum(kept_in(bot, together).values()) == 0


@pytest.mark.parametrize("length", [99_990, 250_000], ids=["cut in two", "far behind what is read"])
def test_what_stands_far_down_in_the_value_of_a_button_reaches_nobody(
    bot: Bot, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def find(_context: Context, request: Request) -> Card:
        given.append(request.value)
        return _CARD

    add_routes(monkeypatch, Route("notes.find", find, Kind.BUTTON))
    bot.does(Request(bot.enrol(), route="notes.find", value=f"{'so on. ' * (length // 7)} {A_NUMBER.text}"))

    assert [A_NUMBER.seen_in(value) for value in given] in ([], [0])


# --- a door that is forgotten ----------------------------------------------------------------------------------

_CARD = Card("Noted")


def notes(**changed: Any) -> tuple[Route, Route, Route]:
    """Return a feature whose form has two boxes, and which keeps what is typed in them."""
    boxes = (Field("title", "Title"), Field("remark", "Remark", "longtext"))

    def show(_context: Context, _request: Request) -> Card:
        return Card("Notes", actions=(Button("Write a note", "notes.open", opens=True),))

    def opens(context: Context, _request: Request) -> Form:
        return Form("Write a note", "notes.keep", boxes, context.token)

    def keep(context: Context, request: Request) -> Card:
        audit.add(context.session, at=context.now, actor="", action="noted", subject=repr(dict(request.fields)))
        return _CARD

    return (
        Route("notes", show, Kind.VERB, help="See your notes."),
        Route("notes.open", opens, Kind.BUTTON),
        replace(Route("notes.keep", keep, Kind.FORM), **changed),
    )


def test_a_new_form_is_guarded_without_doing_anything_for_it(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    add_routes(monkeypatch, *notes())

    walk = Walk(bot)

    assert "notes.keep" in walk.forms
    assert holes(bot, [A_NUMBER, DANGER], walk, of="notes") == []


def test_a_box_that_nobody_looks_at_is_found(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = safety.screen

    def careless(scan: safety.Scan, text: str, fields: Mapping[str, str], **more: Any) -> Screening:
        return screen(scan, text, {name: value for name, value in fields.items() if name != "remark"}, **more)

    add_routes(monkeypatch, *notes())
    monkeypatch.setattr(safety, "screen", careless)

    assert holes(bot, [A_NUMBER], of="notes") == ["notes.keep, form 1, box remark: number kept in audit"]


def test_values_of_buttons_that_nobody_looks_at_are_found(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    walk, look = Walk(bot), Screener.look

    def careless(self: Screener, request: Request) -> Looked:
        return replace(look(self, replace(request, value="")), request=request)

    monkeypatch.setattr(Screener, "look", careless)

    found = holes(bot, [A_NUMBER], walk)

    assert {f"{name}, value" for name in handlers.routes.ROUTES} <= {one.partition(":")[0] for one in found}
    assert [one for one in found if ", value" not in one] == []


def test_words_that_are_kept_before_anybody_looks_are_found(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def keeping(does: Callable[[Request], Reply | None]) -> Callable[[Request], Reply | None]:
        def early(request: Request) -> Reply | None:
            words = request.fields.get("answer", "")
            bot.dispatcher.within(
                lambda context: audit.add(context.session, at=context.now, actor="", action="", subject=words)
            )
            return does(request)

        return early

    monkeypatch.setattr(bot, "does", keeping(bot.does))

    assert holes(bot, [A_NUMBER], of="enquiries") == ["enquiries.answer, form 1, box answer: number kept in audit"]


def test_a_form_in_which_anybody_may_write_of_harm_is_found(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    add_routes(monkeypatch, *notes(procedural=True))

    found = {one.partition(":")[0] for one in holes(bot, [DANGER], of="notes")}

    assert {"notes.keep, form 1, box title", "notes.keep, form 1, box remark"} <= found
    assert {one.partition(",")[0] for one in found} == {"notes.keep"}


def test_a_form_that_the_walk_cannot_open_fails_and_says_what_to_add(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    add_routes(monkeypatch, *notes()[1:])

    with pytest.raises(AssertionError, match=re.escape("opens a form for notes.keep")) as failed:
        holes(bot, [A_NUMBER])
    assert "Add to BEGINNINGS in tests/doors.py" in str(failed.value)


@pytest.fixture(autouse=True)
def _nothing_runs_on(bot: Bot) -> Iterator[None]:
    yield
    bot.dispatcher.settled()
