"""Questions passed to the secretariat, and their answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert


class Enquiry(Base):
    """One question that a person asked the secretariat, and the answer that went back."""

    __tablename__ = "enquiries"
    __table_args__ = (UniqueConstraint("year", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    asked_at: Mapped[datetime]
    asker_platform: Mapped[str]
    asker_user_id: Mapped[str]
    text: Mapped[str]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    @property
    def ref(self) -> str:
        """Return the reference that people use, such as ASK-2026-007."""
        return f"ASK-{self.year}-{self.number:03d}"


class EnquiryNumber(Base):
    """The last number given in a year. It only grows, so that no reference ever means two questions."""

    __tablename__ = "enquiry_numbers"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def open_enquiry(session: Session, *, at: datetime, year: int, asker: tuple[str, str], text: str) -> Enquiry:
    """Keep a question for the secretariat under the next reference of the year."""
    enquiry = Enquiry(
        year=year,
        number=_next_number(session, year),
        asked_at=at,
        asker_platform=asker[0],
        asker_user_id=asker[1],
        text=text,
    )
    session.add(enquiry)
    session.flush()
    return enquiry


def _next_number(session: Session, year: int) -> int:
    """Give the next number of a year. Two at once wait for each other, and one that rolls back leaves no gap."""
    statement = insert(session, EnquiryNumber).values(year=year, last=1)
    return session.scalars(
        statement.on_conflict_do_update(
            index_elements=[EnquiryNumber.year], set_={"last": EnquiryNumber.last + 1}
        ).returning(EnquiryNumber.last)
    ).one()


def get(session: Session, enquiry_id: int) -> Enquiry | None:
    """Return one enquiry, and keep others from changing it until the transaction ends.

    Callers have checked that the reader belongs to the secretariat.
    """
    return session.get(Enquiry, enquiry_id, with_for_update=True)


def waiting(session: Session, *, limit: int) -> list[Enquiry]:
    """Return the enquiries without an answer, oldest first."""
    return list(
        session.scalars(
            select(Enquiry).where(Enquiry.answer.is_(None)).order_by(Enquiry.asked_at, Enquiry.id).limit(limit)
        )
    )
