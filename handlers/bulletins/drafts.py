"""Bulletins are written: begun, filled section by section, checked, tried on oneself and sent for approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from db import bulletins
from db.bulletins import Bulletin, State
from handlers import training_dates as dates
from handlers.bulletins import agreeing, audience, board, checks, editing, records
from handlers.bulletins.draft import ASK_TO_READ, MAX_TITLE
from handlers.bulletins.kinds import KINDS, Section
from handlers.bulletins.states import Action
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Text, Tone
from handlers.wording import words

MAX_URL, MAX_ALT = 500, 300


def open_new(context: Context, _request: Request) -> Form:
    """Open the form for a new bulletin: its kind, its title and whom it is for."""
    kinds = tuple(Choice(kind.name, kind.label) for kind in KINDS.values())
    return Form(
        title="Write a bulletin",
        action="bulletins.begin",
        token=context.token,
        intro="It becomes a draft that only the secretariat sees.",
        fields=(
            Field("kind", "What kind of bulletin?", "choice", choices=kinds, value=kinds[0].value),
            Field(
                "title", "Title", hint="As its readers see it. OFFICIAL and fit for the public.", max_length=MAX_TITLE
            ),
            *audience.fields(context, {}),
        ),
        submit="Begin",
    )


def begin(context: Context, request: Request) -> Card | Errors:
    """Keep the new draft under a reference."""
    kind, title = request.fields.get("kind", ""), _line(request, "title")
    if kind not in KINDS:
        return Errors({"kind": "Please choose what kind of bulletin it is."})
    if problem := _problem(title, MAX_TITLE, "a title"):
        return Errors({"title": problem})
    readers = audience.chosen(context, request.fields)
    return board.show(context, new(context, kind, title, readers, sections=begun(context, kind)))


def new(context: Context, kind: str, title: str, readers: dict[str, object], **more: object) -> Bulletin:
    """Keep a new draft of the one who asks and return it; `more` are further columns of it."""
    who = records.me(context)
    common = {"created_at": context.now, "changed_at": context.now, "author_id": who, "changed_by": who}
    columns = {"kind": kind, "title": title, "audience": readers, "sections": {}} | common | more
    bulletin = bulletins.begin(context.session, year=context.today.year, **columns)
    records.note(context, bulletin, "begun")
    return bulletin


def begun(context: Context, kind: str) -> dict[str, str]:
    """Return what a new bulletin of a kind says already: the coming dates of training, where it has room for them."""
    text = dates.as_text(context) if KINDS[kind].section(dates.SECTION) else ""
    return {dates.SECTION: text} if text else {}


def open_details(context: Context, request: Request) -> Form:
    """Open the form for the title, the readers, and whether they are asked to brief their teams."""
    bulletin = records.access_written(context, request.value)
    readers = () if bulletin.correction_of else audience.fields(context, bulletin.audience)
    return Form(
        title="Title and readers",
        action="bulletins.change",
        token=context.token,
        about=f"{bulletin.id}:{editing.mark(bulletin, *_details(bulletin))}",
        intro=editing.consequence(bulletin),
        fields=(
            Field("title", "Title", max_length=MAX_TITLE, value=bulletin.title),
            *readers,
            Field(
                "needs_reading", ASK_TO_READ, "confirm",
                required=False, value="yes" if bulletin.needs_reading else "",
            ),
            Field(
                "read_by", "Remind them until when?", "date", hint="Left empty: for two weeks after it was sent.",
                required=False, value=f"{bulletin.read_by:%Y-%m-%d}" if bulletin.read_by else "",
            ),
        ),
        submit="Save",
    )  # fmt: skip


def change(context: Context, request: Request) -> Card | Errors:
    """Keep the title and the readers of a draft."""
    bulletin = records.access_written(context, request.value)
    title, reading = _line(request, "title"), request.fields.get("needs_reading") == "yes"
    if problem := _problem(title, MAX_TITLE, "a title"):
        return Errors({"title": problem})
    try:
        read_by = date.fromisoformat(request.fields["read_by"]) if request.fields.get("read_by") else None
    except ValueError:
        return Errors({"read_by": "Please choose a day, such as 2026-12-01."})
    if reading and read_by and read_by <= context.today:
        return Errors({"read_by": "Please choose a day after today."})
    if found := editing.clash(context, bulletin, request, "title", *_details(bulletin)):
        return found
    records.changed(context, bulletin)
    bulletin.title, bulletin.needs_reading, bulletin.read_by = title, reading, read_by if reading else None
    if not bulletin.correction_of:
        bulletin.audience = audience.chosen(context, request.fields)
    return board.show(context, bulletin)


def sections(context: Context, request: Request) -> Card:
    """Show the sections of a draft with a button to write each, page by page."""
    bulletin = records.access_written(context, request.value)
    return board.sections(bulletin, page=number(request.value.partition(":")[2]))


def _offered(context: Context, section: Section) -> str:
    return dates.as_text(context) if section.key == dates.SECTION else ""


def open_section(context: Context, request: Request) -> Form:
    """Open the form for the text of one section, with what it holds."""
    bulletin = records.access_written(context, request.value)
    section = _section(bulletin, request.value)
    return Form(
        title="Write a section",
        action="bulletins.keep",
        token=context.token,
        about=f"{bulletin.id}:{section.key}:{editing.mark(bulletin, _text(bulletin, section))}",
        intro=editing.consequence(bulletin),
        fields=(
            Field(
                "text", section.label, "longtext", hint=section.hint, required=section.required,
                max_length=section.max_length, value=_text(bulletin, section) or _offered(context, section),
            ),
        ),
        submit="Save",
    )  # fmt: skip


def keep(context: Context, request: Request) -> Card | Errors:
    """Keep the text of one section."""
    bulletin = records.access_written(context, request.value)
    section = _section(bulletin, request.value)
    text = request.fields.get("text", "").strip()
    if len(text) > section.max_length:
        return Errors({"text": f"Please use at most {section.max_length} characters. You have {len(text)}."})
    if found := editing.clash(context, bulletin, request, "text", _text(bulletin, section)):
        return found
    records.changed(context, bulletin)
    bulletin.sections = {**bulletin.sections, section.key: text}
    return board.sections(bulletin, page=board.page_of(bulletin, section))


def open_picture(context: Context, request: Request) -> Form:
    """Open the form for the picture of a draft, and the words for those who do not see it."""
    bulletin = records.access_written(context, request.value)
    return Form(
        title="Picture",
        action="bulletins.illustrate",
        token=context.token,
        about=f"{bulletin.id}:{editing.mark(bulletin, bulletin.image_url, bulletin.image_alt)}",
        intro="Leave both empty for no picture.",
        fields=(
            Field("url", "Its public address", required=False, max_length=MAX_URL, value=bulletin.image_url),
            Field(
                "alt", "What it shows", hint="For those who do not see it. Never a name of a child.",
                required=False, max_length=MAX_ALT, value=bulletin.image_alt,
            ),
        ),
        submit="Save",
    )  # fmt: skip


def illustrate(context: Context, request: Request) -> Card | Errors:
    """Keep the picture of a draft."""
    bulletin = records.access_written(context, request.value)
    url, alt = _line(request, "url"), _line(request, "alt")
    if url and not url.startswith("https://"):
        return Errors({"url": "Please give an address that begins with https://"})
    if max(len(url) - MAX_URL, len(alt) - MAX_ALT) > 0:
        return Errors({"url": f"Please use at most {MAX_URL} characters, and {MAX_ALT} to say what it shows."})
    if bool(url) is not bool(alt):
        return Errors({"alt" if url else "url": "A picture needs its address and words that say what it shows."})
    if found := editing.clash(context, bulletin, request, "url", bulletin.image_url, bulletin.image_alt):
        return found
    records.changed(context, bulletin)
    bulletin.image_url, bulletin.image_alt = url, alt
    return board.show(context, bulletin)


def submit(context: Context, request: Request) -> Card:
    """Send a draft for approval by somebody else; refuse while anything has to be put right first."""
    bulletin = records.access_written(context, request.value)
    if any(
        problem.must for problem in checks.check(records.draft(context, bulletin), context.knowledge, context.surfaces)
    ):
        shown = board.show(context, bulletin)
        return replace(shown, title=f"{bulletin.ref} cannot be approved yet", tone=Tone.WARNING)
    if bulletin.state == State.RETURNED:
        bulletin.version += 1  # what was returned stays what it was
    records.move(context, bulletin, Action.SUBMIT)
    bulletin.returned_with, bulletin.changed_at = "", context.now
    able = records.approvers(context, bulletin)
    asked = Card(
        title=f"{bulletin.ref} waits for your approval",
        body=(Text(words("bulletins_asked", bulletin=bulletin, author=records.name_of(context, bulletin.author_id))),),
        actions=(Button("Open it", "bulletins.open", str(bulletin.id), style="primary"),),
    )
    records.tell(context, able, asked, key=f"bulletin:{bulletin.ref}:v{bulletin.version}:asked")
    _ask_to_agree(context, bulletin)
    said = words("bulletins_submitted", ref=bulletin.ref, somebody=bool(able))
    return Card(f"{bulletin.ref}: sent for approval", (Text(said),), (board.open_button(bulletin),), Tone.GOOD)


def _ask_to_agree(context: Context, bulletin: Bulletin) -> None:
    """Ask those whose agreement this kind of bulletin needs beside the approval."""
    said = words("bulletins_to_agree", bulletin=bulletin, missing=agreeing.missing(context, bulletin))
    asked = Card(
        title=f"{bulletin.ref} waits for your agreement",
        body=(Text(said),),
        actions=(
            Button("Read it", "bulletins.look", str(bulletin.id), style="primary"),
            Button("Note an agreement", "bulletins.agreement", f"{bulletin.id}:{bulletin.version}", opens=True),
        ),
    )
    key = f"bulletin:{bulletin.ref}:v{bulletin.version}:to-agree"
    if able := agreeing.asked(context, bulletin):
        records.tell(context, able, asked, key=key)


def _section(bulletin: Bulletin, value: str) -> Section:
    key = value.split(":")[1] if ":" in value else ""
    section = KINDS[bulletin.kind].section(key)
    if section is None or section.standing:
        raise UserError("There is no such section.", hint="Type bulletin and open it again.")
    return section


def _text(bulletin: Bulletin, section: Section) -> str:
    return str(bulletin.sections.get(section.key, ""))


def _details(bulletin: Bulletin) -> tuple[object, ...]:
    kept = sorted((name, value) for name, value in bulletin.audience.items() if value)
    return bulletin.title, kept, bulletin.needs_reading, bulletin.read_by


def _line(request: Request, name: str) -> str:
    return " ".join(request.fields.get(name, "").split())


def _problem(text: str, most: int, what: str) -> str:
    if not text:
        return f"Please write {what} here."
    return f"Please use at most {most} characters. You have {len(text)}." if len(text) > most else ""
