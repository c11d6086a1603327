"""Approvals of articles: of one exact wording, by one person, at one time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert


class ApprovalRow(Base):
    """That a wording of an article was approved. A changed wording has another digest and no approval."""

    __tablename__ = "article_approvals"
    slug: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]


_FIND = select(ApprovalRow.__table__.c.approved_by, ApprovalRow.__table__.c.approved_at).where(
    ApprovalRow.__table__.c.slug == bindparam("slug"), ApprovalRow.__table__.c.digest == bindparam("digest")
)  # read with every answer


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a wording, by role, and when."""

    by: str
    at: datetime


def approve(session: Session, *, slug: str, digest: str, by: str, at: datetime) -> bool:
    """Keep an approval; return False when this wording was approved before."""
    kept = session.scalar(
        insert(session, ApprovalRow)
        .values(slug=slug, digest=digest, approved_by=by, approved_at=at)
        .on_conflict_do_nothing()
        .returning(ApprovalRow.slug)
    )
    return kept is not None


def find(session: Session, *, slug: str, digest: str) -> Approval | None:
    """Return the approval of one wording, or None while it waits."""
    row = session.connection().execute(_FIND, {"slug": slug, "digest": digest}).one_or_none()
    return Approval(row.approved_by, row.approved_at) if row else None


def waiting(session: Session, digests: Mapping[str, str]) -> list[str]:
    """Return the slugs, of {slug: digest}, whose present wording nobody has approved."""
    known = {(row.slug, row.digest) for row in session.execute(select(ApprovalRow.slug, ApprovalRow.digest))}
    return [slug for slug, digest in digests.items() if (slug, digest) not in known]
