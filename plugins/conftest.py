"""Modules are tested with the core's own fixtures, as they run inside it."""

from tests.conftest import (
    app,
    application,
    browser,
    database,
    db,
    engine,
    keys,
    no_network,
    server,
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
    "engine",
    "keys",
    "no_network",
    "server",
    "session",
    "statements",
    "template",
]
