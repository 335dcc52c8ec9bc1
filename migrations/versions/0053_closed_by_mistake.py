"""Whether a conclusion was a mistake: no resolution had concluded the case."""

import sqlalchemy as sa
from alembic import op

revision = "0053_closed_by_mistake"
down_revision = "0052_notice_cases"
branch_labels = None
depends_on = None

CLOSING = "portal_case_closing"


def upgrade() -> None:
    mistake = sa.Column("by_mistake", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column(CLOSING, mistake)
    with op.batch_alter_table(CLOSING) as batch:
        batch.alter_column("by_mistake", server_default=None)


def downgrade() -> None:
    op.drop_column(CLOSING, "by_mistake")
