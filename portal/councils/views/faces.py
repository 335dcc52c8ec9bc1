"""The three faces of a session: the secretary's desk, each member's view, the room's screen."""

import math
from typing import Any
from uuid import UUID

from flask import current_app, g, request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.access.queries import actor_of
from portal.councils import agreements, briefs, inputs, labels, meetings, queries, seat
from portal.councils.board import Board, load_board
from portal.councils.models import Meeting, MeetingStatus
from portal.councils.views.base import (
    COOKIE,
    FACES,
    MEET,
    RUN,
    Answer,
    blueprint,
    choices,
    conducted,
    refusal,
    to_desk,
    to_meeting,
)
from portal.web import Form, actor, page, requires, session, writing
from portal.web.access import answers_early
from portal.web.request import portal


@blueprint.route("/sessions/<uuid:meeting_id>/desk", methods=["GET", "POST"])
@requires(RUN)
def desk(meeting_id: UUID) -> Answer:
    """Conduct a session; the form of the page records an agreement on the present point."""
    board = conducted(meeting_id)
    if not board.meeting.is_going_on and board.meeting.status is not MeetingStatus.CONVENED:
        return to_meeting(meeting_id)
    form = Form(inputs.DeskInput)
    if form.done(
        lambda given: agreements.record_agreement(
            writing(), actor(), meeting_id, given.item_id, given
        )
    ):
        return to_desk(meeting_id)
    text, status = form.page("councils/desk.html", **_face("desk", board), **choices(board))
    return _seated(text, status, board.meeting)


def _face(face: str, board: Board) -> dict[str, Any]:
    """Return what a face of a session shows: the same board, and the brief where one may."""
    item = board.current
    may_read = item is not None and item.case_id is not None and face != "screen"
    return {
        "face": face,
        "board": board,
        "meeting": board.meeting,
        "item": item,
        "brief": briefs.read_brief(session(), actor(), board.meeting, item.id)
        if may_read and item
        else None,
        "speaks": face != "screen"
        and queries.speaks_for(session(), actor(), board.meeting.council_id),
        "labels": labels,
        **(_to_begin(board) if face == "desk" else {}),
    }


def _to_begin(board: Board) -> dict[str, Any]:
    """Return what the desk may do before a session begins, and after how many seconds more."""
    if board.meeting.status is not MeetingStatus.CONVENED:
        return {"not_yet": None, "calls_again": False, "waits": []}
    called_for = (meetings.opens_from(board.meeting), board.meeting.starts_at)
    waits = [(each - clock.now()).total_seconds() for each in called_for]
    return {
        "not_yet": refusal(meetings.must_open, board),
        "calls_again": refusal(meetings.must_call_again, board) is None,
        "waits": [math.ceil(each) for each in waits if 0 < each < seat.HOURS * 3600],
    }


def _seated(text: str, status: int, of_meeting: Meeting) -> Response:
    """Give the page the cookie with which its view asks what changed."""
    answer = current_app.make_response((text, status))
    path = url_for("councils.meeting", meeting_id=of_meeting.id)
    token = seat.make_token(str(current_app.secret_key), actor(), of_meeting.id)
    answer.set_cookie(
        COOKIE, token, path=path, httponly=True, samesite="Strict", secure=request.is_secure
    )
    return answer


@blueprint.get("/sessions/<uuid:meeting_id>/live")
@requires(MEET)
def live(meeting_id: UUID) -> Response:
    """Show a session on a member's own device."""
    found = queries.get_meeting(session(), actor(), meeting_id)
    text = page("councils/live.html", **_face("live", load_board(session(), found)))
    return _seated(text, 200, found)


@blueprint.get("/sessions/<uuid:meeting_id>/screen")
@requires(RUN)
def screen(meeting_id: UUID) -> Response:
    """Show the room's screen: no name, no code, no text that was not released for it."""
    board = conducted(meeting_id)
    return _seated(page("councils/screen.html", **_face("screen", board)), 200, board.meeting)


@blueprint.get("/sessions/<uuid:meeting_id>/poll")
@answers_early
def poll(meeting_id: UUID) -> Answer:
    """Answer 204 while nothing changed, else the changed block; by the view's own cookie."""
    secret = str(current_app.secret_key)
    token = seat.read_token(secret, request.cookies.get(COOKIE, ""))
    if token is None or token.meeting_id != meeting_id:
        return Response(status=404)
    version = seat.live_version(session(), meeting_id)
    if str(version) == request.args.get("v"):
        return Response(status=204)
    face = request.args.get("face", "")
    if face not in FACES or not _recognise(token):
        return Response(status=404)
    found = queries.get_meeting(session(), actor(), meeting_id)
    if face != "live" and not queries.runs(session(), actor(), found.council_id):
        return Response(status=404)
    return page(f"councils/parts/{face}.html", **_face(face, load_board(session(), found)))


def _recognise(token: seat.SeatToken) -> bool:
    """Let the rest of the request act as whoever opened the view, if the sign-in was not ended."""
    signed_in = seat.signed_in_of(session(), token)
    if signed_in is None:
        return False
    g.actor = actor_of(session(), signed_in, portal().permissions, g.request_id)
    g.locale = signed_in.locale
    return True
