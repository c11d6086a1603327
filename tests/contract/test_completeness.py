"""Nothing of the neutral vocabulary, and no route, is without a place on any platform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

import pytest

from db.people import Role
from handlers import messages
from handlers.context import Request
from handlers.messages import (
    Button,
    Card,
    Choice,
    Divider,
    Facts,
    Field,
    Form,
    Heading,
    Image,
    Link,
    Note,
    Table,
    Text,
    Tone,
)
from handlers.prose import plain
from handlers.routes import ROUTES
from handlers.routing import Kind
from tests.contract.chat import bare
from tests.contract.drawing import PLATFORMS, Drawn
from tests.fakes import Bot
from tests.teams.spoken import Spoken

WORD = "sunflower"
EXAMPLES: dict[type[Any], Any] = {
    Text: Text(f"The **{WORD}**"),
    Heading: Heading(WORD),
    Divider: Divider(),
    Note: Note(WORD),
    Facts: Facts(((f"{WORD} name", f"{WORD} value"),)),
    Table: Table((f"{WORD} head", "Other"), ((f"{WORD} cell", "Else"),), more=f"{WORD} more"),
    Image: Image("https://example.org/one.png", WORD),
    Button: Button(WORD, "ask.topic"),
    Link: Link(WORD, "https://example.org/"),
}
_NUMBER = re.compile(r"^\d+\. ")
EVERY_FIELD_HOLDS = {"date": "2026-12-01", "time": "10:00", "confirm": "yes", "choice": "one", "multichoice": "one"}

on_every_platform = pytest.mark.parametrize("platform", PLATFORMS)


def missing(platform: str) -> list[str]:
    """Return what of the vocabulary, as it is now, a platform does not show."""
    return [name for name, shown in _vocabulary(platform) if not shown]


def _vocabulary(platform: str) -> Iterator[tuple[str, bool]]:
    between = (Text("Before"), Text("After"))
    without = _drawn(platform, Card("Title", between))
    for kind in get_args(messages.Element):
        example = EXAMPLES.get(kind) or kind()
        drawn = _drawn(platform, Card("Title", (between[0], example, between[1])))
        yield f"element {kind.__name__}", drawn is not None and _shows(drawn, without, example)
    for kind in get_args(messages.Action):
        drawn = _drawn(platform, Card("Title", between, (EXAMPLES.get(kind) or kind(),)))
        yield f"action {kind.__name__}", drawn is not None and WORD in drawn.words
    for style in get_args(get_type_hints(Button)["style"]):
        drawn = _drawn(platform, Card("Title", between, (Button(WORD, "ask.topic", style=style),)))
        yield f"style {style}", drawn is not None and WORD in drawn.words
    for tone in messages.Tone:
        drawn = _drawn(platform, Card("Title", between, tone=tone))
        yield f"tone {tone.name}", drawn is not None and bare(tone.value) in bare(drawn.words)
    for kind in get_args(get_type_hints(Field)["kind"]):
        drawn = _drawn(platform, _form_of(kind))
        yield f"field {kind}", drawn is not None and WORD in drawn.words


def _drawn(platform: str, shown: Card | Form) -> Drawn | None:
    """Draw something; None where the platform has no place for it, which type checkers see and `assert_never` says."""
    try:
        return PLATFORMS[platform](shown)
    except AssertionError:
        return None


def _shows(drawn: Drawn, without: Drawn | None, example: Any) -> bool:
    """Say whether all words of an example are shown; where it has none, whether it changes anything."""
    expected = [text for text in _own_words(example) if WORD in text]
    if not expected:
        return without is not None and drawn.whole != without.whole
    return all(bare(text) in bare(drawn.words) for text in expected)


def _own_words(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from _own_words(one)
    else:
        for name in getattr(thing, "__dataclass_fields__", {}):
            yield from _own_words(getattr(thing, name))


def _form_of(kind: Any) -> Form:
    held = EVERY_FIELD_HOLDS.get(kind, "words")
    choices = (Choice("one", "First"), Choice("two", "Second"))
    box = Field("box", WORD, kind, hint="A hint.", choices=choices, value=held)
    return Form("Title", "ask.send", (box,), "token")


@on_every_platform
def test_everything_that_can_be_said_is_shown(platform: str) -> None:
    assert missing(platform) == []


def test_every_element_and_action_has_an_example_here() -> None:
    assert set(EXAMPLES) == {*get_args(messages.Element), *get_args(messages.Action)}


# --- that a gap is seen ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sparkle:
    """An element, or an action, that nobody draws."""

    label: str = WORD


@on_every_platform
def test_a_new_kind_of_box_that_is_not_drawn_is_seen(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = get_args(get_type_hints(Field)["kind"])
    monkeypatch.setitem(Field.__annotations__, "kind", Literal[(*kinds, "colour")])

    found = missing(platform)

    assert found == (["field colour"] if platform != "terminal" else [])  # which asks for every box in the same way


@on_every_platform
def test_a_new_element_that_is_not_drawn_is_seen(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "Element", messages.Element | Sparkle)

    assert missing(platform) == ["element Sparkle"]


@pytest.mark.parametrize("platform", [one for one in PLATFORMS if one != "terminal"])  # it numbers whatever has a label
def test_a_new_action_that_is_not_drawn_is_seen(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "Action", messages.Action | Sparkle)

    assert missing(platform) == ["action Sparkle"]


# --- what is really said -----------------------------------------------------------------------------------------


def _expected(shown: Card | Form) -> Iterator[str]:
    """Give the words that a platform has to show, whatever room it has: titles, labels, and the first lines."""
    yield shown.title
    if isinstance(shown, Form):
        yield shown.submit
        yield from (field.label for field in shown.fields)
        return
    yield shown.tone.value
    yield from (action.label for action in shown.actions)
    firsts = (plain(one.markdown).split("\n")[0] for one in shown.body if isinstance(one, Text))
    yield from (_NUMBER.sub("", first) for first in firsts)  # browsers draw the number of a list themselves


@on_every_platform
def test_every_card_of_every_verb_and_role_is_drawn_with_its_words_and_buttons(platform: str, spoken: Spoken) -> None:
    draw = PLATFORMS[platform]
    wrong = []
    for shown in spoken.everything:
        drawn = draw(shown)
        read = bare(drawn.words)
        lost = [text for text in _expected(shown) if bare(text) not in read]
        lost = [text for text in lost if not (platform == "terminal" and text == getattr(shown, "submit", ""))]
        if lost or drawn.problems:
            wrong.append((shown.title, lost, drawn.problems))

    assert len(spoken.cards) > len(ROUTES)
    assert wrong == []


@on_every_platform
def test_every_route_is_reached_from_what_is_drawn(platform: str, spoken: Spoken) -> None:
    drawn = [PLATFORMS[platform](shown) for shown in spoken.everything]
    reached = frozenset[str]().union(*(one.routes for one in drawn))

    assert sorted({name for name, route in ROUTES.items() if route.kind is not Kind.VERB} - reached) == []


@on_every_platform
def test_every_verb_is_offered_by_the_help_that_is_drawn(platform: str, bot: Bot) -> None:
    everybody = bot.enrol(*Role)
    shown = bot.does(Request(everybody, "help"))
    assert isinstance(shown, Card)

    drawn = PLATFORMS[platform](shown)

    verbs = [route for route in ROUTES.values() if route.kind is Kind.VERB]
    assert [route.name for route in verbs if bare(f"{route.name}") not in bare(drawn.words)] == []
    assert [route.name for route in verbs if bare(route.help) not in bare(drawn.words)] == []
    assert Tone.PLAIN.value == shown.tone.value
