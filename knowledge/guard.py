"""Whether some text names a child or family. Structured details only, so far: numbers, dates, addresses."""

from __future__ import annotations

import re

_DETAILS = (
    re.compile(r"(?<![\d-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d-])"),  # NHS number, right check digit or not
    re.compile(r"\b(?:d\.?o\.?b\.?|born(?: on)?|date of birth)\W{0,3}\d{1,2}[\W_]\w{1,9}[\W_]?\d{0,4}", re.IGNORECASE),
    re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE),  # National Insurance number
    re.compile(r"\b[A-Z]\d{12}\b|\b[A-Z]\d{11}[A-Z]\b", re.IGNORECASE),  # unique pupil number
    re.compile(r"(?<!\d)(?:\+44 ?7|07)\d{3} ?\d{3} ?\d{3}\b"),  # personal mobile
    # it begins where a word does: beginning at every letter, 100,000 letters without a space took 20 seconds
    re.compile(
        r"(?<![\w.+-])[\w.+-]+@(?:gmail|hotmail|outlook|yahoo|icloud|live|aol|proton)\w*\.[a-z.]+", re.IGNORECASE
    ),
    # five words of thirty letters at most: without an end, 100,000 characters of "A-1 A-1 " took 25 seconds
    re.compile(
        r"\b(?!160 Whitechapel)\d{1,4}[a-z]? [A-Z][\w'-]{1,29}(?: [A-Z][\w'-]{1,29}){0,4} "  # 160: the town hall
        r"(?:[Rr]oad|[Ss]treet|[Aa]venue|[Cc]lose|[Ll]ane|[Cc]ourt|[Hh]ouse)\b"
    ),
    re.compile(
        r"\b(?:case|crime|court|pupil|client) (?:ref(?:erence)?|no|number|id)\W{0,3}\w*\d{3,}\w*", re.IGNORECASE
    ),
    re.compile(
        r"\b[Mm]y (?:pupil|patient|client|student|son|daughter|nephew|niece)\W{1,2}(?:called |named )?[A-Z][a-z]+\b"
    ),
)


def identifies(text: str) -> bool:
    """Say whether a text holds a detail that could name a child, a family or a case."""
    return any(pattern.search(text) for pattern in _DETAILS)
