"""The boxes of a form, both ways: fields to inputs of a card, and what Teams sends back to plain values.

A form travels in its own button, so that it can be drawn again with what was typed and nothing is stored.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any, assert_never, get_args, get_type_hints

from bot.teams import fitting, typed, words
from bot.teams.fitting import Json
from handlers.messages import Choice, Field, Form

PREFIX = "in."  # so that no box of a form is taken for what a button of ours carries
MAX_PACKED, MAX_UNPACKED = 16_000, 64_000
_MOST_FIELDS, _MOST_CHOICES, _MOST_TYPED = 50, 1000, 100_000
_MOST_EXPANDED, _MOST_COMPACT = 6, 15
_YES = "yes"
_KINDS = frozenset(get_args(get_type_hints(Field)["kind"]))


def packed(form: Form) -> str:
    """Return a form without its values as text that a button carries."""
    lists = list(dict.fromkeys(field.choices for field in form.fields))  # many boxes may offer the same
    offered = [[[choice.value, choice.label] for choice in one] for one in lists]
    fields = [_kept(field, lists.index(field.choices)) for field in form.fields]
    kept = [form.action, form.about, form.token, form.title, form.intro, form.submit, offered, fields]
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def _kept(field: Field, offered: int) -> list[Any]:
    return [field.name, field.label, field.kind, field.hint, field.required, field.max_length, offered]


def unpacked(text: object) -> Form | None:
    """Read what `packed` wrote. Anybody can send anything: what is not a form in every detail is None."""
    if not isinstance(text, str) or len(text) > MAX_PACKED:
        return None
    try:
        return _form(json.loads(_unzipped(base64.b64decode(text, altchars=b"-_", validate=True))))
    except (ValueError, TypeError, zlib.error, RecursionError):
        return None


def _unzipped(data: bytes) -> str:
    reader = zlib.decompressobj()
    found = reader.decompress(data, MAX_UNPACKED)
    if not reader.eof or reader.unused_data:
        raise ValueError("too long, or not whole")
    return found.decode()


def _form(kept: Any) -> Form:
    action, about, token, title, intro, submit, offered, fields = kept
    lists = [tuple(starmap(_choice, _listed(one, _MOST_CHOICES))) for one in _listed(offered, _MOST_FIELDS)]
    found = tuple(_field(one, lists) for one in _listed(fields, _MOST_FIELDS))
    if not found or len({field.name for field in found}) < len(found) or not action:
        raise ValueError("no boxes, or two of one name")
    return Form(_str(title), _str(action), found, _str(token), _str(about), _str(submit), _str(intro))


def _choice(value: Any, shown: Any) -> Choice:
    return Choice(_str(value), _str(shown))


def _field(kept: Any, lists: Sequence[tuple[Choice, ...]]) -> Field:
    name, label, kind, hint, required, max_length, offered = kept
    if not name or kind not in _KINDS or type(required) is not bool or type(max_length) is not int:
        raise ValueError("not a field")
    if not 0 < max_length <= _MOST_TYPED:
        raise ValueError("not a length")
    if type(offered) is not int or not 0 <= offered < len(lists):
        raise ValueError("not a list of choices")
    return Field(_str(name), _str(label), kind, _str(hint), required, max_length, lists[offered])


def _listed(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("not a list, or too long")
    return value


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    value.encode()  # half of a character cannot be sent on: UnicodeEncodeError is a ValueError
    return value


def values(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was filled in, by field; several choices are joined by commas, a ticked box is "yes"."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in data.items()
        if isinstance(name, str) and name.startswith(PREFIX) and isinstance(value, str)
    }


def boxes(
    form: Form, values: Mapping[str, str], errors: Mapping[str, str], *, choices_typed: bool = False
) -> list[Json]:
    """Return the boxes of a form, with what is wrong under each; what is wrong elsewhere is said at the top.

    `choices_typed` makes the form shorter: who fills it in types what stands in its longer lists of choices.
    """
    lists = typed.lists(form) if choices_typed else ()
    drawn = (part for field in form.fields for part in _box(field, values, errors, choices_typed=choices_typed))
    return [*_summary(form, errors), *lists, *drawn]


def _summary(form: Form, errors: Mapping[str, str]) -> Iterator[Json]:
    if not errors:
        return
    lines = [_wrong(text) for name, text in errors.items() if name not in {field.name for field in form.fields}]
    marked = [_label(field) for field in form.fields if field.name in errors]
    if marked:
        lines.append(f"Not sent yet. Please look again at: {'; '.join(marked)}")
    yield {"type": "Container", "style": "attention", "items": [*map(words.shown, dict.fromkeys(lines))]}


def _wrong(text: str) -> str:
    return f"Please change this: {text.strip() or 'look at it again.'}"


def _box(field: Field, values: Mapping[str, str], errors: Mapping[str, str], *, choices_typed: bool) -> Iterator[Json]:
    label = _label(field) if field.required or field.kind == "confirm" else f"{_label(field)} (optional)"
    value = values.get(field.name, field.value)
    drawn = typed.box(field, value) if choices_typed and typed.is_typed(field) else _element(field, value)
    yield {"id": f"{PREFIX}{field.name}", "label": label, **drawn}
    if field.name in errors:
        yield words.shown(_wrong(errors[field.name]), color="attention", weight="Bolder", spacing="Small")
    if hint := fitting.shortened(words.one_line(field.hint), fitting.MAX_HINT):
        yield words.shown(hint, size="Small", isSubtle=True, spacing="Small")


def _label(field: Field) -> str:
    return fitting.shortened(words.one_line(field.label) or field.name, fitting.MAX_LABEL)


def _element(field: Field, value: str) -> Json:
    given = {"value": value} if value else {}
    match field.kind:
        case "text":
            return {"type": "Input.Text", "maxLength": field.max_length, **given}
        case "longtext":
            return {"type": "Input.Text", "isMultiline": True, "maxLength": field.max_length, **given}
        case "choice":
            return _choices(field, [value], several=False)
        case "multichoice":
            return _choices(field, value.split(","), several=True)
        case "date":
            return {"type": "Input.Date", **given}
        case "time":
            return {"type": "Input.Time", **given}
        case "confirm":
            chosen = _YES if value == _YES else ""
            return {"type": "Input.Toggle", "title": "Yes", "valueOn": _YES, "valueOff": "", "value": chosen}
        case _:
            assert_never(field.kind)


def _choices(field: Field, values: list[str], *, several: bool) -> Json:
    count = len(field.choices)
    style = "expanded" if count <= _MOST_EXPANDED else "compact" if count <= _MOST_COMPACT or several else "filtered"
    shown = [{"title": _option(choice), "value": choice.value} for choice in field.choices]
    box: Json = {"type": "Input.ChoiceSet", "style": style, "choices": shown, "wrap": True}
    if several:
        box["isMultiSelect"] = True
    elif style != "expanded":
        box["placeholder"] = "Choose one"
    chosen = [choice.value for choice in field.choices if choice.value in values]
    return {**box, "value": ",".join(chosen)} if chosen else box


def _option(choice: Choice) -> str:
    return words.literal(fitting.shortened(words.one_line(choice.label) or choice.value, fitting.MAX_LABEL))
