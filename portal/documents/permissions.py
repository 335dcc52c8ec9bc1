"""What each role may do with documents; the piece that a document hangs on narrows further."""

from portal.actor import CASE_ROLES, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "documents.document.read": CASE_ROLES,
    "documents.document.file": CASE_ROLES,
}
