"""Pages of the register of interviews, under the case on which the child was heard."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.agencies.queries import list_agencies
from portal.cases import labels as case_labels
from portal.cases.models import Case, Level
from portal.cases.queries import case_to_act, list_children
from portal.errors import NotFound
from portal.interviews import inputs, labels, queries, services
from portal.interviews.rules import may_ask
from portal.web import Form, actor, page, requires, see_other, session, writing

blueprint = Blueprint("interviews", __name__, url_prefix="/cases/<code>/interviews")


def _open(code: str, *levels: Level) -> tuple[Case, dict[str, Any]]:
    """Return a case and what every page of its register shows; raises as `case_to_act`."""
    case, access = case_to_act(session(), actor(), code, *levels)
    children = list_children(session(), actor(), case)
    return case, {
        "case": case,
        "access": access,
        "records": case.is_open and actor().may("interviews.interview.record"),
        "may_ask": lambda row: may_ask(access, row.may_ask),
        "children": children,
        "names": {child.person_id: child.label for child in children},
        "labels": labels,
    }


@blueprint.get("")
@requires("interviews.interview.read")
def index(code: str) -> str:
    """Show who heard the children of the case, and where each report is."""
    case, shown = _open(code)
    rows = queries.list_for_case(session(), actor(), case)
    return page("interviews/index.html", rows=rows, **shown)


@blueprint.route("/<uuid:person_id>/new", methods=["GET", "POST"])
@requires("interviews.interview.record")
def new(code: str, person_id: UUID) -> str | Response | tuple[str, int]:
    """Record an interview: what the child told already stands above the form."""
    case, shown = _open(code, *Level)
    child = next((each for each in shown["children"] if each.person_id == person_id), None)
    if child is None:
        raise NotFound
    own = str(actor().agency_id)
    circles = services.circles_of(shown["access"])
    form = Form(
        inputs.RecordInterview,
        initial={
            "agency_id": own,
            "holder_id": own,
            "heard_on": clock.today().isoformat(),
            "may_ask": "team",
            "circle": circles[0].value if circles else "",
        },
    )
    if form.done(
        lambda given: services.record_interview(writing(), actor(), case.id, person_id, given)
    ):
        return see_other(url_for("interviews.index", code=case.code))
    return form.page(
        "interviews/new.html",
        child=child,
        earlier=queries.list_for_child(session(), actor(), person_id),
        agencies=[(str(agency.id), agency.name) for agency in list_agencies(session())],
        kinds=case_labels.choices(labels.KIND),
        asking=case_labels.choices(labels.MAY_ASK),
        circles=[(circle.value, case_labels.CIRCLE[circle]) for circle in circles],
        **shown,
    )


@blueprint.post("/<uuid:interview_id>/ask")
@requires("interviews.interview.record")
def ask(code: str, interview_id: UUID) -> Response:
    """Ask for the report with one click."""
    case, _shown = _open(code)
    referral = services.ask_for_report(writing(), actor(), case.id, interview_id)
    return see_other(url_for("referrals.show", referral_id=referral.id))


@blueprint.route("/<uuid:interview_id>/strike", methods=["GET", "POST"])
@requires("interviews.interview.record")
def strike(code: str, interview_id: UUID) -> str | Response | tuple[str, int]:
    """Strike an interview that was recorded by mistake."""
    case, shown = _open(code)
    _case, interview = services.to_strike(session(), actor(), case.id, interview_id)
    form = Form(inputs.StrikeInterview, version=interview.row_version)
    if form.done(
        lambda given: services.strike_interview(
            writing(), actor(), case.id, interview_id, reason=given.reason
        )
    ):
        return see_other(url_for("interviews.index", code=case.code))
    return form.page("interviews/strike.html", interview=interview, **shown)
