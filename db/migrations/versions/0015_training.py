"""Training: courses, sessions, places, what managers said, and evaluations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0015_training"
down_revision = "0014_meetings"


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("aims", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("prerequisites", sa.String(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("ref", name=op.f("uq_courses_ref")),
        sa.UniqueConstraint("title", name=op.f("uq_courses_title")),
    )
    op.create_table(
        "training_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("trainer", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("waiting_list", sa.Boolean(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("book_at", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moved_from", Instant(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_training_sessions_course_id_courses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_sessions")),
        sa.UniqueConstraint("ref", name=op.f("uq_training_sessions_ref")),
    )
    op.create_index(op.f("ix_training_sessions_course_id"), "training_sessions", ["course_id"], unique=False)
    op.create_index(op.f("ix_training_sessions_uid"), "training_sessions", ["uid"], unique=False)
    op.create_table(
        "training_channels",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_training_channels_channel_id_channels")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_training_channels")),
    )
    op.create_index("ix_training_sessions_state_starts_at", "training_sessions", ["state", "starts_at"], unique=False)
    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("held_until", Instant(), nullable=True),
        sa.Column("manager_person_id", sa.Integer(), nullable=True),
        sa.Column("manager_email", sa.String(), nullable=False),
        sa.Column("agreed_at", Instant(), nullable=True),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("for_booking_id", sa.Integer(), nullable=True),
        sa.Column("certificate", sa.String(), nullable=False),
        sa.Column("certified_at", Instant(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["for_booking_id"], ["bookings.id"], name=op.f("fk_bookings_for_booking_id_bookings")),
        sa.ForeignKeyConstraint(
            ["manager_person_id"], ["people.id"], name=op.f("fk_bookings_manager_person_id_people")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bookings_person_id_people")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["training_sessions.id"], name=op.f("fk_bookings_session_id_training_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_bookings_session_id")),
    )
    op.create_index(op.f("ix_bookings_manager_person_id"), "bookings", ["manager_person_id"], unique=False)
    op.create_index(op.f("ix_bookings_person_id"), "bookings", ["person_id"], unique=False)
    op.create_index("ix_bookings_session_id_state", "bookings", ["session_id", "state", "line"], unique=False)
    op.create_index("ix_bookings_state_held_until", "bookings", ["state", "held_until"], unique=False)
    op.create_table(
        "manager_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_manager_links_booking_id_bookings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_manager_links_token_hash")),
    )
    op.create_index(op.f("ix_manager_links_booking_id"), "manager_links", ["booking_id"], unique=False)
    op.create_table(
        "evaluations",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("before_at", Instant(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=True),
        sa.Column("after_at", Instant(), nullable=True),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=True),
        sa.Column("later_at", Instant(), nullable=True),
        sa.Column("effect", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_evaluations_booking_id_bookings")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_evaluations")),
    )


def downgrade() -> None:
    op.drop_table("evaluations")
    op.drop_table("manager_links")
    op.drop_table("bookings")
    op.drop_table("training_channels")
    op.drop_table("training_sessions")
    op.drop_table("courses")
