"""Bulletins that come again: a draft is prepared before, and its author reminded. Nothing is sent by itself."""

from __future__ import annotations

from datetime import date

from db import audit, bulletins, reminders
from db.bulletins import Bulletin, BulletinSeries
from db.people import SECRETARIAT
from handlers.bulletins import audience, drafts, records
from handlers.bulletins.board import open_button
from handlers.bulletins.draft import ASK_TO_READ, MAX_TITLE
from handlers.bulletins.kinds import KINDS
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Errors, Field, Form, Table, Text, Tone
from handlers.prose import escape
from handlers.wording import words
from knowledge.calendar import CalendarError, Rule, next_dates, working_days_before

LEAD = (
    5  # working days before it is to go out, on which the draft is prepared; the first step of the ladder is then too
)
LADDER = "draft"
MAX_RULE = 60
RULE_HINT = "monthly on the first tuesday, weekly on tuesday in november, or quarterly on the last friday."
PAGE = 2  # each with two buttons


def open_repeat(context: Context, request: Request) -> Form:
    """Open the form that says how often a bulletin like this one is to be prepared."""
    bulletin = records.access_written(context, request.value)
    return Form(
        title="Prepare it regularly",
        action="bulletins.begin-series",
        token=context.token,
        about=str(bulletin.id),
        intro=f"A draft is prepared {LEAD} working days before, and you are reminded. It is never sent unapproved.",
        fields=(
            Field(
                "rule", "How often?", max_length=MAX_RULE, value=KINDS[bulletin.kind].rule,
                hint=RULE_HINT,
            ),
        ),
        submit="Prepare it",
    )  # fmt: skip


def begin(context: Context, request: Request) -> Card | Errors:
    """Keep the rule, with the kind, the title and the readers of the bulletin."""
    bulletin = records.access_written(context, request.value)
    if bulletin.correction_of is not None:
        raise UserError("A correction does not come again.", hint="Choose the bulletin that it corrects.")
    try:
        rule = Rule.parse(request.fields.get("rule", ""))
        dates = next_dates(rule, context.today, 3)
    except CalendarError as error:
        return Errors({"rule": str(error)})
    series = bulletins.begin_series(
        context.session, kind=bulletin.kind, title=bulletin.title, rule=str(rule), audience=dict(bulletin.audience),
        needs_reading=bulletin.needs_reading, author_id=records.me(context), begun_at=context.now,
    )  # fmt: skip
    records.note(context, bulletin, f"series {series.id} begun")
    said = words("bulletins_repeated", title=bulletin.title, rule=series.rule, dates=dates)
    return Card("It will be prepared regularly", (Text(said),), (list_button(),), Tone.GOOD)


def show(context: Context, request: Request) -> Card:
    """Show what is prepared regularly and when next, each with a button to stop it."""
    page = number(request.value)
    found = bulletins.series(context.session, skip=page * PAGE, limit=PAGE + 1)
    shown, after = found[:PAGE], found[PAGE:]
    rows = tuple((one.title, KINDS[one.kind].label, one.rule, _next(context, one)) for one in shown)
    more = [Button("More", "bulletins.series", str(page + 1))] if after else []
    return Card(
        title="Bulletins that are prepared regularly",
        body=(Table(("Title", "Kind", "How often", "Next"), rows) if rows else Text("None is."),),
        actions=(*(button for one in shown for button in _of(one)), *more),
    )


def _of(one: BulletinSeries) -> tuple[Button, Button]:
    return (
        Button(f"Change {one.title}"[:70], "bulletins.edit-series", str(one.id), opens=True),
        Button(f"Stop {one.title}"[:70], "bulletins.end-series", str(one.id)),
    )


def open_edit(context: Context, request: Request) -> Form:
    """Open the form for what is prepared regularly: its title, how often, for whom, and who is reminded."""
    one = _access(context, request.value)
    author = records.name_of(context, one.author_id)
    mine = Field("mine", f"Remind me in place of {author}", "confirm", required=False)
    return Form(
        title="Change what comes again",
        action="bulletins.change-series",
        token=context.token,
        about=str(one.id),
        intro="Drafts that are there already stay as they are.",
        fields=(
            Field("title", "Title", max_length=MAX_TITLE, value=one.title),
            Field("rule", "How often?", max_length=MAX_RULE, value=one.rule, hint=RULE_HINT),
            *audience.fields(context, one.audience),
            Field(
                "needs_reading", ASK_TO_READ, "confirm", required=False, value="yes" if one.needs_reading else ""
            ),
            *([mine] if one.author_id != context.actor.person_id else []),
        ),
        submit="Save",
    )  # fmt: skip


