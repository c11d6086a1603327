"""Lanes, and what a delivery needs to be held, recalled, looked for and put to a person."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0003_outbox"
down_revision = "0002_guard"


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("only_for", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("held_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lanes")),
        sa.UniqueConstraint("platform", "address", "only_for", "queue", name=op.f("uq_lanes_platform")),
    )
    op.create_table(
        "paces",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_paces")),
    )
    op.create_table(
        "stamps",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamps")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("expires_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("recalled", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("looked_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("asked_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("told_at", Instant(), nullable=True))
    _fill()
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_platform_address_state")
        batch_op.alter_column("lane_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("held", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.alter_column("recalled", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.create_foreign_key(op.f("fk_deliveries_lane_id_lanes"), "lanes", ["lane_id"], ["id"])
        batch_op.create_index(
            "ix_deliveries_lane", ["lane_id", "state", "not_before", "due_at", "occurrence_id", "id"], unique=False
        )
        batch_op.create_index("ix_deliveries_state_expires_at", ["state", "expires_at"], unique=False)
    failing = sa.text("state IN ('dead', 'expired', 'verify')")
    op.create_index(
        "ix_deliveries_failed", "deliveries", ["told_at", "due_at"], sqlite_where=failing, postgresql_where=failing
    )
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.create_index("ix_lanes_platform_queue_next_at", ["platform", "queue", "next_at"], unique=False)


def _fill() -> None:
    """Give the deliveries of the version before their lanes; those that failed were told to the secretariat then."""
    queue = "CASE o.kind WHEN 'urgent reply' THEN 'urgent' WHEN 'reply' THEN 'reply' ELSE 'post' END"
    op.execute(
        "INSERT INTO lanes (platform, address, only_for, queue, next_at) "  # noqa: S608 - `queue` stands above
        f"SELECT d.platform, d.address, d.only_for, {queue}, "
        "MIN(CASE WHEN d.state IN ('pending', 'sending') THEN d.not_before END) "
        "FROM deliveries d JOIN occurrences o ON o.id = d.occurrence_id "
        f"GROUP BY d.platform, d.address, d.only_for, {queue}"
    )
    op.execute(
        "UPDATE deliveries SET lane_id = (SELECT l.id FROM lanes l JOIN occurrences o "  # noqa: S608 - as above
        "ON o.id = deliveries.occurrence_id WHERE l.platform = deliveries.platform "
        f"AND l.address = deliveries.address AND l.only_for = deliveries.only_for AND l.queue = {queue}), "
        "expires_at = (SELECT o.expires_at FROM occurrences o WHERE o.id = deliveries.occurrence_id)"
    )
    op.execute("UPDATE deliveries SET told_at = not_before WHERE state IN ('dead', 'expired')")


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_deliveries_lane_id_lanes"), type_="foreignkey")
        batch_op.drop_index("ix_deliveries_failed")
        batch_op.drop_index("ix_deliveries_state_expires_at")
        batch_op.drop_index("ix_deliveries_lane")
        batch_op.create_index("ix_deliveries_platform_address_state", ["platform", "address", "state"], unique=False)
        for column in ("told_at", "asked_at", "looked_at", "recalled", "held", "expires_at", "lane_id"):
            batch_op.drop_column(column)
    op.drop_table("stamps")
    op.drop_table("paces")
    op.drop_table("lanes")
