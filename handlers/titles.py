"""What records are called, for those who may read them: of the others nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from textwrap import shorten

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from db.actions import ActionItem
from db.challenges import Challenge
from db.escalations import Escalation
from db.risks import Risk
from handlers import access
from handlers.context import Context

MAX_TITLE = 90

_Titled = InstrumentedAttribute[str]
_TITLES: Sequence[tuple[_Titled, _Titled, Callable[[Context], ColumnElement[bool]]]] = (
    (Escalation.ref, Escalation.title, access.visible_escalations),
    (Risk.ref, Risk.title, access.visible_risks),
    (Challenge.ref, Challenge.challenge, access.visible_challenges),
    (ActionItem.ref, ActionItem.what, access.visible_actions),
)


def seen(context: Context, refs: Iterable[str]) -> dict[str, str]:
    """Return what each of these records is called, where the one who asks may read it: one query, whatever they are."""
    wanted = list(refs)
    if not wanted:
        return {}
    each = [select(ref, title).where(ref.in_(wanted), visible(context)) for ref, title, visible in _TITLES]
    rows = context.session.execute(union_all(*each))
    return {ref: shorten(said, MAX_TITLE, placeholder="…") for ref, said in rows}
