"""Pages of the procedure."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal.sdk import (
    CaseStatus,
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
from portal_procedure.inputs import LetStand, RecordAssessment
from portal_procedure.labels import GROUND, LEVEL
from portal_procedure.models import Assessment
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
    """Record the preliminary assessment of a case that the institution leads, or read them."""
    case = _case(code)
    made = queries.list_assessments(session(), case.id)
    is_due = queries.is_due(made[0] if made else None)
    if not made:
        services.must_assess(case)
    form = Form(RecordAssessment)
    if form.done(lambda given: services.record_assessment(writing(), actor(), case, given)):
        return see_other(f"/cases/{case.code}")
    return form.page(
        "procedure/assess.html",
        case=case,
        term=queries.running_term(session(), actor(), case.id),
        is_due=is_due and case.status == CaseStatus.OPEN,
        made=[_shown(found) for found in made],
        levels=[(level.value, label) for level, label in LEVEL.items()],
        grounds=[(ground.value, label) for ground, label in GROUND.items()],
        back=url_for("procedure.index"),
    )


def _shown(found: Assessment) -> dict[str, object]:
    """Return an assessment as the page shows it; opening the child's opinion is noted."""
    return {
        "row": found,
        "level": LEVEL[found.level],
        "rests_on": [queries.ground_of(value) for value in found.grounds],
        "opinion": queries.read_opinion(session(), actor(), found),
    }


@blueprint.route("/cases/<code>/assess/stands", methods=["GET", "POST"])
@requires("procedure.assessment.record")
def let_stand(code: str) -> str | Response | tuple[str, int]:
    """Let the earlier assessment of a reopened case stand, with the reason."""
    case = _case(code)
    found = services.must_be_replaced(session(), case)
    form = Form(LetStand, version=found.row_version)
    if form.done(lambda given: services.let_stand(writing(), actor(), case, given.reason)):
        return see_other(f"/cases/{case.code}")
    return form.page(
        "procedure/stands.html",
        case=case,
        found=found,
        level=LEVEL[found.level],
        back=url_for("procedure.assess", code=case.code),
    )
