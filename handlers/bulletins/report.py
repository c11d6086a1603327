"""What became of a bulletin, for the secretariat: who got it, who could not, who says that they have read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from db import bulletin_issues, bulletins
from db.bulletin_issues import Outcome
from db.bulletins import Bulletin
from handlers import files
from handlers.bulletins import records
from handlers.bulletins.board import open_button
from handlers.context import Context, Request, UserError, number
from handlers.files import CSV, XLSX, File
from handlers.messages import Button, Card, Facts, Note, Table, Text

PURPOSE = "bulletin-report"  # of the link in handlers/files.py
HEADER = ("Name", "Agency", "On", "What became of it", "Sent", "Read and team briefed", "Why not")
ELSEWHERE = "elsewhere"  # of somebody who was not sent it, and read it in a channel or in the archive
_IN_WORDS = MappingProxyType(
    {
        "": "Cannot be reached",
        "pending": "Waiting",
        "sending": "Being sent",
        "sent": "Sent",
        "verify": "May have arrived",
        "dead": "Undeliverable",
        "expired": "Too late",
        "cancelled": "Cancelled",
        ELSEWHERE: "Read elsewhere",
    }
)
_NOBODY = "No platform that is switched on knows them."
_REASONS = MappingProxyType(
    {
        "channel_not_found": "The channel was deleted, or the app is not in it.",
        "is_archived": "The channel is archived.",
        "not_in_channel": "The app is not in the channel.",
        "user_not_found": "The account is not there any more.",
        "user_disabled": "The account is switched off.",
        "account_inactive": "The account is switched off.",
    }
)
_AT_ONCE = 30
_RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take what begins so for a formula


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a bulletin for one reader, and when they said that they have read it."""

    outcome: Outcome
    read_at: datetime | None

    @property
    def agency(self) -> str:
        """Return what it is counted under."""
        return self.outcome.agency or "No agency"

    @property
    def became(self) -> str:
        """Say what became of it."""
        return _IN_WORDS[self.outcome.state]

    @property
    def why(self) -> str:
        """Say in words why it did not arrive; empty where it did, or may still."""
        if self.outcome.state == "":
            return _NOBODY
        error = self.outcome.error if self.outcome.state in ("dead", "expired", "verify") else ""
        return _REASONS.get(error, error)


def lines(context: Context, bulletin: Bulletin) -> list[Line]:
    """Return what became of the newest version that went out, by reader. Raises UserError when none did."""
    issue = bulletin_issues.latest(context.session, bulletin.id)
    if issue is None:
        raise UserError(f"{bulletin.ref} has not gone out yet.", hint="Type scheduled to see what is going to.")
    read = {one.person_id: one for one in bulletin_issues.readers_of(context.session, bulletin.id)}
    found = []
    for one in bulletin_issues.outcomes(context.session, issue, bulletin):
        said = read.pop(one.person_id, None) if one.person_id else None
        found.append(Line(one, said.at if said else None))
    others = (Outcome(one.person_id, one.name, one.agency, "", ELSEWHERE, None, "") for one in read.values())
    return [*found, *(Line(other, read[other.person_id].at) for other in others if other.person_id)]


def show(context: Context, request: Request) -> Card:
    """Show what became of a bulletin in figures, by agency, with everybody who did not get it by name."""
    bulletin = records.access_written(context, request.value)
    page = number(request.value.partition(":")[2])
    found = lines(context, bulletin)
    missed = [line for line in found if line.outcome.state not in ("sent", "pending", "sending", ELSEWHERE)]
    shown = missed[page * _AT_ONCE : (page + 1) * _AT_ONCE]
    rows = tuple((line.outcome.name, line.agency, line.became, line.why) for line in shown)
    table = Table(("Who did not get it", "Agency", "What became of it", "Why"), rows)
    after = [Button("More names", "bulletins.report", f"{bulletin.id}:{page + 1}")]
    return Card(
        title=f"{bulletin.ref}: who got it",
        body=(
            *(() if page else (Facts(_figures(found)), _by_agency(found))),
            table if rows else Text("Nobody is missing."),
            Note("What people opened is not recorded, only what they pressed."),
        ),
        actions=(
            *(after if len(missed) > (page + 1) * _AT_ONCE else []),
            *([_briefed(bulletin)] if bulletin.needs_reading else []),
            Button("Give me the list", "bulletins.export", str(bulletin.id)),
            open_button(bulletin),
        ),
    )


