"""Who lives through the year, and who does what on which day: around holidays and both clock changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from sqlalchemy.orm import Session

from db import engine as database
from db import groups, meetings, people, registry
from db.bookings import Booking
from db.people import Identity, Role
from db.training import Course, TrainingSession
from handlers.context import Request
from handlers.messages import Card, Form
from tests.fakes import Bot
from tests.year.playing import Life

BEGINS, ENDS = date(2026, 9, 1), date(2027, 8, 31)
EXECUTIVE, QAP = "Executive", "Quality Assurance and Performance"
SEATS = {
    "Lara Council": (EXECUTIVE, "Local authority"),
    "Ida Health": (EXECUTIVE, "Integrated care board"),
    "Paul Police": (EXECUTIVE, "Police"),
    "Cora Chair": (QAP, "Chair"),
    "Quin Member": (QAP, ""),
}
DESK = {"Kit Coordinator": Role.COORDINATOR, "Max Manager": Role.STRATEGY_MANAGER}
LEARNERS = ("Ola One", "Ola Two", "Ola Three")
BOSS = "Bea Boss"


@dataclass(frozen=True)
class Meets:
    """One meeting: its group and day, at two in London; who answers what the day after they are asked.

    `moved` is when it was given which other day, `cancelled` when it was called off.
    """

    group: str
    on: date
    answers: dict[str, str] = field(default_factory=dict)
    moved: tuple[date, date] | None = None
    cancelled: date | None = None


@dataclass(frozen=True)
class Learns:
    """One session: its course, day and time, and how many places it has."""

    course: str
    on: date
    at: time
    capacity: int = 10
    least: int = 0


_BOTH = {"Lara Council": "I attend", "Ida Health": "I attend"}  # the police never say
_CORA = {"Cora Chair": "I attend"}
MEETINGS = (
    Meets(EXECUTIVE, date(2026, 10, 27), _BOTH),  # the clocks go back on 25 October
    Meets(EXECUTIVE, date(2026, 12, 17), _BOTH),
    Meets(EXECUTIVE, date(2027, 2, 11), {"Lara Council": "I attend", "Ida Health": "Apologies"}),
    Meets(EXECUTIVE, date(2027, 3, 30), _BOTH),  # after Easter, and the clocks go forward on 28 March
    Meets(EXECUTIVE, date(2027, 5, 27), _BOTH),
    Meets(EXECUTIVE, date(2027, 7, 22), _BOTH),
    Meets(QAP, date(2026, 11, 18), _CORA),
    Meets(QAP, date(2027, 2, 17), _CORA, moved=(date(2027, 2, 15), date(2027, 2, 24))),
    Meets(QAP, date(2027, 5, 12), _CORA, cancelled=date(2027, 5, 7)),
    Meets(QAP, date(2027, 6, 16), _CORA),
)
AUTUMN = Learns("Hearing children", date(2026, 10, 27), time(10))
MONTH = Learns("Neglect at lunch", date(2026, 11, 4), time(12, 30))
EASTER = Learns("Safer recruitment", date(2027, 3, 30), time(9, 30), least=3)  # one books: too few
OFF = Learns("Online harm", date(2027, 6, 10), time(13))
ONE_PLACE = Learns("Leading a review", date(2027, 7, 8), time(9, 30), capacity=1)
SESSIONS = (AUTUMN, MONTH, EASTER, OFF, ONE_PLACE)


class Cast:
    """The people by name, and what they do: typed, pressed and sent like everybody else's."""

    def __init__(self, life: Life) -> None:
        self.who: dict[str, Identity] = {}
        self.refs: dict[tuple[str, date], str] = {}
        self._life = life
        for name, (group, seat) in SEATS.items():
            self._enrol(name, Role.MEMBER)
            self._sits(name, group, seat)
        for name, role in DESK.items():
            self._enrol(name, Role.MEMBER, role)
        for name in (*LEARNERS, BOSS):
            self._enrol(name, Role.MEMBER)

    @property
    def bot(self) -> Bot:
        """Return the bot as it runs now."""
        return self._life.bot

    def name(self, address: str) -> str:
        """Return who is reached there."""
        return next(name for name, who in self.who.items() if who.user_id == address)

    def _enrol(self, name: str, *roles: Role) -> None:
        self.who[name] = Identity("test", name.lower().replace(" ", "-"))
        with database.transaction(self.bot.engine) as session:
            people.enrol(session, self.who[name], name=name, roles=roles, on=BEGINS, agency="Example Trust")

    def _sits(self, name: str, group: str, seat: str) -> None:
        with database.transaction(self.bot.engine) as session:
            groups.join(session, self._id(session, name), group, on=BEGINS, seat=seat)

    def _id(self, session: Session, name: str) -> int:
        found = registry.owner(session, self.who[name])
        assert found is not None
        return found

    # --- meetings --------------------------------------------------------------------------------------------

    def adds(self, meets: Meets) -> None:
        """Let the coordinator add a meeting, with a link to join it."""
        boxes = {"group": meets.group, "on": meets.on.isoformat(), "at": "14:00"}
        self._sends("Kit Coordinator", "dates.add", "", boxes)
        with Session(self.bot.engine) as session:
            self.refs[meets.group, meets.on] = next(
                row.ref for row in meetings.coming(session, meets.group, BEGINS) if row.on == meets.on
            )

    def answers(self, name: str, meets: Meets, label: str) -> None:
        """Let a member press one of the three buttons."""
        card = self.bot.types(f"meeting {self.refs[meets.group, meets.on]}", who=self.who[name])
        self.bot.presses(card, label, who=self.who[name])

    def moves(self, meets: Meets, to: date) -> None:
        """Let the coordinator move a meeting to another day."""
        self._sends("Kit Coordinator", "dates.moved", "", {"meeting": self._number(meets), "on": to.isoformat()})

    def cancels(self, meets: Meets) -> None:
        """Let the coordinator cancel a meeting."""
        self._sends("Kit Coordinator", "dates.cancel", "", {"meeting": self._number(meets)})

    def _number(self, meets: Meets) -> str:
        with Session(self.bot.engine) as session:
            found = meetings.by_ref(session, self.refs[meets.group, meets.on])
            assert found is not None
            return str(found[1].id)

    # --- training --------------------------------------------------------------------------------------------

    def offers(self, learns: Learns) -> None:
        """Let the coordinator add a course with one session, and open it."""
        kit = self.who["Kit Coordinator"]
        course = {"title": learns.course, "kind": "course", "category": "B"}
        self._form(kit, "training.new-course", "", **course)
        number = self._courses()[learns.course]
        hours = {"from": f"{learns.at:%H:%M}", "until": f"{learns.at.replace(hour=learns.at.hour + 2):%H:%M}"}
        boxes = {
            "on": learns.on.isoformat(), **hours, "link": "https://join.example/room", "capacity": str(learns.capacity),
            "least": str(learns.least),
        }  # fmt: skip
        card = self._form(kit, "training.new-session", number, **boxes)
        self.bot.presses(card, "Open for booking", who=kit)

    def books(self, name: str, learns: Learns) -> None:
        """Let somebody ask for a place, and their manager agree."""
        self._form(self.who[name], "booking.ask", str(self._session(learns)), work="Nurse", manager=BOSS)
        self._press(BOSS, "booking.agree", self._place(name, learns))

    def gives_up(self, name: str, learns: Learns) -> None:
        """Let somebody give up their place."""
        self._press(name, "booking.cancel", self._place(name, learns), "|yes")

    def accepts(self, name: str, learns: Learns) -> None:
        """Let somebody take the place that they are offered."""
        self._press(name, "booking.accept", self._place(name, learns))

    def calls_off(self, learns: Learns) -> None:
        """Let the coordinator cancel a session."""
        kit = self.who["Kit Coordinator"]
        self._form(kit, "training.choose-cancel", self._session_ref(learns), why="The trainer is ill.")

    def marks(self, learns: Learns, **marks: str) -> None:
        """Let the coordinator say who was there, by name."""
        kit = self.who["Kit Coordinator"]
        form = self.bot.does(Request(kit, route="learning.mark", value=str(self._session(learns))))
        assert isinstance(form, Form), form
        boxes = {one.name: marks[one.label.split(",")[0].replace(" ", "_")] for one in form.fields}
        self.bot.sends(form, who=kit, **boxes)

    def evaluates(self, name: str, learns: Learns) -> None:
        """Let somebody answer the evaluation."""
        boxes = {"confidence": "4", "change": "I will ask each child by themselves."}
        self._form(self.who[name], "learning.evaluate", str(self._place(name, learns)), **boxes)

    # --- ways ------------------------------------------------------------------------------------------------

    def _form(self, who: Identity, route: str, value: str, **boxes: str) -> Card:
        form = self.bot.does(Request(who, route=route, value=value))
        assert isinstance(form, Form), form
        reply = self.bot.sends(form, who=who, **boxes)
        assert isinstance(reply, Card), reply
        return reply

    def _sends(self, name: str, route: str, value: str, boxes: dict[str, str]) -> None:
        reply = self.bot.does(Request(self.who[name], route=route, value=value, fields=boxes))
        assert isinstance(reply, Card), reply

    def _press(self, name: str, route: str, number: int, more: str = "") -> None:
        reply = self.bot.does(Request(self.who[name], route=route, value=f"{number}{more}"))
        assert isinstance(reply, Card), reply

    def _courses(self) -> dict[str, str]:
        with Session(self.bot.engine) as session:
            return {row.title: row.ref for row in session.query(Course)}

    def _row(self, learns: Learns) -> tuple[int, str]:
        with Session(self.bot.engine) as session:
            row = (
                session.query(TrainingSession.id, TrainingSession.ref)
                .join(Course, Course.id == TrainingSession.course_id)
                .filter(Course.title == learns.course)
                .one()
            )
            return row[0], row[1]

    def _session(self, learns: Learns) -> int:
        return self._row(learns)[0]

    def _session_ref(self, learns: Learns) -> str:
        return self._row(learns)[1]

    def _place(self, name: str, learns: Learns) -> int:
        with Session(self.bot.engine) as session:
            wanted = {"session_id": self._session(learns), "person_id": self._id(session, name)}
            return session.query(Booking).filter_by(**wanted).one().id
