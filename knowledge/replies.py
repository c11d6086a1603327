"""What the replies to a consultation come to. Silence is not agreement: it is counted by itself and for nothing else.

Source: arrangements-2019, section 22.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

AGREE, COMMENTS, DISAGREE, NO_VIEW, SILENT = "agree", "agree-with-comments", "disagree", "no-view", ""
LABELS = {AGREE: "Agree", COMMENTS: "Agree with comments", DISAGREE: "Disagree", NO_VIEW: "No view"}
NOT_REPLIED = "Has not replied"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many gave which reply, and how many none."""

    agree: int
    comments: int
    disagree: int
    no_view: int
    silent: int

    @property
    def asked(self) -> int:
        """Return how many were asked."""
        return self.agree + self.comments + self.disagree + self.no_view + self.silent

    @property
    def all_agree(self) -> bool:
        """Say whether everybody who was asked has said that they agree, with comments or without."""
        return 0 < self.asked == self.agree + self.comments


def tally(replies: Iterable[str]) -> Tally:
    """Count replies; an empty one is somebody who has not replied. What is no reply counts as none."""
    counted = Counter(reply if reply in LABELS else SILENT for reply in replies)
    return Tally(counted[AGREE], counted[COMMENTS], counted[DISAGREE], counted[NO_VIEW], counted[SILENT])


def pairs(found: Tally) -> tuple[tuple[str, str], ...]:
    """Return each reply in words with how many gave it."""
    counts = (found.agree, found.comments, found.disagree, found.no_view, found.silent)
    return tuple((label, str(count)) for label, count in zip((*LABELS.values(), NOT_REPLIED), counts, strict=True))


def outcome(found: Tally) -> str:
    """Say in a sentence or two what the replies come to."""
    if found.silent:
        have = "has" if found.silent == 1 else "have"
        return f"{found.silent} of {found.asked} {have} not replied. Silence is not agreement."
    if found.all_agree:
        return (
            "Everybody who was asked agrees, some with comments."
            if found.comments
            else "Everybody who was asked agrees."
        )
    return "Everybody who was asked has replied."
