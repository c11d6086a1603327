"""The risk register that goes out with the papers. Source: domain.md 2.5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db.challenges import Challenge
from db.challenges import Status as Asked
from db.papers import SENSITIVE, Registered
from db.risks import RiskScore, Status
from handlers.papers import saying
from handlers.papers.paper import (
    Badge,
    Cell,
    Column,
    Grid,
    Heading,
    Named,
    Paper,
    Paragraph,
    Part,
    Picture,
    Shade,
    Turn,
)
from handlers.papers.saying import Made, day
from knowledge import scoring
from knowledge.scoring import Rag

TITLE = "Risk register"
ON_REGISTER = (Status.OPEN, Status.ESCALATED, Status.ACCEPTED)
_SHADES = {Rag.RED: Shade.RED, Rag.AMBER: Shade.AMBER, Rag.GREEN: Shade.GREEN}
_STEPS = range(scoring.HIGHEST, scoring.LOWEST - 1, -1)
_REDS = (
    Column("Ref", 2.2),
    Column("Risk", 6.4),
    Column("Owner and lead group", 2.2),
    Column("Inherent", 1.6),
    Column("Current", 1.6),
    Column("Target", 1.6),
    Column("Controls", 3.3),
    Column("Actions", 3.3),
    Column("Next review", 1.9),
)
_OTHERS = (
    Column("Ref", 1.9),
    Column("Risk", 6),
    Column("Owner", 2.4),
    Column("Current", 1.4),
    Column("Target", 1.4),
    Column("Trend", 1.1),
    Column("Next review", 1.5),
)
_ACCEPTED = (
    Column("Ref", 1.9),
    Column("Risk", 5),
    Column("Current", 1.4),
    Column("Why it is accepted", 5),
    Column("Until", 1.6),
)
_MOVED = (Column("Ref", 1.9), Column("Risk", 6), Column("What happened", 4))
_CHECKED = (Column("Ref", 1.9), Column("Risk", 6), Column("What the register check found", 6))
_CHALLENGED = (
    Column("Ref", 1.9),
    Column("Asked of", 2.6),
    Column("Challenge", 6),
    Column("Status", 1.6),
    Column("Answer due", 1.5),
)
_NONE = "None."


@dataclass(frozen=True, slots=True)
class Register:
    """What the register is made of. `moved` are the scores given since, by risk; `found` what is wrong, by ref."""

    risks: Sequence[Registered]
    moved: Mapping[int, Sequence[RiskScore]] = field(default_factory=dict)
    found: Mapping[str, Sequence[str]] = field(default_factory=dict)
    challenges: Sequence[Challenge] = ()
    picture: Picture | None = None
    floor: bool = False

    def rag(self, one: Registered) -> Rag | None:
        """Return the colour of a risk's current score; None before it was scored."""
        row = one.row
        if row.current_l is None or row.current_i is None:
            return None
        return scoring.rag(row.current_l, row.current_i, floor=self.floor)


def movement(register: Register, made: Made) -> Grid:
    """Return the table of what happened to risks since the last papers."""
    return Grid(f"Movement since {made.since_words}", _MOVED, _movement(register.risks, register, made), _NONE)


def write(register: Register, made: Made) -> Paper:
    """Return the paper of the register; the annex holds only what is withheld in the other."""
    shown = [one for one in register.risks if not made.annex or one.row.marking == SENSITIVE]
    on = [one for one in shown if one.row.status in ON_REGISTER]
    reds = [one for one in on if register.rag(one) is Rag.RED and one.row.status != Status.ACCEPTED]
    others = [one for one in on if one not in reds and one.row.status != Status.ACCEPTED]
    accepted = [one for one in on if one.row.status == Status.ACCEPTED]
    for listed in (reds, others):
        listed.sort(key=lambda one: -((one.row.current_l or 0) * (one.row.current_i or 0)))
    title = f"{TITLE}: confidential annex" if made.annex else TITLE
    parts: list[Part] = [*_summary(shown, on, register, made), Turn(landscape=True)]
    for heading, columns, rows in (
        (f"Movement since {made.since_words}", _MOVED, _movement(shown, register, made)),
        ("Red risks in full", _REDS, [_full(one, register, made) for one in reds]),
        ("Other risks on the register", _OTHERS, [_short(one, register, made) for one in others]),
        ("Accepted risks", _ACCEPTED, [_accepted(one, register, made) for one in accepted]),
        ("Register check", _CHECKED, _checked(shown, register, made)),
        ("Challenges that wait", _CHALLENGED, _challenged(register, made)),
    ):
        parts += [Heading(heading), Grid(heading, columns, rows, _NONE)]
    return Paper(title, made.meeting_words, made.partnership, made.marking, made.made_words, made.version, parts)


def _summary(shown: Sequence[Registered], on: Sequence[Registered], register: Register, made: Made) -> list[Part]:
    colours = [register.rag(one) for one in on]
    rows: list[tuple[Cell, str]] = [
        (Badge(colour.value, _SHADES[colour]), str(colours.count(colour))) for colour in reversed(Rag)
    ]
    rows += [
        ("Not scored yet", str(colours.count(None))),
        ("Alerts that wait for triage", str(sum(one.row.status == Status.ALERT for one in shown))),
        ("Reviews that are overdue", str(sum(_late(one, made) for one in on))),
    ]
    found: list[Part] = [
        Heading("At a glance"),
        Grid("Counts of risks", (Column("What", 3), Column("Number", 1)), rows, ""),
        Heading("Heat map"),
    ]
    if made.annex:
        found.insert(0, Paragraph("For those who may read what is OFFICIAL-SENSITIVE. Do not send it on.", strong=True))
    elif register.picture is not None:
        found.append(register.picture)
    found += [Paragraph("The table counts the risks on the register by likelihood and impact."), _map(on, register)]
    if not made.annex and any(not made.shows(one.row.marking) for one in shown):
        found.append(
            Paragraph("The words of risks that are OFFICIAL-SENSITIVE are in an annex, which is a file of its own.")
        )
    return found


