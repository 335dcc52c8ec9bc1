"""The case of `tests.sharing`, whose house serves here too, with files of its own."""

from tests.documents.test_documents import files
from tests.sharing.conftest import house

__all__ = ["files", "house"]
