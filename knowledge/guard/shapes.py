"""Patterns that stand as data: lists of alternatives by name, and patterns that speak of them as <name>."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from knowledge import yaml_text


def table(name: str) -> dict[str, Any]:
    """Read one YAML file of the guard's data."""
    file = resources.files("knowledge") / "data" / name
    found: dict[str, Any] = yaml_text.parsed(file.read_text(encoding="utf-8"))
    return found


def compiled(pattern: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern with its lists put in. Capitals do not matter."""
    while (filled := re.sub(r"(?<!P)<([a-z_]+)>", lambda name: lists[name[1]], pattern)) != pattern:
        pattern = filled
    return re.compile(pattern, re.IGNORECASE)
