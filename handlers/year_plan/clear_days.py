"""Days to keep clear of: school holidays, religious dates and meetings of other boards, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from db import audit, calendar_days
from db.calendar_days import MAX_SOURCE, MAX_WHAT, CalendarDay, DayKind, Days
from handlers import persons
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Element, Errors, Field, Form, Note, Table, Text, Tone

PAGE = 15
KINDS = {
    DayKind.HOLIDAY: "School holiday",
    DayKind.RELIGIOUS: "Religious date",
    DayKind.BOARD: "Another board",
}
LONGEST = 90  # days; what is longer is a slip of the pen
_NOTHING_YET = "Nothing is loaded yet. Add days here, or bring a list or a calendar."
_KEPT_CLEAR = (
    "The plan of a year keeps clear of these days where it can. Religious dates are never worked out: "
    "load those that your communities give."
)


def show(context: Context, request: Request) -> Card:
    """Show the days that are to come, kind by kind and page by page."""
    return listed(context, number(request.value))


def listed(context: Context, page: int = 0, *, title: str = "Days to keep clear of", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of the days that are to come."""
    rows = calendar_days.coming(context.session, context.today, skip=page * PAGE, limit=PAGE + 1)
    cells = [(KINDS[DayKind(row.kind)], spoken(row.first_on, row.last_on), row.what, row.source) for row in rows[:PAGE]]
    cells += _of_settings(context) if page == 0 else []
    body: list[Element] = [Table(("Kind", "Days", "What", "Source"), tuple(cells))] if cells else [Text(_NOTHING_YET)]
    body.append(Note(_KEPT_CLEAR))
    buttons = [
        Button("Add days", "clear.new", opens=True),
        Button("Bring a file", "uploads.open", "days"),
    ]
    if rows:
        buttons.append(Button("Take days away", "clear.choose", str(page), opens=True))
    if len(rows) > PAGE:
        buttons.append(Button("More days", "clear.show", str(page + 1)))
    buttons.append(Button("Plan a year", "plan.show", "|0"))
    return Card(title, tuple(body), tuple(buttons), tone)


def _of_settings(context: Context) -> list[tuple[str, str, str, str]]:
    return [
        (KINDS[DayKind.HOLIDAY], spoken(first, last), "School holidays", "The settings of this service")
        for first, last in context.house.school_holidays
        if last >= context.today
    ][:PAGE]


def open_new(context: Context, _request: Request) -> Form:
    """Open the form in which days are added."""
    return Form(
        title="Days to keep clear of",
        action="clear.add",
        token=context.token,
        fields=(
            Field("kind", "Kind", "choice", choices=tuple(Choice(kind.value, name) for kind, name in KINDS.items())),
            Field("first", "First day", "date"),
            Field("last", "Last day", "date", hint="Leave it empty for one day.", required=False),
            Field("what", "What is it?", hint="Such as Autumn half term.", max_length=MAX_WHAT),
            Field("source", "Where did you read it?", hint="Such as the council's page.", max_length=MAX_SOURCE),
        ),
        submit="Add",
    )


def add(context: Context, request: Request) -> Card | Errors:
    """Keep the days of that form."""
    fields = {name: " ".join(text.split()) for name, text in request.fields.items()}
    problems = dict(_problems(fields))
    first = persons.read_day(context, fields.get("first", ""))
    last = persons.read_day(context, fields.get("last", ""), default=first if isinstance(first, date) else None)
    if not isinstance(first, date):
        problems["first"] = first or "Please give the first day."
    elif not isinstance(last, date):
        problems["last"] = last or "Please give the last day."
    elif wrong := span_problem(first, last):
        problems["last"] = wrong
    if problems or not isinstance(first, date) or not isinstance(last, date):
        return Errors(problems)
    days = Days(kind=fields["kind"], first_on=first, last_on=last, what=fields["what"], source=fields["source"])
    row = calendar_days.add(context.session, days, at=context.now, by=context.actor.person_id)
    if row is None:
        return Errors({"what": "These days are on the list already, under this name."})
    _note(context, "added days to keep clear of", row)
    return listed(context, title="Added", tone=Tone.GOOD)


def _problems(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    if fields.get("kind") not in set(DayKind):
        yield "kind", "Please choose a kind from the list."
    for name, most in (("what", MAX_WHAT), ("source", MAX_SOURCE)):
        text = fields.get(name, "")
        if not text:
            yield name, "Please say where you read it." if name == "source" else "Please say what it is."
        elif len(text) > most:
            yield name, f"Please use at most {most} characters. You have {len(text)}."


def span_problem(first: date, last: date) -> str:
    """Say what is wrong with two days; empty when nothing is."""
    if last < first:
        return "The last day is before the first day."
    return f"These are more than {LONGEST} days. Is a day wrong?" if (last - first).days >= LONGEST else ""


def choose(context: Context, request: Request) -> Form:
    """Open the form in which days are chosen that are to be taken away."""
    skip = number(request.value) * PAGE
    rows = calendar_days.coming(context.session, context.today, skip=skip, limit=PAGE)
    if not rows:
        raise UserError("There are no such days.", hint="Type clear days to see the list.")
    choices = tuple(Choice(str(row.id), f"{spoken(row.first_on, row.last_on)}: {row.what}"[:75]) for row in rows)
    return Form(
        title="Take days away",
        action="clear.remove",
        token=context.token,
        fields=(Field("days", "Which days?", "choice", choices=choices),),
        submit="Take away",
    )


def remove(context: Context, request: Request) -> Card:
    """Take the chosen days away."""
    row = calendar_days.remove(context.session, number(request.fields.get("days", "")))
    if row is None:
        raise UserError("Those days are not on the list any more.", hint="Type clear days to see the list.")
    _note(context, "took away days to keep clear of", row)
    return listed(context, title="Taken away", tone=Tone.GOOD)


def _note(context: Context, action: str, row: CalendarDay) -> None:
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{context.actor.person_id}",
        action=action,
        subject=f"days {row.id}",
        kind=row.kind,
        first=row.first_on.isoformat(),
        last=row.last_on.isoformat(),
    )


def spoken(first: date, last: date) -> str:
    """Return days as people read them."""
    until = f"{last:%a %-d %B %Y}"
    return until if first == last else f"{first:%a %-d %B %Y} to {until}"
