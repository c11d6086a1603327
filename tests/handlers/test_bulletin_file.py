"""A bulletin as a Markdown file: read, written and read again, and refused with the line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import engine as database
from db.people import Agency, Identity, Role
from handlers import files
from handlers.bulletins import by_file, markdown_file
from handlers.bulletins.draft import Draft
from handlers.bulletins.kinds import KINDS
from handlers.bulletins.markdown_file import MarkdownError
from handlers.context import Context, House, UserError
from handlers.messages import Card, Link
from tests.fakes import Bot, said

FILE = """---
kind: monthly
title: "New guide: neglect"
audience: Everybody
picture: https://example.org/park.png
picture_words: A park
needs_reading: yes
---

## This month

- What: the guide is new.
- Why now: it is winter.

## Useful links and feedback
Read [the guide](https://example.org/guide).

\\# is the number sign.
"""
READ = Draft(
    ref="",
    kind="monthly",
    title="New guide: neglect",
    sections={
        "headline": "- What: the guide is new.\n- Why now: it is winter.",
        "links": "Read [the guide](https://example.org/guide).\n\n# is the number sign.",
    },
    image_url="https://example.org/park.png",
    image_alt="A park",
    needs_reading=True,
    audience_words="Everybody",
)


def test_a_file_is_read_as_it_was_written() -> None:
    assert markdown_file.read(FILE) == READ


SAVED_ELSEWHERE = {
    "with line ends of Windows": FILE.replace("\n", "\r\n"),
    "with a byte-order mark": f"\ufeff{FILE}",
    "without a last line end": FILE.rstrip("\n"),
    "with keys for headings": FILE.replace("## This month", "## headline"),
    "with other capitals": FILE.replace("## This month", "## this MONTH ##"),
    "with a title in no quotation marks": FILE.replace('"New guide: neglect"', "New guide: neglect"),
    "with a title in others": FILE.replace('"New guide: neglect"', "'New guide: neglect'"),
    "with a character that nobody sees": FILE.replace("winter", "win\u200bter\x00"),
}


@pytest.mark.parametrize("text", SAVED_ELSEWHERE.values(), ids=SAVED_ELSEWHERE)
def test_it_does_not_matter_which_program_saved_it(text: str) -> None:
    assert markdown_file.read(text) == READ


WRONG = {
    "empty": ("", 1, "Begin the file with a line of ---"),
    "no front matter": ("## This month\nNews.", 1, "Begin the file with a line of ---"),
    "no end of the front matter": ("---\nkind: monthly\n", 1, "no end"),
    "a line of front matter that is none": (FILE.replace("kind: monthly", "monthly"), 2, "a name, a colon and a value"),
    "a name twice": (FILE.replace("picture:", "title:"), 5, "a second time"),
    "an unknown name": (FILE.replace("picture_words", "picture_alt"), 6, "or 'picture_words'"),
    "no kind": (FILE.replace("kind: monthly\n", ""), 1, "There is no kind"),
    "no title": (FILE.replace('"New guide: neglect"', ""), 3, "There is no title"),
    "a title that is too long": (FILE.replace("New guide", "n" * 100), 3, "over 100 characters"),
    "an unknown kind": (FILE.replace("monthly", "montly"), 2, "Did you mean 'monthly'"),
    "perhaps to be read": (FILE.replace("needs_reading: yes", "needs_reading: maybe"), 7, "yes, or no"),
    "an unknown heading": (FILE.replace("This month", "This moth"), 10, "Did you mean 'This month'"),
    "a heading of another level": (FILE.replace("## This", "# This"), 10, "two marks: ## This month"),
    "a heading twice": (FILE.replace("Useful links and feedback", "This month"), 15, "a second time"),
    "a standing section": (FILE.replace("This month", "If you are worried about a child"), 10, "added by itself"),
    "words under no heading": (FILE.replace("## This month", "News."), 10, "stand under no heading"),
    "a section that is too long": (FILE.replace("it is winter", "w" * 3_001), 10, "may have 3,000"),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_named_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(MarkdownError) as error:
        markdown_file.read(text)

    assert error.value.line == line
    assert message in error.value.message
    assert str(error.value).startswith(f"Line {line}: ")


_LINES = st.text(alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=80)
_TEXTS = st.lists(_LINES | _LINES.map(lambda line: f"## {line}") | st.just("---") | st.just("\\# no"), max_size=8)


@given(st.sampled_from(list(KINDS)), _LINES, _LINES, st.booleans(), st.data())
def test_what_is_written_is_read_back_the_same(
    kind: str, title: str, alt: str, reading: bool, data: st.DataObject
) -> None:
    sections = {
        section.key: "\n".join(data.draw(_TEXTS)).strip()[: section.max_length].strip()
        for section in KINDS[kind].written
    }
    draft = Draft(
        ref="",
        kind=kind,
        title=" ".join(title.split()) or "Untitled",  # one line of the file has one kind of space
        sections={key: text for key, text in sections.items() if text},
        image_alt=" ".join(alt.split()),
        needs_reading=reading,
        audience_words="Groups: Delivery Group",
    )

    assert markdown_file.read(markdown_file.write(draft)) == draft


# --- brought and fetched ---------------------------------------------------------------------------------------


@pytest.fixture
def house() -> House:
    return House(public_url="https://bot.example", reached=frozenset({"test"}))


@pytest.fixture
def author(bot: Bot) -> Identity:
    return bot.enrol(Role.COORDINATOR, name="Nico Invented")


def brought(bot: Bot, text: str | bytes) -> Card:
    """Bring a file as the first person who was enrolled."""
    content = text if isinstance(text, bytes) else text.encode()

    def take(context: Context) -> Card:
        return by_file.take(context, 1, "bulletin.md", content)

    return bot.dispatcher.within(take)


def presses(bot: Bot, card: Card, label: str, who: Identity) -> Card:
    """Press a button that leads to a card."""
    found = bot.presses(card, label, who=who)
    assert isinstance(found, Card), found
    return found


def test_a_file_becomes_a_draft_of_the_one_who_brought_it(bot: Bot, author: Identity) -> None:
    card = brought(bot, FILE)

    assert card.title == "BUL-2026-001: New guide: neglect"
    assert "Nico Invented" in said(card)
    sections = bot.presses(presses(bot, card, "Write the sections", author), "This month", who=author)
    assert "Why now: it is winter." in said(sections)
    assert bot.audited()[-1].subject == "BUL-2026-001"


NOT_TAKEN = {
    "a broken line": (FILE.replace("This month", "This moth"), "Line 10:"),
    "another alphabet": (b"---\nkind: monthly\ntitle: caf\xe9\n---\n", "Line 3: A character is not UTF-8"),
    "readers that there are not": (FILE.replace("Everybody", "Delivery Gruop"), "Line 4: There is no group"),
}


@pytest.mark.parametrize(("text", "problem"), NOT_TAKEN.values(), ids=NOT_TAKEN)
@pytest.mark.usefixtures("author")
def test_a_file_that_cannot_be_read_is_refused_with_its_line_and_nothing_is_saved(
    bot: Bot, text: str | bytes, problem: str
) -> None:
    with pytest.raises(UserError, match=problem) as error:
        brought(bot, text)

    assert "your file is as it was" in error.value.hint
    assert "BUL" not in str(bot.audited())


@pytest.mark.usefixtures("author")
def test_readers_are_taken_by_the_names_of_agencies_and_roles(bot: Bot) -> None:
    with database.transaction(bot.engine) as session:
        session.add(Agency(name="Police, Met"))

    card = brought(bot, FILE.replace("Everybody", "police, met, chair; Roles: member"))

    assert "Agencies: Police, Met; Roles: chair, member" in said(card)


def test_a_draft_can_be_fetched_as_a_file_and_brought_back(bot: Bot, author: Identity) -> None:
    card = brought(bot, FILE)
    preview = presses(bot, card, "Preview", author)
    offer = presses(bot, preview, "As a file", author)
    (link,) = offer.actions
    assert isinstance(link, Link)

    found = bot.dispatcher.within(lambda context: files.DOWNLOADS["bulletin-draft"].make(context, "1", 1))

    assert found.name == "bul-2026-001.md"
    assert markdown_file.read(str(found.content)) == replace(READ, audience_words="Everybody enrolled")
    assert brought(bot, str(found.content)).title == "BUL-2026-002: New guide: neglect"
