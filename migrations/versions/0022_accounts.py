"""Accounts of people who left: erased, and held back from it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022_accounts"
down_revision = "0021_names"
branch_labels = None
depends_on = None

HOLD, KEY = "portal_legal_hold", "fk_portal_legal_hold_user_id"


def upgrade() -> None:
    op.add_column("portal_user", sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime()))
    with op.batch_alter_table(HOLD) as batch:
        batch.add_column(sa.Column("user_id", sa.Uuid()))
        batch.create_foreign_key(KEY, "portal_user", ["user_id"], ["id"])
        batch.create_index("ix_portal_legal_hold_user_id", ["user_id"])


def downgrade() -> None:
    # A hold of an account names nothing in the old table, and stays as the document that it is.
    with op.batch_alter_table(HOLD) as batch:
        batch.drop_index("ix_portal_legal_hold_user_id")
        batch.drop_constraint(KEY, type_="foreignkey")
        batch.drop_column("user_id")
    with op.batch_alter_table("portal_user") as batch:
        batch.drop_column("erased_at")
