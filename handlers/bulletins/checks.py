"""What has to be right before a bulletin may be approved, and what would make it better."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from handlers.bulletins import compose, plainness
from handlers.bulletins.draft import MARKING, MAX_TITLE, Draft
from handlers.bulletins.kinds import BulletinKind, kind_of
from handlers.context import House, Knowledge, Surfaces, UserError
from handlers.messages import Heading, Text
from knowledge.reading import grade

TITLE, PICTURE, MARKED, WHOLE = "Title", "Picture", "Marking", "Whole bulletin"
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|webp|svg)", re.IGNORECASE)
_BEGINS_BADLY = re.compile(r"(?:an? )?(?:image|picture|photo|photograph|graphic|screenshot|logo) of\b", re.IGNORECASE)
_TEXT_RULES: tuple[tuple[Callable[[str], Iterable[str]], bool], ...] = (
    (plainness.of_links, True),
    (plainness.of_meaning, True),
    (plainness.of_markings, True),
    (plainness.of_sentences, False),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one place of a draft, with what to do. `must`: it cannot be approved before."""

    place: str
    message: str
    must: bool


def check(draft: Draft, knowledge: Knowledge, surfaces: Surfaces) -> list[Problem]:
    """Return what is wrong with a draft, in the order of its parts.

    `surfaces` are the platforms that it has to fit. Details of children and families are not looked for here: the
    guard reads every text before it is kept.
    """
    try:
        kind = kind_of(draft.kind)
    except UserError as error:
        return [Problem(WHOLE, f"{error} {error.hint}", must=True)]
    return [
        *_of_title(draft),
        *_of_picture(draft),
        *_of_marking(draft),
        *_of_sections(draft, kind),
        *_of_whole(draft, kind, knowledge),
        *_of_sizes(draft, knowledge, surfaces),
    ]


def _must(place: str, messages: Iterable[str]) -> Iterator[Problem]:
    return (Problem(place, message, must=True) for message in messages)


def _of_title(draft: Draft) -> Iterator[Problem]:
    title = " ".join(draft.title.split())
    if not title:
        yield Problem(TITLE, "There is no title. Say in a few words what it is about.", must=True)
    if len(title) > MAX_TITLE:
        message = f"The title has {len(title)} characters. Use at most {MAX_TITLE}."
        yield Problem(TITLE, message, must=True)
    yield from _must(TITLE, plainness.of_markings(title))
    yield from _must(TITLE, plainness.of_meaning(title.replace("\\", "\\\\")))


def _of_picture(draft: Draft) -> Iterator[Problem]:
    url, alt = draft.image_url.strip(), draft.image_alt.strip()
    if not url:
        if alt:
            yield Problem(PICTURE, "There are words for a picture, and no picture. Give its address.", must=False)
        return
    if not url.startswith("https://"):
        yield Problem(PICTURE, "The picture's address must begin with https://. Give it in full.", must=True)
    if not alt:
        yield Problem(PICTURE, "The picture has no words. Say what it shows, for those who do not see it.", must=True)
    elif _FILE_NAME.fullmatch(alt) or alt == url:
        yield Problem(PICTURE, "The words for the picture are the name of a file. Say what it shows.", must=True)
    elif _BEGINS_BADLY.match(alt):
        yield Problem(PICTURE, "Begin with what the picture shows: that it is one is said anyway.", must=False)


def _of_marking(draft: Draft) -> Iterator[Problem]:
    if draft.marking != MARKING:
        yield Problem(MARKED, f"A bulletin is {MARKING}. Take out what is more than that, and mark it so.", must=True)


def _texts(draft: Draft, kind: BulletinKind) -> list[tuple[str, str]]:
    """Return what was written, by the label of its section, in the order in which it is read."""
    written = [(section.label, draft.sections.get(section.key, "")) for section in kind.written]
    return [(label, text) for label, text in written if text.strip()]


def _of_sections(draft: Draft, kind: BulletinKind) -> Iterator[Problem]:
    for section in kind.written:
        text = draft.sections.get(section.key, "").strip()
        if section.required and not text and not draft.correction_of:
            yield Problem(section.label, "This section is empty, and it is needed. Write it.", must=True)
        if len(text) > section.max_length:
            length = f"It has {len(text):,} characters, and may have {section.max_length:,}."
            yield Problem(section.label, f"{length} Shorten it, or link to the rest.", must=True)
        yield from _of_text(section.label, text)
    for key in sorted(draft.sections.keys() - {section.key for section in kind.written}):
        if draft.sections[key].strip():
            yield Problem(key, "This kind of bulletin has no such section. Move its words to another one.", must=True)


def _of_text(place: str, text: str) -> Iterator[Problem]:
    for rule, must in _TEXT_RULES:
        yield from (Problem(place, message, must) for message in dict.fromkeys(rule(text)))
    yield from (Problem(place, message, must) for message, must in dict.fromkeys(plainness.of_structure(text)))


def _of_whole(draft: Draft, kind: BulletinKind, knowledge: Knowledge) -> Iterator[Problem]:
    texts = _texts(draft, kind)
    yield from _must(WHOLE, plainness.same_words(link for _, text in texts for link in plainness.links(text)))
    yield from _of_abbreviations(draft, kind, knowledge)
    yield from _of_reading(texts, kind)
    count = plainness.count_words("\n\n".join(text for _, text in texts))
    if kind.max_words and count > kind.max_words:
        over = count - kind.max_words
        yield Problem(WHOLE, f"It has {count} words, and may have {kind.max_words}. Take out {over}.", must=True)
    for section in kind.sections:
        if section.contacts and not any(key in knowledge.contacts for key in section.contacts):
            message = "None of its numbers is in the list of contacts. Ask whoever keeps that list to add them."
            yield Problem(section.label, message, must=True)


def _of_abbreviations(draft: Draft, kind: BulletinKind, knowledge: Knowledge) -> Iterator[Problem]:
    """Read the standing sections too: what they write out is known to whoever reads on."""
    own = {section.label for section in kind.written}
    texts = [
        (
            section.label,
            compose.standing(section, knowledge)[0] if section.standing else draft.sections.get(section.key, ""),
        )
        for section in kind.sections
    ]
    yield from (Problem(*found) for found in plainness.of_abbreviations(texts) if found[0] in own)


def _of_reading(texts: list[tuple[str, str]], kind: BulletinKind) -> Iterator[Problem]:
    found = grade("\n\n".join(text for _, text in texts))
    if found > kind.grade:
        hardest = max(texts, key=lambda row: grade(row[1]))[0]
        message = (
            f"It reads at school grade {found:.1f}; the limit is {kind.grade:g}. Use shorter sentences and everyday "
            f"words. The hardest section is '{hardest}'."
        )
        yield Problem(WHOLE, message, kind.grade_must)


def _of_sizes(draft: Draft, knowledge: Knowledge, surfaces: Surfaces) -> Iterator[Problem]:
    kind = kind_of(draft.kind)
    for label, text in _texts(draft, kind):
        if not all(compose.fits([Heading(label), Text(part)]) for part in compose.paragraphs(text)):
            message = "One paragraph is longer than a message can hold. Put an empty line into it, or shorten it."
            yield Problem(label, message, must=True)
    try:
        parts = compose.cards(draft, knowledge, House(), id=0)
    except UserError as error:
        yield Problem(WHOLE, f"{error} {error.hint}", must=True)
        return
    for number, card in enumerate(parts, 1):
        place = f"Part {number} of {len(parts)}" if len(parts) > 1 else WHOLE
        for name, problems in surfaces.items():
            yield from _must(place, (f"{name}: {message}" for message in problems(card)))
