"""The desk of `tests.lists`, whose long work is looked at here."""

from tests.lists.conftest import desk

__all__ = ["desk"]
