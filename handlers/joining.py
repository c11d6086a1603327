"""Several places of one person: joined by a one-time code that is typed in the other place, never by an address."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

from db import deliveries, directory, joining, people, registry
from db.deliveries import Destination
from db.joining import JoiningCode
from db.people import Identity
from handlers import boxes, persons
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Facts, Field, Form, Note, Text, Tone, card_to_json
from handlers.wording import words

VALID_FOR = timedelta(minutes=10)
# Ten letters without vowels make 20**10 codes and no words; of which few can be tried in ten minutes.
LETTERS, LENGTH = "bcdfghjkmnpqrstvwxyz", 10
CODE = re.compile(rf"[{LETTERS}]{{5}}[- ]?[{LETTERS}]{{5}}", re.IGNORECASE)
TAKES = re.compile(rf"(?:{CODE.pattern})?", re.IGNORECASE)


def link(context: Context, request: Request) -> Card:
    """Give somebody enrolled a code for their other place; or join the place in which a code is typed."""
    if request.text.strip():
        return _join(context, request.identity, request.text)
    if context.actor.person_id is None:
        return Card(
            title="Join this place to your record",
            body=(Text(words("joining_stranger")),),
            actions=(Button("I am not enrolled yet", "newcomers.offer"),),
        )
    code = _offer(context, context.actor.person_id)
    mine = directory.details(context.session, context.actor.person_id, on=context.today)
    reached = persons.reached_on(mine) if mine else ""
    return Card(
        title="Your code for the other place",
        body=(
            Text(words("joining_code", code=code, minutes=VALID_FOR.seconds // 60)),
            Facts((("You are reached on", reached),)),
            Note("Whoever types this code becomes you here. Show it to nobody."),
        ),
        actions=(Button("Add an e-mail address", "joining.mail", opens=True),),
        fallback="Your code for the other place",
    )


def _offer(context: Context, person_id: int, address: str = "") -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    code = f"{letters[:5]}-{letters[5:]}"
    joining.offer(
        context.session,
        code_hash=_hashed(code),
        person_id=person_id,
        address=address,
        expires_at=context.now + VALID_FOR,
    )
    return code


def _hashed(code: str) -> str:
    return hashlib.sha256("".join(char for char in code.lower() if char in LETTERS).encode()).hexdigest()


def _join(context: Context, identity: Identity, typed: str) -> Card:
    offered = joining.usable(context.session, _hashed(typed), at=context.now)
    if offered is None or not joining.use(context.session, offered.code_hash, at=context.now):
        raise UserError(
            "That code is not valid, or not any more.",
            hint="A code works once, for ten minutes. Type link in the place where you are enrolled for a new one.",
        )
    if offered.address:
        return _address_proved(context, offered)
    owner = registry.owner(context.session, identity)
    if owner == offered.person_id:
        raise UserError("You typed the code where you got it.", hint="Type it in the other place. It is still valid.")
    if owner is not None:
        raise UserError(
            "Somebody is or was enrolled from this place already.",
            hint="Ask the secretariat to join the two. Your code is still valid.",
        )
    return _joined(context, offered.person_id, identity)


def _address_proved(context: Context, offered: JoiningCode) -> Card:
    """Add the address to which a code was sent, now that its owner typed it as themselves."""
    if context.actor.person_id != offered.person_id:
        raise UserError("That code is for somebody else.", hint="Type it in the place where you asked for it.")
    place = Identity("email", offered.address)
    if registry.owner(context.session, place) is not None:
        raise UserError("Somebody is enrolled with that address.", hint="Ask the secretariat to join the two.")
    return _joined(context, offered.person_id, place)


def _joined(context: Context, person_id: int, place: Identity) -> Card:
    before = people.reach_person(context.session, person_id, on=context.today)
    if before is None:
        raise UserError("That code is not valid, or not any more.", hint="Its owner is not enrolled any more.")
    registry.add_place(context.session, person_id, place)
    platform = persons.PLATFORMS.get(place.platform, place.platform)
    persons.note(context, "joined a place", person_id, platform=place.platform)
    if before != context.identity:
        notice = Card(
            "A place was joined to your record",
            (Text(words("joining_told", platform=platform)),),
            tone=Tone.WARNING,
        )
        deliveries.put(
            context.session,
            key=f"joined:{context.token}",
            kind="notice of a joined place",
            card=card_to_json(notice),
            destinations=[Destination(before.platform, before.user_id)],
            now=context.now,
        )
    mine = directory.details(context.session, person_id, on=context.today)
    return Card(
        title="Joined",
        body=(Text(words("joining_done", platform=platform)),
              *([Facts((("You are reached on", persons.reached_on(mine)),))] if mine else [])),
        actions=(Button("What I am sent", "subscriptions.show"), Button("What can I do here?", "help.show")),
        tone=Tone.GOOD,
    )  # fmt: skip


def open_mail(context: Context, _request: Request) -> Form:
    """Open the form in which somebody gives a work address, to which a code is then sent."""
    _mine(context)
    return Form(
        title="Add an e-mail address",
        action="joining.send",
        token=context.token,
        intro="I send a code there. Type it here within ten minutes.",
        fields=(
            Field(
                "address",
                "Your work address",
                hint="If it is not taken here, ask the secretariat to add it.",
                max_length=boxes.MAX_ID,
            ),
        ),
    )


def send(context: Context, request: Request) -> Card | Errors:
    """Send a code to the address of that form. Nothing is said of whether somebody has that address already."""
    person_id = _mine(context)
    address = request.fields.get("address", "").strip().lower()
    if problem := boxes.place_problem("email", address):
        return Errors({"address": problem})
    if "email" not in context.house.reached:
        return Errors({"address": "This service sends no e-mail yet. Ask the secretariat."})
    code = _offer(context, person_id, address)
    card = Card("Your code", (Text(words("joining_mail", code=code, house=context.house)),))
    deliveries.put(
        context.session,
        key=f"joining:{context.token}",
        kind="code for an e-mail address",
        card=card_to_json(card),
        destinations=[Destination("email", address)],
        now=context.now,
        expires_at=context.now + VALID_FOR,
    )
    persons.note(context, "asked for a code by e-mail", person_id)
    return Card("A code is on its way", (Text(words("joining_sent")),), tone=Tone.GOOD)


def forget(context: Context) -> int:
    """Forget the codes that have expired; return how many they were."""
    return joining.forget(context.session, before=context.now)


def _mine(context: Context) -> int:
    if context.actor.person_id is None:
        raise UserError("You are not enrolled here yet.", hint="Type enrol me to ask the secretariat.")
    return context.actor.person_id
