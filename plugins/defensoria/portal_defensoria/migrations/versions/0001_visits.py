"""Monitoring visits."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001_visits"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "defensoria_visit",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("visited_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("unannounced", "announced", name="visitkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("found_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recommendation", sqlmodel.sql.sqltypes.AutoString(length=600), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_defensoria_visit_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_defensoria_visit_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["portal_user.id"], name=op.f("fk_defensoria_visit_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["visited_id"], ["portal_agency.id"], name=op.f("fk_defensoria_visit_visited_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defensoria_visit")),
    )
    with op.batch_alter_table("defensoria_visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_defensoria_visit_agency_id"), ["agency_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_defensoria_visit_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_defensoria_visit_visited_id"), ["visited_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("defensoria_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_defensoria_visit_visited_id"))
        batch_op.drop_index(batch_op.f("ix_defensoria_visit_case_id"))
        batch_op.drop_index(batch_op.f("ix_defensoria_visit_agency_id"))

    op.drop_table("defensoria_visit")
