"""Two programmes that read calendars and know nothing of each other: `vobject` in Python, Mozilla's ical.js in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import vobject
from playwright._impl._driver import compute_driver_executable

# version 2.2.1 of ical.js as published, unchanged; its licence stands beside it
_PACKAGE = Path(__file__).parent / "ical.es5.min.cjs"
_READ = Path(__file__).parent / "read.js"
_TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class Read:
    """One event as a reader understood it, with its moments in UTC, or its days."""

    uid: str
    sequence: int
    starts: str
    ends: str
    summary: str
    place: str
    description: str
    status: str


def by_vobject(text: bytes) -> list[Read]:
    """Return the events that vobject finds."""
    whole = vobject.readOne(text.decode())
    return [
        Read(
            uid=event.uid.value,
            sequence=int(event.sequence.value),
            starts=_in_utc(event.dtstart.value),
            ends=_in_utc(event.dtend.value),
            summary=event.summary.value,
            place=_value(event, "location"),
            description=_value(event, "description"),
            status=event.status.value,
        )
        for event in whole.contents.get("vevent", [])
    ]


def by_ical_js(text: bytes) -> list[Read]:
    """Return the events that ical.js finds."""
    node = shutil.which("node") or compute_driver_executable()[0]
    ran = subprocess.run(
        [node, str(_READ), str(_PACKAGE)], input=text, capture_output=True, timeout=_TIMEOUT, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [Read(**found) for found in json.loads(ran.stdout)]


READERS: Mapping[str, Callable[[bytes], list[Read]]] = MappingProxyType({"vobject": by_vobject, "ical.js": by_ical_js})


def _value(event: Any, name: str) -> str:
    return str(event.getChildValue(name, ""))


def _in_utc(at: Any) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(at, datetime) else at.isoformat()
