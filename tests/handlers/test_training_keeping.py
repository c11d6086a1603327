"""The secretariat keeps courses and sessions; whoever booked is told once of what changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.bookings import Booking, BookingState
from db.people import Identity, Role
from db.training import Course, TrainingSession
from handlers.context import Request
from handlers.messages import Card, Errors, Tone
from handlers.training import ticking
from tests import training
from tests.fakes import Bot, Queued, button_of, labels, said

NOTICE = "notice about training"
COURSE_FIELDS = {"title": "Sexual harm in schools", "kind": "workshop", "category": "B", "hours": "3"}


@pytest.fixture
def keeper(bot: Bot) -> Identity:
    return training.keeper(bot)


def told(bot: Bot) -> list[Queued]:
    return [one for one in bot.queued() if one.kind == NOTICE]


def wrong(reply: Card | Errors) -> dict[str, str]:
    assert isinstance(reply, Errors), reply
    return dict(reply.by_field)


def counted(bot: Bot, ref: str) -> tuple[int, int]:
    with Session(bot.engine) as opened:
        row = opened.scalars(select(TrainingSession).where(TrainingSession.ref == ref)).one()
        return row.version, row.sequence


def state(bot: Bot, ref: str) -> str:
    with Session(bot.engine) as opened:
        return opened.scalars(select(TrainingSession.state).where(TrainingSession.ref == ref)).one()


def states(bot: Bot) -> list[str]:
    with Session(bot.engine) as opened:
        return list(opened.scalars(select(Booking.state).order_by(Booking.id)))


# --- courses -----------------------------------------------------------------------------------------------


def add_course(bot: Bot, keeper: Identity, **fields: str) -> Card | Errors:
    catalogue = bot.presses(bot.types("training", who=keeper), "Catalogue", who=keeper)
    assert isinstance(catalogue, Card)
    return bot.sends(bot.opens(catalogue, "Add a course", who=keeper), who=keeper, **COURSE_FIELDS | fields)


def test_a_course_is_added_and_found_by_its_title(bot: Bot, keeper: Identity) -> None:
    card = add_course(bot, keeper)

    assert isinstance(card, Card)
    assert card.title == "Added: Sexual harm in schools"
    assert "CRS-2026-001" in said(bot.types('course "sexual harm in schools"'))


def test_a_course_is_changed_and_what_came_with_the_program_does_not_come_back(bot: Bot, keeper: Identity) -> None:
    form = bot.opens(bot.types("course neglect", who=keeper), "Change the course", who=keeper)
    card = bot.sends(form, who=keeper, title="Neglect and what helps", retired="yes")
    kept = bot.counted(Course)
    bot.types("training")

    assert card.title == "Saved: Neglect and what helps" if isinstance(card, Card) else False
    assert bot.counted(Course) == kept
    assert "cannot find that course" in said(bot.types("course CRS-2020-002"))
    assert "not any more" in said(bot.types("course CRS-2020-002", who=keeper))


def test_what_is_wrong_with_a_course_is_said_at_its_boxes(bot: Bot, keeper: Identity) -> None:
    reply = add_course(
        bot, keeper, title="neglect", kind="party", category="D", hours="many", level="x" * 101, review_on="soon"
    )

    assert set(wrong(reply)) == {"title", "kind", "category", "hours", "level", "review_on"}


def test_a_course_that_is_called_otherwise_is_told_to_the_reminders_and_calendars_of_its_sessions(
    bot: Bot, keeper: Identity
) -> None:
    ref, gone = training.session(bot, keeper), training.session(bot, keeper, on="2026-12-04")
    bot.sends(bot.opens(bot.types(f"session {gone}", who=keeper), "Cancel it", who=keeper), who=keeper)
    kept = [counted(bot, one) for one in (ref, gone)]
    for fields in ({"aims": "Something else."}, {"title": "Neglect and what helps"}):
        bot.sends(
            bot.opens(bot.types("course CRS-2020-002", who=keeper), "Change the course", who=keeper),
            who=keeper,
            **fields,
        )

    assert counted(bot, ref) == (kept[0][0] + 1, kept[0][1] + 1)
    assert counted(bot, gone) == kept[1]


def test_two_who_change_a_course_at_once_are_told(bot: Bot, keeper: Identity) -> None:
    form = bot.opens(bot.types("course neglect", who=keeper), "Change the course", who=keeper)
    bot.sends(form, who=keeper, aims="The one.")
    other = bot.does(Request(keeper, route=form.action, value=form.about, fields={
        **{one.name: one.value for one in form.fields}, "aims": "The other."}))  # fmt: skip

    assert isinstance(other, Errors)
    assert "changed this while you were writing" in wrong(other)["title"]


# --- sessions ----------------------------------------------------------------------------------------------


def test_a_session_is_a_draft_until_it_is_opened(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper, opened=False)
    card = bot.types(f"session {ref}", who=keeper)

    opened = bot.presses(card, "Open for booking", who=keeper)
    assert isinstance(opened, Card)
    assert labels(opened)[:1] == ["Book a place"]
    assert len(labels(opened)) <= 6
    closed = bot.presses(opened, "Close booking", who=keeper)
    assert "booking closed" in said(closed)
    assert "has changed TRN-2026-001" in said(bot.presses(opened, "Close booking", who=keeper))


def test_a_session_is_opened_only_when_it_is_known_how_many_places_there_are(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper, opened=False, capacity="")
    card = bot.presses(bot.types(f"session {ref}", who=keeper), "Open for booking", who=keeper)

    assert "how many places there are" in said(card)


WRONG = {
    "no day": ({"on": ""}, "on", "give a day"),
    "a day that is over": ({"on": "2026-11-20"}, "on", "over already"),
    "no time": ({"from": "half past"}, "from", "14:30"),
    "an end before its beginning": ({"until": "09:00"}, "until", "end after"),
    "an hour that the clocks leave out": ({"on": "2027-03-28", "from": "01:30"}, "from", "clocks go forward"),
    "a link without protection": ({"link": "http://example.org"}, "link", "https://"),
    "a link that is none": ({"book_at": "javascript:alert(1)"}, "book_at", "https://"),
    "no number of places": ({"capacity": "-3"}, "capacity", "whole number"),
    "more needed than there is room for": ({"least": "3"}, "least", "at most"),
    "booking after the session": ({"closes_on": "2026-12-09"}, "closes_on", "not after the session"),
    "booking that closes before it opens": (
        {"opens_on": "2026-12-02", "closes_on": "2026-12-01"}, "closes_on", "close after it opens",
    ),
    "no such way": ({"mode": "by pigeon"}, "mode", "from the list"),
    "a long place": ({"place": "x" * 201}, "place", "at most 200"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_session_is_said_at_its_box_and_nothing_is_kept(
    bot: Bot, keeper: Identity, case: str
) -> None:
    fields, box, words = WRONG[case]
    form = bot.opens(bot.types("course neglect", who=keeper), "Add a session", who=keeper)

    assert words in wrong(bot.sends(form, who=keeper, **training.SESSION | fields))[box]
    assert bot.counted(TrainingSession) == 0


def test_a_session_sent_twice_is_kept_once(bot: Bot, keeper: Identity) -> None:
    form = bot.opens(bot.types("course neglect", who=keeper), "Add a session", who=keeper)
    first = bot.sends(form, who=keeper, **training.SESSION)
    again = bot.sends(form, who=keeper, **training.SESSION)
    anew = bot.opens(bot.types("course neglect", who=keeper), "Add a session", who=keeper)

    assert first == again
    assert "at that time already" in wrong(bot.sends(anew, who=keeper, **training.SESSION))["on"]
    assert bot.counted(TrainingSession) == 1


def test_a_session_is_changed_without_its_time(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    form = bot.opens(bot.types(f"session {ref}", who=keeper), "Change it", who=keeper)
    card = bot.sends(form, who=keeper, place="Library", capacity="8", access="Captions")

    assert not {"on", "from", "until"} & {one.name for one in form.fields}
    assert "Library" in said(card)
    assert "8 places left" in said(card)
    again = bot.opens(bot.types(f"session {ref}", who=keeper), "Change it", who=keeper)
    assert "how many places" in wrong(bot.sends(again, who=keeper, capacity=""))["capacity"]


def test_who_holds_a_place_is_told_where_it_is_now(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    holder, _ = training.book(bot, ref, BookingState.CONFIRMED, BookingState.WAITING)
    for fields in ({"place": "Library"}, {"capacity": "9"}, {"place": "", "link": "https://example.org/other"}):
        bot.sends(bot.opens(bot.types(f"session {ref}", who=keeper), "Change it", who=keeper), who=keeper, **fields)

    assert [one.to.address for one in told(bot)] == [holder.user_id, holder.user_id]
    assert [one.key for one in told(bot)] == [f"session-elsewhere:{ref}:1", f"session-elsewhere:{ref}:2"]
    assert "It is now here: Library" in said(told(bot)[0].card)
    assert "example.org" not in said(told(bot)[1].card)


def test_who_holds_a_place_is_told_that_a_session_is_online_now(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    training.book(bot, ref, BookingState.CONFIRMED)
    form = bot.opens(bot.types(f"session {ref}", who=keeper), "Change it", who=keeper)
    bot.sends(form, who=keeper, mode="online", place="")

    [notice] = told(bot)
    assert "It is now online. It is not at the place you were told." in said(notice.card)
    assert "link" not in said(notice.card)


def test_every_change_of_a_session_is_another_version(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    versions = [counted(bot, ref)[0]]
    for fields in ({"trainer": "Another trainer"}, {"capacity": "9"}, {"link": "https://example.org/other"}):
        bot.sends(bot.opens(bot.types(f"session {ref}", who=keeper), "Change it", who=keeper), who=keeper, **fields)
        versions.append(counted(bot, ref)[0])
    bot.sends(bot.opens(bot.types(f"session {ref}", who=keeper), "Move it", who=keeper), who=keeper, on="2026-12-04")
    versions.append(counted(bot, ref)[0])
    bot.presses(bot.types(f"session {ref}", who=keeper), "Close booking", who=keeper)
    versions.append(counted(bot, ref)[0])

    assert versions == list(range(versions[0], versions[0] + 6))


def test_the_secretariat_sees_who_is_booked_and_keeps_the_attendance_once_it_began(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    training.book(bot, ref, BookingState.CONFIRMED)
    card = bot.types(f"session {ref}", who=keeper)
    booked = bot.presses(card, "Who is booked", who=keeper)
    bot.clock.now = datetime(2026, 12, 3, 10, 30, tzinfo=UTC)
    begun = bot.types(f"session {ref}", who=keeper)
    attendance = bot.presses(begun, "Attendance", who=keeper)

    assert len(labels(card)) == 6
    assert "Attendance" not in labels(card)
    assert "Person 2" in said(booked)
    assert labels(begun) == ["Who is booked", "Attendance", "Move it", "Cancel it"]
    assert "Person 2" in said(attendance)
    assert not {"Who is booked", "Attendance"} & set(labels(bot.types(f"session {ref}")))


def test_a_session_at_which_somebody_was_is_not_moved_or_cancelled_any_more(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    training.book(bot, ref, BookingState.ATTENDED, BookingState.CONFIRMED)
    bot.clock.now = datetime(2026, 12, 3, 13, tzinfo=UTC)
    card = bot.types(f"session {ref}", who=keeper)

    for label in ("Move it", "Cancel it"):
        button = button_of(card, label)
        assert "so that it took place" in said(
            bot.does(Request(keeper, route=button.action, value=button.value)) or Errors({})
        )


def test_a_session_without_anybody_is_over_when_it_ends_and_others_when_attendance_is_complete(
    bot: Bot, keeper: Identity
) -> None:
    empty, gave_up, full = (training.session(bot, keeper, on=f"2026-12-0{day}") for day in (2, 3, 4))
    training.book(bot, gave_up, BookingState.CANCELLED)
    training.book(bot, full, BookingState.CONFIRMED)
    bot.clock.now = datetime(2026, 12, 3, 12, 29, tzinfo=UTC)
    assert bot.dispatcher.within(ticking.tick) == 1
    bot.clock.pass_(days=2)

    assert [bot.dispatcher.within(ticking.tick) for _ in range(2)] == [1, 0]
    assert [state(bot, ref) for ref in (empty, gave_up, full)] == ["done", "done", "open"]


def test_who_holds_a_place_or_waits_is_told_once_of_the_old_and_the_new_time(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    holder, waiter, _ = training.book(bot, ref, BookingState.CONFIRMED, BookingState.WAITING, BookingState.CANCELLED)
    form = bot.opens(bot.types(f"session {ref}", who=keeper), "Move it", who=keeper)
    times = {"on": "2026-12-10", "from": "14:00", "until": "16:00"}
    card = bot.sends(form, who=keeper, **times)
    bot.sends(form, who=keeper, **times)

    assert {one.to.address for one in told(bot)} == {holder.user_id, waiter.user_id}
    assert {one.key for one in told(bot)} == {f"session-moved:{ref}:1"}
    words = said(told(bot)[0].card).replace("\\", "")
    assert "Thursday 3 December 2026, 10:00 to 12:30" in words
    assert "Thursday 10 December 2026, 14:00 to 16:00" in words
    assert "Moved from" in said(card)
    assert "Wednesday 9 December 2026" in said(card)  # booking closes the day before, as it did


def test_who_booked_a_cancelled_session_is_told_once_and_offered_other_dates(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    other = training.session(bot, keeper, on="2026-12-10")
    booked = training.book(
        bot, ref, BookingState.CONFIRMED, BookingState.OFFERED, BookingState.WAITING, BookingState.CANCELLED
    )
    form = bot.opens(bot.types(f"session {ref}", who=keeper), "Cancel it", who=keeper)
    card = bot.sends(form, who=keeper, why="The trainer *cannot* come.")
    bot.sends(form, who=keeper, why="The trainer *cannot* come.")

    assert "People with a place: 2. People who wait: 1." in form.intro
    assert states(bot) == ["called-off", "called-off", "called-off", "cancelled"]
    assert {one.to.address for one in told(bot)} == {who.user_id for who in booked[:3]}
    assert len(told(bot)) == 3
    notice = told(bot)[0].card
    assert notice.tone is Tone.WARNING
    assert "\\*cannot\\*" in said(notice)
    assert button_of(notice, "10 Dec: Neglect").value == other
    assert isinstance(card, Card)
    assert card.title == f"{ref} is cancelled. Bookings: 3"
    assert labels(card) == ["Who is booked"]


def test_a_cancelled_session_is_not_changed_or_moved_any_more(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    card = bot.types(f"session {ref}", who=keeper)
    bot.sends(bot.opens(card, "Cancel it", who=keeper), who=keeper)

    for label in ("Change it", "Move it", "Cancel it", "Close booking"):
        button = button_of(card, label)
        assert "was cancelled" in said(bot.does(Request(keeper, route=button.action, value=button.value)) or Errors({}))
    assert "TRN" not in said(bot.types("training"))


def test_nobody_but_the_secretariat_can_do_any_of_it(bot: Bot, keeper: Identity) -> None:
    ref = training.session(bot, keeper)
    card = bot.types(f"session {ref}", who=keeper)
    member = bot.enrol(Role.MEMBER)

    for label in ("Change it", "Move it", "Cancel it", "Close booking"):
        button = button_of(card, label)
        reply = bot.does(Request(member, route=button.action, value=button.value))
        assert isinstance(reply, Card)
        assert ref not in reply.title
    assert not set(labels(bot.types(f"session {ref}", who=member))) & {"Change it", "Move it", "Cancel it"}


MOVED = {"on": "2026-12-04", "from": "10:00", "until": "12:00"}


@pytest.mark.parametrize(("label", "fields"), [("Move it", MOVED), ("Cancel it", {})])
def test_attendance_that_is_noted_in_the_same_moment_stands(
    bot: Bot, keeper: Identity, monkeypatch: pytest.MonkeyPatch, label: str, fields: dict[str, str]
) -> None:
    ref = training.session(bot, keeper)
    training.book(bot, ref, BookingState.CONFIRMED)
    form = bot.opens(bot.types(f"session {ref}", who=keeper), label, who=keeper)
    answers = iter([False, True])  # before the session is held, and after it
    monkeypatch.setattr("db.training.noted", lambda _session, session_id: next(answers) and bool(session_id))

    reply = bot.sends(form, who=keeper, **fields)

    assert "so that it took place" in said(reply)
    assert states(bot) == ["confirmed"]
