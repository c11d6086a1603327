"""Files that people bring: by a link for one purpose and one person, until one was taken; their words are looked at."""

from __future__ import annotations

import io
import sys
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, text

from db import engine as database
from db.people import Identity, Role
from handlers import downloads, files, uploads
from handlers.context import Context, House, Knowledge, Request, UserError
from handlers.files import UPLOADS, Upload
from handlers.messages import Button, Card, Link, Text
from tests.fakes import STRANGER, Bot, Clock, said

PEOPLE, BULLETIN = UPLOADS["people"], UPLOADS["bulletin"]


class Desk:
    """Takes lists of people: keeps what it was given, or fails as a test wants."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, str, bytes]] = []
        self.problem: Exception | None = None
        self.buttons: tuple[Button, ...] = ()

    def take(self, _context: Context, person_id: int, name: str, content: bytes) -> Card:
        """Take a file."""
        if self.problem:
            raise self.problem
        self.taken.append((person_id, name, content))
        return Card("3 people are new", (Text("Nobody has left."),), self.buttons)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give what takes lists of people, in place of the real one."""
    found = Desk()
    monkeypatch.setattr("handlers.enrolment.take", found.take)
    return found


@pytest.fixture
def house() -> House:
    """Give the settings of a house that reaches its people."""
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def coordinator(bot: Bot) -> Identity:
    """Give a coordinator."""
    return bot.enrol(Role.COORDINATOR)


def link(bot: Bot, who: Identity, purpose: str = "people") -> str:
    card = bot.does(Request(who, route="uploads.open", value=purpose))
    assert isinstance(card, Card)
    [found] = card.actions
    assert isinstance(found, Link), said(card)
    return found.url


def token(bot: Bot, who: Identity, purpose: str = "people") -> str:
    return link(bot, who, purpose).rpartition("/")[2]


def take(bot: Bot, which: str, content: bytes = b"name\nPat\n") -> Card:
    return bot.dispatcher.within(lambda context: uploads.take(context, which, "people.csv", content))


def shown(bot: Bot, which: str) -> str:
    return bot.dispatcher.within(lambda context: uploads.shown(context, which)).title


# --- links -----------------------------------------------------------------------------------------------------


def test_a_link_leads_to_a_page_for_its_purpose_and_its_token_is_not_kept(bot: Bot, coordinator: Identity) -> None:
    url = link(bot, coordinator)

    assert url.startswith("https://bot.example/uploads/")
    assert shown(bot, url.rpartition("/")[2]) == "Bring a list of people"
    with database.transaction(bot.engine) as session:
        [kept] = session.scalars(text("SELECT token_hash FROM file_links"))
    assert kept not in url


def test_a_file_is_taken_once_for_the_person_of_the_link(bot: Bot, coordinator: Identity, desk: Desk) -> None:
    which = token(bot, coordinator)

    card = take(bot, which)

    assert card.title == "3 people are new"
    assert desk.taken == [(1, "people.csv", b"name\nPat\n")]
    with pytest.raises(UserError, match="used already"):
        take(bot, which)
    assert len(desk.taken) == 1
    assert [(row.actor, row.action, row.subject) for row in bot.audited()] == [("person:1", "uploaded", "people")]


@pytest.mark.parametrize("problem", [UserError("Row 3 has no name."), RuntimeError("broken")], ids=["user", "bug"])
def test_a_file_that_was_not_taken_leaves_the_link_as_it_was(
    bot: Bot, coordinator: Identity, desk: Desk, problem: Exception
) -> None:
    which = token(bot, coordinator)
    desk.problem = problem
    with pytest.raises(type(problem)):
        take(bot, which)
    desk.problem = None

    assert take(bot, which).title == "3 people are new"


def test_a_link_ends_after_an_hour(bot: Bot, coordinator: Identity, desk: Desk) -> None:
    which = token(bot, coordinator)
    bot.clock.pass_(hours=1)

    with pytest.raises(UserError, match="expired"):
        shown(bot, which)
    with pytest.raises(UserError, match="expired"):
        take(bot, which)
    assert desk.taken == []


def test_rights_are_looked_at_again_when_the_file_comes(bot: Bot, coordinator: Identity, desk: Desk) -> None:
    which = token(bot, coordinator)
    with database.transaction(bot.engine) as session:
        session.execute(text("UPDATE people SET left_on = '2026-11-21'"))

    with pytest.raises(UserError):
        shown(bot, which)
    with pytest.raises(UserError):
        take(bot, which)
    assert desk.taken == []


def test_a_link_to_fetch_a_file_takes_none_and_the_other_way_round(bot: Bot, coordinator: Identity, desk: Desk) -> None:
    which = token(bot, coordinator)

    with pytest.raises(UserError):
        bot.dispatcher.within(lambda context: downloads.fetch(context, which))
    assert take(bot, which).title == "3 people are new"
    assert desk.taken


REFUSED = {"unknown purpose": "anything", "none": "", "a purpose to fetch": "draft"}


@pytest.mark.parametrize("purpose", REFUSED.values(), ids=REFUSED)
def test_there_is_no_link_for_a_purpose_that_is_none(bot: Bot, coordinator: Identity, purpose: str) -> None:
    card = bot.does(Request(coordinator, route="uploads.open", value=purpose))

    assert isinstance(card, Card)
    assert card.title == "I do not know what that file is for."


