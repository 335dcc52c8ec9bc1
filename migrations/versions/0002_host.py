"""Start the number of changes of the modules' switches."""

import sqlalchemy as sa
from alembic import op

revision = "0002_host"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

CHANGE = sa.table("portal_plugin_change", sa.column("id"), sa.column("number"))


def upgrade() -> None:
    op.execute(sa.insert(CHANGE).values(id=1, number=0))


def downgrade() -> None:
    op.execute(sa.delete(CHANGE))
