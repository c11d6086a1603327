"""Telling owners of risks that came with a file: one notice to each, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from db.risks import Risk, Status
from handlers import telling
from handlers.context import Context
from handlers.messages import Button, Card, Text
from handlers.risks import records as own

_NAMED = 20  # references in one notice; the list shows the rest


def owners(context: Context, rows: Sequence[Risk]) -> None:
    """Tell each owner which risks are theirs now. Only references are named."""
    by_owner: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.status == Status.OPEN and row.owner_id is not None:
            by_owner[row.owner_id].append(row.ref)
    for owner, refs in by_owner.items():
        more = f" and {len(refs) - _NAMED} more" if len(refs) > _NAMED else ""
        number = "a risk" if len(refs) == 1 else f"{len(refs)} risks"
        card = Card(
            title=f"You own {number} of a register that was taken over",
            body=(Text(f"{', '.join(refs[:_NAMED])}{more}. If one is not yours, ask the Strategy Manager."),),
            actions=(Button(f"Open {refs[0]}", "risks.open", refs[0]), Button("What is mine", "my.show")),
        )
        key = f"risk:{refs[0]}:brought:{owner}"
        telling.tell(context, own.place_of(context, owner), card, key=key, kind="notice about a risk")
