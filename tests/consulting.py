"""A group that decides and is consulted: `room.decides()`, `room.asks()`, `room.replies(who, "Agree")`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from db import consultations, decisions, groups, meetings, people
from db import engine as database
from db.meetings import Meeting
from db.people import Identity, Role
from db.reminders import coming
from handlers import reminders
from handlers.consulting import ticking
from handlers.messages import Card, Errors, Form
from tests.fakes import Bot, Queued

GROUP = "Effective Learning Group"
CON, DEC = "CON-2026-001", "DEC-2026-001"
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
DUE = "Tuesday 8 December 2026"  # ten working days later
QUESTION = {
    "group": GROUP,
    "title": "The new training offer",
    "question": "Do you agree with the offer as it is written?",
    "link": "https://council.example/offer",
}
DECIDED = {"text": "The offer is adopted from April."}


class Room:
    """A group of five seats, those who look after it, and others, on one platform."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        bot.clock.now = TUESDAY
        self.chair = self.enrols("Cleo Invented", Role.MEMBER, Role.CHAIR, seat="Chair", agency="Example Council")
        self.police = self.enrols("Pim Invented", Role.MEMBER, seat="Police", agency="Example Police")
        self.trust = self.enrols("Otto Invented", Role.MEMBER, seat="Relevant agency", agency="Example Trust")
        self.deputy = self.enrols("Dag Invented", Role.MEMBER, seat="Police", agency="Example Police", deputy=True)
        self.adviser = self.enrols("Ada Invented", Role.MEMBER, seat="Adviser", agency="Example Council")
        self.other = self.enrols("Kip Invented", Role.MEMBER)
        self.coordinator = self.enrols("Nils Invented", Role.COORDINATOR)
        self.scrutineer = self.enrols("Sol Invented", Role.SCRUTINEER)
        self.partner = self.enrols("Pax Invented", Role.STATUTORY_PARTNER)
        self.con, self.dec = CON, DEC
        self.asked = (self.chair, self.police, self.trust, self.adviser)

    def enrols(self, name: str, *roles: Role, seat: str = "", agency: str = "", deputy: bool = False) -> Identity:
        """Enrol somebody invented, on a seat of the group where one is named."""
        who = Identity("test", name.partition(" ")[0].lower())
        on = self.bot.clock.now.date()
        with database.transaction(self.bot.engine) as session:
            number = people.enrol(session, who, name=name, roles=roles, on=on, agency=agency)
            if seat:
                groups.join(session, number, GROUP, on=on, seat=seat, deputy=deputy)
        return who

    def leaves(self, who: Identity) -> None:
        """Let somebody sit in the group no longer."""
        with database.transaction(self.bot.engine) as session:
            groups.leave(session, self.number(who), GROUP, on=self.bot.clock.now.date())

    def number(self, who: Identity) -> int:
        """Return the number of a person."""
        with database.transaction(self.bot.engine) as session:
            return people.find(session, who, on=self.bot.clock.now.date()).person_id or 0

    def meets(self, on: date) -> int:
        """Let the group meet on a day; return the number of the meeting."""
        with database.transaction(self.bot.engine) as session:
            row = meetings.add(session, GROUP, on=on, cut_off_on=on, pack_on=on)
            assert isinstance(row, Meeting)
            return row.id

    def at(self, *day: int, hour: int = 9) -> None:
        """Let it be nine o'clock of that day."""
        self.bot.clock.now = datetime(*day, hour, tzinfo=UTC)  # type: ignore[arg-type,misc]

    def tick(self) -> int:
        """Let the clock do what is due with consultations."""
        return self.bot.dispatcher.within(ticking.tick)

    def card(self, who: Identity, text: str) -> Card:
        """Type something that leads to a card."""
        return self.bot.types(text, who=who)

    def asks(self, who: Identity | None = None, /, **fields: str) -> Card:
        """Consult the group."""
        found = self.tries_to_ask(who, **fields)
        assert isinstance(found, Card), found
        self.con = found.title.partition(":")[0]
        return found

    def tries_to_ask(self, who: Identity | None = None, /, **fields: str) -> Card | Errors:
        """Send the form of a consultation, whatever comes of it."""
        me = who or self.coordinator
        form = self.bot.opens(self.card(me, "consult"), "Consult a group", who=me)
        return self.bot.sends(form, who=me, **{**QUESTION, **fields})

    def replies(self, who: Identity, label: str, comment: str = "") -> Card:
        """Reply to the consultation with a button, and with words where it asks for them."""
        return self._does(self.card(who, f"consultation {self.con}"), who, label, comment=comment)

    def keeps(self, label: str, who: Identity | None = None, /, **fields: str) -> Card:
        """Do something under the list of replies, as the secretariat."""
        me = who or self.coordinator
        card = self.bot.presses(self.card(me, f"consultation {self.con}"), "Who replied", who=me)
        assert isinstance(card, Card)
        return self._does(card, me, label, **fields)

    def decides(self, who: Identity | None = None, /, **fields: str) -> Card:
        """Record a decision of the last meeting."""
        found = self.tries_to_decide(who, **fields)
        assert isinstance(found, Card), found
        self.dec = found.title.partition(" ")[0]
        return found

    def tries_to_decide(self, who: Identity | None = None, /, **fields: str) -> Card | Errors:
        """Send the form of a decision, whatever comes of it."""
        me = who or self.coordinator
        form = self.record_form(me)
        return self.bot.sends(form, who=me, **{**DECIDED, **fields})

    def record_form(self, who: Identity) -> Form:
        """Open the form of a decision of the last meeting."""
        card = self.card(who, f"decisions {GROUP}")
        label = next(one.label for one in card.actions if one.label.startswith("Record for"))
        return self.bot.opens(card, label, who=who)

    def _does(self, card: Card, who: Identity, label: str, **fields: str) -> Card:
        found = self.bot.presses(card, label, who=who)
        done = self.bot.sends(found, who=who, **fields) if isinstance(found, Form) else found
        assert isinstance(done, Card), done
        return done

    def told(self, who: Identity) -> list[Queued]:
        """Return what was queued for somebody, oldest first."""
        return [one for one in self.bot.queued() if one.to.address == who.user_id]

    def reminded_on(self, who: Identity) -> list[str]:
        """Return the days on which somebody will still be reminded."""
        self.bot.dispatcher.within(reminders.queue_due)
        with database.transaction(self.bot.engine) as session:
            return [one.reminder.due_at.date().isoformat() for one in coming(session, self.number(who))]


