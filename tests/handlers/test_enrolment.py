"""Lists of people taken over: CSV and Excel, checked as a whole, shown first, and the same twice changes nothing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime

import openpyxl
import pytest
from sqlalchemy.orm import Session

from db import audiences, directory, registry
from db.audiences import Audience
from db.directory import Details
from db.people import Identity, Person, Role
from db.rosters import Roster
from handlers import enrolment, uploads
from handlers.context import Request, UserError
from handlers.files import UPLOADS
from handlers.messages import Card, Facts
from handlers.roster import MAX_ROWS, RosterError
from tests.fakes import Bot, labels, said

TODAY = date(2026, 11, 21)
ANN_IN_TEAMS, BEN_IN_TEAMS = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
LIST = f"""name,agency,roles,groups,post,email,slack,teams,left_on
Ann One,Example Council,member;chair,Executive: Local authority,Head of Service,ann@example.gov.uk,U0ANNABCD,,
Ben Two,Example Council,member,Delivery Group;Executive (deputy),,ben@example.gov.uk,,{BEN_IN_TEAMS},
Cat Three,Example Trust,,,,,U0CATABCD,,
"""


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Coordinator")


def number(bot: Bot, who: Identity) -> int:
    with Session(bot.engine) as session:
        return registry.owner(session, who) or 0


def brings(bot: Bot, who: Identity, content: str | bytes, name: str = "people.csv") -> Card:
    """Bring a list as the upload page does."""
    data = content.encode() if isinstance(content, str) else content
    by = number(bot, who)
    return bot.dispatcher.within(lambda context: enrolment.take(context, by, name, data))


def takes(bot: Bot, who: Identity, content: str | bytes, name: str = "people.csv") -> Card:
    """Bring a list and say yes."""
    card = bot.presses(brings(bot, who, content, name), "Take it over", who=who)
    assert isinstance(card, Card)
    assert card.title == "Taken over", said(card)
    return card


def refused(bot: Bot, who: Identity, content: str | bytes, name: str = "people.csv") -> str:
    with pytest.raises(UserError) as error:
        brings(bot, who, content, name)
    return f"{error.value} {error.value.hint}"


def counts(card: Card) -> dict[str, int]:
    [facts] = [element for element in card.body if isinstance(element, Facts)]
    return {name: int(times) for name, times in facts.pairs if times != "0"}


def record(bot: Bot, place: str, on: date = TODAY) -> Details:
    with Session(bot.engine) as session:
        found = directory.details(session, registry.owner(session, Identity.parse(place)) or 0, on=on)
    assert found is not None
    return found


def workbook(*rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


# --- taking over -----------------------------------------------------------------------------------------------


def test_a_list_is_shown_before_anything_changes(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, LIST)

    assert counts(card) == {"New": 3}
    assert labels(card) == ["Take it over", "Do not"]
    assert bot.counted(Person) == 1


def test_a_list_that_is_taken_over_enrols_everybody_with_what_it_says(bot: Bot, keeper: Identity) -> None:
    assert counts(takes(bot, keeper, LIST)) == {"New": 3}

    ann, ben = record(bot, "slack:U0ANNABCD"), record(bot, f"teams:{BEN_IN_TEAMS}")
    assert (ann.name, ann.agency, ann.platforms) == ("Ann One", "Example Council", ("slack", "email"))
    assert [role.name for role in ann.roles] == ["chair", "member"]
    assert [post.name for post in ann.posts] == ["Head of Service"]
    assert [(one.group, one.seat, one.deputy) for one in ann.sittings] == [("Executive", "Local authority", False)]
    assert [(one.group, one.deputy) for one in ben.sittings] == [("Delivery Group", False), ("Executive", True)]


def test_the_same_list_again_changes_nothing(bot: Bot, keeper: Identity) -> None:
    takes(bot, keeper, LIST)
    trail = len(bot.audited())
    bot.clock.pass_(days=3)

    card = brings(bot, keeper, LIST)

    assert (card.title, counts(card)) == ("Nothing would change", {"Unchanged": 3})
    assert len(bot.audited()) == trail
    assert record(bot, "slack:U0ANNABCD").roles[0].from_on == TODAY


def test_a_list_can_be_given_up(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, LIST)
    bot.presses(card, "Do not", who=keeper)

    assert bot.presses(card, "Take it over", who=keeper).title == "That list is not here any more."
    assert (bot.counted(Person), bot.counted(Roster)) == (1, 0)


def test_a_list_is_taken_over_once_and_only_by_who_brought_it(bot: Bot, keeper: Identity) -> None:
    other = bot.enrol(Role.ADMIN)
    card = brings(bot, keeper, LIST)

    assert bot.presses(card, "Take it over", who=other).title == "That list is not here any more."
    assert bot.presses(card, "Take it over", who=keeper).title == "Taken over"
    assert bot.presses(card, "Take it over", who=keeper).title == "That list is not here any more."


def test_a_list_that_nobody_takes_over_is_forgotten(bot: Bot, keeper: Identity) -> None:
    brings(bot, keeper, LIST)
    bot.clock.pass_(days=1, minutes=1)

    assert bot.dispatcher.within(enrolment.forget) == 1
    assert bot.counted(Roster) == 0


CHANGES = {
    "another name": ("Ann Married,,,,,,U0ANNABCD,,", "name changed"),
    "another agency": ("Ann One,Example Trust,,,,,U0ANNABCD,,", "agency Example Trust"),
    "another role": ("Ann One,,member;scrutineer,,,,U0ANNABCD,,", "roles +scrutineer -chair"),
    "no role": ("Ann One,,-,,,,U0ANNABCD,,", "roles -chair -member"),
    "another group": ("Ann One,,,delivery,,,U0ANNABCD,,", "seats +Delivery Group -Executive"),
    "no post": ("Ann One,,,,-,,U0ANNABCD,,", "posts -Head of Service"),
    "one more place": (f"Ann One,,,,,,U0ANNABCD,{ANN_IN_TEAMS},", "places +teams"),
    "a place found by the name": (f"ann one,example council,,,,,,{ANN_IN_TEAMS},", "name changed, places +teams"),
}


@pytest.mark.parametrize(("row", "change"), CHANGES.values(), ids=CHANGES)
def test_a_changed_row_changes_what_it_names_and_an_empty_cell_nothing(
    bot: Bot, keeper: Identity, row: str, change: str
) -> None:
    takes(bot, keeper, LIST)

    card = brings(bot, keeper, f"{LIST.splitlines()[0]}\n{row}\n")

    assert counts(card) == {"Changed": 1}
    assert change in said(card)


# --- leavers ---------------------------------------------------------------------------------------------------


def test_who_has_left_is_in_no_audience_and_stays_gone_when_an_old_list_comes(bot: Bot, keeper: Identity) -> None:
    takes(bot, keeper, LIST)

    gone = takes(bot, keeper, "name,slack,left_on\nAnn One,U0ANNABCD,21/11/2026\n")
    again = brings(bot, keeper, LIST)

    assert counts(gone) == {"Left": 1}
    assert counts(again) == {"Unchanged": 2, "Had left before": 1}
    with Session(bot.engine) as session:
        read = audiences.readers(session, Audience(), on=TODAY, reached=frozenset({"slack", "email"}))
    assert "Ann One" not in [reader.name for reader in read]


def test_a_leaver_comes_back_with_a_hyphen_and_only_what_the_row_says(bot: Bot, keeper: Identity) -> None:
    takes(bot, keeper, LIST)
    takes(bot, keeper, "name,slack,left_on\nAnn One,U0ANNABCD,2026-11-21\n")

    takes(bot, keeper, "name,slack,left_on,roles\nAnn One,U0ANNABCD,-,member\n")

    ann = record(bot, "slack:U0ANNABCD")
    assert (ann.left_on, [role.name for role in ann.roles], ann.posts) == (None, ["member"], ())


def test_who_left_before_they_were_ever_here_is_not_enrolled(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, "name,left_on\nOld Hand,2020-01-31\n")

    assert card.title == "Nothing would change"


# --- files as programs write them ------------------------------------------------------------------------------


HEADS, ANN, BEN = ("Name", "Agency", "Role(s)", "Left on"), ("Ann One", "Council", "member"), ("Zoë Two", "Council")
PLAIN = "Name,Agency,Role(s)\nAnn One,Council,member\nZoë Two,Council,\n"
FILES = {
    "UTF-8": PLAIN.encode(),
    "UTF-8 with a mark": PLAIN.encode("utf-8-sig"),
    "semicolons, as Excel writes them in some countries": PLAIN.replace(",", ";").replace("\n", "\r\n").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "the old code page of Windows": PLAIN.encode("cp1252"),
    "UTF-16": PLAIN.replace(",", "\t").encode("utf-16"),
    "quotation marks": PLAIN.replace("Ann One", '"Ann One"').encode(),
    "empty rows": PLAIN.replace("\n", "\n\n,,\n").encode(),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_csv_is_read_however_it_was_written(bot: Bot, keeper: Identity, content: bytes) -> None:
    card = takes(bot, keeper, content)

    assert counts(card) == {"New": 2}
    assert "Zoë Two" in said(card)


EXCEL_DAYS = {
    "a day of Excel": datetime(2026, 11, 20, tzinfo=UTC).replace(tzinfo=None),
    "a day": date(2026, 11, 20),
    "text": "20/11/2026",
    "text as machines write it": "2026-11-20",
    "text in words": "20 November 2026",
}


@pytest.mark.parametrize("day", EXCEL_DAYS.values(), ids=EXCEL_DAYS)
def test_a_workbook_is_read_with_its_days(bot: Bot, keeper: Identity, day: object) -> None:
    assert counts(takes(bot, keeper, workbook(HEADS, ANN, BEN), "people.xlsx")) == {"New": 2}

    card = takes(bot, keeper, workbook(HEADS, (*ANN, day), (*BEN, "", None)), "people.xlsx")

    assert counts(card) == {"Left": 1, "Unchanged": 1}


# --- two people of one name ------------------------------------------------------------------------------------


def test_two_people_of_one_name_are_told_apart_by_their_ids(bot: Bot, keeper: Identity) -> None:
    two = "name,agency,slack,new\nSam Same,Council,U0SAMABCD,\nSam Same,Council,U0SAMEFGH,yes\n"
    assert counts(takes(bot, keeper, two)) == {"New": 2}

    assert brings(bot, keeper, two).title == "Nothing would change"
    assert "Two people are called so" in refused(bot, keeper, "name,agency,roles\nSam Same,Council,chair\n")


def test_another_id_on_the_same_platform_is_never_taken_for_the_same_person(bot: Bot, keeper: Identity) -> None:
    takes(bot, keeper, "name,agency,slack\nSam Same,Council,U0SAMABCD\n")

    told = refused(bot, keeper, "name,agency,slack\nSam Same,Council,U0SAMEFGH\n")

    assert "Row 2, slack: Sam Same has another id there" in told


# --- mistakes --------------------------------------------------------------------------------------------------


MISTAKES = {
    "a role that there is not": ("name,roles\nAnn One,chiar\n",
                                 "Row 2, roles: I know no role called 'chiar'. Did you mean 'chair'?"),
    "a group that there is not": ("name,groups\nAnn One,Exectuive\n",
                                  "Row 2, groups: I know no group called 'Exectuive'. Did you mean 'Executive'?"),
    "a seat that there is not": ("name,groups\nAnn One,Executive: Piano\n", "Executive has no seat 'Piano'"),
    "two seats in one group": ("name,groups\nAnn One,Executive: Police;Executive\n", "one seat in a group"),
    "no name": ("name,agency\n,Council\n", "Row 2, name: Please write the name"),
    "a name with figures": ("name\nAnn 1\n", "Row 2, name: Please write the name in letters"),
    "no e-mail address": ("name,email\nAnn One,ann at home\n", "Row 2, email:"),
    "no Slack id": ("name,slack\nAnn One,@ann\n", "Row 2, slack:"),
    "no day": ("name,left_on\nAnn One,soon\n", "Row 2, left on: Please give a day such as 2026-11-21."),
    "one id twice": ("name,slack\nAnn One,U0ANNABCD\nBen Two,U0ANNABCD\n", "Row 3, slack: The same stands in row 2"),
    "one person twice": ("name,agency\nAnn One,Council\nann one,council\n", "Row 3, name: The same stands in row 2"),
    "an unknown column": ("name,shoe size\nAnn One,38\n", "Row 1, shoe size: I know no such column"),
    "a column twice": ("name,role,roles\nAnn One,chair,chair\n", "Row 1, roles: Two columns are called so"),
    "no column for the name": ("agency,roles\nCouncil,chair\n", "one of them name"),
    "more cells than columns": ("name,agency\nAnn One,Council,what\n", "Row 2, no column:"),
    "a formula": ('name,agency\n"=HYPERLINK(""x"")",Council\n', "Row 2, name: This looks like a formula"),
    "another formula": ("name,agency\nAnn One,@SUM(1)\n", "Row 2, agency: This looks like a formula"),
    "a long cell": (f"name,post\nAnn One,{'x' * 301}\n", "Row 2, post: Please use at most 300"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_by_row_and_column_and_nothing_is_taken(
    bot: Bot, keeper: Identity, content: str, problem: str
) -> None:
    assert problem in refused(bot, keeper, content)

    assert (bot.counted(Person), bot.counted(Roster)) == (1, 0)


def test_one_mistake_in_a_hundred_rows_keeps_all_of_them_out(bot: Bot, keeper: Identity) -> None:
    rows = [f"Pat {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]},member" for n in range(99)]

    told = refused(bot, keeper, "\n".join(["name,roles", *rows, "Sam,king"]))

    assert "The list has one mistake, so nothing was taken. Row 101, roles" in told
    assert bot.counted(Person) == 1


def test_many_mistakes_are_counted_and_the_first_are_shown(bot: Bot, keeper: Identity) -> None:
    told = refused(bot, keeper, "\n".join(["name,roles", *(f"Pat {letter},king" for letter in "abcdefghijklmnop")]))

    assert "The list has 16 mistakes" in told
    assert "And 4 more." in told


NO_LISTS = {
    "empty": (b"", "people.csv", "The list is empty"),
    "only columns": (b"name,agency\n", "people.csv", "The list names nobody"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "people.csv", "not text"),
    "another kind of file": (b"name", "people.pdf", ".csv or .xlsx"),
    "a workbook that is none": (b"name,agency", "people.xlsx", "cannot be read as an Excel workbook"),
    "too large": (b"name\n" + b"x" * 2_000_000, "people.csv", "larger than 2 MB"),
    "too many rows": (b"name\n" + b"Pat\n" * (MAX_ROWS + 1), "people.csv", "more than 1,000 rows"),
    "a quotation mark without its other": (b'name,agency\n"Ann One,Council\n', "people.csv", "cannot be read as CSV"),
    "a formula in a workbook": (workbook(("name", "post"), ("Ann One", "=1+1")), "people.xlsx",
                                "Row 2, column B: This is a formula"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "problem"), NO_LISTS.values(), ids=NO_LISTS)
def test_what_is_no_list_is_refused_with_what_to_do(
    bot: Bot, keeper: Identity, content: bytes, name: str, problem: str
) -> None:
    assert problem in refused(bot, keeper, content, name)


def test_a_workbook_that_unpacks_to_fill_the_memory_is_not_unpacked(bot: Bot, keeper: Identity) -> None:
    bomb = workbook(("name", "post"), *((f"Pat {'x' * 200}", "y" * 30_000) for _ in range(900)))
    assert len(bomb) < 2_000_000

    assert "cannot be read as an Excel workbook" in refused(bot, keeper, bomb, "people.xlsx")


def test_nobody_changes_their_own_roles_by_a_list(bot: Bot, keeper: Identity) -> None:
    told = refused(bot, keeper, "name,roles\nNico Coordinator,coordinator;strategy manager\n")

    assert "Row 2, name: You cannot change your own roles and groups." in told


def test_a_list_leaves_nobody_without_a_secretariat(bot: Bot, keeper: Identity) -> None:
    admin = bot.enrol(Role.ADMIN)
    assert keeper

    assert "Nobody would be left in the secretariat" in refused(bot, admin, "name,roles\nNico Coordinator,member\n")


# --- the guard -------------------------------------------------------------------------------------------------


def stopped(bot: Bot, content: str) -> bool:
    """Say whether the guard stops a list as the upload page and the command line ask it to."""
    purpose = UPLOADS["people"]
    parts = uploads.pieces(purpose, "people.csv", content.encode())
    return uploads.refusal(purpose, parts, bot.dispatcher.screen_text, bot.dispatcher.knowledge.contacts) is not None


WORDS = {
    "a whole list": (LIST, False),
    "names that the guard knows": ("name,email\nYusuf Abdi,yusuf.abdi@mail.example\n", False),
    "a family in a post": ("name,post\nAnn One,is Yusuf Abdi allowed home while his dad is on bail?\n", True),
    "a number in an agency": ("name,agency\nAnn One,NHS number 999 787 7896\n", True),
}


@pytest.mark.parametrize(("content", "stops"), WORDS.values(), ids=WORDS)
def test_the_guard_looks_at_the_cells_in_which_anything_can_stand(bot: Bot, content: str, stops: bool) -> None:
    assert stopped(bot, content) is stops


def test_a_member_takes_no_list_over(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, LIST)

    assert bot.presses(card, "Take it over", who=bot.enrol(Role.MEMBER)).title == "I cannot show you that."


def test_the_error_names_every_mistake_for_programs_too(bot: Bot, keeper: Identity) -> None:
    with pytest.raises(RosterError) as error:
        brings(bot, keeper, "name,roles\nAnn One,king\n,chair\n")

    assert [(one.row, one.column) for one in error.value.problems] == [(2, "roles"), (3, "name")]


def test_bringing_a_list_begins_with_a_link(bot: Bot, keeper: Identity) -> None:
    card = bot.does(Request(keeper, route="people.file"))

    assert isinstance(card, Card)
    assert labels(card) == ["Open the page", "Everybody"]
