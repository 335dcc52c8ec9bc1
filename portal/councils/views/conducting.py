"""What happens at a session: who is here, points, notes, votes, its end and its acta."""

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from portal import clock
from portal.councils import acta, agreements, inputs, labels, meetings, queries, rules
from portal.councils.board import Board, load_board
from portal.councils.models import MeetingStatus, Standing
from portal.councils.queries import SeatRow
from portal.councils.views.base import (
    MEET,
    RUN,
    Answer,
    blueprint,
    choices,
    conducted,
    form_of,
    to_desk,
    to_meeting,
)
from portal.errors import NotFound
from portal.web import Form, actor, page, requires, session, settings, writing


@blueprint.post("/sessions/<uuid:meeting_id>/attendance")
@requires(RUN)
def attend(meeting_id: UUID) -> Answer:
    """Note who has come for a seat."""
    board = conducted(meeting_id)
    came = Form(inputs.AttendanceInput)
    if came.done(lambda given: meetings.mark_present(writing(), actor(), meeting_id, given)):
        return to_desk(meeting_id)
    return page(
        "councils/excuse.html",
        form=Form(inputs.ExcuseInput),
        came=came,
        board=board,
        meeting=board.meeting,
        row=_seat(board, came.value("seat_id")),
        standings=labels.choices(labels.STANDING),
    ), came.status


def _seat(board: Board, seat_id: str) -> SeatRow:
    """Return a seat of a session's board; raises NotFound where it is none."""
    for each in board.seats:
        if str(each.id) == seat_id:
            return each
    raise NotFound


@blueprint.post("/sessions/<uuid:meeting_id>/attendance/<uuid:attendance_id>/leave")
@requires(RUN)
def leave(meeting_id: UUID, attendance_id: UUID) -> Response:
    """Note that somebody left."""
    meetings.mark_left(writing(), actor(), meeting_id, attendance_id)
    return to_desk(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/seats/<uuid:seat_id>/excuse", methods=["GET", "POST"])
@requires(RUN)
def excuse(meeting_id: UUID, seat_id: UUID) -> Answer:
    """Note why a seat cannot come, or who has come that was not named."""
    board = conducted(meeting_id)
    row = _seat(board, str(seat_id))
    return form_of(
        meeting_id,
        inputs.ExcuseInput,
        "councils/excuse.html",
        lambda given: meetings.excuse_seat(
            writing(), actor(), meeting_id, seat_id=seat_id, excuse=given.excuse
        ),
        to_desk,
        row=row,
        came=Form(inputs.AttendanceInput, initial={"standing": Standing.ALTERNATE}),
        standings=labels.choices(labels.STANDING),
    )


@blueprint.post("/sessions/<uuid:meeting_id>/open")
@requires(RUN)
def open_session(meeting_id: UUID) -> Response:
    """Open the session."""
    meetings.open_session(writing(), actor(), meeting_id)
    return to_desk(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/second-call", methods=["GET", "POST"])
@requires(RUN)
def second_call(meeting_id: UUID) -> Answer:
    """Call the session for the next day."""
    board = conducted(meeting_id)
    meetings.must_call_again(board)
    starts = clock.local(board.meeting.starts_at)
    form = Form(inputs.SecondCallInput, initial={"hour": f"{starts:%H:%M}"})
    if made := form.submit(
        lambda given: meetings.second_call(
            writing(), actor(), meeting_id, given, open_hours=settings().council_open_hours
        )
    ):
        return to_meeting(made.id)
    day = rules.second_call_day(board.meeting.starts_at)
    return form.page("councils/second_call.html", board=board, meeting=board.meeting, day=day)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/take-up")
@requires(RUN)
def take_up(meeting_id: UUID, item_id: UUID) -> Response:
    """Pass to a point of the agenda."""
    meetings.take_up(writing(), actor(), meeting_id, item_id)
    return to_desk(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/notes")
@requires(RUN)
def notes(meeting_id: UUID, item_id: UUID) -> Answer:
    """Keep what was said on a point."""
    form = Form(inputs.NotesInput)
    if form.done(
        lambda given: meetings.note_item(writing(), actor(), meeting_id, item_id, notes=given.notes)
    ):
        return to_desk(meeting_id)
    board = conducted(meeting_id)
    return form.page("councils/notes.html", board=board, meeting=board.meeting, item_id=item_id)


@blueprint.route("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/vote", methods=["GET", "POST"])
@requires(RUN)
def vote(meeting_id: UUID, item_id: UUID) -> Answer:
    """Record an agreement that was voted, with the sense of each vote (TUO art. 102.1)."""
    board = conducted(meeting_id)
    agreements.to_agree(session(), board, item_id)
    here = [row for row in board.seats if board.present(row.id)]
    initial: dict[str, Any] = {"how": "votes"}
    for number, row in enumerate(here):
        initial |= {f"votes-{number}-seat_id": row.id, f"votes-{number}-sense": "for"}
    form = Form(inputs.AgreementInput, initial=initial)
    if form.done(
        lambda given: agreements.record_agreement(writing(), actor(), meeting_id, item_id, given)
    ):
        return to_desk(meeting_id)
    return form.page(
        "councils/vote.html", board=board, meeting=board.meeting, here=here, **choices(board)
    )


@blueprint.post("/sessions/<uuid:meeting_id>/pause")
@requires(RUN)
def pause(meeting_id: UUID) -> Response:
    """Go into recess."""
    meetings.pause(writing(), actor(), meeting_id)
    return to_desk(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/resume")
@requires(RUN)
def resume(meeting_id: UUID) -> Response:
    """Go on after a recess."""
    meetings.resume(writing(), actor(), meeting_id)
    return to_desk(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/suspend", methods=["GET", "POST"])
@requires(RUN)
def suspend(meeting_id: UUID) -> Answer:
    """Suspend a session until another day."""
    return form_of(
        meeting_id,
        inputs.SuspendInput,
        "councils/suspend.html",
        lambda given: meetings.suspend(
            writing(), actor(), meeting_id, given, open_hours=settings().council_open_hours
        ),
        may=lambda found: found.must_lead(MeetingStatus.SUSPENDED),
    )


@blueprint.post("/sessions/<uuid:meeting_id>/close")
@requires(RUN)
def close(meeting_id: UUID) -> Response:
    """Close the session."""
    meetings.close(writing(), actor(), meeting_id, brief_days=settings().council_brief_days)
    return to_meeting(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/approve")
@requires(RUN)
def approve(meeting_id: UUID) -> Response:
    """Note that the acta was read and approved."""
    meetings.approve_minutes(writing(), actor(), meeting_id)
    return to_meeting(meeting_id)


@blueprint.get("/sessions/<uuid:meeting_id>/minutes.pdf")
@requires(MEET)
def minutes(meeting_id: UUID) -> Response:
    """Hand out the acta as PDF."""
    found = queries.get_meeting(session(), actor(), meeting_id)
    if not found.was_held:
        raise NotFound
    drawn = acta.draw(session(), actor(), load_board(session(), found))
    name = f"acta-{found.number}-{clock.local(found.starts_at):%Y-%m-%d}.pdf"
    return Response(
        drawn,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
