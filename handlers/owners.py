"""Who is meant by a name in a box: one of those who are enrolled, or a question back when several are called so."""

from __future__ import annotations

from collections.abc import Mapping

from db import directory
from handlers import naming
from handlers.context import Context
from handlers.messages import Choice, Errors, Field

WHICH = "which"  # the box in which somebody says which of several they mean
MAX_NAME = 120


def box(name: str, label: str, *, value: str = "", hint: str = "", required: bool = True) -> Field:
    """Return the box for the name of somebody who is enrolled."""
    return Field(name, label, hint=hint, required=required, max_length=MAX_NAME, value=value)


def read(context: Context, fields: Mapping[str, str], name: str) -> int | Errors | None:
    """Return who is meant in a box, None for an empty one, or what is wrong with it; leavers are nobody."""
    wanted = " ".join(fields.get(name, "").split())
    if not wanted:
        return None
    here = [one for one in directory.everybody(context.session) if one.left_on is None or one.left_on > context.today]
    same = [one for one in here if one.name.casefold() == wanted.casefold()]
    chosen = [one for one in same if fields.get(WHICH) == f"person-{one.id}"]
    if len(chosen or same) == 1:
        return (chosen or same)[0].id
    if same:
        choices = tuple(Choice(f"person-{one.id}", f"{one.name}, {one.agency or 'no agency'}") for one in same)
        also = Field(WHICH, "Which of them?", "choice", required=False, choices=choices)
        return Errors({name: "Several people are called so. Choose one of them below."}, also=also)
    nearest = naming.near(wanted, [one.name for one in here])
    meant = f" Did you mean {' or '.join(nearest)}?" if nearest else " The secretariat can enrol them."
    return Errors({name: f"Nobody who is enrolled is called so.{meant}"})
