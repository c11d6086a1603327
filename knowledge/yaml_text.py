"""Reads YAML with the reader in C, where PyYAML has it: ten times as fast, and much is read at every start."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(text: str) -> Any:
    """Return what a text in YAML holds: mappings, lists and plain values only. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both choices are safe loaders
