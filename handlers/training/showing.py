"""What everybody can look at: the coming dates by subject and month, the catalogue, one course and one session."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from db import channels, training
from db.training import Course, Listed, SessionState
from handlers import access, training_dates
from handlers.context import Context, Request, UserError, number
from handlers.messages import Action, Button, Card, Choice, Element, Errors, Facts, Field, Form, Note, Table, Text, Tone
from handlers.prose import escape
from handlers.training import programme, records
from knowledge import courses

PAGE, CATALOGUE_PAGE, MOST_MONTHS, MOST_CHOICES = 3, 20, 5, 98
MODES = {"in-person": "In person", "online": "Online"}
_MAX_WORDS = 80
_YEAR = re.compile(r"\b20\d\d-\d\d\b")  # of the report that names a course
_SOURCE = "Categories: annual report 2013-14, appendix 5."


# --- dates -------------------------------------------------------------------------------------------------


def dates(context: Context, request: Request) -> Card:
    """Show the coming dates, page by page; with a subject, a kind or a month, those that fit."""
    words, _, page = request.value.rpartition("|") if request.value else (request.text.strip(), "", "0")
    words, page_number = words[:_MAX_WORDS], number(page.removeprefix("page "))
    drafts = words.lower() == "drafts" and records.keeps(context)
    records.stock(context)
    size = PAGE - bool(context.house.book_elsewhere)
    if courses.search(words).campaign:
        return programme.show(context, words, page_number)
    found = _found(context, words, drafts=drafts, skip=page_number * size, limit=size + 1)
    shown, more = found[:size], len(found) > size
    body: tuple[Element, ...] = (training_dates.table(context, shown),) if shown else (_nothing(words, drafts=drafts),)
    buttons: list[Action] = [records.open_button(context, one) for one in shown]
    buttons += [Button("Later dates", "training.dates", f"{words}|page {page_number + 1}")] if more else []
    buttons += [Button("By month", "training.months"), Button("Catalogue", "training.catalogue", "0")]
    buttons += records.elsewhere(context)
    return Card(_title(words, page_number, drafts=drafts), body, tuple(buttons))


def _found(context: Context, words: str, *, drafts: bool, skip: int, limit: int) -> list[Listed]:
    if drafts:
        states = (SessionState.DRAFT.value,)
        return training.coming(context.session, since=context.now, states=states, skip=skip, limit=limit)
    wanted = courses.search("" if words.lower() in ("dates", "drafts") else words)
    since, until = context.now, None
    if span := wanted.span(context.today):
        first, until = (training_dates.midnight(context, day) for day in span)
        since = max(since, first)
    return training.coming(
        context.session, since=since, until=until, words=wanted.words, kind=wanted.kind, skip=skip, limit=limit
    )


def _title(words: str, page: int, *, drafts: bool) -> str:
    what = words.strip().strip('"')
    said = "Training: not open yet" if drafts else f"Training: {what}" if what else "Training: coming dates"
    return f"{said}, page {page + 1}" if page else said


def _nothing(words: str, *, drafts: bool = False) -> Text:
    if drafts:
        return Text("Every coming date is open for booking, or closed. To add one, open its course.")
    if words:
        return Text("I know no coming date for that. Press **Catalogue** to see every course, or type training.")
    return Text("No dates are known yet. Press **Catalogue** to see the courses.")


def months(context: Context, _request: Request) -> Card:
    """Show in which months there are dates, and how many."""
    zone = context.house.time_zone
    starts = [at.astimezone(zone) for at in training.months(context.session, since=context.now)]
    counted = Counter(f"{at:%Y-%m}" for at in starts)
    called = {f"{at:%Y-%m}": f"{at:%B %Y}" for at in starts}
    rows = tuple((called[key], str(times)) for key, times in counted.items())
    buttons = [Button(called[key], "training.dates", f"{key}|page 0") for key in list(counted)[:MOST_MONTHS]]
    body = Table(("Month", "Dates"), rows[:30]) if rows else _nothing("")
    return Card("Training by month", (body,), (*buttons, Button("Catalogue", "training.catalogue", "0")))


# --- the catalogue -----------------------------------------------------------------------------------------


def catalogue(context: Context, request: Request) -> Card:
    """Show the courses, those on offer first, page by page, with what the categories mean."""
    records.stock(context)
    page = number(request.value)
    found = training.courses(context.session, skip=page * CATALOGUE_PAGE, limit=CATALOGUE_PAGE + 1)
    shown, more = found[:CATALOGUE_PAGE], len(found) > CATALOGUE_PAGE
    coming = training.with_dates(context.session, after=context.now)
    rows = tuple((one.title, _kind(one), one.category or "not said", _offered(one, coming)) for one in shown)
    meant = "\n".join(f"- **{key}**: {escape(said)}" for key, said in courses.shipped().categories.items())
    return Card(
        f"Catalogue of training{f', page {page + 1}' if page else ''}",
        (
            Table(("Course", "Kind", "Category", "Offered"), rows) if rows else Text("There are no more courses."),
            Text(meant),
            Note(f"What stands beside a year was offered then. Ask before you rely on it. {_SOURCE} {_checked()}"),
        ),
        tuple(_catalogue_buttons(context, request, page, more=more)),
    )


def _catalogue_buttons(context: Context, request: Request, page: int, *, more: bool) -> Iterator[Button]:
    yield Button("Open a course", "training.choose", str(page), opens=True)
    if more:
        yield Button("More courses", "training.catalogue", str(page + 1))
    if not records.keeps(context):
        yield Button("Coming dates", "training.dates", "|0")
        return
    yield Button("Add a course", "training.new-course", opens=True)
    yield Button("Not open yet", "training.dates", "drafts|0")
    yield Button("Bring a calendar", "uploads.open", "training")
    place = request.conversation
    here = channels.at(context.session, platform=place.platform, address=place.address) if place else None
    if here:
        posted = here.id in training.posted_in(context.session)
        yield Button("Post no dates here" if posted else "Post dates here", "training.channel", str(here.id))


def choose(context: Context, request: Request) -> Form:
    """Open the form in which a course is chosen."""
    records.stock(context)
    start = number(request.value) * CATALOGUE_PAGE
    found = training.courses(context.session, skip=start, limit=MOST_CHOICES)
    if not found:
        raise UserError("There are no courses there.", hint="Type training, and press Catalogue.")
    choices = tuple(Choice(one.ref, one.title[:70]) for one in found)
    return Form(
        "Open a course", "training.chosen", (Field("course", "Which course?", "choice", choices=choices),),
        context.token, submit="Open",
    )  # fmt: skip


def chosen(context: Context, request: Request) -> Card | Errors:
    """Show the chosen course."""
    if not request.fields.get("course", ""):
        return Errors({"course": "Please choose a course."})
    return course_card(context, records.course(context, request.fields["course"]))


def course(context: Context, request: Request) -> Card:
    """Show one course with its coming sessions."""
    return course_card(context, records.course(context, request.value or request.text))


def course_card(context: Context, row: Course, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of a course."""
    found = training.coming(context.session, since=context.now, course_id=row.id, limit=6)
    coming: Element = training_dates.table(context, found) if found else Text("No date is known yet.")
    buttons: list[Action] = [records.open_button(context, one) for one in found[:2]]
    buttons.append(Button("All dates", "training.dates", "|0"))
    if records.keeps(context):
        buttons.append(Button("Add a session", "training.new-session", row.ref, opens=True))
        buttons.append(Button("Change the course", "training.change-course", access.about(row), opens=True))
    buttons += records.elsewhere(context)
    return Card(
        title or row.title,
        (Facts(tuple(_facts(context, row, [row.id] if found else []))), coming),
        tuple(buttons),
        tone,
    )