def change(context: Context, request: Request) -> Card | Errors:
    """Keep what is prepared regularly from now on."""
    one, title = _access(context, request.value), " ".join(request.fields.get("title", "").split())
    if not title or len(title) > MAX_TITLE:
        return Errors({"title": f"Please write a title of at most {MAX_TITLE} characters."})
    try:
        rule = Rule.parse(request.fields.get("rule", ""))
        dates = next_dates(rule, context.today, 3)
    except CalendarError as error:
        return Errors({"rule": str(error)})
    one.title, one.rule, one.audience = title, str(rule), audience.chosen(context, request.fields)
    one.needs_reading = request.fields.get("needs_reading") == "yes"
    if request.fields.get("mine") == "yes":
        one.author_id = records.me(context)
    _noted(context, one, "changed")
    said = words("bulletins_repeated", title=one.title, rule=one.rule, dates=dates)
    return Card("It is changed", (Text(said),), (list_button(),), Tone.GOOD)


def _access(context: Context, value: str) -> BulletinSeries:
    """Return what is prepared regularly to somebody of the secretariat."""
    one = bulletins.get_series(context.session, number(value)) if context.actor.roles & SECRETARIAT else None
    if one is None or one.stopped_at is not None:
        raise UserError("It is not prepared any more.", hint="Type bulletin to see those that are being written.")
    return one


def _noted(context: Context, one: BulletinSeries, action: str) -> None:
    by = f"person:{context.actor.person_id}"
    audit.add(context.session, at=context.now, actor=by, action=f"bulletin series {action}", subject=f"series {one.id}")


def end(context: Context, request: Request) -> Card:
    """Stop preparing a bulletin regularly; drafts that are there already stay."""
    one = _access(context, request.value)
    one.stopped_at = context.now
    _noted(context, one, "stopped")
    said = f"**{escape(one.title)}** is not prepared any more. Drafts that are there already stay."
    return Card("Stopped", (Text(said),), (list_button(),), Tone.GOOD)


def prepare(context: Context) -> int:
    """Prepare what comes again soon, each date once, and remind its author; return how many. Call it at any time."""
    prepared = 0
    for one in bulletins.series(context.session, skip=0, limit=None):
        for day in _near(context, one):
            prepared += _prepared(context, one, day)
    return prepared


def finished(context: Context, bulletin: Bulletin) -> None:
    """Stop reminding about a draft: it was approved, or is not wanted any more."""
    reminders.cancel(context.session, _subject(bulletin))


def _near(context: Context, one: BulletinSeries) -> list[date]:
    """Return the next date of a series when its draft is to be there; none when that lies beyond the calendar."""
    try:
        days = next_dates(Rule.parse(one.rule), context.today, 1)
        return [day for day in days if working_days_before(day, LEAD) <= context.today]
    except CalendarError:
        return []


def _prepared(context: Context, one: BulletinSeries, day: date) -> bool:
    if bulletins.planned(context.session, one.id, day):
        return False
    sections = _standing(bulletins.newest_of(context.session, one.kind)) | drafts.begun(context, one.kind)
    bulletin = bulletins.begin(
        context.session, year=context.today.year, kind=one.kind, title=one.title, audience=dict(one.audience),
        sections=sections, needs_reading=one.needs_reading, author_id=one.author_id,
        changed_by=one.author_id, created_at=context.now, changed_at=context.now, series_id=one.id, planned_on=day,
    )  # fmt: skip
    records.note(context, bulletin, "prepared")
    told = Card(
        title=f"{bulletin.ref} is ready to be written",
        body=(Text(words("bulletins_prepared", bulletin=bulletin, day=day)),),
        actions=(open_button(bulletin),),
    )
    records.tell(context, records.writers(context, bulletin), told, key=f"bulletin:{bulletin.kind}:{one.id}:{day}")
    reminders.plan(
        context.session, subject=_subject(bulletin), ladder=LADDER, anchor_on=day, person_id=one.author_id,
        title=f"{bulletin.ref}, {bulletin.title}", now=context.now,
    )  # fmt: skip
    return True


def _standing(template: Bulletin | None) -> dict[str, str]:
    """Return the sections that are the same each time: how to get in touch, and where to find more."""
    kept = template.sections if template else {}
    return {key: str(kept[key]) for key in ("links", "contact") if kept.get(key)}


def _next(context: Context, one: BulletinSeries) -> str:
    try:
        return f"{next_dates(Rule.parse(one.rule), context.today, 1)[0]:%-d %B %Y}"
    except CalendarError:
        return "Beyond the calendar"


def _subject(bulletin: Bulletin) -> str:
    return f"bulletin:{bulletin.ref}:draft"


def list_button() -> Button:
    """Return the button that leads to what is prepared regularly."""
    return Button("What is prepared regularly", "bulletins.series", "0")
