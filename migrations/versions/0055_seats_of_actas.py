"""Which seats a council had when a session ended, for the acta."""

import sqlalchemy as sa
from alembic import op

revision = "0055_seats_of_actas"
down_revision = "0054_council_names"
branch_labels = None
depends_on = None

MEETING = "portal_meeting"


def upgrade() -> None:
    # A session that ended before has none noted: its seats are those of its day, as they were.
    seats = sa.Column("seat_ids", sa.JSON(), nullable=False, server_default="[]")
    op.add_column(MEETING, seats)
    with op.batch_alter_table(MEETING) as batch:
        batch.alter_column("seat_ids", server_default=None)


def downgrade() -> None:
    op.drop_column(MEETING, "seat_ids")
