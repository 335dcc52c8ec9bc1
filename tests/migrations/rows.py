"""Rows for every table of an owner, made from the models alone."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from portal import clock
from portal.db import models, new_id

Row = dict[str, Any]
PER_TABLE = 2


def tables_of(owner: str) -> list[sa.Table]:
    """Return the owner's tables, each after those that it points at."""
    models.load()
    found = SQLModel.metadata.sorted_tables
    return [table for table in found if table.name.startswith(f"{owner}_")]


def fill(connection: sa.Connection, made: dict[str, list[Row]], owner: str) -> None:
    """Put rows into every table of an owner: the first with every column, the second with fewer."""
    for table in tables_of(owner):
        made[table.name] = []
        for number in range(PER_TABLE):
            row = {
                column.name: value_of(column, number, made)
                for column in table.columns
                if number == 0 or not column.nullable
            }
            connection.execute(sa.insert(table).values(row))
            made[table.name].append(row)


def value_of(column: sa.Column[Any], number: int, made: dict[str, list[Row]]) -> Any:
    """Return what stands in a column of the first or second row."""
    for key in column.foreign_keys:
        parents = made[key.column.table.name]
        if key.column.table is column.table and not parents:
            return None
        return parents[min(number, len(parents) - 1)][key.column.name]
    return plain_value(column, number)


def plain_value(column: sa.Column[Any], number: int) -> Any:
    """Return a value that the column's type takes, another one for each row."""
    kind = column.type
    if isinstance(kind, sa.Enum):
        assert kind.enum_class is not None
        values = list(kind.enum_class)
        return values[number % len(values)]
    if isinstance(kind, sa.Uuid):
        return new_id()
    if isinstance(kind, sa.Boolean):
        return number == 0
    if isinstance(kind, sa.Integer):
        return 900 + number
    if isinstance(kind, sa.JSON):
        return {"Ñandú": f"{number}ñ"}
    if isinstance(kind, sa.LargeBinary):
        return bytes([1, number])
    if isinstance(kind, sa.Date):
        return clock.today() + timedelta(days=number)
    if isinstance(kind, UTCDateTime):
        return clock.now() + timedelta(hours=number)
    assert isinstance(kind, AutoString | sa.String), column
    return f"{number}ñ {column.name}"[: getattr(kind, "length", None) or 40]
