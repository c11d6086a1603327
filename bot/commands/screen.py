"""`thscp screen`: what the guard thinks of a text, for tests and for data-protection officers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.guard import Scan

_DECIDED = {
    "pass": "This goes on: nothing in it looks as if it names a child or family.",
    "ask": "This asks first: a name was found that may be a colleague's.",
    "block": "This does not go on.",
}


def screen(
    text: Annotated[str, typer.Argument(help="The text to look at. Your shell may keep it.", show_default=False)] = "",
    batch: Annotated[
        Path | None,
        typer.Option(help='Look at every line {"text": ...} of this file; one line of JSON each; - is standard input.'),
    ] = None,
) -> None:
    """See what the guard finds in a text. Nothing is stored."""
    from bot.commands import lines
    from knowledge import guard

    if batch is None:
        typer.echo(_words(guard.scan(text), text))
        return
    for number, said in lines.values(batch, "text", "some words"):
        if not isinstance(said, str):
            raise lines.unreadable(number, "text", "some words")
        typer.echo(json.dumps(_row(guard.scan(said))))


def _row(found: Scan) -> dict[str, object]:
    return {
        "identifying": found.identifying,
        "urgent": found.urgent,
        "decision": found.decision.value,
        "spans": [{"start": one.start, "end": one.end, "type": one.kind.value} for one in found.findings],
    }


def _words(found: Scan, text: str) -> str:
    lines = ["This reads as urgent: 999 and the front door are shown first."] if found.urgent else []
    if not found.urgent or found.identifying:
        lines.append(_DECIDED[found.decision.value])
    if found.referral:
        lines.append("This reads like a referral: the way to refer is shown.")
    if found.case:
        lines.append("This reads like one child's case.")
    lines += [f"  {one.kind.value}: {text[one.start : one.end]!r} (rule: {one.rule})" for one in found.findings]
    return "\n".join(lines)
