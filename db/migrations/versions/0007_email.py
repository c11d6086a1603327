"""Keys that sign links; e-mail addresses, what came back from them and what they said no to."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0007_email"
down_revision = "0006_reminders"


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "mail_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("marked_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_addresses")),
        sa.UniqueConstraint("address", name=op.f("uq_mail_addresses_address")),
    )
    op.create_table(
        "mail_bounces",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["mail_addresses.id"], name=op.f("fk_mail_bounces_address_id_mail_addresses")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mail_bounces")),
    )
    with op.batch_alter_table("mail_bounces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_bounces_address_id"), ["address_id"], unique=False)
    op.create_table(
        "mail_stops",
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["mail_addresses.id"], name=op.f("fk_mail_stops_address_id_mail_addresses")
        ),
        sa.PrimaryKeyConstraint("address_id", "kind", name=op.f("pk_mail_stops")),
    )


def downgrade() -> None:
    op.drop_table("mail_stops")
    with op.batch_alter_table("mail_bounces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_bounces_address_id"))
    op.drop_table("mail_bounces")
    op.drop_table("mail_addresses")
    op.drop_table("signing_keys")
