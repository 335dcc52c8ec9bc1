"""When the person of a sign-in last proved who it is."""

import sqlalchemy as sa
from alembic import op

revision = "0008_proof"
down_revision = "0007_councils"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal_sign_in", sa.Column("proved_at", sa.DateTime(timezone=True)))
    table = sa.table("portal_sign_in", sa.column("proved_at"), sa.column("created_at"))
    op.get_bind().execute(sa.update(table).values(proved_at=table.c.created_at))
    with op.batch_alter_table("portal_sign_in") as batch:
        batch.alter_column("proved_at", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("portal_sign_in") as batch:
        batch.drop_column("proved_at")
