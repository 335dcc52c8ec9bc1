"""Paper of a case: its history for who reads it, and the copy of the file for the court."""

from flask import current_app, has_app_context


def setting(name: str, otherwise: int) -> int:
    """Return a setting of the instance, also where the worker asks for it."""
    if not has_app_context():
        return otherwise
    return int(getattr(current_app.extensions["portal"].settings, name))
