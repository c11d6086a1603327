"""What the secretariat sees of bulletins: the list, one bulletin with what can be done to it, and its sections."""

from __future__ import annotations

from db import bulletins
from db.bulletins import Bulletin, State
from handlers.bulletins import agreeing, checks, records
from handlers.bulletins.audience import in_words
from handlers.bulletins.kinds import KINDS, Section
from handlers.bulletins.states import IN_WORDS
from handlers.context import Context, Request, number
from handlers.messages import Button, Card, Element, Facts, Heading, Note, Table, Text
from handlers.prose import escape
from handlers.wording import words

PAGE = 3
SECTIONS = 4  # buttons for sections on one page, beside those for the next page and for going back
WORKING = frozenset(State) - {State.ARCHIVED, State.CANCELLED}


def list_drafts(context: Context, request: Request) -> Card:
    """Show the bulletins that are being written, those changed last first, page by page; with a reference, that one."""
    if request.text.strip():
        return show(context, records.access_by_ref(context, request.text))
    page = number(request.value)
    listed = bulletins.listed(context.session, WORKING, skip=page * PAGE, limit=PAGE + 1)
    shown, more = listed[:PAGE], listed[PAGE:]
    rows = tuple((row.ref, row.title, IN_WORDS[State(row.state)], when(context, row)) for row in shown)
    table = Table(("Bulletin", "Title", "State", "Goes out"), rows)
    body: Element = table if rows else Text("No bulletin is being written, and none was sent this month.")
    return Card(
        title="Bulletins",
        body=(body,),
        actions=(
            Button("Write a bulletin", "bulletins.new", style="primary", opens=True),
            Button("Bring a file", "uploads.open", "bulletin"),
            *(Button(f"Open {row.ref}", "bulletins.open", str(row.id)) for row in shown),
            *([Button("More", "bulletins.list", str(page + 1))] if more else []),
        ),
    )


def open_one(context: Context, request: Request) -> Card:
    """Show one bulletin: where it stands, what is not right yet, and what can be done next."""
    return show(context, records.access_written(context, request.value))


def more(context: Context, request: Request) -> Card:
    """Show what else can be done to a bulletin."""
    bulletin = records.access_written(context, request.value)
    rows = _MORE if State(bulletin.state) in _DRAFTS else _MORE_LATER
    return Card(f"{bulletin.ref}: what else?", (Text(escape(bulletin.title)),), tuple(_buttons(bulletin, rows)))


def show(context: Context, bulletin: Bulletin) -> Card:
    """Return the card of one bulletin for the secretariat."""
    kind = KINDS[bulletin.kind]
    facts = [
        ("State", IN_WORDS[State(bulletin.state)].capitalize()),
        ("Kind", kind.label),
        ("For", in_words(context, bulletin)),
        ("Version", str(bulletin.version)),
        ("Author", records.name_of(context, bulletin.author_id)),
    ]
    if bulletin.scheduled_for:
        facts.append(("Goes out", when(context, bulletin)))
    body: list[Element] = [Facts(tuple(facts)), *_returned(bulletin), *_agreed(context, bulletin)]
    body += _awaited(context, bulletin)
    if State(bulletin.state) in _WRITABLE:
        body += _problems(context, bulletin)
    return Card(
        title=f"{bulletin.ref}: {bulletin.title}",
        body=tuple(body),
        actions=tuple(_buttons(bulletin, _possible(context, bulletin, _MAIN[State(bulletin.state)]))),
    )


def _possible(context: Context, bulletin: Bulletin, rows: tuple[_Row, ...]) -> tuple[_Row, ...]:
    """Leave out what only others may press, or what nobody has to."""
    others = {_APPROVE, _RETURN} if not records.may_approve(context, bulletin) else set()
    if not agreeing.mine(context, bulletin):
        others.add(_AGREE)
    return tuple(row for row in rows if row not in others)


def open_button(bulletin: Bulletin) -> Button:
    """Return the button that opens a bulletin."""
    return Button("Open it", "bulletins.open", str(bulletin.id))


def sections(bulletin: Bulletin, *, page: int = 0) -> Card:
    """Return the card with the sections of a bulletin and a button to write each of a page."""
    written = KINDS[bulletin.kind].written
    rows = tuple((section.label, _filled(bulletin, section)) for section in written)
    shown = written[page * SECTIONS : (page + 1) * SECTIONS]
    after = [Button("More sections", "bulletins.sections", f"{bulletin.id}:{page + 1}")]
    return Card(
        title=f"{bulletin.ref}: sections",
        body=(
            Table(("Section", "Written"), rows),
            Note("Bold, italic, links and lists can be used: \\*\\*bold\\*\\*, \\[words](address)."),
        ),
        actions=(
            *(
                Button(section.label, "bulletins.write", f"{bulletin.id}:{section.key}", opens=True)
                for section in shown
            ),
            *(after if len(written) > (page + 1) * SECTIONS else []),
            Button("Back", "bulletins.open", str(bulletin.id)),
        ),
    )


def page_of(bulletin: Bulletin, section: Section) -> int:
    """Return the page on which the button of a section stands."""
    return KINDS[bulletin.kind].written.index(section) // SECTIONS


def _filled(bulletin: Bulletin, section: Section) -> str:
    number_of_words = len(str(bulletin.sections.get(section.key, "")).split())
    if number_of_words:
        return f"{number_of_words} words"
    return "Needed" if section.required else "Left out"


