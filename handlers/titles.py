"""What records are called, for those who may read them: of the others nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from textwrap import shorten
from types import MappingProxyType

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from db.actions import ActionItem
from db.challenges import Challenge
from db.escalations import Escalation
from db.risks import Risk
from handlers import access
from handlers.context import Context

MAX_TITLE = 90

_Titled = InstrumentedAttribute[str]
_TITLES: Mapping[str, tuple[_Titled, _Titled, Callable[[Context], ColumnElement[bool]]]] = MappingProxyType(
    {
        "ESC": (Escalation.ref, Escalation.title, access.visible_escalations),
        "RSK": (Risk.ref, Risk.title, access.visible_risks),
        "CHA": (Challenge.ref, Challenge.challenge, access.visible_challenges),
        "ACT": (ActionItem.ref, ActionItem.what, access.visible_actions),
    }
)


def seen(context: Context, refs: Iterable[str]) -> dict[str, str]:
    """Return what each of these records is called, where the one who asks may read it: one query for each kind."""
    wanted = list(refs)
    found: dict[str, str] = {}
    for prefix, (ref, title, visible) in _TITLES.items():
        if mine := [one for one in wanted if one.startswith(f"{prefix}-")]:
            rows = context.session.execute(select(ref, title).where(ref.in_(mine), visible(context)))
            found |= {known: shorten(said, MAX_TITLE, placeholder="…") for known, said in rows}
    return found
