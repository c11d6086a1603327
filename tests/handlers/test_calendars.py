"""One's own calendar: what stands in it for whom, its private address, and single dates as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from db.bookings import BookingState
from db.feeds import Feed
from db.people import Identity, Role
from handlers import downloads
from handlers.calendars import feed
from handlers.context import House, Knowledge, Request, UserError
from handlers.messages import Card, Link, Table
from tests.calendars.dates import GROUP, MEETING_LINK, SESSION_LINK, Diary, address, text, token
from tests.calendars.readers import by_vobject
from tests.fakes import STRANGER, Bot, Clock, labels, said


@pytest.fixture
def diary(bot: Bot) -> Diary:
    return Diary(bot)


@pytest.fixture
def member(bot: Bot, diary: Diary) -> Identity:
    """Give a member of a group, who has another name than anything else."""
    who = bot.enrol(Role.MEMBER, name="Ola Invented")
    diary.sits(who)
    return who


def file(bot: Bot, who: Identity, about: str) -> bytes:
    """Ask for the file of one date and fetch it."""
    card = bot.does(Request(who, route="calendars.file", value=about))
    assert isinstance(card, Card), card
    links = [one for one in card.actions if isinstance(one, Link)]
    assert links, said(card)
    found = bot.dispatcher.within(lambda context: downloads.fetch(context, links[0].url.rpartition("/")[2]))
    assert isinstance(found.content, bytes)
    return found.content


def refused(bot: Bot, who: Identity, about: str) -> bool:
    return "I cannot find that in your calendar" in said(_pressed(bot, who, about))


def _pressed(bot: Bot, who: Identity, about: str) -> Card:
    card = bot.does(Request(who, route="calendars.file", value=about))
    assert isinstance(card, Card)
    return card


# --- the address -------------------------------------------------------------------------------------------


def test_an_address_is_shown_once_with_a_warning_and_how_to_add_it(bot: Bot, member: Identity) -> None:
    card = bot.presses(bot.types("calendar", who=member), "Give me an address", who=member)

    assert "https://bot.example/calendar/" in said(card)
    assert "Whoever has this address sees these dates" in said(card)
    for programme in ("Outlook", "Google Calendar", "Apple"):
        assert f"**{programme}" in said(card)
    later = bot.types("calendar", who=member)
    assert "https://" not in said(later)
    assert "You have a private address since 21 November 2026" in said(later)


def test_the_address_cannot_be_guessed_and_only_a_hash_of_it_is_kept(bot: Bot, member: Identity) -> None:
    url = address(bot, member)

    assert len(token(url)) >= 43  # 256 bits
    with Session(bot.engine) as session:
        [kept] = session.query(Feed).all()
    assert token(url) not in repr(vars(kept))
    assert token(url) not in repr([vars(one) for one in bot.audited()])


def test_a_button_that_is_delivered_twice_makes_one_address(bot: Bot, member: Identity) -> None:
    press = Request(member, route="calendars.give", key="pressed-1")

    first, second = bot.does(press), bot.does(press)

    assert isinstance(first, Card)
    assert second is None
    assert bot.counted(Feed) == 1


def test_a_new_address_ends_the_one_before_and_says_so(bot: Bot, member: Identity) -> None:
    old = address(bot, member)
    card = bot.presses(bot.types("calendar", who=member), "Give me a new one", who=member)

    assert "The address that you had before does not work any more" in said(card)
    assert text(bot, old) is None
    assert text(bot, address(bot, member)) is not None


def test_an_address_that_is_taken_back_shows_nothing_and_that_twice_is_harmless(bot: Bot, member: Identity) -> None:
    url = address(bot, member)
    card = bot.types("calendar", who=member)

    for _ in range(2):
        done = bot.presses(card, "Take it back", who=member)
        assert isinstance(done, Card)
        assert done.title == "Taken back"

    assert text(bot, url) is None
    assert "Give me an address" in labels(bot.types("calendar", who=member))
    actions = [one.action for one in bot.audited()]
    assert actions.count("took a calendar address back") == 1


@pytest.mark.parametrize("made_up", ["", "x", "\x00", "ä" * 9000, "' OR 1=1 --"])
def test_an_address_that_nobody_was_given_shows_nothing(bot: Bot, member: Identity, made_up: str) -> None:
    address(bot, member)

    assert bot.dispatcher.within(lambda context: feed.read(context, made_up)) is None


def test_whoever_leaves_has_no_calendar_any_more(bot: Bot, diary: Diary, member: Identity) -> None:
    url = address(bot, member)
    diary.leaves(member)

    assert text(bot, url) is None
    assert bot.counted(Feed) == 0


def test_of_when_it_was_read_only_the_day_is_kept_and_shown(bot: Bot, clock: Clock, member: Identity) -> None:
    url = address(bot, member)
    assert "No calendar has looked there yet" in said(bot.types("calendar", who=member))
    clock.pass_(days=2)
    text(bot, url)

    assert "A calendar last looked there on 23 November 2026" in said(bot.types("calendar", who=member))
    with Session(bot.engine) as session:
        assert session.query(Feed).one().read_on == date(2026, 11, 23)


def test_a_service_that_does_not_know_its_address_says_who_can_set_it(
    bot: Bot, knowledge: Knowledge, house: House, clock: Clock, member: Identity
) -> None:
    plain = Bot(bot.engine, knowledge, replace(house, public_url=""), clock)
    card = plain.presses(plain.types("calendar", who=member), "Give me an address", who=member)
    plain.dispatcher.close()

    assert "to set THSCP_PUBLIC_URL" in said(card).replace("\\", "")
    assert bot.counted(Feed) == 0


@pytest.mark.parametrize("route", ["calendar", "calendars.give", "calendars.revoke", "calendars.file"])
def test_strangers_have_no_calendar(bot: Bot, route: str) -> None:
    card = bot.does(Request(STRANGER, route=route, value="meeting:1"))

    assert isinstance(card, Card)
    assert card.title.startswith(("I do not know you yet", "I cannot find that in your calendar"))


# --- what the card shows -----------------------------------------------------------------------------------


def test_the_card_shows_what_is_next_in_order_and_how_sure_it_is(bot: Bot, diary: Diary, member: Identity) -> None:
    diary.meets()
    diary.books(member, BookingState.WAITING)

    [table] = (part for part in bot.types("calendar", who=member).body if isinstance(part, Table))

    assert table.rows == (
        ("Tuesday 12 January 2027, 10:00", "Working together 1", "Not confirmed yet"),
        ("Monday 29 March 2027, 10:00", GROUP, "Confirmed"),
    )


def test_the_next_date_that_is_sure_is_offered_as_a_file(bot: Bot, diary: Diary, member: Identity) -> None:
    diary.books(member, BookingState.WAITING)
    assert "Only the next one" not in labels(bot.types("calendar", who=member))
    diary.meets()

    card = bot.presses(bot.types("calendar", who=member), "Only the next one", who=member)

    assert card.title == "MTG-2027-001 for your calendar"


# --- single dates ------------------------------------------------------------------------------------------


def test_a_member_fetches_the_file_of_a_meeting_once(bot: Bot, diary: Diary, member: Identity) -> None:
    meeting = diary.meets()

    [found] = by_vobject(file(bot, member, f"meeting:{meeting}"))

    assert found.uid == "MTG-2027-001@bot.example"
    assert MEETING_LINK in found.description


def test_the_secretariat_fetches_it_without_the_link_for_joining(bot: Bot, diary: Diary) -> None:
    meeting = diary.meets()

    [found] = by_vobject(file(bot, bot.enrol(Role.COORDINATOR), f"meeting:{meeting}"))

    assert MEETING_LINK not in found.description


def test_others_cannot_tell_a_meeting_from_none(bot: Bot, diary: Diary, member: Identity) -> None:
    diary.meets()
    proposed = diary.meets(on=date(2027, 5, 6), state="proposed")
    other = bot.enrol(Role.MEMBER, Role.CHAIR)

    for value in ("meeting:1", "meeting:99", "meeting:x", "session:1", "", "1", "people:1", "meeting:" + "9" * 40):
        assert refused(bot, other, value)
    assert refused(bot, member, f"meeting:{proposed}")


def test_a_session_is_for_whoever_booked_it_alone_and_the_link_comes_with_the_place(
    bot: Bot, diary: Diary, member: Identity
) -> None:
    booking = diary.books(member, BookingState.REQUESTED)
    about = f"session:{booking}"

    assert refused(bot, bot.enrol(Role.COORDINATOR), about)
    assert SESSION_LINK.encode() not in file(bot, member, about)
    diary.becomes(booking, BookingState.CONFIRMED)
    assert SESSION_LINK in by_vobject(file(bot, member, about))[0].description


def test_whoever_left_the_group_meanwhile_gets_no_file_with_an_earlier_link(
    bot: Bot, diary: Diary, member: Identity
) -> None:
    meeting = diary.meets()
    [link] = (one for one in _pressed(bot, member, f"meeting:{meeting}").actions if isinstance(one, Link))
    diary.leaves_group(member)

    with pytest.raises(UserError, match="I cannot find that in your calendar"):
        bot.dispatcher.within(lambda context: downloads.fetch(context, link.url.rpartition("/")[2]))
