"""Let lists find what fits without reading the long texts of every record."""

from __future__ import annotations

from alembic import op

revision = "0012_listing"
down_revision = "0011_risks"

_COLUMNS = {
    "escalations": (
        "status", "urgency", "marking", "raised_at", "response_due", "group_id", "raised_by", "claimed_by", "asked_at",
        "still_wanted_at", "ref",
    ),
    "risks": (
        "status", "marking", "current_l", "current_i", "next_review", "acceptance_expiry", "raised_at", "raised_by",
        "owner_id", "lead_group_id", "ref",
    ),
    "challenges": (
        "status", "marking", "response_due", "raised_by", "owner_id", "linked_risk", "linked_escalation", "ref",
    ),
}  # fmt: skip


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        op.create_index(f"ix_{table}_listing", table, list(columns), unique=False)


def downgrade() -> None:
    for table in reversed(_COLUMNS):
        op.drop_index(f"ix_{table}_listing", table_name=table)
