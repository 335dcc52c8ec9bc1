"""Who is called to an alert that nobody opened."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027_calls"
down_revision = "0026_lists"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
CALL = "portal_alert_call"


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{CALL}_{column}")


def upgrade() -> None:
    op.add_column("portal_alert", sa.Column("called_at", MOMENT()))
    op.create_table(
        CALL,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        _key("alert_id", "portal_alert"),
        _key("agency_id", "portal_agency"),
        _key("user_id", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{CALL}"),
        sa.UniqueConstraint("alert_id", "user_id", name=f"uq_{CALL}_alert_id_user_id"),
    )
    op.create_index(f"ix_{CALL}_user_id", CALL, ["user_id"])


def downgrade() -> None:
    op.drop_table(CALL)
    with op.batch_alter_table("portal_alert") as batch:
        batch.drop_column("called_at")
