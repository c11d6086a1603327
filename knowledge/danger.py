"""Whether a text describes a child in danger now."""

from __future__ import annotations

import re

_NOW = re.compile(r"\b(right now|just (told|disclosed|said)|hitting|going to (kill|hurt)|im scared|hurts? me|touch(es|ing) me)\b")


def is_urgent(text: str) -> bool:
    """Say whether a text describes immediate risk, a disclosure or an allegation about particular people."""
    return bool(_NOW.search(text[:500].lower().replace("'", "")))
