"""The groups of the programme to which the children of a case belong."""

import sqlalchemy as sa
from alembic import op

revision = "0029_groups"
down_revision = "0028_rights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("portal_case") as batch:
        batch.add_column(sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("portal_case") as batch:
        batch.alter_column("groups", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("portal_case") as batch:
        batch.drop_column("groups")
