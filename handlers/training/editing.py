"""Courses of the catalogue are added and changed by the secretariat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from db import training
from db.training import MAX_TEXT, MAX_TITLE, Course
from handlers import access, persons
from handlers.context import Context, Request, number
from handlers.messages import Card, Choice, Errors, Field, Form, Tone
from handlers.training import records
from handlers.training.showing import course_card
from knowledge import courses

MAX_SHORT, MOST_HOURS = 100, 200
_NONE = "none"
_OPTIONAL = (("level", MAX_SHORT), ("aims", MAX_TEXT), ("audience", MAX_TEXT), ("prerequisites", MAX_TEXT))


def open_new(context: Context, _request: Request) -> Form:
    """Open the form for a new course."""
    return _form(context, None)


def open_change(context: Context, request: Request) -> Form:
    """Open the form for a course that there is."""
    return _form(context, records.course(context, access.opened(request)[0]))


def _form(context: Context, row: Course | None) -> Form:
    catalogue = courses.shipped()
    kinds = tuple(Choice(key, one.name) for key, one in catalogue.kinds.items())
    categories = (Choice(_NONE, "Not said"), *(Choice(key, f"Category {key}") for key in catalogue.categories))
    retired = Field("retired", "It is not offered any more", "confirm", required=False,
                    value="yes" if row and row.retired_on else "")  # fmt: skip
    return Form(
        title="Change a course" if row else "Add a course",
        action="training.keep-course",
        token=context.token,
        about=access.about(row) if row else "",
        intro="Everybody can read this. Name no one but by their role.",
        fields=(
            Field("title", "Title", max_length=MAX_TITLE, value=row.title if row else ""),
            Field("kind", "Kind", "choice", choices=kinds, value=row.kind if row else "course"),
            Field("category", "Category", "choice", choices=categories, value=(row and row.category) or _NONE),
            _box("level", "Level", row, hint="Such as: Tier 2, or Level 3."),
            _box("aims", "What it is about", row, long=True),
            _box("audience", "Who it is for", row, long=True),
            _box("prerequisites", "What people need first", row, long=True),
            Field("hours", "Hours", required=False, max_length=3, value=str(row.hours or "") if row else ""),
            Field("review_on", "Look at it again on", "date", required=False,
                  value=row.review_on.isoformat() if row and row.review_on else ""),
            *((retired,) if row else ()),
        ),
        submit="Save",
    )  # fmt: skip


def _box(name: str, label: str, row: Course | None, *, hint: str = "", long: bool = False) -> Field:
    return Field(
        name, label, "longtext" if long else "text", hint=hint, required=False, max_length=dict(_OPTIONAL)[name],
        value=getattr(row, name) if row else "",
    )  # fmt: skip


def keep(context: Context, request: Request) -> Card | Errors:
    """Keep the course of that form; sent again, it is changed and not added twice."""
    row = records.course(context, access.opened(request)[0]) if request.value else None
    columns = _read(context, request.fields, row)
    if isinstance(columns, Errors):
        return columns
    if row is None:
        source, more = "Added by the secretariat", {"mode": "", "owner_role": "", "historic": False}
        row = training.add_course(
            context.session, year=context.today.year, source=source, retired_on=None, **more, **columns
        )
        records.note(context, row, "added", after="offered", fields=("title",))
        return course_card(context, row, title=f"Added: {row.title}", tone=Tone.GOOD)
    held = records.hold(context, row, request, "title")
    if isinstance(held, Errors):
        return held
    retired = request.fields.get("retired") == "yes"
    columns["retired_on"] = (row.retired_on or context.today) if retired else None
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    if "title" in changed:
        training.renamed(context.session, course_id=row.id, after=context.now)
    for name, value in columns.items():
        setattr(row, name, value)
    records.note(context, row, "changed", fields=changed)
    return course_card(context, row, title=f"Saved: {row.title}", tone=Tone.GOOD)


def _read(context: Context, fields: Mapping[str, str], row: Course | None) -> dict[str, Any] | Errors:
    """Return the columns that a form describes, or all that is wrong with it."""
    catalogue = courses.shipped()
    title, kind, category = " ".join(fields.get("title", "").split()), fields.get("kind"), fields.get("category", _NONE)
    wrong = {"title": problem} if (problem := _title_problem(context, title, row)) else {}
    if kind not in catalogue.kinds:
        wrong["kind"] = "Please choose from the list."
    if category not in {_NONE, *catalogue.categories}:
        wrong["category"] = "Please choose from the list."
    texts = {name: fields.get(name, "").strip() for name, _ in _OPTIONAL}
    wrong |= {
        name: f"Please use at most {most} characters. You have {len(texts[name])}."
        for name, most in _OPTIONAL
        if len(texts[name]) > most
    }
    hours = fields.get("hours", "").strip()
    if hours and not 0 < number(hours) <= MOST_HOURS:
        wrong["hours"] = f"Please give a whole number from 1 to {MOST_HOURS}, or leave it empty."
    review_on = persons.read_day(context, fields.get("review_on", ""))
    if isinstance(review_on, str):
        wrong["review_on"] = review_on
    if wrong:
        return Errors(wrong)
    found: dict[str, Any] = {"title": title, "kind": kind, "category": "" if category == _NONE else category}
    day = review_on if isinstance(review_on, date) else None
    return found | texts | {"hours": number(hours), "review_on": day}


def _title_problem(context: Context, title: str, row: Course | None) -> str:
    if not title or len(title) > MAX_TITLE:
        return f"Please write a title of at most {MAX_TITLE} characters."
    same = training.course(context.session, title=title)
    return "Another course is called so. Please choose another title." if same and same is not row else ""
