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
from portal.db.types import Identified, Versioned, enum_column, new_id

__all__ = [
    "AnyColumns",
    "Database",
    "Identified",
    "ReadingSession",
    "Versioned",
    "WritingSession",
    "beside",
    "enum_column",
    "new_id",
    "rows",
    "unused",
]
