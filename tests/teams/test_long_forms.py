"""Forms whose lists of choices are too long for a message of Teams: a choice is typed, and means the same."""

from __future__ import annotations

import json

import pytest

from bot.teams import fitting, inputs, render, typed
from handlers.messages import Choice, Errors, Field, Form
from tests.teams.lint import lint_message, lint_task

LEFT_OUT = Choice("", "Leave it out")
COLUMNS = tuple(Choice(f"c{number}", f"Heading of column {number}") for number in range(60))
BOXES = tuple(
    Field(f"box-{at}", f"Which column is {at}?", "choice", choices=(*([] if at % 2 else [LEFT_OUT]), *COLUMNS))
    for at in range(26)
)
MATCH = Form("Match the columns", "imports.matched", BOXES, "token", "7", "Look at it")
AGENCIES = tuple(Choice(f"a{number}", f"Invented Agency, Number {number}") for number in range(400))
AUDIENCE = Form("For whom", "a.b", (Field("agencies", "Agencies", "multichoice", choices=AGENCIES),), "token")


@pytest.mark.parametrize("form", [MATCH, AUDIENCE], ids=["columns", "agencies"])
def test_a_long_form_fits_and_comes_back_as_it_was(form: Form) -> None:
    task, message = render.dialog(form), render.inline_form(form)

    assert [fitting.size(one) <= fitting.MAX_MESSAGE for one in (task, message)] == [True, True]
    assert (lint_task(task), lint_message(message)) == ([], [])
    assert inputs.unpacked(inputs.packed(form)) == form


def test_what_can_be_typed_stands_there_once() -> None:
    shown = json.dumps(render.dialog(MATCH))

    assert shown.count("Heading of column 59") == 1
    assert "Leave it out" in shown


@pytest.mark.parametrize("text", ["Heading of column 7", "  heading OF column 7 ", "c7"])
def test_the_words_of_a_choice_mean_it(text: str) -> None:
    assert typed.meant(MATCH, {"box-1": text, "box-2": ""}) == {"box-1": "c7", "box-2": ""}


def test_several_choices_are_typed_with_a_semicolon_between_them() -> None:
    text = "Invented Agency, Number 3; invented agency, number 14;"

    assert typed.meant(AUDIENCE, {"agencies": text}) == {"agencies": "a3,a14"}
    assert typed.meant(AUDIENCE, {"agencies": "a3,a14"}) == {"agencies": "a3,a14"}


def test_what_no_choice_is_called_stays_as_it_was_typed_and_is_shown_again() -> None:
    values = typed.meant(MATCH, {"box-1": "Heading of column 7", "box-2": "Haeding"})
    again = json.dumps(render.dialog(MATCH, values=values, instead=Errors({"box-2": "Choose a column."})))

    assert values["box-2"] == "Haeding"
    assert all(text in again for text in ('"value": "Haeding"', '"value": "Heading of column 7"', "Choose a column."))


def test_a_short_list_is_chosen_from_as_ever() -> None:
    form = Form("Short", "a.b", (Field("one", "One", "choice", choices=COLUMNS[:9]),), "token")

    assert '"Input.ChoiceSet"' in json.dumps(render.dialog(form))
