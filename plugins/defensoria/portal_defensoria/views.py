"""Pages of the Defensoría's monitoring."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal.sdk import (
    Form,
    actor,
    clock,
    commitments_from,
    get_agency,
    list_agencies,
    page,
    requires,
    see_other,
    session,
    settings_of,
    terms_running_out,
    writing,
)
from portal_defensoria import queries, services
from portal_defensoria.inputs import RecordVisit
from portal_defensoria.labels import KIND, STATUS

blueprint = Blueprint("defensoria", __name__)

AHEAD_DAYS = 10
MOST = 50


@blueprint.get("/")
@requires("defensoria.visit.read")
def index() -> str:
    """Show the cases whose terms run out or have, without names, and the latest visits."""
    visits = queries.list_visits(session(), actor())
    states = commitments_from(session(), actor(), [visit.id for visit in visits])
    names = {agency.id: agency.name for agency in list_agencies(session())}
    return page(
        "defensoria/index.html",
        terms=terms_running_out(session(), actor(), within_days=AHEAD_DAYS, limit=MOST),
        visits=[(visit, names.get(visit.visited_id, ""), states.get(visit.id)) for visit in visits],
        kinds=KIND,
        statuses=STATUS,
    )


@blueprint.route("/visits/new", methods=["GET", "POST"])
@requires("defensoria.visit.record")
def new() -> str | Response | tuple[str, int]:
    """Record a visit with one recommendation and the day of its answer."""
    settings = settings_of(session(), "defensoria", actor().agency_id)
    days = int(getattr(settings, "answer_days", 30))
    form = Form(
        RecordVisit,
        initial={
            "visited_on": clock.today(),
            "kind": "unannounced",
            "due_on": clock.today() + timedelta(days=days),
            "code": request.args.get("case", ""),
        },
    )
    if visit := form.submit(lambda given: services.record_visit(writing(), actor(), given)):
        return see_other(url_for("defensoria.show", visit_id=visit.id))
    own = actor().agency_id
    agencies = [
        (str(agency.id), agency.name) for agency in list_agencies(session()) if agency.id != own
    ]
    return form.page(
        "defensoria/new.html",
        agencies=agencies,
        kinds=[(kind.value, label) for kind, label in KIND.items()],
        days=days,
    )


@blueprint.get("/visits/<uuid:visit_id>")
@requires("defensoria.visit.read")
def show(visit_id: UUID) -> str:
    """Show a visit and how its recommendation stands."""
    visit = queries.get_visit(session(), actor(), visit_id)
    return page(
        "defensoria/show.html",
        visit=visit,
        found=queries.found_of(session(), visit),
        visited=get_agency(session(), visit.visited_id),
        state=commitments_from(session(), actor(), [visit.id]).get(visit.id),
        kinds=KIND,
        statuses=STATUS,
    )
