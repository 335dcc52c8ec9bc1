"""Indexes of one value no longer make SQLite plan a statement anew for each value asked."""

import sqlalchemy as sa
from alembic import op

revision = "0056_planned_once"
down_revision = "0055_seats_of_actas"
branch_labels = None
depends_on = None

PARTY = ("uq_portal_case_party_lead", "portal_case_party")
TRANSFER = ("uq_portal_case_transfer_waiting", "portal_case_transfer")


def upgrade() -> None:
    _make(*PARTY, "'lead' = level AND ended_at IS NULL")
    _make(*TRANSFER, "'waiting' = state")


def downgrade() -> None:
    _make(*PARTY, "level = 'lead' AND ended_at IS NULL")
    _make(*TRANSFER, "state = 'waiting'")


def _make(name: str, table: str, where: str) -> None:
    op.drop_index(name, table_name=table)
    op.create_index(
        name,
        table,
        ["case_id"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
