"""Column types and the small mixins that every table is made of."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> UUID:
    """Return a new identifier: UUID version 7 (RFC 9562), ordered by the time of creation."""
    return uuid7()


def enum_column(kind: type[StrEnum], **options: Any) -> sa.Column[Any]:
    """Return a column that holds the values of `kind` as text and refuses others at flush."""
    values = sa.Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )
    return sa.Column(values, nullable=options.pop("nullable", False), **options)


class Identified(SQLModel):
    """A row known by a UUID."""

    # Rows come from services and the database, never from a person: no checker is built at start.
    model_config = {"defer_build": True}

    id: UUID = Field(default_factory=new_id, primary_key=True)


class Versioned(SQLModel):
    """A row that two people may edit: an update of a stale copy fails (StaleDataError).

    Forms carry the version they showed; `web` compares it before the service runs.
    """

    row_version: int = Field(default=None, nullable=False)

    __table__: ClassVar[sa.Table]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__table__.c.row_version}
