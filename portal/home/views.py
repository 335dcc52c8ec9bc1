"""The home page."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, g, request

from portal import clock
from portal.access.queries import acting_choices, actor_of, who_is_on_duty
from portal.cases.walking import TermFilter, TermState, walk_terms
from portal.db.paging import decode, encode
from portal.deadlines import rules
from portal.deadlines.steps import explain
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

MENU = (
    MenuEntry(_l("What needs me"), "home.index", weight=10),
    MenuEntry(_l("Terms"), "home.terms", "cases.case.read", weight=35),
)
TERMS = 50


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


STATES = {
    TermState.LATE: _l("Expired"),
    TermState.RUNNING: _l("Running"),
    TermState.SUSPENDED: _l("Standing still"),
    TermState.MET: _l("Those attended to"),
    TermState.MOVED: _l("Moved lately by a change of calendar"),
}
KINDS = {"case": _l("Case"), "referral": _l("Referral"), "commitment": _l("Commitment")}


@blueprint.get("/unattended")
@requires("home.unattended.read")
def unattended() -> str:
    """List what waits for institutions that have nobody in charge now."""
    return page("home/unattended.html", matters=list_matters(session(), actor()), kinds=KINDS)


@blueprint.get("/terms")
@requires("cases.case.read")
def terms() -> str:
    """List terms across cases by state: one's own institution's, or all that one may see."""
    state = request.args.get("state", "")
    ours = request.args.get("all") is None
    code = request.args.get("case", "").strip()[:24]
    wanted = TermFilter(
        state=TermState(state) if state in set(TermState) else None if code else TermState.LATE,
        owed_by=actor().agency_id if ours and not code else None,
        code=code,
    )
    after = decode(request.args.get("after"), (datetime, UUID))
    found = walk_terms(session(), actor(), wanted, after=after, limit=TERMS + 1)
    shown = found[:TERMS]
    kept = {"state": state, "all": "" if ours else "1", "case": code}
    asked = {name: value for name, value in kept.items() if value}
    following = asked | {"after": encode(shown[-1].key)} if len(found) > TERMS else None
    return page(
        "home/terms.html",
        rows=[
            (row, rules.known(row.rule_code, clock.local(row.starts_at).date()), explain(row.steps))
            for row in shown
        ],
        wanted=wanted,
        states=STATES,
        ours=ours,
        next_url="?" + urlencode(following) if following else "",
    )


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
