"""Writing many rows at once: the driver's own statement, with the values that our types would bind.

Only for generated data, into a new SQLite file that nobody else has open.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel

CHUNK = 5000

Row = dict[str, Any]


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for filling: no synchronising, one transaction, committed at the end."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("PRAGMA cache_size=-200000")
        with raw:
            yield raw


def insert(raw: sqlite3.Connection, model: type[SQLModel], rows: Iterable[Row]) -> None:
    """Insert rows that all name the same columns; the others stand as a new record has them.

    The database refuses what is missing.
    """
    waiting, usual = iter(rows), _defaults(model)
    while chunk := [{**usual, **row} for row in islice(waiting, CHUNK)]:
        names = list(chunk[0])
        binds = [_bind(model, name) for name in names]
        marks = ",".join("?" * len(names))
        raw.executemany(
            f"INSERT INTO {model.__tablename__} ({','.join(names)}) VALUES ({marks})",  # noqa: S608 - names of ours.
            ([bind(row[name]) for name, bind in zip(names, binds, strict=True)] for row in chunk),
        )


def _defaults(model: type[SQLModel]) -> Row:
    """Return what the columns hold that nobody filled in, where the model says so."""
    fields = model.model_fields.items()
    found = {name: field.get_default(call_default_factory=True) for name, field in fields}
    return {name: value for name, value in found.items() if value in ("", False, 0, [])}


def _bind(model: type[SQLModel], name: str) -> Callable[[Any], Any]:
    """Return what turns a value into the one that SQLite keeps, as the column's type does it."""
    dialect = sqlite.dialect()
    table = model.metadata.tables[str(model.__tablename__)]
    processor = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return processor or (lambda value: value)
