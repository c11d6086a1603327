"""The heat map of the register: a picture where there is an address for it, and always the same as a table of words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from db import keys, risks
from db.risks import Risk, Status
from handlers import access, matrix_picture
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Element, Image, Note, Table, Text
from knowledge import scoring
from knowledge.scoring import HIGHEST, LOWEST, Rag

VALID_FOR = timedelta(hours=1)
_MARK = "heatmap"
_CELLS = tuple((likely, bad) for likely in range(HIGHEST, LOWEST - 1, -1) for bad in range(LOWEST, HIGHEST + 1))
_PARTS = 4
ON_IT = (Status.OPEN.value, Status.ESCALATED.value, Status.ACCEPTED.value)
Counts = Mapping[tuple[int, int], int]


def show(context: Context, _request: Request) -> Card:
    """Show how many risks on the register are in which cell of the matrix, those counted that one may read."""
    if not context.actor.roles & access.READERS:
        raise access.not_found()
    counts = counted(context)
    body: list[Element] = [Text(in_words(context, counts))]
    if context.house.public_url and counts:
        body.append(Image(_address(context, counts), alternative(context, counts)))
    if counts:
        body.append(Table(("Likelihood", "Impact", "Score", "Risks"), rows(context, counts)))
        body.append(Note("Cells that are not named hold no risk. Scores are those of today, with what is in place."))
    return Card(title="Heat map of risks", body=tuple(body), actions=(Button("Raise a risk", "risks.new", opens=True),))


def counted(context: Context) -> Counts:
    """Return how many risks on the register are in each cell, of those that the one who asks may read."""
    return risks.cells(context.session, Risk.status.in_(ON_IT), access.visible_risks(context))


def rows(context: Context, counts: Counts) -> tuple[tuple[str, ...], ...]:
    """Return the cells that hold risks as rows of words, the worst first: likelihood, impact, score and how many."""
    matrix, floor = scoring.shipped(), context.house.risk_floor
    held = sorted((cell for cell in _CELLS if counts.get(cell)), key=lambda cell: (-cell[0] * cell[1], -cell[1]))
    return tuple(
        (
            f"{likely} {matrix.likelihood[likely].name}",
            f"{bad} {matrix.impact[bad].name}",
            scoring.in_words(likely, bad, floor=floor),
            str(counts[likely, bad]),
        )
        for likely, bad in held
    )


def in_words(context: Context, counts: Counts) -> str:
    """Say how many risks have which colour."""
    if not counts:
        return "No risk is on the register that you may read."
    by_colour = dict.fromkeys(reversed(Rag), 0)
    for (likely, bad), count in counts.items():
        by_colour[scoring.rag(likely, bad, floor=context.house.risk_floor)] += count
    return ", ".join(f"{colour}: {count}" for colour, count in by_colour.items()) + "."


def alternative(context: Context, counts: Counts) -> str:
    """Return the words for those who do not see the picture."""
    cells = "; ".join(f"likelihood {row[0]}, impact {row[1]}: {row[3]}" for row in rows(context, counts))
    return f"Heat map of risks. {in_words(context, counts)} {cells}."


def _address(context: Context, counts: Counts) -> str:
    """Return the address of the picture: signed, good for an hour, and with the counts in it, so nothing is stored."""
    until = int((context.now + VALID_FOR).timestamp())
    floor = int(context.house.risk_floor)
    payload = f"{_MARK}|{until}|{floor}|{','.join(str(counts.get(cell, 0)) for cell in _CELLS)}"
    token = keys.sign(context.session, payload.encode(), now=context.now)
    return f"{context.house.public_url}/pictures/{token}.png"


def picture(context: Context, token: str) -> bytes:
    """Return the picture behind an address. Raises UserError when it was not signed here, or has expired."""
    payload = keys.read(context.session, token) or b""
    parts = payload.decode(errors="replace").split("|")
    if len(parts) != _PARTS or parts[0] != _MARK or datetime.fromtimestamp(int(parts[1]), UTC) <= context.now:
        raise UserError("This picture has expired.", hint="Type heatmap for a new one.")
    counts = dict(zip(_CELLS, map(int, parts[3].split(",")), strict=True))
    return matrix_picture.png(counts, floor=parts[2] == "1")
