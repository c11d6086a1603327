"""What is written about people: who they are, what they may do and where they sit, each change from a day on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from db import booked, feeds, groups, mailing, reminders
from db.dated import end
from db.deliveries import Delivery, State
from db.groups import Membership
from db.joining import JoiningCode
from db.people import Deputy, Identity, IdentityRow, Person, PostHolder, Role, RoleGrant, agency_id, end_everything

_UNFINISHED = (State.PENDING.value, State.SENDING.value, State.VERIFY.value)


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a group: what somebody sits for, empty for no named seat, and whether as its holder's deputy."""

    group: str
    seat: str = ""
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a person's record is to be. What is None stays as it is.

    `seats` replace every seat that they have; `groups` only say in which groups they sit and leave their seats.
    """

    name: str | None = None
    agency: str | None = None
    roles: frozenset[Role] | None = None
    groups: frozenset[str] | None = None
    seats: frozenset[Seat] | None = None
    posts: frozenset[str] | None = None


def create(session: Session, name: str) -> int:
    """Begin the record of somebody new and return its number."""
    person = Person(name=name, left_on=None)
    session.add(person)
    session.flush()
    return person.id


def change(session: Session, person_id: int, wanted: Wanted, *, on: date) -> dict[str, str]:
    """Make a record as it is wanted from that day on; return what changed, in words that name nobody."""
    steps: tuple[tuple[object, Callable[[], str]], ...] = (
        (wanted.name, lambda: _name(session, person_id, wanted.name or "")),
        (wanted.agency, lambda: _agency(session, person_id, wanted.agency or "")),
        (wanted.roles, lambda: _roles(session, person_id, wanted.roles or frozenset(), on)),
        (wanted.groups, lambda: _groups(session, person_id, wanted.groups or frozenset(), on)),
        (wanted.seats, lambda: _seats(session, person_id, wanted.seats or frozenset(), on)),
        (wanted.posts, lambda: _posts(session, person_id, wanted.posts or frozenset(), on)),
    )
    parts = ("name", "agency", "roles", "groups", "seats", "posts")
    done = {part: step() for part, (value, step) in zip(parts, steps, strict=True) if value is not None}
    session.flush()
    return {part: said for part, said in done.items() if said}


def _name(session: Session, person_id: int, name: str) -> str:
    person = session.get_one(Person, person_id)
    if person.name == name:
        return ""
    person.name = name
    return "changed"


def _agency(session: Session, person_id: int, name: str) -> str:
    person, wanted = session.get_one(Person, person_id), agency_id(session, name)
    if person.agency_id == wanted:
        return ""
    person.agency_id = wanted
    return name or "none"


def _roles(session: Session, person_id: int, wanted: frozenset[Role], on: date) -> str:
    mine = RoleGrant.person_id == person_id
    held = frozenset(map(Role, session.scalars(select(RoleGrant.role).where(mine, RoleGrant.in_force(on)))))
    for role in held - wanted:
        end(session, RoleGrant, mine, RoleGrant.role == role.value, on=on)
    for role in wanted - held:
        session.add(RoleGrant(person_id=person_id, role=role.value, from_on=on))
    return _difference(held, wanted)


def _groups(session: Session, person_id: int, wanted: frozenset[str], on: date) -> str:
    held = frozenset(sitting.group for sitting in groups.of_person(session, person_id, on=on))
    for group in held - wanted:
        groups.leave(session, person_id, group, on=on)
    for group in sorted(wanted - held):
        groups.join(session, person_id, group, on=on)
    return _difference(held, wanted)


def _seats(session: Session, person_id: int, wanted: frozenset[Seat], on: date) -> str:
    sittings = groups.of_person(session, person_id, on=on)
    held = frozenset(Seat(sitting.group, sitting.seat, sitting.deputy) for sitting in sittings)
    for seat in held - wanted:
        groups.leave(session, person_id, seat.group, on=on)
    for seat in sorted(wanted - held, key=lambda seat: seat.group):
        groups.join(session, person_id, seat.group, on=on, seat=seat.seat, deputy=seat.deputy)
    return _difference((seat.group for seat in held - wanted), (seat.group for seat in wanted - held))


def _posts(session: Session, person_id: int, wanted: frozenset[str], on: date) -> str:
    mine = PostHolder.person_id == person_id
    held = frozenset(session.scalars(select(PostHolder.post).where(mine, PostHolder.in_force(on))))
    for post in held - wanted:
        end(session, PostHolder, mine, PostHolder.post == post, on=on)
    for post in sorted(wanted - held):
        session.add(PostHolder(person_id=person_id, post=post, from_on=on))
    return _difference(held, wanted)


def _difference(held: Iterable[str], wanted: Iterable[str]) -> str:
    before, after = set(held), set(wanted)
    gone = [f"-{one}" for one in sorted(before - after)]
    return " ".join([*(f"+{one}" for one in sorted(after - before)), *gone])


def sit(session: Session, person_id: int, seat: Seat, *, on: date, until: date | None) -> None:
    """Give a person a seat of a group on those days, in place of the one that they have in it."""
    groups.join(session, person_id, seat.group, on=on, until=until, seat=seat.seat, deputy=seat.deputy)


def name_deputy(
    session: Session, person_id: int, *, for_person_id: int, role: Role, on: date, until: date | None
) -> None:
    """Let somebody stand in for another in a role on those days; an earlier deputy in it stands in no longer."""
    same = (Deputy.for_person_id == for_person_id, Deputy.role == role.value)
    end(session, Deputy, *same, on=on)
    session.add(Deputy(person_id=person_id, for_person_id=for_person_id, role=role.value, from_on=on, until_on=until))
    session.flush()


def end_deputy(session: Session, *, for_person_id: int, role: Role, on: date) -> None:
    """Let nobody stand in for a person in a role from that day on."""
    end(session, Deputy, Deputy.for_person_id == for_person_id, Deputy.role == role.value, on=on)


def owner(session: Session, identity: Identity) -> int | None:
    """Return whose place this is, whether they are here or have left; None when it is nobody's."""
    place = (IdentityRow.platform == identity.platform, IdentityRow.user_id == identity.user_id)
    return session.scalar(select(IdentityRow.person_id).where(*place))


