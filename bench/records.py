"""Registers of 10,000 escalations and 10,000 risks: lists, cards, a paper and exports, on SQLite and PostgreSQL.

python -m bench records            all of it
python -m bench --quick records    smaller numbers
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.cards import NOBODY, NOW, Asked, fill, print_times, put, urls
from db import engine as database
from db import groups, people, registry
from db.actions import ActionItem
from db.challenges import Challenge
from db.escalations import Escalation
from db.people import Identity, Role
from db.relations import Relation
from db.risks import Risk, RiskControl, RiskScore
from handlers.context import Request
from knowledge import clocks
from knowledge import risks as rules
from knowledge.calendar import working_days_after

AIM_PAPER_SECONDS, AIM_MEMORY = 5, 1.3
STATES = (
    *("closed",) * 12, *("withdrawn",) * 2, "draft", "submitted", "returned", "accepted", "with-executive", "deferred",
    "responded", "in-action",
)  # fmt: skip
RISK_STATES = (*("closed",) * 5, "alert", *("open",) * 7, "escalated", "accepted", "not-a-risk")
GROUPS, PEOPLE = 20, 200
WORDS = ("visits", "vacancies", "handover", "housing", "thresholds", "attendance", "recording", "training")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    records: int = 10_000
    few: int = 1_000
    times: int = 40


QUICK = Sizes(records=2_000, few=200, times=10)


def run(*, quick: bool = False) -> None:
    """Print how long lists, cards and papers take, how much memory exports need, and whether the aims are met."""
    sizes = QUICK if quick else Sizes()
    with urls() as (folder, found):
        for kind, url in found.items():
            engine = database.connect(url, threads=4)
            _fill(engine, sizes.records)
            title = f"{kind}, {sizes.records} escalations and {sizes.records} risks"
            print_times(engine, title, _asked(sizes), ("member", "manager"), sizes.times)
            engine.dispose()
        _print_paper(folder, sizes)
        _print_exports(folder, sizes, found["sqlite"])


# --- lists and cards -------------------------------------------------------------------------------------------


def _asked(sizes: Sizes) -> Asked:
    """Return what is asked for, by what it is called: the same thing again and again, of other records or pages."""
    deep = sizes.records // 20
    lists = [
        f"{kind} {which}"
        for kind, more in (("escalations", "red"), ("risks", "red"), ("challenges", "open"))
        for which in ("open", "mine", "group", "due", "overdue", "closed", "all", "find vacancies", more)
    ]
    typed = ["my", "actions", "actions overdue", "actions all", "heatmap", *dict.fromkeys(lists)]
    found = {text: [Request(NOBODY, text)] for text in typed}
    for kind in ("escalations", "risks"):
        values = [f"{kind}|all|{page}|" for page in (deep, deep + 1, deep + 2)]
        found[f"{kind}, a late page"] = [Request(NOBODY, route="lists.show", value=value) for value in values]
    for route, prefix in (
        ("escalation.show", "ESC"), ("risks.open", "RSK"), ("challenges.open", "CHA"), ("actions.open", "ACT"),
        ("audit.history", "RSK"), ("linking.show", "RSK"),
    ):  # fmt: skip
        refs = [f"{prefix}-2026-{number:03d}" for number in range(3, sizes.records // 5, sizes.records // 60)]
        found[f"{route} {prefix}"] = [Request(NOBODY, route=route, value=ref) for ref in refs]
    return found


# --- papers and exports ----------------------------------------------------------------------------------------


def _print_paper(folder: Path, sizes: Sizes) -> None:
    url = f"sqlite:///{folder}/paper.db"
    engine = database.connect(url)
    _fill(engine, sizes.few, states=("accepted", "with-executive", "in-action"))
    engine.dispose()
    print("\nPapers, the whole command")
    for what, form in (("escalations", "docx"), ("risks", "docx")):
        seconds, megabytes, size = _exported(url, what, form, folder)
        verdict = "met" if seconds <= AIM_PAPER_SECONDS else "NOT met"
        aim = f"   aim {AIM_PAPER_SECONDS}: {verdict}" if what == "escalations" else ""
        print(f"  {what:12} {sizes.few} rows: {seconds:5.1f} s, {megabytes:4.0f} MB, a file of {size} kB{aim}")


def _print_exports(folder: Path, sizes: Sizes, url: str) -> None:
    small = f"sqlite:///{folder}/small.db"
    engine = database.connect(small)
    _fill(engine, sizes.few)
    engine.dispose()
    print(f"\nExports of {sizes.records} rows beside {sizes.few}, the whole command")
    for what in ("escalations", "risks"):
        for form in ("xlsx", "csv", "json"):
            few, many = (_exported(one, what, form, folder) for one in (small, url))
            ratio = many[1] / few[1]
            verdict = "met" if ratio <= AIM_MEMORY else "NOT met"
            print(
                f"  {what:12} {form:5} {many[0]:6.1f} s   peak {few[1]:4.0f} MB and {many[1]:4.0f} MB"
                f"   ratio {ratio:.2f}   aim {AIM_MEMORY}: {verdict}"
            )


def _exported(url: str, what: str, form: str, folder: Path) -> tuple[float, float, int]:
    """Run the command; return how long it took, the most memory that it held, and the kilobytes of its file."""
    out = folder / f"{what}.{form}"
    out.unlink(missing_ok=True)
    words = [
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "export",
        what,
        "--format",
        form,
        "--out",
        str(out),
    ]
    environment = {**os.environ, "THSCP_DATABASE_URL": url, "THSCP_LOG_LEVEL": "ERROR"}
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own words
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr
    problem = process.stderr.read().decode()
    process.stderr.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"export {what} {form}: {problem[-500:]}")
    return time.perf_counter() - began, used.ru_maxrss / 1024, out.stat().st_size // 1024


# --- records ---------------------------------------------------------------------------------------------------


def _fill(engine: Engine, number: int, *, states: Sequence[str] = STATES) -> None:
    """Make every table, people in groups, and this many records of each kind, some of them sensitive."""

    def rows(session: Session) -> None:
        ids = _people(session)
        put(session, Escalation, (_escalation(one, ids, states) for one in range(1, number + 1)))
        put(session, Risk, (_risk(one, ids) for one in range(1, number + 1)))
        put(session, RiskControl, (_control(one) for one in range(1, number + 1)))
        put(session, RiskScore, (_score(one, ids) for one in range(1, number + 1)))
        put(session, Challenge, (_challenge(one, ids) for one in range(1, number + 1)))
        put(session, ActionItem, (_action(one, ids) for one in range(1, number + 1)))
        put(session, Relation, (_link(one) for one in range(1, number + 1)))

    fill(engine, rows)


def _people(session: Session) -> list[int]:
    on = date(2026, 1, 1)
    roles = {"member": [Role.MEMBER], "partner": [Role.STATUTORY_PARTNER], "manager": [Role.STRATEGY_MANAGER]}
    found = [
        people.enrol(session, Identity("bench", name), name=f"{name} Invented", roles=held, on=on)
        for name, held in roles.items()
    ]
    found += [registry.create(session, f"Person {number} Invented") for number in range(PEOPLE)]
    for number, person_id in enumerate(found):
        groups.join(session, person_id, f"Group {number % GROUPS}", on=on, seat="Chair" if number < GROUPS else "")
    return found


def _ago(number: int) -> datetime:
    return NOW - timedelta(days=number * 7919 % 500 + 1)


def _title(number: int) -> str:
    word = WORDS[number % len(WORDS)]
    return f"Gaps in {word} between two agencies, number {number}"


_PERIODS = clocks.numbers("escalations")
_SENTENCES = "Two agencies have no lead for this, and the group has asked both of them twice. " * 6


def _escalation(number: int, ids: Sequence[int], states: Sequence[str]) -> dict[str, Any]:
    at, status = _ago(number), states[number % len(states)]
    sent = status != "draft"
    frozen = {"periods": _PERIODS, "triage_due": working_days_after(at.date(), 2).isoformat()} if sent else {}
    return {
        "ref": f"ESC-2026-{number:03d}", "version": 1, "title": _title(number), "group_id": number % GROUPS + 1,
        "raised_by": ids[number % len(ids)], "raised_by_role": "chair", "agency": "Example Trust", "drafted_at": at,
        "raised_at": at if sent else None, "type": "decision", "issue": _SENTENCES,
        "impact_on_children": _SENTENCES[:400], "already_tried": _SENTENCES[:400], "ask": "Please name a lead.",
        "urgency": "urgent" if number % 50 == 0 else "routine", "urgency_reason": "It cannot wait.",
        "marking": "OFFICIAL-SENSITIVE" if number % 9 == 0 else "OFFICIAL", "status": status,
        "response_due": at.date() + timedelta(days=120), "deferrals": 0, "clocks": frozen,
        "asked_at": at, "executive_response": _SENTENCES[:300] if status in ("responded", "closed") else "",
        "decided_at": at if status in ("responded", "closed") else None, "decided_how": "meeting",
        "closed_at": at if status == "closed" else None,
    }  # fmt: skip


def _risk(number: int, ids: Sequence[int]) -> dict[str, Any]:
    at = _ago(number)
    return {
        "ref": f"RSK-2026-{number:03d}", "version": 1, "title": _title(number), "cause": _SENTENCES[:200],
        "event": _SENTENCES[:200], "consequence": _SENTENCES[:200], "raised_at": at, "changed_at": at,
        "raised_by": ids[number % len(ids)], "owner_id": ids[number * 7 % len(ids)], "owner_accepted_at": at,
        "lead_group_id": number % GROUPS + 1, "status": RISK_STATES[number % len(RISK_STATES)],
        "inherent_l": 5, "inherent_i": 4, "current_l": number % 5 + 1, "current_i": number // 5 % 5 + 1,
        "target_l": 2, "target_i": 3, "target_date": date(2027, 3, 1),
        "next_review": NOW.date() + timedelta(days=number % 200 - 20), "clocks": rules.clocks(),
        "marking": "OFFICIAL-SENSITIVE" if number % 9 == 0 else "OFFICIAL",
    }  # fmt: skip


def _control(number: int) -> dict[str, Any]:
    kind, works = next(iter(rules.choices("control"))), next(iter(rules.choices("effective")))
    return {
        "risk_id": number,
        "words": "Teams hand over in writing.",
        "kind": kind,
        "effective": works,
        "added_at": NOW,
    }


def _score(number: int, ids: Sequence[int]) -> dict[str, Any]:
    return {
        "risk_id": number, "at": NOW, "by": ids[0], "which": "current", "likelihood": number % 5 + 1,
        "impact": number // 5 % 5 + 1, "trend": "same", "reason": "First score.",
    }  # fmt: skip


def _challenge(number: int, ids: Sequence[int]) -> dict[str, Any]:
    at = _ago(number)
    statuses = ("raised", "acknowledged", "answered", "accepted", "closed", "closed", "closed")
    return {
        "ref": f"CHA-2026-{number:03d}", "version": 1, "raised_at": at, "changed_at": at,
        "challenged": "Example Trust", "linked_risk": f"RSK-2026-{number:03d}",
        "raised_by": ids[number % len(ids)], "owner_id": ids[number * 3 % len(ids)],
        "challenge": f"What would show that {WORDS[number % len(WORDS)]} works?", "response_due": at.date(),
        "status": statuses[number % len(statuses)], "clocks": rules.clocks(),
        "marking": "OFFICIAL-SENSITIVE" if number % 9 == 0 else "OFFICIAL",
    }  # fmt: skip


def _action(number: int, ids: Sequence[int]) -> dict[str, Any]:
    of = f"{('ESC', 'RSK')[number % 2]}-2026-{number:03d}"
    return {
        "ref": f"ACT-2026-{number:03d}", "version": 1, "of_ref": of, "what": "Name a lead and tell the group.",
        "owner_person_id": ids[number % len(ids)], "owner_role": "",
        "due_on": _ago(number).date() + timedelta(days=480),
        "done_on": NOW.date() if number % 2 else None, "evidence": "", "added_at": NOW, "added_by_person_id": ids[0],
    }  # fmt: skip


def _link(number: int) -> dict[str, Any]:
    return {"ref_a": f"RSK-2026-{number:03d}", "kind": "led to", "ref_b": f"ESC-2026-{number:03d}", "at": NOW}