def test_a_stranger_gets_no_link(bot: Bot) -> None:
    card = bot.does(Request(STRANGER, route="uploads.open", value="people"))

    assert isinstance(card, Card)
    assert card.title == "I cannot show you that."


def test_a_purpose_that_this_version_cannot_serve_says_so_and_keeps_the_link(
    bot: Bot, coordinator: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "handlers.enrolment", None)
    which = token(bot, coordinator)

    with pytest.raises(UserError, match="cannot do that with files yet"):
        take(bot, which)
    assert shown(bot, which)


def test_without_a_public_address_there_is_no_link(
    engine: Engine, knowledge: Knowledge, clock: Clock, coordinator: Identity
) -> None:
    nowhere = Bot(engine, knowledge, House(public_url=""), clock)

    card = nowhere.does(Request(coordinator, route="uploads.open", value="people"))
    nowhere.dispatcher.close()

    assert isinstance(card, Card)
    assert "does not know its own address" in card.title


def test_a_card_with_buttons_comes_to_the_chat_too_where_they_can_be_pressed(
    bot: Bot, coordinator: Identity, desk: Desk
) -> None:
    desk.buttons = (Button("Take these changes", "help.show"),)

    take(bot, token(bot, coordinator))

    assert [(one.to.address, one.card.title) for one in bot.queued()] == [("person-1", "3 people are new")]


# --- reading and judging ---------------------------------------------------------------------------------------


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(packed)
    return packed.getvalue()


UNUSABLE = {
    "no suffix": (PEOPLE, "people", b"name\n", "ends with .csv or .xlsx"),
    "another suffix": (PEOPLE, "people.exe", b"name\n", "ends with .csv or .xlsx"),
    "nothing in it": (PEOPLE, "people.csv", b" \n", "empty"),
    "not a workbook": (PEOPLE, "people.xlsx", b"name\n", "Excel"),
    "half a workbook": (PEOPLE, "people.xlsx", workbook(("name",), ("Pat",))[:200], "Excel"),
    "a list in a text": (BULLETIN, "people.csv", b"name\n", "ends with .md"),
    "not UTF-8": (BULLETIN, "week.md", b"title\n\xe9\xe8\n", "UTF-8"),
    "too many words": (BULLETIN, "week.md", b"word " * 30_000, "100,000 characters"),
}


@pytest.mark.parametrize(("purpose", "name", "content", "told"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    purpose: Upload, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(UserError, match=told) as refused:
        uploads.pieces(purpose, name, content)
    assert refused.value.hint


_LIST = "name,agency,email\nPat Practitioner,Example Primary School,pat@school.example\n"
_ROWS = (("name", "post"), ("Sam Example", "999 787 7896"))
JUDGED = {
    "colleagues in a list of people": (PEOPLE, "a.csv", _LIST.encode(), ""),
    "a child's number as an agency": (PEOPLE, "a.csv", f"{_LIST}Sam,999 787 7896,\n".encode(), "Row 3, agency of"),
    "a child's number as a post": (PEOPLE, "a.xlsx", workbook(*_ROWS), "Row 2, post of the file."),
    "a child's number as a name": (PEOPLE, "a.csv", f"{_LIST}Sam 999 787 7896,,\n".encode(), "Row 3, name of"),
    "harm as a name": (PEOPLE, "a.csv", b"name\nhe is hitting her right now\n", "Row 2, name of the file."),
    "harm in a bulletin": (BULLETIN, "a.md", b"# Neglect\n\nWhat to do when a child is hit at home.\n", ""),
    "a child in a bulletin": (BULLETIN, "a.md", b"Zebediah Quillfeather, born 3 May 2016, was hit.\n", "Nothing of"),
}


@pytest.mark.parametrize(("purpose", "name", "content", "told"), JUDGED.values(), ids=JUDGED)
def test_the_words_of_a_file_are_judged_by_what_it_is_for(
    bot: Bot, purpose: Upload, name: str, content: bytes, told: str
) -> None:
    parts = uploads.pieces(purpose, name, content)

    refused = uploads.refusal(purpose, parts, bot.dispatcher.screen_text, bot.dispatcher.knowledge.contacts)

    assert (refused is not None) is bool(told)
    if refused:
        assert told in said(refused[0])
        assert "Quillfeather" not in said(refused[0])


def test_a_guard_that_fails_lets_no_file_pass(bot: Bot) -> None:
    def fails(words: str) -> Any:
        raise RuntimeError(words)

    dispatcher = type(bot.dispatcher)(bot.engine, bot.dispatcher.knowledge, bot.dispatcher.house, scan=fails)
    refused = uploads.refusal(
        PEOPLE, uploads.pieces(PEOPLE, "a.csv", _LIST.encode()), dispatcher.screen_text, dispatcher.knowledge.contacts
    )
    dispatcher.close()

    assert refused is not None


def test_links_are_forgotten_a_day_after_they_expired(bot: Bot, coordinator: Identity) -> None:
    token(bot, coordinator)
    bot.clock.pass_(hours=25)
    assert bot.dispatcher.within(files.forget) == 0
    bot.clock.pass_(seconds=1)

    assert bot.dispatcher.within(files.forget) == 1
