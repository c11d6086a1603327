"""A partnership that escalates: a group and its chair, a secretariat, a scrutineer and three statutory partners.

`Room(bot)` has all of them; `room.raises()` lets the chair send one, `room.takes(ref, label, who, ...)` takes a step.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import engine as database
from db import groups, history, meetings, people
from db.escalations import Escalation
from db.people import Identity, Role
from handlers.context import Request
from handlers.escalations import digest
from handlers.escalations.records import DEEDS
from handlers.messages import Card, Errors, Form
from tests.fakes import Bot, Queued

GROUP = "Delivery Group"
REF = "ESC-2026-001"
DECEMBER, FEBRUARY = date(2026, 12, 3), date(2027, 2, 4)
TEXTS = {
    "title": "Two agencies lack a neglect lead",
    "type": "decision",
    "issue": "Two agencies have had no neglect lead since the summer.",
    "impact_on_children": "Help for neglected children comes later than it should.",
    "already_tried": "The group wrote to both agencies twice.",
    "ask": "Please ask both agencies to name a lead.",
    "urgency": "routine",
    "urgency_reason": "",
    "marking": "OFFICIAL",
}


class Room:
    """The people of a day: each is an identity from which they speak, on one platform."""

    platform = "test"

    def __init__(self, bot: Bot, *, dates: bool = True) -> None:
        self.bot = bot
        self.chair = self.enrols("Charlie Invented", Role.MEMBER, Role.CHAIR, agency="Example Trust", seat="Chair")
        self.member = self.enrols("Pat Invented", Role.MEMBER, agency="Example School", seat="Education")
        self.other = self.enrols("Olu Invented", Role.MEMBER, Role.CHAIR, group="Another Group", seat="Chair")
        self.manager = self.enrols("Sam Invented", Role.STRATEGY_MANAGER, group="")
        self.coordinator = self.enrols("Nico Invented", Role.COORDINATOR, group="")
        self.scrutineer = self.enrols("Toni Invented", Role.SCRUTINEER, group="")
        agencies = ("Example Council", "Example ICB", "Example Police")
        self.partners = [
            self.enrols(f"Partner {one} Invented", Role.STATUTORY_PARTNER, agency=one, group="Executive")
            for one in agencies
        ]
        if dates:
            self.meets(DECEMBER, cut_off=date(2026, 11, 19), pack=date(2026, 11, 26))
            self.meets(FEBRUARY, cut_off=date(2027, 1, 21), pack=date(2027, 1, 28))

    def enrols(self, name: str, *roles: Role, agency: str = "", group: str = GROUP, seat: str = "") -> Identity:
        """Enrol somebody with these roles, in a group."""
        who = Identity(self.platform, name.lower().replace(" ", "-"))
        on = self.bot.clock.now.date()
        with database.transaction(self.bot.engine) as session:
            person_id = people.enrol(session, who, name=name, roles=roles, on=on, agency=agency)
            if group:
                groups.join(session, person_id, group, on=on, seat=seat)
        return who

    def meets(self, on: date, *, cut_off: date, pack: date) -> None:
        """Let the Executive meet on a day."""
        with database.transaction(self.bot.engine) as session:
            meetings.add(session, meetings.EXECUTIVE, on=on, cut_off_on=cut_off, pack_on=pack)

    # --- writing -------------------------------------------------------------------------------------------

    def form(self, who: Identity | None = None) -> Form:
        """Open the form in which a group asks the Executive."""
        return self.bot.opens(
            self.bot.types("escalate", who=who or self.chair), "My group needs the Executive", who=who or self.chair
        )

    def begins(self, who: Identity | None = None, /, **fields: str) -> Card | Errors:
        """Fill in that form."""
        return self.bot.sends(
            self.form(who), who=who or self.chair, **{**TEXTS, "group": GROUP, "now": "send", **fields}
        )

    def raises(self, **fields: str) -> Card:
        """Let the chair send one."""
        card = self.begins(**fields)
        assert isinstance(card, Card), card
        return card

    # --- steps ---------------------------------------------------------------------------------------------

    def row(self, ref: str = REF) -> Escalation:
        """Return what is kept of one."""
        with Session(self.bot.engine, expire_on_commit=False) as session:
            return session.scalars(select(Escalation).where(Escalation.ref == ref)).one()

    def status(self, ref: str = REF) -> str:
        """Return where one stands."""
        return self.row(ref).status

    def opens(self, who: Identity, ref: str = REF) -> Card:
        """Open one."""
        return self.bot.types(f"escalation {ref}", who=who)

    def takes(self, do: str, who: Identity, ref: str = REF, /, **fields: str) -> Card | Errors:
        """Take a step, whether a card offers it or not, with its form filled in where it has one."""
        row = self.row(ref)
        value = f"{ref}|{row.version}|{do.replace(' ', '-')}"
        deed = DEEDS[do]
        route = "escalation.step"
        if fields or deed.boxes is not None:
            route = "escalation.decide" if deed.decides else "escalation.take"
        reply = self.bot.does(Request(who, route=route, value=value, fields=fields))
        assert isinstance(reply, Card | Errors), reply
        return reply

    def meeting(self, on: date = DECEMBER) -> str:
        """Return the number of a meeting of the Executive, as a form carries it."""
        with Session(self.bot.engine) as session:
            found = next(one for one in meetings.coming(session, meetings.EXECUTIVE, date(2026, 1, 1)) if one.on == on)
            return str(found.id)

    def ticks(self) -> int:
        """Let a minute's tick come."""
        return self.bot.dispatcher.within(digest.do_due)

    def answers(self, who: Identity, decision: str = "agreed", ref: str = REF) -> Card | Errors:
        """Let a partner answer between meetings."""
        return self.takes("answer", who, ref, decision=decision, response="We agree to this.")

    def brings(self, state: str, **fields: str) -> str:
        """Bring a new one into a state, by the steps that people take; return its reference."""
        card = self.raises(**{"now": "keep" if state == "draft" else "send", **fields})
        ref = card.title[: len(REF)]
        for do, who, more in WAYS[state]:
            person: Identity = vars(self)[who]
            later = FEBRUARY if do == "defer" else DECEMBER
            now = {"meeting": self.meeting(later), "on": self.bot.clock.now.date().isoformat()}
            given = {name: now.get(name, value) for name, value in more.items()}
            reply = self.takes(do, person, ref, **given)
            assert isinstance(reply, Card), (do, reply)
            assert "cannot" not in reply.title, (do, reply)
        assert self.status(ref) == state
        return ref

    # --- what was said -------------------------------------------------------------------------------------

    def told(self, words: str) -> set[str]:
        """Return who was told something with these words in its title, by their address."""
        return {one.to.address for one in self.notices(words)}

    def notices(self, words: str) -> list[Queued]:
        """Return the notices with these words in their title."""
        return [one for one in self.bot.queued() if words in one.card.title]

    def history(self, ref: str = REF) -> list[str]:
        """Return what was done to one, oldest first."""
        with Session(self.bot.engine) as session:
            return [entry.action for entry in history.of(session, ref)]


