"""Lines of JSON that a command is given, in a file or on standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer


def values(batch: Path, key: str, example: str) -> Iterator[tuple[int, Any]]:
    """Give the number of every line that is not empty, and what stands in it under a key; `-` is standard input.

    Raises typer.BadParameter with the number of the line that cannot be read.
    """
    source = sys.stdin if str(batch) == "-" else batch.open(encoding="utf-8")
    with source:
        for number, line in enumerate(source, 1):
            if line.strip():
                try:
                    value = json.loads(line)[key]
                except (ValueError, KeyError, TypeError):
                    raise unreadable(number, key, example) from None
                yield number, value


def unreadable(number: int, key: str, example: str) -> typer.BadParameter:
    """Return the error that says how a line should look."""
    return typer.BadParameter(f'line {number} should look like {{"{key}": "{example}"}}')
