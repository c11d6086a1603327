"""Numbers, dates, addresses and the like that may be one person's: found by shape, judged by what is around them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.guard.context import Context
from knowledge.guard.mentions import Mention, covered
from knowledge.guard.shapes import compiled, table

_DIGITS = re.compile(r"\d")
_NHS_DIGITS = 10
_CERTAIN = frozenset(
    ("national-insurance", "national-insurance-said", "nhs-number-said", "pupil-number", "court-number")
)
_BEFORE = 20  # characters before a number in which "nhs" tells it from a telephone number
_ADULTS, _LATELY = 2000, 2023  # years of birth


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes in order (kind, rule, pattern), and what addresses of work look like."""

    rules: tuple[tuple[str, str, re.Pattern[str]], ...]
    work_domain: re.Pattern[str]
    role_mailbox: re.Pattern[str]
    free_mail: re.Pattern[str]


def mentions(context: Context, text: str) -> Iterator[Mention]:
    """Give everything that may be a detail of one person, also where several shapes fit the same words."""
    for kind, rule, pattern in _shipped().rules:
        for found in pattern.finditer(text):
            start, end = found.span("it") if "it" in pattern.groupindex and found["it"] else found.span()
            before = text[max(0, start - _BEFORE) : start].lower()
            span = covered(context.tokens, start, end)
            if span is None or (kind == "NHS_NUMBER" and text[start] == "0" and "nhs" not in before):
                continue
            features = context.around(*span) | set(_own(rule, text[start:end], before))
            certain = _certain(rule, text[start:end], alone=len(text.split()) == 1)
            yield Mention(kind, *span, rule, frozenset(features), certain)


def _certain(rule: str, text: str, *, alone: bool) -> bool:
    """Say whether a shape is nothing but one person's: numbers with a check digit or letters in their places."""
    if rule == "e-mail":
        name, _, domain = text.lower().rpartition("@")
        shapes = _shipped()
        at_work = shapes.work_domain.search(domain) or shapes.role_mailbox.search(name)
        return not at_work and bool(alone or shapes.free_mail.match(domain))
    digits = "".join(_DIGITS.findall(text))
    return rule in _CERTAIN or (rule == "nhs-number" and len(digits) == _NHS_DIGITS and is_nhs(digits))


def is_nhs(digits: str) -> bool:
    """Say whether ten digits have the check digit of an NHS number (modulus 11, NHS Data Dictionary)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == int(digits[9])


@functools.cache
def _shipped() -> Shapes:
    found = table("guard_details.yaml")
    lists = found["lists"]
    rules = ((row["kind"], row["rule"], compiled(row["pattern"], lists)) for row in found["rules"])
    return Shapes(
        tuple(rules), *(compiled(lists[name], lists) for name in ("work_domain", "role_mailbox", "free_mail"))
    )


def _own(rule: str, text: str, before: str) -> Iterator[str]:
    """Say what a detail looks like."""
    digits = "".join(_DIGITS.findall(text))
    yield f"rule:{rule}"
    yield f"shape:{re.sub('[a-z]+', 'a', _DIGITS.sub('#', text.lower()))[:14]}"
    yield f"digits:{len(digits)}"
    yield f"near:{'(' in before[-2:]}"
    if rule.startswith(("nhs", "ten")) and len(digits) == _NHS_DIGITS:
        yield f"check:{is_nhs(digits)}"
    elif rule.startswith("e-mail"):
        yield from _mailbox(text.lower())
    elif rule.startswith("phone"):
        yield f"prefix:{digits.removeprefix('0044').removeprefix('44').removeprefix('0')[:1]}"
    elif rule in ("date", "born"):
        years = re.findall(r"(?:19|20)\d{2}", text)
        yield f"year:{_era(int(years[0])) if years else 'none'}"


def _mailbox(address: str) -> Iterator[str]:
    name, _, domain = address.rpartition("@")
    yield f"domain:{'.'.join(domain.split('.')[-2:])}"
    yield f"work:{bool(_shipped().work_domain.search(domain))}"
    yield f"box:{bool(_shipped().role_mailbox.search(name or address))}"


def _era(year: int) -> str:
    """Say whether somebody born in a year may be an adult, a child, or could not be spoken of yet."""
    return "old" if year < _ADULTS else "child" if year < _LATELY else "now"
