"""The database's own table, and one function that imports the tables of every context."""

import importlib
import importlib.util
import pkgutil
from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class ScopeKey(SQLModel, table=True):
    """The key that encrypts the sealed cells of one case, alert, meeting or person.

    Kept wrapped by the master key, which never enters the database. Destroying the row makes its
    cells unreadable for good, in backups that are restored later too.
    """

    __tablename__ = "portal_scope_key"

    scope: UUID = Field(primary_key=True)
    wrapped: bytes
    master_id: str = Field(max_length=16)
    created_at: datetime


def load() -> None:
    """Import `portal.<context>.models` of every context, so that the metadata is whole."""
    package = importlib.import_module("portal")
    for found in pkgutil.iter_modules(package.__path__):
        name = f"portal.{found.name}.models"
        if found.ispkg and importlib.util.find_spec(name):
            importlib.import_module(name)
