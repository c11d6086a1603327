"""Files with days to keep clear of: shown before they are taken over, refused as a whole for any mistake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.calendar_days import CalendarDay
from db.people import Identity, Role
from handlers import uploads
from handlers.context import Request, UserError
from handlers.files import UPLOADS
from handlers.messages import Card, Link, Table
from tests.fakes import Bot, labels, said
from tests.papers import workbook

TERMS = """kind,first,last,what,source
term,2027-09-01,2027-10-22,"Autumn term, first half",The council's page
term,2027-11-01,2027-12-17,"Autumn term, second half",The council's page
term,2028-01-04,2028-02-11,"Spring term, first half",The council's page
religious,2028-01-28,2028-02-25,Ramadan,A mosque
board,2027-09-15,,Adults Board,Its clerk
"""
EVENTS = (
    ("Autumn half term", ";VALUE=DATE:20271025", ";VALUE=DATE:20271030", ""),
    ("Eid al-Fitr", ";VALUE=DATE:20280226", ";VALUE=DATE:20280228", ""),
    ("Health and Wellbeing Board", ";TZID=GMT Standard Time:20270615T140000", ":20270615T150000Z", ""),
    ("Health and Wellbeing Board", ":20270915T230000Z", ":20270916T000000Z", ""),
    ("Cabinet", ":20271001T100000Z", ":20271001T110000Z", "STATUS:CANCELLED\r\n"),
)


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one database only: what both have to do is in tests/db/test_year_plan.py."""
    return sqlite_engine


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, Role.COORDINATOR)


def calendar(events: Sequence[tuple[str, str, str, str]] = EVENTS) -> bytes:
    made = "".join(
        f"BEGIN:VEVENT\r\nSUMMARY:{what}\r\nDTSTART{first}\r\nDTEND{last}\r\n{more}END:VEVENT\r\n"
        for what, first, last, more in events
    )
    return f"BEGIN:VCALENDAR\r\n{made}END:VCALENDAR\r\n".encode()


def brings(bot: Bot, who: Identity, content: str | bytes, name: str = "days.csv") -> Card:
    """Bring a file as somebody does with the browser, with its words looked at."""
    data = content.encode() if isinstance(content, str) else content
    page = bot.presses(bot.types("clear days", who=who), "Bring a file", who=who)
    assert isinstance(page, Card)
    [link] = (one for one in page.actions if isinstance(one, Link))
    parts = uploads.pieces(UPLOADS["days"], name, data)
    refused = uploads.refusal(UPLOADS["days"], parts, bot.dispatcher.screen_text, {})
    if refused is not None:
        return refused[0]
    token = link.url.rpartition("/")[2]
    return bot.dispatcher.within(lambda context: uploads.take(context, token, name, data))


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def kept(bot: Bot) -> list[tuple[str, date, date, str, str]]:
    with Session(bot.engine) as session:
        found = session.scalars(select(CalendarDay).order_by(CalendarDay.first_on))
        return [(one.kind, one.first_on, one.last_on, one.what, one.source) for one in found]


def press(bot: Bot, card: Card, label: str, who: Identity) -> Card:
    found = bot.presses(card, label, who=who)
    assert isinstance(found, Card)
    return found


def test_terms_become_the_holidays_between_them_and_the_preview_says_so(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, TERMS)

    assert "The file gives 3 terms. I made the days between terms into holidays" in said(card)
    assert [row[1:] for row in rows(card) if row[0] == "School holiday"] == [
        (
            "Sat 23 October 2027 to Sun 31 October 2027", "Holidays between terms, before Autumn term, second half",
            "New",
        ),
        (
            "Sat 18 December 2027 to Mon 3 January 2028", "Holidays between terms, before Spring term, first half",
            "New",
        ),
    ]  # fmt: skip
    assert kept(bot) == []
    done = press(bot, card, "Take it over", keeper)

    assert done.title == "4 added"
    assert ("board", date(2027, 9, 15), date(2027, 9, 15), "Adults Board", "Its clerk") in kept(bot)


