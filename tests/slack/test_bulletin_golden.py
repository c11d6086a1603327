"""One bulletin of each kind as Slack is sent it, kept in `golden/bulletins/` to be read and compared.

When a change is meant, write them anew and read the difference before it is committed:

    GOLDEN=refresh .venv/bin/python -m pytest tests/slack/test_bulletin_golden.py
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot import surfaces
from bot.slack import render
from handlers.bulletins import checks, compose
from handlers.bulletins.draft import Draft
from handlers.bulletins.kinds import KINDS
from handlers.context import House
from tests import fakes
from tests.slack.blocks import lint_message
from tests.slack.test_golden import CONTACTS

GOLDEN = Path(__file__).parent / "golden" / "bulletins"
REFRESH = os.environ.get("GOLDEN") == "refresh"
TEXT = "- The guide is new.\n- Read [the neglect guide](https://example.org/guide) with **your team** this week."
KNOWLEDGE = replace(fakes.knowledge(), contacts=CONTACTS)
DRAFTS = {
    name: Draft(
        ref="BUL-2026-001",
        kind=name,
        title=f"New guide to neglect: {kind.label.lower()}",
        sections={section.key: TEXT for section in kind.written if section.required},
        image_url="https://example.org/park.png",
        image_alt="Two young people on a bench in a park",
        needs_reading=True,
        audience_words="Everybody enrolled",
    )
    for name, kind in KINDS.items()
}


@pytest.mark.parametrize("name", DRAFTS)
def test_what_slack_is_sent_of_each_kind_is_what_was_read_and_approved(name: str) -> None:
    parts = [render.message(card) for card in compose.cards(DRAFTS[name], KNOWLEDGE, House(), id=7)]
    shown = json.dumps(parts, indent=2, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{name}.json"
    if REFRESH:
        path.write_text(shown, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == shown
    assert [lint_message(part) for part in parts] == [[]]


@pytest.mark.parametrize("name", DRAFTS)
def test_the_checks_find_nothing_to_put_right_in_them(name: str) -> None:
    assert [one for one in checks.check(DRAFTS[name], KNOWLEDGE, surfaces.every()) if one.must] == []


def test_every_golden_bulletin_belongs_to_a_kind() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(KINDS)
