"""Who attends the database, and since when without a gap."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0008_heartbeats"
down_revision = "0007_email"


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("trusted_since", Instant(), nullable=False),
        sa.Column("restored_at", Instant(), nullable=True),
        sa.Column("clock_off", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_heartbeats")),
    )


def downgrade() -> None:
    op.drop_table("heartbeats")
