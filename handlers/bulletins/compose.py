"""A bulletin as the messages that people get: its template filled, and split where one message cannot hold it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from handlers import calling
from handlers.bulletins.draft import READ, Draft
from handlers.bulletins.kinds import BulletinKind, Section, kind_of
from handlers.context import House, Knowledge, UserError
from handlers.messages import Button, Card, Element, Heading, Image, Note, Text
from handlers.prose import parse
from handlers.wording import WordingError, words

# What one message holds on the narrowest platform, Slack: 13,200 characters and 50 blocks. The rest is for the title,
# the button, and the lines that a preview adds. The same parts go to every platform, so that people can speak of them.
MAX_CHARACTERS, MAX_BLOCKS = 12_000, 40
_SHORTEST_BLOCK = 1_500  # characters: a block holds 3,000, and may end early at the end of a line
_LONG_HEADING = 150  # characters: what is longer is shown a second time, whole
_STYLED = re.compile(r"[*_~`]")
_MARKS = re.compile(r"^(?=#|>)", re.MULTILINE)  # by which templates set off headings and small print
_BETWEEN_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*?(?=[ \t]*\S)")

Piece = Heading | Text | Note | Image


@dataclass(frozen=True, slots=True)
class _Shown:
    """One section as templates see it, in the small Markdown."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Bulletin:
    """What templates may say of the bulletin itself, as plain text."""

    ref: str
    kind: str
    partnership: str
    audience: str
    marking: str
    needs_reading: bool
    correction_of: str


def cards(draft: Draft, knowledge: Knowledge, house: House, *, id: int, test: bool = False) -> list[Card]:  # noqa: A002
    """Return the message or messages of a bulletin, in order, each small enough for every platform.

    `id` is what the button under it carries. A test says that it is one. Raises UserError when the template is broken.
    """
    kind = kind_of(draft.kind)
    first: list[Piece] = [Note("This is a test for you alone. It counts for nothing.")] if test else []
    if draft.image_url:
        first.append(Image(draft.image_url, draft.image_alt))
    parts = _parts([first, *_groups(_filled(draft, kind, knowledge, house))])
    title = f"{'TEST: ' * test}{'Correction: ' * bool(draft.correction_of)}{draft.title}"
    read = (Button("I have read this and briefed my team", READ, str(id)),) if draft.needs_reading and not test else ()
    return [
        Card(
            title=title if len(parts) == 1 else f"{title} (Part {number} of {len(parts)})",
            body=tuple(part),
            actions=read if number == len(parts) else (),
            tone=kind.tone,
            fallback=title if len(parts) == 1 else f"{title} (Part {number} of {len(parts)})",
        )
        for number, part in enumerate(parts, 1)
    ]


def _filled(draft: Draft, kind: BulletinKind, knowledge: Knowledge, house: House) -> str:
    bulletin = _Bulletin(
        ref=draft.ref,
        kind=kind.label,
        partnership=house.partnership,
        audience=draft.audience_words,
        marking=draft.marking,
        needs_reading=draft.needs_reading,
        correction_of=draft.correction_of,
    )
    try:
        return words(f"bulletin_{kind.name}", bulletin=bulletin, sections=list(_sections(draft, kind, knowledge)))
    except WordingError as error:
        raise UserError(
            f"I cannot put this bulletin together: {error}.",
            hint="Your draft is kept. Ask whoever runs the assistant to mend that template, then try again.",
        ) from error


def _sections(draft: Draft, kind: BulletinKind, knowledge: Knowledge) -> Iterator[_Shown]:
    for section in kind.sections:
        if section.standing:
            yield _Shown(section.label, *standing(section, knowledge))
        elif text := draft.sections.get(section.key, "").strip() or section.empty:
            yield _Shown(section.label, _own(text))
    for key in (key for key in draft.sections if kind.section(key) is None):
        if text := draft.sections[key].strip():  # the kind may have lost a section since this was written
            yield _Shown(key.capitalize(), _own(text))


def standing(section: Section, knowledge: Knowledge) -> tuple[str, str]:
    """Return the text and the small print of a section that nobody writes."""
    texts: dict[type[Element], str] = {type(row): row.markdown for row in _lines(section, knowledge)}
    note = " ".join(texts.get(Note, "").split())
    return f"{section.standing}\n\n{texts.get(Text, '')}".strip(), note


