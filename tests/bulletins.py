"""A secretariat to write bulletins with: `desk.writes()`, `desk.approved()`, `desk.scheduled()`, `desk.tick()`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update

from db import engine as database
from db import groups, people
from db.deliveries import Delivery, Occurrence
from db.people import Identity, Role
from handlers.bulletins import sending
from handlers.context import Request
from handlers.messages import Card, Errors
from tests.fakes import Bot, Queued

REF = "BUL-2026-001"
NINE_ON_TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
WORDS = {
    "What has happened": "The form to share a worry about a child has moved.",
    "What to do now": "- Please use the new form from today.\n- Tell your team about it.",
}


class Desk:
    """Somebody who writes, somebody else who approves, and everything that leaves their desk."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.author = bot.enrol(Role.COORDINATOR, name="Nico Invented")
        self.approver = bot.enrol(Role.STRATEGY_MANAGER, name="Sam Invented")

    def enrols(self, name: str, *, agency: str = "", group: str = "", seat: str = "") -> Identity:
        """Enrol somebody invented, of an agency or in a group."""
        who = Identity("test", name.partition(" ")[0].lower())
        on = self.bot.clock.now.date()
        with database.transaction(self.bot.engine) as session:
            person_id = people.enrol(session, who, name=name, roles=[Role.MEMBER], on=on, agency=agency)
            if group:
                groups.join(session, person_id, group, on=on, seat=seat)
        return who

    def leaves(self, name: str) -> None:
        """Let somebody have left today."""
        with database.transaction(self.bot.engine) as session:
            on = self.bot.clock.now.date()
            session.execute(update(people.Person).where(people.Person.name == name).values(left_on=on))

    # --- writing -------------------------------------------------------------------------------------------

    def presses(self, card: Card, label: str, who: Identity | None = None) -> Card:
        """Press a button that leads to a card."""
        found = self.bot.presses(card, label, who=who or self.author)
        assert isinstance(found, Card), found
        return found

    def fills(self, card: Card, label: str, who: Identity | None = None, **fields: str) -> Card:
        """Press a button that opens a form, fill it in and send it."""
        found = self.tries(card, label, who, **fields)
        assert isinstance(found, Card), found
        return found

    def tries(self, card: Card, label: str, who: Identity | None = None, **fields: str) -> Card | Errors:
        """Fill in a form as `fills` does, whatever comes of it."""
        form = self.bot.opens(card, label, who=who or self.author)
        return self.bot.sends(form, who=who or self.author, **fields)

    def opens(self, ref: str = REF, who: Identity | None = None) -> Card:
        """Open one of the bulletins that are listed."""
        return self.presses(self.bot.types("bulletin", who=who or self.author), f"Open {ref}", who)

    def does(self, action: str, value: str, who: Identity, **fields: str) -> Card | Errors:
        """Press or send something that no card offers."""
        reply = self.bot.does(Request(who, route=f"bulletins.{action}", value=value, fields=fields))
        assert isinstance(reply, Card | Errors), reply
        return reply

    def begins(self, who: Identity | None = None, **fields: str) -> Card:
        """Begin a bulletin."""
        given = {"kind": "urgent", "title": "The form has moved"} | fields
        return self.fills(self.bot.types("bulletin", who=who or self.author), "Write a bulletin", who, **given)

    def writes(self, who: Identity | None = None, **fields: str) -> Card:
        """Begin a bulletin, write its sections, and return its card."""
        sections = self.presses(self.begins(who, **fields), "Write the sections", who)
        for label, text in WORDS.items():
            sections = self.fills(sections, label, who, text=text)
        return self.presses(sections, "Back", who)

    def in_review(self, who: Identity | None = None, **fields: str) -> Card:
        """Write a bulletin, send it for approval, and return its card as the approver sees it."""
        self.presses(self.writes(who, **fields), "Send for approval", who)
        return self.opens(who=self.approver)

    def approved(self, **fields: str) -> Card:
        """Write a bulletin, have it approved, and return its card."""
        return self.presses(self.in_review(None, **fields), "Approve", self.approver)

    def scheduled(self, day: str = "2026-11-24", time: str = "09:00", **fields: str) -> Card:
        """Write a bulletin, have it approved, schedule it for a Tuesday, and return its card."""
        return self.fills(self.approved(**fields), "Choose when", day=day, time=time)

    def asks_to_read(self, ref: str = REF) -> None:
        """Let a bulletin arrive at everybody whose readers are asked to brief their teams."""
        self.fills(self.writes(), "Title and readers", needs_reading="yes")
        self.presses(self.opens(ref), "Send for approval")
        self.presses(self.opens(ref, self.approver), "Approve", self.approver)
        self.fills(self.opens(ref), "Choose when", day="2026-11-24", time="09:00")
        self.bot.clock.now = NINE_ON_TUESDAY
        self.tick()
        self.arrives()

    def corrects(self, text: str) -> None:
        """Let a correction of the first bulletin arrive at everybody."""
        card = self.presses(self.bot.types(f"bulletin {REF}", who=self.author), "Write a correction")
        ref = card.title.partition(":")[0]
        self.fills(self.presses(card, "Write the sections"), "What to do now", text=text)
        self.presses(self.opens(ref), "Send for approval")
        self.presses(self.opens(ref, self.approver), "Approve", self.approver)
        self.fills(self.opens(ref), "Send it now", sure="yes")
        self.arrives()
        self.tick()

    def sending(self, **fields: str) -> None:
        """Let a bulletin begin to go out on a Tuesday at nine."""
        self.scheduled(**fields)
        self.bot.clock.now = NINE_ON_TUESDAY
        self.tick()

    def sent(self, **fields: str) -> None:
        """Let a bulletin arrive at everybody."""
        self.sending(**fields)
        self.arrives()
        self.tick()

    # --- sending -------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Let a minute's tick come."""
        return self.bot.dispatcher.within(sending.queue_due)

    def messages(self, ref: str = REF) -> list[Queued]:
        """Return what was queued of a bulletin itself."""
        return [one for one in self.bot.queued() if one.kind == sending.KIND and ref in one.key]

    def notices(self, words: str) -> list[str]:
        """Return who was told something with these words in its title, by their address."""
        return sorted(one.to.address for one in self.bot.queued() if words in one.card.title)

    def arrives(self, *, but: dict[str, str] | None = None) -> None:
        """Let every bulletin that is due and not held arrive; at the addresses of `but` it fails for that reason."""
        failing = but or {}
        with database.transaction(self.bot.engine) as session:
            rows = select(Delivery).join(Occurrence, Occurrence.id == Delivery.occurrence_id)
            for row in session.scalars(rows.where(Occurrence.kind == sending.KIND, Delivery.state == "pending")):
                if row.due_at > self.bot.clock.now or row.held:
                    continue
                if row.address in failing:
                    row.state, row.error = "dead", failing[row.address]
                else:
                    row.state, row.sent_at, row.message_id = "sent", self.bot.clock.now, f"{row.address}:{row.id[:8]}"


def wait_for_somebody(bot: Bot) -> None:
    """Leave what somebody else wrote: one approved, one that needs an agreement, one to be read, and a series."""
    desk = Desk(bot)
    desk.enrols("Rowan Invented", agency="Example Trust")
    desk.approved()
    card = desk.begins(kind="young-people", title="Who can help you")
    sections = desk.presses(card, "Write the sections")
    for label in ("What this is about", "What you can do"):
        sections = desk.fills(sections, label, text="You can talk to a teacher you trust.")
    desk.presses(desk.presses(sections, "Back"), "Send for approval")
    desk.asks_to_read("BUL-2026-003")
    desk.tick()
    monthly = desk.begins(kind="monthly", title="Monthly bulletin")
    desk.fills(desk.presses(monthly, "More"), "Prepare it regularly", rule="monthly on the first tuesday")
