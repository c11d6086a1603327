"""The invented messages that the guard is trained and measured on, with their labels."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
_MARK = re.compile(r"\{(?P<kind>[A-Z_]+)(?:/(?P<origin>\w+))?:(?P<words>[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Span:
    """A marked piece of a message. `origin` is where a name comes from, for the figures by origin."""

    start: int
    end: int
    kind: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message: what identifies a family, which colleagues it names, and whether it is urgent."""

    text: str
    urgent: bool
    spans: tuple[Span, ...]
    staff: tuple[Span, ...]

    @property
    def identifying(self) -> bool:
        """Say whether the message must not go in."""
        return bool(self.spans)


def marked(line: str) -> Labelled:
    """Read one line: `U` or `-`, a tab, and the message with its marks."""
    flag, _, said = line.rstrip("\n").partition("\t")
    if flag not in ("U", "-") or not said:
        raise ValueError(f"a line should begin with U or -, then a tab: {line[:40]!r}")
    text, spans, done = "", [], 0
    said = said.replace("\\n", "\n")
    for found in _MARK.finditer(said):
        text += said[done : found.start()]
        spans.append(Span(len(text), len(text) + len(found["words"]), found["kind"], found["origin"] or ""))
        text += found["words"]
        done = found.end()
    text += said[done:]
    if "{" in text or "}" in text:
        raise ValueError(f"a mark cannot be read: {said[:80]!r}")
    family = tuple(span for span in spans if span.kind != "STAFF")
    return Labelled(text, flag == "U", family, tuple(span for span in spans if span.kind == "STAFF"))


def load(paths: Iterable[Path]) -> list[Labelled]:
    """Read whole files: marked lines, or JSON lines as `thscp screen --batch` has them."""
    found: list[Labelled] = []
    for path in paths:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        found += [_from_json(line) for line in lines] if path.suffix == ".jsonl" else [marked(line) for line in lines]
    return found


def _from_json(line: str) -> Labelled:
    row = json.loads(line)
    spans = tuple(Span(span["start"], span["end"], span["type"]) for span in row["spans"])
    return Labelled(row["text"], row["urgent"], spans, ())


def digest(folder: Path = TEXTS) -> str:
    """Return the hash of the messages that are trained on, so that nobody changes them and forgets to train."""
    found = hashlib.sha256()
    for path in sorted((folder / "train").glob("*.txt")):
        found.update(path.read_bytes())
    return found.hexdigest()
