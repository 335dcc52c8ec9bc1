"""The index of names: words of people's names, and how each sounds."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from portal.people.sounds import name_words, sound_key, sound_keys

revision = "0021_names"
down_revision = "0020_sharing"
branch_labels = None
depends_on = None

NAME, KEY = "portal_person_name", "portal_name_key"
PARTS = {"given": "given_names", "first": "first_surname", "second": "second_surname"}
BATCH = 2000


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("word", sa.String(40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum("given", "first", "second", name="namepart", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["portal_person.id"], name=f"fk_{NAME}_person_id"),
        sa.PrimaryKeyConstraint("word", "person_id", "part", name=f"pk_{NAME}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{NAME}_person_id", NAME, ["person_id", "word"])
    by_bytes = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
    op.create_table(
        KEY,
        sa.Column("key", by_bytes, nullable=False),
        sa.Column("word", sa.String(40), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", "word", name=f"pk_{KEY}"),
        sqlite_with_rowid=False,
    )
    _fill()


def _fill() -> None:
    """Index the people who are registered already."""
    columns = [sa.column("id", sa.Uuid()), *[sa.column(name) for name in PARTS.values()]]
    person = sa.table("portal_person", *columns)
    name = sa.table(NAME, sa.column("word"), sa.column("person_id", sa.Uuid()), sa.column("part"))
    key = sa.table(KEY, sa.column("key"), sa.column("word"), sa.column("is_whole"))
    connection, known = op.get_bind(), set[str]()
    statement = sa.select(person).order_by(person.c.id).limit(BATCH)
    page = connection.execute(statement).mappings().all()
    while page:
        named = [row for each in page for row in _words(each)]
        new = {row["word"] for row in named} - known
        known |= new
        if named:
            connection.execute(sa.insert(name), named)
        if keys := [row for word in new for row in _keys(word)]:
            connection.execute(sa.insert(key), keys)
        page = connection.execute(statement.where(person.c.id > page[-1]["id"])).mappings().all()


def _words(person: Any) -> Iterator[dict[str, Any]]:
    for part, column in PARTS.items():
        for word in name_words(person[column]):
            yield {"word": word, "person_id": person["id"], "part": part}


def _keys(word: str) -> Iterator[dict[str, Any]]:
    for key in dict.fromkeys(sound_keys(word)):
        yield {"key": key, "word": word, "is_whole": key == sound_key(word)}


def downgrade() -> None:
    op.drop_table(KEY)
    op.drop_table(NAME)
