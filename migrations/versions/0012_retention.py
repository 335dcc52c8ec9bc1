"""How long records are kept, what holds them, how they end, and what is left."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012_retention"
down_revision = "0011_incidents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_tombstone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "record",
            sa.Enum("case", "alert", name="recordkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum("rule", "cancellation", name="ground", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_tombstone")),
        sa.UniqueConstraint("record_id", name=op.f("uq_portal_tombstone_record_id")),
    )
    with op.batch_alter_table("portal_tombstone", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_tombstone_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_erasure",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum("rule", "cancellation", name="ground", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "approved",
                "refused",
                "withdrawn",
                name="erasurestatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by_officer", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_erasure_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["portal_user.id"], name=op.f("fk_portal_erasure_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["portal_user.id"], name=op.f("fk_portal_erasure_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_erasure")),
    )
    with op.batch_alter_table("portal_erasure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_erasure_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_retention_rule",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "record",
            sa.Enum("case", "alert", name="recordkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "agency_kind",
            sa.Enum(
                "defensoria",
                "upe",
                "demuna",
                "care_home",
                "police",
                "prosecutor",
                "court",
                "forensic",
                "cem",
                "health",
                "insurance",
                "education",
                "civil_registry",
                "prison",
                "juvenile_justice",
                "inabif",
                "social_programme",
                "public_defence",
                "migration",
                "local_government",
                "regional_government",
                "charity",
                "prefecture",
                "civil_society",
                name="agencykind",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column(
            "counted_from",
            sa.Enum("closing", "majority", name="countedfrom", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("norm", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("norm_on", sa.Date(), nullable=False),
        sa.Column("doubt", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_retention_rule_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["portal_user.id"], name=op.f("fk_portal_retention_rule_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["portal_user.id"], name=op.f("fk_portal_retention_rule_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_retention_rule")),
    )
    with op.batch_alter_table("portal_retention_rule", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_retention_rule_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_erasure_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column(
            "record",
            sa.Enum("case", "alert", name="recordkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("planned", "erased", "kept", name="itemstatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("planned", sa.JSON(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["portal_erasure.id"], name=op.f("fk_portal_erasure_item_erasure_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["portal_retention_rule.id"], name=op.f("fk_portal_erasure_item_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_erasure_item")),
        sa.UniqueConstraint(
            "erasure_id", "record_id", name=op.f("uq_portal_erasure_item_erasure_id_record_id")
        ),
    )
    with op.batch_alter_table("portal_erasure_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_erasure_item_record_id"), ["record_id"], unique=False
        )

    op.create_table(
        "portal_legal_hold",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lift_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_legal_hold_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["portal_alert.id"], name=op.f("fk_portal_legal_hold_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_legal_hold_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["portal_user.id"], name=op.f("fk_portal_legal_hold_lifted_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_portal_legal_hold_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["portal_user.id"], name=op.f("fk_portal_legal_hold_placed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_legal_hold")),
    )
    with op.batch_alter_table("portal_legal_hold", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_legal_hold_agency_id"), ["agency_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_legal_hold_alert_id"), ["alert_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_portal_legal_hold_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_portal_legal_hold_person_id"), ["person_id"], unique=False
        )

    with op.batch_alter_table("portal_alert", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("portal_alert", schema=None) as batch_op:
        batch_op.drop_column("erased_at")

    with op.batch_alter_table("portal_legal_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_legal_hold_person_id"))
        batch_op.drop_index(batch_op.f("ix_portal_legal_hold_case_id"))
        batch_op.drop_index(batch_op.f("ix_portal_legal_hold_alert_id"))
        batch_op.drop_index(batch_op.f("ix_portal_legal_hold_agency_id"))

    op.drop_table("portal_legal_hold")
    with op.batch_alter_table("portal_erasure_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_erasure_item_record_id"))

    op.drop_table("portal_erasure_item")
    with op.batch_alter_table("portal_retention_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_retention_rule_agency_id"))

    op.drop_table("portal_retention_rule")
    with op.batch_alter_table("portal_erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_erasure_agency_id"))

    op.drop_table("portal_erasure")
    with op.batch_alter_table("portal_tombstone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_tombstone_agency_id"))

    op.drop_table("portal_tombstone")
