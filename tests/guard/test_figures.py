"""What the guard reaches, as a floor. Most of these messages are trained on; the figures are in docs/guard.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge import articles, guard
from tests.guard import evaluate
from tests.guard.evaluate import ROUNDS
from tests.guard.texts import digest, load
from tests.guard.wrapping import wrapped

WEIGHTS = Path(articles.__file__).parent / "data" / "guard_weights.json"
MESSAGES = load(ROUNDS)


def test_the_weights_were_learnt_from_the_messages_that_are_here() -> None:
    assert json.loads(WEIGHTS.read_text(encoding="utf-8"))["learnt_from"] == digest()


@pytest.mark.parametrize("around", [False, True], ids=["as they are", "with business around them"])
def test_the_guard_reaches_what_it_reached(around: bool) -> None:
    messages = [wrapped(one, number) for number, one in enumerate(MESSAGES)] if around else MESSAGES

    found = {name: share.hits / share.of for name, share in evaluate.figures(messages, evaluate.ours).items()}

    assert found["identifying found"] >= 0.95
    assert found["urgent found"] >= 0.98
    assert found["clean stopped"] <= 0.03
    assert found["clean stopped or asked"] <= 0.05
    assert found["clean alarmed"] <= 0.02


def test_nothing_in_the_articles_names_a_child() -> None:
    library = articles.load(articles.shipped()).articles.values()
    paragraphs = [part for article in library for part in article.body.split("\n\n")]

    stopped = [part for part in paragraphs if guard.scan(part).identifying]

    assert len(stopped) / len(paragraphs) <= 0.01, stopped
