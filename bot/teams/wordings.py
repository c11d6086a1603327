"""The few cards and lines that only Teams needs."""

from __future__ import annotations

from handlers.messages import Card, Text, Tone
from handlers.safety import DANGER_LINE

ANSWERED_PRIVATELY = "My answer comes in our own chat."
ANSWERED = "My answer comes below."
BEFORE = "That was done already."
FORM = "Your form is ready"
ALREADY = Card(title=BEFORE, body=(Text("Close this window and go on."),))


UNREACHED = Card(
    title="I cannot write to the person who asked",
    body=(
        Text("What was asked here is answered in a chat with one person, and Teams does not let me open it."),
        Text("If it was you: press **Apps** in Teams, find me and press **Add**. Then ask again."),
        Text(DANGER_LINE),
    ),
    tone=Tone.WARNING,
)
