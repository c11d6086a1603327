"""What holds for every card that becomes an e-mail, whatever people wrote into it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.email import surface
from bot.email.flowed import SIGNATURE, flowed, unflowed
from bot.email.render import MAX_SUBJECT, Links, mail
from handlers.messages import Button, Card, Heading, Image, Link, Table, Text, Tone
from handlers.prose import escape
from tests.email.cards import CARDS, LINKS

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


class _Outline(HTMLParser):
    """Reads the tags and the words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += f"{data} "

    def named(self, *names: str) -> list[tuple[str, dict[str, str | None]]]:
        return [tag for tag in self.tags if tag[0] in names]


@given(WORDS)
def test_a_subject_is_one_line_of_bounded_length_whatever_the_title(title: str) -> None:
    subject = mail(Card(title), links=Links()).subject

    assert subject.strip()
    assert len(subject) <= MAX_SUBJECT
    assert len(subject.splitlines()) == 1
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", subject)


@given(WORDS)
def test_what_people_typed_is_shown_and_never_read_as_html(typed: str) -> None:
    tags = [
        "html",
        "head",
        "meta",
        "meta",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "table",
        "thead",
        "tr",
    ]
    tags += ["th", "tbody", "tr", "td"]

    html = mail(Card(typed, (Heading(typed), Table((typed,), ((typed,),)))), links=Links()).html

    assert [tag for tag, _ in _Outline(html).tags] == tags


@given(WORDS)
def test_flowed_text_is_joined_again_to_what_it_was(typed: str) -> None:
    text = "\n".join(" ".join(line.split()) for line in typed.splitlines())
    lines = [line for line in text.split("\n") if f"{line} " != SIGNATURE]

    shown = flowed("\n".join(lines))

    assert unflowed(shown) == "\n".join(lines)
    assert all(len(line) <= 78 or " " not in line.strip() for line in shown.split("\n"))
    assert not any(line.startswith((">", "From ")) for line in shown.split("\n"))


@pytest.mark.parametrize("name", CARDS)
def test_text_and_html_say_the_same(name: str) -> None:
    shown = mail(CARDS[name], links=LINKS)

    outline = _Outline(shown.html.partition("<main>")[2])
    in_html = set(re.findall(r"\w+", outline.words))
    in_text = set(re.findall(r"\w+", unflowed(shown.text)))

    assert in_html - in_text == set()


def test_headings_are_in_order_and_tables_and_pictures_say_what_they_are() -> None:
    outline = _Outline(mail(CARDS["everything"], links=LINKS).html)

    assert [tag for tag, _ in outline.named("h1", "h2", "h3")] == ["h1", "h2", "h2"]
    assert {attributes["scope"] for _, attributes in outline.named("th")} == {"col"}
    assert [attributes["alt"] for _, attributes in outline.named("img")] == ["A chart: visits rise from 3 to 12"]
    assert outline.named("html")[0][1]["lang"] == "en-GB"


def test_the_tone_comes_first_as_a_word_in_subject_text_and_html() -> None:
    shown = mail(Card("Read this", tone=Tone.DANGER), links=Links())

    assert shown.subject == "Act now: Read this"
    assert shown.text.startswith("Act now: Read this")
    assert '<h1 dir="auto">Act now: Read this</h1>' in shown.html


def test_a_picture_from_elsewhere_is_a_link_so_that_nobody_learns_who_reads() -> None:
    html = mail(Card("Title", (Image("https://elsewhere.example/pixel.gif", "A poster"),)), links=LINKS).html

    assert "<img" not in html
    assert '<a href="https://elsewhere.example/pixel.gif">Picture: A poster</a>' in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//elsewhere.example", "file:///etc/passwd"]
)
def test_an_address_that_nobody_should_open_is_no_link(url: str) -> None:
    card = Card("Title", (Text(f"[{escape('press')}]({url})"), Image(url, "A picture")), (Link("Open", url),))

    html = mail(card, links=LINKS).html

    assert f'href="{url}' not in html
    assert f'src="{url}' not in html


def test_a_preview_needs_no_links() -> None:
    shown = mail(Card("Title", actions=(Button("Press", "x"),)), links=Links())

    assert "Press" in shown.text
    assert "href" not in shown.html


def test_what_mail_programs_would_hide_or_cut_is_said_beforehand() -> None:
    assert surface.problems(CARDS["everything"]) == []
    assert "mail programs hide" in surface.problems(Card("Long", (Text("word " * 25_000),)))[0]
    assert "too long for a subject" in surface.problems(Card("word " * 60))[0]
