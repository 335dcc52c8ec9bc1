"""Incidents: what an account saw, and whom was told when."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011_incidents"
down_revision = "0010_privacy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_privacy_incident",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column(
            "nature",
            sa.Enum(
                "stolen_account",
                "lost_device",
                "unusual_reading",
                "other",
                name="nature",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("happened_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consequences_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("measures_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("authority_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authority_told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("centre_told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("persons_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_privacy_incident_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["portal_privacy_alert.id"],
            name=op.f("fk_portal_privacy_incident_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_incident_opened_by")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_privacy_incident_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_portal_privacy_incident_number")),
    )
    with op.batch_alter_table("portal_privacy_incident", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_privacy_incident_agency", ["agency_id", "known_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_incident_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "portal_privacy_incident_agency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("persons_told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["portal_agency.id"],
            name=op.f("fk_portal_privacy_incident_agency_agency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["portal_privacy_incident.id"],
            name=op.f("fk_portal_privacy_incident_agency_incident_id"),
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_incident_agency_told_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_incident_agency")),
        sa.UniqueConstraint(
            "incident_id",
            "agency_id",
            name=op.f("uq_portal_privacy_incident_agency_incident_id_agency_id"),
        ),
    )
    with op.batch_alter_table("portal_privacy_incident_agency", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_incident_agency_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_privacy_incident_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("was_opened", sa.Boolean(), nullable=False),
        sa.Column("was_unsealed", sa.Boolean(), nullable=False),
        sa.Column("first_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["portal_agency.id"],
            name=op.f("fk_portal_privacy_incident_record_agency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["portal_alert.id"],
            name=op.f("fk_portal_privacy_incident_record_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_privacy_incident_record_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["portal_privacy_incident.id"],
            name=op.f("fk_portal_privacy_incident_record_incident_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_incident_record")),
    )
    with op.batch_alter_table("portal_privacy_incident_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_incident_record_alert_id"), ["alert_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_incident_record_case_id"), ["case_id"], unique=False
        )
        batch_op.create_index(
            "ix_portal_privacy_incident_record_incident", ["incident_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("portal_privacy_incident_record", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_privacy_incident_record_incident")
        batch_op.drop_index(batch_op.f("ix_portal_privacy_incident_record_case_id"))
        batch_op.drop_index(batch_op.f("ix_portal_privacy_incident_record_alert_id"))

    op.drop_table("portal_privacy_incident_record")
    with op.batch_alter_table("portal_privacy_incident_agency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_privacy_incident_agency_agency_id"))

    op.drop_table("portal_privacy_incident_agency")
    with op.batch_alter_table("portal_privacy_incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_privacy_incident_user_id"))
        batch_op.drop_index("ix_portal_privacy_incident_agency")

    op.drop_table("portal_privacy_incident")
