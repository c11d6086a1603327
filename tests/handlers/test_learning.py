"""Evaluations and certificates: one's own, private, and only for those who were there."""

from __future__ import annotations

import io

import pytest

from db import engine as database
from db import people, registry, whole
from db.bookings import BookingState
from db.evaluations import Evaluation
from db.people import Identity, Role
from handlers import downloads
from handlers.context import Request, UserError
from handlers.files import File
from handlers.messages import Card, Errors, Link, Tone
from tests import learning, promises
from tests.fakes import Bot, labels, said
from tests.reminding import at

ANSWER = {"confidence": "4", "change": "I will ask what a day is like."}
ATTENDED = BookingState.ATTENDED.value
NAMES_THAT_ARE_NOT_DRAWN = {"Bengali": "মিনা উদ্ভাবিত", "Arabic": "علا المخترعة", "Chinese": "发明"}


@pytest.fixture
def ola(bot: Bot) -> Identity:
    return bot.enrol(Role.MEMBER, name="Ola Invented")


@pytest.fixture
def place(bot: Bot, ola: Identity) -> int:
    """Give Ola a session that she attended yesterday."""
    bot.clock.now = at("2027-01-21 09:00")
    return learning.booking(bot, learning.session(bot), ola, state=ATTENDED)


def answers(bot: Bot, who: Identity, **fields: str) -> Card | Errors:
    form = bot.opens(bot.types("learning", who=who), "Say it: 20 January 2027", who=who)
    return bot.sends(form, who=who, **{**ANSWER, **fields})


def certificate(bot: Bot, who: Identity) -> Card:
    found = bot.presses(bot.types("learning", who=who), "Certificate: 20 January 2027", who=who)
    assert isinstance(found, Card)
    return found


def fetched(bot: Bot, card: Card) -> File:
    [link] = [one for one in card.actions if isinstance(one, Link)]
    return bot.dispatcher.within(lambda context: downloads.fetch(context, link.url.rpartition("/")[2]))


# --- evaluations -----------------------------------------------------------------------------------------------


def test_what_is_said_after_a_session_is_kept_and_leads_to_the_certificate(bot: Bot, ola: Identity, place: int) -> None:
    learning.evaluated(bot, place, before=2, before_at=bot.clock.now)

    card = answers(bot, ola)

    assert isinstance(card, Card)
    assert labels(card) == ["My certificate", "My learning"]
    row = learning.said_by(bot, place)
    assert (row.before, row.after, row.change) == (2, 4, ANSWER["change"])


WRONG = {
    "no number": {"confidence": ""},
    "another number": {"confidence": "6"},
    "no words": {"change": "  "},
    "too many words": {"change": "word " * 101},
}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
def test_an_answer_that_is_not_complete_is_not_kept(bot: Bot, ola: Identity, fields: dict[str, str]) -> None:
    errors = answers(bot, ola, **fields)

    assert isinstance(errors, Errors)
    assert list(errors.by_field) == list(fields)
    assert bot.counted(Evaluation) == 0


def test_three_months_later_and_not_before_people_say_what_came_of_it(bot: Bot, ola: Identity, place: int) -> None:
    answers(bot, ola)
    early = bot.does(Request(ola, route="learning.look-back", value=str(place)))
    assert isinstance(early, Card)
    assert "too early" in said(early)

    bot.clock.now = at("2027-04-21 09:00")
    form = bot.opens(bot.types("learning", who=ola), "Look back: 20 January 2027", who=ola)
    bot.sends(form, who=ola, confidence="", effect="Two plans changed.")
    for _ in range(2):
        bot.sends(form, who=ola, confidence="5", effect="Two plans changed.")

    row = learning.said_by(bot, place)
    assert (row.after, row.change, row.later, row.effect) == (4, ANSWER["change"], 5, "Two plans changed.")


def test_nobody_can_answer_or_get_a_certificate_for_somebody_else(bot: Bot, place: int) -> None:
    other = bot.enrol(Role.COORDINATOR)
    routes = ("learning.evaluate", "learning.evaluated", "learning.look-back", "learning.looked-back")

    replies = [
        bot.does(Request(other, route=route, value=value, fields=ANSWER))
        for route in (*routes, "learning.certificate")
        for value in (str(place), "0", "99", "x", "")
    ]

    assert len({said(one) for one in replies if isinstance(one, Card)}) == 1
    assert bot.counted(Evaluation) == 0


