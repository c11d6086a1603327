"""A text as the guard reads it: one plain form of what people can type in many ways, with the way back to their own.

Chat mark-up, look-alike letters, invisible characters, letters spaced out and digits spelt out hide nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_ALIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝкмтвнАЕОРСУХІЈЅКМТВНΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοενικρτυχ’‘‛ʼ`´“”„‐‑‒–—―−⁃",
    "aeopcyxijsdhqwkmtbhAEOPCYXIJSKMTBHABEZHIKMNOPTYXaoevikptyx''''''\"\"\"--------",
)
_MARKUP = re.compile(
    r"<[@#!](?-i:[A-Z0-9^]{2,20})(?:\|(?P<shown>[^<>\n]{0,200}))?>"  # Slack: <@U0123>, <#C0123|general>
    r"|<(?P<target>(?:https?|mailto|tel):[^<>|\n]{1,400})(?:\|(?P<label>[^<>\n]{0,200}))?>"
    r"|</?(?:at|b|i|u|s|p|br|em|strong|code|pre|div|span|td|tr)(?P<attributes>[ ][^<>\n]{0,200})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_SLASH = re.compile(r"(?<=\d)[\u2044\u2215|\\_](?=\d)")  # what stands for a stroke or a gap between digits
_INSIDE = re.compile(r"[*~`]+|(?<!\w)_+|_+(?!\w)")  # emphasis, also in the middle of a word
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2}){1,40}")
_SPACED = re.compile(r"(?<![^\W\d_])[^\W\d_]([ .\-]{1,2})(?:[^\W\d_]\1){1,30}[^\W\d_](?![^\W_])")
_DIGIT_WORDS = {
    word: digit
    for digit, words in enumerate(
        ("zero nought oh o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split()
}
_DIGIT_WORD = rf"(?:(?:double|triple)[ \-]+)?(?:{'|'.join(_DIGIT_WORDS)}|\d{{1,5}}(?!\d))"
_SPELT = re.compile(rf"(?<!\w){_DIGIT_WORD}(?:[ ,\-]{{0,2}}{_DIGIT_WORD}){{3,14}}(?!\w)", re.IGNORECASE)
_PART = re.compile(rf"(?:(double|triple)[ \-]+)?({'|'.join(_DIGIT_WORDS)}|\d+)", re.IGNORECASE)
LONGEST_PIECE, OVERLAP = 500, 150
SENTENCE_END = re.compile(r"[.!?]\s|\n+")
LONGEST_LETTER = 4  # characters of one letter with its marks, or of one sign that stands for several
_LEAST_LETTERS, _LEAST_DIGITS = 4, 7


@dataclass(frozen=True, slots=True)
class Reading:
    """The plain form of a text. `origin[n]` is where its character n stood in what the person typed."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a piece of the plain form stood in what the person typed."""
        return self.origin[start], (self.origin[end - 1] + 1 if end else 0)