def add_place(session: Session, person_id: int, identity: Identity) -> None:
    """Let a person be reached, and speak, from one more place. Callers know that it is nobody else's."""
    session.add(IdentityRow(person_id=person_id, platform=identity.platform, user_id=identity.user_id))
    session.flush()
    if identity.platform == mailing.PLATFORM:
        mailing.mended(session, identity.user_id)


def merge(session: Session, *, into: int, other: int, on: date) -> None:
    """Make one person of two: where the other is reached, and their places in training, are theirs from now on.

    The other has left. What they could do is not passed on: roles and seats are given on purpose, never by joining.
    """
    session.execute(update(IdentityRow).where(IdentityRow.person_id == other).values(person_id=into))
    for booking_id in booked.pass_on(session, other=other, into=into):
        reminders.cancel(session, f"booking:{booking_id}", person_id=other)
    leave(session, other, on=on)


def leave(session: Session, person_id: int, *, on: date) -> None:
    """Let a person have left by that day: no role, seat, post or deputy from then on, no code and no calendar."""
    session.execute(update(Person).where(Person.id == person_id).values(left_on=on))
    end_everything(session, person_id, on=on)
    end(session, Membership, Membership.person_id == person_id, on=on)
    session.execute(delete(JoiningCode).where(JoiningCode.person_id == person_id))
    feeds.drop(session, person_id)


def come_back(session: Session, person_id: int, *, on: date) -> None:
    """Let somebody who left be here again, with nothing of what they had before."""
    left = session.get_one(Person, person_id).left_on
    if left is not None:
        first = min(left, on)
        end_everything(session, person_id, on=first)
        end(session, Membership, Membership.person_id == person_id, on=first)
        session.execute(update(Person).where(Person.id == person_id).values(left_on=None))
        feeds.drop(session, person_id)


def recall(session: Session, person_id: int, *, since: datetime) -> int:
    """Call back what has not left for a person and is due from then on, wherever they are reached; return how many.

    A message that is being sent is cancelled if it turns out not to have arrived.
    """
    mine = select(IdentityRow.id).where(
        IdentityRow.person_id == person_id,
        IdentityRow.platform == Delivery.platform,
        IdentityRow.user_id == Delivery.address,
    )
    gone = case((Delivery.state == State.PENDING.value, State.CANCELLED.value), else_=Delivery.state)
    left = update(Delivery).where(Delivery.state.in_(_UNFINISHED), Delivery.due_at >= since, mine.exists())
    statement = left.values(state=gone, recalled=True).returning(Delivery.id)
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())


def anybody_with(session: Session, roles: Iterable[Role], *, on: date) -> bool:
    """Say whether anybody who is here was given one of the roles for good or for longer than that day."""
    lasting = or_(RoleGrant.until_on.is_(None), RoleGrant.until_on > on)
    stays = or_(Person.left_on.is_(None), Person.left_on > on + timedelta(days=1))
    wanted = select(RoleGrant.id).join(Person, Person.id == RoleGrant.person_id)
    wanted = wanted.where(RoleGrant.role.in_([role.value for role in roles]), RoleGrant.from_on <= on, lasting, stays)
    return session.scalar(wanted.limit(1)) is not None