@pytest.mark.parametrize("state", [BookingState.PARTIAL, BookingState.NO_SHOW, BookingState.CONFIRMED])
def test_who_was_not_there_to_the_end_has_no_form_and_no_certificate(
    bot: Bot, ola: Identity, place: int, state: BookingState
) -> None:
    learning.set_booking(bot, place, state=state.value)

    assert labels(bot.types("learning", who=ola)) == []
    for route in ("learning.evaluate", "learning.certificate"):
        reply = bot.does(Request(ola, route=route, value=str(place)))
        assert isinstance(reply, Card)
        assert reply.tone is Tone.WARNING


def test_a_stranger_is_told_to_enrol(bot: Bot) -> None:
    assert "enrol me" in said(bot.types("learning"))


def test_a_question_that_begins_with_learning_is_a_question(bot: Bot, ola: Identity) -> None:
    assert bot.types("learning from reviews about neglect", who=ola).title != "My learning"


@pytest.mark.usefixtures("place")
def test_older_sessions_stand_on_the_next_page(bot: Bot, ola: Identity) -> None:
    for day in (11, 12, 13):
        learning.booking(bot, learning.session(bot, starts_at=at(f"2027-01-{day} 09:30")), ola, state=ATTENDED)

    first = bot.types("learning", who=ola)
    second = bot.presses(first, "Earlier sessions", who=ola)

    assert isinstance(second, Card)
    assert labels(second) == ["Say it: 11 January 2027"]


def test_the_secretariat_reads_what_people_said_without_names_and_only_of_five(bot: Bot, place: int) -> None:
    keeper, session = bot.enrol(Role.COORDINATOR), learning.kept(bot, place).session_id
    people = [bot.enrol(Role.MEMBER, name=f"Person {letter} Invented") for letter in "ABCDE"]
    for number, who in enumerate(people):
        if number == 4:
            card = bot.does(Request(keeper, route="learning.replies", value=str(session)))
            assert isinstance(card, Card)
            assert "Change" not in said(card).replace("Changes", "")
            assert "fewer than 5 answers" in said(card)
        given = learning.booking(bot, session, who, state=ATTENDED)
        learning.evaluated(bot, given, before=2, after=4, change=f"Change *{9 - number}*")

    card = bot.does(Request(keeper, route="learning.replies", value=str(session)))

    assert isinstance(card, Card)
    assert "4.0 on average of 5 answers" in said(card)
    assert r"- Change \*5\*" in said(card)
    assert said(card).index("5") < said(card).index(r"\*9\*")
    assert "Invented" not in said(card)


# --- certificates ----------------------------------------------------------------------------------------------


def test_a_certificate_comes_only_after_the_answer(bot: Bot, ola: Identity, place: int) -> None:
    reply = bot.does(Request(ola, route="learning.certificate", value=str(place)))

    assert isinstance(reply, Card)
    assert "after you have said" in said(reply)
    assert not learning.kept(bot, place).certificate


def test_a_certificate_is_a_pdf_with_a_number_that_stays(bot: Bot, ola: Identity, place: int) -> None:
    answers(bot, ola)

    first, second = fetched(bot, certificate(bot, ola)), fetched(bot, certificate(bot, ola))

    assert (first.name, first.media_type) == ("cpd-2027-001.pdf", "application/pdf")
    assert first == second
    assert isinstance(first.content, bytes)
    assert first.content.startswith(b"%PDF-")
    assert b"/Lang (en-GB)" in first.content
    assert learning.kept(bot, place).certificate == "CPD-2027-001"


def test_a_link_works_once_and_not_when_the_certificate_was_taken_back(bot: Bot, ola: Identity, place: int) -> None:
    answers(bot, ola)
    card = certificate(bot, ola)
    fetched(bot, card)
    with pytest.raises(UserError, match="used already"):
        fetched(bot, card)

    card = certificate(bot, ola)
    keeper, session = bot.enrol(Role.COORDINATOR), learning.kept(bot, place).session_id
    form = bot.does(Request(keeper, route="learning.mark", value=f"{session}|0"))
    assert not isinstance(form, Card | Errors | None)
    bot.sends(form, who=keeper, **{f"place_{place}": BookingState.PARTIAL.value})

    with pytest.raises(UserError, match="no certificate"):
        fetched(bot, card)


