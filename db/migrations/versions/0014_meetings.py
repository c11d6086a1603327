"""The life of a meeting: agenda, papers, replies, attendance, decisions, consultations, and days to keep clear of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.base import Instant

revision = "0014_meetings"
down_revision = "0013_chats"

_COLUMNS = (
    ("ref", sa.String(), "''"),
    ("title", sa.String(), "''"),
    ("minutes", sa.Integer(), "120"),
    ("place", sa.String(), "''"),
    ("link", sa.String(), "''"),
    ("chair", sa.String(), "''"),
    ("sequence", sa.Integer(), "0"),
)


def upgrade() -> None:
    # With a default, so that SQLite need not build the table anew: escalations refer to its rows.
    for name, kind, default in _COLUMNS:
        op.add_column("meetings", sa.Column(name, kind, nullable=False, server_default=sa.text(default)))
    op.add_column("meetings", sa.Column("moved_from", sa.Date(), nullable=True))
    _number()
    op.execute("UPDATE meetings SET state = 'confirmed' WHERE state = 'planned' AND locked_at IS NULL")
    op.execute("UPDATE meetings SET state = 'locked' WHERE state = 'planned'")
    op.create_index("ix_meetings_ref", "meetings", ["ref"], unique=True)
    op.create_index("ix_meetings_state_on", "meetings", ["state", "on"], unique=False)
    op.create_table(
        "agenda_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("presenter", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_ref", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by_person_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("dropped_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_person_id"], ["people.id"], name=op.f("fk_agenda_items_added_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_agenda_items_meeting_id_meetings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
        sa.UniqueConstraint("meeting_id", "source", "source_ref", name=op.f("uq_agenda_items_meeting_id")),
    )
    op.create_index(op.f("ix_agenda_items_meeting_id"), "agenda_items", ["meeting_id"], unique=False)
    op.create_table(
        "meeting_papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("agenda_item_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("owner_person_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("for_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("dropped_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_meeting_papers_agenda_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_papers_meeting_id_meetings")),
        sa.ForeignKeyConstraint(
            ["owner_person_id"], ["people.id"], name=op.f("fk_meeting_papers_owner_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_papers")),
    )
    op.create_index(op.f("ix_meeting_papers_meeting_id"), "meeting_papers", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_meeting_papers_owner_person_id"), "meeting_papers", ["owner_person_id"], unique=False)
    op.create_table(
        "rsvps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_rsvps_meeting_id_meetings")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_rsvps_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsvps")),
        sa.UniqueConstraint("meeting_id", "person_id", name=op.f("uq_rsvps_meeting_id")),
    )
    op.create_index(op.f("ix_rsvps_person_id"), "rsvps", ["person_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("checked_by_person_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checked_by_person_id"], ["people.id"], name=op.f("fk_attendance_checked_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_attendance_meeting_id_meetings")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_attendance_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("meeting_id", "seat", "person_id", name=op.f("uq_attendance_meeting_id")),
    )
    op.create_index(op.f("ix_attendance_person_id"), "attendance", ["person_id"], unique=False)
    op.create_table(
        "absence_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by_person_id", sa.Integer(), nullable=True),
        sa.Column("risk_ref", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_by_person_id"], ["people.id"], name=op.f("fk_absence_reviews_closed_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_absence_reviews_group_id_groups")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_absence_reviews_meeting_id_meetings")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absence_reviews_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_reviews")),
        sa.UniqueConstraint("meeting_id", "seat", "person_id", name=op.f("uq_absence_reviews_meeting_id")),
    )
    op.create_index(op.f("ix_absence_reviews_person_id"), "absence_reviews", ["person_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("agenda_item_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by_person_id", sa.Integer(), nullable=True),
        sa.Column("reported_meeting_id", sa.Integer(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_items.id"], name=op.f("fk_decisions_agenda_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_decisions_group_id_groups")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_decisions_meeting_id_meetings")),
        sa.ForeignKeyConstraint(
            ["recorded_by_person_id"], ["people.id"], name=op.f("fk_decisions_recorded_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["reported_meeting_id"], ["meetings.id"], name=op.f("fk_decisions_reported_meeting_id_meetings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("ref", name=op.f("uq_decisions_ref")),
    )
    op.create_index(op.f("ix_decisions_group_id"), "decisions", ["group_id"], unique=False)
    op.create_index(op.f("ix_decisions_meeting_id"), "decisions", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_decisions_reported_meeting_id"), "decisions", ["reported_meeting_id"], unique=False)
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("voice", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_votes_decision_id_decisions")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_votes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("decision_id", "person_id", name=op.f("uq_votes_decision_id")),
    )
    op.create_index(op.f("ix_votes_person_id"), "votes", ["person_id"], unique=False)
    op.create_table(
        "consultations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("opened_by_person_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("raised_meeting_id", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_consultations_group_id_groups")),
        sa.ForeignKeyConstraint(
            ["opened_by_person_id"], ["people.id"], name=op.f("fk_consultations_opened_by_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["raised_meeting_id"], ["meetings.id"], name=op.f("fk_consultations_raised_meeting_id_meetings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
        sa.UniqueConstraint("ref", name=op.f("uq_consultations_ref")),
    )
    op.create_index(op.f("ix_consultations_group_id"), "consultations", ["group_id"], unique=False)
    op.create_table(
        "consulted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("replied_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_consulted_consultation_id_consultations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consulted_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consulted")),
        sa.UniqueConstraint("consultation_id", "person_id", name=op.f("uq_consulted_consultation_id")),
    )
    op.create_index(op.f("ix_consulted_person_id"), "consulted", ["person_id"], unique=False)
    op.create_table(
        "calendar_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by_person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_person_id"], ["people.id"], name=op.f("fk_calendar_days_added_by_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
        sa.UniqueConstraint("kind", "first_on", "last_on", "what", name=op.f("uq_calendar_days_kind")),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feeds_person_id"), "calendar_feeds", ["person_id"], unique=False)


def _number() -> None:
    """Give the meetings that are there their references, by the year in which they are."""
    connection, last = op.get_bind(), dict[int, int]()
    meetings = sa.table(
        "meetings", sa.column("id", sa.Integer()), sa.column("ref", sa.String()), sa.column("on", sa.Date())
    )
    for row in connection.execute(sa.select(meetings.c.id, meetings.c.on).order_by(meetings.c.on, meetings.c.id)).all():
        last[row.on.year] = last.get(row.on.year, 0) + 1
        ref = f"MTG-{row.on.year}-{last[row.on.year]:03d}"
        connection.execute(meetings.update().where(meetings.c.id == row.id).values(ref=ref))
    numbers = sa.table(
        "record_numbers",
        sa.column("prefix", sa.String()),
        sa.column("year", sa.Integer()),
        sa.column("last", sa.Integer()),
    )
    for year, number in last.items():
        connection.execute(numbers.insert().values(prefix="MTG", year=year, last=number))


def downgrade() -> None:
    op.drop_table("calendar_feeds")
    op.drop_table("calendar_days")
    op.drop_table("consulted")
    op.drop_table("consultations")
    op.drop_table("votes")
    op.drop_table("decisions")
    op.drop_table("absence_reviews")
    op.drop_table("attendance")
    op.drop_table("rsvps")
    op.drop_table("meeting_papers")
    op.drop_table("agenda_items")
    op.execute("DELETE FROM meetings WHERE state = 'proposed'")
    op.execute("UPDATE meetings SET state = 'planned' WHERE state <> 'cancelled'")
    op.execute("DELETE FROM record_numbers WHERE prefix = 'MTG'")
    op.drop_index("ix_meetings_state_on", table_name="meetings")
    op.drop_index("ix_meetings_ref", table_name="meetings")
    op.drop_column("meetings", "moved_from")
    for name, _, _ in reversed(_COLUMNS):
        op.drop_column("meetings", name)
