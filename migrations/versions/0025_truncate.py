"""The trail is not emptied at one blow: PostgreSQL refuses TRUNCATE too."""

from alembic import op

from portal.audit.chain import allow_truncate, refuse_truncate

revision = "0025_truncate"
down_revision = "0024_family"
branch_labels = None
depends_on = None


def upgrade() -> None:
    refuse_truncate(op.get_bind())


def downgrade() -> None:
    allow_truncate(op.get_bind())
