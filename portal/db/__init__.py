"""The database: engine, sessions, column types, sealing of cells, keyset paging, migrations."""

from portal.db.engine import (
    AnyColumns,
    Database,
    ReadingSession,
    WritingSession,
    beside,
    rows,
    unused,
)
from portal.db.once import NOW, TODAY, acting, given, once
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
    "beside",
    "enum_column",
    "given",
    "new_id",
    "once",
    "rows",
    "unused",
]
