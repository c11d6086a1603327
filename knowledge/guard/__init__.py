"""Whether a text names a child or a family, or reports danger: pure judgement, without storage and without network.

It is a second control: people keep names out, and the guard catches what slips. Its figures, by kind of detail and by
origin of name, stand in docs/guard.md; `python -m bench guard` measures them again.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from knowledge.guard import lexicon, linear, referrals
from knowledge.guard.evidence import Evidence, evidence
from knowledge.guard.lexicon import Lexicon
from knowledge.guard.reading import read

VERSION = "1"  # of the rules and the weights: it is counted with every decision
# References that this service gives: to questions, escalations, risks, challenges, actions, bulletins and so on.
_OURS = re.compile(r"(?:ASK|ESC|RSK|CHA|ACT|BUL|DIS|MTG|CRS|TRN|DEC|CON|CPD)-20\d\d-\d{3,5}", re.IGNORECASE)


class Kind(StrEnum):
    """What kind of detail was found."""

    NAME = "NAME"
    DOB = "DOB"
    NHS_NUMBER = "NHS_NUMBER"
    NINO = "NINO"
    CASE_REF = "CASE_REF"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    POSTCODE = "POSTCODE"
    SCHOOL_YEAR_COMBO = "SCHOOL_YEAR_COMBO"


class Decision(StrEnum):
    """What happens to a text: it goes on, it goes on when the person says why, or it does not go on."""

    PASS = "pass"  # noqa: S105 - a decision
    ASK = "ask"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Finding:
    """One detail: where it stands in the text as typed (end excluded), its kind, and the rule that found it."""

    kind: Kind
    start: int
    end: int
    rule: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What the guard thinks of one text.

    `urgent`: a child is in danger, told of harm, or a member of staff is accused. `referral`: somebody tries to refer
    a child here. `case`: it reads like one child's case, though nothing in it says which.
    """

    findings: tuple[Finding, ...] = ()
    urgent: bool = False
    referral: bool = False
    case: bool = False

    @property
    def identifying(self) -> bool:
        """Say whether the text may name a child or a family."""
        return bool(self.findings)

    @property
    def overridable(self) -> bool:
        """Say whether a person may declare that this is not about a child: only where all that was found is names."""
        return not self.urgent and self.identifying and all(found.kind is Kind.NAME for found in self.findings)

    @property
    def decision(self) -> Decision:
        """Return `ask` where only names were found and none is sure; `block` for everything else that is found."""
        if not (self.urgent or self.identifying):
            return Decision.PASS
        return Decision.ASK if self.overridable and not any(found.sure for found in self.findings) else Decision.BLOCK


@dataclass(frozen=True)
class Guard:
    """The judgement itself. `terms` are names that are known to be no family's, besides the shipped gazetteer."""

    terms: frozenset[str] = frozenset()

    @functools.cached_property
    def _lexicon(self) -> Lexicon:
        return lexicon.shipped().with_terms(self.terms)

    def scan(self, text: str) -> Scan:
        """Judge a text. It takes time in proportion to its length: about 5 ms for 500 characters."""
        reading = read(text)
        found: list[tuple[bool, Finding]] = []
        urgent = case = False
        for piece in evidence(reading, self._lexicon):
            found += self._findings(piece)
            urgent = urgent or any(self._counts("urgent", said) for said in (piece.signs, *piece.sentences))
            case = case or self._counts("case", piece.signs)
        details = tuple(one for one in _apart(found) if not _OURS.fullmatch(text[one.start : one.end]))
        return Scan(details, urgent, referrals.attempted(reading.text), case and not urgent)

    def _findings(self, piece: Evidence) -> Iterator[tuple[bool, Finding]]:
        for name, mentions in piece.mentions.items():
            model = linear.shipped()[name]
            for mention in mentions:
                chance = 1.0 if mention.certain else model.chance(mention.features)
                if chance >= model.ask:
                    kind, sure = Kind(mention.kind), chance >= model.sure
                    yield mention.certain, Finding(kind, *piece.span(mention), mention.rule, sure)

    def _counts(self, name: str, said: frozenset[str]) -> bool:
        model = linear.shipped()[name]
        return model.chance(said) >= model.ask


def _apart(found: Iterable[tuple[bool, Finding]]) -> tuple[Finding, ...]:
    """Keep one of findings that overlap: what is certain, then the longest; numbers before names. In order of place."""
    kept: list[Finding] = []
    for _, one in sorted(found, key=lambda pair: (pair[1].kind is Kind.NAME, not pair[0], pair[1].start - pair[1].end)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))


def scan(text: str, *, terms: Iterable[str] = ()) -> Scan:
    """Judge a text with the shipped lists and weights, and with `terms` that name no family."""
    return _guard(frozenset(terms)).scan(text)


@functools.lru_cache(maxsize=4)
def _guard(terms: frozenset[str]) -> Guard:
    return Guard(terms)
