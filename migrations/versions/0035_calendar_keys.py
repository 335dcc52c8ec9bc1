"""Addresses under which programs of calendars read a person's terms."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0035_calendar_keys"
down_revision = "0034_interviews"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TABLE = "portal_calendar_key"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("read_at", MOMENT()),
        sa.ForeignKeyConstraint(["user_id"], ["portal_user.id"], name=f"fk_{TABLE}_user_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        sa.UniqueConstraint("user_id", name=f"uq_{TABLE}_user_id"),
        sa.UniqueConstraint("token_hash", name=f"uq_{TABLE}_token_hash"),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
