"""One message as it goes over the wire: its headers, and the card as plain text and as HTML."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from bot.email.links import Pages
from bot.email.render import mail
from bot.sending import Undeliverable
from db.deliveries import Destination
from handlers.mailing import Prepared
from handlers.messages import Card

# What SMTP takes without extensions, and nothing that could end a header or a command.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]+>")
# Long lines stay whole: an address in a header that is folded is no address any more.
_POLICY = SMTP.clone(max_line_length=900, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class From:
    """As whom e-mails are sent: `name <address>`, taken apart."""

    name: str
    address: str

    @classmethod
    def parse(cls, text: str) -> From:
        """Read `Name <name@example.org>` or an address alone. Raises ValueError when it is neither."""
        name, address = parseaddr(text)
        if not _ADDRESS.fullmatch(address):
            raise ValueError("it should look like Safeguarding <safeguarding@example.org>")
        return cls(name, address)

    @property
    def domain(self) -> str:
        """Return the part after the @."""
        return self.address.rpartition("@")[2]


def is_address(text: str) -> bool:
    """Say whether a message can be sent there as far as the look of the address goes."""
    return _ADDRESS.fullmatch(text) is not None


def message_id(delivery_id: str, sender: From) -> str:
    """Return the Message-ID of a delivery: the same whenever it is sent, so that mail programs know it again."""
    return f"<{delivery_id}@{sender.domain}>"


def delivery_of(message_id: str) -> str | None:
    """Return the delivery of a Message-ID; None when it is none of ours."""
    found = _OURS.fullmatch(message_id.strip())
    return str(uuid.UUID(found[1])) if found else None


def compose(
    to: Destination, card: Card, *, delivery_id: str, sender: From, prepared: Prepared, pages: Pages
) -> EmailMessage:
    """Return the message of a delivery. Raises Undeliverable for an address that is none."""
    if not is_address(to.address):
        raise Undeliverable("this is not an e-mail address")
    content = mail(card, links=pages.of(prepared))
    message = EmailMessage(policy=_POLICY)
    local, _, domain = to.address.rpartition("@")
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(prepared.at)
    message["Message-ID"] = message_id(delivery_id, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
    if is_address(pages.reply_to):
        message["Reply-To"] = pages.reply_to
    if _MESSAGE_ID.fullmatch(to.thread):
        message["In-Reply-To"] = message["References"] = to.thread
    if url := pages.unsubscribe(prepared):
        message["List-Unsubscribe"] = f"<{url}>"
        if not prepared.always:  # RFC 8058: mail programs may then stop it without showing a page
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content.text, cte="quoted-printable", params={"format": "flowed"})
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    return message
