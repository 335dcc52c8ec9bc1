"""The database: engine, sessions, column types, sealing of cells, keyset paging, migrations."""

from portal.db.engine import (
    AnyColumns,
    Database,
    ReadingSession,
    WritingSession,
    beside,
    plain_rows,
    rows,
    unused,
)
from portal.db.once import NOW, TODAY, acting, among, given, listed, once
from portal.db.types import Identified, Versioned, enum_column, new_id

__all__ = [
    "NOW",
    "TODAY",
    "AnyColumns",
    "Database",
    "Identified",
    "ReadingSession",
    "Versioned",
    "WritingSession",
    "acting",
    "among",
    "beside",
    "enum_column",
    "given",
    "listed",
    "new_id",
    "once",
    "plain_rows",
    "rows",
    "unused",
]
