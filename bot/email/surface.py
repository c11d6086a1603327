"""What an e-mail could not show of a card, found before anybody is sent it."""

from __future__ import annotations

from bot.email import render
from handlers.messages import Card

_LINKS = 400  # characters that the address of each button adds, which is made when the message is sent


def problems(card: Card) -> list[str]:
    """Return what of a card mail programs would cut or hide, each with what to do; empty when all of it is shown."""
    found = []
    size = len(render.mail(card, links=render.Links()).html.encode()) + _LINKS * (len(card.actions) + 1)
    if size > render.MAX_BYTES:
        limit = f"{render.MAX_BYTES // 1000} kB"
        found.append(f"This is {size // 1000} kB, and mail programs hide what comes after {limit}. Shorten it.")
    if (shown := render.subject(card)) != " ".join(render.titled(card).split()):
        found.append(f"The title is too long for a subject: it would end with “{shown[-30:]}”. Shorten it.")
    return found
