"""What people are sent: which kinds each of them wants, on which platform, and in which hours nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ForeignKey, and_, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert
from db.deliveries import Destination
from db.people import IdentityRow, Person


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message. `always` says why it cannot be switched off; it is empty where it can."""

    name: str
    label: str
    always: str = ""

    @property
    def statutory(self) -> bool:
        """Say whether it is sent to everybody, whatever they chose."""
        return bool(self.always)


# The bulletins are those of domain.md section 5.2.
_KINDS = (
    Kind("monthly", "Monthly bulletin"),
    Kind("weekly", "Weekly bulletin in Safeguarding Month"),
    Kind("quarterly", "Quarterly newsletter"),
    Kind("young-people", "Bulletin for young people"),
    Kind("schools", "Bulletin for schools"),
    Kind("urgent", "Urgent notices", "They change what you must do today."),
    Kind("reminder", "Reminders"),
    Kind("statutory-reminder", "Reminders of statutory deadlines", "A missed one would break a legal duty."),
    Kind("training", "Training dates and places"),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})
_OF_BULLETINS = {"safeguarding-month": "weekly", "newsletter": "quarterly"}  # where the bulletin has another name
STATUTORY = frozenset(kind.name for kind in _KINDS if kind.statutory)


class Subscription(Base):
    """That a person wants a kind, or does not. Where no row is, they do."""

    __tablename__ = "subscriptions"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Preferences:
    """Where a person likes to be reached, empty for the first place they have, and their own quiet hours."""

    platform: str = ""
    quiet_hours: str = ""


def of_bulletin(kind: str) -> str:
    """Return the kind that people say yes or no to, of a kind of bulletin."""
    return _OF_BULLETINS.get(kind, kind)


def wants(session: Session, person_id: int, kind: str) -> bool:
    """Say whether a person is to be sent a kind: always, where it is statutory, and else unless they said no."""
    return person_id not in declined(session, kind)


def declined(session: Session, kind: str) -> frozenset[int]:
    """Return the ids of those who do not want a kind; nobody, where it is statutory."""
    if kind in STATUTORY:
        return frozenset()
    refused = select(Subscription.person_id).where(Subscription.kind == kind, Subscription.wanted.is_(False))
    return frozenset(session.scalars(refused))


def unwanted(session: Session, person_id: int) -> frozenset[str]:
    """Return the kinds that a person said no to."""
    said_no = select(Subscription.kind).where(Subscription.person_id == person_id, Subscription.wanted.is_(False))
    return frozenset(session.scalars(said_no)) - STATUTORY


def set_(session: Session, person_id: int, kind: str, *, wanted: bool, at: datetime) -> bool:
    """Keep whether a person wants a kind; return False for a statutory one that they do not want, which stays."""
    if kind in STATUTORY and not wanted:
        return False
    session.execute(
        insert(session, Subscription)
        .values(person_id=person_id, kind=kind, wanted=wanted, changed_at=at)
        .on_conflict_do_update(index_elements=["person_id", "kind"], set_={"wanted": wanted, "changed_at": at})
    )
    return True


def preferences(session: Session, person_id: int) -> Preferences:
    """Return where and when a person likes to be reached."""
    row = session.execute(select(Person.platform, Person.quiet_hours).where(Person.id == person_id)).one_or_none()
    return Preferences(row.platform, row.quiet_hours) if row else Preferences()


def prefer(session: Session, person_id: int, platform: str) -> None:
    """Reach a person on this platform from now on; empty for the first place they have."""
    session.execute(update(Person).where(Person.id == person_id).values(platform=platform))


def set_quiet_hours(session: Session, person_id: int, hours: str) -> None:
    """Keep a person's own quiet hours, such as "21:00-07:00"; empty for none. Callers have read them."""
    session.execute(update(Person).where(Person.id == person_id).values(quiet_hours=hours))


def quiet_hours(session: Session, destinations: Iterable[Destination]) -> dict[Destination, str]:
    """Return the own quiet hours of the people at these destinations; those without any are left out."""
    wanted = list(dict.fromkeys(destinations))
    places = {(to.platform, to.only_for or to.address) for to in wanted}
    if not places:
        return {}
    rows = session.execute(
        select(IdentityRow.platform, IdentityRow.user_id, Person.quiet_hours)
        .join(Person, and_(Person.id == IdentityRow.person_id, Person.quiet_hours != ""))
        .where(tuple_(IdentityRow.platform, IdentityRow.user_id).in_(places))
    )
    own = {(row.platform, row.user_id): row.quiet_hours for row in rows}
    return {to: hours for to in wanted if (hours := own.get((to.platform, to.only_for or to.address)))}