def test_a_file_that_was_taken_over_changes_nothing_when_it_comes_again(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, TERMS)
    press(bot, card, "Take it over", keeper)

    assert "not here any more" in press(bot, card, "Take it over", keeper).title
    again = brings(bot, keeper, TERMS)

    assert again.title == "Nothing would change"
    assert {row[3] for row in rows(again)} == {"There already"}
    assert len(kept(bot)) == 4


def test_what_overlaps_days_that_are_there_is_shown(bot: Bot, keeper: Identity) -> None:
    press(bot, brings(bot, keeper, TERMS), "Take it over", keeper)

    card = brings(bot, keeper, "kind,first,last,what\nholiday,2027-10-25,2027-10-29,Half term\n")

    [row] = rows(card)
    assert row[3].startswith("Overlaps Holidays between terms, before Autumn term, second half, Sat 23 October 2027")


def test_a_file_may_be_left_alone_and_only_its_bringer_takes_it_over(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, TERMS)
    other = bot.enrol(Role.COORDINATOR)

    assert "not here any more" in press(bot, card, "Take it over", other).title
    press(bot, card, "Do not", other)
    assert press(bot, card, "Do not", keeper).title == "Nothing was changed"

    assert "not here any more" in press(bot, card, "Take it over", keeper).title
    assert kept(bot) == []


def test_a_workbook_is_read_with_headings_of_its_own_and_kinds_are_told_by_names(bot: Bot, keeper: Identity) -> None:
    data = workbook([
        ("Event", "Start date", "End date"),
        ("Summer holidays", date(2027, 7, 22), date(2027, 8, 31)),
        ("Eid al-Adha", "16 May 2027", "18/05/2027"),
        ("Community Safety Partnership", date(2027, 6, 15), None),
    ])  # fmt: skip

    card = brings(bot, keeper, data, "days.xlsx")

    assert [(row[0], row[2]) for row in rows(card)] == [
        ("Religious date", "Eid al-Adha"),
        ("Another board", "Community Safety Partnership"),
        ("School holiday", "Summer holidays"),
    ]
    press(bot, card, "Take it over", keeper)
    assert {source for *_, source in kept(bot)} == {"A file brought on 21 November 2026"}


def test_a_calendar_is_read_in_london_days_without_what_was_cancelled(bot: Bot, keeper: Identity) -> None:
    card = brings(bot, keeper, calendar(), "days.ics")

    assert [(row[0], row[1]) for row in rows(card)] == [
        ("Another board", "Tue 15 June 2027"),
        ("Another board", "Thu 16 September 2027"),
        ("School holiday", "Mon 25 October 2027 to Fri 29 October 2027"),
        ("Religious date", "Sat 26 February 2028 to Sun 27 February 2028"),
    ]
    assert press(bot, card, "Take it over", keeper).title == "4 added"


def test_holidays_inside_a_term_are_no_contradiction_and_a_given_holiday_is_not_made_again(
    bot: Bot, keeper: Identity
) -> None:
    card = brings(
        bot,
        keeper,
        "kind,first,last,what\nterm,2027-09-01,2027-12-17,Autumn\nholiday,2027-10-25,2027-10-29,Half term\n"
        "term,2028-01-04,2028-03-31,Spring\nholiday,2027-12-18,2028-01-03,Christmas\n",
    )

    assert [row[2] for row in rows(card)] == ["Half term", "Christmas"]


