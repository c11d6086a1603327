"""E-mail: what its links may do, what came back, and who is told.

A link says who it was for and what it would do. It gives no right to it: that is looked up when it is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from db import audit, bulletins, deliveries, keys, people, subscriptions
from db import mailing as addresses
from db.deliveries import Destination
from db.mailing import PLATFORM, Marked
from db.people import SECRETARIAT, Identity
from db.subscriptions import Kind
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Note, Text, Tone, card_to_json
from handlers.prose import parse
from handlers.wording import words

NOTICE = "notice about an e-mail address"
PRESS_FOR = timedelta(days=60)
PRESS_WITH_RIGHTS_FOR = timedelta(days=7)  # an e-mail that is passed on takes its links along
UNSUBSCRIBE_FOR = timedelta(days=400)
_PRESS, _STOP = "press", "stop"
_BULLETIN = "bulletin:"
_CHANGED = "This link is not complete, or somebody changed it."
_EXPIRED = "This link has expired."

# RFC 3463, section 3: codes about the mailbox, not about us, our words or the way there. Without a status behind it
# a server's 550, 551 or 553 means the same (RFC 5321, section 4.2.3).
_MAILBOX = re.compile(r"5\.1\.(?:[1-6]|10)\b|5\.2\.[0-4]\b|^55[013]$")
_NOT_THEIRS = re.compile(r"[45]\.[3567]\.")  # about the systems on the way, our words or our rights
_MAY_PASS = re.compile(r"^4\.|\b[45]\.2\.2\b")  # a full mailbox may be emptied
_STATUSES = (  # RFC 3463, section 3; the first that fits
    (".1.", "there is no such mailbox"),
    (".2.1", "the mailbox is closed"),
    (".2.2", "the mailbox is full"),
    (".2.", "the mailbox takes no messages"),
    (".3.", "the mail system failed on the way"),
    (".4.", "the other mail server could not be reached"),
    (".7.", "the other mail server does not let us in"),
    ("55", "there is no such mailbox"),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one e-mail needs beside its card. `refused` says why it is not sent; it is empty when it is.

    `pressed` holds the token of each button, by action and value; `unsubscribe` one too. `always` says why the kind
    cannot be switched off.
    """

    at: datetime
    refused: str = ""
    pressed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unsubscribe: str = ""
    always: str = ""


