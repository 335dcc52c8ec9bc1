"""The case of `tests.sharing`, whose house serves here too."""

from tests.sharing.conftest import house

__all__ = ["house"]