def _map(on: Sequence[Registered], register: Register) -> Grid:
    """Return the heat map as a table: each cell says its colour and how many risks are there."""
    matrix = scoring.shipped()
    places = [(one.row.current_l, one.row.current_i) for one in on]
    rows: list[tuple[Cell, ...]] = []
    for likelihood in _STEPS:
        cells: list[Cell] = [f"{likelihood} {matrix.likelihood[likelihood].name}"]
        for impact in reversed(_STEPS):
            colour = scoring.rag(likelihood, impact, floor=register.floor)
            cells.append(Badge(f"{colour.value}: {places.count((likelihood, impact))}", _SHADES[colour]))
        rows.append(tuple(cells))
    columns = [Column("Likelihood", 2), *(Column(f"Impact {i} {matrix.impact[i].name}", 1.6) for i in reversed(_STEPS))]
    return Grid("Heat map: how many risks have which likelihood and impact", columns, rows, "")


# --- rows ------------------------------------------------------------------------------------------------------


def _movement(shown: Sequence[Registered], register: Register, made: Made) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for one in shown:
        happened = []
        if one.row.raised_at >= made.since:
            happened.append("New")
        happened += _scored(one, register, made)
        if one.row.closed_at is not None and one.row.closed_at >= made.since:
            happened.append(f"Closed {day(made.day(one.row.closed_at))}")
        if happened:
            rows.append((one.row.ref, made.words(one.row.marking, one.row.title), "\n".join(happened)))
    return rows


def _scored(one: Registered, register: Register, made: Made) -> list[str]:
    """Say how the current score went up or down since then."""
    return [
        f"{score.trend.capitalize()} to {scoring.in_words(score.likelihood, score.impact, floor=register.floor)}"
        f" on {day(made.day(score.at))}"
        for score in register.moved.get(one.row.id, ())
        if score.trend in (scoring.Trend.UP, scoring.Trend.DOWN)
    ]


def _score(likelihood: int | None, impact: int | None, register: Register) -> Cell:
    if likelihood is None or impact is None:
        return "Not scored"
    colour = scoring.rag(likelihood, impact, floor=register.floor)
    return Badge(f"{colour.value} {likelihood * impact}", _SHADES[colour])


def _full(one: Registered, register: Register, made: Made) -> tuple[Cell, ...]:
    row = one.row
    sentences = (("Because", row.cause), ("It may happen that", row.event), ("Then", row.consequence))
    words = "\n".join(f"{before}: {said}" for before, said in sentences if said)
    controls = "\n".join(
        f"{one.words} ({one.kind}, {_EFFECT.get(one.effective, one.effective)})" for one in one.controls
    )
    return (
        row.ref,
        Named(row.title, words) if made.shows(row.marking) else saying.WITHHELD,
        "\n".join(filter(None, (one.owner or "No owner", one.group))),
        _score(row.inherent_l, row.inherent_i, register),
        _score(row.current_l, row.current_i, register),
        _score(row.target_l, row.target_i, register),
        made.words(row.marking, controls or "None"),
        made.words(row.marking, saying.promised(one.actions, today=made.today) or "None"),
        _review(one, made),
    )


_EFFECT = {"yes": "works", "partly": "works in part", "no": "does not work"}


def _short(one: Registered, register: Register, made: Made) -> tuple[Cell, ...]:
    row = one.row
    return (
        row.ref,
        made.words(row.marking, row.title),
        one.owner or "No owner",
        _score(row.current_l, row.current_i, register),
        _score(row.target_l, row.target_i, register),
        row.trend.capitalize(),
        _review(one, made),
    )


def _accepted(one: Registered, register: Register, made: Made) -> tuple[Cell, ...]:
    row = one.row
    return (
        row.ref,
        made.words(row.marking, row.title),
        _score(row.current_l, row.current_i, register),
        made.words(row.marking, row.acceptance_reason),
        day(row.acceptance_expiry),
    )


def _review(one: Registered, made: Made) -> Cell:
    said = day(one.row.next_review)
    return Badge(f"{said}\nOverdue", Shade.RED) if _late(one, made) else said


def _late(one: Registered, made: Made) -> bool:
    return one.row.next_review is not None and one.row.next_review < made.today


def _checked(shown: Sequence[Registered], register: Register, made: Made) -> list[tuple[Cell, ...]]:
    return [
        (one.row.ref, made.words(one.row.marking, one.row.title), "\n".join(register.found[one.row.ref]))
        for one in shown
        if register.found.get(one.row.ref)
    ]


def _standing(one: Challenge, made: Made) -> Cell:
    words = one.status.replace("-", " ").capitalize()
    return Badge(f"{words}. Overdue", Shade.RED) if _unanswered(one) and one.response_due < made.today else words


def _unanswered(one: Challenge) -> bool:
    return one.status in (Asked.RAISED, Asked.ACKNOWLEDGED, Asked.NOT_SATISFIED)


def _challenged(register: Register, made: Made) -> list[tuple[Cell, ...]]:
    return [
        (
            one.ref,
            made.words(one.marking, one.challenged),
            made.words(one.marking, saying.brief(one.challenge)),
            _standing(one, made),
            day(one.response_due),
        )
        for one in register.challenges
        if not made.annex or one.marking == SENSITIVE
    ]
