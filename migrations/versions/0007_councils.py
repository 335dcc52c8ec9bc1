"""Councils: seats, sessions, agendas, briefs, attendance, agreements and votes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007_councils"
down_revision = "0006_agencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_council",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regional",
                "provincial",
                "local",
                "interinstitutional",
                name="councilkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("programme", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("territory", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_council")),
        sa.UniqueConstraint("name", name=op.f("uq_portal_council_name")),
    )
    op.create_table(
        "portal_council_seat",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("council_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "office",
            sa.Enum("chair", "secretary", "member", name="office", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_council_seat_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["council_id"], ["portal_council.id"], name=op.f("fk_portal_council_seat_council_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_council_seat")),
    )
    with op.batch_alter_table("portal_council_seat", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_council_seat_agency", ["agency_id", "council_id"], unique=False
        )
        batch_op.create_index(
            "uq_portal_council_seat_current",
            ["council_id", "agency_id"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "portal_meeting",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("council_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("ordinary", "extraordinary", name="meetingkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "convened",
                "in_session",
                "recess",
                "suspended",
                "closed",
                "approved",
                "not_held",
                "cancelled",
                name="meetingstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("convened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("opens_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("readable_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resumes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("current_item_id", sa.Uuid(), nullable=True),
        sa.Column("live_version", sa.Integer(), nullable=False),
        sa.Column("trail_size", sa.Integer(), nullable=True),
        sa.Column("trail_head", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["council_id"], ["portal_council.id"], name=op.f("fk_portal_meeting_council_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_meeting")),
        sa.UniqueConstraint(
            "council_id",
            "number",
            "call",
            "part",
            name=op.f("uq_portal_meeting_council_id_number_call_part"),
        ),
    )
    with op.batch_alter_table("portal_meeting", schema=None) as batch_op:
        batch_op.create_index("ix_portal_meeting_starts", ["council_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_portal_meeting_status"), ["status"], unique=False)

    op.create_table(
        "portal_council_seat_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("post", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("titular", "alternate", name="standing", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["portal_council_seat.id"],
            name=op.f("fk_portal_council_seat_person_seat_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_council_seat_person_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_council_seat_person")),
    )
    with op.batch_alter_table("portal_council_seat_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_council_seat_person_seat_id"), ["seat_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_council_seat_person_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "portal_meeting_item",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "minutes",
                "follow_up",
                "case",
                "point",
                name="itemkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "discussed",
                "postponed",
                "withdrawn",
                name="itemstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("letter", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("agreement_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_of_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("off_agenda", sa.Boolean(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("notes", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("noted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_meeting_item_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["portal_meeting.id"], name=op.f("fk_portal_meeting_item_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_meeting_item")),
    )
    with op.batch_alter_table("portal_meeting_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_item_agreement_id"), ["agreement_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_item_case_id"), ["case_id"], unique=False
        )
        batch_op.create_index(
            "ix_portal_meeting_item_order", ["meeting_id", "position"], unique=False
        )

    op.create_table(
        "portal_meeting_agreement",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("council_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("verifier_agency_id", sa.Uuid(), nullable=True),
        sa.Column(
            "how",
            sa.Enum("consensus", "votes", name="how", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "accepted",
                "objected",
                "withdrawn",
                name="agreementstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("objection", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("withdrawn_reason", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=True),
        sa.Column("settled_in_id", sa.Uuid(), nullable=True),
        sa.Column("party_proposed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_meeting_agreement_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["portal_user.id"],
            name=op.f("fk_portal_meeting_agreement_answered_by"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_meeting_agreement_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"],
            ["portal_commitment.id"],
            name=op.f("fk_portal_meeting_agreement_commitment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["council_id"],
            ["portal_council.id"],
            name=op.f("fk_portal_meeting_agreement_council_id"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["portal_meeting_item.id"],
            name=op.f("fk_portal_meeting_agreement_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["portal_meeting.id"],
            name=op.f("fk_portal_meeting_agreement_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["portal_user.id"],
            name=op.f("fk_portal_meeting_agreement_recorded_by"),
        ),
        sa.ForeignKeyConstraint(
            ["verifier_agency_id"],
            ["portal_agency.id"],
            name=op.f("fk_portal_meeting_agreement_verifier_agency_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_meeting_agreement")),
        sa.UniqueConstraint(
            "meeting_id", "number", name=op.f("uq_portal_meeting_agreement_meeting_id_number")
        ),
    )
    with op.batch_alter_table("portal_meeting_agreement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_agreement_agency_id"), ["agency_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_agreement_case_id"), ["case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_agreement_council_id"), ["council_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_agreement_item_id"), ["item_id"], unique=False
        )

    op.create_table(
        "portal_meeting_attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("titular", "alternate", name="standing", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("arrived_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("left_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("excuse", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["portal_meeting.id"],
            name=op.f("fk_portal_meeting_attendance_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["portal_council_seat_person.id"],
            name=op.f("fk_portal_meeting_attendance_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["portal_council_seat.id"],
            name=op.f("fk_portal_meeting_attendance_seat_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_meeting_attendance")),
    )
    with op.batch_alter_table("portal_meeting_attendance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_attendance_meeting_id"), ["meeting_id"], unique=False
        )
        batch_op.create_index(
            "uq_portal_meeting_attendance_present",
            ["meeting_id", "seat_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "portal_meeting_brief",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "written",
                "approved",
                "declined",
                name="briefstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_agency_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_agency_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("declined_reason", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("asks", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_agency_id"],
            ["portal_agency.id"],
            name=op.f("fk_portal_meeting_brief_approved_agency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["portal_user.id"], name=op.f("fk_portal_meeting_brief_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_meeting_brief_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["portal_meeting_item.id"], name=op.f("fk_portal_meeting_brief_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_agency_id"],
            ["portal_agency.id"],
            name=op.f("fk_portal_meeting_brief_requested_agency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["portal_user.id"], name=op.f("fk_portal_meeting_brief_requested_by")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["portal_user.id"], name=op.f("fk_portal_meeting_brief_written_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_meeting_brief")),
        sa.UniqueConstraint("item_id", name=op.f("uq_portal_meeting_brief_item_id")),
    )
    with op.batch_alter_table("portal_meeting_brief", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_brief_case_id"), ["case_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_meeting_brief_status"), ["status"], unique=False
        )

    op.create_table(
        "portal_meeting_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column(
            "sense",
            sa.Enum("for", "against", "abstained", name="sense", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["portal_meeting_agreement.id"],
            name=op.f("fk_portal_meeting_vote_agreement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["portal_council_seat.id"], name=op.f("fk_portal_meeting_vote_seat_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_meeting_vote")),
        sa.UniqueConstraint(
            "agreement_id", "seat_id", name=op.f("uq_portal_meeting_vote_agreement_id_seat_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("portal_meeting_vote")
    with op.batch_alter_table("portal_meeting_brief", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_meeting_brief_status"))
        batch_op.drop_index(batch_op.f("ix_portal_meeting_brief_case_id"))

    op.drop_table("portal_meeting_brief")
    with op.batch_alter_table("portal_meeting_attendance", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_portal_meeting_attendance_present",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_portal_meeting_attendance_meeting_id"))

    op.drop_table("portal_meeting_attendance")
    with op.batch_alter_table("portal_meeting_agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_meeting_agreement_item_id"))
        batch_op.drop_index(batch_op.f("ix_portal_meeting_agreement_council_id"))
        batch_op.drop_index(batch_op.f("ix_portal_meeting_agreement_case_id"))
        batch_op.drop_index(batch_op.f("ix_portal_meeting_agreement_agency_id"))

    op.drop_table("portal_meeting_agreement")
    with op.batch_alter_table("portal_meeting_item", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_meeting_item_order")
        batch_op.drop_index(batch_op.f("ix_portal_meeting_item_case_id"))
        batch_op.drop_index(batch_op.f("ix_portal_meeting_item_agreement_id"))

    op.drop_table("portal_meeting_item")
    with op.batch_alter_table("portal_council_seat_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_council_seat_person_user_id"))
        batch_op.drop_index(batch_op.f("ix_portal_council_seat_person_seat_id"))

    op.drop_table("portal_council_seat_person")
    with op.batch_alter_table("portal_meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_meeting_status"))
        batch_op.drop_index("ix_portal_meeting_starts")

    op.drop_table("portal_meeting")
    with op.batch_alter_table("portal_council_seat", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_portal_council_seat_current",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_portal_council_seat_agency")

    op.drop_table("portal_council_seat")
    op.drop_table("portal_council")
