"""What a mail server says when it could not deliver after all: delivery status notifications.

Source: RFC 3464 for the fields, RFC 3462 for the report around them, RFC 3463 for the status codes.
"""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message

from bot.email.compose import delivery_of
from handlers import mailing

MAX_BYTES = 1_000_000  # of a notification; those that bring the whole message back are longer and may be cut


@dataclass(frozen=True, slots=True)
class Returned:
    """One delivery that came back. It is ours: the notification quotes the Message-ID that we gave it."""

    delivery_id: str
    status: str
    final: bool


def read(message: bytes) -> Returned | None:
    """Return what a notification says; None for any other message, for a mere delay, and for what is not ours.

    The delivery is found by its own id and not by the address in the notification, which anybody could have written.
    """
    report = email.message_from_bytes(message[:MAX_BYTES], policy=policy.default)
    if report.get_content_type() != "multipart/report" or report.get_param("report-type") != "delivery-status":
        return None
    parts = list(report.walk())
    ours = next(filter(None, (delivery_of(quoted) for part in parts for quoted in _quoted(part))), None)
    failed = next((fields for part in parts for fields in _recipients(part) if _action(fields) == "failed"), None)
    if ours is None or failed is None:
        return None
    status = str(failed["Status"] or "").split()[0] if failed["Status"] else "5.0.0"
    return Returned(ours, status, final=mailing.about_mailbox(status) and not mailing.may_pass(status))


def _quoted(part: Message) -> Iterator[str]:
    """Give the Message-IDs of the message that came back, whole or as its headers alone."""
    if part.get_content_type() == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        headers = email.message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default)
        yield str(headers["Message-ID"] or "")
    elif part.get_content_type() == "message/rfc822" and isinstance(inner := part.get_payload(), list):
        yield from (str(one["Message-ID"] or "") for one in inner if isinstance(one, EmailMessage))


def _recipients(part: Message) -> Iterator[Message]:
    """Give the fields of each recipient: the groups after the first, which is about the message."""
    if part.get_content_type() == "message/delivery-status" and isinstance(groups := part.get_payload(), list):
        yield from (group for group in groups if isinstance(group, Message) and group["Final-Recipient"])


def _action(fields: Message) -> str:
    return str(fields["Action"] or "").strip().lower()
