"""Unusual readings, the mark of the watch over the trail, and what people declare."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010_privacy"
down_revision = "0009_first_code"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_privacy_mark",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_portal_privacy_mark")),
    )
    op.create_table(
        "portal_privacy_alert",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "many",
                "never_assigned",
                "kin",
                "own",
                name="alertkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "explained",
                "not_explained",
                name="alertstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("finding_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_privacy_alert_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["portal_user.id"], name=op.f("fk_portal_privacy_alert_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_privacy_alert_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_alert")),
        sa.UniqueConstraint("origin", name=op.f("uq_portal_privacy_alert_origin")),
        sa.UniqueConstraint("reference", name=op.f("uq_portal_privacy_alert_reference")),
    )
    with op.batch_alter_table("portal_privacy_alert", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_privacy_alert_open", ["agency_id", "state", "made_at"], unique=False
        )
        batch_op.create_index("ix_portal_privacy_alert_user", ["user_id", "made_at"], unique=False)

    op.create_table(
        "portal_privacy_declaration",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("declared_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_privacy_declaration_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_portal_privacy_declaration")),
    )
    op.create_table(
        "portal_privacy_alert_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["portal_privacy_alert.id"],
            name=op.f("fk_portal_privacy_alert_case_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_privacy_alert_case_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_privacy_alert_case")),
        sa.UniqueConstraint(
            "alert_id", "case_id", name=op.f("uq_portal_privacy_alert_case_alert_id_case_id")
        ),
    )
    with op.batch_alter_table("portal_privacy_alert_case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_privacy_alert_case_case_id"), ["case_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("portal_privacy_alert_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_privacy_alert_case_case_id"))

    op.drop_table("portal_privacy_alert_case")
    op.drop_table("portal_privacy_declaration")
    with op.batch_alter_table("portal_privacy_alert", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_privacy_alert_user")
        batch_op.drop_index("ix_portal_privacy_alert_open")

    op.drop_table("portal_privacy_alert")
    op.drop_table("portal_privacy_mark")
