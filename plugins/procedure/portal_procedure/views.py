"""Pages of the procedure."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal.sdk import (
    CaseView,
    Form,
    NotFound,
    actor,
    get_case_by_code,
    page,
    requires,
    see_other,
    session,
    terms_running_out,
    writing,
)
from portal_procedure import queries, services
from portal_procedure.inputs import RecordAssessment
from portal_procedure.labels import GROUND, LEVEL
from portal_procedure.terms import ASSESSMENT

blueprint = Blueprint("procedure", __name__)

AHEAD_DAYS = 30
MOST = 50


@blueprint.get("/")
@requires("procedure.assessment.read")
def index() -> str:
    """List the assessments that are due, soonest first."""
    found = [
        term
        for term in terms_running_out(session(), actor(), within_days=AHEAD_DAYS, limit=MOST)
        if term.rule_code == ASSESSMENT.code
    ]
    return page("procedure/index.html", terms=found, rule=ASSESSMENT)


def _case(code: str) -> CaseView:
    case = get_case_by_code(session(), actor(), code)
    if case.level != "lead":
        raise NotFound
    return case


@blueprint.route("/cases/<code>/assess", methods=["GET", "POST"])
@requires("procedure.assessment.record")
def assess(code: str) -> str | Response | tuple[str, int]:
    """Record the preliminary assessment of a case that the institution leads, or read it."""
    case = _case(code)
    found = queries.find_assessment(session(), case.id)
    if found is None:
        services.must_assess(case)
    form = Form(RecordAssessment)
    if form.done(lambda given: services.record_assessment(writing(), actor(), case, given)):
        return see_other(f"/cases/{case.code}")
    return form.page(
        "procedure/assess.html",
        case=case,
        term=queries.running_term(session(), actor(), case.id),
        found=found,
        level=LEVEL[found.level] if found else "",
        rests_on=[queries.ground_of(value) for value in found.grounds] if found else [],
        opinion=queries.read_opinion(session(), actor(), found) if found else "",
        levels=[(level.value, label) for level, label in LEVEL.items()],
        grounds=[(ground.value, label) for ground, label in GROUND.items()],
        back=url_for("procedure.index"),
    )
