"""What records are called, for those who may read them: of the others nothing is said. And which button opens one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import shorten
from types import MappingProxyType

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from db.actions import ActionItem
from db.challenges import Challenge
from db.consultations import Consultation
from db.decisions import Decision
from db.escalations import Escalation
from db.risks import Risk
from handlers import access
from handlers.context import Context
from handlers.messages import Button
from knowledge import workflows
from knowledge.risks import states

MAX_TITLE = 90

_Titled = InstrumentedAttribute[str]
_TITLES: Sequence[tuple[_Titled, _Titled, Callable[[Context], ColumnElement[bool]]]] = (
    (Escalation.ref, Escalation.title, access.visible_escalations),
    (Risk.ref, Risk.title, access.visible_risks),
    (Challenge.ref, Challenge.challenge, access.visible_challenges),
    (ActionItem.ref, ActionItem.what, access.visible_actions),
    (Decision.ref, Decision.text, access.visible_decisions),
    (Consultation.ref, Consultation.title, access.visible_consultations),
)

_OPENS: Mapping[str, str] = MappingProxyType(
    {
        "ACT": "actions.open",
        "ESC": "escalation.show",
        "RSK": "risks.open",
        "CHA": "challenges.open",
        "DEC": "consulting.decision",
        "CON": "consulting.show",
    }
)
_STATES: Mapping[str, Callable[[], Mapping[str, str]]] = MappingProxyType(
    {
        "ESC": lambda: {name: one.words for name, one in workflows.escalations().states.items()},
        "RSK": states,
    }
)


def seen(context: Context, refs: Iterable[str]) -> dict[str, str]:
    """Return what each of these records is called, where the one who asks may read it: one query, whatever they are."""
    wanted = list(refs)
    if not wanted:
        return {}
    each = [select(ref, title).where(ref.in_(wanted), visible(context)) for ref, title, visible in _TITLES]
    rows = context.session.execute(union_all(*each))
    return {ref: shorten(said, MAX_TITLE, placeholder="…") for ref, said in rows}


def opens(refs: Iterable[str]) -> list[Button]:
    """Return the buttons that open these records, each once; none for what is no record."""
    known = [(ref, _OPENS.get(ref.partition("-")[0])) for ref in dict.fromkeys(refs)]
    return [Button(f"Open {ref}", route, ref) for ref, route in known if route]


def state(ref: str, name: str) -> str:
    """Return how people say the state of a record: "with the Executive" for "with-executive"."""
    of_kind = _STATES.get(ref.partition("-")[0])
    return of_kind().get(name, name) if of_kind else name.replace("-", " ")
