"""Modules are tested with the core's own fixtures, as they run inside it."""

from tests.conftest import (
    app,
    application,
    browser,
    database,
    db,
    keys,
    no_network,
    session,
    statements,
    template,
)

__all__ = [
    "app",
    "application",
    "browser",
    "database",
    "db",
    "keys",
    "no_network",
    "session",
    "statements",
    "template",
]
