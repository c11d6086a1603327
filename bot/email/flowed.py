"""Plain text in lines that every mail program can join again: `format=flowed`.

Source: RFC 3676, sections 4.1 to 4.4. A line that ends with a space goes on in the next one.
"""

from __future__ import annotations

import textwrap

WIDTH = 72  # RFC 3676 asks for at most 78, and this leaves room to be quoted
SIGNATURE = "-- "  # the one line that ends with a space and does not go on
_STUFFED = (" ", ">", "From ")


def flowed(text: str) -> str:
    """Return plain text, one paragraph on each line, as flowed text. Addresses and long words are never broken."""
    return "\n".join(map(_paragraph, text.split("\n")))


def unflowed(text: str) -> str:
    """Return flowed text with one paragraph on each line again, as a mail program shows it."""
    joined = ""
    for line in text.split("\n"):
        shown = line.removeprefix(" ")
        joined += shown if line.endswith(" ") and line != SIGNATURE else f"{shown}\n"
    return joined.removesuffix("\n")


def _paragraph(line: str) -> str:
    if line == SIGNATURE:
        return line
    wrapped = textwrap.wrap(line.rstrip(), WIDTH, break_long_words=False, break_on_hyphens=False)
    return " \n".join(f" {part}" if part.startswith(_STUFFED) else part for part in wrapped)
