"""Pages of councils: composition, agenda, briefs, desk, live view, screen, acta, agreements."""

from portal.councils.views import agenda, agreements, briefs, composition, conducting, faces
from portal.councils.views.base import COOKIE, MENU, blueprint

__all__ = [
    "COOKIE",
    "MENU",
    "agenda",
    "agreements",
    "blueprint",
    "briefs",
    "composition",
    "conducting",
    "faces",
]
