"""What Microsoft Teams would be sent, drawn on the page: every word is there, nothing in it does anything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from bot import app
from bot.playground.render import Renderer
from bot.playground.rooms import Entry
from handlers.messages import (
    Button,
    Card,
    Choice,
    Divider,
    Element,
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
from tests.playground.conftest import TIMEOUT, Opens
from tests.playground.screen import sticks_out, violations

pytestmark = pytest.mark.browser
PACKAGE = "adaptivecards.min.js"
SAID = "A drawing: its buttons do nothing"
RENDERER = Renderer(app.would_be_sent, ZoneInfo("Europe/London"))
HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"

ELEMENTS: dict[str, tuple[Element, tuple[str, ...]]] = {
    "a paragraph": (Text("one **two** _three_"), ("one two three",)),
    "a list": (Text("- apples\n- pears"), ("• apples", "• pears")),
    "a numbered list": (Text("3. third\n4. fourth"), ("3. third", "4. fourth")),
    "a link": (Text("[the guide](https://site.example/a?b=1&c=2)"), ("the guide",)),
    "a link to a topic": (Text("More on [neglect](kb:neglect)"), ("More on neglect",)),
    "markup": (Text("<b>typed</b> &lt;"), ("<b>typed</b> <",)),
    "another script": (Text("مرحبا بكم"), ("مرحبا بكم",)),
    "small print": (Note("Checked **today**"), ("Checked today",)),
    "a heading": (Heading("What to do <now>"), ("What to do <now>",)),
    "a line": (Divider(), ()),
    "facts": (Facts((("Visits", "12 [a](b)"), ("Calls", "_3_"))), ("Visits", "12 [a](b)", "Calls", "_3_")),
    "a table": (Table(("Course", "Day"), (("Neglect", "<Monday>"),), more="2 more"), ("Course", "<Monday>", "2 more")),
    "a picture": (Image("https://elsewhere.example/a.png", "A map"), ("Picture: A map",)),
    "a picture of ours": (Image("http://127.0.0.1/a.png", "A chart"), ("Picture: A chart",)),
}
ACTIONS = (
    Button("I have read this", "a.b", style="primary"), Button("Take it back", "a.b", style="danger"),
    Button("Not now", "a.b"), Button("Ask", "a.b", opens=True), Link("The page", "https://site.example/page"),
)  # fmt: skip
OFFERED = tuple(Choice(str(number), f"Choice {number}") for number in range(20))
FORM = Form(
    "Every box",
    "a.b",
    (
        Field("line", "A line", hint="With a hint.", value="typed before"), Field("long", "Many lines", "longtext"),
        Field("few", "One of few", "choice", choices=OFFERED[:3], value="1"), Field("day", "A day", "date"),
        Field("some", "One of some", "choice", choices=OFFERED[:9], value="7"), Field("time", "A time", "time"),
        Field("many", "One of many", "choice", choices=OFFERED, value="17", required=False),
        Field("several", "Several", "multichoice", choices=OFFERED[3:6], value="4"),
        Field("sure", "It is so", "confirm"),
    ),
    "token",
    intro="What it is for.",
    submit="Send it",
)  # fmt: skip
EVERYTHING = Card("Everything <at> once", tuple(element for element, _ in ELEMENTS.values()), ACTIONS, Tone.WARNING)
SCREENS: dict[str, tuple[Literal["light", "dark"], int, int]] = {
    "light": ("light", 1280, 900),
    "dark": ("dark", 1280, 900),
    "phone": ("light", 320, 640),
    "dark phone": ("dark", 390, 844),
    "400 %": ("light", 320, 256),
}


def _gets(page: Page, *shown: Card | Form) -> Locator:
    """Let the server answer with these, and return what Teams would be sent for them, folded."""
    entries = [
        RENDERER.entry(Entry(number, number, datetime(2026, 7, 1, tzinfo=UTC), one))
        for number, one in enumerate(shown, 9001)
        if isinstance(one, Card)
    ]
    form = next(({"form": RENDERER.form(one)} for one in shown if isinstance(one, Form)), {})
    page.route("**/playground/say", lambda route: route.fulfill(json={"entries": entries, **form}))
    page.get_by_label("Your message").fill("show me")
    page.keyboard.press("Enter")
    place = page.get_by_role("dialog") if form else page.locator(".entry[data-version^='90']")
    parts = place.locator("details.sent", has_text="What Microsoft Teams would be sent")
    expect(parts).to_have_count(len(shown))
    return parts


def _open(part: Locator) -> Locator:
    part.locator("summary").click()
    drawing = part.get_by_role("group", name=SAID)
    expect(drawing).to_be_visible(timeout=TIMEOUT)
    return drawing


def _missing(drawing: Locator, texts: Iterable[str]) -> list[str]:
    shown = " ".join(drawing.inner_text().replace("\u200b", "").split())
    return [text for text in texts if text not in shown]


def test_every_element_is_drawn_with_its_words(opens: Opens) -> None:
    page = opens("practitioner")
    cards = [Card(f"With {name}", (element,)) for name, (element, _) in ELEMENTS.items()]
    parts = _gets(page, *cards)

    found = {
        name: _missing(_open(parts.nth(number)), [f"With {name}", *words])
        for number, (name, (_, words)) in enumerate(ELEMENTS.items())
    }

    assert found == {name: [] for name in ELEMENTS}


def test_every_tone_and_every_button_is_drawn_with_its_words(opens: Opens) -> None:
    page = opens("practitioner")
    parts = _gets(page, *(Card("Title", (), ACTIONS, tone) for tone in Tone))
    labels = [action.label for action in ACTIONS]

    found = {tone: _missing(_open(parts.nth(number)), [tone.value, *labels]) for number, tone in enumerate(Tone)}

    assert found == {tone: [] for tone in Tone}


def test_every_box_of_a_form_is_drawn_with_its_words_and_what_stands_in_it(opens: Opens) -> None:
    page = opens("practitioner")
    drawing = _open(_gets(page, FORM))

    labels = [text for box in FORM.fields for text in (box.label, box.hint)]
    listed = [choice.label for choice in OFFERED[:6]]
    assert _missing(drawing, [FORM.title, FORM.intro, FORM.submit, *labels, *listed]) == []
    expect(drawing.get_by_label("A line")).to_have_value("typed before")
    expect(drawing.get_by_label("One of some")).to_have_value("7")
    expect(drawing.get_by_label("One of many")).to_have_value("17")  # the package shows no title there
    expect(drawing.get_by_role("radio", name="Choice 1")).to_be_checked()
    expect(drawing.get_by_role("checkbox", name="Choice 4")).to_be_checked()


def test_nothing_in_a_drawing_can_be_pressed_filled_in_or_reached(opens: Opens) -> None:
    page = opens("practitioner")
    drawing = _open(_gets(page, FORM))
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - a plain method cannot be marked

    controls = drawing.locator("button, input, select, textarea")
    states = [controls.nth(number).is_disabled() for number in range(controls.count())]
    drawing.get_by_role("button", name="Send it").click(force=True)
    page.get_by_role("dialog").get_by_role("button", name="Close").focus()
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.tagName + (document.activeElement.shadowRoot ? '!' : '')"))

    assert len(states) > len(FORM.fields)
    assert all(states)
    assert stops == ["SUMMARY", "SUMMARY", "PRE", "BUTTON"]
    assert [request.url for request in asked if request.method == "POST"] == []
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_hostile_title_or_address_does_nothing(opens: Opens) -> None:
    page = opens("practitioner")
    before = page.title()
    address = "javascript:document.title='run'"
    body = (
        Text(f"[words]({address}) {HOSTILE}"), Heading(HOSTILE), Facts(((HOSTILE, f"[a]({address})"),)),
        Table((HOSTILE,), ((f"[b]({address})",),)), Note(HOSTILE), Image(address, HOSTILE),
        Image("https://elsewhere.example/a.png", HOSTILE),
    )  # fmt: skip
    actions = (Link(HOSTILE, address), Link("data", "data:text/html,run"), Button(HOSTILE, HOSTILE, HOSTILE))
    drawing = _open(_gets(page, Card(HOSTILE, body, actions)))

    drawing.get_by_text("words").click(force=True)
    page.wait_for_timeout(200)

    assert page.title() == before
    assert drawing.locator("img, script, iframe, [href], [src], [onerror]").count() == 0
    assert _missing(drawing, ["<script>document.title='run'</script>"]) == []


def test_a_card_with_a_hostile_shape_is_drawn_without_running_anything(opens: Opens) -> None:
    page = opens("practitioner")
    before = page.title()
    bad = "javascript:document.title='run'"
    link = {"type": "Action.OpenUrl", "title": "press", "url": bad}
    body = [
        {"type": "TextBlock", "text": f'{HOSTILE} **bold** [link]({bad}) [real](https://a.example/"onclick=1)'},
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "run", "selectAction": link}]},
        {"type": "Container", "selectAction": link, "items": [{"type": "TextBlock", "text": "whole"}]},
        {
            "type": "ColumnSet",
            "columns": [{"items": [{"type": "Image", "url": "https://a.example/x", "altText": "A"}]}],
        },
    ]
    parts = _gets(page, Card("Title"))
    content = {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": [link]}
    sent: dict[str, Any] = {"attachments": [{"content": content}]}
    parts.locator("code").evaluate("(one, json) => { one.textContent = json; }", json.dumps(sent))
    drawing = _open(parts)

    for words in ("run", "whole", "press", "real"):
        drawing.get_by_text(words, exact=True).click(force=True)
    page.wait_for_timeout(200)

    assert page.title() == before
    assert drawing.locator("img, script, iframe, [href], [src], [onclick], [onerror], [tabindex]").count() == 0
    assert drawing.locator("strong").inner_text() == "bold"
    assert _missing(drawing, ["[Picture: A]", "<script>document.title='run'</script>"]) == []


def test_what_draws_is_loaded_once_and_only_when_a_drawing_is_opened(opens: Opens) -> None:
    page = opens("practitioner")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.reload()
    parts = _gets(page, Card("One"), Card("Two"))
    page.locator("summary", has_text="What Slack would be sent").last.click()
    before = [*asked]

    _open(parts.nth(0))
    _open(parts.nth(1))

    assert "chat.js" in before
    assert not {"drawing.js", "drawing.css", PACKAGE} & {*before}
    assert [asked.count(name) for name in ("drawing.js", PACKAGE)] == [1, 1]


def test_a_drawing_that_could_not_be_loaded_says_so_and_comes_when_it_is_opened_again(opens: Opens) -> None:
    page = opens("practitioner", expected="ERR_FAILED")
    part = _gets(page, Card("One"))
    page.route(f"**/{PACKAGE}", lambda route: route.abort())

    part.locator("summary").click()
    expect(part.locator(".drawing")).to_have_text("It could not be drawn. Close this part and open it again.")
    expect(part.locator("pre")).to_be_visible()
    page.unroute(f"**/{PACKAGE}")
    part.locator("summary").click()

    assert _missing(_open(part), ["One"]) == []


def test_the_drawing_is_opened_with_the_keyboard_and_what_is_sent_is_copied(opens: Opens) -> None:
    page = opens("practitioner", permissions=["clipboard-read", "clipboard-write"])
    card = Card("One", (Text("two"),))
    part = _gets(page, card)

    part.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(part.get_by_role("group", name=SAID)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(part.get_by_role("status")).to_have_text("Copied.")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied == next(sent.payload for sent in app.would_be_sent(card) if sent.drawable)


def test_where_nothing_may_be_copied_it_is_selected(opens: Opens) -> None:
    page = opens("practitioner")
    part = _gets(page, Card("One"))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")

    part.locator("summary").click()
    part.get_by_role("button", name="Copy").click()

    expect(part.get_by_role("status")).to_contain_text("All of it is selected")
    assert json.loads(page.evaluate("getSelection().toString()"))["summary"] == "One"


@pytest.mark.parametrize("shown", [EVERYTHING, FORM, Card("Act", (Text("Call [999](tel:999)"), Note("n")), ACTIONS,
    Tone.DANGER), Card("Done", (Note("n"),), ACTIONS, Tone.GOOD)], ids=["card", "form", "danger", "good"])  # fmt: skip
def test_axe_finds_nothing_in_a_drawing_and_nothing_sticks_out_on_any_screen(opens: Opens, shown: Card | Form) -> None:
    page = opens("practitioner")
    _open(_gets(page, shown))

    found = {}
    for name, (scheme, width, height) in SCREENS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        found[name] = [*violations(page), *sticks_out(page)]

    assert found == {name: [] for name in SCREENS}


def test_a_drawing_takes_the_colours_of_the_page_when_they_change(opens: Opens) -> None:
    page = opens("practitioner")
    drawing = _open(_gets(page, Card("One", (Text("two"),))))
    colour = "one => getComputedStyle(one).color"
    words = drawing.get_by_text("two")
    page.emulate_media(color_scheme="light")
    light = words.evaluate(colour)

    page.emulate_media(color_scheme="dark")

    assert words.evaluate(colour) != light
    assert words.evaluate(colour) == page.locator("body").evaluate(colour)