@dataclass(frozen=True, slots=True)
class Pressing:
    """A button of an e-mail that somebody may be about to press: what stood on it, and for whom it was."""

    label: str
    action: str
    value: str
    identity: Identity
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of e-mail, and whether it is sent to the one who looks. `always` says why nobody can switch it off."""

    kind: str
    wanted: bool
    always: str


# --- before it is sent -----------------------------------------------------------------------------------------


def prepare(context: Context, to: Destination, card: Card, *, delivery_id: str) -> Prepared:
    """Return what an e-mail needs; refuse it where messages come back, and where this kind is not wanted."""
    if addresses.mark(context.session, to.address):
        return Prepared(context.now, refused="messages to this address come back")
    address_id = addresses.number(context.session, to.address)
    kind = _kind(context, delivery_id)
    if kind and not kind.statutory and addresses.stopped(context.session, address_id, kind.name):
        return Prepared(context.now, refused="this mailbox does not want this kind of e-mail")
    return Prepared(
        context.now,
        pressed=tokens(context, to.address, card),
        unsubscribe=_token(context, _STOP, address_id, UNSUBSCRIBE_FOR, kind.name) if kind else "",
        always=f"You cannot switch these e-mails off. {kind.always}" if kind and kind.statutory else "",
    )


def tokens(context: Context, address: str, card: Card) -> dict[tuple[str, str], str]:
    """Return a token for every button of a card, and every topic in its text, that opens no form."""
    address_id = addresses.number(context.session, address)
    return {
        (button.action, button.value): _token(
            context, _PRESS, address_id, _valid_for(context, button.action), button.action, button.value, button.label
        )
        for button in _buttons(card)
        if button.action in context.routes
    }


def _buttons(card: Card) -> Iterator[Button]:
    yield from (action for action in card.actions if isinstance(action, Button) and not action.opens)
    for part in card.body:
        if isinstance(part, Text | Note):
            spans = (span for paragraph in parse(part.markdown) for span in paragraph.spans)
            yield from (Button(span.text, "ask.topic", span.url[3:]) for span in spans if span.url.startswith("kb:"))


def _valid_for(context: Context, action: str) -> timedelta:
    return PRESS_WITH_RIGHTS_FOR if context.routes[action].roles else PRESS_FOR


def _kind(context: Context, delivery_id: str) -> Kind | None:
    """Return the kind that people subscribe to of which a delivery is; None for answers and notices."""
    found = addresses.written(context.session, delivery_id)
    if found is None:
        return None
    if found.key.startswith(_BULLETIN):
        bulletin = bulletins.of_ref(context.session, found.key.split(":")[1])
        return subscriptions.KINDS.get(subscriptions.of_bulletin(bulletin.kind)) if bulletin else None
    return subscriptions.KINDS.get(found.kind)


def _token(context: Context, purpose: str, address_id: int, valid_for: timedelta, *what: str) -> str:
    until = int((context.now + valid_for).timestamp())
    payload = json.dumps([purpose, address_id, until, *what], ensure_ascii=False, separators=(",", ":"))
    return keys.sign(context.session, payload.encode(), now=context.now)


# --- links -----------------------------------------------------------------------------------------------------


def pressing(context: Context, token: str) -> Pressing:
    """Return what a link would press. Raises UserError when it is changed or too old."""
    address, (action, value, label) = _read(context, token, _PRESS, 3)
    identity = Identity(PLATFORM, address)
    return Pressing(label, action, value, identity, people.find(context.session, identity, on=context.today).name)


def choice(context: Context, token: str) -> Choice:
    """Return the kind that a link is about, and change nothing. Raises UserError when it is changed or too old."""
    address, (name,) = _read(context, token, _STOP, 1)
    kind = subscriptions.KINDS.get(name)
    if kind is None:
        raise UserError("These e-mails do not exist any more.", hint="There is nothing left to do.")
    if kind.statutory:
        return Choice(kind.label, wanted=True, always=kind.always)
    return Choice(kind.label, wanted=_wants(context, address, name), always="")


def choose(context: Context, token: str, *, wanted: bool) -> Choice:
    """Stop a kind of e-mail, or send it again, as often as the link is used. Raises UserError as `choice` does."""
    before = choice(context, token)
    if before.always or before.wanted is wanted:
        return before
    address, (name,) = _read(context, token, _STOP, 1)
    address_id = addresses.number(context.session, address)
    person_id = _person(context, address)
    if person_id is not None:
        subscriptions.set_(context.session, person_id, name, wanted=wanted, at=context.now)
    elif wanted:
        addresses.start(context.session, address_id, name)
    else:
        addresses.stop(context.session, address_id, name, at=context.now)
    actor = f"person:{person_id}" if person_id is not None else f"mail address:{address_id}"
    audit.add(context.session, at=context.now, actor=actor, action="chose what to be sent", subject=name, wanted=wanted)
    return Choice(before.kind, wanted=wanted, always="")


def _wants(context: Context, address: str, kind: str) -> bool:
    person_id = _person(context, address)
    if person_id is not None:
        return subscriptions.wants(context.session, person_id, kind)
    return not addresses.stopped(context.session, addresses.number(context.session, address), kind)


def _person(context: Context, address: str) -> int | None:
    return people.find(context.session, Identity(PLATFORM, address), on=context.today).person_id


def _read(context: Context, token: str, purpose: str, values: int) -> tuple[str, list[str]]:
    payload = keys.read(context.session, token)
    found, address_id, until, *what = json.loads(payload) if payload else ("", 0, 0)
    address = addresses.address(context.session, address_id)
    if found != purpose or address is None or len(what) != values:
        raise UserError(_CHANGED, hint="Open it again from the e-mail itself, or reply to the e-mail.")
    if datetime.fromtimestamp(until, UTC) <= context.now:
        raise UserError(_EXPIRED, hint="Do it in Slack, or reply to the e-mail.")
    return address, what


# --- what came back --------------------------------------------------------------------------------------------


def returned(context: Context, delivery_id: str, *, final: bool, status: str) -> bool:
    """Keep that a message came back after it was taken; return False when it was none of ours."""
    found = addresses.written(context.session, delivery_id)
    if found is None:
        return False
    addresses.note(context.session, delivery_id, f"came back: {in_words(status)}")
    if not _NOT_THEIRS.search(status):
        bounced(context, found.address, key=delivery_id, final=final, status=status)
    return True


def bounced(context: Context, address: str, *, key: str, final: bool, status: str) -> None:
    """Keep that an address did not take a message; tell the secretariat when nothing is sent there from now on."""
    found = addresses.bounced(context.session, key=key, address=address, final=final, status=status, at=context.now)
    if found is None:
        return
    readers = people.reach(context.session, roles=SECRETARIAT, on=context.today)
    deliveries.put(
        context.session,
        key=f"mail-address:{found.id}:{found.at.isoformat()}",
        kind=NOTICE,
        card=card_to_json(_notice(context, found)),
        destinations=[Destination(to.platform, to.user_id) for to in readers if to.user_id != address],
        now=context.now,
    )


def _notice(context: Context, found: Marked) -> Card:
    name = people.find(context.session, Identity(PLATFORM, found.address), on=context.today).name
    told = words("mailing_bounced", name=name, address=found.address, reason=in_words(found.reason))
    return Card(
        title="An e-mail address does not work",
        body=(Text(told),),
        actions=(Button("Send there again", "mailing.clear", str(found.id)),),
        tone=Tone.WARNING,
    )


def in_words(status: str) -> str:
    """Return what a mail server meant, in words."""
    return next((meant for part, meant in _STATUSES if part in status), "the other mail server refused it")


def about_mailbox(status: str) -> bool:
    """Say whether a refusal is about the mailbox, so that other messages would come back as well."""
    return _MAILBOX.search(status) is not None


def may_pass(status: str) -> bool:
    """Say whether what keeps messages from the mailbox may pass by itself."""
    return _MAY_PASS.search(status) is not None


def clear(context: Context, request: Request) -> Card:
    """Send to an e-mail address again, after somebody has mended it."""
    address = addresses.clear(context.session, number(request.value))
    if address is None:
        return Card(title="E-mails are sent there already", body=(Text("Nothing was changed."),))
    who = context.actor.person_id
    audit.add(
        context.session,
        at=context.now,
        actor=f"person:{who}",
        action="e-mail address cleared",
        subject=f"mail address:{number(request.value)}",
    )
    return Card(
        title="E-mails are sent there again",
        body=(Text("What could not be sent meanwhile is not sent by itself: type **undelivered** to see it."),),
        tone=Tone.GOOD,
        replaces=True,
    )
