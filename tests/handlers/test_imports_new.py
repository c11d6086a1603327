"""What comes in with a file for the first time: as it is marked, its owners told, and nothing dropped in silence."""

from __future__ import annotations

import pytest

from db.escalations import Escalation
from db.people import Role
from db.risks import Risk
from handlers.imports.reading import ImportProblems
from tests.fakes import Bot, said
from tests.papers import brought, found, pressed, workbook

RISKS = [
    ("Title", "Event", "Likelihood", "Impact", "Owner", "Response", "Status", "Marking"),
    ("Late data", "Schools send late", "High", "Medium", "Alex Invented", "Treat it", "open", "Official sensitive"),
    ("Staff leave", "Posts stay empty", "Low", "Low", "Alex Invented", "Treat it", "open", ""),
]


def test_a_new_row_that_is_marked_sensitive_comes_in_so(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    bot.enrol(Role.MEMBER, name="Alex Invented")

    pressed(bot, brought(bot, who, "risks", workbook(RISKS)), "Take it over", who)

    late, staff = found(bot, Risk, "RSK-2026-001"), found(bot, Risk, "RSK-2026-002")
    assert (late.marking, staff.marking) == ("OFFICIAL-SENSITIVE", "OFFICIAL")
    assert "Late data" not in said(bot.types("risks", who=bot.enrol(Role.MEMBER)))


def test_each_owner_is_told_once_of_all_that_is_theirs_and_only_by_reference(bot: Bot) -> None:
    who = bot.enrol(Role.COORDINATOR)
    alex = bot.enrol(Role.MEMBER, name="Alex Invented")

    pressed(bot, brought(bot, who, "risks", workbook(RISKS)), "Take it over", who)

    [notice] = [one for one in bot.queued() if one.to.address == alex.user_id]
    assert notice.card.title == "You own 2 risks of a register that was taken over"
    assert "RSK-2026-001, RSK-2026-002" in said(notice.card)
    assert "Late data" not in said(notice.card)


TRACKER = ("Ref", "Version", "Title", "Group", "Ask", "Urgency", "Marking")
NEW = {
    "urgent": ("urgent", "", "Urgency: Something new cannot bring this. Leave it empty."),
    "a marking of no kind": ("", "SECRET", "Marking: I do not know this. I know: OFFICIAL, OFFICIAL-SENSITIVE."),
}


@pytest.mark.parametrize(("urgency", "marking", "told"), NEW.values(), ids=NEW)
def test_what_a_new_row_says_is_taken_or_refused_and_never_dropped(
    bot: Bot, urgency: str, marking: str, told: str
) -> None:
    row = ("", "", "No lead", "Delivery Group", "Name a lead", urgency, marking)

    with pytest.raises(ImportProblems) as refused:
        brought(bot, bot.enrol(Role.COORDINATOR), "escalations", workbook([TRACKER, row]))

    assert [str(one) for one in refused.value.problems] == [f"Row 2, {told}"]
    assert bot.counted(Escalation) == 0
