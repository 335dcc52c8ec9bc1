"""From which day a change of calendar moved a term, and the days on which one stood still."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0042_terms"
down_revision = "0041_units"
branch_labels = None
depends_on = None

TABLE = "portal_case_term"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("moved_from", sa.Date()))
    op.add_column(TABLE, sa.Column("moved_at", sqlmodel.sql.sqltypes.UTCDateTime()))
    op.add_column(TABLE, sa.Column("suspensions", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("suspensions", server_default=None)
    op.create_index("ix_portal_case_term_owed", TABLE, ["agency_id", "status", "due_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_portal_case_term_owed", TABLE)
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_column("suspensions")
        batch.drop_column("moved_at")
        batch.drop_column("moved_from")