_Way = tuple[tuple[str, str, dict[str, str]], ...]
_ACCEPT: _Way = (("accept", "manager", {"meeting": "", "note": ""}),)
_SENT: _Way = (*_ACCEPT, ("send", "coordinator", {}))
_ANSWERED: _Way = (
    *_SENT,
    ("respond", "manager", {"decision": "agreed", "response": "Both agencies will name one.", "on": "2026-11-21"}),
)
_CLOSED: _Way = (
    *_ANSWERED,
    ("propose closing", "manager", {"outcome": "Both agencies have named somebody.", "lessons": ""}),
    ("agree to close", "chair", {}),
)
_END: _Way = (("close", "manager", {"outcome": "Both agencies have named somebody.", "lessons": "Write earlier."}),)
WAYS: dict[str, _Way] = {
    "draft": (),
    "submitted": (),
    "returned": (("return", "manager", {"reason": "Say what was tried."}),),
    "accepted": _ACCEPT,
    "with-executive": _SENT,
    "deferred": (*_SENT, ("defer", "manager", {"reason": "Not enough time.", "meeting": ""})),
    "responded": _ANSWERED,
    "in-action": (
        *_ANSWERED,
        ("start", "manager", {"what": "Name a lead.", "owner": "role:strategy manager", "due_on": "2026-12-31"}),
    ),
    "withdrawn": (("withdraw", "chair", {"reason": "It is settled."}),),
    "closed": (*_CLOSED, *_END),
    "reopened": (*_CLOSED, *_END, ("reopen", "chair", {"reason": "It is not settled."})),
}


def forms(bot: Bot, who: Identity) -> list[tuple[str, str]]:
    """Leave escalations in several states in a group that `who` chairs; return the buttons of all their forms."""
    room = Room(bot)
    on = bot.clock.now.date()
    with database.transaction(bot.engine) as session:
        person_id = people.find(session, who, on=on).person_id
        assert person_id is not None
        groups.join(session, person_id, GROUP, on=on, seat="Chair")
    steps = {
        "submitted": (
            "comment",
            "ask for the executive",
            "correct",
            "return",
            "submit",
            "accept",
            "mark urgent",
            "answer",
        ),
        "with-executive": ("respond", "defer"),
        "responded": ("start",),
        "in-action": ("add action", "propose closing", "close"),
        "draft": ("edit", "withdraw"),
        "closed": ("reopen",),
    }
    found = []
    for state, dos in steps.items():
        ref = room.brings(state)
        found += [("escalation.step", f"{ref}|0|{do.replace(' ', '-')}") for do in dos]
    return found
