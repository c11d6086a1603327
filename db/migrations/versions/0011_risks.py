"""The register of risks with controls and scores, and the log of challenges."""

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0011_risks"
down_revision = "0010_escalations"


def upgrade() -> None:
    _risks()
    _risk_controls()
    _risk_scores()
    _challenges()


def _risks() -> None:
    op.create_table(
        "risks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("children", sa.Text(), nullable=False),
        sa.Column("agencies_affected", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("executive_now", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("agency_raising", sa.String(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=True),
        sa.Column("raised_by_role", sa.String(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("priority_ids", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_accepted_at", Instant(), nullable=True),
        sa.Column("lead_group_id", sa.Integer(), nullable=True),
        sa.Column("sponsor_id", sa.Integer(), nullable=True),
        sa.Column("inherent_l", sa.Integer(), nullable=True),
        sa.Column("inherent_i", sa.Integer(), nullable=True),
        sa.Column("current_l", sa.Integer(), nullable=True),
        sa.Column("current_i", sa.Integer(), nullable=True),
        sa.Column("target_l", sa.Integer(), nullable=True),
        sa.Column("target_i", sa.Integer(), nullable=True),
        sa.Column("target_date", sa.Date(), nullable=True),
        sa.Column("entry_scale", sa.String(), nullable=False),
        sa.Column("scored_at", Instant(), nullable=True),
        sa.Column("proximity", sa.String(), nullable=False),
        sa.Column("appetite", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("review_frequency", sa.Integer(), nullable=False),
        sa.Column("next_review", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("trend", sa.String(), nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=False),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("accepted_how", sa.String(), nullable=False),
        sa.Column("acceptance_reason", sa.Text(), nullable=False),
        sa.Column("acceptance_expiry", sa.Date(), nullable=True),
        sa.Column("escalation_ref", sa.String(), nullable=False),
        sa.Column("escalated_at", Instant(), nullable=True),
        sa.Column("closure_reason", sa.String(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("closure_asked_by", sa.Integer(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["people.id"], name=op.f("fk_risks_accepted_by_people")),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name=op.f("fk_risks_closed_by_people")),
        sa.ForeignKeyConstraint(["closure_asked_by"], ["people.id"], name=op.f("fk_risks_closure_asked_by_people")),
        sa.ForeignKeyConstraint(["lead_group_id"], ["groups.id"], name=op.f("fk_risks_lead_group_id_groups")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_risks_owner_id_people")),
        sa.ForeignKeyConstraint(["raised_by"], ["people.id"], name=op.f("fk_risks_raised_by_people")),
        sa.ForeignKeyConstraint(["sponsor_id"], ["people.id"], name=op.f("fk_risks_sponsor_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risks")),
        sa.UniqueConstraint("ref", name=op.f("uq_risks_ref")),
    )
    op.create_index(op.f("ix_risks_lead_group_id"), "risks", ["lead_group_id"], unique=False)
    op.create_index(op.f("ix_risks_owner_id"), "risks", ["owner_id"], unique=False)
    op.create_index(op.f("ix_risks_raised_by"), "risks", ["raised_by"], unique=False)
    op.create_index("ix_risks_status_next_review", "risks", ["status", "next_review"], unique=False)
    op.create_index("ix_risks_status_raised_at", "risks", ["status", "raised_at"], unique=False)


def _risk_controls() -> None:
    op.create_table(
        "risk_controls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("risk_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("effective", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_risk_controls_added_by_people")),
        sa.ForeignKeyConstraint(["risk_id"], ["risks.id"], name=op.f("fk_risk_controls_risk_id_risks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_controls")),
    )
    op.create_index(op.f("ix_risk_controls_risk_id"), "risk_controls", ["risk_id"], unique=False)


def _risk_scores() -> None:
    op.create_table(
        "risk_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("risk_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("which", sa.String(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("trend", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name=op.f("fk_risk_scores_by_people")),
        sa.ForeignKeyConstraint(["risk_id"], ["risks.id"], name=op.f("fk_risk_scores_risk_id_risks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_scores")),
    )
    op.create_index(op.f("ix_risk_scores_risk_id"), "risk_scores", ["risk_id"], unique=False)


def _challenges() -> None:
    op.create_table(
        "challenges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=False),
        sa.Column("forum", sa.String(), nullable=False),
        sa.Column("challenger_role", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("challenged", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("linked_risk", sa.String(), nullable=False),
        sa.Column("linked_escalation", sa.String(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("assurance_sought", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("response_due", sa.Date(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("responded_by", sa.Integer(), nullable=True),
        sa.Column("responded_at", Instant(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_challenges_owner_id_people")),
        sa.ForeignKeyConstraint(["raised_by"], ["people.id"], name=op.f("fk_challenges_raised_by_people")),
        sa.ForeignKeyConstraint(["responded_by"], ["people.id"], name=op.f("fk_challenges_responded_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sa.UniqueConstraint("ref", name=op.f("uq_challenges_ref")),
    )
    op.create_index(op.f("ix_challenges_linked_risk"), "challenges", ["linked_risk"], unique=False)
    op.create_index(op.f("ix_challenges_owner_id"), "challenges", ["owner_id"], unique=False)
    op.create_index(op.f("ix_challenges_raised_by"), "challenges", ["raised_by"], unique=False)
    op.create_index("ix_challenges_status_response_due", "challenges", ["status", "response_due"], unique=False)


def downgrade() -> None:
    for table in ("challenges", "risk_scores", "risk_controls", "risks"):
        op.drop_table(table)