def read(typed: str) -> Reading:
    """Return the plain form of a text. It takes time in proportion to the length."""
    reading = Reading(*_characters(typed))
    for pattern, plain in _STEPS[typed.isascii() :]:
        reading = _replaced(reading, pattern, plain)
    return reading


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Cut a plain text into pieces that overlap, at the ends of sentences where there are any: start and end of each.

    What speaks for danger, or says whose a name is, stands near it; and a long text must not drown one sentence.
    """
    start = 0
    while True:
        end = start + LONGEST_PIECE
        if end >= len(text):
            yield start, len(text)
            return
        ends = [found.end() for found in SENTENCE_END.finditer(text, start + OVERLAP, end)]
        end = ends[-1] if ends and ends[-1] - start > LONGEST_PIECE // 2 else _gap(text, start + OVERLAP, end)
        yield start, end
        later = [place for place in ends if end - OVERLAP <= place < end]
        start = later[0] if later else _gap(text, end - OVERLAP, end - OVERLAP // 2)


def _gap(text: str, first: int, last: int) -> int:
    """Return a place where no word is cut, as near to the end as there is one; else the end."""
    return max(text.rfind(" ", first, last), text.rfind("\n", first, last)) + 1 or last


def _characters(typed: str) -> tuple[str, tuple[int, ...]]:
    """Compose and fold character by character; what nobody sees falls away."""
    kept: list[str] = []
    origin: list[int] = []
    for start, end in _clusters(typed):
        for character in unicodedata.normalize("NFKC", typed[start:end])[:LONGEST_LETTER]:
            kind = unicodedata.category(character)
            if kind in ("Cf", "Cc", "Cs", "Co", "Mn", "Me") and character not in "\n\t":
                continue
            kept.append(
                "\n" if character in "\n\u2028\u2029" else " " if kind[0] == "Z" or character == "\t" else character
            )
            origin.append(start)
    return "".join(kept), tuple(origin)


def _clusters(typed: str) -> Iterator[tuple[int, int]]:
    """Cut a text into letters with the marks that belong to them."""
    start = 0
    for end in range(1, len(typed) + 1):
        if end == len(typed) or not unicodedata.combining(typed[end]) or end - start >= LONGEST_LETTER:
            yield start, end
            start = end


def _replaced(reading: Reading, pattern: re.Pattern[str], plain: Callable[[re.Match[str]], str | list[str]]) -> Reading:
    """Put plain words in place of what a pattern finds; a list names the groups whose own characters stay."""
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for found in pattern.finditer(reading.text):
        put = plain(found)
        if put == found[0]:
            continue
        pieces.append(reading.text[done : found.start()])
        origin += reading.origin[done : found.start()]
        if isinstance(put, str):
            pieces.append(put)
            origin += _spread(reading, found, put)
        for name in put if isinstance(put, list) else ():
            pieces.append(f"{found[name]} ")
            origin += reading.origin[found.start(name) : found.end(name)]
            origin.append(reading.origin[found.end(name) - 1])
        done = found.end()
    if not done:
        return reading
    pieces.append(reading.text[done:])
    origin += reading.origin[done:]
    return Reading("".join(pieces), tuple(origin))


def _spread(reading: Reading, found: re.Match[str], put: str) -> list[int]:
    """Say where each character of a replacement came from, in order, from the first to the last of the old ones."""
    first, last = found.start(), found.end() - 1
    steps = max(len(put) - 1, 1)
    return [reading.origin[first + (last - first) * number // steps] for number in range(len(put))]


def _unmarked(found: re.Match[str]) -> list[str]:
    """Keep what mark-up holds: the words that are shown, the target of a link, what stands in a tag."""
    label, target = found["label"] or "", (found["target"] or "").partition(":")[2].lstrip("/")
    same = target and "".join(target.split()) in "".join(label.split())  # a telephone number that is shown with gaps
    names = ["label"] if same else ["label", "target"]
    return [name for name in (*names, "shown", "attributes") if found[name]]


def _unentitied(found: re.Match[str]) -> str:
    plain = html.unescape(found[0])
    return " " if plain.isspace() else plain


def _unescaped(found: re.Match[str]) -> str:
    return unquote(found[0], errors="replace").replace("\ufffd", " ")


def _mixed(found: re.Match[str]) -> str:
    """Fold letters of other scripts that look like Latin ones, in words that hold Latin letters beside them."""
    word = found[0]
    folded = word.translate(_ALIKE)
    return folded if len(word) == 1 or folded.isascii() or _LATIN.search(word) else word


def _together(found: re.Match[str]) -> str:
    letters = "".join(character for character in found[0] if character.isalpha())
    return letters if len(letters) >= _LEAST_LETTERS else found[0]


def _digits(found: re.Match[str]) -> str:
    digits, spelt = "", 0
    for times, word in _PART.findall(found[0]):
        digit = word if word.isdecimal() else str(_DIGIT_WORDS[word.lower()])
        spelt += not word.isdecimal()
        digits += digit * {"double": 2, "triple": 3}.get(times.lower(), 1)
    return digits if spelt and len(digits) >= _LEAST_DIGITS else found[0]


_FOREIGN = re.compile(r"[’‘‛ʼ`´“”„‐‑‒–—―−⁃]|\w+")
_LATIN = re.compile(r"[a-zA-Z]")
_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | list[str]]], ...] = (
    (_FOREIGN, _mixed),
    (_ENTITY, _unentitied),
    (_MARKUP, _unmarked),
    (_ESCAPED, _unescaped),
    (_SLASH, lambda _: "/"),
    (_INSIDE, lambda _: ""),
    (_SPACED, _together),
    (_SPELT, _digits),
)
