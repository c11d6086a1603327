"""What may happen to a bulletin in which state, and who may do it: one table, and no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from db.bulletins import State
from db.people import SECRETARIAT, Role

APPROVERS = frozenset({Role.STRATEGY_MANAGER})
PAUSERS = SECRETARIAT | {Role.STATUTORY_PARTNER}
CAN_BE_PAUSED = (State.SCHEDULED, State.PAUSED, State.SENDING, State.HALTED)
NOBODY: frozenset[Role] = frozenset()  # only the clock does it


class Action(StrEnum):
    """Something that is done to a bulletin, as people say it. The last four come from the clock."""

    WRITE = "change it"
    SUBMIT = "send it for approval"
    APPROVE = "approve it"
    RETURN = "return it"
    SCHEDULE = "choose when it goes out"
    PAUSE = "pause it"
    GO_ON = "let it go on"
    CANCEL = "cancel it"
    CORRECT = "correct it"
    QUEUE = "begin to send it"
    MISS = "hold it back"
    FINISH = "close it"
    REOPEN = "open its next version"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be done now, and what can."""

    reason: str
    hint: str


MAY: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.WRITE: SECRETARIAT,
        Action.SUBMIT: SECRETARIAT,
        Action.APPROVE: APPROVERS,
        Action.RETURN: APPROVERS,
        Action.SCHEDULE: SECRETARIAT,
        Action.PAUSE: PAUSERS,
        Action.GO_ON: PAUSERS,
        Action.CANCEL: SECRETARIAT,
        Action.CORRECT: SECRETARIAT,
        Action.QUEUE: NOBODY,
        Action.MISS: NOBODY,
        Action.FINISH: NOBODY,
        Action.REOPEN: NOBODY,
    }
)

_S, _A = State, Action
# A change of what was approved needs a new approval: it leads back to a draft. What is being sent stays as it was
# approved, and the change makes the next version of it.
NEXT: Mapping[tuple[State, Action], State] = MappingProxyType(
    {
        (_S.DRAFT, _A.WRITE): _S.DRAFT,
        (_S.DRAFT, _A.SUBMIT): _S.REVIEW,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.RETURNED, _A.WRITE): _S.RETURNED,
        (_S.RETURNED, _A.SUBMIT): _S.REVIEW,
        (_S.RETURNED, _A.CANCEL): _S.CANCELLED,
        (_S.REVIEW, _A.WRITE): _S.DRAFT,
        (_S.REVIEW, _A.APPROVE): _S.APPROVED,
        (_S.REVIEW, _A.RETURN): _S.RETURNED,
        (_S.REVIEW, _A.CANCEL): _S.CANCELLED,
        (_S.APPROVED, _A.WRITE): _S.DRAFT,
        (_S.APPROVED, _A.RETURN): _S.RETURNED,
        (_S.APPROVED, _A.SCHEDULE): _S.SCHEDULED,
        (_S.APPROVED, _A.CANCEL): _S.CANCELLED,
        (_S.SCHEDULED, _A.WRITE): _S.DRAFT,
        (_S.SCHEDULED, _A.RETURN): _S.RETURNED,
        (_S.SCHEDULED, _A.SCHEDULE): _S.SCHEDULED,
        (_S.SCHEDULED, _A.PAUSE): _S.PAUSED,
        (_S.SCHEDULED, _A.CANCEL): _S.CANCELLED,
        (_S.SCHEDULED, _A.QUEUE): _S.SENDING,
        (_S.SCHEDULED, _A.MISS): _S.PAUSED,
        (_S.PAUSED, _A.WRITE): _S.DRAFT,
        (_S.PAUSED, _A.RETURN): _S.RETURNED,
        (_S.PAUSED, _A.SCHEDULE): _S.SCHEDULED,
        (_S.PAUSED, _A.GO_ON): _S.SCHEDULED,
        (_S.PAUSED, _A.CANCEL): _S.CANCELLED,
        (_S.SENDING, _A.WRITE): _S.SENDING,
        (_S.SENDING, _A.PAUSE): _S.HALTED,
        (_S.SENDING, _A.CANCEL): _S.CANCELLED,
        (_S.SENDING, _A.CORRECT): _S.SENDING,
        (_S.SENDING, _A.FINISH): _S.SENT,
        (_S.SENDING, _A.REOPEN): _S.DRAFT,
        (_S.HALTED, _A.WRITE): _S.HALTED,
        (_S.HALTED, _A.GO_ON): _S.SENDING,
        (_S.HALTED, _A.CANCEL): _S.CANCELLED,
        (_S.HALTED, _A.FINISH): _S.SENT,
        (_S.HALTED, _A.REOPEN): _S.DRAFT,
        (_S.SENT, _A.CORRECT): _S.SENT,
        (_S.SENT, _A.FINISH): _S.ARCHIVED,
        (_S.ARCHIVED, _A.CORRECT): _S.ARCHIVED,
        (_S.CANCELLED, _A.CORRECT): _S.CANCELLED,
    }
)

IN_WORDS: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "a draft",
        State.REVIEW: "waiting for approval",
        State.RETURNED: "returned to its author",
        State.APPROVED: "approved, without a time",
        State.SCHEDULED: "scheduled",
        State.PAUSED: "paused",
        State.SENDING: "being sent",
        State.HALTED: "paused while being sent",
        State.SENT: "sent",
        State.ARCHIVED: "sent, in the archive",
        State.CANCELLED: "cancelled",
    }
)
_HINTS: Mapping[State, str] = MappingProxyType(
    {
        State.SENT: "Write a correction: it goes to everybody who got it.",
        State.ARCHIVED: "Write a correction: it goes to everybody who got it.",
        State.CANCELLED: "Write a new one from it.",
    }
)


def after(state: State, action: Action, roles: frozenset[Role]) -> State | Refusal:
    """Return the state that an action leads to, for somebody with these roles, or why it cannot be done."""
    if not MAY[action] & roles:
        return Refusal("I cannot show you that.", "Type help to see what you can do here.")
    return _next(state, action)


def by_clock(state: State, action: Action) -> State | Refusal:
    """Return the state that an action of the clock leads to, or why it is not its turn."""
    if MAY[action]:
        return Refusal(f"The clock cannot {action}.", "")
    return _next(state, action)


def _next(state: State, action: Action) -> State | Refusal:
    found = NEXT.get((state, action))
    if found is None:
        return Refusal(
            f"You cannot {action} now: it is {IN_WORDS[state]}.",
            _HINTS.get(state, "Open it again to see what you can do."),
        )
    return found
