"""Differences between practitioners, counted: four choices, no words, no name, and small numbers are not shown."""

from __future__ import annotations

from datetime import date
from typing import Final

from db import differences
from db.differences import Total
from handlers.context import Context, Request
from handlers.escalations import drafts
from handlers.messages import Card, Choice, Errors, Field, Form, Table, Text, Tone
from handlers.wording import words
from knowledge import clocks

AGENCIES: Final = {
    "social-care": "Children's social care",
    "education": "Education",
    "health": "Health",
    "police": "Police",
    "probation-justice": "Probation and youth justice",
    "housing": "Housing",
    "adults": "Adults' services",
    "voluntary": "Voluntary and faith sector",
    "other": "Another kind",
}
THEMES: Final = {
    "levels": "Levels of need",
    "roles": "Roles",
    "action": "Need for action",
    "plans": "Plans and communication",
}
STAGES: Final = {
    "practitioners": "Between practitioners",
    "managers": "First-line managers",
    "senior": "Senior managers",
    "leads": "Designated leads",
    "partnership": "The partnership",
}
SETTLED: Final = {"yes": "Yes", "no": "Not yet"}
_BOXES: Final = {"raising": AGENCIES, "receiving": AGENCIES, "theme": THEMES, "stage": STAGES, "settled": SETTLED}
_LABELS: Final = {
    "raising": "Your kind of agency",
    "receiving": "The other kind of agency",
    "theme": "What it is about",
    "stage": "How far it went",
    "settled": "Is it settled?",
}


def open_count(context: Context, _request: Request) -> Form:
    """Open the form that counts a difference: choices alone, and nothing to type."""
    drafts.me(context)
    return Form(
        title="Count a difference",
        action="difference.count",
        fields=tuple(
            Field(name, _LABELS[name], "choice", choices=tuple(Choice(key, said) for key, said in options.items()))
            for name, options in _BOXES.items()  # nothing is chosen beforehand, or haste would be counted
        ),
        token=context.token,
        submit="Count it",
        intro="Only these choices and the month are kept: not who counted it, and nothing about a child.",
    )


def count(context: Context, request: Request) -> Card | Errors:
    """Count one difference in this month."""
    drafts.me(context)
    fields = request.fields
    wrong = {name: "Please choose one." for name, options in _BOXES.items() if fields.get(name, "") not in options}
    if wrong:
        return Errors(wrong)
    differences.count(
        context.session,
        month=context.today.replace(day=1),
        raising=fields["raising"],
        receiving=fields["receiving"],
        theme=fields["theme"],
        stage=fields["stage"],
        settled=fields["settled"] == "yes",
    )
    return Card("Counted", (Text(words("escalations_counted")),), tone=Tone.GOOD)


def show(context: Context, _request: Request) -> Card:
    """Show the numbers of this quarter and the one before; what is too small to be shown is hidden."""
    hidden = clocks.shipped()["differences"]["hidden_below"].number
    now = quarter(context.today)
    before = quarter(date.fromordinal(now.toordinal() - 1))
    after = _next(now)
    rows = []
    for what, options in (("theme", THEMES), ("raising", AGENCIES), ("receiving", AGENCIES), ("stage", STAGES)):
        last = _by_name(differences.totals(context.session, what, since=before, until=now, hidden_below=hidden))
        this = _by_name(differences.totals(context.session, what, since=now, until=after, hidden_below=hidden))
        rows += [
            (_LABELS[what], said, _number(last, name), _number(this, name))
            for name, said in options.items()
            if name in last or name in this
        ]
    if not rows:
        return Card("Professional differences", (Text("None has been counted in these two quarters."),))
    header = ("What", "Which", f"From {before:%B %Y}", f"From {now:%B %Y}")
    return Card(
        "Professional differences", (Table(header, tuple(rows[:30])), Text(words("escalations_hidden", below=hidden)))
    )


def quarter(on: date) -> date:
    """Return the first day of the quarter of a day."""
    return on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)


def _next(start: date) -> date:
    later = start.month + 3
    return start.replace(year=start.year + 1, month=1) if later > 12 else start.replace(month=later)  # noqa: PLR2004


def _by_name(found: list[Total]) -> dict[str, int | None]:
    return {one.name: one.number for one in found}


def _number(found: dict[str, int | None], name: str) -> str:
    number = found.get(name, 0)
    return "hidden" if number is None else str(number)