def _facts(context: Context, row: Course, coming: Collection[int]) -> Iterator[tuple[str, str]]:
    yield "Reference", row.ref
    yield "Kind", _kind(row)
    yield "Category", _category(row)
    for name, value in (
        ("Level", row.level),
        ("About", row.aims),
        ("For", row.audience),
        ("First you need", row.prerequisites),
        ("Hours", str(row.hours) if row.hours else ""),
        ("How", MODES.get(row.mode, row.mode)),
        ("Looked after by", row.owner_role),
        ("To be reviewed on", f"{row.review_on:%-d %B %Y}" if row.review_on else ""),
        ("Offered", _offered(row, coming)),
        ("Source", _source(context, row)),
    ):
        if value:
            yield name, value


def _kind(row: Course) -> str:
    found = courses.shipped().kinds.get(row.kind)
    return found.name if found else row.kind


def _category(row: Course) -> str:
    meaning = courses.shipped().categories.get(row.category, "")
    return f"{row.category}. {meaning}" if meaning else "Not said"


def _offered(row: Course, coming: Collection[int] = ()) -> str:
    """Say whether a course is on offer: old reports name what there was, and nobody said that there still is."""
    if row.retired_on is not None:
        return "not any more"
    year = _YEAR.search(row.source)
    return f"in {year[0]}" if year and row.id not in coming else "yes"


