"""An Executive with its three seats, as tests convene it: who sits there, what the clock does, what people are sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import attending, groups, meetings, people
from db import engine as database
from db.attending import AbsenceReview, Mark
from db.deliveries import Delivery, Occurrence, State
from db.meetings import Meeting
from db.people import Identity, Role
from handlers import reminders
from handlers.meetings import ticking
from handlers.messages import Card, Errors, Form
from knowledge.calendar import working_days_before
from tests.fakes import Bot, Queued, labels

SEATS = ("Local authority", "Integrated care board", "Police")
EXECUTIVE = "Executive"
MEETS = date(2026, 12, 17)  # a Thursday; papers open on 26 November
FROM = date(2026, 1, 1)


def at(text: str) -> datetime:
    """Return a moment in London, which is UTC in winter."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Room:
    """The Executive of a bot: `room.members["Police"]` sits for the police, and `room.keeper` looks after it."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.keeper = bot.enrol(Role.MEMBER, Role.COORDINATOR, name="Kit Invented")
        self.members = {seat: self.sits(f"{seat} Invented", seat) for seat in SEATS}

    def sits(self, name: str, seat: str = "", *, group: str = EXECUTIVE, deputy: bool = False) -> Identity:
        """Enrol somebody who sits in a group."""
        who = self.bot.enrol(Role.MEMBER, name=name)
        self.joins(who, seat, group=group, deputy=deputy)
        return who

    def joins(self, who: Identity, seat: str = "", *, group: str = EXECUTIVE, deputy: bool = False) -> None:
        """Let somebody who is enrolled sit in a group."""
        with database.transaction(self.bot.engine) as session:
            groups.join(session, self._id(session, who), group, on=FROM, seat=seat, deputy=deputy)

    def stands_in(self, who: Identity, for_whom: Identity) -> None:
        """Name somebody as the deputy of another in the role of statutory partner."""
        with database.transaction(self.bot.engine) as session:
            deputy = people.Deputy(
                person_id=self._id(session, who), for_person_id=self._id(session, for_whom),
                role=Role.STATUTORY_PARTNER.value, from_on=FROM,
            )  # fmt: skip
            session.add(deputy)

    def leaves(self, who: Identity, group: str = EXECUTIVE) -> None:
        """Let somebody sit in a group no longer."""
        with database.transaction(self.bot.engine) as session:
            groups.leave(session, self._id(session, who), group, on=self.bot.clock.now.date())

    def _id(self, session: Session, who: Identity) -> int:
        found = people.find(session, who, on=self.bot.clock.now.date()).person_id
        assert found
        return found

    def meets(self, on: date = MEETS, group: str = EXECUTIVE, **more: str) -> str:
        """Add a meeting at ten, and return its reference."""
        with database.transaction(self.bot.engine) as session:
            row = meetings.add(
                session, group, on=on, cut_off_on=working_days_before(on, 10), pack_on=working_days_before(on, 5),
                starts_at=datetime.combine(on, time(10), UTC),
            )  # fmt: skip
            assert row is not None
            for name, value in more.items():
                setattr(row, name, value)
            return row.ref

    def kept(self, ref: str) -> Meeting:
        """Return a meeting as it is now."""
        with Session(self.bot.engine) as session:
            return session.scalars(select(Meeting).where(Meeting.ref == ref)).one()

    def card(self, ref: str, who: Identity | None = None) -> Card:
        """Show a meeting to somebody, or to the secretariat."""
        return self.bot.types(f"meeting {ref}", who=who or self.keeper)

    def with_button(self, ref: str, label: str, who: Identity | None = None) -> Card:
        """Show the card of a meeting that has a button, the first one or one behind it."""
        card = self.card(ref, who)
        while label not in labels(card):
            more = self.bot.presses(card, "More", who=who or self.keeper)
            assert isinstance(more, Card)
            card = more
        return card

    def says(self, ref: str, seat: str, label: str) -> Card:
        """Let the member on a seat answer."""
        return self.answers(ref, self.members[seat], label)

    def answers(self, ref: str, who: Identity, label: str) -> Card:
        """Let somebody answer."""
        card = self.bot.presses(self.card(ref, who), label, who=who)
        assert isinstance(card, Card)
        return card

    def tick(self, when: str = "") -> int:
        """Let the clock do what is due with meetings, at a moment."""
        if when:
            self.bot.clock.now = at(when)
        return self.bot.dispatcher.within(ticking.tick)

    def remind(self, when: str = "") -> None:
        """Let the clock do what is due with meetings and with reminders."""
        self.tick(when)
        self.bot.dispatcher.within(reminders.queue_due)

    def sent(self, who: Identity, title: str = "") -> list[Queued]:
        """Return what somebody was sent, under titles that begin so; what was called back is not in it."""
        return [one for one in self.queued() if one.to.address == who.user_id and one.card.title.startswith(title)]

    def queued(self) -> list[Queued]:
        """Return every message that was not called back."""
        with Session(self.bot.engine) as session:
            gone = select(Delivery.occurrence_id).where(Delivery.state == State.CANCELLED.value)
            keys = set(session.scalars(select(Occurrence.key).where(Occurrence.id.in_(gone))))
        return [one for one in self.bot.queued() if one.key not in keys]

    def delivered(self) -> None:
        """Let everything that waits be delivered."""
        with database.transaction(self.bot.engine) as session:
            for one in session.scalars(select(Delivery).where(Delivery.state == State.PENDING.value)):
                one.state = State.SENT.value

    def move(self, ref: str, on: str, **fields: str) -> Card | Errors:
        """Move a meeting to another day."""
        return self._dates(ref, "Move a meeting", on=on, **fields)

    def cancel(self, ref: str) -> Card | Errors:
        """Cancel a meeting."""
        return self._dates(ref, "Cancel a meeting")

    def add(self, on: str) -> Card | Errors:
        """Add a meeting of the Executive by the form of dates."""
        form = self.bot.opens(self.bot.types("dates", who=self.keeper), "Add dates", who=self.keeper)
        return self.bot.sends(form, who=self.keeper, on=on)

    def _dates(self, ref: str, label: str, **fields: str) -> Card | Errors:
        form = self.bot.opens(self.bot.types("dates", who=self.keeper), label, who=self.keeper)
        return self.bot.sends(form, who=self.keeper, meeting=str(self.kept(ref).id), **fields)

    def holds(self, ref: str) -> None:
        """Come to the day of a meeting, and say that it was held."""
        row = self.kept(ref)
        self.bot.clock.now = datetime.combine(row.on, time(15), UTC)
        self.bot.presses(self.card(ref), "It was held", who=self.keeper)

    def marking(self, ref: str) -> Form:
        """Open the form of attendance."""
        return self.bot.opens(self.card(ref), "Attendance", who=self.keeper)

    def marks(self, ref: str, **came: str) -> Card | Errors:
        """Mark who was there, by the first word of a name in small letters; everybody else was."""
        form = self.marking(ref)
        said = {one.name: came.get(one.label.partition(" ")[0].lower(), "present") for one in form.fields}
        return self.bot.sends(form, who=self.keeper, **said)

    def held(self, on: date, group: str = EXECUTIVE, **came: str) -> str:
        """Hold a meeting, and mark who was there."""
        ref = self.meets(on, group)
        self.holds(ref)
        card = self.marks(ref, **came)
        assert isinstance(card, Card), card
        return ref

    def reviews(self) -> list[AbsenceReview]:
        """Return every review of an absence, oldest first."""
        with Session(self.bot.engine) as session:
            return list(session.scalars(select(AbsenceReview).order_by(AbsenceReview.id)))


def owed(bot: Bot, who: Identity) -> None:
    """Let somebody sit in a group of which two meetings were held without them, with a review of that."""
    today = bot.clock.now.date()
    with database.transaction(bot.engine) as session:
        number = people.find(session, who, on=today).person_id or 0
        groups.join(session, number, "Delivery Group", on=FROM)
        rows = [
            meetings.add(session, "Delivery Group", on=on, cut_off_on=on, pack_on=on)
            for on in (date(2026, 10, 1), date(2026, 11, 5))
        ]
        for row in rows:
            assert row is not None
            row.state = meetings.MeetingState.HELD.value
            attending.mark(session, row.id, number, seat="", agency="", said=Mark.ABSENT, by=None, at=bot.clock.now)
        assert rows[1] is not None
        attending.open_review(session, rows[1], seat="", person_id=number, at=bot.clock.now)
