"""Lists of escalations, risks and challenges: what they show to whom, in which order, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from db.people import Identity, Role
from handlers.context import Request
from handlers.messages import Card, Errors, Table, Text
from tests.fakes import STRANGER, Bot, button_of, labels, said
from tests.registers.shelves import Shelf, asked

LISTS = ("escalations", "risks", "challenges")
SOMEDAY = date(2027, 6, 1)


@pytest.fixture
def shelf(bot: Bot) -> Shelf:
    return Shelf(bot)


@pytest.fixture
def member(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Robin Invented")


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def refs(card: Card) -> list[str]:
    return [row[0] for row in rows(card)]


def day(bot: Bot, days: int) -> date:
    return bot.clock.now.date() + timedelta(days=days)


# --- what is listed --------------------------------------------------------------------------------------------


def test_escalations_are_listed_by_what_they_are_narrowed_to(bot: Bot, shelf: Shelf, member: Identity) -> None:
    shelf.sits(member)
    shelf.escalation("elsewhere, new", group="Learning Group")
    shelf.escalation("late for triage", days_ago=10, group="Learning Group")
    shelf.escalation("old", days_ago=91, status="in-action")
    shelf.escalation("not so old", days_ago=90, status="in-action", group="Learning Group")
    shelf.escalation("due at the meeting", status="accepted", response_due=day(bot, 14), group="Learning Group")
    shelf.escalation("due later", status="accepted", response_due=day(bot, 15), group="Learning Group")
    shelf.escalation("no answer yet", status="with-executive", response_due=day(bot, -1), group="Learning Group")
    shelf.escalation("untold", status="responded", decided_at=bot.clock.now - timedelta(days=10), group="Other Group")
    shelf.escalation("told", status="responded", decided_at=bot.clock.now - timedelta(days=10),
                     feedback_to_group_at=bot.clock.now, group="Other Group")  # fmt: skip
    shelf.escalation("over", status="closed", response_due=day(bot, -9), raised_by=shelf.person(member))
    shelf.escalation("draft of mine", status="draft", raised_by=shelf.person(member))
    shelf.escalation("draft of another", status="draft")
    expected = {
        "": {"elsewhere, new", "late for triage", "old", "not so old", "due at the meeting", "due later",
             "no answer yet", "untold", "told"},
        "open": {"elsewhere, new", "late for triage", "old", "not so old", "due at the meeting", "due later",
                 "no answer yet", "untold", "told"},
        "mine": {"over", "draft of mine"},
        "my group's": {"old", "over", "draft of mine"},
        "red": {"old"},
        "due": {"elsewhere, new", "late for triage", "due at the meeting", "no answer yet", "untold"},
        "overdue": {"late for triage", "no answer yet", "untold"},
        "closed": {"over"},
        "find late": {"late for triage", "due later"},
        "find LATE triage": {"late for triage"},
        "overdue find triage": {"late for triage"},
        "open find over": set(),
    }  # fmt: skip

    found = {which: {row[1] for row in rows(bot.types(f"escalations {which}", who=member))} for which in expected}

    assert found == expected


def test_risks_are_listed_by_what_they_are_narrowed_to(bot: Bot, shelf: Shelf, member: Identity) -> None:
    me = shelf.person(member)
    shelf.sits(member)
    shelf.risk("new alert", status="alert")
    shelf.risk("alert that waits", status="alert", days_ago=20)
    shelf.risk("red", score=(3, 5), next_review=SOMEDAY)
    shelf.risk("worse", score=(5, 5), next_review=SOMEDAY, lead_group_id=shelf.group)
    shelf.risk("almost red", score=(3, 4), next_review=SOMEDAY, owner_id=me)
    shelf.risk("to review", next_review=day(bot, 14))
    shelf.risk("review overdue", next_review=day(bot, -1), status="escalated")
    shelf.risk("accepted too long", status="accepted", next_review=SOMEDAY, acceptance_expiry=day(bot, -1))
    shelf.risk("was red", status="closed", score=(5, 5), raised_by=me, next_review=day(bot, -1))
    expected = {
        "open": ["worse", "red", "almost red", "accepted too long", "review overdue", "to review", "alert that waits",
                 "new alert"],
        "mine": ["almost red", "was red"],
        "group": ["worse"],
        "red": ["worse", "red"],
        "due": ["alert that waits", "new alert", "review overdue", "to review", "accepted too long"],
        "overdue": ["alert that waits", "review overdue", "accepted too long"],
        "closed": ["was red"],
        "find red": ["red", "almost red", "was red"],
    }  # fmt: skip

    found = {which: [row[1] for row in rows(bot.types(f"risks {which}", who=member))] for which in expected}

    assert {which: sorted(names) for which, names in found.items()} == {
        which: sorted(names) for which, names in expected.items()
    }
    for which in ("open", "red"):
        assert found[which][:2] == ["worse", "red"]


def test_challenges_are_listed_by_what_they_are_narrowed_to(bot: Bot, shelf: Shelf, member: Identity) -> None:
    me = shelf.person(member)
    shelf.sits(member)
    led = shelf.risk("led by my group", lead_group_id=shelf.group)
    shelf.challenge("housing", due_in=14, linked_risk=led)
    shelf.challenge("police", due_in=-1, owner_id=me)
    shelf.challenge("schools", due_in=15, raised_by=me)
    shelf.challenge("health", due_in=-1, status="answered")
    shelf.challenge("leisure", due_in=-1, status="closed")
    expected = {
        "": ["health", "housing", "police", "schools"],
        "mine": ["police", "schools"],
        "my groups": ["housing"],
        "due": ["housing", "police"],
        "overdue": ["police"],
        "closed": ["leisure"],
        "find hous": ["housing"],
    }

    found = {
        which: sorted(row[1].partition(":")[0] for row in rows(bot.types(f"challenges {which}", who=member)))
        for which in expected
    }

    assert found == expected


def test_a_row_says_state_colour_and_what_is_overdue_in_words(bot: Bot, shelf: Shelf, member: Identity) -> None:
    shelf.escalation("Old", days_ago=200, status="with-executive", urgency="urgent", response_due=day(bot, -1))
    shelf.risk("Bad", score=(4, 4), next_review=day(bot, 3))

    (escalation,) = rows(bot.types("escalations", who=member))
    (risk,) = rows(bot.types("risks", who=member))

    assert escalation[2:] == ("With the Executive, urgent, red: open too long", "20 Nov 2026 (overdue)")
    assert risk[2] == "16, Red; on the register"
    assert risk[3] == "24 Nov 2026"


def test_signs_that_databases_take_for_any_text_are_only_signs(bot: Bot, shelf: Shelf, member: Identity) -> None:
    shelf.risk("Half of the posts")
    shelf.risk("100% of the posts_")

    for word in ("100%", "posts_", "%"):
        assert [row[1] for row in rows(bot.types(f"risks find {word}", who=member))] == ["100% of the posts_"]


# --- who sees what ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["open", "all", "red", "due", "overdue", "find secret"])
def test_what_one_may_not_read_is_neither_shown_nor_counted(
    bot: Bot, shelf: Shelf, member: Identity, which: str
) -> None:
    names = [name for name in LISTS if name != "challenges" or which != "red"]
    before = [said(bot.types(f"{name} {which}", who=member)) for name in names]

    hidden: dict[str, Any] = {"marking": "OFFICIAL-SENSITIVE"}
    shelf.escalation("secret", days_ago=200, status="with-executive", response_due=day(bot, -1), **hidden)
    shelf.escalation("secret draft", status="draft")
    shelf.risk("secret", score=(5, 5), next_review=day(bot, -1), **hidden)
    shelf.challenge("secret", due_in=-1, **hidden)

    assert [said(bot.types(f"{name} {which}", who=member)) for name in names] == before


def test_those_who_are_cleared_see_it(bot: Bot, shelf: Shelf) -> None:
    partner = bot.enrol(Role.STATUTORY_PARTNER)
    shelf.escalation("secret", marking="OFFICIAL-SENSITIVE")
    shelf.risk("secret", marking="OFFICIAL-SENSITIVE")
    shelf.challenge("secret", marking="OFFICIAL-SENSITIVE")

    assert [len(rows(bot.types(name, who=partner))) for name in LISTS] == [1, 1, 1]


@pytest.mark.parametrize("name", [*LISTS, "my"])
def test_a_stranger_is_told_how_to_enrol_and_nothing_else(bot: Bot, shelf: Shelf, name: str) -> None:
    shelf.risk("Bad")

    assert "I do not know you yet" in said(bot.types(name, who=STRANGER))


# --- page by page ----------------------------------------------------------------------------------------------


def test_pages_show_every_record_once(bot: Bot, shelf: Shelf, member: Identity) -> None:
    kept = [shelf.risk(f"Risk {number}") for number in range(23)]

    card, seen = bot.types("risks", who=member), list[str]()
    seen += refs(card)
    while "More" in labels(card):
        following = bot.presses(card, "More", who=member)
        assert isinstance(following, Card)
        card = following
        seen += refs(card)

    assert sorted(seen) == sorted(kept)
    assert "21 to 23 of 23" in said(card)
    assert refs(bot.presses(card, "Back to the first", who=member)) == seen[:10]  # type: ignore[arg-type]


def test_words_are_kept_from_page_to_page(bot: Bot, shelf: Shelf, member: Identity) -> None:
    for number in range(11):
        shelf.risk(f"Visits {number}")
        shelf.risk(f"Posts {number}")

    card = bot.presses(bot.types("risks find visits", who=member), "More", who=member)

    assert isinstance(card, Card)
    assert [row[1][:6] for row in rows(card)] == ["Visits"]
    assert "11 to 11 of 11" in said(card)


@pytest.mark.parametrize("name", LISTS)
def test_no_card_has_more_buttons_than_platforms_show(bot: Bot, shelf: Shelf, name: str) -> None:
    who = bot.enrol(*Role)
    for number in range(25):
        assert len(bot.types(name, who=who).actions) <= 6
        shelf.escalation(f"One {number}")
        shelf.risk(f"One {number}")
        shelf.challenge(f"one {number}")
    card = bot.presses(bot.types(name, who=who), "More", who=who)

    assert isinstance(card, Card)
    assert {"Open one", "More", "Filter or find"} <= set(labels(card))
    assert len(card.actions) <= 6


@pytest.mark.parametrize("value", ["", "risks", "risks|x|y|z", "nothing|open|0|", "risks|open|99999999999|", "|||||"])
def test_a_value_that_was_tampered_with_shows_a_list_or_says_what_to_type(
    bot: Bot, shelf: Shelf, member: Identity, value: str
) -> None:
    shelf.risk("Bad")

    card = bot.does(Request(member, route="lists.show", value=value))

    assert isinstance(card, Card)
    assert "Open risks" in card.title or "escalations, risks or challenges" in said(card)


# --- opening one -----------------------------------------------------------------------------------------------


def test_few_records_are_opened_by_their_buttons(bot: Bot, shelf: Shelf, member: Identity) -> None:
    for name, ref in zip(LISTS, (shelf.escalation("One"), shelf.risk("One"), shelf.challenge("one")), strict=True):
        card = bot.presses(bot.types(name, who=member), f"Open {ref}", who=member)

        assert isinstance(card, Card)
        assert card.title.startswith(ref)


@pytest.mark.parametrize("name", LISTS)
def test_many_records_are_opened_by_a_form(bot: Bot, shelf: Shelf, member: Identity, name: str) -> None:
    kinds: dict[str, Callable[[str], str]] = {
        "escalations": shelf.escalation, "risks": shelf.risk, "challenges": shelf.challenge
    }  # fmt: skip
    keep = kinds[name]
    kept = [keep(f"one {number}") for number in range(12)]

    card = bot.presses(bot.types(name, who=member), "More", who=member)
    assert isinstance(card, Card)
    form = bot.opens(card, "Open one", who=member) if "Open one" in labels(card) else None
    first = bot.opens(bot.types(name, who=member), "Open one", who=member)
    opened = bot.sends(first, who=member, ref=first.fields[0].choices[3].value)

    assert form is None
    assert len(first.fields[0].choices) == 10
    assert isinstance(opened, Card)
    assert opened.title[:12] in kept


def test_a_reference_after_the_word_opens_that_record(bot: Bot, shelf: Shelf, member: Identity) -> None:
    ref = shelf.risk("One")

    assert bot.types(f"risks {ref.lower()}", who=member).title.startswith(ref)


def test_the_form_opens_nothing_that_one_may_not_read(bot: Bot, shelf: Shelf, member: Identity) -> None:
    hidden = shelf.risk("secret", marking="OFFICIAL-SENSITIVE")

    there, not_there = (
        bot.does(Request(member, route="lists.chosen", value="risks", fields={"ref": ref}, key=ref))
        for ref in (hidden, "RSK-2026-901")
    )

    assert there == not_there
    assert "I cannot find that record" in said(there)  # type: ignore[arg-type]


@pytest.mark.parametrize("ref", ["", "map", "red", "nonsense", "ESC-2026-001"])
def test_what_is_no_reference_of_the_list_stays_in_the_form(bot: Bot, member: Identity, ref: str) -> None:
    reply = bot.does(Request(member, route="lists.chosen", value="risks", fields={"ref": ref}, key="form:1"))

    assert isinstance(reply, Errors)


# --- filtering by a form ---------------------------------------------------------------------------------------


def test_the_form_lists_what_is_asked_for(bot: Bot, shelf: Shelf, member: Identity) -> None:
    shelf.risk("Visits are missed", score=(5, 5))
    shelf.risk("Posts are empty", score=(5, 5))
    form = bot.opens(bot.types("risks", who=member), "Filter or find", who=member)

    card = bot.sends(form, who=member, which="red", words="  missed ")

    assert isinstance(card, Card)
    assert [row[1] for row in rows(card)] == ["Visits are missed"]
    assert bot.opens(card, "Filter or find", who=member).fields[1].value == "missed"


@pytest.mark.parametrize(
    ("fields", "box"), [({"which": "secret"}, "which"), ({"words": "x" * 81}, "words")], ids=["unknown", "too long"]
)
def test_what_the_form_cannot_take_is_said_at_its_box(
    bot: Bot, member: Identity, fields: dict[str, str], box: str
) -> None:
    form = bot.opens(bot.types("challenges", who=member), "Filter or find", who=member)

    errors = bot.sends(form, who=member, **fields)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == [box]


def test_words_of_a_question_do_not_make_a_list(bot: Bot, member: Identity) -> None:
    for question in (
        "risks of private fostering",
        "risks assessment for a school trip",
        "escalations between agencies",
    ):
        assert rows(bot.types(question, who=member)) == []
        assert not bot.types(question, who=member).title.startswith(("Open risks", "Open escalations"))


def test_the_map_is_reached_by_word_and_by_button(bot: Bot, shelf: Shelf, member: Identity) -> None:
    shelf.risk("Bad", next_review=SOMEDAY)

    assert bot.types("risks map", who=member).title == "Heat map of risks"
    assert button_of(bot.types("risks", who=member), "Heat map").action == "heatmap.show"


def test_what_is_empty_says_so(bot: Bot, member: Identity) -> None:
    for name in LISTS:
        (text,) = bot.types(name, who=member).body
        assert isinstance(text, Text)
        assert "There are none" in text.markdown


# --- how much the database is asked ----------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["open", "mine", "group", "due", "overdue", "all", "find one"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_the_database_as_often_however_much_there_is(
    bot: Bot, shelf: Shelf, member: Identity, name: str, which: str
) -> None:
    def fill(many: int) -> None:
        for _ in range(many):
            shelf.escalation("one", raised_by=shelf.person(member))
            shelf.risk("one", raised_by=shelf.person(member), next_review=day(bot, -1))
            shelf.challenge("one", raised_by=shelf.person(member), due_in=-1)

    shelf.sits(member)
    counts = []
    for many in (3, 12):
        fill(many)
        with asked(bot.engine) as statements:
            bot.types(f"{name} {which}", who=member)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 15
