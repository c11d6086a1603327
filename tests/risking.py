"""A register to raise risks in: `desk.raises()`, `desk.opened()`, `desk.fills(who, "Score it", ...)`, `desk.tick()`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import challenges, groups, people, risks
from db import engine as database
from db.deliveries import Delivery, Lane, Occurrence
from db.escalations import Escalation
from db.people import Identity, Role
from db.reminders import coming
from db.risks import Risk
from handlers import reminders
from handlers.context import Request
from handlers.messages import Button, Card, Errors, Form
from handlers.risks import ticking
from knowledge import risks as rules
from tests.fakes import Bot, Queued, button_of, labels

REF = "RSK-2026-001"
GROUP = "Delivery Group"
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALERT = {
    "title": "No agency leads on neglect",
    "event": "Help for children under five may come late.",
    "agencies": "The council and the trust",
    "doing": "A weekly meeting of managers.",
    "level": "High/Medium",
}
SCORES = {
    "inherent_l": "5", "inherent_i": "4", "current_l": "3", "current_i": "4", "target_l": "2", "target_i": "3",
    "target_date": "2027-06-01", "reason": "Seen at the meeting.",
}  # fmt: skip


class Register:
    """Everybody who has a part in a risk, and what becomes of it, on one platform."""

    platform = "test"

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        bot.clock.now = TUESDAY
        self.member = self.enrols("Mo Invented", Role.MEMBER)
        self.owner = self.enrols("Ola Invented", Role.MEMBER, agency="Example Trust")
        self.chair = self.enrols("Cam Invented", Role.MEMBER, Role.CHAIR, seat="Chair")
        self.other = self.enrols("Kit Invented", Role.MEMBER, Role.CHAIR)
        self.manager = self.enrols("Sam Invented", Role.STRATEGY_MANAGER)
        self.coordinator = self.enrols("Nico Invented", Role.COORDINATOR)
        self.scrutineer = self.enrols("Sky Invented", Role.SCRUTINEER)
        self.partner = self.enrols("Pat Invented", Role.STATUTORY_PARTNER, agency="Example Council")

    def enrols(self, name: str, *roles: Role, agency: str = "", seat: str = "") -> Identity:
        """Enrol somebody invented, on a seat of the lead group where one is named."""
        who, on = Identity(self.platform, name.partition(" ")[0].lower()), self.bot.clock.now.date()
        with database.transaction(self.bot.engine) as session:
            number = people.enrol(session, who, name=name, roles=roles, on=on, agency=agency)
            if seat:
                groups.join(session, number, GROUP, on=on, seat=seat)
        return who

    def at(self, *day: int) -> None:
        """Let it be nine o'clock of that day."""
        self.bot.clock.now = datetime(*day, 9, tzinfo=UTC)  # type: ignore[arg-type,misc]

    def tick(self) -> int:
        """Let the clock do what is due with risks."""
        return self.bot.dispatcher.within(ticking.tick)

    def raises(self, who: Identity | None = None, **fields: str) -> Card:
        """Raise a risk."""
        found = self.tries_to_raise(who, **fields)
        assert isinstance(found, Card), found
        return found

    def tries_to_raise(self, who: Identity | None = None, **fields: str) -> Card | Errors:
        """Send the alert form, whatever comes of it."""
        me = who or self.member
        return self.bot.sends(self.bot.opens(self.bot.types("risk", who=me), "Raise a risk", who=me), who=me,
                              **{**ALERT, **fields})  # fmt: skip

    def sees(self, who: Identity, ref: str = REF) -> Card:
        """Type the reference."""
        return self.bot.types(f"risk {ref}", who=who)

    def button(self, who: Identity, label: str, ref: str = REF) -> Button:
        """Find a button of a risk, on the first card or behind More."""
        card = self.sees(who, ref)
        while label not in labels(card) and "More" in labels(card):
            more = self.bot.presses(card, "More", who=who)
            assert isinstance(more, Card)
            card = more
        return button_of(card, label)

    def able(self, who: Identity, ref: str = REF) -> set[str]:
        """Return what stands on all buttons that somebody has under a risk."""
        card, found = self.sees(who, ref), set[str]()
        while True:
            found |= set(labels(card))
            if "More" not in labels(card):
                return found - {"More", "Back"}
            more = self.bot.presses(card, "More", who=who)
            assert isinstance(more, Card)
            card = more

    def presses(self, who: Identity, label: str, ref: str = REF) -> Card:
        """Press a button under a risk that leads to a card."""
        found = self.bot.does(self.asks(who, self.button(who, label, ref)))
        assert isinstance(found, Card), found
        return found

    def opens(self, who: Identity, label: str, ref: str = REF) -> Form:
        """Press a button under a risk that opens a form."""
        found = self.bot.does(self.asks(who, self.button(who, label, ref)))
        assert isinstance(found, Form), found
        return found

    def tries(self, who: Identity, label: str, ref: str = REF, **fields: str) -> Card | Errors:
        """Fill in a form under a risk, whatever comes of it."""
        return self.bot.sends(self.opens(who, label, ref), who=who, **fields)

    def fills(self, who: Identity, label: str, ref: str = REF, **fields: str) -> Card:
        """Fill in a form under a risk."""
        found = self.tries(who, label, ref, **fields)
        assert isinstance(found, Card), found
        return found

    @staticmethod
    def asks(who: Identity, button: Button) -> Request:
        """Return what arrives when a button is pressed."""
        return Request(who, route=button.action, value=button.value)

    def opened(self, **scores: str) -> str:
        """Raise a risk and bring it onto the register; return its reference."""
        return self.triaged(self.raises().title.split()[0], **scores)

    def triaged(self, ref: str, **scores: str) -> str:
        """Bring an alert onto the register; return its reference."""
        self.fills(self.manager, "Score it", ref, **{**SCORES, **scores})
        self.fills(self.manager, "Owner and answer", ref, name="Ola Invented", group=GROUP)
        self.presses(self.owner, "I will own it", ref)
        return ref

    def row(self, ref: str = REF) -> Risk:
        """Return the record as it is kept."""
        with Session(self.bot.engine) as session:
            return session.scalars(select(Risk).where(Risk.ref == ref)).one()

    def told(self, who: Identity, since: int = 0) -> list[Queued]:
        """Return the notices that somebody was sent."""
        return [one for one in self.bot.queued()[since:] if one.to.address == who.user_id]

    # --- what others do, and what is kept -----------------------------------------------------------------------

    def leaves(self, who: Identity) -> None:
        """Let somebody have left today."""
        with database.transaction(self.bot.engine) as session:
            number = people.find(session, who, on=self.bot.clock.now.date()).person_id
            session.execute(update(people.Person).where(people.Person.id == number).values(left_on=TUESDAY.date()))

    def loses_its_owner(self, ref: str = REF) -> None:
        """Let a risk have no owner any more, as after an import."""
        with database.transaction(self.bot.engine) as session:
            session.execute(update(Risk).where(Risk.ref == ref).values(owner_id=None, owner_accepted_at=None))

    def loses_its_raiser(self, ref: str = REF) -> None:
        """Let nobody be known who raised a risk, as after an import."""
        with database.transaction(self.bot.engine) as session:
            session.execute(update(Risk).where(Risk.ref == ref).values(raised_by=None))

    def escalation_is(self, state: str, ref: str = "ESC-2026-001") -> None:
        """Let an escalation stand so."""
        with database.transaction(self.bot.engine) as session:
            session.execute(update(Escalation).where(Escalation.ref == ref).values(status=state))

    def queue_of(self, notice: Queued) -> str:
        """Return in which queue of its destination a notice stands."""
        with Session(self.bot.engine) as session:
            wanted = (
                select(Lane.queue)
                .join(Delivery, Delivery.lane_id == Lane.id)
                .join(Occurrence, Occurrence.id == Delivery.occurrence_id)
            )
            return session.scalars(wanted.where(Occurrence.key == notice.key)).first() or ""

    def reminded_on(self, who: Identity) -> list[str]:
        """Return the days on which somebody will be reminded, in order."""
        self.bot.dispatcher.within(reminders.queue_due)
        with Session(self.bot.engine) as session:
            number = people.find(session, who, on=self.bot.clock.now.date()).person_id or 0
            return [f"{one.reminder.due_at:%Y-%m-%d}" for one in coming(session, number)]


