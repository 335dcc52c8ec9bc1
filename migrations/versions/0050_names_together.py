"""The index of names: each word of a name knows the others, so that two are met in one walk."""

from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0050_names_together"
down_revision = "0049_partings"
branch_labels = None
depends_on = None

NAME = "portal_person_name"
BATCH = 2000


def upgrade() -> None:
    with op.batch_alter_table(NAME) as batch:
        batch.add_column(sa.Column("names", sa.Text(), nullable=False, server_default=""))
    _fill()
    # SQLite makes the table anew for this: it stays without row numbers.
    with op.batch_alter_table(NAME, table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.alter_column("names", server_default=None)


def _fill() -> None:
    """Give each row all words of its name, some people at a time."""
    person_id = sa.column("person_id", sa.Uuid())
    name = sa.table(NAME, sa.column("word"), person_id, sa.column("part"), sa.column("names"))
    connection = op.get_bind()
    own = name.c.person_id == sa.bindparam("own", type_=sa.Uuid())
    update = sa.update(name).where(own).values(names=sa.bindparam("told"))
    people = sa.select(name.c.person_id).distinct().order_by(name.c.person_id).limit(BATCH)
    page: Any = connection.scalars(people).all()
    while page:
        words = connection.execute(
            sa.select(name.c.person_id, name.c.word, name.c.part)
            .where(name.c.person_id.between(page[0], page[-1]))
            .order_by(name.c.person_id)
        )
        told = [
            {"own": one, "told": "".join(sorted(f" {word}/{part[0]}" for _one, word, part in own))}
            for one, own in groupby(words, lambda row: row[0])
        ]
        connection.execute(update, told)
        page = connection.scalars(people.where(name.c.person_id > page[-1])).all()


def downgrade() -> None:
    with op.batch_alter_table(NAME) as batch:
        batch.drop_column("names")
