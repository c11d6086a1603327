"""The few cards that only Slack needs: when a view does not open, or a form cannot be shown where it was asked for."""

from __future__ import annotations

from handlers.messages import Card, Form, Text, Tone
from handlers.safety import DANGER_LINE

FAILED = Card(
    title="Something went wrong here",
    body=(Text("I cannot say whether it was saved. Please look, then try it again in a minute."), Text(DANGER_LINE)),
    tone=Tone.WARNING,
)
NOT_OPENED = Card(
    title="Slack did not open the form",
    body=(Text("If nothing opened, press the button again."), Text(DANGER_LINE)),
    tone=Tone.WARNING,
)


def form_elsewhere(form: Form) -> Card:
    """Say that a form opens from a button, where Slack lets none be opened."""
    return Card(
        title=form.title,
        body=(Text("Slack opens a form only from a button or a slash command. Type **help** to see what there is."),),
        tone=Tone.WARNING,
    )