def owed(bot: Bot, who: Identity) -> None:
    """Let somebody be asked to own an alert and to answer a challenge, beside a risk that is on the register."""
    now = bot.clock.now
    with database.transaction(bot.engine) as session:
        number = people.find(session, who, on=now.date()).person_id
        common = {"raised_at": now, "changed_at": now, "clocks": rules.clocks()}
        scored = {"inherent_l": 5, "inherent_i": 4, "current_l": 3, "current_i": 4, "target_l": 2, "target_i": 3}
        group = groups.group_id(session, GROUP)
        alert = {**ALERT, "agencies_affected": ALERT["agencies"], "owner_id": number}
        texts = {name: text for name, text in alert.items() if name not in ("agencies", "level")}
        risks.raise_one(session, ref="RSK-2026-901", **texts, **common)
        risks.raise_one(
            session, ref="RSK-2026-902", status="open", title="Two posts are empty", lead_group_id=group,
            response="treat", **scored, **common,
        )  # fmt: skip
        challenges.raise_one(
            session, ref="CHA-2026-901", raised_by=number, owner_id=number, challenged="Example Trust",
            challenge="What shows it?", response_due=now.date(), **common,
        )  # fmt: skip
        groups.join(session, number or 0, GROUP, on=now.date(), seat="Chair")
