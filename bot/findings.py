"""What `thscp doctor` finds and what stops start-up: each with an id, a message and a hint."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from bot.clock import TOLERANCE, wall
from bot.settings import Settings
from db import engine as database
from db import heartbeats
from db.engine import DatabaseError
from handlers import wording
from knowledge import articles, check, contacts
from knowledge.articles import Problem
from knowledge.contacts import Contact, ContactsError

RECENT = timedelta(minutes=2)  # since a server that is running said something
OLDEST_SAFE_SQLITE = (3, 51, 3)  # earlier ones can corrupt a WAL that two connections write and checkpoint at once


class Level(StrEnum):
    """How bad a finding is: an error stops start-up."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing or wrong, and what to do about it."""

    id: str
    level: Level
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.level.value} {self.id}: {self.message}\n    {self.hint}"


UNREACHABLE = Finding(
    "database.unreachable",
    Level.ERROR,
    "The database of THSCP_DATABASE_URL does not answer, or is no database.",
    "Check that the server runs, that the name and password are right, and that the folder can be written to.",
)


class StartupError(Exception):
    """Something because of which the program does not start."""

    def __init__(self, id: str, message: str, hint: str) -> None:  # noqa: A002 - the word that operators know
        super().__init__(message)
        self.finding = Finding(id, Level.ERROR, message, hint)


