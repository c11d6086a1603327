"""What Slack could not show of a card, found before anybody is sent it."""

from __future__ import annotations

from bot.slack import fitting, render
from handlers.messages import Card, Image

_ROOM = f"a message of {fitting.MAX_MESSAGE_BLOCKS} parts and {fitting.MAX_CHARACTERS:,} characters"


def problems(card: Card) -> list[str]:
    """Return what of a card would be left out or cut, each with what to do; empty when all of it is shown."""
    found = []
    if fitting.MORE in str(render.message(card)["blocks"]):
        found.append(f"This is more than {_ROOM} can hold. Shorten it, or move a part to another bulletin.")
    if any(len(" ".join(action.label.split())) > fitting.MAX_BUTTON for action in card.actions):
        found.append(f"The words on a button are over {fitting.MAX_BUTTON} characters. Shorten them.")
    for image in (part for part in card.body if isinstance(part, Image)):
        found += _of_image(image)
    return found


def _of_image(image: Image) -> list[str]:
    found = []
    if len(image.alt.strip()) > fitting.MAX_ALT:
        found.append(f"The words for the picture are over {fitting.MAX_ALT:,} characters. Shorten them.")
    if not image.url.startswith(("https://", "http://")) or len(image.url) > fitting.MAX_URL:
        found.append(f"The picture's address must begin with https:// and have at most {fitting.MAX_URL:,} characters.")
    return found
