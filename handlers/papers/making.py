"""Papers and exports as files: gathered from the tables, written in the format that is asked for, and noted."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import IO

from db import audit, meetings, papers, records
from db.escalations import Escalation
from db.papers import SENSITIVE
from db.risks import Risk
from handlers.context import Context, UserError
from handlers.files import CSV, XLSX
from handlers.papers import checking, columns, docx, plain, register, saying, tracker, xlsx
from handlers.papers.docx import DOCX
from handlers.papers.plain import JSON
from handlers.papers.register import Register
from handlers.papers.saying import Made
from handlers.papers.table import Table, Value
from knowledge import workflows
from knowledge.calendar import instant

WITHOUT_MEETING = timedelta(days=90)  # how far back a paper looks when no earlier meeting is known
FORMATS: Mapping[str, str] = MappingProxyType({"docx": DOCX, "xlsx": XLSX, "csv": CSV, "json": JSON})
TABLES = {"xlsx": xlsx.write, "csv": plain.write_csv, "json": plain.write_json}
_PREFIX = {"escalations": "TRK", "risks": "REG"}  # of the versions of papers
KINDS = tuple(_PREFIX)
_SHEETS = {"escalations": "Escalations", "risks": "Risks"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: escalations or risks, in which format, and whether it is the annex."""

    kind: str
    form: str = "docx"
    annex: bool = False

    @property
    def file_name(self) -> str:
        """Return what the file is called; a person who sees it in a folder knows how it is marked."""
        paper = {"escalations": "escalation-tracker", "risks": "risk-register"}[self.kind]
        return f"{paper}{'-ANNEX-OFFICIAL-SENSITIVE' if self.annex else ''}.{self.form}"


def write(context: Context, order: Order, to: IO[bytes], *, by: str) -> int:
    """Write what is asked for; return how many records are in it. `by` is who makes it, for the audit trail."""
    if order.kind not in KINDS or order.form not in FORMATS:
        raise UserError("I do not make such a file.", hint="I make escalations and risks as docx, xlsx, csv or json.")
    if order.form == "docx":
        count, version = _paper(context, order, to)
    else:
        made = when(context, annex=order.annex)
        count, version = TABLES[order.form](_table(context, order, made), to), ""
    audit.add(
        context.session,
        at=context.now,
        actor=by,
        action="exported",
        subject=order.kind,
        format=order.form,
        annex=order.annex,
        rows=count,
        **({"version": version} if version else {}),
    )
    return count


def made_file(context: Context, order: Order, *, by: str) -> bytes:
    """Return what is asked for as the bytes of a file."""
    written = io.BytesIO()
    write(context, order, written, by=by)
    return written.getvalue()


def withheld(context: Context, kind: str) -> int:
    """Count the records whose words are only in the annex."""
    if kind == "risks":
        return papers.count(context.session, Risk, papers.sensitive(Risk))
    return papers.count(context.session, Escalation, papers.sensitive(Escalation), papers.SENT)


def when(context: Context, *, annex: bool = False, version: str = "") -> Made:
    """Return what a file made now is: for which meeting, and how far it looks back."""
    today, zone = context.today, context.house.time_zone
    coming = meetings.coming(context.session, meetings.EXECUTIVE, today, limit=1)
    last = meetings.last_meeting(context.session, meetings.EXECUTIVE, today)
    from_on = last.pack_on if last else today - WITHOUT_MEETING  # what came after those papers was in none yet
    words = f"the papers for the Executive on {saying.long_day(last.on)}" if last else saying.long_day(from_on)
    return Made(
        now=context.now,
        zone=zone,
        partnership=context.house.partnership,
        since=instant(from_on, saying.MIDNIGHT, zone),
        since_words=words,
        version=version,
        meeting_on=coming[0].on if coming else None,
        annex=annex,
    )


# --- papers ----------------------------------------------------------------------------------------------------


def _paper(context: Context, order: Order, to: IO[bytes]) -> tuple[int, str]:
    ref = records.next_ref(context.session, _PREFIX[order.kind], context.today.year)
    version = ref.partition("-")[2]
    made = when(context, annex=order.annex, version=version)
    if order.kind == "escalations":
        only = [papers.sensitive(Escalation)] if order.annex else []
        rows = list(papers.escalations(context.session, papers.open_or_since(_open_states(), made.since), *only))
        paper, count = tracker.write(rows, made), len(rows)
    else:
        which = [papers.sensitive(Risk)] if order.annex else []
        kept = list(papers.risks(context.session, papers.live_or_ended(made.since), *which))
        found = Register(
            risks=kept,
            moved=papers.moved(context.session, made.since),
            found=checking.found(context, kept),
            challenges=papers.waiting_challenges(context.session),
            picture=checking.picture(context, kept),
            floor=context.house.risk_floor,
        )
        paper, count = register.write(found, made), len(kept)
    to.write(docx.write(paper, at=context.now))
    return count, version


def _open_states() -> tuple[str, ...]:
    return workflows.escalations().open_states()


# --- tables ----------------------------------------------------------------------------------------------------


def _table(context: Context, order: Order, made: Made) -> Table:
    fields = columns.ESCALATIONS if order.kind == "escalations" else columns.RISKS
    about = (
        ("Made by", context.house.partnership),
        ("Generated", made.made_words),
        ("Can be changed in this file", ", ".join(one.title for one in fields if one.change is not columns.E.NEVER)),
        ("Bring it back", "Every other column is decided in chat. Leave Ref and Version as they are."),
    )
    rows = (tuple(row[one.name] for one in fields) for row in _rows(context, order, made))
    return Table(_SHEETS[order.kind], columns.columns(fields), rows, made.marking, about)


def _rows(context: Context, order: Order, made: Made) -> Iterator[dict[str, Value]]:
    """Give what stands in each row: everything that was ever sent, or for the annex what is withheld elsewhere."""
    session = context.session
    if order.kind == "escalations":
        only = [Escalation.marking == SENSITIVE] if order.annex else []
        for one in papers.escalations(session, *only):
            yield columns.of_escalation(one, made)
    else:
        which = [Risk.marking == SENSITIVE] if order.annex else []
        for risk in papers.risks(session, *which):
            yield columns.of_risk(risk, made, floor=context.house.risk_floor)
