"""Pages of a session before it is held: its agenda, its cases."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.councils import briefs, inputs, labels, meetings, queries
from portal.councils.board import load_board
from portal.councils.models import Meeting, MeetingStatus
from portal.councils.views.base import MEET, RUN, Answer, blueprint, conducted, form_of, to_meeting
from portal.errors import NotFound
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, settings, writing


@blueprint.route("/councils/<uuid:council_id>/sessions/new", methods=["GET", "POST"])
@requires(RUN)
def prepare(council_id: UUID) -> Answer:
    """Prepare a session."""
    council = queries.get_council(session(), actor(), council_id)
    if not queries.runs(session(), actor(), council.id):
        raise NotFound
    form = Form(inputs.MeetingInput, initial={"kind": "ordinary"})
    if made := form.submit(
        lambda given: meetings.create_meeting(writing(), actor(), council_id, given)
    ):
        return see_other(url_for("councils.meeting", meeting_id=made.id))
    return form.page(
        "councils/prepare.html", council=council, kinds=labels.choices(labels.MEETING), meeting=None
    )


@blueprint.get("/sessions/<uuid:meeting_id>")
@requires(MEET)
def meeting(meeting_id: UUID) -> str:
    """Show a session: its agenda before, what came of it afterwards."""
    return page("councils/meeting.html", **_meeting_page(meeting_id))


def _meeting_page(meeting_id: UUID) -> dict[str, Any]:
    found = queries.get_meeting(session(), actor(), meeting_id)
    board = load_board(session(), found)
    cases = {item.id: item.case_id for item in board.items if item.case_id is not None}
    return {
        "board": board,
        "meeting": found,
        "runs": queries.runs(session(), actor(), found.council_id),
        "speaks": queries.speaks_for(session(), actor(), found.council_id),
        "codes": queries.codes_on_agenda(session(), actor(), cases),
        "labels": labels,
    }


@blueprint.route("/sessions/<uuid:meeting_id>/edit", methods=["GET", "POST"])
@requires(RUN)
def edit(meeting_id: UUID) -> Answer:
    """Change place, day or hour of a session in preparation."""
    board = conducted(meeting_id)
    found = board.meeting
    meetings.must_be_draft(found)
    starts = clock.local(found.starts_at)
    form = Form(
        inputs.MeetingInput,
        initial={
            "kind": found.kind,
            "place": found.place,
            "day": starts.date(),
            "hour": f"{starts:%H:%M}",
        },
        version=found.row_version,
    )
    if form.done(lambda given: meetings.edit_meeting(writing(), actor(), meeting_id, given)):
        return to_meeting(meeting_id)
    return form.page(
        "councils/prepare.html",
        council=board.council,
        kinds=labels.choices(labels.MEETING),
        meeting=found,
    )


@blueprint.post("/sessions/<uuid:meeting_id>/convene")
@requires(RUN)
def convene(meeting_id: UUID) -> Response:
    """Call the members."""
    meetings.convene(writing(), actor(), meeting_id, open_hours=settings().council_open_hours)
    return to_meeting(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/cancel", methods=["GET", "POST"])
@requires(RUN)
def cancel(meeting_id: UUID) -> Answer:
    """Call a session off."""
    return form_of(
        meeting_id,
        inputs.ReasonInput,
        "councils/reason.html",
        lambda given: meetings.cancel(writing(), actor(), meeting_id, reason=given.reason),
        may=lambda found: found.must_lead(MeetingStatus.CANCELLED),
        title=_l("Call the session off"),
        hint=_l("The members read it."),
    )


@blueprint.route("/sessions/<uuid:meeting_id>/points/new", methods=["GET", "POST"])
@requires(RUN)
def add_point(meeting_id: UUID) -> Answer:
    """Add a general point to the agenda."""
    return form_of(
        meeting_id,
        inputs.PointInput,
        "councils/add_point.html",
        lambda given: meetings.add_point(writing(), actor(), meeting_id, given),
        may=meetings.must_not_have_ended,
        initial={"minutes": 10},
    )


@blueprint.route("/sessions/<uuid:meeting_id>/cases/new", methods=["GET", "POST"])
@requires(RUN)
def request_case(meeting_id: UUID) -> Answer:
    """Ask the lead of a case for a brief."""
    found = queries.get_meeting(session(), actor(), meeting_id)
    return form_of(
        meeting_id,
        inputs.CaseRequestInput,
        "councils/request_case.html",
        lambda given: briefs.request_brief(writing(), actor(), _own(found), given.code),
        may=briefs.must_take_cases,
    )


def _own(found: Meeting) -> Meeting:
    """Return a session as the writing session reads it."""
    return queries.get_meeting(writing(), actor(), found.id)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/withdraw")
@requires(RUN)
def withdraw_item(meeting_id: UUID, item_id: UUID) -> Response:
    """Take a point off the agenda."""
    meetings.withdraw_item(writing(), actor(), meeting_id, item_id)
    return to_meeting(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/move")
@requires(RUN)
def move_item(meeting_id: UUID, item_id: UUID) -> Response:
    """Move a point up or down."""
    step = -1 if request.form.get("step") == "up" else 1
    meetings.move_item(writing(), actor(), meeting_id, item_id, step)
    return to_meeting(meeting_id)
