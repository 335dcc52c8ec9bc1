"""Where the pages of this context hang, and its entries of the menu."""

from flask import Blueprint

from portal.texts import _l
from portal.web.render import MenuEntry

blueprint = Blueprint("access", __name__)

MENU = (
    MenuEntry(_l("Duty roster"), "access.roster", "access.roster.read", weight=80),
    MenuEntry(_l("People"), "access.people", "access.person.manage", section="admin", weight=5),
    MenuEntry(_l("Signers"), "access.signers", "access.signer.manage", section="admin", weight=6),
    MenuEntry(
        _l("Review of privileges"),
        "access.reviews",
        "access.review.read",
        section="admin",
        weight=7,
    ),
)
