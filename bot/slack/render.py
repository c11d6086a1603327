"""Cards, forms and errors as Slack's Block Kit. Pure functions: they know limits and nothing of storage.

https://docs.slack.dev/reference/block-kit says which block may stand where.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

from bot.slack import fitting, inputs, mrkdwn
from bot.slack.fitting import Block, Counted
from handlers.ask import MAX_QUESTION
from handlers.messages import (
    Action,
    Button,
    Card,
    Divider,
    Element,
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
)

QUESTION_BLOCK, QUESTION_ACTION, ASK_ACTION = "question", "home.question", "home.ask"
LINK_ACTION = "link"
_OF_A_VIEW = ("type", "callback_id", "title", "submit", "close", "private_metadata")  # what may be sent back
_EMPTY_CELL = "\N{EN DASH}"  # Slack refuses a message with an empty cell
_WIDE = 76  # characters that a line of fixed-width text has room for on a desktop


def message(card: Card) -> Block:
    """Return the text and the blocks of a message; the text is for notifications and screen readers."""
    text = mrkdwn.control_escaped(fitting.shortened(card.summary.strip(), fitting.MAX_TEXT))
    return {"text": text or "Message", "blocks": _blocks(card, tables=1, most=fitting.MAX_MESSAGE_BLOCKS)}


def modal_card(card: Card) -> Block:
    """Return a view that shows a card."""
    title = _headline(card).strip() or "Answer"
    whole = len(title) <= fitting.MAX_TITLE
    blocks = _blocks(card, tables=0, most=fitting.MAX_VIEW_BLOCKS, titled=not whole)
    return {
        "type": "modal",
        "title": _plain(fitting.shortened(title, fitting.MAX_TITLE)),
        "close": _plain("Close"),
        "blocks": blocks,
    }


def modal(form: Form) -> Block:
    """Return a view with the boxes of a form."""
    title = form.title.strip() or "Form"
    whole = len(title) <= fitting.MAX_TITLE
    blocks = [] if whole else _heading(title)
    blocks += [
        {"type": "section", "text": _plain(piece)} for piece in fitting.pieces([form.intro], fitting.MAX_SECTION)
    ]
    return {
        "type": "modal",
        "callback_id": form.action,
        "title": _plain(fitting.shortened(title, fitting.MAX_TITLE)),
        "submit": _plain(fitting.shortened(form.submit.strip() or "Send", fitting.MAX_TITLE)),
        "close": _plain("Cancel"),
        "private_metadata": inputs.metadata(form),
        "blocks": [*blocks, *map(inputs.box, form.fields)],
    }


def asked_besides(view: Mapping[str, Any], wrong: Mapping[str, str], field: Field) -> Block:
    """Return a sent view with a message above each box that is wrong, and one more box.

    Slack keeps what was typed where block and action keep their ids; nothing that was typed is in this view.
    https://docs.slack.dev/reference/views/modal-views, "Preserving input entry in views"
    """
    blocks: list[Block] = []
    for block in view.get("blocks", []):
        name = block.get("block_id", "")
        if block["type"] != "input" or name not in wrong:
            blocks.append(block)
            continue
        said = {"type": "section", "text": _plain(fitting.shortened(wrong[name], fitting.MAX_SECTION))}
        element = {key: value for key, value in block["element"].items() if key != "initial_value"}
        blocks += [said, {**block, "element": element}]
    known = {name: view[name] for name in _OF_A_VIEW if view.get(name)}
    return {**known, "blocks": [*blocks, inputs.box(field)][: fitting.MAX_VIEW_BLOCKS]}


def home(card: Card) -> Block:
    """Return the App Home: a card with a question box under its title."""
    box = {
        "type": "input",
        "block_id": QUESTION_BLOCK,
        "dispatch_action": True,
        "label": _plain("Your question"),
        "element": {
            "type": "plain_text_input",
            "action_id": QUESTION_ACTION,
            "max_length": MAX_QUESTION,
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        },
    }
    ask = {"type": "button", "action_id": ASK_ACTION, "text": _plain("Ask"), "style": "primary"}
    blocks = _blocks(card, tables=0, most=fitting.MAX_VIEW_BLOCKS - 2, titled=False)
    return {
        "type": "home",
        "blocks": [*_heading(_headline(card)), box, {"type": "actions", "elements": [ask]}, *blocks],
    }


def errors(found: Errors) -> dict[str, str]:
    """Return what is wrong by block, as Slack shows it under the boxes; what was typed stays there."""
    return {name: text.strip() or "Please look at this again." for name, text in found.by_field.items()}


def _blocks(card: Card, *, tables: int, most: int, titled: bool = True) -> list[Block]:
    heading = _drawn_heading(_headline(card)) if titled else ()
    body = list(heading[1:])
    for element in card.body:
        body += _drawn(element, tables > 0)
        tables -= isinstance(element, Table)
    foot = fitting.counted(_actions(card.actions))
    return fitting.fitted(heading[:1], body, foot, most) or [_section("There is nothing to show.")]


@functools.lru_cache(maxsize=256)
def _drawn_heading(text: str) -> tuple[Counted, ...]:
    return fitting.counted(_heading(text))


@functools.lru_cache(maxsize=1024)  # most of what is shown is articles and contacts, the same each time
def _drawn(element: Element, native_table: bool) -> tuple[Counted, ...]:  # noqa: FBT001 - a plain key for the cache
    return fitting.counted(_element(element, native_table=native_table))


def _headline(card: Card) -> str:
    return f"{card.tone.value}: {card.title}" if card.tone.value else card.title


def _element(element: Element, *, native_table: bool) -> list[Block]:
    match element:
        case Text(markdown):
            return [_section(piece) for piece in _pieces(markdown)]
        case Heading(text):
            return _heading(text)
        case Divider():
            return [{"type": "divider"}]
        case Note(markdown):
            return [_context(piece) for piece in _pieces(markdown)]
        case Facts(pairs):
            return list(_facts(pairs))
        case Table():
            return _native_table(element) if native_table and _fits_a_table(element) else _aligned_table(element)
        case Image(url, alt):
            return [_image(url, alt.strip())]
        case _:
            assert_never(element)


def _pieces(markdown: str) -> list[str]:
    return fitting.pieces(list(mrkdwn.lines(markdown)), fitting.MAX_SECTION)


def _heading(text: str) -> list[Block]:
    text = " ".join(text.split())
    if not text:
        return []
    header = {"type": "header", "text": _plain(fitting.shortened(text, fitting.MAX_HEADER))}
    rest = [] if len(text) <= fitting.MAX_HEADER else fitting.pieces([mrkdwn.escaped(text)], fitting.MAX_SECTION)
    return [header, *map(_section, rest)]


def _facts(pairs: Sequence[tuple[str, str]]) -> Iterable[Block]:
    fields: list[Block] = []
    for name, value in pairs:
        heading = f"*{mrkdwn.escaped(name.strip())}*\n" if name.strip() else ""
        text = f"{heading}{mrkdwn.escaped(value.strip())}"
        if len(text) > fitting.MAX_FIELD:
            yield from _fields(fields)
            yield from map(_section, fitting.pieces([text], fitting.MAX_SECTION))
            fields = []
        elif text.strip():
            fields.append(_mrkdwn(text))
    yield from _fields(fields)


def _fields(fields: list[Block]) -> Iterable[Block]:
    for start in range(0, len(fields), fitting.MAX_FIELDS):
        yield {"type": "section", "fields": fields[start : start + fitting.MAX_FIELDS]}


def _fits_a_table(table: Table) -> bool:
    return sum(len(cell) or 1 for row in (table.header, *table.rows) for cell in row) <= fitting.MAX_TABLE_CHARACTERS


def _native_table(table: Table) -> list[Block]:
    rows = [[_cell(cell) for cell in row] for row in (table.header, *table.rows)]
    # Slack refuses a column's settings that do not say how it is aligned
    settings = [{"align": "left", "is_wrapped": True} for _ in table.header]
    drawn: list[Block] = [{"type": "table", "rows": rows, "column_settings": settings}]
    return [*drawn, *_table_note(table)]


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": text if text.strip() else _EMPTY_CELL}


def _table_note(table: Table) -> list[Block]:
    return [_context(piece) for piece in fitting.pieces([mrkdwn.escaped(table.more)], fitting.MAX_SECTION)]


def _aligned_table(table: Table) -> list[Block]:
    rows = [[" ".join(cell.split()) or _EMPTY_CELL for cell in row] for row in (table.header, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) > _WIDE:
        lines = ["• " + "; ".join(_named(pair) for pair in zip(rows[0], row, strict=True)) for row in rows[1:]]
        return [*map(_section, fitting.pieces(lines, fitting.MAX_SECTION)), *_table_note(table)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip().replace("`", "'") for row in rows]
    fence = "```"
    room = fitting.MAX_SECTION - 2 * len(fence) - 2
    found = fitting.pieces([mrkdwn.control_escaped(line) for line in lines], room)
    return [*(_section(f"{fence}\n{piece}\n{fence}") for piece in found), *_table_note(table)]


def _named(pair: tuple[str, str]) -> str:
    return f"*{mrkdwn.escaped(pair[0])}*: {mrkdwn.escaped(pair[1])}"


def _image(url: str, alt: str) -> Block:
    alt = alt or "Picture"
    if url.startswith(("https://", "http://")) and len(url) <= fitting.MAX_URL:
        return {"type": "image", "image_url": url, "alt_text": fitting.shortened(alt, fitting.MAX_ALT)}
    return _section(fitting.shortened(f"[Picture: {mrkdwn.escaped(alt)}]", fitting.MAX_SECTION))


def _actions(actions: Iterable[Action]) -> Iterable[Block]:
    drawn = [_action(action, number) for number, action in enumerate(actions, start=1)]
    buttons = [block for block in drawn if block["type"] == "button"]
    for start in range(0, len(buttons), fitting.MAX_ACTIONS):
        yield {"type": "actions", "elements": buttons[start : start + fitting.MAX_ACTIONS]}
    yield from (block for block in drawn if block["type"] != "button")


def _action(action: Action, number: int) -> Block:
    label = " ".join(action.label.split()) or "Open"
    text = _plain(fitting.shortened(label, fitting.MAX_BUTTON))
    match action:
        case Button():
            block: Block = {"type": "button", "action_id": f"{action.action}#{number}", "text": text}
            if action.value:
                block["value"] = action.value
            if action.style != "plain":
                block["style"] = action.style
            return block
        case Link(_, url) if url.startswith(("https://", "http://")) and len(url) <= fitting.MAX_URL:
            return {"type": "button", "action_id": f"{LINK_ACTION}#{number}", "text": text, "url": url}
        case Link(_, url):
            return _section(fitting.shortened(mrkdwn.escaped(f"{label}: {url}"), fitting.MAX_SECTION))
        case _:
            assert_never(action)


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
