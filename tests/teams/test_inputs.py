"""The boxes of a form, both ways: what is shown, what was typed, and the form that travels in its button."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams import inputs, render
from handlers.messages import Choice, Errors, Field, Form
from tests.slack.test_render import forms
from tests.teams.lint import elements
from tests.teams.spoken import bounded

FORM = Form("Ask", "enquiries.send", (Field("question", "Your question", "longtext"),), "token-1", about="ENQ-1")
OFFERED = tuple(Choice(str(number), f"Choice {number}") for number in range(20))

BOXES: dict[str, tuple[Field, dict[str, Any]]] = {
    "a line": (Field("a", "A", max_length=40), {"type": "Input.Text", "maxLength": 40}),
    "many lines": (Field("a", "A", "longtext"), {"type": "Input.Text", "isMultiline": True}),
    "a value": (Field("a", "A", value="old"), {"value": "old"}),
    "a few choices": (Field("a", "A", "choice", choices=OFFERED[:6]), {"style": "expanded", "wrap": True}),
    "some choices": (Field("a", "A", "choice", choices=OFFERED[:15]), {"style": "compact"}),
    "many choices": (Field("a", "A", "choice", choices=OFFERED), {"style": "filtered"}),
    "several of a few": (
        Field("a", "A", "multichoice", choices=OFFERED[:3], value="2,0,9"),
        {"style": "expanded", "isMultiSelect": True, "value": "0,2"},
    ),
    "several of many": (Field("a", "A", "multichoice", choices=OFFERED), {"style": "compact", "isMultiSelect": True}),
    "a day": (Field("a", "A", "date", value="2026-11-21"), {"type": "Input.Date", "value": "2026-11-21"}),
    "a time": (Field("a", "A", "time", value="09:30"), {"type": "Input.Time", "value": "09:30"}),
    "a tick": (Field("a", "A", "confirm"), {"type": "Input.Toggle", "valueOn": "yes", "valueOff": "", "value": ""}),
    "a tick that is set": (Field("a", "A", "confirm", value="yes"), {"value": "yes"}),
    "what may stay empty": (Field("a", "A", required=False), {"label": "A (optional)"}),
    "no label": (Field("a", " "), {"label": "a"}),
}


@pytest.mark.parametrize(("field", "wanted"), BOXES.values(), ids=BOXES)
def test_every_kind_of_box_is_drawn(field: Field, wanted: dict[str, Any]) -> None:
    (box,) = inputs.boxes(replace(FORM, fields=(field,)), {}, {})

    assert {name: box.get(name) for name in wanted} == wanted
    assert box["id"] == "in.a"


def test_a_choice_that_is_not_offered_is_not_chosen() -> None:
    (box,) = inputs.boxes(replace(FORM, fields=(Field("a", "A", "choice", choices=OFFERED, value="99"),)), {}, {})

    assert "value" not in box


def test_the_hint_stands_under_its_box() -> None:
    _, hint = inputs.boxes(replace(FORM, fields=(Field("a", "A", hint="Not *yet*."),)), {}, {})

    assert (hint["text"], hint["size"]) == ("Not \N{ASTERISK OPERATOR}yet\N{ASTERISK OPERATOR}.", "Small")


def test_what_was_typed_stays_with_what_is_wrong_under_it() -> None:
    summary, box, wrong = inputs.boxes(FORM, {"question": "Who?"}, {"question": "Please write more."})

    assert box["value"] == "Who?"
    assert (wrong["text"], wrong["color"]) == ("Please change this: Please write more.", "attention")
    assert summary["items"][0]["text"] == "Not sent yet. Please look again at: Your question"


def test_what_is_wrong_elsewhere_is_said_at_the_top() -> None:
    summary, *_ = inputs.boxes(FORM, {}, {"gone": "This form is old."})

    assert [item["text"] for item in summary["items"]] == ["Please change this: This form is old."]


def test_a_box_that_is_asked_for_besides_is_added_and_travels_along() -> None:
    errors = Errors({"question": "Is it about a family?"}, also=Field("sure", "It is not", "confirm"))

    for shown in (render.dialog(FORM, instead=errors), render.inline_form(FORM, instead=errors)):
        carried = next(row["data"]["form"] for row in elements(shown) if row["type"].startswith("Action."))
        form = inputs.unpacked(carried)
        assert [row["id"] for row in elements(shown) if row["type"].startswith("Input.")] == ["in.question", "in.sure"]
        assert form is not None
        assert [field.name for field in form.fields] == ["question", "sure"]


def test_a_box_that_is_asked_for_again_is_not_there_twice() -> None:
    errors = Errors({"question": "Again."}, also=FORM.fields[0])

    shown = render.dialog(FORM, instead=errors)

    assert [row["id"] for row in elements(shown) if row["type"].startswith("Input.")] == ["in.question"]


TYPED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "words": ({"in.a": "one"}, {"a": "one"}),
    "several choices": ({"in.a": "0,2"}, {"a": "0,2"}),
    "a tick": ({"in.a": "yes", "in.b": ""}, {"a": "yes", "b": ""}),
    "keys of ours": ({"form": "x", "do": "y", "msteams": {}, "in.a": "one"}, {"a": "one"}),
    "what is not text": ({"in.a": 3, "in.b": None, "in.c": ["x"], "in.d": {"in.e": "x"}}, {}),
    "nothing": ({}, {}),
}


@pytest.mark.parametrize(("data", "found"), TYPED.values(), ids=TYPED)
def test_what_was_typed_is_read_by_the_names_of_the_boxes(data: dict[str, Any], found: dict[str, str]) -> None:
    assert inputs.values(data) == found


def _without_values(form: Form) -> Form:
    return replace(form, fields=tuple(replace(field, value="") for field in form.fields))


@given(forms.map(bounded))
def test_a_form_comes_back_as_it_was_sent_but_for_what_was_typed(form: Form) -> None:
    assert inputs.unpacked(inputs.packed(form)) == _without_values(form)


def _pack(kept: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(kept).encode())).decode()


_FIELD = ["name", "Label", "text", "", True, 300, 0]


def _kept(*fields: object, **changed: object) -> list[object]:
    plain = {"action": "a.b", "about": "", "token": "t", "title": "T", "intro": "", "submit": "S"}
    lists = changed.pop("lists", [[]])
    return [*(plain | changed).values(), lists, [*fields]]


def _field(at: int, value: object) -> list[object]:
    return [*_FIELD[:at], value, *_FIELD[at + 1 :]]


ODD: dict[str, object] = {
    "not text": 7,
    "nothing": "",
    "no base64": "{}",
    "not zipped": base64.urlsafe_b64encode(b"[]").decode(),
    "not JSON": base64.urlsafe_b64encode(zlib.compress(b"{")).decode(),
    "not UTF-8": base64.urlsafe_b64encode(zlib.compress(b'"\xff"')).decode(),
    "cut off": inputs.packed(FORM)[:-8],
    "something after it": base64.urlsafe_b64encode(zlib.compress(b"[]") + b"more").decode(),
    "a bomb": base64.urlsafe_b64encode(zlib.compress(b'"' + b"a" * 5_000_000 + b'"')).decode(),
    "too long": "A" * 16_001,
    "too deep": base64.urlsafe_b64encode(zlib.compress(b"[" * 60_000)).decode(),
    "another shape": _pack({"action": "a.b"}),
    "a text in place of a list": _pack("seven.."),
    "no boxes": _pack(_kept()),
    "two boxes of one name": _pack(_kept(_FIELD, _FIELD)),
    "too many boxes": _pack(_kept(*(_field(0, f"n{number}") for number in range(51)))),
    "no action": _pack(_kept(_FIELD, action="")),
    "an action that is a number": _pack(_kept(_FIELD, action=1)),
    "half of a character": _pack(_kept(_FIELD, title="\ud800")),
    "a box without a name": _pack(_kept(_field(0, ""))),
    "a box that is a text": _pack(_kept("1234567")),
    "a box of another kind": _pack(_kept(_field(2, "file"))),
    "a kind that is a list": _pack(_kept(_field(2, ["text"]))),
    "required is a number": _pack(_kept(_field(4, 1))),
    "length is a truth": _pack(_kept(_field(5, value=True))),
    "length is negative": _pack(_kept(_field(5, -1))),
    "length is a fraction": _pack(_kept(_field(5, 1.5))),
    "choices are a text": _pack(_kept(_FIELD, lists=["ab"])),
    "a choice is a number": _pack(_kept(_FIELD, lists=[[[1, "a"]]])),
    "too many choices": _pack(_kept(_FIELD, lists=[[["a", "b"]] * 1001])),
    "a choice of three": _pack(_kept(_FIELD, lists=[[["a", "b", "c"]]])),
    "a list that is not there": _pack(_kept(_field(6, 1))),
    "a list before the first": _pack(_kept(_field(6, -1))),
    "a list that is a truth": _pack(_kept(_field(6, value=False))),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_no_form_is_nothing(text: object) -> None:
    assert inputs.unpacked(text) is None


def test_the_plain_form_of_these_cases_is_one() -> None:
    assert inputs.unpacked(_pack(_kept(_FIELD))) is not None


@given(st.text(), st.binary(max_size=60))
def test_nothing_that_is_sent_breaks_the_reading(text: str, data: bytes) -> None:
    assert inputs.unpacked(text) is None
    assert inputs.unpacked(base64.urlsafe_b64encode(zlib.compress(data)).decode()) is None
