"""What may be done with a challenge in which state, and by whom: one table. Source: domain.md section 2.7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from db.challenges import Status


class Part(StrEnum):
    """What somebody is in one challenge."""

    CHALLENGER = "challenger"
    OWNER = "owner"
    SCRUTINEER = "scrutineer"
    MANAGER = "strategy manager"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: from which states, to which one, by whom; `asks` is what its form asks for, empty where it has none."""

    name: str
    label: str
    done: str
    starts: frozenset[str]
    to: str
    who: frozenset[Part]
    asks: str = ""
    hint: str = ""
    most: int = 800  # characters of what is written


def _step(  # noqa: PLR0917 - the columns of the table below
    name: str, label: str, done: str, starts: tuple[Status, ...], to: Status, who: tuple[Part, ...],
    asks: str = "", hint: str = "", most: int = 800,
) -> Step:  # fmt: skip
    return Step(name, label, done, frozenset(one.value for one in starts), to.value, frozenset(who), asks, hint, most)


_S, _P = Status, Part
_JUDGES = (_P.CHALLENGER, _P.SCRUTINEER)  # only they can accept an answer
STEPS: Mapping[str, Step] = MappingProxyType(
    {
        one.name: one
        for one in (
            _step("acknowledge", "I am working on it", "acknowledged", (_S.RAISED,), _S.ACKNOWLEDGED, (_P.OWNER,)),
            _step(
                "answer", "Answer it", "answered", (_S.RAISED, _S.ACKNOWLEDGED, _S.NOT_SATISFIED), _S.ANSWERED,
                (_P.OWNER,), "Your answer", "What is being done, and what shows it.",
            ),
            _step(
                "satisfied", "It satisfies me", "answer accepted", (_S.ANSWERED,), _S.ACCEPTED, _JUDGES,
                "What convinced you?",
            ),
            _step(
                "refuse", "It does not satisfy me", "answer not accepted", (_S.ANSWERED,), _S.NOT_SATISFIED, _JUDGES,
                "What is missing?",
            ),
            _step(
                "escalate", "Escalate it", "escalated", (_S.NOT_SATISFIED,), _S.ESCALATED, _JUDGES,
                "What do you ask the Executive to do?", most=300,
            ),
            _step(
                "close", "Close it", "closed", (_S.ACCEPTED, _S.ESCALATED), _S.CLOSED, (*_JUDGES, _P.MANAGER),
                "What changed for children?", "It goes into the annual report.",
            ),
        )
    }
)  # fmt: skip
