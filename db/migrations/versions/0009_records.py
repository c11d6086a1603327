"""References, history, links, actions and meetings; the audit trail becomes a chain, from its first row on."""

import hashlib
import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0009_records"
down_revision = "0008_heartbeats"

APPEND_ONLY = {"audit_chain": "place", "record_history": "id"}
_GENESIS = "0" * 64
_AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "record_numbers",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_record_numbers")),
    )
    op.create_table(
        "record_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_ref", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_person_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before_state", sa.String(), nullable=False),
        sa.Column("after_state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_person_id"], ["people.id"], name=op.f("fk_record_history_actor_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_history")),
    )
    op.create_index("ix_record_history_ref", "record_history", ["record_ref", "id"], unique=False)
    op.create_table(
        "relations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref_a", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref_b", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_person_id"], ["people.id"], name=op.f("fk_relations_by_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relations")),
        sa.UniqueConstraint("ref_a", "kind", "ref_b", name=op.f("uq_relations_ref_a")),
    )
    op.create_index(op.f("ix_relations_ref_b"), "relations", ["ref_b"], unique=False)
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_ref", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner_person_id", sa.Integer(), nullable=True),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by_person_id", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_person_id"], ["people.id"], name=op.f("fk_actions_added_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(["owner_person_id"], ["people.id"], name=op.f("fk_actions_owner_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("ref", name=op.f("uq_actions_ref")),
    )
    op.create_index("ix_actions_done_on_due_on", "actions", ["done_on", "due_on"], unique=False)
    op.create_index(op.f("ix_actions_of_ref"), "actions", ["of_ref"], unique=False)
    op.create_index("ix_actions_owner_person_id", "actions", ["owner_person_id", "done_on"], unique=False)
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("cut_off_on", sa.Date(), nullable=False),
        sa.Column("pack_on", sa.Date(), nullable=False),
        sa.Column("locked_at", Instant(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_meetings_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("group_id", "on", name=op.f("uq_meetings_group_id")),
    )
    _begin_the_chain()
    _forbid_changes()


def _begin_the_chain() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit.id"], name=op.f("fk_audit_chain_entry_id_audit")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_chain_entry_id")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    _chain_what_is_there()


def _chain_what_is_there() -> None:
    """Chain the rows of before as `db/audit.py` chains new ones. What is chained once stays as it is for ever."""
    names = ("id", "at", "actor", "action", "subject", "detail")
    kinds: dict[str, Any] = {"at": Instant(), "detail": sa.JSON(), "id": sa.Integer()}
    old = sa.table("audit", *(sa.column(name, kinds.get(name, sa.String())) for name in names))
    chain = sa.table("audit_chain", sa.column("place"), sa.column("entry_id"), sa.column("hash"))
    connection = op.get_bind()
    place, last, seen = 0, _GENESIS, 0
    first = sa.select(old).order_by(old.c.id).limit(_AT_ONCE)
    while rows := connection.execute(first.where(old.c.id > seen)).all():
        links = []
        for row in rows:
            place += 1
            last = _hash(last, place, row)
            links.append({"place": place, "entry_id": row.id, "hash": last})
        connection.execute(sa.insert(chain), links)
        seen = rows[-1].id
    if place:
        head = sa.table("audit_head", sa.column("id"), sa.column("place"), sa.column("hash"))
        connection.execute(sa.insert(head).values(id=1, place=place, hash=last))


def _hash(before: str, place: int, row: Any) -> str:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    says = [before, place, row.id, at, row.actor, row.action, row.subject, row.detail]
    text = json.dumps(says, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _forbid_changes() -> None:
    for table, key in APPEND_ONLY.items():
        if op.get_bind().dialect.name == "sqlite":
            for deed in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
                )
            there = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - our own names
            op.execute(  # REPLACE takes a row away without the trigger for DELETE
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
            )


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_subject"), table_name="audit")
    for table in (
        "audit_head", "audit_chain", "meetings", "actions", "relations", "record_history", "record_numbers",
    ):  # fmt: skip
        op.drop_table(table)
