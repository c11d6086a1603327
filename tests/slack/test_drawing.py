"""Slack's blocks as HTML, as the page with the preview of a bulletin shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import drawing, mrkdwn
from handlers.messages import Button, Card, Divider, Facts, Heading, Image, Link, Note, Table, Text

DRAWN = {
    "bold": ("**Now**", "<strong>Now</strong>"),
    "italic": ("Do it *now*.", "Do it <em>now</em>."),
    "bold and italic": ("***now***", "<strong><em>now</em></strong>"),
    "a link": (
        "[the guide](https://example.org/a?b=1&c=2)",
        '<a href="https://example.org/a?b=1&amp;c=2">the guide</a>',
    ),
    "a bold link": (
        "**[the guide](https://example.org)**",
        '<strong><a href="https://example.org">the guide</a></strong>',
    ),
    "a quotation mark in a link": ('[a](https://example.org/"b)', '<a href="https://example.org/%22b">a</a>'),
    "a list": ("- one\n- two", "• one<br>• two"),
    "marks that are only marks": (r"2 \* 3 \* 4, snake\_case\_name", "2 * 3 * 4, snake_case_name"),
    "what looks like HTML": ("1 < 2 & 3 > 2 <b>x</b>", "1 &lt; 2 &amp; 3 &gt; 2 &lt;b&gt;x&lt;/b&gt;"),
}


@pytest.mark.parametrize(("markdown", "html"), DRAWN.values(), ids=DRAWN)
def test_what_was_written_looks_as_it_does_in_slack(markdown: str, html: str) -> None:
    assert drawing.mrkdwn("\n".join(mrkdwn.lines(markdown))) == html


def test_every_part_of_a_card_is_drawn_in_its_order() -> None:
    parts = (
        Heading("Two"), Text("Three"), Divider(), Note("Four"), Facts((("Five", "six"),)),
        Image("https://example.org/a.png", "Seven"), Table(("Eight",), (("Nine",),), "Ten"),
    )  # fmt: skip
    card = Card("One", parts, (Button("Eleven", "help.show"), Link("Twelve", "https://example.org")))

    html = drawing.drawn(card)

    said = ["One", "Two", "Three", "<hr>", "Four", "Five", "six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"]
    places = [html.index(words) for words in said]
    assert places == sorted(places)
    assert "<h3>One</h3>" in html
    assert "<h4>Two</h4>" in html
    assert '<th scope="col">Eight</th>' in html


@given(st.text())
def test_nothing_that_was_written_becomes_a_tag(text: str) -> None:
    html = drawing.drawn(Card(text, (Text(text), Note(text))))

    assert "<script" not in html.lower()
    assert "<img" not in html.lower()
