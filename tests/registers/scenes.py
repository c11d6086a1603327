"""Where the proof begins: dates of the Executive, an escalation as a draft, and a risk that was just raised."""

from __future__ import annotations

from datetime import date

from db import engine as database
from db import meetings
from db.people import Identity
from handlers.context import Request
from handlers.messages import Card, Form
from knowledge.calendar import working_days_before
from tests.fakes import Bot
from tests.registers.cast import DELIVERY, Cast
from tests.registers.explorer import HARMLESS, harmless, rows

EXECUTIVES = (date(2026, 12, 17), date(2027, 2, 4), date(2027, 3, 25), date(2027, 5, 20), date(2027, 7, 15))
OWNER = "other-member"
NOBODY = Identity("test", "nobody")
# What has to stand in boxes that do not take any words: somebody who is enrolled, a group, another risk.
WORDS = {
    "into": "RSK-2026-001",
    "name": f"{OWNER.title()} Invented",
    "owner": f"{OWNER.title()} Invented",
    "group": DELIVERY,
}
ESCALATION = {
    "title": "No lead for neglect in two agencies",
    "issue": HARMLESS,
    "impact_on_children": "Help comes later than it should in both agencies.",
    "already_tried": "The group wrote to both agencies in May and in September.",
    "ask": "Please ask both agencies to name a lead by January.",
}
ALERT = {
    "title": "Visits are missed when teams change",
    "event": "Visits to families in temporary homes are missed when teams change over.",
    "agencies": "Health visiting and housing",
    "doing": "Teams hand over in writing.",
    "level": "Medium/Medium",
}


def dates(bot: Bot) -> None:
    """Let the dates of the Executive be known."""
    with database.transaction(bot.engine) as session:
        for on in EXECUTIVES:
            cut_off, pack = working_days_before(on, 10), working_days_before(on, 5)
            meetings.add(session, "Executive", on=on, cut_off_on=cut_off, pack_on=pack)


def fills(bot: Bot, cast: Cast, name: str, route: str, **fields: str) -> Card:
    """Let somebody open a form by its button and send it with these words."""
    form = bot.does(Request(cast.places[name], route=route))
    assert isinstance(form, Form), form
    filled = {box.name: harmless(box) for box in form.fields} | fields
    card = bot.sends(form, who=cast.places[name], **filled)
    assert isinstance(card, Card), card
    return card


def drafted(bot: Bot, cast: Cast, *, by: str = "chair", **fields: str) -> str:
    """Let the chair of a group keep an escalation as a draft; return its reference."""
    if not rows(bot.engine, "meetings", key="id"):
        dates(bot)
    known = set(rows(bot.engine, "escalations"))
    fills(bot, cast, by, "escalation.new", **({"group": DELIVERY, "now": "keep"} | ESCALATION | fields))
    (ref,) = set(rows(bot.engine, "escalations")) - known
    return ref


def alerted(bot: Bot, cast: Cast, *, by: str = "member", **fields: str) -> str:
    """Let a member raise a risk; return its reference."""
    known = set(rows(bot.engine, "risks"))
    fills(bot, cast, by, "risks.new", **(ALERT | fields))
    (ref,) = set(rows(bot.engine, "risks")) - known
    return ref


def registered(bot: Bot, cast: Cast, target: str = "2027-06-01") -> str:
    """Let a risk be on the register, with its owner and its scores; return its reference."""
    ref = alerted(bot, cast)
    owner = {"name": WORDS["name"], "group": WORDS["group"]}
    scores = {"target_date": target, "target_l": "1", "target_i": "1"}
    for route, fields in (("risks.assign", owner), ("risks.score", scores)):
        form = bot.does(Request(cast.places["manager"], route=route, value=f"{ref}|{version(bot, ref)}"))
        assert isinstance(form, Form), form
        card = bot.sends(form, who=cast.places["manager"], **{one.name: harmless(one) for one in form.fields} | fields)
        assert isinstance(card, Card), card
    bot.does(Request(cast.places[OWNER], route="risks.own", value=f"{ref}|{version(bot, ref)}"))
    assert rows(bot.engine, "risks")[ref]["status"] == "open"
    return ref


def version(bot: Bot, ref: str) -> int:
    """Return how often a risk was changed."""
    found: int = rows(bot.engine, "risks")[ref]["version"]
    return found
