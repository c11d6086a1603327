"""Two people who change the same thing at the same time: the second is told, and keeps what they typed."""

from __future__ import annotations

import hashlib

from db.bulletins import Bulletin, State
from handlers.bulletins import records
from handlers.context import Context, Request
from handlers.messages import Errors, Field

OVER = Field("over", "Keep mine in place of theirs", "confirm", required=False)
_MOST_OF_THEIRS = 600  # characters under a box: Slack shows 2,000


def consequence(bulletin: Bulletin) -> str:
    """Say what saving does to what is not a draft any more."""
    match State(bulletin.state):
        case State.SENDING | State.HALTED:
            return "What is being sent stays as it was approved. Your change makes the next version."
        case State.REVIEW | State.APPROVED | State.SCHEDULED | State.PAUSED:
            return "It becomes a draft again, and needs a new approval."
        case _:
            return ""


def mark(bulletin: Bulletin, *seen: object) -> str:
    """Return what a form carries of that which its writer saw: what they change, and what saving it does."""
    return hashlib.sha256(repr((consequence(bulletin), *seen)).encode()).hexdigest()[:12]


def clash(context: Context, bulletin: Bulletin, request: Request, box: str, *seen: object) -> Errors | None:
    """Return what to tell somebody under whose form things have changed; None where they did not, or it is wanted so.

    `seen` is what stands there now. In the box of a section it is shown too, so that both can be put together.
    """
    if request.value.rpartition(":")[2] == mark(bulletin, *seen) or request.fields.get("over") == "yes":
        return None
    other = bulletin.changed_by != context.actor.person_id
    who = records.name_of(context, bulletin.changed_by) if other else "Somebody"
    said = [f"{who} changed {bulletin.ref} while you wrote. What you typed is still here."]
    if box == "text":
        said.append(f"It now says: {_shortened(str(seen[0]))}" if seen[0] else "It is empty now.")
    said += [consequence(bulletin), "Put both together here, then tick Keep mine in place of theirs."]
    return Errors({box: " ".join(filter(None, said))}, also=OVER)


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return (
        f"“{flat}”" if len(flat) <= _MOST_OF_THEIRS else f"“{flat[:_MOST_OF_THEIRS]} …” and more. Open it to see all."
    )
