"""One line of JSON for one question: what `thscp ask --batch` prints."""

from __future__ import annotations

from bot.dispatcher import Dispatcher
from bot.screening import cleaned
from bot.terminal.render import text
from db.people import Identity
from handlers import ask
from handlers.context import Request
from knowledge.search import Verdict


def answered(dispatcher: Dispatcher, question: str) -> dict[str, object]:
    """Answer a question as the bot would, and say what it thought.

    Keys: q, slugs (best first, at most 3), score (0 to 1), answered, urgent, refused, text (plain).
    """
    request = cleaned(Request(Identity("terminal", "batch"), route="ask", text=question))
    found = dispatcher.screened(request)
    nearest = dispatcher.knowledge.index.find(request.text[: ask.MAX_QUESTION])
    reply = dispatcher.run(request)
    return {
        "q": question,
        "slugs": [] if found.identifying else list(nearest.slugs),
        "score": 0.0 if found.identifying else round(nearest.score, 4),
        "answered": found.passes and nearest.verdict is Verdict.ANSWER,
        "urgent": found.urgent,
        "refused": found.identifying,
        "text": text(reply) if reply else "",
    }
