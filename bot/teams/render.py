"""Cards, forms and errors as Adaptive Cards 1.5 for Teams. Pure functions: they know limits and nothing of storage.

https://adaptivecards.io/explorer says which element has which property. What is drawn once is shown often, so
elements are shared: whoever gets a card from here copies what it changes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from bot.teams import fitting, inputs, words
from bot.teams.fitting import Json, Sized
from handlers.messages import (
    Action,
    Button,
    Card,
    Divider,
    Element,
    Errors,
    Facts,
    Form,
    Heading,
    Image,
    Link,
    Note,
    Table,
    Text,
    Tone,
)

CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
FETCH = {"type": "task/fetch"}  # what makes a button open a dialog
SEND_FORM = "form"
_STYLES = {Tone.DANGER: "attention", Tone.WARNING: "warning", Tone.GOOD: "good"}
_ACTION_STYLES = {"primary": "positive", "danger": "destructive"}
_DIVIDED = {"separator": True, "spacing": "Medium"}
_WORD = re.compile(r"[^\s-]+-?")  # a browser begins a new line after a hyphen too
_EMPTY_CELL = "\N{EN DASH}"
_MOST_FACTS = 10  # of one set
_LONG_FACT, _LONG_WORD = 500, 30  # characters from which a fact is a paragraph: a phone has no room beside its name
# Characters by which the columns of a table share its width: on a phone, words are broken where they do not fit.
_CELL_MARGIN, _WIDEST, _WORDS_OF_A_PHONE = 3, 14, 36
_TALL = 1500  # bytes of a card that needs a taller dialog


def message(card: Card, *, mark: str = "") -> Json:
    """Return a message with a card. `mark` is the id of its first element, by which it can be found again."""
    return _message(card.summary, attachment(card, mark=mark))


def attachment(card: Card, *, mark: str = "") -> Json:
    """Return a card as it is attached to a message, or stands in an answer."""
    around = fitting.size(_message(card.summary, _attached([], [], wide=True))) + fitting.size({"id": mark})
    heading = _drawn_heading(_headline(card), card.tone)
    return _fitted(card, heading, around, actions=_actions(card.actions), mark=mark)


def dialog_card(card: Card) -> Json:
    """Return what a dialog shows in place of a form: a card, whose buttons send."""
    title = words.one_line(_headline(card)) or "Answer"
    shown = fitting.shortened(title, fitting.MAX_TITLE)
    task = _task(shown, _attached([], [], wide=True), "medium")
    heading = () if shown == title else _drawn_heading(title, card.tone)
    drawn = _fitted(card, heading, fitting.size(task), actions=_actions(card.actions, in_dialog=True))
    return {**task, "height": "medium" if fitting.size(drawn) <= _TALL else "large", "card": drawn}


def dialog(form: Form, *, values: Mapping[str, str] | None = None, instead: Errors | Card | None = None) -> Json:
    """Return a form for a dialog. With `instead` it is the same form again, with what was typed and what came of it."""
    form = _with_another(form, instead)
    title = words.one_line(form.title) or "Form"
    shown = fitting.shortened(title, fitting.MAX_TITLE)
    submit = {"type": "Action.Submit", **_submit(form)}
    height = "medium" if len(form.fields) <= 2 else "large"  # noqa: PLR2004

    def drawn(*, choices_typed: bool) -> Json:
        boxes = _boxes(form, values, instead, choices_typed=choices_typed)
        return _task(shown, _attached([*([] if shown == title else _heading(title)), *boxes], [submit]), height)

    return _short_enough(drawn)


def inline_form(form: Form, *, values: Mapping[str, str] | None = None, instead: Errors | Card | None = None) -> Json:
    """Return a message with the boxes of a form, for a conversation that nobody else reads."""
    form = _with_another(form, instead)
    title = words.one_line(form.title) or "Form"
    submit = {"type": "Action.Execute", "verb": SEND_FORM, **_submit(form)}

    def drawn(*, choices_typed: bool) -> Json:
        boxes = _boxes(form, values, instead, choices_typed=choices_typed)
        return _message(title, _attached([*_heading(title), *boxes], [submit]))

    return _short_enough(drawn)


def _short_enough(drawn: Callable[..., Json]) -> Json:
    """Return a form with its choices to choose from, or to type where they would make it too long."""
    found = drawn(choices_typed=False)
    return found if fitting.size(found) <= fitting.MAX_MESSAGE else drawn(choices_typed=True)


def launcher(title: str, said: str) -> Json:
    """Return a message with a button that opens a dialog by saying words again."""
    title = words.one_line(title) or "Form"
    body = [*_heading(title), *words.blocks("The form opens in a window of its own.")]
    button = {"type": "Action.Submit", "title": "Open the form", "data": {"msteams": FETCH, "say": said}}
    return _message(title, _attached(body, [{**button, "style": _ACTION_STYLES["primary"]}]))


def _message(summary: str, attached: Json) -> Json:
    text = fitting.shortened(words.one_line(summary), fitting.MAX_SUMMARY)
    return {"type": "message", "summary": text or "Message", "attachments": [attached]}


def _task(title: str, attached: Json, height: str) -> Json:
    return {"title": title, "height": height, "width": "medium", "card": attached}


def _attached(body: Sequence[Json], actions: Sequence[Json], *, wide: bool = False) -> Json:
    card: Json = {"type": "AdaptiveCard", "version": "1.5", "body": body}
    if actions:
        card["actions"] = actions
    if wide:
        card["msteams"] = {"width": "Full"}
    return {"contentType": CONTENT_TYPE, "content": card}


def _fitted(card: Card, heading: Sequence[Sized], around: int, *, actions: Sequence[Json], mark: str = "") -> Json:
    shown, room = [], fitting.MAX_MESSAGE - around - len(',"actions":[]')
    for action, count in fitting.sized(actions[: fitting.MAX_ACTIONS]):
        if room - count >= fitting.MAX_MESSAGE // 4:  # no button may leave its card without words
            room -= count
            shown.append(action)
    body = [*heading[1:], *_body(card.body)]
    if len(shown) < len(actions):
        body += fitting.sized(words.said("Some buttons of this card could not be shown."))
    foot = fitting.sized(_unopened(card.actions))
    elements = fitting.fitted(heading[:1], body, foot, room) or [*words.blocks("There is nothing to show.")]
    if mark:
        elements[0] = {**elements[0], "id": mark}
    return _attached(elements, shown, wide=any(isinstance(part, Table) for part in card.body))


def _headline(card: Card) -> str:
    return f"{card.tone.value}: {card.title}" if card.tone.value else card.title


def _body(elements: Iterable[Element]) -> Iterator[Sized]:
    rows, divided = fitting.MAX_ROWS, False
    for element in elements:
        take = min(rows, 1 + len(element.rows)) if isinstance(element, Table) else 0
        for drawn, count in _drawn(element, take):
            if divided:
                yield {**drawn, **_DIVIDED}, count + fitting.size(_DIVIDED)
            else:
                yield drawn, count
            rows -= len(drawn["rows"]) if drawn["type"] == "Table" else 0
            divided = False
        divided = divided or isinstance(element, Divider)


@functools.lru_cache(maxsize=256)
def _drawn_heading(text: str, tone: Tone) -> tuple[Sized, ...]:
    drawn = _heading(text)
    if drawn and tone in _STYLES:
        drawn[0] = {"type": "Container", "style": _STYLES[tone], "bleed": True, "items": [drawn[0]]}
    return fitting.sized(drawn)


@functools.lru_cache(maxsize=1024)  # most of what is shown is articles and contacts, the same each time
def _drawn(element: Element, rows: int) -> tuple[Sized, ...]:
    return fitting.sized(_element(element, rows))


def _element(element: Element, rows: int) -> Iterable[Json]:
    match element:
        case Text(markdown):
            return words.blocks(markdown)
        case Heading(text):
            return _heading(text, size="Medium")
        case Divider():
            return ()
        case Note(markdown):
            return words.blocks(markdown, size="Small", isSubtle=True)
        case Facts(pairs):
            return _facts(pairs)
        case Table():
            return _table(element, rows)
        case Image(url, alt):
            return _image(url, words.one_line(alt) or "Picture")
        case _:
            assert_never(element)


def _heading(text: str, *, size: str = "Large") -> list[Json]:
    text = words.one_line(text)
    if not text:
        return []
    shown = fitting.shortened(text, fitting.MAX_HEADING)
    return [
        words.shown(shown, style="heading", size=size, weight="Bolder"),
        *(words.said(text) if len(text) > fitting.MAX_HEADING else ()),
    ]


def _facts(pairs: Iterable[tuple[str, str]]) -> Iterator[Json]:
    facts: list[Json] = []
    for name, value in pairs:
        if _is_long(name, value):
            yield from _fact_sets(facts)
            facts = []
            yield from words.said(name, weight="Bolder")
            yield from words.said(value)
        elif name.strip() or value.strip():
            facts.append({"title": words.literal(name) or _EMPTY_CELL, "value": words.literal(value) or _EMPTY_CELL})
    yield from _fact_sets(facts)


def _is_long(name: str, value: str) -> bool:
    long = len(name) > fitting.MAX_LABEL or len(value) > _LONG_FACT
    return long or any(len(word) > _LONG_WORD for word in value.split())


def _fact_sets(facts: Sequence[Json]) -> Iterator[Json]:
    for start in range(0, len(facts), _MOST_FACTS):
        yield {"type": "FactSet", "facts": facts[start : start + _MOST_FACTS]}


def _table(table: Table, rows: int) -> Iterator[Json]:
    head, *others = [[words.one_line(cell) or _EMPTY_CELL for cell in row] for row in (table.header, *table.rows)]
    drawn = _native_table([head, *others[: rows - 1]]) if rows > 1 else {}
    fits = bool(drawn) and fitting.size(drawn) <= fitting.MAX_TABLE
    if fits:
        yield drawn
    for row in others[rows - 1 :] if fits else others:
        line = "; ".join(f"{name}: {cell}" for name, cell in zip(head, row, strict=True))
        yield from words.said(f"• {line}")
    if not table.rows and not fits:
        yield from words.said("; ".join(head))
    yield from words.said(table.more, size="Small", isSubtle=True)


def _native_table(rows: Sequence[Sequence[str]]) -> Json:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    look = {"size": "Small"} if sum(widths) > _WORDS_OF_A_PHONE else {}
    cells = [[{"type": "TableCell", "items": [words.shown(cell, **look)]} for cell in row] for row in rows]
    return {
        "type": "Table",
        "firstRowAsHeader": True,
        "columns": [{"width": width} for width in widths],
        "rows": [{"type": "TableRow", "cells": row} for row in cells],
    }


def _width(cell: str) -> int:
    return _CELL_MARGIN + min(max(0, len(cell) // 3, *map(len, _WORD.findall(cell))), _WIDEST)


def _image(url: str, alt: str) -> Iterable[Json]:
    if not url.startswith("https://") or not words.opens(url):
        return words.said(f"[Picture: {alt}]")
    shown = fitting.shortened(alt, fitting.MAX_ALT)
    return [{"type": "Image", "url": url, "altText": shown, "msteams": {"allowExpand": True}}]


def _actions(actions: Iterable[Action], *, in_dialog: bool = False) -> list[Json]:
    return [drawn for action in actions if (drawn := _action(action, in_dialog=in_dialog))]


def _unopened(actions: Iterable[Action]) -> Iterator[Json]:
    for action in actions:
        if isinstance(action, Link) and not words.opens(action.url):
            text = words.one_line(f"{_label(action)}: {action.url}")
            yield from words.said(fitting.shortened(text, fitting.MAX_SUMMARY))


def _action(action: Action, *, in_dialog: bool) -> Json | None:
    title = fitting.shortened(_label(action), fitting.MAX_BUTTON)
    match action:
        case Button():
            drawn = {**_pressed(action, in_dialog=in_dialog), "title": title}
            if action.style != "plain":
                drawn["style"] = _ACTION_STYLES[action.style]
            return drawn
        case Link(_, url):
            return {"type": "Action.OpenUrl", "title": title, "url": url} if words.opens(url) else None
        case _:
            assert_never(action)


def _pressed(button: Button, *, in_dialog: bool) -> Json:
    if in_dialog:
        return {"type": "Action.Submit", "data": {"do": button.action, "value": button.value}}
    if button.opens:
        return {"type": "Action.Submit", "data": {"msteams": FETCH, "do": button.action, "value": button.value}}
    return {"type": "Action.Execute", "verb": button.action, "data": {"value": button.value}}


def _label(action: Action) -> str:
    return words.one_line(action.label) or "Open"


def _submit(form: Form) -> Json:
    title = fitting.shortened(words.one_line(form.submit) or "Send", fitting.MAX_BUTTON)
    return {"title": title, "style": _ACTION_STYLES["primary"], "data": {"form": inputs.packed(form)}}


def _with_another(form: Form, instead: Errors | Card | None) -> Form:
    another = instead.also if isinstance(instead, Errors) else None
    if another is None or another.name in {field.name for field in form.fields}:
        return form
    return replace(form, fields=(*form.fields, another))


def _boxes(
    form: Form, values: Mapping[str, str] | None, instead: Errors | Card | None, *, choices_typed: bool
) -> list[Json]:
    errors = instead.by_field if isinstance(instead, Errors) else {}
    above = _noticed(instead) if isinstance(instead, Card) else []
    drawn = inputs.boxes(form, values or {}, errors, choices_typed=choices_typed)
    return [*above, *words.said(form.intro), *drawn]


def _noticed(card: Card) -> list[Json]:
    """Return what a card says, to stand above a form that was not taken."""
    items = [*_heading(_headline(card), size="Medium"), *(drawn for drawn, _ in _body(card.body))]
    return [{"type": "Container", "style": _STYLES.get(card.tone, "emphasis"), "items": items}]
