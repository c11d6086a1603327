"""What makes a text hard to use: links that say nothing, abbreviations, meaning by colour, long sentences.

Every rule takes a text in the small Markdown and gives messages that say what to do. They know no draft.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from handlers.prose import parse, plain
from knowledge import yaml_text

MAX_SENTENCE = 25  # words; the GOV.UK style manual gives this number
_SHOWN = 40  # characters of a sentence by which its author finds it
_SCHEMES = ("https://", "http://", "mailto:", "tel:")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+[^\s<>()\[\].,;:!?]", re.IGNORECASE)
_BROKEN_LINK = re.compile(r"\[[^\]\n]*\]\s?\([^)\n]*\)?")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'’”)]*\s+|\n+")
_WORD = re.compile(r"[A-Za-z0-9][\w'’-]*")
_CAPITALS = re.compile(r"(?<![\w/@.-])(?:[A-Z]{2,}|[A-Z][a-z]?[A-Z]+)s?(?![\w@-])")
_NEAR = 80  # characters within which what an abbreviation stands for is looked for
_EMOJI = (
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\ufe0f\u200d\u20e3]"
)
_SYMBOL = rf"(?:{_EMOJI}+|:[a-z0-9_+-]{{2,}}:)"
_ONLY_SYMBOLS = re.compile(rf"(?:{_SYMBOL}\s*)+")
_MEANT_BY_SYMBOL = re.compile(
    rf"\b(?:(?:marked|shown|flagged)(?: with| as| by)?|(?:those|dates|items|ones|sessions|places) with)"
    rf"\s+(?:an? |the )?{_SYMBOL}(?!\s*\()",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:\s|$)", re.MULTILINE)
_TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
_HTML = re.compile(r"</?(?:[abiup]|em|strong|br|div|span|img|font|table|tr|td|h[1-6]|[uo]l|li)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lists:
    """The words that the rules look for."""

    abbreviations: Mapping[str, str]
    well_known: frozenset[str]
    vague: frozenset[str]
    coloured: re.Pattern[str]
    markings: re.Pattern[str]


@functools.cache
def lists() -> Lists:
    """Return the words that the rules look for, from `knowledge/data/bulletin_words.yaml`."""
    data = yaml_text.parsed((resources.files("knowledge") / "data" / "bulletin_words.yaml").read_text(encoding="utf-8"))
    colour = f"(?:{'|'.join(data['colours'])})"
    marked = "|".join(re.escape(words).replace(r"\ ", r"[\s-]+") for words in data["markings"])
    return Lists(
        abbreviations=data["abbreviations"],
        well_known=frozenset(data["well_known"]),
        vague=frozenset(data["vague_links"]),
        coloured=re.compile(
            rf"\b(?:(?:marked|coloured|highlighted|shaded|printed)(?: in)? {colour}\b"
            rf"|in {colour}(?=\s*(?:[.,;:!?)]|$)| (?:is|are|has|have|means?|shows?|must|needs?|will)\b)"
            rf"|{colour} (?:items?|text|box(?:es)?|rows?|cells?|words?|dots?|ones|dates?|entries)\b)",
            re.MULTILINE,
        ),
        markings=re.compile(rf"\b(?:{marked})\b|(?-i:\b(?:SECRET|SENSITIVE)\b)", re.IGNORECASE),
    )


# --- links -----------------------------------------------------------------------------------------------------


def links(markdown: str) -> list[tuple[str, str]]:
    """Return the words and the address of each link of a text, in order."""
    found: list[tuple[str, str]] = []
    for paragraph in parse(markdown):
        before = ""
        for span in paragraph.spans:
            if span.url and span.url == before:  # one link in two styles
                found[-1] = (found[-1][0] + span.text, span.url)
            elif span.url:
                found.append((span.text, span.url))
            before = span.url
    return found


def of_links(markdown: str) -> Iterator[str]:
    """Say which links do not make sense alone, lead nowhere, or were not written as links."""
    for text, url in links(markdown):
        if _folded(text) in lists().vague or _ONLY_SYMBOLS.fullmatch(text.strip()):
            yield f"The link '{text}' says nothing by itself. Name what it leads to, such as 'the neglect guide'."
        elif _ADDRESS.fullmatch(text.strip()) or text.strip() == url:
            yield f"The link '{text}' shows a bare address. Name what it leads to, such as 'the neglect guide'."
        if not url.lower().startswith(_SCHEMES):
            yield f"The link '{text}' must lead to an address that begins with https://. Give it in full."
    outside = _outside_links(markdown)
    for broken in _BROKEN_LINK.findall(outside):
        yield f"'{broken}' cannot be read as a link. Write it as [what it is](https://address), without spaces."
    for address in _ADDRESS.findall(_BROKEN_LINK.sub(" ", outside)):
        yield f"The address {address} stands bare. Write it as [what it is]({address})."


def same_words(linked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say which links have the same words and lead to different places."""
    known: dict[str, str] = {}
    for text, url in linked:
        if known.setdefault(_folded(text), url) != url and _folded(text) not in lists().vague:
            yield f"Two links are both called '{text}' and lead to different places. Give each its own name."


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _outside_links(markdown: str) -> str:
    return "\n".join("".join(span.text for span in row.spans if not span.url) for row in parse(markdown))


