"""Training: coming dates by subject and month, the catalogue, one course and one session, for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from db import engine as database
from db.bookings import BookingState
from db.people import Identity, Role
from db.training import Course, TrainingSession
from handlers.context import House, Knowledge
from handlers.messages import MAX_BUTTONS, Card, Link, Table
from handlers.routes import resolve
from tests import bulletins, training
from tests.fakes import STRANGER, Bot, Clock, labels, said, talking

HOLDS = (BookingState.CONFIRMED, BookingState.REQUESTED)


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return training.keeper(bot)


def rows(card: Card) -> list[tuple[str, ...]]:
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def presses(bot: Bot, card: Card, label: str) -> Card:
    found = bot.presses(card, label)
    assert isinstance(found, Card), found
    return found


def test_a_stranger_sees_the_next_dates_with_their_places_in_words(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper, capacity="5")
    full = training.session(bot, keeper, on="2026-12-10")
    training.book(bot, full, *HOLDS, BookingState.WAITING, BookingState.WAITING, BookingState.CANCELLED)

    card = bot.types("training")

    assert rows(card) == [
        ("TRN-2026-001", "Neglect", "Thursday 3 December 2026, 10:00", "5 places left"),
        ("TRN-2026-002", "Neglect", "Thursday 10 December 2026, 10:00", "full, 2 wait"),
    ]
    assert labels(card) == ["3 Dec: Neglect", "10 Dec: Neglect", "By month", "Catalogue"]
    assert "TRN-2026-002" in presses(bot, card, "10 Dec: Neglect").title


def test_one_card_shows_three_dates_and_the_rest_on_further_pages(bot: Bot, keeper: Identity) -> None:
    for day in ("03", "04", "07", "08"):
        training.session(bot, keeper, on=f"2026-12-{day}")

    first = bot.types("training neglect")
    second = presses(bot, first, "Later dates")

    assert (len(rows(first)), len(labels(first))) == (3, 6)
    assert [row[0] for row in rows(second)] == ["TRN-2026-004"]
    assert second.title == "Training: neglect, page 2"


FOUND = {
    "training neglect": ["TRN-2026-001"],
    "training thresholds": ["TRN-2026-002"],
    "training lunch": [],
    "training in december": ["TRN-2026-001"],
    "training January": ["TRN-2026-002"],
    "training january 2028": [],
    'training "anti"': ["TRN-2026-003"],
    "training conference": ["TRN-2026-003"],
}


def test_dates_are_found_by_subject_kind_and_month(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper)
    training.session(bot, keeper, course="Thresholds", on="2027-01-14")
    training.session(bot, keeper, course="Anti-racism Conference", on="2027-11-09", campaign="Safeguarding Month 2027")

    assert {text: [row[0] for row in rows(bot.types(text))] for text in FOUND} == FOUND


@pytest.mark.parametrize(
    "text",
    [
        "training requirements for DSLs",
        "training needs of school staff",
        "course of action when a parent refuses",
        "session notes for supervision",
        "briefing for the board about neglect",
    ],
)
def test_a_question_that_begins_like_a_command_stays_a_question(text: str) -> None:
    assert resolve(text)[0].name == "ask"


@pytest.mark.parametrize("text", ["training", "Training november", "course CRS-2020-002", "session TRN-2026-001"])
def test_words_that_look_for_dates_are_not_a_question(text: str) -> None:
    assert resolve(text)[0].name == text.split(maxsplit=1)[0].lower()


@pytest.mark.parametrize("text", ["training december", "training in december 2026", "training dates", "By month"])
def test_later_dates_are_a_press_away_however_they_were_looked_for(bot: Bot, keeper: Identity, text: str) -> None:
    for day in ("01", "03", "04", "07"):
        training.session(bot, keeper, on=f"2026-12-{day}")

    months = presses(bot, bot.types("training"), "By month")
    first = presses(bot, months, "December 2026") if text == "By month" else bot.types(text)

    assert [row[0] for row in rows(presses(bot, first, "Later dates"))] == ["TRN-2026-004"]


def test_months_lead_to_their_dates(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper)
    training.session(bot, keeper, on="2027-03-31", until="23:30")

    card = presses(bot, bot.types("training"), "By month")

    assert rows(card) == [("December 2026", "1"), ("March 2027", "1")]
    assert [row[0] for row in rows(presses(bot, card, "March 2027"))] == ["TRN-2026-002"]


def test_a_session_says_everything_but_the_link_to_join(bot: Bot, keeper: Identity) -> None:
    ref = training.session(
        bot, keeper, course="Safeguarding Children, Intermediate Level 2", campaign="Safeguarding Month 2026"
    )

    card = bot.types(f"session {ref.lower()}")

    for words in (
        "Thursday 3 December 2026, 10:00 to 12:30, London time", "B. For staff who meet needs at Tier 2",
        "Town hall, room 4", "External trainer", "2 places left", "Wednesday 2 December 2026", "Safeguarding Month",
    ):  # fmt: skip
        assert words in said(card)
    assert "example.org/join" not in said(card)
    assert labels(card) == ["Book a place", "My places", "About the course", "Other dates"]


def test_what_is_not_open_yet_is_for_the_secretariat_alone(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper, opened=False)
    member = bot.enrol(Role.MEMBER)

    assert "cannot find that session" in said(bot.types(f"session {ref}", who=member))
    assert rows(bot.types("training drafts", who=member)) == []
    assert rows(bot.types("training", who=keeper)) == []
    assert [row[3] for row in rows(bot.types("training drafts", who=keeper))] == ["not open yet"]
    bot.presses(bot.types(f"session {ref}", who=keeper), "Open for booking", who=keeper)
    assert "Every coming date is open" in said(bot.types("training drafts", who=keeper))


def test_booking_closes_on_its_day_and_says_so(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper, opens_on="2026-11-30", closes_on="2026-12-01")

    assert "booking opens on 30 November 2026" in said(bot.types(f"session {ref}"))
    bot.clock.pass_(days=10)
    assert "Book a place" in labels(bot.types(f"session {ref}"))
    bot.clock.pass_(days=1)
    closed = bot.types(f"session {ref}")

    assert "booking closed" in said(closed)
    assert "Book a place" not in labels(closed)


def test_what_is_booked_elsewhere_has_a_link_and_no_button_to_book(bot: Bot, keeper: Identity) -> None:
    card = bot.types(f"session {training.session(bot, keeper, capacity='', book_at='https://hub.example/neglect')}")

    assert Link("Book a place", "https://hub.example/neglect") in card.actions
    assert "book elsewhere" in said(card)
    assert "My places" not in labels(card)


def test_where_everything_is_booked_elsewhere_dates_are_only_listed_with_the_link(
    bot: Bot, keeper: Identity, knowledge: Knowledge, house: House, clock: Clock
) -> None:
    refs = [training.session(bot, keeper, on=f"2026-12-{day}") for day in ("03", "04", "07")]
    with talking(Bot(bot.engine, knowledge, replace(house, book_elsewhere="https://hub.example/"), clock)) as there:
        cards = [there.types(text) for text in ("training", f"session {refs[0]}", f"course {training.COURSE}")]

    assert all(Link("Book a place", "https://hub.example/") in card.actions for card in cards)
    assert not any("booking." in repr(card.actions) for card in cards)
    assert len(cards[0].actions) <= MAX_BUTTONS


def test_the_catalogue_shows_courses_on_offer_before_those_of_2013(bot: Bot) -> None:
    card = presses(bot, bot.types("training"), "Catalogue")
    last = presses(bot, presses(bot, card, "More courses"), "More courses")

    assert len(rows(card)) == 20
    assert {row[3] for row in rows(card)[:14]} == {"in 2019-20", "in 2022-23", "in 2023-24"}
    assert {row[3] for row in rows(last)} == {"in 2013-14"}
    assert "annual report 2013-14, appendix 5" in said(card)
    assert len(labels(card)) <= 6


def test_a_course_of_an_old_report_is_on_offer_once_it_has_a_date(bot: Bot, keeper: Identity) -> None:
    assert "in 2019-20" in said(bot.types("course neglect"))
    training.session(bot, keeper)
    card = presses(bot, bot.types("training"), "Catalogue")

    assert ("Neglect", "Course", "not said", "yes") in rows(card)
    assert "in 2019-20" not in said(bot.types("course neglect"))


def test_a_course_is_chosen_from_the_catalogue(bot: Bot) -> None:
    form = bot.opens(presses(bot, bot.types("training"), "Catalogue"), "Open a course")

    assert "cannot find that course" in said(bot.sends(form, course="CRS-2031-999"))
    card = bot.sends(form, course=training.COURSE)

    assert isinstance(card, Card)
    assert "annual-report-2019-20" in said(card)


def test_the_catalogue_is_kept_once_however_often_it_is_opened(bot: Bot) -> None:
    bot.types("training")
    kept = bot.counted(Course)
    bot.types("training")

    assert kept == bot.counted(Course) == 51


def test_a_page_of_dates_takes_as_many_queries_as_one_date(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper)
    asked: list[str] = []
    event.listen(bot.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    bot.types("training", who=STRANGER)
    one, several = len(asked), 0
    for day in ("04", "07"):
        training.book(bot, training.session(bot, keeper, on=f"2026-12-{day}"), *HOLDS)
    asked.clear()
    bot.types("training", who=STRANGER)
    several = len(asked)

    assert several <= one


def test_the_month_shows_everything_in_it_by_day_with_its_theme(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper, on="2026-11-27", campaign="Safeguarding Month 2026: neglect")
    training.session(bot, keeper, course="Anti-racism Conference", on="2026-11-24")
    training.session(bot, keeper, course="One Year On", on="2026-12-01")
    bot.clock.pass_(days=4)

    card = bot.types("training month")

    assert card.title == "Safeguarding Month: November 2026"
    assert rows(card) == [
        ("Tue 24 Nov, 10:00", "Anti-racism Conference (TRN-2026-002)", "Conference", "not said"),
        ("Fri 27 Nov, 10:00", "Neglect (TRN-2026-001)", "Course", "neglect"),
    ]
    assert labels(card) == ["27 Nov: Neglect", "All dates"]
    assert rows(bot.types("training safeguarding month 2027")) == []


def test_a_month_of_many_dates_goes_on_on_a_further_page(bot: Bot, keeper: Identity) -> None:
    first = training.session(bot, keeper, on="2027-11-01")
    with database.transaction(bot.engine) as opened:
        row = opened.scalars(select(TrainingSession).where(TrainingSession.ref == first)).one()
        kept = {
            column.name: getattr(row, column.name)
            for column in TrainingSession.__table__.columns
            if column.name != "id"
        }
        hours = [timedelta(hours=hour) for hour in range(1, 30)]
        opened.add_all(
            TrainingSession(
                **kept
                | {"ref": f"TRN-2027-{number:03}", "starts_at": row.starts_at + hour, "ends_at": row.ends_at + hour}
            )
            for number, hour in enumerate(hours)
        )

    card = bot.types("training month 2027")

    assert (len(rows(card)), len(labels(card))) == (25, 5)
    assert len(rows(presses(bot, card, "Later in the month"))) == 5


def test_days_of_training_that_end_on_another_day_say_so(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    with database.transaction(bot.engine) as opened:
        row = opened.scalars(select(TrainingSession).where(TrainingSession.ref == ref)).one()
        row.ends_at += timedelta(days=1)

    assert "3 December 2026, 10:00 to Friday 4 December 2026, 12:30" in said(bot.types(f"session {ref}"))


def test_a_session_that_has_begun_offers_no_place(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper, closes_on="2026-12-03")
    bot.clock.now = datetime(2026, 12, 3, 10, 30, tzinfo=UTC)
    begun = bot.types(f"session {ref}")
    bot.clock.now = datetime(2026, 12, 3, 13, tzinfo=UTC)

    assert "it has begun" in said(begun)
    assert "Book a place" not in labels(begun)
    assert "it is over" in said(bot.types(f"session {ref}"))


def test_a_briefing_on_a_topic_leads_to_what_is_known_of_it(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper)
    training.session(bot, keeper, course="One Year On", on="2026-12-04")

    card = bot.types("briefing neglect")

    assert card.title == "Briefing: neglect"
    assert labels(card) == ["Neglect", "3 Dec: Neglect", "All dates"]
    assert "What happened" in said(card)
    assert presses(bot, card, "Neglect").title == "Neglect"


def test_a_briefing_on_a_topic_leads_to_the_bulletin_about_it(bot: Bot) -> None:
    desk = bulletins.Desk(bot)
    desk.sent(title="Window safety in summer")

    card = bot.types("briefing window safety")

    assert any(label.startswith("Bulletin of") for label in labels(card))


def test_a_briefing_on_what_nobody_knows_still_has_its_headings(bot: Bot) -> None:
    card = bot.types('briefing "[click](https://bad.example)"')

    assert "I know nothing about that yet" in said(card)
    assert "Why it matters" in said(card)
    assert labels(card) == ["All dates"]


@pytest.mark.parametrize("text", ["briefing", "briefing neglect", "briefing domestic abuse", 'briefing "the law"'])
def test_a_briefing_on_a_topic_is_not_a_question(text: str) -> None:
    assert resolve(text)[0].name == "briefing"


def test_the_card_for_teams_has_the_three_questions(bot: Bot, keeper: Identity) -> None:
    training.session(bot, keeper, course="One Year On")

    card = bot.types("briefing")

    assert "How does it enter our plan?" in said(card)
    assert [row[1] for row in rows(card)] == ["One Year On"]
