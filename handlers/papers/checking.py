"""What the register check finds, for the paper, and the picture of the heat map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from db.papers import Registered
from db.risks import owners_who_left
from handlers import matrix_picture
from handlers.context import Context
from handlers.papers.paper import Picture
from handlers.papers.register import ON_REGISTER
from handlers.risks import checks
from knowledge import scoring


def found(context: Context, risks: Iterable[Registered]) -> Mapping[str, Sequence[str]]:
    """Return what is not as it should be with each risk, by reference; those that are in order are not in it."""
    said: dict[str, list[str]] = {}
    left = owners_who_left(context.session, context.today)
    for one in risks:
        controlled = any(control.effective != "no" for control in one.controls)
        raised_on = context.day(one.row.raised_at)
        wrong = checks.problems(
            one.row,
            controlled=controlled,
            raised_on=raised_on,
            today=context.today,
            owner_left=one.row.owner_id in left,
        )
        for problem in wrong:
            said.setdefault(one.row.ref, []).append(problem.words.capitalize())
    return said


def picture(context: Context, risks: Sequence[Registered]) -> Picture:
    """Return the heat map as a picture, with what it shows in words: only the cells that hold a risk."""
    on = [one.row for one in risks if one.row.status in ON_REGISTER]
    places = [(row.current_l, row.current_i) for row in on]
    counts = {(one, other): places.count((one, other)) for one, other in places if one and other}
    floor = context.house.risk_floor
    said = [
        f"likelihood {likelihood} and impact {impact}, {scoring.rag(likelihood, impact, floor=floor)}: {number}"
        for (likelihood, impact), number in sorted(counts.items(), reverse=True)
    ]
    words = "; ".join(said) if said else "there are no risks on the register"
    return Picture(matrix_picture.png(counts, floor=floor), f"Heat map of the risks by likelihood and impact: {words}.")
