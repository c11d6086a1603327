"""Cards as e-mails, kept in `golden/` to be read and compared.

When a change is meant, write them anew and read the difference before it is committed:

    GOLDEN=refresh .venv/bin/python -m pytest tests/email/test_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.email import notify_body
from bot.email.render import mail
from tests.email.cards import CARDS, LINKS

GOLDEN = Path(__file__).parent / "golden"
REFRESH = os.environ.get("GOLDEN") == "refresh"


@pytest.mark.parametrize("name", CARDS)
def test_what_an_e_mail_shows_is_what_was_read_and_approved(name: str) -> None:
    card = CARDS[name]
    shown = mail(card, links=LINKS)
    drawn = {
        "txt": f"Subject: {shown.subject}\n\n{shown.text}\n",
        "html": f"{shown.html}\n",
        "notify.md": f"{notify_body.body(card, LINKS)}\n",
    }
    for kind, content in drawn.items():
        path = GOLDEN / f"{name}.{kind}"
        if REFRESH:
            path.write_text(content, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == content


def test_every_golden_file_belongs_to_a_card() -> None:
    assert {path.name.partition(".")[0] for path in GOLDEN.iterdir()} == set(CARDS)