def _lines(section: Section, knowledge: Knowledge) -> Iterator[Text | Note]:
    yield from (row for row in calling.lines(knowledge.contacts, section.contacts) if isinstance(row, Text | Note))


def _own(text: str) -> str:
    """Return what somebody wrote so that no line of it passes for a heading or small print of the template."""
    return _MARKS.sub(r"\\", "\n".join(text.strip().splitlines()))


def _groups(filled: str) -> Iterator[list[Piece]]:
    """Read what a template gave: a list for each heading with what stands under it."""
    group: list[Piece] = []
    lines: list[str] = []

    def text() -> list[Piece]:
        said = "\n".join(lines).strip("\n")
        lines.clear()
        return [Text(said)] if said.strip() else []

    for line in filled.splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "##":
            yield [*group, *text()]
            group = [Heading(rest)]
        elif mark == ">":
            group += [*text(), Note(rest)]
        else:
            lines.append(line)
    yield [*group, *text()]


# --- splitting -------------------------------------------------------------------------------------------------


def size(pieces: Iterable[Piece]) -> tuple[int, int]:
    """Return the most characters and blocks that these can take on any platform."""
    sizes = [_size(piece) for piece in pieces]
    return sum(characters for characters, _ in sizes), sum(blocks for _, blocks in sizes)


def fits(pieces: Iterable[Piece]) -> bool:
    """Say whether one message can hold these."""
    characters, blocks = size(pieces)
    return characters <= MAX_CHARACTERS and blocks <= MAX_BLOCKS


def paragraphs(markdown: str) -> list[str]:
    """Return the paragraphs and lists of a text, which is where it may be split."""
    return [part for part in _BETWEEN_PARAGRAPHS.split(markdown) if part.strip()]


def _size(piece: Piece) -> tuple[int, int]:
    match piece:
        case Heading(text):
            shown_twice = len(text) > _LONG_HEADING
            return _escaped(text) * (1 + shown_twice), 1 + shown_twice * _blocks(_escaped(text))
        case Text(markdown) | Note(markdown):
            characters = _drawn(markdown)
            return characters, _blocks(characters)
        case Image(_, alt):
            return len(alt), 1
        case _:
            assert_never(piece)


def _blocks(characters: int) -> int:
    return 1 + characters // _SHORTEST_BLOCK


def _escaped(text: str) -> int:
    return len(html.escape(text, quote=False)) + len(_STYLED.findall(text))


def _drawn(markdown: str) -> int:
    """Count the characters of a text with the mark-up that a platform may put around its words."""
    around_link, around_span, around_paragraph = 3, 6, 4
    count = 0
    for paragraph in parse(markdown):
        count += len(paragraph.bullet) + around_paragraph
        for span in paragraph.spans:
            link = len(html.escape(span.url, quote=False)) + 2 * span.url.count("|") + around_link if span.url else 0
            count += _escaped(span.text) + 2 * span.url.count(" ") + link + around_span
    return count


def _parts(groups: Iterable[list[Piece]]) -> list[list[Piece]]:
    """Put sections together into as few messages as hold them; one that none can hold is split at a paragraph."""
    parts: list[list[Piece]] = [[]]
    for group in groups:
        for pieces in [group] if fits(group) else _by_paragraph(group):
            if parts[-1] and not fits([*parts[-1], *pieces]):
                parts.append([])
            parts[-1] += pieces
    return parts


def _by_paragraph(group: list[Piece]) -> Iterator[list[Piece]]:
    """Split one section into pieces that each fit; a paragraph that fits nowhere stays whole, and is refused."""
    heading = [piece for piece in group[:1] if isinstance(piece, Heading)]
    again: list[Piece] = [Heading(f"{piece.text} (continued)") for piece in heading]
    held: list[Piece] = [*heading]
    for piece in group[len(heading) :]:
        for small in map(Text, paragraphs(piece.markdown)) if isinstance(piece, Text) else [piece]:
            if not fits([*held, small]) and len(held) > len(again):
                yield held
                held = [*again]
            held.append(small)
    yield held
