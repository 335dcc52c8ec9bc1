"""Every postponement of a commitment with its reason, and its case conference's day."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0038_postponements"
down_revision = "0037_letters"
branch_labels = None
depends_on = None

TABLE = "portal_commitment"
KEPT = sa.table(
    TABLE,
    sa.column("id", sa.Uuid()),
    sa.column("first_due_on", sa.Date()),
    sa.column("due_on", sa.Date()),
    sa.column("postponed_why", sa.String()),
    sa.column("postponements", sa.JSON()),
)


def _write(name: str, values: list[tuple[Any, Any]]) -> None:
    for key, value in values:
        op.execute(sa.update(KEPT).where(KEPT.c.id == key).values({name: value}))


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("agreed_on", sa.Date()))
    op.add_column(TABLE, sa.Column("postponements", sa.JSON(), nullable=False, server_default="[]"))
    found = op.get_bind().execute(
        sa.select(KEPT.c.id, KEPT.c.first_due_on, KEPT.c.due_on, KEPT.c.postponed_why).where(
            KEPT.c.first_due_on != KEPT.c.due_on
        )
    )
    moves = [
        (key, [{"from": first.isoformat(), "to": last.isoformat(), "why": why}])
        for key, first, last, why in found
    ]
    _write("postponements", moves)
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("postponements", server_default=None)
        batch.drop_column("postponed_why")


def downgrade() -> None:
    op.add_column(
        TABLE, sa.Column("postponed_why", sa.String(400), nullable=False, server_default="")
    )
    found = op.get_bind().execute(sa.select(KEPT.c.id, KEPT.c.postponements))
    reasons = [(key, moves[-1]["why"]) for key, moves in found if isinstance(moves, list) and moves]
    _write("postponed_why", reasons)
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("postponed_why", server_default=None)
        batch.drop_column("postponements")
        batch.drop_column("agreed_on")