def owed(bot: Bot, who: Identity) -> None:
    """Let somebody chair a group that met, decided things in between, and is asked something."""
    on, now = bot.clock.now.date(), bot.clock.now
    with database.transaction(bot.engine) as session:
        me = people.find(session, who, on=on).person_id or 0
        met_on = on - timedelta(days=2)
        groups.join(session, me, GROUP, on=met_on, seat="Chair")
        group = groups.group_id(session, GROUP)
        meetings.add(session, GROUP, on=met_on, cut_off_on=met_on, pack_on=met_on)
        for _ in range(3):
            decisions.add(
                session, year=on.year, votes={me: ("Chair", "for")}, group_id=group, meeting_id=None,
                agenda_item_id=None, text=DECIDED["text"], made_on=on, made_by=GROUP, recorded_at=now,
                recorded_by_person_id=me, reported_meeting_id=None, reported_on=None,
            )  # fmt: skip
            row = consultations.begin(
                session, year=on.year, group_id=group, title=QUESTION["title"], question=QUESTION["question"],
                link=QUESTION["link"], opened_at=now, opened_by_person_id=me, due_on=on, closed_at=None,
                raised_meeting_id=None,
            )  # fmt: skip
            consultations.ask(session, row, person_id=me, seat="Chair", agency="")