def _briefed(bulletin: Bulletin) -> Button:
    return Button("Who has briefed their team", "bulletins.chase", str(bulletin.id))


def _figures(found: list[Line]) -> tuple[tuple[str, str], ...]:
    counted = {said: sum(line.became == said for line in found) for said in _IN_WORDS.values()}
    read = sum(line.read_at is not None for line in found)
    return (*((said, str(times)) for said, times in counted.items() if times), ("Read and team briefed", str(read)))


def _by_agency(found: list[Line]) -> Table:
    agencies = sorted({line.agency for line in found})
    rows = []
    for agency in agencies[:_AT_ONCE]:
        own = [line for line in found if line.agency == agency]
        sent, read = sum(line.outcome.state == "sent" for line in own), sum(line.read_at is not None for line in own)
        meant = sum(line.outcome.state != ELSEWHERE for line in own)
        rows.append((agency, str(meant), str(sent), str(read)))
    more = f"and {len(agencies) - _AT_ONCE} more" if len(agencies) > _AT_ONCE else ""
    return Table(("Agency", "Meant for", "Sent", "Read"), tuple(rows), more)


# --- files -------------------------------------------------------------------------------------------------


def export(context: Context, request: Request) -> Card:
    """Give a link to the whole list as a spreadsheet; pressing again gives it as CSV."""
    bulletin = records.access_written(context, request.value)
    lines(context, bulletin)
    form = "csv" if request.value.endswith(":csv") else "xlsx"
    other = [] if form == "csv" else [Button("As CSV instead", "bulletins.export", f"{bulletin.id}:csv")]
    return Card(
        title=f"{bulletin.ref}: the list of who got it",
        body=(
            Text("The link works once, for one hour, for you. The list names people: keep it where others are not."),
        ),
        actions=(files.link(context, PURPOSE, f"{bulletin.id}:{form}"), *other, open_button(bulletin)),
    )


def file(context: Context, about: str, _person_id: int) -> File:
    """Return the file of such a link. Who may have it was looked up by those who give files."""
    bulletin_id, _, form = about.partition(":")
    bulletin = bulletins.get(context.session, number(bulletin_id))
    if bulletin is None or form not in FORMATS:
        raise UserError(records.NOT_FOUND, hint="Type bulletin to see those that are being written.")
    return _made(context, bulletin, form)


def of_ref(context: Context, ref: str, form: str) -> File:
    """Return the list of who got the bulletin with a reference, for those who run the service."""
    bulletin = bulletins.of_ref(context.session, ref)
    if bulletin is None:
        raise UserError(f"There is no bulletin {ref}.", hint="A reference looks like BUL-2026-001.")
    return _made(context, bulletin, form)


def _made(context: Context, bulletin: Bulletin, form: str) -> File:
    """Return the list of who got a bulletin as a file in one of the formats."""
    make, media_type = FORMATS[form]
    content = make([HEADER, *(_cells(context, line) for line in lines(context, bulletin))])
    return File(f"{bulletin.ref.lower()}-report.{form}", content, media_type)


def _cells(context: Context, line: Line) -> tuple[str, ...]:
    one = line.outcome
    row = (
        one.name,
        one.agency,
        one.platform,
        line.became,
        _moment(context, one.sent_at),
        _moment(context, line.read_at),
        line.why,
    )
    return tuple(f"'{cell}" if cell.startswith(_RISKY) else cell for cell in row)


def _moment(context: Context, moment: datetime | None) -> str:
    return f"{moment.astimezone(context.house.time_zone):%Y-%m-%d %H:%M}" if moment else ""


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")  # spreadsheets take it for another encoding without the mark


def _xlsx(rows: list[tuple[str, ...]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - it takes long to load, and few need it

    book = Workbook()
    sheet = book.create_sheet("Report", 0)
    for row in rows:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


_Make = Callable[[list[tuple[str, ...]]], bytes]
FORMATS: MappingProxyType[str, tuple[_Make, str]] = MappingProxyType({"csv": (_csv, CSV), "xlsx": (_xlsx, XLSX)})
