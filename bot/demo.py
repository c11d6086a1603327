"""A morning in the demonstration, played through the dispatcher: what people asked before you came."""

from __future__ import annotations

from bot.dispatcher import Dispatcher
from db.people import Identity
from handlers.context import Request

_ASKED = (
    ("practitioner", "threshold"),
    ("practitioner", "how do I make a referral"),
    ("chair", "threshold"),
    ("chair", "when is the executive quorate"),
    ("partner", "LADO"),
    ("scrutineer", "six steps of scrutiny"),
    ("practitioner", "who pays for the interpreter at a conference"),
    ("chair", "can we meet by video link in Ramadan"),
)
_PASSED_ON = ("practitioner", "Who pays for an interpreter at a child protection conference?")


def play(dispatcher: Dispatcher, platform: str) -> None:
    """Let the invented people ask their questions, and one of them ask the secretariat."""
    for who, words in _ASKED:
        dispatcher.run(Request(Identity(platform, who), words))
    who, words = _PASSED_ON
    dispatcher.run(
        Request(Identity(platform, who), route="enquiries.send", fields={"question": words}, key=f"{platform}:morning")
    )
