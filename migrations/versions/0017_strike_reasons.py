"""Why an act of a timeline was struck, encrypted under its case."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from portal.db.sealing import seal, unseal
from portal.errors import NotFound, OperatorError

revision = "0017_strike_reasons"
down_revision = "0016_asked"
branch_labels = None
depends_on = None

TABLE, COLUMN = "portal_case_entry", "strike_reason_sealed"
ENTRY = sa.table(
    TABLE,
    sa.column("id", sa.Uuid()),
    sa.column("case_id", sa.Uuid()),
    sa.column("strike_reason", sa.String()),
    sa.column(COLUMN, sa.LargeBinary()),
)


@contextmanager
def cells() -> Iterator[Session]:
    """Give a session in the migration's own transaction in which cells are sealed and opened."""
    config: Any = op.get_context().config
    session = Session(op.get_bind(), info={"keys": config.attributes["keys"]})
    yield session
    session.commit()
    session.close()


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.LargeBinary(), nullable=True))
    written = sa.select(ENTRY.c.id, ENTRY.c.case_id, ENTRY.c.strike_reason).where(
        ENTRY.c.strike_reason != ""
    )
    with cells() as session:
        for own, case_id, reason in op.get_bind().execute(written).all():
            if session.info["keys"] is None:
                raise OperatorError("Reasons are to be sealed: the sealing key is needed.")
            cell = seal(session, case_id, TABLE, COLUMN, own, reason)
            put(own, {COLUMN: cell})
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_column("strike_reason")


def downgrade() -> None:
    op.add_column(
        TABLE,
        sa.Column("strike_reason", sa.String(length=400), nullable=False, server_default=""),
    )
    sealed = sa.select(ENTRY.c.id, ENTRY.c.case_id, ENTRY.c.strike_reason_sealed).where(
        ENTRY.c.strike_reason_sealed.is_not(None)
    )
    with cells() as session:
        for own, case_id, cell in op.get_bind().execute(sealed).all():
            try:
                put(own, {"strike_reason": unseal(session, case_id, TABLE, COLUMN, own, cell)})
            except NotFound:
                # Its case was erased: there is no reason any more.
                continue
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column(
            "strike_reason", existing_type=sa.String(length=400), server_default=None
        )
        batch.drop_column(COLUMN)


def put(own: Any, values: dict[str, Any]) -> None:
    """Write what a revision made of an entry's reason."""
    op.get_bind().execute(sa.update(ENTRY).where(ENTRY.c.id == own).values(values))
