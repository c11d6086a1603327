"""What people type, cut into words: markup, noise and endings removed."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500  # characters read of one text: no real question is longer, and the work grows with it

_SLACK_LINK = re.compile(r"<(?:https?://|mailto:)[^|>]*(?:\|([^>]*))?>")
_SLACK_MENTION = re.compile(r"<[@#!][^>]*>")
_ADDRESS = re.compile(r"\bhttps?://\S+|\bwww\.\S+")
_EMOJI_NAME = re.compile(r":[a-z0-9_+-]{2,40}:")
_APOSTROPHE = re.compile(r"['\u2019\u2018\u02bc`]")
_INITIALS = re.compile(r"\b(?:[a-z][.&]){1,4}[a-z]?\b\.?|\b[a-z]{1,3}&[a-z]{1,2}\b|\bs\.? ?(?=\d)")
_WORD = re.compile(r"[a-z]+|\d+")
_NUMBER_NAMES = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "first": "1st", "second": "2nd", "third": "3rd",
}  # fmt: skip

ROOT = 3  # letters; what is as short as this has no ending to cut
# Longest first; the number is how many letters must be left for the ending to be cut.
_ENDINGS = (
    ("isations", 3), ("izations", 3), ("isation", 3), ("ization", 3), ("ational", 4), ("ations", 3), ("ation", 3),
    ("ising", 3), ("izing", 3), ("ised", 3), ("ized", 3), ("ise", 4), ("ize", 4),
    ("ating", 4), ("ators", 4), ("ator", 4), ("ated", 4), ("ates", 4), ("ate", 4),
    ("ments", 4), ("ment", 4), ("nesses", 3), ("ness", 3), ("ings", 3), ("ing", 3), ("ions", 4), ("ion", 4),
    ("ied", 2), ("ies", 2), ("ed", 3), ("ly", 3), ("sses", 2), ("ches", 2), ("shes", 2), ("xes", 2), ("s", 3),
)  # fmt: skip
_KEPT = {"ied": "y", "ies": "y", "sses": "ss", "ches": "ch", "shes": "sh", "xes": "x"}


def plain(text: str) -> str:
    """Return a text in lower case without mark-up, accents or signs; at most 500 characters are read."""
    text = text[:LONGEST]
    if "<" in text:
        text = _SLACK_MENTION.sub(" ", _SLACK_LINK.sub(r" \1 ", text))
    if "//" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    text = unicodedata.normalize("NFKD", text).casefold()
    if ":" in text:
        text = _EMOJI_NAME.sub(" ", text)
    if not text.isascii():
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _INITIALS.sub(lambda found: re.sub(r"[.& ]", "", found.group()), _APOSTROPHE.sub("", text))
    return " ".join(_WORD.findall(text))


def words(text: str) -> list[str]:
    """Cut a text into plain words, number names written as figures."""
    return [_NUMBER_NAMES.get(word, word) for word in plain(text).split()]


def stem(word: str) -> str:
    """Cut a word's ending, so that forms of one word meet: 'escalated', 'escalation' and 'escalate'."""
    if len(word) <= ROOT or word[0].isdigit():
        return word
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= left and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + _KEPT.get(ending, "")
            break
    if len(word) > ROOT and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    if len(word) > ROOT and word[-1] == "e":
        word = word[:-1]
    return word[:-1] + "i" if len(word) > ROOT and word[-1] == "y" else word
