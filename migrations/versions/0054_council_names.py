"""What a council was called when a session ended, for the acta."""

import sqlalchemy as sa
from alembic import op

revision = "0054_council_names"
down_revision = "0053_closed_by_mistake"
branch_labels = None
depends_on = None

MEETING, COUNCIL = "portal_meeting", "portal_council"
HELD = ("suspended", "closed", "approved")


def upgrade() -> None:
    name = sa.Column("council_name", sa.String(160), nullable=False, server_default="")
    op.add_column(MEETING, name)
    with op.batch_alter_table(MEETING) as batch:
        batch.alter_column("council_name", server_default=None)
    # Until now no council could be called otherwise.
    meeting = sa.table(
        MEETING, *(sa.column(each) for each in ("council_id", "council_name", "status"))
    )
    council = sa.table(COUNCIL, sa.column("id"), sa.column("name"))
    op.execute(
        meeting.update()
        .where(meeting.c.status.in_(HELD))
        .values(
            council_name=sa.select(council.c.name)
            .where(council.c.id == meeting.c.council_id)
            .scalar_subquery()
        )
    )


def downgrade() -> None:
    op.drop_column(MEETING, "council_name")