def test_who_gets_a_certificate_back_keeps_its_number(bot: Bot, ola: Identity, place: int) -> None:
    answers(bot, ola)
    certificate(bot, ola)
    learning.set_booking(bot, place, certified_at=None)

    assert "CPD-2027-001" in said(certificate(bot, ola))


@pytest.mark.parametrize("name", ["Łucja Żółć-Invented", "Xaawo Invented", "Γιώργος Invented", "Ольга Invented"])
def test_letters_of_many_languages_are_drawn(bot: Bot, name: str) -> None:
    bot.clock.now = at("2027-01-21 09:00")
    who = bot.enrol(Role.MEMBER, name=name)
    learning.booking(bot, learning.session(bot), who, state=ATTENDED)
    answers(bot, who)

    file = fetched(bot, certificate(bot, who))

    assert isinstance(file.content, bytes)
    assert io.BytesIO(file.content).read(5) == b"%PDF-"


@pytest.mark.parametrize("name", NAMES_THAT_ARE_NOT_DRAWN.values(), ids=NAMES_THAT_ARE_NOT_DRAWN)
def test_a_name_that_would_come_out_wrong_is_not_drawn_and_the_secretariat_is_asked_once(bot: Bot, name: str) -> None:
    bot.clock.now = at("2027-01-21 09:00")
    keeper, who = bot.enrol(Role.COORDINATOR), bot.enrol(Role.MEMBER, name=name)
    learning.booking(bot, learning.session(bot), who, state=ATTENDED)
    answers(bot, who)

    cards = [certificate(bot, who) for _ in range(2)]

    assert all("CPD\\-2027\\-001" in said(card) for card in cards)
    [notice] = [one for one in bot.queued() if one.key.startswith("certificate-by-hand:")]
    assert notice.to.address == keeper.user_id
    assert name in said(notice.card)


def test_what_was_attended_is_shown_where_the_question_lies_beyond_the_known_bank_holidays(
    bot: Bot, ola: Identity
) -> None:
    bot.clock.now = at("2028-11-21 09:00")
    learning.booking(bot, learning.session(bot, starts_at=at("2028-11-20 09:30")), ola, state=ATTENDED)
    assert isinstance(bot.sends(bot.opens(bot.types("learning", who=ola), "Say it: 20 November 2028", who=ola),
                                who=ola, **ANSWER), Card)  # fmt: skip

    assert "Certificate: 20 November 2028" in labels(bot.types("learning", who=ola))


def test_who_has_no_role_fetches_their_certificate_until_they_leave(bot: Bot) -> None:
    who = Identity("test", "wyn")
    with database.transaction(bot.engine) as session:
        wyn = people.enrol(session, who, name="Wyn Invented", roles=(), on=bot.clock.now.date())
    bot.clock.now = at("2027-01-21 09:00")
    learning.booking(bot, learning.session(bot), who, state=ATTENDED)
    answers(bot, who)

    assert fetched(bot, certificate(bot, who)).name == "cpd-2027-001.pdf"
    card = certificate(bot, who)
    with database.transaction(bot.engine) as session:
        registry.leave(session, wyn, on=bot.clock.now.date())
    with pytest.raises(UserError, match="used already"):
        fetched(bot, card)


def test_what_somebody_said_of_training_is_among_what_is_kept_about_them_alone(
    bot: Bot, ola: Identity, place: int
) -> None:
    answers(bot, ola)
    numbers = [promises.number(bot, who) for who in (ola, bot.enrol(Role.MEMBER))]

    with database.transaction(bot.engine) as session:
        mine, theirs = (list(whole.about_person(session, one)) for one in numbers)

    assert [one.values["change"] for one in mine if one.table == "evaluations"] == [ANSWER["change"]]
    assert [one for one in theirs if one.table == "evaluations"] == []
    assert learning.kept(bot, place).person_id == numbers[0]