def settings_or_error() -> Settings:
    """Read the settings. Raises StartupError that names the setting that is wrong, without its value."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"THSCP_{first['loc'][0]}".upper() if first["loc"] else "a setting"
        raise StartupError(
            "settings.invalid", f"{name} is not usable: {first['msg']}", "Correct it and start again."
        ) from None


def contacts_or_error(file: str) -> Mapping[str, Contact]:
    """Read the contacts of a file, or the shipped ones without it. Raises StartupError that says what is wrong."""
    try:
        return contacts.load(file)
    except ContactsError as error:
        raise StartupError(
            "contacts.unreadable",
            f"The file of THSCP_CONTACTS cannot be used: {error}.",
            "Correct it, with knowledge/data/contacts.yaml as the pattern; see docs/operate.md.",
        ) from None


def examine(settings: Settings, today: date, *, thorough: bool = True) -> list[Finding]:
    """Look at everything that can be looked at without starting, worst first.

    Unless `thorough`, articles only have to be readable: checking their wording takes 2 seconds and 80 MB.
    """
    of_articles = _articles if thorough else _readable_articles
    looks: tuple[Callable[[Settings, date], Iterator[Finding]], ...] = (
        _database,
        _slack,
        _teams,
        _email,
        _people,
        _contacts,
        of_articles,
        _templates,
    )
    found = [finding for look in looks for finding in look(settings, today)]
    return sorted(found, key=lambda finding: finding.level is not Level.ERROR)


def _database(settings: Settings, _today: date) -> Iterator[Finding]:
    try:
        if database.driver_url(settings.database_url).get_backend_name() == "sqlite":
            yield from _sqlite()
        if _answers(settings.database_url):
            yield from _clock(settings.database_url)
        else:
            yield UNREACHABLE
    except DatabaseError as error:
        yield Finding("database.unusable", Level.ERROR, str(error), error.hint)


def _answers(url: str) -> bool:
    """Say whether the database can be used; a file that is not there yet is not made by looking."""
    engine = database.existing(url)
    if engine is None:
        folder = Path(database.driver_url(url).database or "").parent
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    try:
        return database.answers(engine)
    except DBAPIError:
        return False
    finally:
        engine.dispose()


def _clock(url: str) -> Iterator[Finding]:
    """Hold the machine's clock against the database's, or against what a server that is running found out."""
    engine = database.existing(url)
    if engine is None:
        return
    try:
        with database.transaction(engine) as session:
            moment, now = heartbeats.database_time(session), wall()
            beats = heartbeats.attending(session)
    except DBAPIError:  # tables of an older version
        return
    finally:
        engine.dispose()
    found = [beat.clock_off for beat in beats if abs(now - timedelta(seconds=beat.clock_off) - beat.beat_at) < RECENT]
    off = (now - moment).total_seconds() if moment else max(found, key=abs, default=0)
    if abs(off) > TOLERANCE.total_seconds():
        yield Finding(
            "clock.off",
            Level.WARNING,
            f"The clock of this machine is {abs(round(off))} seconds {'fast' if off > 0 else 'slow'}.",
            "Messages still go out at the right time; set the clock, and have it kept right (NTP).",
        )


def _sqlite() -> Iterator[Finding]:
    if sqlite3.sqlite_version_info < OLDEST_SAFE_SQLITE:
        shown = sqlite3.sqlite_version
        yield Finding(
            "database.sqlite-old",
            Level.WARNING,
            f"SQLite {shown} can damage its file when two processes write and tidy it at once.",
            "Run exactly one 'thscp serve' on one SQLite file (a lock sees to that), or use PostgreSQL.",
        )


def _slack(settings: Settings, _today: date) -> Iterator[Finding]:
    token, secret, app_token = settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token
    if not (token or secret or app_token):
        yield Finding(
            "slack.off",
            Level.WARNING,
            "Slack is switched off: it has no credentials.",
            "See docs/slack.md to switch it on.",
        )
        return
    if not token:
        yield Finding(
            "slack.no-token",
            Level.ERROR,
            "Slack has a secret but no bot token.",
            "Set THSCP_SLACK_BOT_TOKEN (xoxb-...), from 'OAuth & Permissions' of the Slack app.",
        )
    elif not token.get_secret_value().startswith("xoxb-"):
        yield Finding(
            "slack.wrong-token",
            Level.ERROR,
            "THSCP_SLACK_BOT_TOKEN is not a bot token.",
            "Bot tokens start with xoxb-. Copy it from 'OAuth & Permissions' of the Slack app.",
        )
    if not (secret or app_token):
        yield Finding(
            "slack.no-door",
            Level.ERROR,
            "Slack cannot reach this service: it has neither a signing secret nor an app token.",
            "Set THSCP_SLACK_SIGNING_SECRET for requests over HTTP, or THSCP_SLACK_APP_TOKEN for Socket Mode.",
        )


def _teams(settings: Settings, _today: date) -> Iterator[Finding]:
    given = {
        "THSCP_TEAMS_CLIENT_ID": settings.teams_client_id,
        "THSCP_TEAMS_CLIENT_SECRET": settings.teams_client_secret,
        "THSCP_TEAMS_TENANT_IDS": settings.teams_tenant_ids,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        yield Finding(
            "teams.off",
            Level.WARNING,
            "Microsoft Teams is switched off: it has no credentials.",
            "See docs/teams.md to switch it on.",
        )
    elif missing:
        yield Finding(
            "teams.half-set",
            Level.ERROR,
            f"Microsoft Teams has credentials, but not all of them: {' and '.join(missing)} is not set.",
            "Set client id, client secret and tenants, or none of them; docs/teams.md says where they stand.",
        )
    elif not settings.public_url.startswith("https://"):
        yield Finding(
            "teams.no-address",
            Level.WARNING,
            "Teams reaches this service at an address with https://, and THSCP_PUBLIC_URL is none.",
            "Set it to the address whose /api/messages is the messaging endpoint in Azure; see docs/teams.md.",
        )


def _email(settings: Settings, _today: date) -> Iterator[Finding]:
    from bot.email import checks

    yield from checks.problems(settings)


def _people(settings: Settings, _today: date) -> Iterator[Finding]:
    if not settings.secretariat:
        yield Finding(
            "people.no-secretariat",
            Level.WARNING,
            "Nobody is secretariat yet, so questions that are passed on reach nobody.",
            "Set THSCP_SECRETARIAT, for example slack:U0123ABCD.",
        )
    for platform in sorted({identity.platform for identity in settings.secretariat} - settings.reached):
        yield Finding(
            "people.unreachable",
            Level.WARNING,
            f"THSCP_SECRETARIAT names people on {platform}, which has no credentials: nothing reaches them there.",
            f"Set the credentials of {platform} (docs/settings.md), or name these people where they can be reached.",
        )
    if not settings.public_url:
        yield Finding(
            "public-url.unset",
            Level.WARNING,
            "THSCP_PUBLIC_URL is not set, so download links do not work.",
            "Set it to the address under which people's browsers reach this service.",
        )


def _contacts(settings: Settings, today: date) -> Iterator[Finding]:
    try:
        found = contacts_or_error(settings.contacts)
    except StartupError as error:
        yield error.finding
        return
    if blank := contacts.blank(found):
        yield Finding(
            "contacts.blank",
            Level.ERROR,
            f"Nobody could be told whom to call for a child in danger: no number for {', '.join(blank)}.",
            "Give each of these rows a phone number in the file of THSCP_CONTACTS; see docs/operate.md.",
        )
    if gone := sorted(contacts.shipped().keys() - found.keys()):
        yield Finding(
            "contacts.fewer",
            Level.WARNING,
            f"The file of THSCP_CONTACTS lacks {', '.join(gone)}: answers that name them show fewer numbers.",
            "Add rows under these keys, or ignore it where the answers do without them.",
        )
    if old := contacts.overdue(found, today):
        yield Finding(
            "contacts.overdue",
            Level.WARNING,
            f"Contacts are past their check date: {', '.join(contact.key for contact in old)}.",
            "Check the numbers, correct the file of THSCP_CONTACTS with the new checked_on, and start again.",
        )


def _articles(_settings: Settings, today: date) -> Iterator[Finding]:
    yield from _of_articles(check.check(articles.load(articles.shipped()), today))


def _readable_articles(_settings: Settings, _today: date) -> Iterator[Finding]:
    yield from _of_articles(articles.load(articles.shipped()).problems)


def _of_articles(problems: Sequence[Problem]) -> Iterator[Finding]:
    if problems:
        yield Finding(
            "articles.problems",
            Level.WARNING,
            f"{len(problems)} problems in the articles, the first in {problems[0].slug}: {problems[0].message}",
            "Run 'thscp kb check' to see them all. Articles that cannot be read are left out of the answers.",
        )


def _templates(_settings: Settings, _today: date) -> Iterator[Finding]:
    for line in wording.broken():
        yield Finding(
            "templates.broken", Level.WARNING, f"A template cannot be read: {line}", "Mend it in handlers/templates."
        )
