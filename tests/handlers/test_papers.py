"""Papers and exports: what they say and hide, who gets them, and that Word and Excel can use them as they are."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

import docx
import pytest
from sqlalchemy import update

from db import challenges, people
from db import engine as database
from db.people import Identity, Role
from handlers import downloads
from handlers.context import Request, UserError
from handlers.files import File
from handlers.messages import Card, Link
from tests import papers
from tests.fakes import Bot, labels, said
from tests.papers import SECRET, every_kind, made, rows_of
from tests.records import number


def text(content: bytes) -> str:
    """Return every word of a Word document, in the order of the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = [packed.read(name).decode() for name in packed.namelist() if name.startswith("word/") and "xml" in name]
    return " ".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", "".join(parts)))


def tables(content: bytes) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in one.rows] for one in docx.Document(io.BytesIO(content)).tables
    ]


def fetched(bot: Bot, card: Card) -> File:
    [link] = [one for one in card.actions if isinstance(one, Link)]
    token = urlsplit(link.url).path.rpartition("/")[2]
    return bot.dispatcher.within(lambda context: downloads.fetch(context, token))


# --- what the papers say ---------------------------------------------------------------------------------------


@every_kind
def test_without_records_the_paper_is_empty_but_whole(bot: Bot, kind: str) -> None:
    words = text(made(bot, kind, "docx"))

    assert "OFFICIAL" in words
    assert {"escalations": "No escalation is open.", "risks": "Heat map"}[kind] in words


def test_the_tracker_counts_and_lists_what_is_open_and_what_was_closed_since_the_last_meeting(bot: Bot) -> None:
    papers.filled(bot)

    content = made(bot, "escalations", "docx")

    counts, live, between, ended = tables(content)
    assert dict(counts[1:]) == {
        "Open now": "4", "New": "3", "Answered": "2", "Overdue": "1", "Open for too long": "1", "Closed": "1",
        "Median days to a response": "18",
    }  # fmt: skip
    assert live[0] == [
        "Ref", "Date", "Group", "Issue in brief", "Ask", "Executive response", "Decision date", "Owner and due",
        "Status", "Days open",
    ]  # fmt: skip
    assert [(row[0], row[8]) for row in live[1:]] == [
        ("ESC-2026-001", "With the Executive. Overdue"),
        ("ESC-2026-002", "Accepted for a meeting. Open for more than 90 days"),
        ("ESC-2026-003", "With the Executive. Urgent"),
        ("ESC-2026-004", "Answered by the Executive"),
    ]
    assert [row[0] for row in between[1:]] == ["ESC-2026-004"]
    assert [row[0] for row in ended[1:]] == ["ESC-2026-005"]
    assert "Ended long ago" not in text(content)
    assert "ESC-2026-001, Delivery Group: Agree that each agency names a lead." in text(content)


def test_the_tracker_names_the_group_and_the_agency_and_nobody_who_raised_something(bot: Bot) -> None:
    papers.filled(bot)

    words = text(made(bot, "escalations", "docx"))

    assert "Delivery Group" in words
    assert "Example Council" in words
    assert "Sam Invented" not in words


def test_the_register_shows_the_heat_map_the_movement_the_reds_and_what_the_check_finds(bot: Bot) -> None:
    papers.filled(bot)

    content = made(bot, "risks", "docx")

    counts, heat, movement, reds, others, accepted, checked, _ = [*tables(content), []][:8]
    assert dict(counts[1:])["Red"] == "2"
    assert heat[2][4] == "Red: 2"
    assert "Down to 16, Red on 4 Nov 2026" in movement[1][2]
    assert [row[0] for row in reds[1:]] == ["RSK-2026-001", "RSK-2026-004"]
    assert "Weekly look at empty posts (detective, works in part)" in reds[1][6]
    assert "overdue since 1 Nov 2026" in reds[1][7]
    assert [row[0] for row in others[1:]] == ["RSK-2026-002", "RSK-2026-003"]
    assert accepted[1][4] == "1 Jun 2027"
    assert {row[0]: row[2] for row in checked[1:]}["RSK-2026-003"].startswith("No owner")


