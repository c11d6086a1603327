"""Groups and seats, dated posts, deputies, what people are sent, channels, joining codes, and those who ask to join."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0004_people"
down_revision = "0003_outbox"


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_groups_name")),
    )
    _memberships()
    _posts_and_deputies()
    _choices()
    _ways_in()
    op.execute(
        "INSERT INTO post_holders (person_id, post, from_on) SELECT people.id, people.post, "
        "COALESCE(MIN(role_grants.from_on), CURRENT_DATE) FROM people "
        "LEFT JOIN role_grants ON role_grants.person_id = people.id "
        "WHERE people.post <> '' AND people.left_on IS NULL GROUP BY people.id, people.post"
    )
    # Not as a batch: on SQLite that drops the table for a moment, which the rows that point to it forbid.
    op.execute("ALTER TABLE people DROP COLUMN post")
    op.add_column("people", sa.Column("platform", sa.String(), nullable=False, server_default=""))
    op.add_column("people", sa.Column("quiet_hours", sa.String(), nullable=False, server_default=""))


def _memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_memberships_group_id_groups")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberships_person_id"), ["person_id"], unique=False)


def _posts_and_deputies() -> None:
    op.create_table(
        "post_holders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_post_holders_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holders")),
    )
    with op.batch_alter_table("post_holders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_holders_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_holders_post"), ["post"], unique=False)
    op.create_table(
        "deputies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("for_person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["for_person_id"], ["people.id"], name=op.f("fk_deputies_for_person_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deputies_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
    )
    with op.batch_alter_table("deputies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deputies_for_person_id"), ["for_person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deputies_person_id"), ["person_id"], unique=False)


def _choices() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_subscriptions_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_channels_added_by_people")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_channels_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("platform", "address", name=op.f("uq_channels_platform")),
    )


def _ways_in() -> None:
    op.create_table(
        "joining_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_joining_codes_person_id_people")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_joining_codes")),
    )
    with op.batch_alter_table("joining_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joining_codes_person_id"), ["person_id"], unique=False)
    op.create_table(
        "newcomers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("groups", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_newcomers_decided_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_newcomers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newcomers")),
    )
    op.create_table(
        "rosters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("brought_at", Instant(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_rosters_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
    )


def downgrade() -> None:
    op.execute("ALTER TABLE people DROP COLUMN quiet_hours")
    op.execute("ALTER TABLE people DROP COLUMN platform")
    op.add_column("people", sa.Column("post", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE people SET post = COALESCE((SELECT MAX(post_holders.post) FROM post_holders "
        "WHERE post_holders.person_id = people.id AND post_holders.until_on IS NULL), '')"
    )
    for table in (
        "rosters", "newcomers", "joining_codes", "channels", "subscriptions", "deputies", "post_holders",
        "memberships", "groups",
    ):  # fmt: skip
        op.drop_table(table)
