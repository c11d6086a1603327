"""Escalations, what partners answered between meetings, disputes of partners, and the count of differences."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0010_escalations"
down_revision = "0009_records"


def upgrade() -> None:
    _escalations()
    op.create_table(
        "escalation_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("decision_type", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalation_answers_escalation_id_escalations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_escalation_answers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_answers")),
        sa.UniqueConstraint("escalation_id", "person_id", name=op.f("uq_escalation_answers_escalation_id")),
    )
    op.create_table(
        "difference_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("raising", sa.String(), nullable=False),
        sa.Column("receiving", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference_counts")),
        sa.UniqueConstraint(
            "month", "raising", "receiving", "theme", "stage", "settled", name=op.f("uq_difference_counts_month")
        ),
    )
    op.create_table(
        "partner_disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parties", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("review_delayed", sa.Boolean(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_partner_disputes_opened_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_disputes")),
        sa.UniqueConstraint("ref", name=op.f("uq_partner_disputes_ref")),
    )


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=False),
        sa.Column("raised_by_role", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=True),
        sa.Column("origin_meeting_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("issue", sa.String(), nullable=False),
        sa.Column("impact_on_children", sa.String(), nullable=False),
        sa.Column("already_tried", sa.String(), nullable=False),
        sa.Column("ask", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("urgency_reason", sa.String(), nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("priority_id", sa.String(), nullable=False),
        sa.Column("linked_risk_id", sa.String(), nullable=False),
        sa.Column("linked_challenge_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=False),
        sa.Column("triage_note", sa.String(), nullable=False),
        sa.Column("triaged_by", sa.Integer(), nullable=True),
        sa.Column("triaged_at", Instant(), nullable=True),
        sa.Column("target_meeting_id", sa.Integer(), nullable=True),
        sa.Column("response_due", sa.Date(), nullable=True),
        sa.Column("executive_response", sa.String(), nullable=False),
        sa.Column("decision_type", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_how", sa.String(), nullable=False),
        sa.Column("report_meeting_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=True),
        sa.Column("scrutineer_comment", sa.String(), nullable=False),
        sa.Column("deferrals", sa.Integer(), nullable=False),
        sa.Column("still_wanted_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.Integer(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("feedback_to_group_at", Instant(), nullable=True),
        sa.Column("closing_agreed_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("lessons", sa.String(), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claimed_by"], ["people.id"], name=op.f("fk_escalations_claimed_by_people")),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name=op.f("fk_escalations_closed_by_people")),
        sa.ForeignKeyConstraint(
            ["closing_agreed_by"], ["people.id"], name=op.f("fk_escalations_closing_agreed_by_people")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_escalations_decided_by_people")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_escalations_group_id_groups")),
        sa.ForeignKeyConstraint(
            ["origin_meeting_id"], ["meetings.id"], name=op.f("fk_escalations_origin_meeting_id_meetings")
        ),
        sa.ForeignKeyConstraint(["raised_by"], ["people.id"], name=op.f("fk_escalations_raised_by_people")),
        sa.ForeignKeyConstraint(
            ["report_meeting_id"], ["meetings.id"], name=op.f("fk_escalations_report_meeting_id_meetings")
        ),
        sa.ForeignKeyConstraint(
            ["target_meeting_id"], ["meetings.id"], name=op.f("fk_escalations_target_meeting_id_meetings")
        ),
        sa.ForeignKeyConstraint(["triaged_by"], ["people.id"], name=op.f("fk_escalations_triaged_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("ref", name=op.f("uq_escalations_ref")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index("ix_escalations_group_id_status", ["group_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalations_raised_by"), ["raised_by"], unique=False)
        batch_op.create_index("ix_escalations_status_response_due", ["status", "response_due"], unique=False)


def downgrade() -> None:
    for table in ("escalation_answers", "escalations", "partner_disputes", "difference_counts"):
        op.drop_table(table)
