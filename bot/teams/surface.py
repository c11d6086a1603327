"""What Teams could not show of a card, found before anybody is sent it."""

from __future__ import annotations

from bot.teams import fitting, render, words
from handlers.messages import Card, Image

_ROOM = f"a message of {fitting.MAX_MESSAGE:,} bytes and {fitting.MAX_ACTIONS} buttons"


def problems(card: Card) -> list[str]:
    """Return what of a card would be left out or cut, each with what to do; empty when all of it is shown."""
    found = []
    content = render.attachment(card)["content"]
    if fitting.MORE in str(content["body"]) or len(card.actions) > fitting.MAX_ACTIONS:
        found.append(f"This is more than {_ROOM} can hold. Shorten it, or move a part to another bulletin.")
    if any(len(words.one_line(action.label)) > fitting.MAX_BUTTON for action in card.actions):
        found.append(f"The words on a button are over {fitting.MAX_BUTTON} characters. Shorten them.")
    for image in (part for part in card.body if isinstance(part, Image)):
        found += _of_image(image)
    return found


def _of_image(image: Image) -> list[str]:
    found = []
    if len(image.alt.strip()) > fitting.MAX_ALT:
        found.append(f"The words for the picture are over {fitting.MAX_ALT:,} characters. Shorten them.")
    # one of http:// is told apart for all platforms, in handlers/bulletins/checks.py
    if not image.url.startswith(("https://", "http://")) or not words.opens(image.url):
        found.append(f"The picture's address must begin with https:// and have at most {words.MAX_URL:,} characters.")
    return found
