"""How every element of the neutral vocabulary looks as HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.playground.render import Renderer, Sent
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

NASTY = "<i>\"'&"
SAFE = "&lt;i&gt;&#34;&#39;&amp;"
SENT = (Sent("Slack", {"text": NASTY}), Sent("Teams", {"card": NASTY}, drawable=True))
DRAWN = Renderer(lambda _: SENT, ZoneInfo("Europe/London"), "https://bot.example")


def _card(card: Card) -> str:
    return str(DRAWN.entry(Entry(7, 7, datetime(2026, 7, 1, 8, 5, tzinfo=UTC), card)))


ELEMENTS: dict[str, tuple[Element, str]] = {
    "a paragraph": (Text("one **two** _three_"), '<p dir="auto">one <strong>two</strong> <em>three</em></p>'),
    "a line break": (Text("one\ntwo"), "one<br>two"),
    "a list": (Text("- one\n- two"), '<ul><li dir="auto">one</li><li dir="auto">two</li></ul>'),
    "a numbered list": (Text("1. one\n2. two"), '<ol><li dir="auto">one</li><li dir="auto">two</li></ol>'),
    "a list that goes on": (Text("3. one"), '<ol start="3">'),
    "a link": (Text("[here](https://a.example/?a=1&b=2)"), '<a href="https://a.example/?a=1&amp;b=2" target="_blank"'),
    "a topic": (Text("[here](kb:neglect)"), 'data-press="ask.topic" data-value="neglect">here</button>'),
    "a link that would run": (Text("[here](javascript:alert)"), "[here](javascript:alert)"),
    "a link to an unknown place": (Text("[here](file:///etc)"), "here"),
    "markup": (Text(NASTY), SAFE),
    "a phone number": (Text("ring 020 7946 0000 <now>"), 'ring <span class="number">020 7946 0000</span> &lt;now&gt;'),
    "small print": (
        Note("**Checked** today"),
        '<div class="note"><p dir="auto"><strong>Checked</strong> today</p></div>',
    ),
    "a heading": (Heading(NASTY), f"<h4>{SAFE}</h4>"),
    "a line": (Divider(), "<hr>"),
    "facts": (Facts(((NASTY, "1"),)), f"<div><dt>{SAFE}</dt><dd>1</dd></div>"),
    "a table's head": (
        Table(("A", NASTY), (("1", "2"),)),
        f'scope="col">A</th><th role="columnheader" scope="col">{SAFE}</th>',
    ),
    "a table's rows": (Table(("A",), ((NASTY,),)), f'<td role="cell" data-label="A" dir="auto">{SAFE}</td>'),
    "what a table leaves out": (Table(("A",), (("1",),), more="and 3 more"), "and 3 more"),
    "our own picture": (Image("/look/icon.svg", NASTY), f'<img src="/look/icon.svg" alt="{SAFE}">'),
    "our own picture by its whole address": (
        Image("https://bot.example/p/1.png", "a map"),
        '<img src="/p/1.png" alt="a map">',
    ),
    "a picture of somebody called like us": (Image("https://bot.example.org/x.png", "a map"), ">Picture: a map<"),
    "a picture from elsewhere behind our address": (
        Image("https://bot.example//b.example/x.png", "a map"),
        "<p>Picture: a map</p>",
    ),
    "a picture from elsewhere": (Image("https://a.example/x.png", "a map"), ">Picture: a map<"),
    "a picture from elsewhere, written like ours": (Image("//a.example/x.png", "a map"), "<p>Picture: a map</p>"),
}


@pytest.mark.parametrize(("element", "html"), ELEMENTS.values(), ids=ELEMENTS)
def test_an_element_is_drawn(element: Element, html: str) -> None:
    drawn = _card(Card("Title", (element,)))

    assert html in drawn


@pytest.mark.parametrize("tone", [tone for tone in Tone if tone.value])
def test_a_tone_is_a_word_too(tone: Tone) -> None:
    assert f'<span class="tone">{tone.value}' in _card(Card("Title", tone=tone))


def test_a_button_that_opens_a_form_says_so() -> None:
    drawn = _card(Card("Title", actions=(Button("Ask", "a.b", NASTY, opens=True),)))

    assert f'data-press="a.b" data-value="{SAFE}" data-entry="7" aria-haspopup="dialog">Ask</button>' in drawn


@pytest.mark.parametrize("drawn", [_card(Card(NASTY)), str(DRAWN.form(Form(NASTY, "a.b", (), token="t")))])
def test_what_each_platform_would_be_sent_stands_under_a_card_and_a_form(drawn: str) -> None:
    previews = drawn.split("<details")[1:]

    assert len(previews) == 2
    for preview, platform, text in zip(previews, ("Slack", "Teams"), ("text", "card"), strict=True):
        assert f'<summary>What {platform} would be sent<span class="unseen"> for {SAFE}</span></summary>' in preview
        assert f"&#34;{text}&#34;: &#34;&lt;i&gt;\\&#34;&#39;&amp;&#34;" in preview
    assert ["data-drawing" in preview for preview in previews] == [False, True]


LINKS = {
    "https://a.example": '<a href="https://a.example"',
    "/files/x": '<a href="/files/x"',
    "javascript:alert(1)": "<span>Open</span>",
    "//a.example": "<span>Open</span>",
}


@pytest.mark.parametrize(("url", "html"), LINKS.items())
def test_a_link_leads_only_where_it_may(url: str, html: str) -> None:
    assert html in _card(Card("Title", actions=(Link("Open", url),)))


def test_the_time_is_that_of_the_clock_on_the_wall() -> None:
    assert ">09:05</time>" in _card(Card("Title"))


CHOICES = tuple(Choice(str(number), f"Choice {number}") for number in range(9))
FIELDS = {
    "a line": (Field("f", "F", "text", value=NASTY), f'type="text" value="{SAFE}"'),
    "long text": (Field("f", "F", "longtext", value=NASTY, max_length=1500), "At most 1,500 characters."),
    "long text's value": (Field("f", "F", "longtext", value="</textarea>"), "&lt;/textarea&gt;</textarea>"),
    "a day": (Field("f", "F", "date", value="2026-11-21"), 'type="date" value="2026-11-21"'),
    "a time": (Field("f", "F", "time"), 'type="time"'),
    "few choices": (
        Field("f", "F", "choice", choices=CHOICES[:2], value="1"),
        'type="radio" name="f" value="1" checked',
    ),
    "many choices": (Field("f", "F", "choice", choices=CHOICES, value="8"), '<option value="8" selected>Choice 8'),
    "several choices": (
        Field("f", "F", "multichoice", choices=CHOICES, value="0,2"),
        'type="checkbox" name="f" value="2" checked',
    ),
    "a confirmation": (Field("f", "F", "confirm"), 'type="checkbox" id="f-f" name="f" value="yes"'),
    "a hint": (Field("f", "F", hint=NASTY), f'<p class="hint" id="f-f-hint">{SAFE}</p>'),
    "what may be left out": (Field("f", "F", required=False), "(optional)"),
    "what must be filled in": (Field("f", "F"), 'aria-required="true"'),
}


@pytest.mark.parametrize(("field", "html"), FIELDS.values(), ids=FIELDS)
def test_a_field_is_drawn(field: Field, html: str) -> None:
    drawn = str(DRAWN.form(Form("Title", "a.b", (field,), token="t")))

    assert html in drawn
    assert drawn.count('id="f-f"') == 1
    assert 'id="f-f-error" hidden' in drawn