def _source(context: Context, row: Course) -> str:
    """Say where a course was read, by the title of the document."""
    document, comma, section = row.source.partition(",")
    return f"{context.knowledge.sources.get(document, document)}{comma}{section}"


def _checked() -> str:
    return f"Checked on {courses.shipped().checked_on:%-d %B %Y}."


# --- one session -------------------------------------------------------------------------------------------


def session(context: Context, request: Request) -> Card:
    """Show one session: what, when, where, for whom, and whether there is room."""
    return session_card(context, records.session(context, request.value or request.text))


def session_card(context: Context, found: Listed, *, title: str = "", tone: Tone = Tone.PLAIN) -> Card:
    """Return the card of a session. The link to join is never on it: only those with a place are told."""
    return Card(
        title or f"{found.session.ref}: {found.course.title}",
        (Facts(tuple(_session_facts(context, found))),),
        tuple(_session_buttons(context, found)),
        tone,
    )


def _session_facts(context: Context, found: Listed) -> Iterator[tuple[str, str]]:
    row = found.session
    moved = training_dates.when(context, row.moved_from) if row.moved_from else ""
    for name, value in (
        ("Course", f"{found.course.title} ({_kind(found.course)})"),
        ("Category", _category(found.course)),
        ("When", f"{training_dates.when(context, row.starts_at, row.ends_at)}, London time"),
        ("Moved from", moved),
        ("How", MODES.get(row.mode, row.mode)),
        ("Where", row.place or ("Those with a place get the link." if row.mode == "online" else "")),
        ("Trainer", row.trainer),
        ("Places", training_dates.places(context, found)),
        ("Booking closes on", "" if training_dates.book_at(context, found) else f"{row.closes_on:%A %-d %B %Y}"),
        ("For", found.course.audience),
        ("First you need", found.course.prerequisites),
        ("Access", row.access),
        ("Part of", row.campaign),
    ):
        if value:
            yield name, value


def _session_buttons(context: Context, found: Listed) -> Iterator[Action]:
    row, keeps = found.session, records.keeps(context)
    live = row.state not in (SessionState.CANCELLED, SessionState.DONE)
    begun = row.starts_at <= context.now
    links = records.elsewhere(context, found)
    if live and not begun:
        yield from links
        if training_dates.room(context, found).bookable(context.today):
            yield Button("Book a place", "booking.ask", str(row.id), style="primary", opens=True)
    if not keeps:
        if not links:
            yield Button("My places", "booking.mine")
        yield Button("About the course", "training.course", found.course.ref)
        yield Button("Other dates", "training.dates", "|0")
        return
    if not links and row.state != SessionState.DRAFT:
        yield Button("Who is booked", "booking.list", str(row.id))
        if begun and row.state != SessionState.CANCELLED:
            yield Button("Attendance", "learning.attendance", f"{row.id}|0")
    if not live:
        return
    if not begun:
        opened = row.state == SessionState.OPEN
        label, action = ("Close booking", "training.close") if opened else ("Open for booking", "training.open")
        yield Button(label, action, access.about(row))
        yield Button("Change it", "training.change-session", access.about(row), opens=True)
    yield Button("Move it", "training.move", access.about(row), opens=True)
    yield Button("Cancel it", "training.choose-cancel", access.about(row), opens=True)
