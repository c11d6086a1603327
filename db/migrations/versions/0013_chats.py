"""Where conversations of Microsoft Teams are reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0013_chats"
down_revision = "0012_listing"


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("service_url", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("silent_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("address", name="pk_chats"),
    )
    op.create_index("ix_chats_person", "chats", ["person"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_chats_person", table_name="chats")
    op.drop_table("chats")
