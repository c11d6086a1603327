"""What the guard reaches on messages that trained nothing: floors below what was measured, so that a fall is seen."""

from __future__ import annotations

import json
from pathlib import Path

from knowledge import articles
from tests.guard.texts import digest

WEIGHTS = Path(articles.__file__).parent / "data" / "guard_weights.json"


def test_the_weights_were_learnt_from_the_messages_that_are_here() -> None:
    assert json.loads(WEIGHTS.read_text(encoding="utf-8"))["learnt_from"] == digest()
