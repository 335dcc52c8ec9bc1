"""Orders of authorities, what people ask of their data, and copies to hand over."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016_asked"
down_revision = "0015_restoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_privacy_order",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("order", "call", name="orderkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("order_number", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_ids", sa.JSON(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("names_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum("open", "granted", "refused", name="decision", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_privacy_order_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_privacy_order_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_order_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["first_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_order_first_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_order_made_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_order")),
        sa.UniqueConstraint("number", name=op.f("uq_portal_privacy_order_number")),
    )
    with op.batch_alter_table("portal_privacy_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_privacy_order_agency", ["agency_id", "decision", "made_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_order_case_id"), ["case_id"], unique=False
        )

    op.create_table(
        "portal_privacy_request",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "information",
                "access",
                "rectification",
                "cancellation",
                "opposition",
                name="requestkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "standing",
            sa.Enum(
                "self",
                "mother",
                "father",
                "guardian",
                "representative",
                name="standing",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("who_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("identified", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("more_until", sa.Date(), nullable=False),
        sa.Column("more_asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum("open", "granted", "refused", name="decision", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "authority",
            sa.Enum(
                "holds", "suspended", "not_needed", name="authority", native_enum=False, length=32
            ),
            nullable=True,
        ),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("names_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("corrected_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_privacy_request_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_privacy_request_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_request_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_request_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_portal_privacy_request_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_request")),
        sa.UniqueConstraint("number", name=op.f("uq_portal_privacy_request_number")),
    )
    with op.batch_alter_table("portal_privacy_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_request_case_id"), ["case_id"], unique=False
        )
        batch_op.create_index(
            "ix_portal_privacy_request_due", ["agency_id", "decision", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_request_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "portal_privacy_export",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "ready", "gone", name="exportstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ready_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("gone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_privacy_export_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["portal_privacy_order.id"],
            name=op.f("fk_portal_privacy_export_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["portal_user.id"], name=op.f("fk_portal_privacy_export_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["portal_privacy_request.id"],
            name=op.f("fk_portal_privacy_export_request_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_export")),
        sa.UniqueConstraint("number", name=op.f("uq_portal_privacy_export_number")),
    )
    with op.batch_alter_table("portal_privacy_export", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_export_agency_id"), ["agency_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_export_order_id"), ["order_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_export_request_id"), ["request_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("portal_privacy_export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_privacy_export_request_id"))
        batch_op.drop_index(batch_op.f("ix_portal_privacy_export_order_id"))
        batch_op.drop_index(batch_op.f("ix_portal_privacy_export_agency_id"))

    op.drop_table("portal_privacy_export")
    with op.batch_alter_table("portal_privacy_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_privacy_request_person_id"))
        batch_op.drop_index("ix_portal_privacy_request_due")
        batch_op.drop_index(batch_op.f("ix_portal_privacy_request_case_id"))

    op.drop_table("portal_privacy_request")
    with op.batch_alter_table("portal_privacy_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_privacy_order_case_id"))
        batch_op.drop_index("ix_portal_privacy_order_agency")

    op.drop_table("portal_privacy_order")
