"""The home page."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.access.queries import acting_choices, actor_of, who_is_on_duty
from portal.cases.labels import PRIORITY
from portal.cases.load import list_carried, list_load, pass_on
from portal.cases.models import NEVER
from portal.cases.walking import TermFilter, TermState, walk_terms
from portal.db.paging import decode, encode
from portal.deadlines import rules
from portal.deadlines.steps import explain
from portal.errors import NotFound
from portal.home.calendar import as_calendar, days_of
from portal.home.inputs import PassOn
from portal.home.queries import list_work, pending
from portal.home.unattended import list_matters
from portal.host.slots import Tone
from portal.texts import _l
from portal.users.calendars import note_reading, owner_of
from portal.web import (
    Form,
    actor,
    answers_early,
    on_shared_desks,
    page,
    portal,
    requires,
    see_other,
    session,
    signed_in,
    writing,
)
from portal.web.render import MenuEntry
from portal.web.request import after_refusal

blueprint = Blueprint("home", __name__)

MENU = (
    MenuEntry(_l("What needs me"), "home.index", weight=10),
    MenuEntry(_l("Terms"), "home.terms", "cases.case.read", weight=35),
)
TERMS = 50
SECTIONS = {
    Tone.OVERDUE: _l("Already late"),
    Tone.DUE_SOON: _l("About to run out"),
    Tone.IN_TIME: _l("Later"),
    Tone.CLOSED: _l("Done with"),
}


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
        sections=SECTIONS,
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


@blueprint.get("/load")
@requires("home.load.read")
def load() -> str:
    """Show who carries how many cases, and what of theirs expired: what others let pass."""
    return page("home/load.html", rows=list_load(session(), actor()))


@blueprint.route("/load/nobody", methods=["GET", "POST"], defaults={"user_id": None})
@blueprint.route("/load/<uuid:user_id>", methods=["GET", "POST"])
@requires("cases.case.assign")
def carried(user_id: UUID | None) -> str | Response | tuple[str, int]:
    """Show the open cases of a person, or of nobody, and pass many of them on at once."""
    load = {row.user_id: row for row in list_load(session(), actor())}
    if user_id not in load and user_id is not None:
        raise NotFound
    form = Form(PassOn)
    if form.done(lambda given: pass_on(writing(), actor(), from_id=user_id, **given.model_dump())):
        return see_other(url_for("home.load"))
    return form.page(
        "home/carried.html",
        name=load[user_id].name if user_id else "",
        cases=list_carried(session(), actor(), user_id),
        people=[
            (str(each), f"{row.name} ({row.cases})")
            for each, row in load.items()
            if each not in (None, user_id)
        ],
        priorities=PRIORITY,
        never=NEVER,
    )


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
