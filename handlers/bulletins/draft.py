"""A bulletin as its words: what is composed, checked, shown before it goes out and written to a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

READ = "bulletins.read"  # the route of the button under a bulletin that is to be read and passed on
ASK_TO_READ = "Ask readers to say that they have read it and briefed their team"
MARKING = "OFFICIAL"  # the only marking a bulletin may have
MAX_TITLE = 100  # characters: with a word before it and the number of its part after it, it is one heading everywhere


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a bulletin. `sections` holds the small Markdown of each, by its key.

    `correction_of` is the title of the bulletin that it corrects. `audience_words` says in words who gets it.
    """

    ref: str
    kind: str
    title: str
    sections: Mapping[str, str] = field(default_factory=dict)
    image_url: str = ""
    image_alt: str = ""
    marking: str = MARKING
    needs_reading: bool = False
    audience_words: str = ""
    version: int = 1
    correction_of: str = ""
