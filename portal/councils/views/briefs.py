"""Pages of briefs: written, approved or declined by the lead."""

from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from portal import host
from portal.cases.queries import access_to, case_to_act, case_view
from portal.cases.rules import WORKERS
from portal.councils import briefs, inputs, labels, queries
from portal.councils.models import Meeting
from portal.councils.views.base import WRITE_BRIEF, Answer, blueprint
from portal.errors import NotFound
from portal.texts import _l
from portal.web import Form, actor, requires, see_other, session, writing


@blueprint.route("/cases/<code>/council", methods=["GET", "POST"])
@requires(WRITE_BRIEF)
def propose_case(code: str) -> Answer:
    """Take a case to a coming session."""
    case, _access = case_to_act(session(), actor(), code, *WORKERS)
    coming = queries.joinable_meetings(session(), actor())
    form = Form(inputs.ProposeCaseInput)

    def act(given: inputs.ProposeCaseInput) -> Any:
        if given.meeting_id not in {row[0] for row in coming}:
            raise NotFound
        meeting_row = writing().get_one(Meeting, given.meeting_id)
        return briefs.propose_case(writing(), actor(), meeting_row, code)

    if brief := form.submit(act):
        if case.lead_agency_id == actor().agency_id:
            return see_other(url_for("councils.brief", item_id=brief.item_id))
        return see_other(url_for("cases.show", code=code))
    return form.page("councils/propose_case.html", case=case, coming=coming)


@blueprint.route("/briefs/<uuid:item_id>", methods=["GET", "POST"])
@requires(WRITE_BRIEF)
def brief(item_id: UUID) -> Answer:
    """Write a brief, or see it as it was written, by the people of the case."""
    found, case, of_meeting = briefs.get_brief(session(), actor(), item_id)
    leads = case.lead_agency_id == actor().agency_id
    body = briefs.body_of(session(), found)
    view = case_view(session(), case, access_to(session(), actor(), case))
    lines, failed = host.council_brief(session(), actor(), view)
    initial = body.model_dump() | {"asks": found.asks}
    if not body.text:
        initial["text"] = "\n".join(line.text for line in lines)
    form = Form(inputs.BriefInput, initial=initial, version=found.row_version)
    written = form.submit(lambda given: briefs.write_brief(writing(), actor(), item_id, given))
    if written is not None:
        return see_other(url_for("councils.brief", item_id=item_id))
    return form.page(
        "councils/brief.html",
        brief=found,
        body=body,
        case=case,
        meeting=of_meeting,
        leads=leads and of_meeting.is_before,
        failed=failed,
        labels=labels,
    )


@blueprint.post("/briefs/<uuid:item_id>/approve")
@requires("councils.brief.approve")
def approve_brief(item_id: UUID) -> Response:
    """Release a brief to its session."""
    briefs.approve_brief(writing(), actor(), item_id)
    return see_other(url_for("councils.brief", item_id=item_id))


@blueprint.route("/briefs/<uuid:item_id>/decline", methods=["GET", "POST"])
@requires("councils.brief.approve")
def decline_brief(item_id: UUID) -> Answer:
    """Keep a case out of a session."""
    _found, case, of_meeting = briefs.to_write(session(), actor(), item_id)
    form = Form(inputs.ReasonInput)
    if form.done(
        lambda given: briefs.decline_brief(writing(), actor(), item_id, reason=given.reason)
    ):
        return see_other(url_for("cases.show", code=case.code))
    return form.page(
        "councils/reason.html",
        meeting=of_meeting,
        title=_l("Keep case %(code)s out of the session", code=case.code),
        hint=_l("The secretariat learns that there is no brief, not why."),
        back=url_for("councils.brief", item_id=item_id),
    )
