"""The home page."""

from dataclasses import replace

from flask import Blueprint, Response, g

from portal import clock
from portal.access.queries import acting_choices, actor_of, who_is_on_duty
from portal.errors import NotFound
from portal.home.calendar import as_calendar, days_of
from portal.home.queries import list_work, pending
from portal.home.unattended import list_matters
from portal.texts import _l
from portal.users.calendars import note_reading, owner_of
from portal.web import (
    actor,
    answers_early,
    on_shared_desks,
    page,
    portal,
    requires,
    session,
    signed_in,
)
from portal.web.render import MenuEntry
from portal.web.request import after_refusal

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


@blueprint.get("/calendar/<token>.ics")
@answers_early
def calendar(token: str) -> Response:
    """Give the days on which something is due to whoever holds the address; nothing else."""
    owner = owner_of(session(), token)
    if owner is None:
        raise NotFound
    g.locale = owner.locale
    if owner.needs_touch:
        after_refusal(lambda writer: note_reading(writer, owner.id))
    days = {
        day
        for agency_id, _name in acting_choices(session(), owner.user_id)
        for day in days_of(
            session(),
            actor_of(
                session(), replace(owner, agency_id=agency_id), portal().permissions, g.request_id
            ),
        )
    }
    return Response(as_calendar(owner.id, days, clock.now()), mimetype="text/calendar")


@blueprint.get("/tasks")
@signed_in
def work() -> str:
    """Show all long work of one's own and one's institution that runs or ran lately, how far."""
    return page("home/work.html", found=list_work(session(), actor()))
