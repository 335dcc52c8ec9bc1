"""Whose cases a child has stands in the index alone: a search need not open the row for it."""

from alembic import op

revision = "0051_child_cases"
down_revision = "0050_names_together"
branch_labels = None
depends_on = None

TABLE = "portal_case_child"
BEFORE, SINCE = "ix_portal_case_child_person_id", "ix_portal_case_child_person"


def upgrade() -> None:
    op.create_index(SINCE, TABLE, ["person_id", "case_id"])
    op.drop_index(BEFORE, TABLE)


def downgrade() -> None:
    op.create_index(BEFORE, TABLE, ["person_id"])
    op.drop_index(SINCE, TABLE)
