"""Cards and forms as Block Kit: every one that the vocabulary can say, and every one that the bot does say."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import fitting, inputs, render
from handlers.messages import (
    Button,
    Card,
    Choice,
    Divider,
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
from tests.slack.blocks import lint_message, lint_view
from tests.slack.workspace import buttons, words

LONG = "safeguarding " * 400

texts = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from("*_~`<>&|#!@[]()\\ \nab"), max_size=40),
    st.sampled_from(
        ["", " ", LONG, "x" * 4000, "&" * 3500, "<!channel>", "**bold** _it_ [a](https://example.org/?a=1|2)"]
    ),
)
names = st.text(string.ascii_lowercase, min_size=1, max_size=20)
addresses = st.one_of(
    st.just("https://example.org/picture.png"), st.just("/relative"), st.just("javascript:alert(1)"), texts
)
values = st.text(max_size=200)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 4))
    row = st.tuples(*[texts] * columns)
    return Table(draw(row), tuple(draw(st.lists(row, max_size=30))), draw(texts))


elements = st.one_of(
    st.builds(Text, texts), st.builds(Heading, texts), st.just(Divider()), st.builds(Note, texts), tables(),
    st.builds(Facts, st.lists(st.tuples(texts, texts), max_size=25).map(tuple)), st.builds(Image, addresses, texts),
)  # fmt: skip
pressed = st.builds(Button, texts, names, values, st.sampled_from(["plain", "primary", "danger"]), st.booleans())
cards = st.builds(
    Card,
    texts,
    st.lists(elements, max_size=12).map(tuple),
    st.lists(st.one_of(pressed, st.builds(Link, texts, addresses)), max_size=6).map(tuple),
    st.sampled_from(Tone),
    texts,
    st.booleans(),
)
choices = st.lists(names, min_size=1, max_size=30, unique=True).flatmap(
    lambda found: st.tuples(*[st.builds(Choice, st.just(name), texts) for name in found])
)
fields = st.builds(
    Field, names, texts,
    st.sampled_from(["text", "longtext", "choice", "multichoice", "date", "time", "confirm"]),
    texts, st.booleans(), st.integers(1, 5000), choices,
    st.one_of(texts, names, st.sampled_from(["2026-11-21", "09:30", "2026-1-1", "25:00", "yes"])),
)  # fmt: skip
forms = st.builds(
    Form, texts, names, st.lists(fields, min_size=1, max_size=10, unique_by=lambda field: field.name).map(tuple),
    names, values, texts, texts,
)  # fmt: skip


@given(cards)
def test_slack_would_show_every_card(card: Card) -> None:
    assert lint_message(render.message(card)) == []
    assert lint_view(render.modal_card(card)) == []
    assert lint_view(render.home(card)) == []


def test_a_note_under_a_table_longer_than_a_block_is_shown_whole() -> None:
    shown = render.message(Card("Title", (Table(("A",), (("b",),), more=LONG),)))

    assert lint_message(shown) == []
    assert words(shown["blocks"]).count("safeguarding") == LONG.count("safeguarding")


@given(forms)
def test_slack_would_show_every_form(form: Form) -> None:
    assert lint_view(render.modal(form)) == []


@given(cards)
def test_a_message_always_has_words_for_notifications(card: Card) -> None:
    assert render.message(card)["text"].strip()


@given(st.lists(st.text(st.sampled_from("ab <>&;\n"), max_size=200)), st.integers(20, 100))
def test_pieces_lose_no_word(lines: list[str], most: int) -> None:
    found = fitting.pieces(lines, most)

    assert all(0 < len(piece) <= most for piece in found)
    assert "".join("".join(found).split()) == "".join("".join(lines).split())


def test_an_escaped_sign_is_never_cut_in_two() -> None:
    text = f"{'a' * 2997}&&&{'b' * 10}"

    sections = render.message(Card("Title", (Text(text),)))["blocks"][1:]

    assert [section["text"]["text"][-1] for section in sections] == ["a", "b"]
    assert sections[1]["text"]["text"].startswith("&amp;&amp;&amp;")


SAID = {
    "bold": ("**Act** now", "*Act* now"),
    "italic": ("*Act* now", "_Act_ now"),
    "both": ("***Act*** now", "*_Act_* now"),
    "bold inside a word": ("un**safe**ly", "un\u200b*safe*\u200bly"),
    "a link": ("[the page](https://example.org/?a=1&b=2)", "<https://example.org/?a=1&amp;b=2|the page>"),
    "a link with a bar": ("[a|b](https://example.org/a|b)", "<https://example.org/a%7Cb|a¦b>"),
    "a link within the knowledge base": ("[Neglect](kb:neglect)", "Neglect"),
    "a link that runs something": ("[x](javascript:alert)", "[x](javascript:alert)"),
    "a list": ("First:\n\n- one\n- two", "First:\n• one\n• two"),
    "a numbered list": ("1. one\n2. two", "1. one\n2. two"),
    "two paragraphs": ("one\n\ntwo", "one\n\ntwo"),
    "Slack's signs": ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
    "marks that somebody typed": (r"\*not bold\* \_x\_ \~y\~ a\_b", "*\u200bnot bold* _\u200bx_ ~\u200by~ a_b"),
}


@pytest.mark.parametrize(("markdown", "mrkdwn"), SAID.values(), ids=SAID)
def test_the_small_markdown_becomes_slacks(markdown: str, mrkdwn: str) -> None:
    assert render.message(Card("Title", (Text(markdown),)))["blocks"][1]["text"]["text"] == mrkdwn


def test_a_tone_is_a_word_in_title_and_notification() -> None:
    message = render.message(Card("Call 999", tone=Tone.DANGER))

    assert (message["text"], message["blocks"][0]["text"]["text"]) == ("Act now: Call 999",) * 2


def test_what_is_too_much_for_one_message_is_said_to_be_left_out_and_the_buttons_stay() -> None:
    card = Card("Much", tuple(Text(LONG) for _ in range(5)), (Button("Next", "help.show"),))

    message = render.message(card)

    assert "the rest is left out" in words(message)
    assert [button["text"]["text"] for button in buttons(message)] == ["Next"]


def test_a_long_title_is_whole_under_its_heading() -> None:
    title = "A title of many words " * 10

    message = render.message(Card(title))

    assert message["blocks"][0]["text"]["text"].endswith("…")
    assert message["blocks"][1]["text"]["text"] == title.strip()


def test_a_table_is_a_table_in_a_message_and_aligned_text_in_a_modal() -> None:
    card = Card("Gaps", (Table(("Question", "Times"), (("a", "1"), ("", "20")), more="3 more"),))

    message, modal = render.message(card), render.modal_card(card)

    assert [[cell["text"] for cell in row] for row in message["blocks"][1]["rows"]] == [
        ["Question", "Times"],
        ["a", "1"],
        ["\N{EN DASH}", "20"],
    ]
    assert modal["blocks"][0]["text"]["text"] == "```\nQuestion  Times\na         1\n\N{EN DASH}         20\n```"
    assert "3 more" in words(message)
    assert "3 more" in words(modal)


def test_a_second_table_is_text_since_slack_takes_one() -> None:
    table = Table(("Question",), (("a",),))

    kinds = [block["type"] for block in render.message(Card("Two", (table, table)))["blocks"]]

    assert kinds == ["header", "table", "section"]


def test_a_table_too_wide_to_align_becomes_lines_that_name_their_columns() -> None:
    table = Table(("Question", "Nearest"), (("a " * 40, "b"),))

    assert "• *Question*: a" in words(render.modal_card(Card("Wide", (table,))))


def test_buttons_that_do_the_same_are_told_apart() -> None:
    card = Card("Vote", actions=(Button("Yes", "ask.vote", "1:yes"), Button("No", "ask.vote", "1:no")))

    found = buttons(render.message(card))

    assert [(button["action_id"], button["value"]) for button in found] == [
        ("ask.vote#1", "1:yes"),
        ("ask.vote#2", "1:no"),
    ]


KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "text": ({}, {"type": "plain_text_input", "value": "a"}, "a"),
    "longtext": ({}, {"type": "plain_text_input", "value": None}, ""),
    "choice": ({"choices": 3}, {"type": "radio_buttons", "selected_option": {"value": "1"}}, "1"),
    "multichoice": (
        {"choices": 3},
        {"type": "checkboxes", "selected_options": [{"value": "0"}, {"value": "2"}]},
        "0,2",
    ),
    "date": ({}, {"type": "datepicker", "selected_date": "2026-11-21"}, "2026-11-21"),
    "time": ({}, {"type": "timepicker", "selected_time": None}, ""),
    "confirm": ({}, {"type": "checkboxes", "selected_options": [{"value": "yes"}]}, "yes"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_box_is_drawn_and_read_back(kind: Any) -> None:
    more, sent, value = KINDS[kind]
    offered = tuple(Choice(str(number), f"Choice {number}") for number in range(more.get("choices", 0)))

    drawn = inputs.box(Field("name", "Label", kind, choices=offered))

    assert drawn["element"]["type"] == sent["type"]
    assert inputs.values({"values": {"name": {drawn["element"]["action_id"]: sent}}}) == {"name": value}


def test_many_choices_become_a_menu() -> None:
    offered = tuple(Choice(str(number), f"Choice {number}") for number in range(11))

    drawn = [inputs.box(Field("n", "L", kind, choices=offered, value="4")) for kind in ("choice", "multichoice")]

    assert [box["element"]["type"] for box in drawn] == ["static_select", "multi_static_select"]
    assert drawn[0]["element"]["initial_option"]["value"] == "4"


def test_errors_are_words_by_box() -> None:
    assert render.errors(Errors({"a": "Please write.", "b": " "})) == {
        "a": "Please write.",
        "b": "Please look at this again.",
    }


def test_a_card_without_anything_still_shows_words() -> None:
    assert render.message(Card(""))["blocks"] == [
        {"type": "section", "text": {"type": "mrkdwn", "text": "There is nothing to show."}}
    ]
