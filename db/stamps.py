"""What tells a database from an older copy of itself: a number that grows on SQLite, on PostgreSQL its own ids."""

from __future__ import annotations

from sqlalchemy import BigInteger, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base, insert

_ONE = 1
_OWN = "(SELECT oid FROM pg_database WHERE datname = current_database()), 'deliveries'::regclass::oid"
_SERVER = "(SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint())"


class Stamp(Base):
    """The one row that says which database this is, and how often deliveries were taken out of it.

    `touched` is the time of the file beside a SQLite database when they last were, in nanoseconds.
    """

    __tablename__ = "stamps"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    touched: Mapped[int] = mapped_column(BigInteger)
    identity: Mapped[str]


def count(session: Session) -> tuple[int, int]:
    """Return how often deliveries were taken out of this database, and what time the file beside it had then."""
    row = session.execute(select(Stamp.number, Stamp.touched).where(Stamp.id == _ONE)).one_or_none()
    return (row.number, row.touched) if row else (0, 0)


def advance(session: Session, *, touched: int) -> int:
    """Count that deliveries are taken, and return the new number."""
    statement = insert(session, Stamp).values(id=_ONE, number=1, touched=touched, identity="")
    raised = {"number": Stamp.number + 1, "touched": touched}
    counted = statement.on_conflict_do_update(index_elements=["id"], set_=raised).returning(Stamp.number)
    return session.scalars(counted).one()


def go_on_from(session: Session, number: int, *, touched: int) -> None:
    """Go on counting from there, so that a copy that was noticed is told from the next one."""
    statement = insert(session, Stamp).values(id=_ONE, number=number, touched=touched, identity="")
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"number": number, "touched": touched}))


def take_identity(session: Session) -> bool:
    """Note by which ids PostgreSQL knows this database; say whether they are those noted before, if any were.

    A dump or a template that is put back has other ids than the database that it was made of.
    """
    now = _identity(session)
    session.execute(insert(session, Stamp).values(id=_ONE, number=0, touched=0, identity=now).on_conflict_do_nothing())
    known = session.scalar(select(Stamp.identity).where(Stamp.id == _ONE).with_for_update())
    session.execute(update(Stamp).where(Stamp.id == _ONE).values(identity=now))
    return known == now


def _identity(session: Session) -> str:
    try:
        with session.begin_nested():
            return str(session.scalar(text(f"SELECT concat_ws('/', {_OWN}, {_SERVER})")))
    except DBAPIError:  # some providers let nobody ask for the server's own ids
        return str(session.scalar(text(f"SELECT concat_ws('/', {_OWN})")))
