"""What was sent, as it is looked up: the newest version of each bulletin that people got, corrections with theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.bulletins import Bulletin, BulletinIssue

MOST = 400  # bulletins that are looked through, the newest: about five years of them
RECENT = 100  # those that an answer may offer; the first question after a start reads them all, which takes 0.4 s


@dataclass(frozen=True, slots=True)
class Sent:
    """One bulletin that people got. For a correction, `of` is the bulletin that it corrects."""

    of: int
    title: str
    kind: str
    sections: Mapping[str, str]
    sent_at: datetime
    corrects: bool


def sent(session: Session, *, most: int = MOST) -> list[Sent]:
    """Return what people got, the newest first."""
    newest = (
        select(BulletinIssue.bulletin_id, func.max(BulletinIssue.version).label("version"))
        .where(BulletinIssue.sent_at.is_not(None))
        .group_by(BulletinIssue.bulletin_id)
        .subquery()
    )
    rows = session.execute(
        select(
            BulletinIssue.bulletin_id, Bulletin.correction_of, BulletinIssue.title, BulletinIssue.content,
            BulletinIssue.sent_at,
        )
        .join(Bulletin, Bulletin.id == BulletinIssue.bulletin_id)
        .join(
            newest,
            (newest.c.bulletin_id == BulletinIssue.bulletin_id) & (newest.c.version == BulletinIssue.version),
        )
        .order_by(BulletinIssue.sent_at.desc(), BulletinIssue.id.desc())
        .limit(most)
    )  # fmt: skip
    return [_sent(*row) for row in rows]


def _sent(bulletin_id: int, corrects: int | None, title: str, content: Mapping[str, Any], sent_at: datetime) -> Sent:
    return Sent(corrects or bulletin_id, title, content["kind"], content["sections"], sent_at, corrects is not None)
