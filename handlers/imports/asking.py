"""Files with escalations or risks brought in chat: columns matched, differences shown, then all or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db import people, rosters
from db.people import SECRETARIAT, Identity
from handlers.context import Context, Request, UserError, number
from handlers.files import Piece
from handlers.imports import matching, reading, taking
from handlers.imports.comparing import Outcome
from handlers.imports.matching import KINDS, Matched
from handlers.imports.reading import ImportProblems, Line, Sheet
from handlers.messages import Button, Card, Choice, Element, Errors, Facts, Field, Form, Table, Text, Tone
from handlers.roster import as_day
from handlers.wording import words

MOST_SHOWN = 25
_LEAVE_OUT = Choice("none", "It is not in the file")
_NAMING = ("owner", "actions", "controls", "agency", "group", "lead")  # columns that are there to name colleagues
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")  # alone in a cell, even one that the calendar does not have
_LABEL = 75  # characters of a heading that a choice shows


def free_text(name: str, content: bytes) -> list[Piece]:
    """Return every cell that may hold words. Raises UserError when the file cannot be read."""
    sheet = reading.read(name, content)
    found: dict[tuple[str, bool], Piece] = {}
    for line in sheet.lines:
        for heading, cell in zip(sheet.headings, line.cells, strict=True):
            names = any(word in heading.casefold() for word in _NAMING)
            if cell and not _DAY.fullmatch(cell) and as_day(cell) is None:
                found.setdefault((cell, names), Piece(f"Row {line.number}, {heading}", cell, names=names))
    return [*(Piece("The names of the columns", heading) for heading in sheet.headings), *found.values()]


def take_escalations(context: Context, person_id: int, name: str, content: bytes) -> Card:
    """Look at a file with escalations, and say what it would change or ask which column is which."""
    return _take(context, "escalations", person_id, reading.read(name, content))


def take_risks(context: Context, person_id: int, name: str, content: bytes) -> Card:
    """Look at a file with risks, and say what it would change or ask which column is which."""
    return _take(context, "risks", person_id, reading.read(name, content))


def bring(
    context: Context, kind: str, file: tuple[str, bytes], *, columns: Mapping[str, str], by: int | None, dry_run: bool
) -> Card:
    """Take over a file from the command line, or only say what it would change. Raises UserError for a mistake."""
    sheet = reading.read(*file)
    found = matching.said(kind, sheet, columns) if columns else matching.match(kind, sheet)
    if found.missing or (found.unknown and not found.own and not columns):
        lacking = f"It has nothing for: {', '.join(found.missing)}. " if found.missing else ""
        raise UserError(
            f"I do not know which column is which. {lacking}I do not know: {', '.join(found.unknown)}.",
            hint="Say it for each, such as --column 'title=Name of the risk'. Columns that are not named are left out.",
        )
    if dry_run:
        return _shown(taking.look(context, kind, found, sheet.lines)[0], "What the file would change")
    return _done(taking.take(context, kind, found, sheet.lines, by=by))


def secretariat(context: Context, place: str) -> int:
    """Return who of the secretariat is reached at a place. Raises UserError for anybody else."""
    try:
        actor = people.find(context.session, Identity.parse(place), on=context.today)
    except ValueError as error:
        raise UserError(f"I do not know who that is: {error}.", hint="Give it as slack:U0123ABCD.") from None
    if actor.person_id is None or not actor.roles & SECRETARIAT:
        raise UserError("Nobody of the secretariat is reached there.", hint="Give it as slack:U0123ABCD.")
    return actor.person_id


def _take(context: Context, kind: str, person_id: int, sheet: Sheet) -> Card:
    found = matching.match(kind, sheet)
    if found.sure:
        return _looked(context, kind, person_id, sheet, found)
    kept = rosters.keep(context.session, person_id=person_id, rows=_plain(kind, sheet, found), at=context.now)
    return Card(
        title="Which column is which?",
        body=(
            Text(words("imports_match")),
            Facts((("Columns of the file", ", ".join(sheet.headings)), ("Rows", str(len(sheet.lines))))),
        ),
        actions=(
            Button("Match the columns", "imports.match", str(kept), style="primary", opens=True),
            Button("Do not", "imports.drop", str(kept)),
        ),
    )


def _looked(context: Context, kind: str, person_id: int, sheet: Sheet, found: Matched) -> Card:
    outcome, _ = taking.look(context, kind, found, sheet.lines)
    if outcome.nothing:
        return replace(_shown(outcome, "Nothing would change"), actions=_onward(kind))
    kept = rosters.keep(context.session, person_id=person_id, rows=_plain(kind, sheet, found), at=context.now)
    return Card(
        title="What the file would change",
        body=(*_shown(outcome, "").body, Text(words("imports_preview"))),
        actions=(
            Button("Take it over", "imports.apply", str(kept), style="primary"),
            Button("Do not", "imports.drop", str(kept)),
        ),
    )


# --- buttons and forms -----------------------------------------------------------------------------------------


def open_match(context: Context, request: Request) -> Form:
    """Open the form in which the columns of a kept file are matched, with what was guessed."""
    kept, kind, sheet, found = _kept(context, request)
    options = (_LEAVE_OUT, *(Choice(f"c{place}", one[:_LABEL]) for place, one in enumerate(sheet.headings)))
    boxes = tuple(
        Field(
            one.name,
            one.title,
            "choice",
            required=one.needed,
            choices=options[1:] if one.needed else options,
            value=f"c{found.places[one.name]}" if one.name in found.places else "" if one.needed else _LEAVE_OUT.value,
        )
        for one in KINDS[kind]
        if one.new
    )
    return Form(
        "Match the columns", "imports.matched", boxes, context.token, str(kept), "Look at it", words("imports_boxes")
    )


def matched(context: Context, request: Request) -> Card | Errors:
    """Look at a kept file with its columns as they were matched; nothing is taken yet."""
    kept, kind, sheet, _ = _kept(context, request)
    fields = {one.name: one for one in KINDS[kind] if one.new}
    known = {f"c{place}": place for place in range(len(sheet.headings))}
    places = {name: known[value] for name, value in request.fields.items() if name in fields and value in known}
    problems = {one.name: "Please choose a column." for one in fields.values() if one.needed and one.name not in places}
    for name, place in places.items():
        if list(places.values()).count(place) > 1:
            problems[name] = "This column is chosen twice. Choose another, or leave it out."
    if problems:
        return Errors(problems)
    try:
        return _looked(context, kind, _me(context), sheet, Matched(places))
    except ImportProblems as error:
        return Card(
            title=str(error),
            body=(Text("\n".join(f"- {line}" for line in error.hint.splitlines())), Text(words("imports_mend"))),
            actions=(
                Button("Match the columns again", "imports.match", str(kept), opens=True),
                Button("Do not", "imports.drop", str(kept)),
            ),
            tone=Tone.WARNING,
        )


def apply(context: Context, request: Request) -> Card:
    """Take over the file that was shown; what has changed since is looked at again."""
    kept, kind, sheet, found = _kept(context, request)
    outcome = taking.take(context, kind, found, sheet.lines, by=_me(context))
    rosters.forget(context.session, kept)
    return replace(_done(outcome), actions=_onward(kind))


def drop(context: Context, request: Request) -> Card:
    """Forget the file that was shown."""
    kept = rosters.get(context.session, number(request.value), person_id=_me(context))
    if kept is not None:
        rosters.forget(context.session, kept.id)
    return Card("Nothing was changed", (Text("The file is forgotten."),), (_ANOTHER,))


def _me(context: Context) -> int:
    if context.actor.person_id is None:
        raise UserError("I do not know you yet.", hint="Ask the secretariat to enrol you.")
    return context.actor.person_id


# --- what is kept until it is taken ----------------------------------------------------------------------------


def _plain(kind: str, sheet: Sheet, found: Matched) -> dict[str, Any]:
    lines = [[line.number, list(line.cells)] for line in sheet.lines]
    return {"kind": kind, "headings": sheet.headings, "lines": lines, "places": dict(found.places), "own": found.own}


def _kept(context: Context, request: Request) -> tuple[int, str, Sheet, Matched]:
    """Return the file that somebody brought, with its columns. Raises UserError when it is not here any more."""
    found = rosters.get(context.session, number(request.value), person_id=_me(context))
    if found is None or found.rows.get("kind") not in KINDS:
        raise UserError("That file is not here any more.", hint="Type export, and bring it again.")
    kept = found.rows
    lines = tuple(Line(at, tuple(cells)) for at, cells in kept["lines"])
    return found.id, kept["kind"], Sheet(tuple(kept["headings"]), lines), Matched(kept["places"], kept["own"])


_ANOTHER = Button("Papers and files", "papers.show")


def _onward(kind: str) -> tuple[Button, ...]:
    """Lead to the list that a file belongs to, and to another file."""
    return (Button(f"Open {kind}", "lists.show", f"{kind}|open|0|"), _ANOTHER)


# --- what is shown ---------------------------------------------------------------------------------------------


def _done(outcome: Outcome) -> Card:
    return _shown(outcome, "Nothing changed" if outcome.nothing else "Taken over", Tone.GOOD)


def _shown(outcome: Outcome, title: str, tone: Tone = Tone.PLAIN) -> Card:
    facts = Facts(
        (
            ("New", str(len(outcome.new))),
            ("Changed", str(len(outcome.changed))),
            ("Unchanged", str(outcome.unchanged)),
            ("On the list already, by title", str(outcome.there)),
        )
    )
    rows = [("new", "Title", "", _short(new.cells.get("title", ""))) for new in outcome.new]
    rows += [
        (changed.row.ref, one.field.title, _short(one.before), _short(one.after))
        for changed in outcome.changed
        for one in changed.differences
    ]
    more = f"and {len(rows) - MOST_SHOWN} more" if len(rows) > MOST_SHOWN else ""
    body: list[Element] = [facts]
    if rows:
        body.append(Table(("Record", "Column", "Now", "In the file"), tuple(rows[:MOST_SHOWN]), more))
    return Card(title, tuple(body), tone=tone)


def _short(text: str, most: int = 60) -> str:
    line = " ".join(text.split()) or "(nothing)"
    return line if len(line) <= most else line[: most - 2].rstrip() + " …"
