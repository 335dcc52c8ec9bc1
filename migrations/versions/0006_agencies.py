"""The folded names of agencies, by which they are found without accents."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006_agencies"
down_revision = "0005_work"
branch_labels = None
depends_on = None

TABLES = ("portal_agency", "portal_agency_alias")


def upgrade() -> None:
    for name in TABLES:
        op.add_column(
            name, sa.Column("search_key", sa.String(200), nullable=False, server_default="")
        )
        table = sa.table(name, sa.column("id"), sa.column("name"), sa.column("search_key"))
        connection = op.get_bind()
        for row_id, written in connection.execute(sa.select(table.c.id, table.c.name)).all():
            connection.execute(
                sa.update(table).where(table.c.id == row_id).values(search_key=_folded(written))
            )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign if sign.isalnum() else " " for sign in plain if sign.isascii())
    return " ".join(letters.split())


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as batch:
            batch.drop_column("search_key")
