"""Pages of the follow-up after a return, under the closed case."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.cases.models import Case
from portal.cases.queries import access_to_act, get_case, list_children
from portal.errors import Conflict, NotFound
from portal.followups import inputs, labels, queries, services
from portal.followups.models import Finding, FollowUpEnd
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, writing

blueprint = Blueprint("followups", __name__, url_prefix="/cases/<code>/follow-up")

Answer = str | Response | tuple[str, int]


def _open(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case that is read whole and what every page of its follow-up shows."""
    case = get_case(session(), actor(), code)
    access = access_to_act(session(), actor(), case)
    if not access.reads_all:
        raise NotFound
    leads = access.leads and not case.is_open
    return case, {
        "case": case,
        "rows": queries.list_for_case(session(), actor(), case),
        "names": {each.person_id: each for each in list_children(session(), actor(), case)},
        "visits_may": leads and actor().may("followups.visit.record"),
        "ends_may": leads and actor().may("followups.followup.end"),
        "reopens": leads and actor().may("cases.case.close"),
        "labels": labels,
    }


def _back(case: Case) -> Response:
    return see_other(url_for("followups.index", code=case.code))


@blueprint.get("")
@requires("followups.followup.read")
def index(code: str) -> str:
    """Show until when each child is visited, why until then, and what each visit found."""
    case, shown = _open(code)
    visits = queries.list_visits(session(), actor(), case)
    at_risk = {row.person_id for row in shown["rows"] if row.runs and row.risk_on}
    risk = next((v for v in visits if v.finding is Finding.RISK and v.person_id in at_risk), None)
    return page("followups/index.html", visits=visits, risk=risk, **shown)


@blueprint.route("/visits/new", methods=["GET", "POST"])
@requires("followups.visit.record")
def visit(code: str) -> Answer:
    """Record a visit: when, whom, what was found, when the next one is."""
    case, shown = _open(code)
    running = [row for row in shown["rows"] if row.runs]
    if not shown["visits_may"] or not running:
        raise Conflict(_l("No follow-up runs here: visits are written on the timeline."))
    form = Form(
        inputs.RecordVisit,
        initial={
            "followup_ids": [row.id for row in running],
            "happened_on": clock.today(),
        },
    )
    if form.done(lambda given: services.record_visit(writing(), actor(), case.id, given)):
        return _back(case)
    return form.page("followups/visit.html", running=running, **shown)


@blueprint.route("/<uuid:followup_id>/end", methods=["GET", "POST"])
@requires("followups.followup.end")
def end(code: str, followup_id: UUID) -> Answer:
    """End the follow-up of a child."""
    case, shown = _open(code)
    _case, row = services.to_end(session(), actor(), case.id, followup_id)
    why = row.unfinished
    ends = [end for end in labels.END_TITLE if end is not FollowUpEnd.COMPLETED or not why]
    form = Form(inputs.EndFollowUp, initial={"end": ends[0]}, version=row.row_version)
    if form.done(
        lambda given: services.end_followup(writing(), actor(), case.id, followup_id, given)
    ):
        return _back(case)
    return form.page("followups/end.html", row=row, ends=ends, why=why, **shown)


@blueprint.post("/visits/<uuid:visit_id>/reopen")
@requires("cases.case.close")
def reopen(code: str, visit_id: UUID) -> Response:
    """Reopen the case because a visit found risk."""
    case, _shown = _open(code)
    services.reopen_after(writing(), actor(), case.id, visit_id)
    return see_other(url_for("cases.show", code=case.code))
