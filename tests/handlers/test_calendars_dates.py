"""What stands in somebody's calendar: meetings of their groups and training, as sure as they are, and for how long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from db.bookings import BookingState
from db.people import Identity, Role
from db.training import SessionState
from tests.calendars.dates import GROUP, HELD, MEETING_LINK, ON, SESSION_LINK, Diary, address, read, text
from tests.fakes import Bot, Clock


@pytest.fixture
def diary(bot: Bot) -> Diary:
    return Diary(bot)


@pytest.fixture
def member(bot: Bot, diary: Diary) -> Identity:
    """Give a member of a group, who has another name than anything else."""
    who = bot.enrol(Role.MEMBER, name="Ola Invented")
    diary.sits(who)
    return who


# --- what stands in it: meetings ---------------------------------------------------------------------------


def test_a_meeting_of_ones_group_is_there_with_its_link_place_and_time(
    bot: Bot, diary: Diary, member: Identity
) -> None:
    diary.meets()
    diary.meets("Another Group")

    found = read(bot, address(bot, member))

    assert list(found) == ["MTG-2027-001"]
    one = found["MTG-2027-001"]
    assert one.uid == "MTG-2027-001@bot.example"
    assert (one.starts, one.ends) == ("2027-03-29T09:00:00Z", "2027-03-29T11:00:00Z")
    assert (one.summary, one.place, one.status) == (GROUP, "Room 1, Town Hall", "CONFIRMED")
    assert MEETING_LINK in one.description


def test_deputies_have_the_same_and_whoever_leaves_the_group_has_nothing(bot: Bot, diary: Diary) -> None:
    deputy = bot.enrol(Role.MEMBER)
    diary.sits(deputy, deputy=True)
    diary.meets()
    url = address(bot, deputy)
    assert list(read(bot, url)) == ["MTG-2027-001"]

    diary.leaves_group(deputy)

    assert read(bot, url) == {}


def test_a_meeting_without_a_time_takes_the_day_and_one_that_is_only_proposed_is_not_there(
    bot: Bot, diary: Diary, member: Identity
) -> None:
    diary.meets(starts_at=None)
    diary.meets(on=date(2027, 5, 6), state="proposed")

    found = read(bot, address(bot, member))

    assert [(one.starts, one.ends) for one in found.values()] == [("2027-03-29", "2027-03-30")]


def test_a_moved_and_then_cancelled_meeting_is_the_same_event_with_higher_numbers(
    bot: Bot, diary: Diary, member: Identity
) -> None:
    meeting = diary.meets()
    url = address(bot, member)
    states = [read(bot, url)]
    diary.moves(meeting, date(2027, 4, 12))
    states.append(read(bot, url))
    diary.cancels(meeting)
    states.append(read(bot, url))

    ones = [found["MTG-2027-001"] for found in states]
    assert [one.sequence for one in ones] == [0, 1, 2]
    assert [one.starts for one in ones] == ["2027-03-29T09:00:00Z", "2027-04-12", "2027-04-12"]
    assert [one.status for one in ones] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert MEETING_LINK not in ones[-1].description


AFTER = {
    "held, after 90 days": ("held", 90, True),
    "held, after 91 days": ("held", 91, False),
    "cancelled, after 60 days": ("cancelled", 60, True),
    "cancelled, after 61 days": ("cancelled", 61, False),
}


@pytest.mark.parametrize("case", AFTER)
def test_what_is_over_stays_for_a_while(bot: Bot, diary: Diary, clock: Clock, member: Identity, case: str) -> None:
    state, days, there = AFTER[case]
    diary.meets(state=state)
    url = address(bot, member)

    clock.now = datetime(ON.year, ON.month, ON.day, 12, tzinfo=UTC) + timedelta(days=days)

    assert bool(read(bot, url)) is there


def test_the_same_dates_are_the_same_bytes_the_next_day(bot: Bot, diary: Diary, clock: Clock, member: Identity) -> None:
    diary.meets()
    diary.books(member, BookingState.CONFIRMED)
    url = address(bot, member)
    first = text(bot, url)

    clock.pass_(days=1)

    assert text(bot, url) == first


def test_no_name_of_a_person_and_nothing_that_could_begin_an_event_comes_from_a_meeting(
    bot: Bot, diary: Diary, member: Identity
) -> None:
    diary.meets(title="Away day\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", chair="Robin Invented")

    found = text(bot, address(bot, member)) or b""

    assert found.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    assert b"Invented" not in found


# --- what stands in it: training ---------------------------------------------------------------------------

STATES = {
    BookingState.CONFIRMED: ("CONFIRMED", True),
    BookingState.ATTENDED: ("CONFIRMED", True),
    BookingState.REQUESTED: ("TENTATIVE", False),
    BookingState.WAITING: ("TENTATIVE", False),
    BookingState.OFFERED: ("TENTATIVE", False),
    BookingState.DECLINED: ("CANCELLED", False),
    BookingState.LAPSED: ("CANCELLED", False),
    BookingState.CANCELLED_LATE: ("CANCELLED", False),
    BookingState.CALLED_OFF: ("CANCELLED", False),
}


@pytest.mark.parametrize("state", STATES)
def test_a_session_is_as_sure_as_the_place_and_the_link_is_for_confirmed_places_alone(
    bot: Bot, diary: Diary, member: Identity, state: BookingState
) -> None:
    status, linked = STATES[state]
    diary.books(member, state)
    diary.books(bot.enrol(Role.MEMBER), BookingState.CONFIRMED)  # somebody else's

    [found] = read(bot, address(bot, member)).values()

    assert (found.status, SESSION_LINK in found.description) == (status, linked)
    assert (found.starts, found.ends) == ("2027-01-12T10:00:00Z", "2027-01-12T12:00:00Z")


def test_each_change_of_a_booking_and_of_its_session_raises_the_number(
    bot: Bot, diary: Diary, clock: Clock, member: Identity
) -> None:
    booking = diary.books(member, BookingState.REQUESTED)
    url = address(bot, member)
    seen = [read(bot, url)]
    for state in (BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.REQUESTED):
        clock.pass_(hours=1)
        diary.becomes(booking, state)
        seen.append(read(bot, url))
    diary.session_changes(booking, starts_at=HELD + timedelta(days=1), ends_at=HELD + timedelta(days=1, hours=2))
    seen.append(read(bot, url))
    diary.session_changes(booking, state=SessionState.CANCELLED.value)
    seen.append(read(bot, url))

    ones = [found["TRN-2027-001"] for found in seen]
    assert len({one.uid for one in ones}) == 1
    numbers = [one.sequence for one in ones]
    assert numbers == sorted(set(numbers))
    assert max(numbers) < 2**31
    assert [one.status for one in ones] == [
        "TENTATIVE", "CONFIRMED", "CANCELLED", "TENTATIVE", "TENTATIVE", "CANCELLED"
    ]  # fmt: skip


def test_a_place_that_was_given_up_leaves_the_calendar_in_the_end(
    bot: Bot, diary: Diary, clock: Clock, member: Identity
) -> None:
    diary.books(member, BookingState.CANCELLED)
    url = address(bot, member)
    assert len(read(bot, url)) == 1

    clock.now = HELD + timedelta(days=61)

    assert read(bot, url) == {}
