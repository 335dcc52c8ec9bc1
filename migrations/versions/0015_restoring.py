"""Requests to let somebody in anew."""

import sqlalchemy as sa
from alembic import op

revision = "0015_restoring"
down_revision = "0014_people"
branch_labels = None
depends_on = None

TABLE = "portal_reset_request"


def owned(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{column}"))


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("asked_by", sa.Uuid()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("also_password", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid()),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        owned("user_id", "portal_user"),
        owned("agency_id", "portal_agency"),
        owned("asked_by", "portal_user"),
        owned("confirmed_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(op.f(f"ix_{TABLE}_user_id"), TABLE, ["user_id"])
    op.create_index(op.f(f"ix_{TABLE}_asked_at"), TABLE, ["asked_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