HEAD = "kind,first,last,what\n"
REFUSED = {
    "terms that overlap": (
        "term,2027-09-01,2027-10-22,First\nterm,2027-10-20,2027-12-17,Second\n",
        "Row 2, First: It overlaps row 3, Second",
    ),
    "holidays that overlap": (
        "holiday,2027-10-25,2027-10-29,Half term\nholiday,2027-10-29,2027-10-30,Long weekend\n",
        "Row 2, Half term: It overlaps row 3, Long weekend",
    ),
    "a holiday over the end of a term": (
        "term,2027-09-01,2027-12-17,Autumn\nholiday,2027-12-10,2027-12-31,Christmas\n",
        "Row 3, Christmas: It overlaps row 2, Autumn",
    ),
    "no such day": ("holiday,2027-02-30,,Half term\n", "Row 2, first: Put a day such as"),
    "the wrong way round": ("holiday,2027-10-29,2027-10-25,Half term\n", "before the first day"),
    "a kind that there is not": ("wedding,2027-10-29,,Sam\n", "Row 2, kind: Put holiday"),
    "a kind that nothing tells": (",2027-10-29,,Something\n", "Row 2, kind: Put holiday"),
    "a holiday of a year": ("holiday,2027-01-01,2027-12-31,Long\n", "Is a day wrong"),
    "a term of a year": ("term,2027-01-01,2027-12-31,Long\n", "A term has at most"),
    "no name": ("holiday,2027-10-29,,\n", "Row 2, what"),
    "a formula": ("holiday,=1+1,,Half term\n", "formula"),
    "one term alone": ("term,2027-09-01,2027-12-17,Autumn\n", "no holiday between terms"),
    "nothing": ("", "no days"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_file_with_a_mistake_is_refused_with_its_rows_and_nothing_is_taken(
    bot: Bot, keeper: Identity, why: str
) -> None:
    lines, words = REFUSED[why]

    with pytest.raises(UserError) as refused:
        brings(bot, keeper, HEAD + lines)

    assert words in f"{refused.value} {refused.value.hint}"
    assert kept(bot) == []


HOSTILE = {
    "repeating for ever": (calendar([("Board", ":20270101T000000Z", ":20270101T000100Z", "RRULE:FREQ=SECONDLY\r\n")])),
    "a script": calendar([("<script>alert(1)</script> Board", ":20270101T000000Z", ":20270101T000100Z", "")]),
    "an unknown zone": calendar([("Board", ";TZID=Mars:20270101T000000", ":20270102T000000Z", "")]),
    "no kind": calendar([("Something", ":20270101T000000Z", ":20270101T000100Z", "")]),
    "no title": calendar([("", ":20270101T000000Z", ":20270101T000100Z", "")]),
    "not a calendar": b"hello",
    "too many": calendar(EVENTS * 300),
    "not text": b"BEGIN:VCALENDAR\xff\xfe",
}


@pytest.mark.parametrize("why", HOSTILE)
def test_a_hostile_calendar_is_refused_in_plain_words(bot: Bot, keeper: Identity, why: str) -> None:
    with pytest.raises(UserError) as refused:
        brings(bot, keeper, HOSTILE[why], "days.ics")

    assert refused.value.hint
    assert "script" not in refused.value.hint
    assert kept(bot) == []


def test_details_of_a_child_in_a_file_stop_it(bot: Bot, keeper: Identity) -> None:
    for name, content in (
        ("days.csv", f"{HEAD}holiday,2027-10-25,,NHS number 999 787 7896\n".encode()),
        ("days.ics", calendar([("NHS number 999 787 7896 Board", ":20270101T000000Z", ":20270101T000100Z", "")])),
    ):
        assert "Nothing of the file was kept" in said(brings(bot, keeper, content, name))


def test_unknown_columns_are_refused_with_those_that_are_known(bot: Bot, keeper: Identity) -> None:
    with pytest.raises(UserError) as refused:
        brings(bot, keeper, "kind,first,last,what,colour\nholiday,2027-10-25,,Half term,red\n")

    assert "kind, first, last, what and source" in refused.value.hint


def test_a_forged_number_of_a_file_takes_nothing_over(bot: Bot, keeper: Identity) -> None:
    for value in ("", "999", "x"):
        card = bot.does(Request(keeper, route="clear.apply", value=value))
        assert isinstance(card, Card)
        assert "Take it over" not in labels(card)
    assert kept(bot) == []