# --- words -----------------------------------------------------------------------------------------------------


def of_abbreviations(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, bool]]:
    """Say which abbreviations are not written out where they first stand, in texts with their places.

    Gives the place, what to do, and whether it is one that is known, so that nobody can doubt it.
    """
    seen: set[str] = set()
    for place, markdown in texts:
        text = plain(markdown)
        for found in _CAPITALS.finditer(text):
            short = found[0].removesuffix("s")
            if short in seen or short in lists().well_known:
                continue
            seen.add(short)
            meaning = lists().abbreviations.get(short, "")
            around = text[max(0, found.start() - _NEAR) : found.end() + _NEAR]
            if _explained(around, found[0], meaning):
                continue
            full = meaning or "its full name"
            yield place, f"'{short}' is not written out where it first stands. Write '{full} ({short})'.", bool(meaning)


def _explained(around: str, short: str, meaning: str) -> bool:
    """Say whether the words around an abbreviation give its meaning: either one stands in brackets after the other."""
    if meaning and _folded(meaning) in _folded(around):
        return True
    mark = re.escape(short)
    beside = rf"\w+[ -]\w+ \({mark}\)|\b{mark} \(\w+[ -]\w+[^)]*\)|\b{mark}, the \w+"
    return not meaning and bool(re.search(beside, around))


def of_meaning(markdown: str) -> Iterator[str]:
    """Say where meaning is given by a colour or a symbol alone."""
    text = plain(markdown)
    for found in lists().coloured.findall(text):
        yield f"'{found}' gives a meaning by colour alone. Say it in words as well, such as 'items marked Urgent'."
    for found in _MEANT_BY_SYMBOL.findall(text):
        yield f"'{found}' gives a meaning by a symbol alone. Say it in words, such as 'marked Done'."
    for paragraph in parse(markdown):
        words = "".join(span.text for span in paragraph.spans).strip()
        if words and _ONLY_SYMBOLS.fullmatch(words):
            yield f"A line holds nothing but '{words}'. Write what it means in words."


def of_structure(markdown: str) -> Iterator[tuple[str, bool]]:
    """Say what the small Markdown has no room for; True for what would be shown as it was typed."""
    if _HEADING.search(markdown):
        yield "A line begins with #. Each section has its heading already: take it out, or use another section.", True
    if _HTML.search(markdown):
        yield "There is HTML in it, which would be shown as it stands. Use **bold**, *italic* and lists.", True
    if _TABLE.search(markdown):
        yield "There is a table in it, which would be shown as it stands. Write it as a list.", True
    for paragraph in parse(markdown):
        shown = [span for span in paragraph.spans if span.text.strip()]
        if shown and not paragraph.bullet and all(span.bold and not span.url for span in shown):
            yield "A whole line is bold and looks like a heading, which screen readers miss. Begin a sentence.", False


def of_sentences(markdown: str) -> Iterator[str]:
    """Say which sentences are too long."""
    for sentence in _SENTENCE_END.split(_words_alone(markdown)):
        count = len(_WORD.findall(sentence))
        if count > MAX_SENTENCE:
            begins = sentence.strip()[:_SHOWN].rsplit(" ", 1)[0]
            yield f"The sentence that begins '{begins}…' has {count} words. Make two of it: at most {MAX_SENTENCE}."


def of_markings(text: str) -> Iterator[str]:
    """Say which words mark a text as more than may go into a bulletin."""
    for found in dict.fromkeys(lists().markings.findall(text)):
        yield f"'{found}' does not belong in a bulletin, which is OFFICIAL and open to all. Take out what it marks."


def count_words(markdown: str) -> int:
    """Count the words that people see, without addresses."""
    return len(_WORD.findall(_words_alone(markdown)))


def _words_alone(markdown: str) -> str:
    return "\n".join("".join(span.text for span in row.spans) for row in parse(markdown))
