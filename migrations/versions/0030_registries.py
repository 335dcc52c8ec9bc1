"""Codes of cases and children in official systems."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0030_registries"
down_revision = "0029_groups"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TABLE = "portal_official_code"
SYSTEMS = ("sispe", "sisdna", "sisnna", "siagie", "sis", "prosecutor", "court", "other")


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{TABLE}_{column}")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column(
            "system",
            sa.Enum(*SYSTEMS, name="system", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.Column("recorded_by", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("struck_at", MOMENT()),
        sa.Column("struck_by", sa.Uuid()),
        _key("case_id", "portal_case"),
        _key("person_id", "portal_person"),
        _key("recorded_by", "portal_user"),
        _key("agency_id", "portal_agency"),
        _key("struck_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    op.create_index(f"ix_{TABLE}_case_id", TABLE, ["case_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
