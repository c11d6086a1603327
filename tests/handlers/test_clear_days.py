"""Days to keep clear of: listed with their source, added by a form, taken away again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from db.calendar_days import CalendarDay
from db.people import Identity, Role
from handlers.context import House, Request
from handlers.messages import Card, Errors, Table
from tests.fakes import Bot, labels, said

HALF_TERM = {
    "kind": "holiday", "first": "2027-10-25", "last": "2027-10-29", "what": "Autumn half term",
    "source": "The council's page",
}  # fmt: skip


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one database only: what both have to do is in tests/db/test_year_plan.py."""
    return sqlite_engine


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, Role.COORDINATOR)


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def add(bot: Bot, keeper: Identity, **fields: str) -> Card | Errors:
    form = bot.opens(bot.types("clear days", who=keeper), "Add days", who=keeper)
    return bot.sends(form, who=keeper, **HALF_TERM | fields)


def test_days_are_added_listed_by_kind_with_their_source_and_taken_away(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper)
    add(bot, keeper, kind="religious", first="2027-05-16", last="2027-05-18", what="Eid al-Adha", source="A mosque")
    add(bot, keeper, kind="board", first="2027-06-15", last="", what="Adults Board", source="Its clerk")

    card = bot.types("clear days", who=keeper)
    assert rows(card) == [
        ("Another board", "Tue 15 June 2027", "Adults Board", "Its clerk"),
        ("School holiday", "Mon 25 October 2027 to Fri 29 October 2027", "Autumn half term", "The council's page"),
        ("Religious date", "Sun 16 May 2027 to Tue 18 May 2027", "Eid al-Adha", "A mosque"),
    ]
    form = bot.opens(card, "Take days away", who=keeper)
    [wanted] = [one.value for one in form.fields[0].choices if "Eid" in one.label]
    left = bot.sends(form, who=keeper, days=wanted)

    assert isinstance(left, Card)
    assert [row[2] for row in rows(left)] == ["Adults Board", "Autumn half term"]
    gone = bot.does(Request(keeper, route="clear.remove", fields={"days": wanted}))
    assert "not on the list any more" in said(gone) if isinstance(gone, Card) else False
    assert [one.action for one in bot.audited()][-1] == "took away days to keep clear of"


WRONG = {
    "no kind": ({"kind": "wedding"}, "kind", "choose a kind"),
    "no day": ({"first": ""}, "first", "first day"),
    "no such day": ({"first": "2027-02-30"}, "first", "a day such as"),
    "a wrong last day": ({"last": "soon"}, "last", "a day such as"),
    "the wrong way round": ({"last": "2027-10-01"}, "last", "before the first day"),
    "far too long": ({"last": "2028-10-29"}, "last", "Is a day wrong"),
    "no name": ({"what": " "}, "what", "what it is"),
    "a long name": ({"what": "holiday " * 20}, "what", "at most 100"),
    "no source": ({"source": ""}, "source", "where you read it"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_at_its_box_and_nothing_is_kept(bot: Bot, keeper: Identity, wrong: str) -> None:
    fields, box, words = WRONG[wrong]

    errors = add(bot, keeper, **fields)

    assert isinstance(errors, Errors)
    assert words in errors.by_field[box]
    assert bot.counted(CalendarDay) == 0


def test_the_same_days_are_not_kept_twice(bot: Bot, keeper: Identity) -> None:
    add(bot, keeper)

    errors = add(bot, keeper)

    assert isinstance(errors, Errors)
    assert "on the list already" in errors.by_field["what"]


def test_days_that_are_over_are_not_listed_and_many_come_page_by_page(bot: Bot, keeper: Identity) -> None:
    for number in range(1, 18):
        add(bot, keeper, first=f"2027-01-{number:02}", last="", what=f"Day off {number}")

    card = bot.types("clear days", who=keeper)
    assert len(rows(card)) == 15
    further = bot.presses(card, "More days", who=keeper)
    assert isinstance(further, Card)
    assert [row[2] for row in rows(further)] == ["Day off 16", "Day off 17"]
    bot.clock.pass_(days=55)
    assert rows(bot.types("clear days", who=keeper))[0][2] == "Day off 15"


def test_a_detail_of_a_child_is_not_kept_as_the_name_of_a_day(bot: Bot, keeper: Identity) -> None:
    errors = add(bot, keeper, what="NHS number 999 787 7896")

    assert isinstance(errors, Errors)
    assert bot.counted(CalendarDay) == 0


def test_only_the_words_themselves_are_taken(bot: Bot, keeper: Identity) -> None:
    assert bot.types("clear days", who=keeper).title == "Days to keep clear of"
    assert bot.types("clear thresholds", who=keeper).title != "Days to keep clear of"


class TestHolidaysOfTheSettings:
    """Days that stand in the settings count as loaded."""

    @pytest.fixture
    def house(self) -> House:
        return House(school_holidays=((date(2027, 5, 3), date(2027, 5, 31)), (date(2026, 10, 26), date(2026, 10, 30))))

    def test_they_are_listed_and_the_plan_keeps_clear_of_them(self, bot: Bot, keeper: Identity) -> None:
        card = bot.types("clear days", who=keeper)
        assert rows(card) == [
            (
                "School holiday", "Mon 3 May 2027 to Mon 31 May 2027", "School holidays",
                "The settings of this service",
            )
        ]  # fmt: skip
        assert "Take days away" not in labels(card)

        plan = bot.types("plan year", who=keeper)

        [executive] = [row for row in rows(plan) if row[1].startswith("Executive. The section 11")]
        assert "School holidays: school holidays of the settings" in executive[2]
        assert "No school term dates" not in said(plan)
