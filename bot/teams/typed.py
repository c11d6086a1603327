"""Boxes in which a choice is typed: for a form whose lists of choices would make its message too long for Teams."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.teams import words
from bot.teams.fitting import Json
from handlers.messages import Choice, Field, Form

_MOST_SHOWN = 6000  # characters of a list; whoever needs a longer one knows the name that they look for
_FEW = 6  # choices that are shown as they are, however long the form is
_BETWEEN = re.compile(r"[;\n]")


def is_typed(field: Field) -> bool:
    """Say whether a choice is typed rather than chosen, in a form that is too long."""
    return field.kind in ("choice", "multichoice") and len(field.choices) > _FEW


def lists(form: Form) -> Iterator[Json]:
    """Return what can be typed, each list once, however many boxes it is for."""
    for choices in _offered(form):
        said = "; ".join(map(_said, choices))
        if len(said) <= _MOST_SHOWN:
            yield from words.said(f"What you can type: {said}", size="Small")


def box(field: Field, value: str) -> Json:
    """Return the box for a choice, with the words of what was chosen before."""
    several = field.kind == "multichoice"
    chosen = value.split(",") if several else [value]
    shown = [next((_said(one) for one in field.choices if one.value == part), part) for part in chosen if part]
    hint = "Type names, with a semicolon between two" if several else "Type one name"
    return {"type": "Input.Text", "placeholder": hint, **({"value": "; ".join(shown)} if shown else {})}


def meant(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """Return what was filled in, with the words of a choice turned into its value; others stay as they were typed."""
    found = dict(values)
    for field in form.fields:
        if is_typed(field) and found.get(field.name):
            found[field.name] = _value(field, found[field.name])
    return found


def _value(field: Field, text: str) -> str:
    known = {choice.value: choice.value for choice in field.choices}
    known |= {_said(choice).casefold(): choice.value for choice in field.choices}
    if field.kind == "choice" or text in known or all(part in known for part in text.split(",")):
        return known.get(text) or known.get(text.strip().casefold(), text)
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    return ",".join(known.get(part.casefold(), part) for part in parts)


def _offered(form: Form) -> Iterator[tuple[Choice, ...]]:
    """Return the lists, but for those that are a part of another: boxes differ by a choice that stands for none."""
    every = list(dict.fromkeys(field.choices for field in form.fields if is_typed(field)))
    sets = [frozenset(one) for one in every]
    return (one for one, here in zip(every, sets, strict=True) if not any(here < other for other in sets))


def _said(choice: Choice) -> str:
    return words.one_line(choice.label) or choice.value
