"""Files both ways, in one table: what people may fetch and bring with the browser, who may, and what makes of it what.

Features name a purpose here and in nothing else: what a purpose needs is looked up when it is used.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from db import links, people
from db.people import SECRETARIAT, Role
from handlers.access import CLEARED, READERS
from handlers.context import Context, UserError
from handlers.messages import Card, Link

VALID_FOR = timedelta(hours=1)
MAX_BYTES = 2_000_000  # of a file that is brought
RECORD_CHARACTERS = 600_000  # a register of years, at most 12 seconds of the guard's reading
MARKDOWN, CSV = "text/markdown; charset=utf-8", "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class File:
    """A file for the browser to save."""

    name: str
    content: str | bytes
    media_type: str = MARKDOWN


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that is looked at by itself; `place` says where it stands, empty for all of it.

    `names`: it is there to name a colleague, so that a name alone does not stop it.
    """

    place: str
    text: str
    names: bool = False


Maker = Callable[[Context, str, int], File]  # (context, about, person_id)
Taker = Callable[[Context, int, str, bytes], Card]  # (context, person_id, name, content)
Reader = Callable[[str, bytes], list[Piece]]  # (name, content)


@dataclass(frozen=True, slots=True)
class Download:
    """Something to fetch. `made_by` names a Maker, `again` says where to get a new link.

    No `roles` means everybody who is enrolled.
    """

    title: str
    made_by: str
    again: str
    roles: frozenset[Role] = frozenset()

    def make(self, context: Context, about: str, person_id: int) -> File:
        """Return the file. Raises UserError when there is none, or when this version cannot make it."""
        found: Maker = _named(self.made_by)
        return found(context, about, person_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """Something to bring. `taken_by` names a Taker; `suffixes` are what the file's name may end with.

    `read_by` names a Reader of what anybody may have written there; empty for a text, which is looked at as a whole.
    `procedural`: the secretariat says in it what to do about harm, so that words of harm do not stop it.
    `characters`: how many it may hold. The guard reads about 50,000 a second, and somebody waits.
    """

    title: str
    intro: str
    label: str
    taken_by: str
    again: str
    suffixes: tuple[str, ...]
    roles: frozenset[Role]
    procedural: bool = False
    read_by: str = ""
    characters: int = 100_000

    def pieces(self, name: str, content: bytes) -> list[Piece]:
        """Return what anybody may have written there. Raises UserError for a file that cannot be read."""
        found: Reader = _named(self.read_by) if self.read_by else _whole
        return found(name, content)

    def take(self, context: Context, person_id: int, name: str, content: bytes) -> Card:
        """Do with the file what it was brought for. Raises UserError when it cannot be used as it is."""
        found: Taker = _named(self.taken_by)
        return found(context, person_id, name, content)


DOWNLOADS: Mapping[str, Download] = MappingProxyType(
    {
        "draft": Download(
            "Download a draft article",
            "handlers.downloads:draft",
            "Press 'Make it an article' again for a new link.",
            SECRETARIAT,
        ),
        "bulletin-draft": Download(
            "Download a bulletin",
            "handlers.bulletins.by_file:make",
            "Press 'As a file' again for a new link.",
            SECRETARIAT,
        ),
        "bulletin-report": Download(
            "Download a delivery report",
            "handlers.bulletins.report:file",
            "Open the report of the bulletin again for a new link.",
            SECRETARIAT,
        ),
        "paper": Download(
            "Download a paper or an export",
            "handlers.papers.asking:make",
            "Type export for a new link.",
            READERS,
        ),
        "pack": Download(
            "Download the pack of a meeting",
            "handlers.agendas.pack:make",
            "Type pack for a new link.",
            SECRETARIAT,
        ),
        "annex": Download(
            "Download a confidential annex",
            "handlers.papers.asking:make_annex",
            "Type export for a new link.",
            CLEARED,
        ),
        "calendar": Download(
            "Download a calendar file",
            "handlers.calendars.single:make",
            "Press 'Add to calendar' again, or type calendar, for a new link.",
        ),
        "certificate": Download(
            "Download your certificate",
            "handlers.learning.certificate:make",
            "Type learning for a new link.",
        ),
    }
)
UPLOADS: Mapping[str, Upload] = MappingProxyType(
    {
        "people": Upload(
            "Bring a list of people",
            "The first row names the columns: name, agency, roles, groups, post, email, slack, teams, left on.",
            "The list, as a CSV or Excel file",
            "handlers.enrolment:take",
            "Type people for a new link.",
            (".csv", ".xlsx"),
            SECRETARIAT | {Role.ADMIN},
            read_by="handlers.enrolment:free_text",
        ),
        "bulletin": Upload(
            "Bring a bulletin",
            "One heading for each section, and the kind and the title at the top. You can change the draft in chat.",
            "The bulletin, as a Markdown file",
            "handlers.bulletins.by_file:take",
            "Type bulletin for a new link.",
            (".md", ".markdown", ".txt"),
            SECRETARIAT,
            procedural=True,
        ),
        "days": Upload(
            "Bring days to keep clear of",
            "A list with the columns kind, first, last, what and source, or a calendar. Kinds are holiday, term, "
            "religious and board.",
            "The days, as an Excel, CSV or calendar file",
            "handlers.year_plan.bringing:take",
            "Type clear days for a new link.",
            (".csv", ".xlsx", ".ics"),
            SECRETARIAT,
            read_by="handlers.year_plan.days_file:free_text",
        ),
        "escalations": Upload(
            "Bring a tracker of escalations",
            "A file that was exported here and changed, or a tracker of your own with a row for each escalation.",
            "The tracker, as an Excel or CSV file",
            "handlers.imports.asking:take_escalations",
            "Type export for a new link.",
            (".xlsx", ".csv"),
            SECRETARIAT,
            read_by="handlers.imports.asking:free_text",
            characters=RECORD_CHARACTERS,
        ),
        "risks": Upload(
            "Bring a risk register",
            "A file that was exported here and changed, or a register of your own with a row for each risk.",
            "The register, as an Excel or CSV file",
            "handlers.imports.asking:take_risks",
            "Type export for a new link.",
            (".xlsx", ".csv"),
            SECRETARIAT,
            read_by="handlers.imports.asking:free_text",
            characters=RECORD_CHARACTERS,
        ),
        "training": Upload(
            "Bring a calendar of training",
            "A calendar file, or a table whose first row names the columns: title, date, start, end, place, capacity.",
            "The calendar, as an .ics, Excel or CSV file",
            "handlers.training.taking:bring",
            "Type training, and press Catalogue for a new link.",
            (".ics", ".xlsx", ".csv"),
            SECRETARIAT,
            procedural=True,
            read_by="handlers.training.bringing:free_text",
        ),
    }
)


def link(context: Context, purpose: str, about: str = "", *, label: str = "Open the download page") -> Link:
    """Make a link to a file, or to the page that takes one, for the person who asks; one for each request.

    Raises UserError where the service does not know its own address, or the person is not enrolled.
    """
    if not context.house.public_url:
        raise UserError(
            "I cannot make a link yet: this service does not know its own address.",
            hint="Ask whoever runs it to set THSCP_PUBLIC_URL. Nothing is lost.",
        )
    person_id = context.actor.person_id
    if person_id is None:
        raise UserError("I only give files to people who are enrolled.", hint="Ask the secretariat to enrol you.")
    links.make(
        context.session,
        purpose,
        about,
        person_id=person_id,
        expires_at=context.now + VALID_FOR,
        token_hash=hashed(context.token),
    )
    page = "files" if purpose in DOWNLOADS else "uploads"
    return Link(label, f"{context.house.public_url}/{page}/{context.token}")


def hashed(token: str) -> str:
    """Return what is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def may(context: Context, person_id: int, roles: frozenset[Role]) -> bool:
    """Say whether somebody may still have or bring a file: a leaver may not, whatever the link says."""
    if not roles:
        return people.is_here(context.session, person_id, on=context.today)
    return bool(people.roles(context.session, person_id, on=context.today) & roles)


def forget(context: Context) -> int:
    """Forget the links that expired a day ago; return how many it were."""
    return links.forget(context.session, before=context.now - timedelta(days=1))


def _whole(_name: str, content: bytes) -> list[Piece]:
    try:
        return [Piece("", content.decode("utf-8-sig"))]
    except UnicodeDecodeError:
        raise UserError("The file is not text in UTF-8.", hint="Save it as UTF-8 and choose it again.") from None


def _named(name: str) -> Any:
    module, _, function = name.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError):
        raise UserError(
            "This version of the service cannot do that with files yet.", hint="Please tell the secretariat."
        ) from None
