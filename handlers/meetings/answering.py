"""Who comes: members say it with one press, and a deputy who is to come learns of it."""

from __future__ import annotations

from db import attending, meetings
from db.attending import Answer
from db.meetings import AHEAD
from handlers import meeting_news, telling
from handlers.context import Context, Request, UserError
from handlers.meetings import cards, records
from handlers.meetings.records import Seen, Sitters
from handlers.messages import Card, Text, Tone
from handlers.prose import escape

_SAID = {
    Answer.ATTENDS: "Noted: you come",
    Answer.DEPUTY: "Noted: your deputy comes",
    Answer.APOLOGIES: "Noted: you do not come",
}


def answer(context: Context, request: Request) -> Card:
    """Keep what a member says about a meeting; the last answer counts, and holds for the day that it was asked for."""
    about, _, rest = request.value.partition("|")
    said, _, on = rest.partition("|")
    seen = records.get(context, about)
    meetings.held_for_change(context.session, seen.row.id)
    who = records.me(context)
    sitting = records.sitters(context, seen.group, seen.row)
    place = sitting.place(who)
    if said not in tuple(Answer) or not (place or who in sitting.stand_ins):
        raise records.not_found()
    if seen.row.state not in AHEAD or seen.row.on < context.today:
        raise UserError("This meeting is over, or does not take place.", hint="Type meetings to see what comes.")
    if on != seen.row.on.isoformat():
        return cards.card(context, seen, title="It has moved: please answer again", tone=Tone.WARNING)
    if said == Answer.DEPUTY and not (place and place.deputies):
        raise UserError(
            "No deputy is known for your seat.",
            hint="Ask the secretariat to name one if your seat may send a deputy, or press Apologies.",
        )
    attending.answer(context.session, seen.row, who, Answer(said), at=context.now)
    after = records.sitters(context, seen.group, seen.row)
    lost = (sitting.comes_for.keys() | {who}) - after.comes_for.keys()
    if said == Answer.DEPUTY and lost:
        raise UserError(
            "Your deputy cannot come for your seat: they have a seat of their own, stand in for somebody else, or "
            "sent apologies.",
            hint="One person counts for one seat. Ask the secretariat for another deputy, or press Apologies.",
        )
    _tell_deputies(context, seen, sitting, after)
    return cards.card(context, seen, title=_SAID[Answer(said)], tone=Tone.GOOD, replaces=True)


def _tell_deputies(context: Context, seen: Seen, before: Sitters, after: Sitters) -> None:
    """Tell who is now to come for somebody, and who is not any more, unless they said so themselves."""
    row, who = seen.row, records.me(context)
    for holder, deputy in after.comes_for.items():
        if before.comes_for.get(holder) != deputy and deputy != who:
            said = f"{escape(after.names.get(holder, ''))} asks you to come to {escape(seen.group)} in their place"
            _tell(context, seen, deputy, "deputy", f"{said}: {meeting_news.when(context, row).words}.")
    for holder, deputy in before.comes_for.items():
        if deputy == who and holder not in after.comes_for:
            said = f"Your deputy does not come to {escape(seen.group)} on {cards.day(row.on)}. Please answer again."
            _tell(context, seen, holder, "lost", said)
        if deputy not in after.comes_for.values() and holder == who:
            said = (
                f"You need not come to {escape(seen.group)} as a deputy on {cards.day(row.on)}: the member comes, or "
            )
            _tell(context, seen, deputy, "spared", f"{said}sends apologies.")


def _tell(context: Context, seen: Seen, person_id: int, what: str, said: str) -> None:
    titles = {"deputy": f"You stand in at {seen.group}", "spared": f"{seen.group}: you are not needed"}
    seat = sitting.seat if (sitting := records.sitters(context, seen.group, seen.row).place(person_id)) else ""
    buttons = tuple(cards.three(seen.group, seen.row, seat=seat)) if what != "spared" else ()
    card = Card(titles.get(what, f"{seen.group}: your deputy does not come"), (Text(said),), buttons)
    key = meeting_news.key(seen.row, what, person_id, f"{seen.row.on.isoformat()}:{context.now.isoformat()}")
    telling.tell_people(context, [person_id], card, key=key, kind=meeting_news.KIND)
