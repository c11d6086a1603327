"""50 groups with 2,000 meetings, and 500 sessions of training with 20,000 bookings: lists and cards on both databases.

python -m bench meetings            all of it
python -m bench --quick meetings    fewer repetitions
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from datetime import time as at
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.cards import NOBODY, NOW, Asked, fill, print_times, put, urls
from bot.scheduler import EACH_MINUTE
from db import engine as database
from db import groups, people, registry
from db.agendas import AgendaItem, Paper
from db.attending import Attendance, Rsvp
from db.bookings import Booking
from db.consultations import Consultation, Consulted
from db.decisions import Decision
from db.meetings import Meeting
from db.people import Identity, Role
from db.training import Course, TrainingSession
from handlers.context import House, Request
from knowledge import groups as shelf
from knowledge import guard
from knowledge.calendar import instant, working_days_after, working_days_before
from tests import fakes
from tests.fakes import Bot, Clock

GROUPS, MEETINGS, SESSIONS, BOOKINGS, PEOPLE, COURSES, PLACES = 50, 2_000, 500, 20_000, 1_000, 60, 30
TODAY = NOW.date()
_MINUTES = 60  # until everything that was due is planned and said
_LONDON = ZoneInfo("Europe/London")
_ENDED = ("agreed", "agreed", "agreed", "held", "cancelled")
_AHEAD = ("confirmed", "papers-open", "proposed", "cancelled")
_HIDDEN = ("proposed", "cancelled")
_AFTER = ("attended", "attended", "attended", "no-show", "cancelled", "cancelled-late")
_BEFORE = ("confirmed", "confirmed", "confirmed", "requested", "cancelled")


def run(*, quick: bool = False) -> None:
    """Print how long lists and cards of meetings and training take, and whether the aim is met."""
    with urls() as (_, found):
        for kind, url in found.items():
            engine = database.connect(url, threads=4)
            fill(engine, _rows)
            title = f"{kind}, {GROUPS} groups, {MEETINGS} meetings, {SESSIONS} sessions, {BOOKINGS} bookings"
            times = 10 if quick else 40
            print_times(engine, title, _asked(), ("member", "manager"), times)
            print_times(engine, f"{title}: the secretariat", _asked_by_desk(), ("manager",), times)
            _print_minutes(engine, times)
            engine.dispose()


def _print_minutes(engine: Engine, times: int) -> None:
    """Print how long the work of a minute takes when nothing new is due any more."""
    clock = Clock()
    clock.now = NOW
    with fakes.talking(Bot(engine, fakes.knowledge(), House(), clock, guard.scan)) as bot:
        print("\nThe work of a minute in which nothing new is due, in milliseconds")
        for _ in range(_MINUTES):
            for work in EACH_MINUTE.values():
                bot.dispatcher.within(work)
        for name, work in EACH_MINUTE.items():
            took = [_milliseconds(lambda work=work: bot.dispatcher.within(work)) for _ in range(times)]
            print(f"  {name:36} {statistics.median(took):7.1f}")


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _asked() -> Asked:
    """Return what is asked for by everybody, by what it is called."""
    typed = [
        "dates", "dates executive", "meetings", "meetings executive", "my", "consultations", "decisions", "agenda",
        "places", "training", "training neglect", "training December", "calendar",
    ]  # fmt: skip
    found = {text: [Request(NOBODY, text)] for text in typed}
    meetings, sessions = _own_meetings(), _coming()
    of = {"meeting MTG": meetings, "session TRN": sessions, "course CRS": [1, 2]}
    for name, numbers in of.items():
        found[name] = [Request(NOBODY, f"{name}-2026-{number:03d}") for number in numbers]
    own = range(GROUPS, 201, GROUPS)  # of the first group
    found["consultation CON"] = [Request(NOBODY, f"consultation CON-2026-{number:03d}") for number in own]
    for route in ("agendas.show", "agendas.papers", "consulting.decisions", "meetings.more"):
        found[route] = [Request(NOBODY, route=route, value=str(number)) for number in meetings]
    return found


def _asked_by_desk() -> Asked:
    """Return what the secretariat asks for besides."""
    over = [number for number in range(1, SESSIONS + 1) if _begins(number) < NOW][:40]
    return {
        "plan year 2027": [Request(NOBODY, "plan year 2027")],
        "learning": [Request(NOBODY, "learning")],
        "learning report": [Request(NOBODY, "learning report")],
        "booking.list": [Request(NOBODY, route="booking.list", value=str(number)) for number in _coming()],
        "learning.attendance": [Request(NOBODY, route="learning.attendance", value=str(number)) for number in over],
        "meetings.reviews": [Request(NOBODY, route="meetings.reviews")],
    }


def _own_meetings() -> list[int]:
    return [number for number in range(GROUPS, MEETINGS + 1, GROUPS) if _meeting(number)["state"] not in _HIDDEN]


def _coming() -> list[int]:
    return [number for number in range(1, SESSIONS + 1) if NOW < _begins(number) < NOW + timedelta(days=60)][:40]


# --- rows ------------------------------------------------------------------------------------------------------


def _rows(session: Session) -> None:
    ids = _people(session)
    put(session, Meeting, (_meeting(number) for number in range(1, MEETINGS + 1)))
    put(session, AgendaItem, (_item(number, ids) for number in range(1, 3 * MEETINGS + 1)))
    put(session, Paper, (_paper(number, ids) for number in range(1, MEETINGS + 1)))
    put(session, Rsvp, (_rsvp(number, ids) for number in range(5 * MEETINGS)))
    put(session, Attendance, (_attendance(number, ids) for number in range(5 * MEETINGS)))
    put(session, Decision, (_decision(number) for number in range(1, MEETINGS + 1)))
    put(session, Consultation, (_consultation(number, ids) for number in range(1, 201)))
    put(session, Consulted, (_consulted(number, ids) for number in range(200 * 10)))
    put(session, Course, (_course(number) for number in range(1, COURSES + 1)))
    put(session, TrainingSession, (_session(number) for number in range(1, SESSIONS + 1)))
    put(session, Booking, (_booking(number, ids) for number in range(BOOKINGS)))


def _people(session: Session) -> list[int]:
    """Let twenty people sit in each group; the member and the manager both sit in the Executive."""
    on = date(2026, 1, 1)
    roles = {"member": [Role.MEMBER], "manager": [Role.STRATEGY_MANAGER]}
    found = [
        people.enrol(session, Identity("bench", name), name=f"{name} Invented", roles=held, on=on)
        for name, held in roles.items()
    ]
    found += [registry.create(session, f"Person {number} Invented") for number in range(PEOPLE - len(found))]
    names = [one.name for one in shelf.shipped().values()]  # the Executive first
    names += [f"Group {number}" for number in range(len(names), GROUPS)]
    for number, person_id in enumerate(found):
        groups.join(session, person_id, names[number % GROUPS], on=on, seat="Chair" if number < GROUPS else "")
    groups.join(session, found[1], names[0], on=on)
    return found


def _meets(number: int) -> date:
    """Spread the meetings of a group over three years, about a month apart."""
    return working_days_after(date(2025, 6, 2) + timedelta(days=(number - 1) // GROUPS * 28 + number % 19), 0)


def _meeting(number: int) -> dict[str, Any]:
    on = _meets(number)
    states = _AHEAD if on > TODAY else _ENDED
    return {
        "ref": f"MTG-2026-{number:03d}", "group_id": number % GROUPS + 1, "title": "", "on": on,
        "starts_at": instant(on, at(14), _LONDON), "minutes": 120, "place": "Town hall", "link": "", "chair": "",
        "cut_off_on": working_days_before(on, 10), "pack_on": working_days_before(on, 5), "locked_at": None,
        "state": states[number // GROUPS % len(states)], "moved_from": None, "sequence": 0,
    }  # fmt: skip


def _item(number: int, ids: Sequence[int]) -> dict[str, Any]:
    return {
        "meeting_id": number % MEETINGS + 1, "place": number // MEETINGS, "title": "Figures of the quarter",
        "purpose": "discuss", "presenter": "Coordinator", "minutes": 15, "source": "person", "source_ref": f"{number}",
        "added_at": NOW, "added_by_person_id": ids[number % PEOPLE], "taken_at": NOW, "dropped_at": None,
    }  # fmt: skip


def _paper(number: int, ids: Sequence[int]) -> dict[str, Any]:
    due = working_days_before(_meets(number), 7)
    return {
        "meeting_id": number, "agenda_item_id": None, "title": "Figures", "link": "https://council.example/figures",
        "owner_person_id": ids[number % PEOPLE], "due_on": due, "received_on": due if number % 2 else None,
        "added_at": NOW, "dropped_at": None,
    }  # fmt: skip


def _sits(number: int) -> int:
    """Return the place, in the list of people, of one of the first five who sit in the group of a meeting."""
    meeting, which = number // 5 + 1, number % 5
    return meeting % GROUPS + which * GROUPS


def _rsvp(number: int, ids: Sequence[int]) -> dict[str, Any]:
    answer = ("attends", "attends", "apologies")[number % 3]
    meeting = number // 5 + 1
    return {"meeting_id": meeting, "person_id": ids[_sits(number)], "answer": answer, "on": _meets(meeting), "at": NOW}


def _attendance(number: int, ids: Sequence[int]) -> dict[str, Any]:
    return {
        "meeting_id": number // 5 + 1, "seat": f"Seat {number % 5}", "agency": "", "person_id": ids[_sits(number)],
        "mark": ("present", "present", "apologies")[number % 3], "checked_by_person_id": ids[1], "at": NOW,
    }  # fmt: skip


def _decision(number: int) -> dict[str, Any]:
    return {
        "ref": f"DEC-2026-{number:03d}", "version": 1, "group_id": number % GROUPS + 1, "meeting_id": number,
        "agenda_item_id": None, "text": "Both agencies name a lead.", "made_on": _meets(number), "made_by": "Group",
        "recorded_at": NOW, "recorded_by_person_id": None, "reported_meeting_id": None,
    }  # fmt: skip


def _consultation(number: int, ids: Sequence[int]) -> dict[str, Any]:
    return {
        "ref": f"CON-2026-{number:03d}", "version": 1, "group_id": number % GROUPS + 1, "title": f"Draft {number}",
        "question": "Do you agree with the draft?", "link": "", "opened_at": NOW, "opened_by_person_id": ids[1],
        "due_on": TODAY + timedelta(days=number % 30 - 10), "closed_at": NOW if number % 3 else None,
        "raised_meeting_id": None,
    }  # fmt: skip


def _consulted(number: int, ids: Sequence[int]) -> dict[str, Any]:
    consultation, which = number // 10 + 1, number % 10
    reply = ("agree", "agree-with-comments", "disagree", "")[number % 4]
    return {
        "consultation_id": consultation, "person_id": ids[consultation % GROUPS + which * GROUPS], "seat": "Member",
        "agency": "Example Trust", "reply": reply, "comment": "", "replied_at": NOW if reply else None,
    }  # fmt: skip


def _course(number: int) -> dict[str, Any]:
    subject = ("Neglect", "Thresholds", "Exploitation", "Online safety", "Domestic abuse")[number % 5]
    return {
        "ref": f"CRS-2026-{number:03d}", "version": 1, "title": f"{subject}, part {number}", "kind": "course",
        "category": "ABC"[number % 3], "level": "", "aims": "What to look for and whom to tell.", "audience": "",
        "prerequisites": "", "hours": 3, "mode": "online", "owner_role": "Coordinator", "review_on": None,
        "source": "bench", "historic": False, "retired_on": None,
    }  # fmt: skip


def _begins(number: int) -> datetime:
    on = working_days_after(date(2026, 1, 5) + timedelta(days=number * 13 % 600), 0)
    return instant(on, at(10), _LONDON)


def _session(number: int) -> dict[str, Any]:
    starts = _begins(number)
    return {
        "ref": f"TRN-2026-{number:03d}", "version": 1, "course_id": number % COURSES + 1, "starts_at": starts,
        "ends_at": starts + timedelta(hours=3), "mode": "online", "place": "", "link": "https://council.example/join",
        "trainer": "Trainer", "capacity": PLACES, "least": 8, "waiting_list": True, "opens_on": date(2025, 12, 1),
        "closes_on": working_days_before(starts.date(), 1), "campaign": "", "access": "", "book_at": "",
        "state": "open" if starts > NOW else "done", "moved_from": None, "sequence": 0, "uid": "",
    }  # fmt: skip


def _booking(number: int, ids: Sequence[int]) -> dict[str, Any]:
    session, which = number % SESSIONS + 1, number // SESSIONS
    states = _BEFORE if _begins(session) > NOW else _AFTER
    state = "waiting" if which >= PLACES and states is _BEFORE else states[which % len(states)]
    return {
        "session_id": session, "person_id": ids[(session * 7 + which) % PEOPLE], "agency": f"Agency {which % 12}",
        "work": "Teacher", "state": state, "line": which, "asked_at": NOW, "changed_at": NOW,
        "held_until": NOW + timedelta(days=4) if state == "requested" else None, "manager_person_id": ids[1],
        "manager_email": "", "agreed_at": NOW, "agreed_by": "manager", "for_booking_id": None, "certificate": "",
        "certified_at": None,
    }  # fmt: skip
