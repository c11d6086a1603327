"""Tables as CSV and as JSON, written row by row."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import IO

from handlers.papers.table import Table, Value, neutral

JSON = "application/json"


def write_csv(table: Table, to: IO[bytes]) -> int:
    """Write a table as CSV; return how many rows it has. The marking is not in it: the file's name says it."""
    text = io.TextIOWrapper(
        to, encoding="utf-8-sig", newline="", write_through=True
    )  # or Excel guesses another encoding
    rows = csv.writer(text)
    rows.writerow([column.name for column in table.columns])
    count = 0
    for count, row in enumerate(table.rows, 1):  # noqa: B007 - the last number is how many there were
        rows.writerow([_said(value) for value in row])
    text.detach()
    return count


def write_json(table: Table, to: IO[bytes]) -> int:
    """Write a table as one JSON object; return how many rows it has."""
    about = {"marking": table.marking, **dict(table.about)}
    names = [column.name for column in table.columns]
    to.write(f'{{"about": {_json(about)},\n"{table.name.lower()}": ['.encode())
    count = 0
    for count, row in enumerate(table.rows, 1):
        to.write((",\n" if count > 1 else "\n").encode() + _json(dict(zip(names, row, strict=True))).encode())
    to.write(b"\n]}\n")
    return count


def _json(value: dict[str, Value] | dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda day: day.isoformat())


def _said(value: Value) -> Value:
    if isinstance(value, date):
        return value.isoformat()
    return neutral(value) if isinstance(value, str) else value
