"""A bulletin as a Markdown file, so that it can be written in any editor: front matter, then a heading per section.

---
kind: monthly
title: New guide to neglect
---
## This month
- What: ...
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from rapidfuzz import fuzz, process

from handlers.bulletins.draft import MARKING, MAX_TITLE, Draft
from handlers.bulletins.kinds import KINDS, BulletinKind, Section

_FENCE = "---"
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_ESCAPED = re.compile(r"^(\s*)\\(\\*#)")
_LIKE_A_HEADING = re.compile(r"^(\s*)(\\*#)")
# what nobody sees, and what no database keeps: taken out of everything that is typed, too
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LEVEL = 2  # the title is the first level
_LIKE, _MOST_LIKE = 60, 2  # of 100, and how many names are offered for one that is not known
_FIELDS: Mapping[str, str] = {  # in the file, and in a draft
    "kind": "kind",
    "title": "title",
    "audience": "audience_words",
    "picture": "image_url",
    "picture_words": "image_alt",
    "marking": "marking",
}
_NEEDS_READING = "needs_reading"
_KNOWN = [*_FIELDS, _NEEDS_READING]


class MarkdownError(Exception):
    """A file that cannot be read as a bulletin: the line, counted from 1, and what to do there."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Line {line}: {message}")
        self.line = line
        self.message = message


def read(text: str) -> Draft:
    """Return the draft that a file holds, without a reference. Raises MarkdownError with the line."""
    lines = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    start, values = _front_matter(lines)
    kind = _kind(values, lines)
    sections = _sections(lines, start, kind)
    return Draft(
        ref="",
        kind=kind.name,
        title=values["title"].strip(),
        sections=sections,
        image_url=values.get("picture", "").strip(),
        image_alt=values.get("picture_words", "").strip(),
        marking=values.get("marking", "").strip() or MARKING,
        needs_reading=values.get(_NEEDS_READING) == "yes",
        audience_words=values.get("audience", "").strip(),
    )


def write(draft: Draft) -> str:
    """Return a draft as a file that `read` reads back."""
    kind = KINDS[draft.kind]
    front: dict[str, str] = {key: getattr(draft, name) for key, name in _FIELDS.items() if getattr(draft, name)}
    if draft.needs_reading:
        front[_NEEDS_READING] = "yes"
    head = "".join(f"{key}: {_quoted(value)}\n" for key, value in front.items())
    parts = [f"{_FENCE}\n{head}{_FENCE}\n"]
    for section in kind.written:
        if text := draft.sections.get(section.key, "").strip():
            body = "\n".join(_LIKE_A_HEADING.sub(r"\1\\\2", line) for line in text.split("\n"))
            parts.append(f"## {section.label}\n\n{body}\n")
    return "\n".join(parts)


def _front_matter(lines: list[str]) -> tuple[int, dict[str, str]]:
    """Return the index of the line after the front matter, and what it holds.

    It is read line by line and not as YAML, for which a title with a colon would be broken.
    """
    if not lines or lines[0].strip() != _FENCE:
        raise MarkdownError(1, f"Begin the file with a line of {_FENCE}, then kind: and title:, then {_FENCE} again.")
    found: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == _FENCE:
            return number, found
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not colon:
            raise MarkdownError(number, f"Write a name, a colon and a value here, or {_FENCE} to end the front matter.")
        if key not in _KNOWN:
            raise MarkdownError(
                number, f"'{key}' is not known here.{_perhaps(key, _KNOWN)} There are: {', '.join(_KNOWN)}."
            )
        if key in found:
            raise MarkdownError(number, f"'{key}' stands here a second time. Take one of them out.")
        found[key] = _unquoted(value)
    raise MarkdownError(1, f"The front matter has no end. Put a line of {_FENCE} after it.")


def _unquoted(value: str) -> str:
    """Take quotation marks off a value, as other programs put them around it."""
    if value[:1] == value[-1:] == "'" and len(value) > 1:
        return value[1:-1].replace("''", "'")
    try:
        found = json.loads(value) if value.startswith('"') else value
    except ValueError:  # only some of its words are quoted
        return value
    return str(found)


def _quoted(value: str) -> str:
    line = " ".join(value.split())
    return json.dumps(line, ensure_ascii=False) if line.startswith(('"', "'")) else line


def _kind(values: Mapping[str, str], lines: list[str]) -> BulletinKind:
    for key in ("kind", "title"):
        if not values.get(key, "").strip():
            raise MarkdownError(line_of(key, lines), f"There is no {key}. Write {key}: and what it is.")
    if len(values["title"].strip()) > MAX_TITLE:
        raise MarkdownError(line_of("title", lines), f"The title has over {MAX_TITLE} characters. Shorten it.")
    if values.get(_NEEDS_READING, "no") not in ("yes", "no"):
        raise MarkdownError(line_of(_NEEDS_READING, lines), f"Write {_NEEDS_READING}: yes, or no.")
    name = values["kind"].strip()
    if name not in KINDS:
        message = f"There is no kind '{name}'.{_perhaps(name, list(KINDS))} There are: {', '.join(KINDS)}."
        raise MarkdownError(line_of("kind", lines), message)
    return KINDS[name]


def line_of(key: str, lines: list[str]) -> int:
    """Return the line of a name in the front matter, counted from 1; the first one when it is not there."""
    return next((at for at, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def _sections(lines: list[str], start: int, kind: BulletinKind) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, section, body in _headed(lines, start, kind):
        text = "\n".join(_ESCAPED.sub(r"\1\2", line) for line in body).strip()
        if section.key in found:
            raise MarkdownError(at, f"'{section.label}' stands here a second time. Put both under one heading.")
        if len(text) > section.max_length:
            length = f"'{section.label}' has {len(text):,} characters, and may have {section.max_length:,}."
            raise MarkdownError(at, f"{length} Shorten it, or link to the rest.")
        found[section.key] = text
    return {key: text for key, text in found.items() if text}


def _headed(lines: list[str], start: int, kind: BulletinKind) -> Iterator[tuple[int, Section, list[str]]]:
    """Give each section with the line of its heading and the lines under it."""
    at, section = 0, None
    body: list[str] = []
    for number, line in enumerate(lines[start:], start + 1):
        heading = _HEADING.match(line)
        if heading:
            if section:
                yield at, section, body
            at, section, body = number, _section(number, heading[1], heading[2], kind), []
        elif section:
            body.append(line)
        elif line.strip():
            raise MarkdownError(number, f"These words stand under no heading. Begin with ## {kind.written[0].label}.")
    if section:
        yield at, section, body


def _section(line: int, marks: str, label: str, kind: BulletinKind) -> Section:
    wanted = " ".join(label.split()).casefold()
    found = next((one for one in kind.sections if wanted in (one.label.casefold(), one.key)), None)
    if found is None:
        labels = [one.label for one in kind.written]
        hint = f"{_perhaps(label, labels)} This kind has: {', '.join(labels)}."
        raise MarkdownError(line, f"There is no section '{label}'.{hint} For words that begin with #, write \\#.")
    if found.standing:
        raise MarkdownError(line, f"'{found.label}' is added by itself. Take this heading and what is under it out.")
    if len(marks) != _LEVEL:
        raise MarkdownError(line, f"Write the heading of a section with two marks: ## {found.label}.")
    return found


def _perhaps(name: str, known: list[str]) -> str:
    near = process.extract(name, known, scorer=fuzz.WRatio, limit=_MOST_LIKE, score_cutoff=_LIKE)
    return f" Did you mean {' or '.join(repr(row[0]) for row in near)}?" if near else ""
