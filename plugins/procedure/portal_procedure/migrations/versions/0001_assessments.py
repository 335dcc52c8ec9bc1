"""Preliminary assessments."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001_assessments"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "procedure_assessment",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "no_risk",
                "risk",
                "unprotection",
                name="assessmentlevel",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("resolution", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=False),
        sa.Column("urgent_measure", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("opinion_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_procedure_assessment_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["portal_user.id"], name=op.f("fk_procedure_assessment_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_assessment")),
        sa.UniqueConstraint("case_id", name=op.f("uq_procedure_assessment_case_id")),
    )


def downgrade() -> None:
    op.drop_table("procedure_assessment")
