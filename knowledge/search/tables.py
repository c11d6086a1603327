"""The word lists and weights that come with the program, read once."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from knowledge import yaml_text
from knowledge.search.concepts import Concepts
from knowledge.search.elsewhere import Elsewhere


@dataclass(frozen=True, slots=True)
class Tables:
    """What the search knows of English and of the sector, apart from any article."""

    concepts: Concepts
    elsewhere: Elsewhere
    english: dict[str, int]  # word -> rank, the most used first


@functools.cache
def shipped() -> Tables:
    """Read the lists of the program."""
    ranks = {word: rank for rank, word in enumerate(_text("search_english.txt").split())}
    return Tables(Concepts(_table("search_synonyms.yaml")), Elsewhere(_table("search_elsewhere.yaml")), ranks)


def weights() -> dict[str, Any]:
    """Read the weights that `tests/search/train.py` wrote."""
    read: dict[str, Any] = json.loads(_text("search_weights.json"))
    return read


def _table(name: str) -> Any:
    return yaml_text.parsed(_text(name))


def _text(name: str) -> str:
    return (resources.files("knowledge") / "data" / name).read_text(encoding="utf-8")
