"""Cards and forms as Microsoft's own package draws them, on a desktop and on a phone: everything is there to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

import pytest
from playwright.sync_api import Browser

from bot.teams import render
from handlers.messages import (
    Button,
    Card,
    Choice,
    Divider,
    Element,
    Errors,
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
from handlers.prose import parse
from tests.email.cards import CARDS
from tests.fakes import Bot
from tests.playground.conftest import chromium  # noqa: F401 - a fixture
from tests.playground.screen import sticks_out
from tests.slack.test_golden import SAID
from tests.teams.page import draw, missing, read

pytestmark = pytest.mark.browser
WIDTHS = {"desktop": 1280, "phone": 300}
LONG_WORD = "Safeguarding" * 6
OFFERED = tuple(Choice(str(number), f"Choice *{number}*") for number in range(20))
EXAMPLES = {
    **CARDS,
    "long words": Card(
        LONG_WORD,
        (
            Text(f"{LONG_WORD} **{LONG_WORD}**"), Facts(((LONG_WORD, LONG_WORD), ("Name", "value"))),
            Table(("Escalation", "What", "Where it stands", "Due"), ((LONG_WORD, "-", "Waiting", "1 December 2026"),)),
            Note(LONG_WORD),
        ),
        (Button("Open the escalation " * 3, "a.b"), Button(LONG_WORD, "a.b", opens=True, style="danger")),
        Tone.DANGER,
    ),
    "a long table": Card(
        "Register",
        (Table(("Number", "What"), tuple((f"R-{number}", f"what {number}") for number in range(30)), "more"),),
    ),
    "words that look like marks": Card(
        "*Not* _bold_ [a](b) `c`",
        (
            Facts((("*a*", "1. b\n- c\n<d> &lt;"), ("__e__", r"\*f\*"))), Table(("**g**", "# h"), (("> i", "~~j~~"),)),
            Text(r"\*k\* {{DATE(2026-11-21T09:30:00Z, SHORT)}}"), Heading("{{TIME(2026-11-21T09:30:00Z)}}"),
        ),
    ),
}  # fmt: skip
FORMS = {
    "every box": Form(
        "Every box",
        "a.b",
        (
            Field("a", "A line", hint="With a hint."), Field("b", "Many *lines*", "longtext", required=False),
            Field("c", "One of few", "choice", choices=OFFERED[:3]), Field("d", "One", "choice", choices=OFFERED[:9]),
            Field("e", "One of many", "choice", choices=OFFERED, value="17"), Field("f", "A day", "date"),
            Field("g", "Several", "multichoice", choices=OFFERED[:3], value="1,2"), Field("h", "A time", "time"),
            Field("i", "It is so", "confirm"), Field("j", LONG_WORD),
        ),
        "token",
        intro="What it is for.",
        submit="Send it",
    ),
}  # fmt: skip


def _of_element(part: Element) -> Iterator[str]:
    match part:
        case Text(markdown) | Note(markdown):
            for paragraph in parse(markdown):
                yield f"{paragraph.bullet} {''.join(span.text for span in paragraph.spans)}"
        case Heading(text):
            yield text
        case Facts(pairs):
            yield from (text for pair in pairs for text in pair)
        case Table():
            yield from (*table_cells(part), part.more)
        case Image(_, alt):
            yield alt
        case Divider():
            return
        case _:
            assert_never(part)


def table_cells(table: Table) -> Iterator[str]:
    yield from (cell for row in (table.header, *table.rows) for cell in row)


def _of_card(card: Card) -> list[str]:
    texts = [text for part in card.body for text in _of_element(part)]
    return [card.title, card.tone.value, *texts, *(action.label for action in card.actions)]


def _of_form(form: Form) -> list[str]:
    chosen = [choice.label for box in form.fields for choice in box.choices if len(box.choices) <= 15]
    texts = [text for box in form.fields for text in (box.label, box.hint)]
    return [form.title, form.intro, form.submit, *texts, *chosen]


def _content(shown: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = (shown["attachments"][0] if "attachments" in shown else shown["card"])["content"]
    return content


def _replies(bot: Bot) -> list[Card | Form]:
    """Return what the bot says, and what only this file has it say."""
    said = [say(bot) for say in SAID.values()]
    return [*(one for one in said if not isinstance(one, Errors)), *EXAMPLES.values(), *FORMS.values()]


@pytest.mark.parametrize("screen", WIDTHS)
def test_every_word_can_be_read_and_nothing_is_wider_than_the_screen(
    chromium: Browser,  # noqa: F811
    sqlite_bot: Bot,
    screen: str,
) -> None:
    replies = _replies(sqlite_bot)
    messages = [render.message(one) if isinstance(one, Card) else render.inline_form(one) for one in replies]
    tasks = [render.dialog_card(one) if isinstance(one, Card) else render.dialog(one) for one in replies]
    wanted = [_of_card(one) if isinstance(one, Card) else _of_form(one) for one in replies]
    # the title of a dialog stands above its card, in the frame that Teams draws
    inside = [texts[2:] if isinstance(one, Card) else texts[1:] for one, texts in zip(replies, wanted, strict=True)]
    page = chromium.new_page(viewport={"width": WIDTHS[screen], "height": 800})

    draw(page, [_content(one) for one in (*messages, *tasks)], phone=screen == "phone")
    shown, out = read(page), sticks_out(page)
    page.close()

    assert len(shown) == len(messages) + len(tasks)
    found = [missing(one, texts) for one, texts in zip(shown, [*wanted, *inside], strict=True)]
    assert [texts for texts in found if texts] == []
    assert out == []


@pytest.mark.parametrize("screen", WIDTHS)
def test_what_was_typed_and_what_is_wrong_can_be_read(chromium: Browser, screen: str) -> None:  # noqa: F811
    form = FORMS["every box"]
    typed = {"a": "one *", "b": "two\nthree", "f": "2026-11-21", "h": "09:30", "e": "3"}
    errors = Errors({"a": "Please *change* it.", "i": "Please tick it.", "gone": "It is too old."})
    page = chromium.new_page(viewport={"width": WIDTHS[screen], "height": 800})

    draw(page, [_content(render.inline_form(form, values=typed, instead=errors))], phone=screen == "phone")
    (shown,), out = read(page), sticks_out(page)
    page.close()

    wrong = [f"Please change this: {text}" for text in errors.by_field.values()]
    kept = ["one *", "two\nthree", "2026-11-21", "09:30", "Choice *3*"]
    assert missing(shown, [*_of_form(form), *wrong, *kept, "Please look again at: A line; It is so"]) == []
    assert out == []


def test_a_link_opens_and_an_address_that_runs_something_does_not(chromium: Browser) -> None:  # noqa: F811
    text = "[the guide](https://example.org/a) [call](tel:999) [run](javascript:alert(1)) [x](kb:neglect)"
    page = chromium.new_page()

    draw(page, [_content(render.message(Card("T", (Text(text),), (Link("Page", "https://example.org/b"),))))])
    links = page.evaluate("Array.from(document.querySelectorAll('a'), (one) => [one.innerText, one.href])")
    page.close()

    assert links == [["the guide", "https://example.org/a"], ["call", "tel:999"]]
