"""The one Alembic environment: the caller names the owner and gives the connection."""

from alembic import context
from sqlmodel import SQLModel

config = context.config
owner: str = config.attributes["owner"]
version_table = f"{owner}_version"


def is_owned(name: str | None, kind: str, _parents: object) -> bool:
    """Keep to the owner's tables; full-text shadow tables are the database's own."""
    if kind != "table":
        return True
    return bool(name) and name.startswith(f"{owner}_") and name != version_table


def is_owned_object(thing: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Keep to the objects of the owner's tables."""
    return kind != "table" or is_owned(name, kind, {})


context.configure(
    connection=config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    version_table=version_table,
    include_name=is_owned,
    include_object=is_owned_object,
    render_as_batch=config.attributes["connection"].dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
