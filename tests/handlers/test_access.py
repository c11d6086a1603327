"""Who sees which record, and who may do what to it: typed by hand from the partnership's rules, for every person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from db import actions, challenges, disputes, escalations, groups, people, risks
from db import engine as database
from db.actions import ActionItem
from db.challenges import Challenge
from db.disputes import PartnerDispute
from db.escalations import Escalation
from db.people import Identity, Role
from db.risks import Risk
from handlers import access
from handlers.access import Need
from handlers.context import Context, UserError
from tests.fakes import Bot

OURS, OTHERS = "Delivery Group", "Effective Learning Group"
# who: their roles, where they sit and on which seat, and whether as a deputy
PEOPLE: dict[str, tuple[frozenset[Role], tuple[tuple[str, str, bool], ...]]] = {
    "raiser": (frozenset({Role.MEMBER}), ()),
    "owner": (frozenset({Role.MEMBER}), ()),
    "member": (frozenset({Role.MEMBER}), ((OURS, "", False),)),
    "chair": (frozenset({Role.MEMBER, Role.CHAIR}), ((OURS, "Chair", False),)),
    "vice-chair": (frozenset({Role.MEMBER}), ((OURS, "Vice-chair", False),)),
    "chair's deputy": (frozenset({Role.MEMBER}), ((OURS, "Chair", True),)),
    "other chair": (frozenset({Role.MEMBER, Role.CHAIR}), ((OTHERS, "Chair", False), (OURS, "", False))),
    "coordinator": (frozenset({Role.COORDINATOR}), ()),
    "manager": (frozenset({Role.STRATEGY_MANAGER}), ()),
    "scrutineer": (frozenset({Role.SCRUTINEER}), ()),
    "partner": (frozenset({Role.STATUTORY_PARTNER}), ()),
    "officer": (frozenset({Role.DATA_PROTECTION_OFFICER}), ()),
    "admin": (frozenset({Role.ADMIN}), ()),
    "leaver": (frozenset({Role.MEMBER, Role.CHAIR, Role.STATUTORY_PARTNER}), ((OURS, "Chair", False),)),
    "stranger": (frozenset(), ()),
}
SECRETARIAT = {"coordinator", "manager"}
CLEARED = SECRETARIAT | {"scrutineer", "partner"}
CHAIRS = {"chair", "vice-chair", "chair's deputy"}
MEMBERS = CLEARED | CHAIRS | {"raiser", "owner", "member", "other chair"}

SEES = {
    "escalation, official": MEMBERS,
    "escalation, sensitive": CLEARED | CHAIRS | {"raiser"},
    "escalation, draft": CHAIRS | {"raiser", "scrutineer"},
    "risk, official": MEMBERS,
    "risk, sensitive": CLEARED | {"raiser", "owner"},
    "challenge, official": MEMBERS,
    "challenge, sensitive": CLEARED | {"raiser", "owner"},
    "action of an official risk": MEMBERS,
    "action of a sensitive risk": CLEARED | {"raiser", "owner", "member"},  # it is this member's own
    "action of a dispute": {"manager", "scrutineer", "partner", "member"},
    "action of nothing": MEMBERS,
    "dispute": {"manager", "scrutineer", "partner"},
}
MAY = {
    ("escalation, official", Need.WRITE): CHAIRS | SECRETARIAT | {"raiser"},
    ("escalation, official", Need.KEEP): SECRETARIAT,
    ("escalation, official", Need.TRIAGE): {"manager"},
    ("escalation, official", Need.CHAIR): CHAIRS,
    ("escalation, official", Need.ANSWER): {"partner"},
    ("escalation, official", Need.COMMENT): {"scrutineer"},
    ("escalation, official", Need.OWN): set(),
    ("risk, official", Need.WRITE): CHAIRS | SECRETARIAT | {"raiser", "owner"},
    ("risk, official", Need.OWN): {"owner"},
    ("risk, sensitive", Need.CHAIR): set(),  # the chair of its group is not cleared to read it
    ("risk, official", Need.CHAIR): CHAIRS,
    ("challenge, official", Need.OWN): {"owner"},
    ("action of an official risk", Need.OWN): {"member"},
    ("dispute", Need.TRIAGE): {"manager"},
}


@dataclass
class Stage:
    """Everybody and every record, to be looked at as anybody."""

    bot: Bot
    ids: dict[str, int] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def begin(self, session: Session) -> None:
        on = self.bot.clock.now.date()
        for name, (roles, seats) in PEOPLE.items():
            if name == "stranger":
                continue
            self.ids[name] = people.enrol(session, Identity("test", name), name=name.title(), roles=roles, on=on)
            for group, seat, deputy in seats:
                groups.join(session, self.ids[name], group, on=on, seat=seat, deputy=deputy)
        leaver = session.get(people.Person, self.ids["leaver"])
        assert leaver is not None
        leaver.left_on = on
        self._records(session)

    def _records(self, session: Session) -> None:
        now, group = self.bot.clock.now, groups.group_id(session, OURS)
        raiser, owner = self.ids["raiser"], self.ids["owner"]
        for what, marking in (("official", "OFFICIAL"), ("sensitive", "OFFICIAL-SENSITIVE"), ("draft", "OFFICIAL")):
            escalation = escalations.draft(
                session, group_id=group, raised_by=raiser, raised_by_role="member", year=2026, at=now, title="Title",
                marking=marking,
            )  # fmt: skip
            if what != "draft":
                escalation.raised_at, escalation.status = now, "submitted"
                number = len(self.refs)
                risk = risks.raise_one(
                    session, ref=f"RSK-2026-{number:03d}", version=1, title="Title", raised_by=raiser, raised_at=now,
                    owner_id=owner, lead_group_id=group, marking=marking, changed_at=now, priority_ids=[], clocks={},
                )  # fmt: skip
                challenge = challenges.raise_one(
                    session, ref=f"CHA-2026-{number:03d}", version=1, raised_at=now, raised_by=raiser, owner_id=owner,
                    challenged="Board", challenge="What shows it?", response_due=now.date(), marking=marking,
                    changed_at=now, clocks={},
                )  # fmt: skip
                self.refs |= {f"risk, {what}": risk.ref, f"challenge, {what}": challenge.ref}
            self.refs[f"escalation, {what}"] = escalation.ref
        dispute = disputes.open_one(
            session, parties="a, b", subject="One line", by=self.ids["partner"], at=now, year=2026, stage="local"
        )
        self.refs["dispute"] = dispute.ref
        for name, of in (
            ("action of an official risk", self.refs["risk, official"]),
            ("action of a sensitive risk", self.refs["risk, sensitive"]),
            ("action of a dispute", dispute.ref),
            ("action of nothing", ""),
        ):
            self.refs[name] = actions.add(
                session, of_ref=of, what="Do it", due_on=now.date(), at=now, year=2026, by=None,
                owner_person_id=self.ids["member"],
            ).ref  # fmt: skip

    def allowed(self, name: str, what: str, need: Need = Need.READ, ref: str = "") -> bool | str:
        """Ask for a record as somebody; return True, or how it is refused."""

        def work(context: Context) -> bool | str:
            asking = Context(
                context.session, context.now, Identity("test", name), context.knowledge, context.house,
                context.routes, context.token,
            )  # fmt: skip
            try:
                found = _ACCESS[_kind(what)](asking, ref or self.refs[what], need)
            except UserError as error:
                return f"{error} {error.hint}"
            return bool(found.ref == self.refs[what])

        return self.bot.dispatcher.within(work)


def _kind(what: str) -> str:
    return what.replace(",", " ").split()[0]


_Found = Escalation | Risk | Challenge | ActionItem | PartnerDispute
_ACCESS: dict[str, Callable[[Context, str, Need], _Found]] = {
    "escalation": access.access_escalation,
    "risk": access.access_risk,
    "challenge": access.access_challenge,
    "action": access.access_action,
    "dispute": access.access_dispute,
}


@pytest.fixture
def stage(bot: Bot) -> Stage:
    made = Stage(bot)
    with database.transaction(bot.engine) as session:
        made.begin(session)
    return made


@pytest.mark.parametrize("what", SEES)
def test_a_record_is_seen_by_those_it_is_for_and_by_nobody_else(stage: Stage, what: str) -> None:
    assert {name for name in PEOPLE if stage.allowed(name, what) is True} == SEES[what]


@pytest.mark.parametrize(("what", "need"), MAY, ids=[f"{what}: {need}" for what, need in MAY])
def test_only_those_named_may_do_more_than_read(stage: Stage, what: str, need: Need) -> None:
    assert {name for name in PEOPLE if stage.allowed(name, what, need) is True} == MAY[what, need]


def test_what_is_not_there_and_what_one_may_not_see_read_the_same(stage: Stage) -> None:
    told = {
        stage.allowed(name, what, ref=ref)
        for what, seen in SEES.items()
        for name in set(PEOPLE) - seen
        for ref in ("", "ESC-2026-999", "RSK-2026-999", "nonsense", "", "ESC-2026-001\0", "E" * 5000)
    }

    assert told == {f"{access.NOT_FOUND} {access.HINT}"}


def test_what_is_not_there_takes_as_many_queries_as_what_one_may_not_see(stage: Stage) -> None:
    counted: list[str] = []
    listening = (stage.bot.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    event.listen(*listening)

    numbers = []
    for ref in (stage.refs["risk, sensitive"], "RSK-2026-999"):
        counted.clear()
        stage.allowed("member", "risk, sensitive", ref=ref)
        numbers.append(len(counted))
    event.remove(*listening)

    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("name", PEOPLE)
def test_a_list_holds_what_could_be_opened_and_nothing_else(stage: Stage, name: str) -> None:
    def work(context: Context) -> tuple[set[str], set[str]]:
        asking = Context(
            context.session, context.now, Identity("test", name), context.knowledge, context.house, context.routes,
            context.token,
        )  # fmt: skip
        listed = select(Escalation.ref).where(access.visible_escalations(asking))
        also = select(Risk.ref).where(access.visible_risks(asking))
        return set(context.session.scalars(listed)), set(context.session.scalars(also))

    shown = stage.bot.dispatcher.within(work)

    for kind, refs in zip(("escalation", "risk"), shown, strict=True):
        opened = {stage.refs[what] for what in SEES if what.startswith(kind) and name in SEES[what]}
        assert refs == opened
