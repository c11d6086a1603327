"""Small numbers: which of them are not shown, so that nobody can be told from a table nor worked out from its total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown of a list of numbers: some names, and the total where it would give one of them away."""

    names: frozenset[str]
    total: bool


def hidden(numbers: Mapping[str, int], below: int) -> Hidden:
    """Say what is to be hidden of numbers that are shown with their total. None at all, 0, is always shown.

    Small numbers are hidden, and as many of the next larger ones as it takes until they could share what is missing
    from the total in more than one way: two at least, together no small number, and not each of them a one. Where
    there are not enough others, the total is hidden. Everything hidden is to look alike.
    """
    counted = sorted((number, name) for name, number in numbers.items() if number)
    small = frozenset(name for number, name in counted if number < below)
    names, together = set[str](), 0
    for number, name in counted:
        if number >= below and (not names or _safe(len(names), together, below)):
            break
        names.add(name)
        together += number
    if not names or _safe(len(names), together, below):
        return Hidden(frozenset(names), total=False)
    return Hidden(small, total=True)


def _safe(many: int, together: int, below: int) -> bool:
    return many > 1 and together >= below and together > many
