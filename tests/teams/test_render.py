"""Cards and forms as Adaptive Cards: every one that the vocabulary can say, and every one that the bot does say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams import fitting, inputs, render, surface
from handlers.messages import (
    Button,
    Card,
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
from tests.slack.test_render import LONG, cards, forms, texts
from tests.teams import lint, package
from tests.teams.lint import lint_message, lint_task, size
from tests.teams.spoken import Spoken, bounded

FORM = Form("Ask the secretariat", "enquiries.send", (Field("question", "Your question", "longtext"),), "token-1")


def body(shown: lint.Json) -> list[lint.Json]:
    return list(shown["attachments"][0]["content"]["body"])


def actions(shown: lint.Json) -> list[lint.Json]:
    return list(shown["attachments"][0]["content"].get("actions", []))


def read(thing: Any) -> str:
    return "\n".join(lint.words(thing))


# --- any card, any form ----------------------------------------------------------------------------------------


@given(cards)
def test_teams_would_show_every_card(card: Card) -> None:
    assert lint_message(render.message(card, mark="delivery-7")) == []
    assert lint_task(render.dialog_card(card)) == []
    assert all(isinstance(problem, str) for problem in surface.problems(card))


@given(forms.map(bounded), st.dictionaries(st.sampled_from("abc"), texts), st.booleans())
def test_teams_would_show_every_form(form: Form, errors: dict[str, str], again: bool) -> None:
    wrong = {**errors, form.fields[0].name: "This is wrong."}
    more: dict[str, Any] = {"values": {form.fields[0].name: "typed"}, "instead": Errors(wrong)} if again else {}

    for problems in (lint_task(render.dialog(form, **more)), lint_message(render.inline_form(form, **more))):
        assert [problem for problem in problems if not problem.endswith("bytes")] == []


@given(forms)
def test_no_form_is_an_error(form: Form) -> None:
    assert render.dialog(form)["card"]["content"]["body"]
    assert render.inline_form(form)["summary"]


def test_teams_and_microsofts_own_package_take_everything_that_the_bot_says(spoken: Spoken) -> None:
    assert len(spoken.cards) > 200
    assert len(spoken.forms) > 50
    messages = [*map(render.message, spoken.cards), *map(render.inline_form, spoken.forms)]
    tasks = [*map(render.dialog_card, spoken.cards), *map(render.dialog, spoken.forms)]

    assert {problem for one in messages for problem in lint_message(one)} == set()
    assert {problem for one in tasks for problem in lint_task(one)} == set()
    assert [
        card.title for card, shown in zip(spoken.cards, messages, strict=False) if fitting.MORE in read(shown)
    ] == []
    content = [one["attachments"][0]["content"] for one in messages] + [one["card"]["content"] for one in tasks]
    assert {problem for found in package.problems(content) for problem in found} == set()
    for form in spoken.forms:
        again = inputs.unpacked(inputs.packed(form))
        assert again is not None
        assert render.dialog(again, values={one.name: one.value for one in form.fields}) == render.dialog(form)


def test_microsofts_package_takes_every_element_of_the_vocabulary() -> None:
    card = Card(
        "One",
        (
            Text("**Two**\n\n- a\n- b"), Heading("Three"), Divider(), Note("[four](https://example.org)"),
            Facts((("Five", "six"), ("", "seven"), ("eight", ""))), Table(("A", "B"), (("1", ""),), "more"),
            Image("https://example.org/a.png", "Nine"),
        ),
        (Button("Ten", "a.b"), Button("Eleven", "a.b", opens=True, style="danger"), Link("Twelve", "tel:999")),
        Tone.DANGER,
    )  # fmt: skip
    shown = render.message(card, mark="mark")

    assert package.problems([shown["attachments"][0]["content"]]) == [[]]
    assert package.problems([{"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlok"}]}]) != [[]]


# --- elements --------------------------------------------------------------------------------------------------

TONES = {
    Tone.DANGER: ("Act now: Call 999", "attention"),
    Tone.WARNING: ("Please note: Call 999", "warning"),
    Tone.GOOD: ("Done: Call 999", "good"),
}


@pytest.mark.parametrize("tone", TONES)
def test_a_tone_is_a_word_in_title_and_summary_and_a_colour_besides(tone: Tone) -> None:
    shown = render.message(Card("Call 999", tone=tone))
    (title,) = body(shown)

    assert (shown["summary"], title["style"]) == TONES[tone]
    assert (title["items"][0]["text"], title["items"][0]["style"]) == (TONES[tone][0], "heading")


def test_a_mark_is_the_id_of_the_first_element_and_of_that_message_only() -> None:
    card = Card("Title", (Text("One"),))

    assert body(render.message(card, mark="delivery-7"))[0]["id"] == "delivery-7"
    assert "id" not in body(render.message(card))[0]


def test_a_divider_is_a_line_over_what_follows() -> None:
    _, one, two, three = body(
        render.message(Card("T", (Text("One"), Divider(), Text("Two"), Text("Three"), Divider())))
    )

    assert [bool(block.get("separator")) for block in (one, two, three)] == [False, True, False]


def test_a_long_title_is_whole_under_its_heading() -> None:
    title = "A title of many words " * 10

    heading, whole = body(render.message(Card(title)))

    assert heading["text"].endswith("…")
    assert whole["inlines"][0]["text"] == title.strip()


def test_a_table_has_a_header_and_no_empty_cell() -> None:
    shown = render.message(Card("Gaps", (Table(("Question", "Times"), (("a", "1"), ("", "20")), more="3 more"),)))
    _, table, more = body(shown)

    assert table["firstRowAsHeader"] is True
    assert [[cell["items"][0]["text"] for cell in row["cells"]] for row in table["rows"]] == [
        ["Question", "Times"], ["a", "1"], ["\N{EN DASH}", "20"],
    ]  # fmt: skip
    assert more["inlines"][0]["text"] == "3 more"
    assert shown["attachments"][0]["content"]["msteams"] == {"width": "Full"}


def test_rows_beyond_those_that_teams_shows_are_lines_that_name_their_columns() -> None:
    table = Table(("Number", "Word"), tuple((str(number), f"word {number}") for number in range(30)))

    shown = render.message(Card("Two tables", (table, table)))

    assert lint_message(shown) == []
    assert "• Number: 29; Word: word 29" in read(shown)
    assert all(read(shown).count(f"word {number}\n") == 2 for number in range(29))


def test_a_table_too_long_for_one_message_becomes_lines_of_which_some_are_left_out() -> None:
    shown = render.message(Card("Long", (Table(("A", "B"), ((LONG, "b"),) * 6),), (Button("Next", "help.show"),)))

    assert lint_message(shown) == []
    assert "• A: safeguarding" in read(shown)
    assert "the rest is left out" in read(shown)
    assert [action["title"] for action in actions(shown)] == ["Next"]


def test_what_is_too_much_for_one_message_is_said_to_be_left_out_and_the_buttons_stay() -> None:
    card = Card("Much", tuple(Text(f"{number} {LONG}") for number in range(6)), (Button("Next", "help.show"),))

    shown = render.message(card)

    assert "the rest is left out" in read(shown)
    assert 15_000 < size(shown) <= 20_000
    assert [action["title"] for action in actions(shown)] == ["Next"]


def test_a_long_fact_is_a_paragraph() -> None:
    shown = body(render.message(Card("T", (Facts((("A", "b"), ("C", LONG), ("D", "e"))),))))

    assert [block["type"] for block in shown[1:]] == ["FactSet", *["RichTextBlock"] * 4, "FactSet"]


PICTURES = {
    "https": ("https://example.org/a.png", "Image"),
    "http": ("http://example.org/a.png", "RichTextBlock"),
    "a path": ("/a.png", "RichTextBlock"),
    "with spaces": ("https://example.org/a b.png", "RichTextBlock"),
}


@pytest.mark.parametrize(("url", "kind"), PICTURES.values(), ids=PICTURES)
def test_a_picture_is_shown_from_a_safe_address_or_else_its_words(url: str, kind: str) -> None:
    _, picture = body(render.message(Card("T", (Image(url, "A park"),))))

    assert picture["type"] == kind
    assert "A park" in read([picture])


# --- buttons ---------------------------------------------------------------------------------------------------

PRESSED: dict[str, tuple[Button | Link, dict[str, Any]]] = {
    "a button": (
        Button("Yes", "ask.vote", "1:yes"),
        {"type": "Action.Execute", "title": "Yes", "verb": "ask.vote", "data": {"value": "1:yes"}},
    ),
    "a button that opens a form": (
        Button("Ask", "enquiries.ask", "7", style="primary", opens=True),
        {
            "type": "Action.Submit", "title": "Ask", "style": "positive",
            "data": {"msteams": {"type": "task/fetch"}, "do": "enquiries.ask", "value": "7"},
        },
    ),
    "a button that ends something": (
        Button("Stop", "a.b", style="danger"),
        {"type": "Action.Execute", "title": "Stop", "verb": "a.b", "data": {"value": ""}, "style": "destructive"},
    ),
    "a link": (
        Link("The page", "https://example.org"),
        {"type": "Action.OpenUrl", "title": "The page", "url": "https://example.org"},
    ),
    "a number to call": (Link("Call", "tel:999"), {"type": "Action.OpenUrl", "title": "Call", "url": "tel:999"}),
}  # fmt: skip


@pytest.mark.parametrize(("action", "wanted"), PRESSED.values(), ids=PRESSED)
def test_what_is_pressed_carries_what_it_does(action: Button | Link, wanted: dict[str, Any]) -> None:
    assert actions(render.message(Card("T", actions=(action,)))) == [wanted]


@pytest.mark.parametrize("opens", [True, False])
def test_a_button_in_a_dialog_sends(opens: bool) -> None:
    task = render.dialog_card(Card("T", actions=(Button("Yes", "ask.vote", "1", opens=opens),)))

    assert task["card"]["content"]["actions"] == [
        {"type": "Action.Submit", "title": "Yes", "data": {"do": "ask.vote", "value": "1"}}
    ]


def test_an_address_that_is_not_opened_is_words() -> None:
    shown = render.message(Card("T", actions=(Link("The page", "javascript:alert(1)"),)))

    assert actions(shown) == []
    assert "The page: javascript:alert(1)" in read(shown)


def test_a_seventh_button_is_left_out_and_this_is_said() -> None:
    shown = render.message(Card("T", actions=tuple(Button(str(number), "a.b") for number in range(7))))

    assert [action["title"] for action in actions(shown)] == list("012345")
    assert "Some buttons of this card could not be shown." in read(shown)


# --- forms and dialogs -----------------------------------------------------------------------------------------


def test_a_form_is_sent_by_a_button_that_carries_it() -> None:
    task, message = render.dialog(FORM), render.inline_form(FORM)
    (submit,), (execute,) = task["card"]["content"]["actions"], actions(message)

    assert (submit["type"], submit["title"]) == ("Action.Submit", "Send")
    assert (execute["type"], execute["verb"]) == ("Action.Execute", "form")
    assert inputs.unpacked(submit["data"]["form"]) == inputs.unpacked(execute["data"]["form"]) == FORM
    assert (task["title"], task["height"], message["summary"]) == ("Ask the secretariat", "medium", FORM.title)


def test_a_dialog_says_its_title_once_unless_it_is_cut() -> None:
    card = Card("A title of many words " * 5, (Text("One"),))

    short, long = render.dialog_card(Card("Short", (Text("One"),))), render.dialog_card(card)

    assert [row["type"] for row in short["card"]["content"]["body"]] == ["RichTextBlock"]
    assert long["title"].endswith("…")
    assert long["card"]["content"]["body"][0]["text"] == card.title.strip()


def test_a_launcher_says_the_words_again_when_it_is_pressed() -> None:
    shown = render.launcher("Ask the secretariat", "ask the secretariat please")

    assert lint_message(shown) == []
    assert [action["data"] for action in actions(shown)] == [
        {"msteams": {"type": "task/fetch"}, "say": "ask the secretariat please"}
    ]


def test_a_card_without_anything_still_shows_words() -> None:
    assert read(body(render.message(Card("")))) == "There is nothing to show."


# --- what could not be shown -----------------------------------------------------------------------------------

SHOWN = {
    "a small card": Card("One", (Text("Two"),)),
    "a full one": Card("One", (Text("word " * 2_500),)),
    "a picture": Card("One", (Image("https://example.org/a.png", "A park"),)),
}
NOT_SHOWN = {
    "too many characters": (Card("One", (Text("word " * 4_000),)), "Shorten it"),
    "too many in other letters": (Card("One", (Text("слово " * 2_000),)), "20,000 bytes"),
    "too many buttons": (Card("One", (), (Button("b", "help.show"),) * 7), "6 buttons"),
    "a long word on a button": (Card("One", (), (Button("b" * 76, "help.show"),)), "over 75 characters"),
    "many words for a picture": (Card("One", (Image("https://example.org/a.png", "a" * 1_001),)), "over 1,000"),
    "a picture that is not public": (Card("One", (Image("file:///a.png", "A park"),)), "https://"),
}


@pytest.mark.parametrize("card", SHOWN.values(), ids=SHOWN)
def test_what_teams_shows_whole_passes(card: Card) -> None:
    assert surface.problems(card) == []


@pytest.mark.parametrize(("card", "said"), NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_what_teams_would_leave_out_is_said(card: Card, said: str) -> None:
    (problem,) = surface.problems(card)

    assert said in problem
