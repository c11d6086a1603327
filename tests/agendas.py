"""A meeting with an agenda to work with: `desk = Desk(bot)`, `desk.meets()`, `desk.shows(who)`, `desk.lines(card)`."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import docx
from docx.document import Document
from sqlalchemy import select

from db import agendas, groups, meetings, people
from db import engine as database
from db.meetings import Meeting
from db.people import Identity, Role
from handlers import downloads
from handlers.agendas import ticking
from handlers.context import Request
from handlers.messages import Card, Errors, Link, Table
from tests.fakes import Bot
from tests.records import number

GROUP = "Delivery Group"
ON = date(2026, 12, 10)  # a Thursday
CUT_OFF, PACK = date(2026, 11, 26), date(2026, 12, 3)
ITEM = {"title": "Data on neglect", "purpose": "discuss", "presenter": "Designated nurse", "minutes": "20"}
LINK = "https://council.example.gov.uk/papers/neglect"


class Desk:
    """The secretariat of a group that meets, two of its members, and one who does not sit there."""

    def __init__(self, bot: Bot, group: str = GROUP) -> None:
        self.bot, self.group = bot, group
        self.keeper = bot.enrol(Role.MEMBER, Role.COORDINATOR, name="Lumi Invented")
        self.member = bot.enrol(Role.MEMBER, name="Remi Invented")
        self.other = bot.enrol(Role.MEMBER, name="Tove Invented")
        self.outsider = bot.enrol(Role.MEMBER, name="Ebbe Invented")
        for who in (self.member, self.other):
            self.joins(who)

    def joins(self, who: Identity) -> None:
        """Let somebody sit in the group."""
        person_id = number(self.bot, who)
        with database.transaction(self.bot.engine) as session:
            groups.join(session, person_id, self.group, on=self.bot.clock.now.date())

    def meets(self, on: date = ON, cut_off: date = CUT_OFF, pack: date = PACK, *, hour: int | None = 10) -> str:
        """Let the group meet on a day, and return the number of the meeting as buttons carry it."""
        at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC) if hour else None
        with database.transaction(self.bot.engine) as session:
            row = meetings.add(session, self.group, on=on, cut_off_on=cut_off, pack_on=pack, starts_at=at)
            assert row is not None
            return str(row.id)

    def ref(self, meeting: str) -> str:
        """Return the reference of a meeting."""
        with database.transaction(self.bot.engine) as session:
            return session.scalars(select(Meeting.ref).where(Meeting.id == int(meeting))).one()

    def changes(self, meeting: str, **columns: object) -> None:
        """Change what is kept of a meeting."""
        with database.transaction(self.bot.engine) as session:
            row = session.scalars(select(Meeting).where(Meeting.id == int(meeting))).one()
            for name, value in columns.items():
                setattr(row, name, value)

    def locks(self, meeting: str) -> None:
        """Lock the papers of a meeting."""
        self.changes(meeting, state="locked", locked_at=self.bot.clock.now)

    def shows(self, who: Identity, meeting: str, action: str = "agendas.show") -> Card:
        """Press a button of a meeting that leads to a card."""
        found = self.bot.does(Request(who, route=action, value=meeting))
        assert isinstance(found, Card), found
        return found

    def asks(self, who: Identity, under: str, **fields: str) -> Card | Errors:
        """Ask for an item with the button under a meeting."""
        form = self.bot.opens(self.shows(who, under), "Ask for an item", who=who)
        return self.bot.sends(form, who=who, **(ITEM | fields))

    def keeps(self, meeting: str, title: str, **columns: object) -> None:
        """Keep an item that was taken."""
        at = self.bot.clock.now
        plain = {"purpose": "note", "presenter": "Chair", "minutes": 5, "taken_at": at}
        with database.transaction(self.bot.engine) as session:
            agendas.keep(session, meeting_id=int(meeting), source=agendas.ASKED, source_ref=title, title=title, at=at,
                         **(plain | columns))  # fmt: skip

    def arranges(self, meeting: str, title: str, move: str) -> Card:
        """Take, move or drop the item whose title has these words."""
        form = self.bot.opens(self.shows(self.keeper, meeting), "Arrange the agenda", who=self.keeper)
        [item] = [one.value for one in form.fields[0].choices if title in one.label]
        found = self.bot.sends(form, who=self.keeper, item=item, move=move)
        assert isinstance(found, Card), found
        return found

    def wants(self, meeting: str, **fields: str) -> Card | Errors:
        """Ask the member for a paper."""
        form = self.bot.opens(self.shows(self.keeper, meeting, "agendas.papers"), "Add a paper", who=self.keeper)
        return self.bot.sends(form, who=self.keeper, **({"title": "Neglect data", "owner": "Remi Invented"} | fields))

    def brings(self, who: Identity, meeting: str, **fields: str) -> Card | Errors:
        """Give the link of a paper."""
        form = self.bot.opens(self.shows(who, meeting, "agendas.papers"), "Give the link", who=who)
        return self.bot.sends(form, who=who, **({"link": LINK} | fields))

    def tick(self) -> int:
        """Let the clock do what is due with papers."""
        return self.bot.dispatcher.within(ticking.tick)

    def opens(self, card: Card) -> Document:
        """Fetch the file of the link on a card, and open it."""
        [link] = (one for one in card.actions if isinstance(one, Link))
        token = link.url.rpartition("/")[2]
        file = self.bot.dispatcher.within(lambda context: downloads.fetch(context, token))
        assert isinstance(file.content, bytes)
        return docx.Document(io.BytesIO(file.content))


def lines(card: Card) -> list[tuple[str, ...]]:
    """Return the rows of the table of a card."""
    return [row for part in card.body if isinstance(part, Table) for row in part.rows]


def forms(bot: Bot, who: Identity) -> list[tuple[str, str]]:
    """Leave a meeting with an item and a paper that `who` owes; return the buttons of all forms about it."""
    on = bot.clock.now.date()
    with database.transaction(bot.engine) as session:
        person_id = people.find(session, who, on=on).person_id
        assert person_id is not None
        groups.join(session, person_id, "Partnership", on=on)
        row = meetings.add(session, "Partnership", on=ON, cut_off_on=CUT_OFF, pack_on=PACK)
        assert row is not None
        agendas.keep(
            session, meeting_id=row.id, source=agendas.ASKED, source_ref="walk", at=bot.clock.now,
            title="A plan for the year", purpose="discuss", presenter="Chair", minutes=10,
        )  # fmt: skip
        agendas.add_paper(
            session, meeting_id=row.id, title="The plan", link="", owner_person_id=person_id, due_on=PACK, for_on=ON,
            added_at=bot.clock.now,
        )  # fmt: skip
        return [(f"agendas.{name}", str(row.id)) for name in ("ask", "arrange", "paper", "bring")]
