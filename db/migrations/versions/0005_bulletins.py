"""Bulletins: drafts, who agreed to them, what went out to whom, and who has read it."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0005_bulletins"
down_revision = "0004_people"


def upgrade() -> None:
    op.create_table(
        "bulletin_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_bulletin_numbers")),
    )
    op.create_table(
        "bulletin_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("needs_reading", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_bulletin_series_author_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_series")),
    )
    _bulletins()
    _issues()


def _bulletins() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("image_url", sa.String(), nullable=False),
        sa.Column("image_alt", sa.String(), nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("needs_reading", sa.Boolean(), nullable=False),
        sa.Column("read_by", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("returned_with", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("scheduled_for", Instant(), nullable=True),
        sa.Column("correction_of", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_bulletins_author_id_people")),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name=op.f("fk_bulletins_changed_by_people")),
        sa.ForeignKeyConstraint(["correction_of"], ["bulletins.id"], name=op.f("fk_bulletins_correction_of_bulletins")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["bulletin_series.id"], name=op.f("fk_bulletins_series_id_bulletin_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
        sa.UniqueConstraint("series_id", "planned_on", name=op.f("uq_bulletins_series_id")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_bulletins_year")),
    )
    with op.batch_alter_table("bulletins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletins_correction_of"), ["correction_of"], unique=False)
        batch_op.create_index("ix_bulletins_state_scheduled_for", ["state", "scheduled_for"], unique=False)
    op.create_table(
        "bulletin_agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_agreements_bulletin_id_bulletins")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bulletin_agreements_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_agreements")),
        sa.UniqueConstraint("bulletin_id", "version", "name", name=op.f("uq_bulletin_agreements_bulletin_id")),
    )


def _issues() -> None:
    op.create_table(
        "bulletin_issues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_issues_bulletin_id_bulletins")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_issues")),
        sa.UniqueConstraint("bulletin_id", "version", name=op.f("uq_bulletin_issues_bulletin_id")),
    )
    with op.batch_alter_table("bulletin_issues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_issues_ended_at"), ["ended_at"], unique=False)
    op.create_table(
        "bulletin_recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["bulletin_issues.id"], name=op.f("fk_bulletin_recipients_issue_id_bulletin_issues")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bulletin_recipients_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_recipients")),
    )
    with op.batch_alter_table("bulletin_recipients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_recipients_issue_id"), ["issue_id"], unique=False)
    op.create_table(
        "bulletin_readings",
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_readings_bulletin_id_bulletins")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bulletin_readings_person_id_people")),
        sa.PrimaryKeyConstraint("bulletin_id", "person_id", name=op.f("pk_bulletin_readings")),
    )


def downgrade() -> None:
    for table in (
        "bulletin_readings", "bulletin_recipients", "bulletin_issues", "bulletin_agreements", "bulletins",
        "bulletin_series", "bulletin_numbers",
    ):  # fmt: skip
        op.drop_table(table)
