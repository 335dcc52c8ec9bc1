"""The home page."""

from flask import Blueprint

from portal import clock
from portal.access.queries import who_is_on_duty
from portal.home.queries import pending
from portal.home.unattended import list_matters
from portal.texts import _l
from portal.web import actor, on_shared_desks, page, requires, session, signed_in
from portal.web.render import MenuEntry

blueprint = Blueprint("home", __name__)

MENU = (MenuEntry(_l("What needs me"), "home.index", weight=10),)


@blueprint.get("/")
@on_shared_desks
@signed_in
def index() -> str:
    """Show what needs me now: a child unsafe first, then what runs out."""
    agency_id = actor().agency_id
    return page(
        "home/index.html",
        found=pending(session(), actor()),
        on_duty=who_is_on_duty(session(), agency_id) if agency_id else None,
        today_on=clock.today(),
    )


KINDS = {"case": _l("Case"), "referral": _l("Referral"), "commitment": _l("Commitment")}


@blueprint.get("/unattended")
@requires("home.unattended.read")
def unattended() -> str:
    """List what waits for institutions that have nobody in charge now."""
    return page("home/unattended.html", matters=list_matters(session(), actor()), kinds=KINDS)
