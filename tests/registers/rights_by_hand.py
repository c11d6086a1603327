"""Who may do what to an escalation, a risk and a challenge, typed by hand from the partnership's own rules.

Nothing here is imported from the tables that the bot works by: where the two differ, one of them is wrong.
Sources: the arrangements, the tracker, the register and the challenge log (domain.md sections 1.4, 2.5 and 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Somebody, as they stand to one record. A person is several of these at once."""

    STRANGER = "stranger"
    LEAVER = "leaver"
    MEMBER = "member"
    RAISER = "raiser"
    OWNER = "owner"
    GROUP_CHAIR = "group chair"
    OTHER_CHAIR = "other group's chair"
    COORDINATOR = "coordinator"
    STRATEGY_MANAGER = "strategy manager"
    SCRUTINEER = "scrutineer"
    PARTNER = "statutory partner"
    DATA_PROTECTION_OFFICER = "data-protection officer"
    ADMIN = "admin"
    CLOCK = "clock"


NOT_ENROLLED = frozenset({Who.STRANGER, Who.LEAVER})
PEOPLE = frozenset(Who) - {Who.CLOCK}
ENROLLED = PEOPLE - NOT_ENROLLED


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state: from what, to what, by whom. `guard` is a sentence for whoever reads a failure."""

    before: str
    after: str
    who: frozenset[Who]
    guard: str = ""


def _step(before: str, after: str, *who: Who, guard: str = "") -> Step:
    return Step(before, after, frozenset(who), guard)


NOTHING = ""  # the state of a record that does not exist yet

# --- escalations, section 1.4 ----------------------------------------------------------------------------------

ESCALATION_STATES = frozenset({
    "draft", "submitted", "returned", "accepted", "with-executive", "responded", "deferred", "in-action", "closed",
    "withdrawn", "reopened",
})  # fmt: skip
ESCALATION_ENDS = frozenset({"withdrawn"})  # nothing leads out of these
ESCALATION_OPEN = ESCALATION_STATES - {"closed", "withdrawn"}

ESCALATION_STEPS = (
    _step(NOTHING, "draft", *ENROLLED, guard="any member may draft"),
    _step("draft", "submitted", Who.GROUP_CHAIR, guard="issue, tried, ask and impact are written"),
    _step("submitted", "returned", Who.STRATEGY_MANAGER, guard="reason"),
    _step("returned", "submitted", Who.GROUP_CHAIR, guard="changed text or reason"),
    _step("submitted", "accepted", Who.STRATEGY_MANAGER, guard="target meeting set"),
    _step("accepted", "with-executive", Who.COORDINATOR, Who.CLOCK, guard="in the pack"),
    _step("with-executive", "responded", Who.PARTNER, Who.STRATEGY_MANAGER, guard="response and decision type"),
    _step("with-executive", "deferred", Who.PARTNER, Who.STRATEGY_MANAGER, guard="reason and new date"),
    _step("deferred", "with-executive", Who.COORDINATOR, Who.CLOCK, guard="still wanted by the chair"),
    _step("responded", "in-action", Who.STRATEGY_MANAGER, guard="an owner and a date"),
    _step("responded", "closed", Who.STRATEGY_MANAGER, guard="the chair agrees; outcome; feedback sent"),
    _step("in-action", "closed", Who.STRATEGY_MANAGER, guard="the chair agrees; outcome; feedback sent"),
    _step("closed", "reopened", Who.GROUP_CHAIR, Who.SCRUTINEER, Who.PARTNER, guard="reason"),
    _step("reopened", "accepted", Who.STRATEGY_MANAGER, guard="target meeting"),
    _step("reopened", "closed", Who.STRATEGY_MANAGER, guard="outcome again"),
    *(_step(state, "withdrawn", Who.GROUP_CHAIR, guard="reason") for state in sorted(ESCALATION_OPEN)),
)
# An urgent one goes on by itself, at the moment when the chair sends it or calls it urgent.
URGENT_STEPS = (
    _step("submitted", "with-executive", Who.GROUP_CHAIR, Who.STRATEGY_MANAGER, Who.CLOCK, guard="reason for urgency"),
    _step("accepted", "with-executive", Who.GROUP_CHAIR, Who.STRATEGY_MANAGER, Who.CLOCK, guard="reason for urgency"),
)
# The third answer of three partners of three agencies is the decision; the bot draws it.
SETTLED = _step("with-executive", "responded", Who.PARTNER, Who.CLOCK, guard="three recorded responses")
ANSWERS_TO_URGENT = 3  # all three statutory partners, of three agencies
NEVER_CLOSED_BY_RAISER = frozenset({("responded", "closed"), ("in-action", "closed"), ("reopened", "closed")})

# Who must be told of a step, unless they took it themselves.
ESCALATION_TELLS: dict[tuple[str, str], frozenset[Who]] = {
    ("draft", "submitted"): frozenset({Who.STRATEGY_MANAGER, Who.COORDINATOR, Who.GROUP_CHAIR}),
    ("submitted", "returned"): frozenset({Who.RAISER}),
    ("returned", "submitted"): frozenset({Who.STRATEGY_MANAGER}),
    ("submitted", "accepted"): frozenset({Who.GROUP_CHAIR}),
    ("accepted", "with-executive"): frozenset({Who.PARTNER, Who.SCRUTINEER}),
    ("submitted", "with-executive"): frozenset({Who.PARTNER, Who.SCRUTINEER}),
    ("deferred", "with-executive"): frozenset({Who.PARTNER, Who.SCRUTINEER}),
    ("with-executive", "responded"): frozenset({Who.GROUP_CHAIR}),
    ("with-executive", "deferred"): frozenset({Who.GROUP_CHAIR}),
    ("responded", "closed"): frozenset({Who.GROUP_CHAIR}),
    ("in-action", "closed"): frozenset({Who.GROUP_CHAIR}),
    ("closed", "reopened"): frozenset({Who.STRATEGY_MANAGER}),
    ("reopened", "accepted"): frozenset({Who.GROUP_CHAIR}),
    ("reopened", "closed"): frozenset({Who.GROUP_CHAIR}),
    # nobody but its group and the scrutineer reads a draft, so that its end is told to nobody else
    **{(state, "withdrawn"): frozenset({Who.STRATEGY_MANAGER}) for state in ESCALATION_OPEN - {"draft"}},
}

# --- risks, section 2.5 ----------------------------------------------------------------------------------------

RISK_STATES = frozenset({"alert", "open", "merged", "not-a-risk", "escalated", "accepted", "closed"})
RISK_ENDS = frozenset({"merged", "not-a-risk"})
RISK_STEPS = (
    _step(NOTHING, "alert", *ENROLLED, guard="screen passed"),
    _step("alert", "open", Who.STRATEGY_MANAGER, Who.OWNER, guard="the owner accepts; scores; response"),
    _step("alert", "merged", Who.STRATEGY_MANAGER, guard="reason"),
    _step("alert", "not-a-risk", Who.STRATEGY_MANAGER, guard="reason"),
    _step("open", "escalated", Who.OWNER, Who.GROUP_CHAIR, Who.CLOCK, guard="a linked escalation is drafted"),
    _step("escalated", "open", Who.PARTNER, Who.STRATEGY_MANAGER, Who.CLOCK, guard="the Executive's response"),
    _step("open", "accepted", Who.PARTNER, guard="reason and expiry"),
    # two do it together: the Strategy Manager gives the evidence, the chair agrees and it is closed
    _step("open", "closed", Who.STRATEGY_MANAGER, Who.GROUP_CHAIR, guard="with the lead group's chair; evidence"),
    _step("accepted", "open", Who.SCRUTINEER, Who.GROUP_CHAIR, Who.OWNER, Who.CLOCK, guard="reason, or expired"),
    _step("closed", "open", Who.SCRUTINEER, Who.GROUP_CHAIR, Who.OWNER, guard="reason"),
)
RISK_TELLS: dict[tuple[str, str], frozenset[Who]] = {
    ("alert", "merged"): frozenset({Who.RAISER}),
    ("alert", "not-a-risk"): frozenset({Who.RAISER}),
}
# Chairs may not read what is OFFICIAL-SENSITIVE, so that a partner agrees in their place; the source is silent on it.
CLOSES_SENSITIVE = _step("open", "closed", Who.PARTNER, guard="only of a risk that is OFFICIAL-SENSITIVE")
TAKE_TWO = frozenset({("open", "closed")})
MAY_RESCORE = frozenset({Who.OWNER, Who.COORDINATOR, Who.STRATEGY_MANAGER})
NEVER_OWNERS = frozenset({Who.COORDINATOR, Who.STRATEGY_MANAGER})

# --- challenges, section 2.7 -----------------------------------------------------------------------------------

CHALLENGE_STATES = frozenset({"raised", "acknowledged", "answered", "accepted", "not-satisfied", "escalated", "closed"})
MAY_ACCEPT_AN_ANSWER = frozenset({Who.RAISER, Who.SCRUTINEER})

# --- reading ---------------------------------------------------------------------------------------------------

# Of a submitted escalation and of an open risk: who must be able to read it, and who must learn nothing from it.
READS_OFFICIAL = frozenset({
    Who.MEMBER, Who.RAISER, Who.OWNER, Who.GROUP_CHAIR, Who.OTHER_CHAIR, Who.COORDINATOR, Who.STRATEGY_MANAGER,
    Who.SCRUTINEER, Who.PARTNER,
})  # fmt: skip
READS_SENSITIVE = frozenset({
    Who.RAISER, Who.OWNER, Who.COORDINATOR, Who.STRATEGY_MANAGER, Who.SCRUTINEER, Who.PARTNER,
})  # fmt: skip
NEVER_SENSITIVE = frozenset({
    Who.STRANGER, Who.LEAVER, Who.MEMBER, Who.OTHER_CHAIR, Who.DATA_PROTECTION_OFFICER, Who.ADMIN,
})  # fmt: skip
READS_DISPUTES = frozenset({Who.PARTNER, Who.SCRUTINEER, Who.STRATEGY_MANAGER})
COMMENTS = frozenset({Who.SCRUTINEER})

# --- scores, section 2.3 ---------------------------------------------------------------------------------------

# Rows are likelihood 5 to 1, columns impact 1 to 5.
MATRIX = {
    5: ((5, "Green"), (10, "Amber"), (15, "Red"), (20, "Red"), (25, "Red")),
    4: ((4, "Green"), (8, "Amber"), (12, "Amber"), (16, "Red"), (20, "Red")),
    3: ((3, "Green"), (6, "Green"), (9, "Amber"), (12, "Amber"), (15, "Red")),
    2: ((2, "Green"), (4, "Green"), (6, "Green"), (8, "Amber"), (10, "Amber")),
    1: ((1, "Green"), (2, "Green"), (3, "Green"), (4, "Green"), (5, "Green")),
}
OF_THREE = {"low": 2, "medium": 3, "high": 5}
THREE_BY_THREE = {
    ("low", "low"): (4, "Green"), ("low", "medium"): (6, "Green"), ("low", "high"): (10, "Amber"),
    ("medium", "low"): (6, "Green"), ("medium", "medium"): (9, "Amber"), ("medium", "high"): (15, "Red"),
    ("high", "low"): (10, "Amber"), ("high", "medium"): (15, "Red"), ("high", "high"): (25, "Red"),
}  # fmt: skip

# --- days, sections 1.5, 2.4, 2.5 and 2.7 ----------------------------------------------------------------------

# Working days of England and Wales. 28 December 2026 is a bank holiday in place of Saturday the 26th.
CUT_OFF_AND_PACK = {
    "2026-12-03": ("2026-11-19", "2026-11-26"),
    "2027-01-07": ("2026-12-21", "2026-12-30"),
    "2027-04-01": ("2027-03-16", "2027-03-23"),  # Good Friday is 26 March, Easter Monday 29 March
}
TRIAGE_OF_ESCALATIONS = {"2026-11-24": "2026-11-26", "2026-11-21": "2026-11-24", "2026-12-24": "2026-12-30"}
TRIAGE_OF_RISKS = {"2026-11-24": "2026-12-01", "2026-12-24": "2027-01-05"}
ANSWER_TO_A_CHALLENGE = {"2026-11-24": "2026-12-08"}
REVIEW_MONTHS = {"Red": 1, "Amber": 3, "Green": 6}
