"""Modules are tested with the core's own fixtures, as they run inside it."""

from tests.conftest import app, browser, db, keys, no_network, session, statements, template

__all__ = ["app", "browser", "db", "keys", "no_network", "session", "statements", "template"]
