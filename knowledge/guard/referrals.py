"""Whether somebody tries to refer a child here, where nobody takes referrals."""

from __future__ import annotations

import re

_WHO = (
    r"(?:child|children|boy|girl|baby|family|pupil|student|patient|siblings?|son|daughter|mum|mother|kids?|teen\w*|\d+)"
)
_WANT = (
    r"(?:'m| am| are|'re)? (?:want|wish|need|would like|'d like|like|have|here(?:by)?|writing)? ?(?:to )?"
    r"(?:mak(?:e|ing) (?:a |this )?(?:new )?referral\b(?! process| form)"
    rf"|refer(?:ring)? (?:(?:a|an|this|my|our|one|two|three|the) (?:\w+ ){{0,2}}?{_WHO}|him|her)\b)"
)
_ATTEMPT = re.compile(
    rf"\b(?:i|we){_WANT}"
    r"|\b(?:please|pls|plz) (?:accept|take|process|find|see|refer)\b.{0,30}"
    r"\b(?:referral|him|her|them|this (?:child|family|boy|girl))\b(?! data| form| rate)"
    r"|\b(?:new|urgent|this is (?:a|an|my)(?: new| urgent)?|here is (?:a|my|the)|here's (?:a|my|the)|my) referral\b"
    r"(?! form| data| rate| route| pathway)"
    r"|\breferral (?:for|re|regarding|about) (?:a|an|this|my|our|one) ",
    re.IGNORECASE,
)
_QUESTION = r"(?:how|where|when|who|what|which|should|can|could|do|does|must|may"
_ASKING = re.compile(
    rf"\b{_QUESTION}|whether|if|before|training|course|policy|procedure|process)\b[^.!?\n]{{0,60}}$",
    re.IGNORECASE,
)
_SENTENCE = 80  # characters before an attempt in which a question may have begun


def attempted(text: str) -> bool:
    """Say whether a text tries to make a referral. A question about making one is not an attempt."""
    return any(
        not _ASKING.search(text[max(0, found.start() - _SENTENCE) : found.start()]) for found in _ATTEMPT.finditer(text)
    )
