"""Modules are tested with the core's own fixtures, as they run inside it."""

from tests.conftest import (
    app,
    application,
    browser,
    db,
    engine,
    keys,
    no_network,
    on_postgresql,
    on_sqlite,
    server,
    session,
    shared,
    statements,
    template,
)

__all__ = [
    "app",
    "application",
    "browser",
    "db",
    "engine",
    "keys",
    "no_network",
    "on_postgresql",
    "on_sqlite",
    "server",
    "session",
    "shared",
    "statements",
    "template",
]
