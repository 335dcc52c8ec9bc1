"""When the sender of an alert knew of it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0032_learned"
down_revision = "0031_matches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal_alert", sa.Column("learned_at", sqlmodel.sql.sqltypes.UTCDateTime()))


def downgrade() -> None:
    with op.batch_alter_table("portal_alert") as batch:
        batch.drop_column("learned_at")
