"""What Slack could not show of a card is said before anybody is sent it, and what it can show is not."""

from __future__ import annotations

import pytest

from bot import surfaces
from bot.slack import surface
from handlers.messages import Button, Card, Heading, Image, Text

SHOWN = {
    "a small card": Card("One", (Text("Two"),)),
    "a full one": Card("One", (Text("word " * 2_500),)),
    "forty sections": Card("One", (Heading("Two"), Text("Three")) * 20),
    "a picture": Card("One", (Image("https://example.org/a.png", "A park"),)),
}
NOT_SHOWN = {
    "too many characters": (Card("One", (Text("word " * 3_000),)), "Shorten it"),
    "too many parts": (Card("One", (Heading("Two"), Text("Three")) * 30), "50 parts"),
    "a long word on a button": (Card("One", (), (Button("b" * 76, "help.show"),)), "over 75 characters"),
    "many words for a picture": (Card("One", (Image("https://example.org/a.png", "a" * 2_001),)), "over 2,000"),
    "a picture that is not public": (Card("One", (Image("file:///a.png", "A park"),)), "https://"),
}


@pytest.mark.parametrize("card", SHOWN.values(), ids=SHOWN)
def test_what_slack_shows_whole_passes(card: Card) -> None:
    assert surface.problems(card) == []


@pytest.mark.parametrize(("card", "said"), NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_what_slack_would_leave_out_is_said(card: Card, said: str) -> None:
    (problem,) = surface.problems(card)

    assert said in problem


def test_every_platform_that_messages_are_made_for_is_asked() -> None:
    assert {name: problems(SHOWN["a small card"]) for name, problems in surfaces.every().items()} == {
        "Slack": [],
        "Microsoft Teams": [],
        "E-mail": [],
        "The playground": [],
    }