@every_kind
def test_a_paper_is_for_word_as_it_is(bot: Bot, kind: str) -> None:
    papers.filled(bot)

    document = docx.Document(io.BytesIO(made(bot, kind, "docx")))

    assert document.core_properties.title in {"Escalation tracker", "Risk register"}
    assert document.core_properties.language == "en-GB"
    assert [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    for section in document.sections:
        assert section.header.paragraphs[0].text == "OFFICIAL"
        foot = section.footer._element.xml  # noqa: SLF001 - python-docx does not read fields
        assert 'w:instr="PAGE"' in foot
        assert 'w:instr="NUMPAGES"' in foot
        assert "version 2026-001. Generated 21 November 2026 at" in "".join(
            one.text for one in section.footer.paragraphs
        )
    assert [one.page_width > one.page_height for one in document.sections if one.page_width and one.page_height] == [
        False, True,
    ]  # fmt: skip
    assert "<w:keepNext/>" in document.styles["Table Header"].element.xml  # a header is never alone on a page
    for table in document.tables:
        xml = table._element.xml  # noqa: SLF001 - nor how headers repeat
        assert xml.count("<w:tblHeader/>") == 1
        assert 'w:tblDescription w:val="' in xml


def test_what_was_decided_and_what_is_red_stand_in_full_and_an_issue_in_brief_under_its_title(bot: Bot) -> None:
    who = number(bot, papers.filled(bot))
    long = "Each agency names a lead by January. " * 12
    papers.escalated(bot, who, "A long one", issue=long, executive_response=long, decided_at=bot.clock.now)
    papers.risked(bot, who, "A long risk", cause=long)
    papers.escalated(bot, who, "An address", issue="https://example.org/" + "x" * 900)

    tracker, register = made(bot, "escalations", "docx"), made(bot, "risks", "docx")

    [row] = [row for row in tables(tracker)[1] if row[3].startswith("A long one")]
    assert row[5] == long.strip()
    assert row[3].endswith("…")
    assert len(row[3]) < len(long)
    assert any(row[3].startswith("An address\nhttps://example.org/") for row in tables(tracker)[1])
    [table] = [one for one in docx.Document(io.BytesIO(tracker)).tables if "A long one" in one._element.xml][:1]  # noqa: SLF001 - python-docx does not search
    [line] = [cell.paragraphs[0] for cell in table.columns[3].cells if cell.text.startswith("A long one")]
    assert line.runs[0].bold
    assert any(f"Because: {long.strip()}" in cell for rows in tables(register) for row in rows for cell in row)


def test_the_picture_of_the_heat_map_has_words_and_the_table_beside_it_says_the_same(bot: Bot) -> None:
    papers.filled(bot)

    content = made(bot, "risks", "docx")

    [picture] = docx.Document(io.BytesIO(content)).inline_shapes
    alt = picture._inline.docPr.get("descr")  # noqa: SLF001 - python-docx does not read it
    assert "likelihood 4 and impact 4, Red: 2" in alt
    assert "Red: 2" in text(content)


@every_kind
def test_each_paper_says_whose_it_is(bot: Bot, kind: str) -> None:
    assert "Tower Hamlets Safeguarding Children Partnership" in text(made(bot, kind, "docx"))


def test_the_register_check_of_the_paper_names_an_owner_who_has_left(bot: Bot) -> None:
    papers.filled(bot)
    with database.transaction(bot.engine) as session:
        session.execute(update(people.Person).values(left_on=bot.clock.now.date()))

    *_, checked = tables(made(bot, "risks", "docx"))

    assert "The owner has left" in {row[0]: row[2] for row in checked[1:]}["RSK-2026-001"]


@every_kind
def test_each_paper_has_a_version_of_its_own(bot: Bot, kind: str) -> None:
    first, second = text(made(bot, kind, "docx")), text(made(bot, kind, "docx"))

    assert "version 2026-001" in first
    assert "version 2026-002" in second


ODD = "A\x00 bell\x07, <b>markup</b> & a\u2028line \U0001f600 ￾"


def test_words_that_xml_does_not_know_do_no_harm_to_a_paper(bot: Bot) -> None:
    who = bot.enrol(Role.CHAIR)
    papers.escalated(bot, number(bot, who), "Odd", issue=ODD.replace("\x00", ""))

    assert "&lt;b&gt;markup&lt;/b&gt; &amp; a" in text(made(bot, "escalations", "docx"))
    assert len(rows_of(made(bot, "escalations", "xlsx"))) == 2


# --- what is OFFICIAL-SENSITIVE ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["docx", "xlsx", "csv", "json"])
@every_kind
def test_the_words_of_what_is_sensitive_are_only_in_the_annex(bot: Bot, kind: str, form: str) -> None:
    papers.filled(bot)

    def words(*, annex: bool) -> str:
        content = made(bot, kind, form, annex=annex)
        return text(content) if form == "docx" else repr(rows_of(content)) if form == "xlsx" else content.decode()

    assert SECRET not in words(annex=False)
    assert "See confidential annex" in words(annex=False)
    assert SECRET in words(annex=True)
    assert "ESC-2026-001" not in words(annex=True)
    assert "RSK-2026-001" not in words(annex=True)


@every_kind
def test_the_annex_is_marked_on_every_page_and_its_making_is_in_the_audit_trail(bot: Bot, kind: str) -> None:
    papers.filled(bot)

    document = docx.Document(io.BytesIO(made(bot, kind, "docx", annex=True)))

    assert {one.header.paragraphs[0].text for one in document.sections} == {"OFFICIAL-SENSITIVE"}
    assert (bot.audited()[-1].action, bot.audited()[-1].subject, bot.audited()[-1].detail["annex"]) == (
        "exported", kind, True,
    )  # fmt: skip


MAY_ANNEX = {
    Role.MEMBER: False, Role.CHAIR: False, Role.COORDINATOR: True, Role.STRATEGY_MANAGER: True, Role.SCRUTINEER: True,
    Role.STATUTORY_PARTNER: True, Role.DATA_PROTECTION_OFFICER: False, Role.ADMIN: False,
}  # fmt: skip


@pytest.mark.parametrize("role", MAY_ANNEX)
def test_the_annex_is_given_to_cleared_roles_alone(bot: Bot, role: Role) -> None:
    papers.filled(bot)
    who = bot.enrol(role)

    card = bot.does(Request(who, route="papers.annex", value="escalations docx"))

    assert isinstance(card, Card)
    assert any(isinstance(one, Link) for one in card.actions) is MAY_ANNEX[role]


def test_who_lost_the_role_meanwhile_gets_no_annex(bot: Bot) -> None:
    who = bot.enrol(Role.STATUTORY_PARTNER)
    card = bot.does(Request(who, route="papers.annex", value="risks docx"))
    assert isinstance(card, Card)
    with database.transaction(bot.engine) as session:
        people.end_everything(session, number(bot, who), on=bot.clock.now.date())

    with pytest.raises(UserError):
        fetched(bot, card)


def test_the_making_of_an_annex_counts_only_what_is_in_it(bot: Bot) -> None:
    papers.filled(bot)

    made(bot, "risks", "docx", annex=True)

    assert bot.audited()[-1].detail["rows"] == 1


def test_whom_a_sensitive_challenge_is_put_to_is_not_in_the_register(bot: Bot) -> None:
    who = number(bot, papers.filled(bot))
    with database.transaction(bot.engine) as session:
        challenges.raise_one(
            session, ref="CHA-2026-001", raised_at=bot.clock.now, changed_at=bot.clock.now, raised_by=who,
            challenged="Example Hospital", challenge=SECRET, response_due=bot.clock.now.date(),
            marking="OFFICIAL-SENSITIVE",
        )  # fmt: skip

    assert "Example Hospital" not in text(made(bot, "risks", "docx"))
    assert "Example Hospital" in text(made(bot, "risks", "docx", annex=True))


# --- by word and by button ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["docx", "xlsx", "csv", "json"])
@every_kind
def test_a_word_gives_a_link_to_each_file(bot: Bot, kind: str, form: str) -> None:
    who = papers.filled(bot)

    file = fetched(bot, bot.types(f"export {kind} {form}", who=who))

    assert file.name == {"escalations": "escalation-tracker", "risks": "risk-register"}[kind] + f".{form}"
    assert file.content


def test_buttons_lead_to_the_paper_and_to_the_annex(bot: Bot) -> None:
    who = papers.filled(bot)

    formats = papers.pressed(bot, bot.types("export", who=who), "Escalation tracker", who)
    paper = fetched(bot, papers.pressed(bot, formats, "The paper, for Word", who))
    annex = fetched(bot, papers.pressed(bot, formats, "The confidential annex", who))

    assert SECRET not in text(bytes(paper.content, "utf-8") if isinstance(paper.content, str) else paper.content)
    assert "ANNEX-OFFICIAL-SENSITIVE" in annex.name


def test_a_member_sees_neither_the_annex_nor_that_there_is_one(bot: Bot) -> None:
    papers.filled(bot)

    card = bot.types("export escalations", who=bot.enrol(Role.MEMBER))

    assert "The confidential annex" not in labels(card)
    assert "Bring a file" not in labels(card)
    assert "SENSITIVE" not in said(card)


@pytest.mark.parametrize("value", ["", "people docx", "escalations exe", "risks"])
def test_a_file_that_is_not_made_is_explained(bot: Bot, value: str) -> None:
    card = bot.does(Request(bot.enrol(Role.COORDINATOR), route="papers.give", value=value))

    assert isinstance(card, Card)
    assert card.title == "I do not make such a file."


# --- exports for other programs ----------------------------------------------------------------------------------


def test_old_records_are_in_the_export_long_after_they_left_the_paper(bot: Bot) -> None:
    papers.filled(bot)
    bot.clock.pass_(days=timedelta(weeks=30).days)

    assert "A course that stopped" not in text(made(bot, "escalations", "docx"))
    assert "A course that stopped" in made(bot, "escalations", "csv").decode()


def test_a_stranger_gets_nothing(bot: Bot) -> None:
    card = bot.types("export escalations docx", who=Identity("test", "nobody"))

    assert not any(isinstance(one, Link) for one in card.actions)
