"""The world of the tests of sharing: a case of a UPE, and people of other institutions."""

from tests.sharing.conftest import house

__all__ = ["house"]
