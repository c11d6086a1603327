"""Keys with which links are signed. They are in the database, so that every replica reads what another one signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, take_turns

_BYTES = 32
_PARTS = 3
_LONGEST = 4000  # characters of a token that anybody may send us; ours have a few hundred


class SigningKey(Base):
    """One key. The newest signs; those before it still read what they signed, until they are retired."""

    __tablename__ = "signing_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


def sign(session: Session, payload: bytes, *, now: datetime) -> str:
    """Return a token for the payload, which it shows to everybody and which nobody can change."""
    key = _newest(session) or _first(session, now)
    return f"{key.id}.{_coded(payload)}.{_coded(_mark(key, payload))}"


def read(session: Session, token: str) -> bytes | None:
    """Return the payload of a token; None when we did not sign it, or with a key that is retired."""
    parts = token.split(".")
    if len(parts) != _PARTS or len(token) > _LONGEST or not token.isascii():
        return None
    try:
        payload, mark = _decoded(parts[1]), _decoded(parts[2])
    except (ValueError, binascii.Error):
        return None
    number = int(parts[0]) if parts[0].isdecimal() and len(parts[0]) < 10 else 0  # noqa: PLR2004 - below 2**31
    key = session.scalar(select(SigningKey).where(SigningKey.id == number, SigningKey.retired_at.is_(None)))
    return payload if key is not None and hmac.compare_digest(_mark(key, payload), mark) else None


def rotate(session: Session, *, now: datetime, at_once: bool = False) -> None:
    """Make a new key. `at_once` retires those before it, so that every link that was sent stops working."""
    take_turns(session, "signing keys")
    if at_once:
        session.execute(update(SigningKey).where(SigningKey.retired_at.is_(None)).values(retired_at=now))
    _made(session, now)


def _newest(session: Session) -> SigningKey | None:
    in_use = select(SigningKey).where(SigningKey.retired_at.is_(None))
    return session.scalar(in_use.order_by(SigningKey.id.desc()).limit(1))


def _first(session: Session, now: datetime) -> SigningKey:
    take_turns(session, "signing keys")  # replicas that start together make one key
    return _newest(session) or _made(session, now)


def _made(session: Session, now: datetime) -> SigningKey:
    key = SigningKey(secret=secrets.token_hex(_BYTES), made_at=now)
    session.add(key)
    session.flush()
    return key


def _mark(key: SigningKey, payload: bytes) -> bytes:
    return hmac.new(bytes.fromhex(key.secret), payload, hashlib.sha256).digest()


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _coded(data) != text:  # several texts stand for the same bytes; only ours counts
        raise ValueError("not written as we write it")
    return data