def when(context: Context, bulletin: Bulletin) -> str:
    """Say the day and the time at which a bulletin goes out; empty where none was chosen."""
    moment = bulletin.scheduled_for
    return f"{moment.astimezone(context.house.time_zone):%A %-d %B %Y, %H:%M}" if moment else ""


def _returned(bulletin: Bulletin) -> list[Element]:
    if bulletin.state != State.RETURNED or not bulletin.returned_with:
        return []
    return [Heading("Why it was returned"), Text(escape(bulletin.returned_with))]


def _agreed(context: Context, bulletin: Bulletin) -> list[Element]:
    lines = [
        f"- {escape(_agreement(bulletin, name))}: {escape(records.name_of(context, row.person_id))}, "
        f"{context.day(row.at):%-d %B %Y}"
        for name, row in bulletins.agreements(context.session, bulletin).items()
    ]
    return [Heading("Agreed to this version"), Text("\n".join(lines))] if lines else []


def _awaited(context: Context, bulletin: Bulletin) -> list[Element]:
    """Say who has to decide on what waits for approval."""
    if bulletin.state != State.REVIEW:
        return []
    lines = [
        f"- {escape(one.label)}: {escape(agreeing.by_whom(context, bulletin, one))}"
        for one in agreeing.missing(context, bulletin)
    ]
    able = [records.name_at(context, one) for one in records.approvers(context, bulletin)]
    lines.append(
        f"- Approval: {escape(', '.join(able) or 'nobody can today; ask a strategy manager to name a deputy')}"
    )
    return [Heading("Waits for"), Text("\n".join(lines))]


def _agreement(bulletin: Bulletin, name: str) -> str:
    return next((one.label for one in KINDS[bulletin.kind].approvals if one.name == name), "Approved")


def _problems(context: Context, bulletin: Bulletin) -> list[Element]:
    found = checks.check(records.draft(context, bulletin), context.knowledge, context.surfaces)
    if not found:
        return [Text("The checks found nothing to put right.")]
    return [Heading("Checks"), Text(words("bulletins_problems", problems=found))]


_WRITABLE = frozenset({State.DRAFT, State.RETURNED, State.REVIEW})
_SECTIONS = ("Write the sections", "bulletins.sections", False)
_DETAILS = ("Title and readers", "bulletins.details", True)
_PREVIEW = ("Preview", "bulletins.preview", False)
_TEST = ("Send a test to me", "bulletins.test", False)
_SUBMIT = ("Send for approval", "bulletins.submit", False)
_APPROVE = ("Approve", "bulletins.approve", False)
_RETURN = ("Return it", "bulletins.return", True)
_WHO = ("Who gets it", "bulletins.readers", False)
_WHEN = ("Choose when", "bulletins.when", True)
_NOW = ("Send it now", "bulletins.now", True)
_PAUSE = ("Pause it", "bulletins.pause", False)
_GO_ON = ("Let it go on", "bulletins.go-on", False)
_PICTURE = ("Picture", "bulletins.picture", True)
_CANCEL = ("Cancel it", "bulletins.stop", True)
_REPORT = ("Who got it", "bulletins.report", False)
_CORRECT = ("Write a correction", "bulletins.correct", False)
_AGAIN = ("Write the next one from it", "bulletins.again", False)
_AGREE = ("Note an agreement", "bulletins.agreement", True)
_REPEAT = ("Prepare it regularly", "bulletins.repeat", True)
_MORE_ = ("More", "bulletins.more", False)
_Row = tuple[str, str, bool]
_MAIN: dict[State, tuple[_Row, ...]] = {
    State.DRAFT: (_SECTIONS, _DETAILS, _PREVIEW, _TEST, _SUBMIT, _MORE_),
    State.RETURNED: (_SECTIONS, _DETAILS, _PREVIEW, _TEST, _SUBMIT, _MORE_),
    State.REVIEW: (_PREVIEW, _APPROVE, _RETURN, _AGREE, _WHO, _MORE_),
    State.APPROVED: (_PREVIEW, _WHO, _WHEN, _NOW, _RETURN, _MORE_),
    State.SCHEDULED: (_PREVIEW, _WHO, _WHEN, _PAUSE, _RETURN, _MORE_),
    State.PAUSED: (_PREVIEW, _WHO, _WHEN, _GO_ON, _RETURN, _MORE_),
    State.SENDING: (_REPORT, _PAUSE, _CORRECT, _MORE_),
    State.HALTED: (_REPORT, _GO_ON, _MORE_),
    State.SENT: (_REPORT, _CORRECT, _AGAIN, _REPEAT),
    State.ARCHIVED: (_REPORT, _CORRECT, _AGAIN, _REPEAT),
    State.CANCELLED: (_REPORT, _CORRECT, _AGAIN),
}
_DRAFTS = frozenset({State.DRAFT, State.RETURNED})
_MORE = (_PICTURE, _WHO, _AGAIN, _REPEAT, _CANCEL)
_MORE_LATER = (_SECTIONS, _DETAILS, _PICTURE, _AGAIN, _REPEAT, _CANCEL)


def _buttons(bulletin: Bulletin, rows: tuple[_Row, ...]) -> list[Button]:
    style: dict[_Row, str] = {_SUBMIT: "primary", _APPROVE: "primary", _CANCEL: "danger"}
    versioned = (_APPROVE, _RETURN, _AGREE, _NOW, _WHEN)  # for the words that stand above it, and no others
    return [
        Button(
            row[0], row[1], f"{bulletin.id}:{bulletin.version}" if row in versioned else str(bulletin.id),
            style=style.get(row, "plain"), opens=row[2],  # type: ignore[arg-type]
        )
        for row in rows
    ]  # fmt: skip
