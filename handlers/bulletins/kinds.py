"""The kinds of bulletins and their sections, read from `knowledge/data/bulletins.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from handlers.context import UserError
from handlers.messages import Tone
from knowledge import yaml_text

MAX_SECTION = 3000  # characters that one box of a form in Slack takes


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a bulletin, under its own heading.

    `empty` is what is shown when the author leaves it out; without it, the heading is left out too. A section with
    `contacts` is a standing one: nobody writes it, `standing` are its words.
    """

    key: str
    label: str
    hint: str = ""
    required: bool = False
    max_length: int = MAX_SECTION
    empty: str = ""
    standing: str = ""
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a bulletin needs beside the approval of a second person; with a `section`, only when that is written.

    It is given by who sits in the `group`, on that `seat` where one is named, or holds the `post`.
    """

    name: str
    label: str
    group: str
    seat: str = ""
    post: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class BulletinKind:
    """One kind of bulletin: what is in it, how often it comes, and how it has to read.

    `rule` says in words when it comes again, and is empty where it does not. `max_words` is 0 where none is set.
    """

    name: str
    label: str
    sections: tuple[Section, ...]
    approvals: tuple[Agreement, ...]
    rule: str
    grade: float
    grade_must: bool
    max_words: int
    tone: Tone

    @property
    def written(self) -> tuple[Section, ...]:
        """Return the sections that somebody writes, in their order."""
        return tuple(section for section in self.sections if not section.standing)

    def section(self, key: str) -> Section | None:
        """Return the section with this key; None when there is none."""
        return next((section for section in self.sections if section.key == key), None)


def kind_of(name: str) -> BulletinKind:
    """Return a kind by its name. Raises UserError when there is none, or none any more."""
    if name not in KINDS:
        raise UserError("There is no such kind of bulletin.", hint=f"There are: {', '.join(KINDS)}.")
    return KINDS[name]


def _section(row: Mapping[str, Any], blocks: Mapping[str, Mapping[str, Any]]) -> Section:
    if "block" in row:
        block = blocks[row["block"]]
        return Section(row["key"], block["label"], standing=block["words"], contacts=tuple(block["contacts"]))
    return Section(
        key=row["key"],
        label=row["label"],
        hint=row.get("hint", ""),
        required=row.get("needed", False),
        max_length=row.get("most", MAX_SECTION),
        empty=row.get("empty", ""),
    )


def _kind(name: str, row: Mapping[str, Any], blocks: Mapping[str, Mapping[str, Any]]) -> BulletinKind:
    return BulletinKind(
        name=name,
        label=row["label"],
        sections=tuple(_section(section, blocks) for section in row["sections"]),
        approvals=tuple(Agreement(**agreement) for agreement in row["approvals"]),
        rule=row["recurs"],
        grade=float(row["grade"]),
        grade_must=row.get("grade_must", False),
        max_words=row.get("words", 0),
        tone=Tone[row.get("tone", "plain").upper()],
    )


def _load() -> Mapping[str, BulletinKind]:
    text = (resources.files("knowledge") / "data" / "bulletins.yaml").read_text(encoding="utf-8")
    data = yaml_text.parsed(text)
    return MappingProxyType({name: _kind(name, row, data["blocks"]) for name, row in data["kinds"].items()})


KINDS: Mapping[str, BulletinKind] = _load()
