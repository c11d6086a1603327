"""The colours of the look, without a browser: every pair that meets on a page keeps its contrast, light and dark."""

from __future__ import annotations

import re
from importlib import resources

import pytest

TEXT, EDGE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
PAIRS = {
    TEXT: (
        "ink page", "ink paper", "ink soft", "ink mine", "ink danger-soft", "ink warning-soft", "ink good-soft",
        "quiet page", "quiet paper", "quiet soft", "accent paper", "accent page", "accent soft", "accent-strong soft",
        "accent danger-soft", "accent warning-soft", "accent good-soft", "on-accent accent", "on-accent accent-strong",
        "danger danger-soft", "danger paper", "paper danger", "warning warning-soft", "good good-soft",
    ),
    EDGE: (
        "edge page", "edge paper", "edge danger-soft", "edge warning-soft", "edge good-soft", "focus page",
        "focus paper", "focus danger-soft", "danger page", "warning page", "good page",
    ),
}  # fmt: skip


def _colours() -> dict[str, dict[str, str]]:
    sheet = (resources.files("bot.pages") / "static" / "look.css").read_text()
    light, _, dark = sheet.partition("prefers-color-scheme: dark")
    plain = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return {"light": plain, "dark": plain | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))}


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("least", "pair"), [(least, pair) for least, pairs in PAIRS.items() for pair in pairs])
def test_two_colours_that_meet_can_be_told_apart(scheme: str, least: float, pair: str) -> None:
    colours = _colours()[scheme]

    darker, lighter = sorted(_luminance(colours[name]) for name in pair.split())

    assert (lighter + 0.05) / (darker + 0.05) >= least
