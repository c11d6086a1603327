"""The guard's counts, and the terms that name no family."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0002_guard"
down_revision = "0001_start"


def upgrade() -> None:
    op.create_table(
        "screenings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("guard_version", sa.String(), nullable=False),
        sa.Column("overridden", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
    )
    with op.batch_alter_table("screenings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screenings_at"), ["at"], unique=False)
    op.create_table(
        "guard_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_guard_terms_added_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guard_terms")),
        sa.UniqueConstraint("folded", name=op.f("uq_guard_terms_folded")),
    )


def downgrade() -> None:
    op.drop_table("guard_terms")
    with op.batch_alter_table("screenings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screenings_at"))
    op.drop_table("screenings")
