"""What the pages of councils share: addresses, permissions, the session that one conducts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.councils import labels, queries, rules
from portal.councils.board import Board, load_board
from portal.councils.models import Meeting
from portal.deadlines.queries import calendar_for
from portal.errors import Conflict, NotFound
from portal.texts import _l
from portal.web import Form, actor, see_other, session
from portal.web.render import MenuEntry

blueprint = Blueprint("councils", __name__)

READ = "councils.council.read"
MANAGE = "councils.council.manage"
MEET = "councils.meeting.read"
RUN = "councils.meeting.run"
WRITE_BRIEF = "councils.brief.write"
ANSWER = "councils.agreement.answer"
MENU = (MenuEntry(_l("Councils"), "councils.index", READ, weight=60),)
COOKIE = "articula-seat"
SUGGESTED_DAYS = (3, 5, 10)
FACES = ("live", "desk", "screen")

Answer = str | Response | tuple[str, int]


def to_meeting(meeting_id: UUID) -> Response:
    """Go to the page of a session."""
    return see_other(url_for("councils.meeting", meeting_id=meeting_id))


def to_desk(meeting_id: UUID) -> Response:
    """Go to the secretary's desk of a session."""
    return see_other(url_for("councils.desk", meeting_id=meeting_id))


def conducted(meeting_id: UUID) -> Board:
    """Return the board of a session that the actor conducts; for anybody else it is not there."""
    found = queries.get_meeting(session(), actor(), meeting_id)
    if not queries.runs(session(), actor(), found.council_id):
        raise NotFound
    return load_board(session(), found)


def refusal(rule: Callable[[Board], object], board: Board) -> Any:
    """Return why an act is refused now, in the words of the rule that its service asks, or None."""
    try:
        rule(board)
    except Conflict as error:
        return error.message
    return None


def form_of(
    meeting_id: UUID,
    model: type[Any],
    template: str,
    act: Callable[[Any], object],
    go: Callable[[UUID], Response] = to_meeting,
    *,
    may: Callable[[Meeting], object] = lambda _meeting: None,
    **context: Any,
) -> Answer:
    """Show and take a form about a session, by who conducts it; `may` raises where it may not."""
    board = conducted(meeting_id)
    may(board.meeting)
    form: Form[Any] = Form(model, initial=context.pop("initial", None))
    if form.done(act):
        return go(meeting_id)
    return form.page(template, board=board, meeting=board.meeting, **context)


def choices(board: Board) -> dict[str, Any]:
    """Return what the agreement form offers: who has a seat, and the usual days."""
    today = clock.today()
    calendar = calendar_for(session(), board.council.territory)
    business = [calendar.after(today, count) for count in SUGGESTED_DAYS]
    following = queries.next_start(session(), board.council.id, board.meeting.starts_at)
    ahead = clock.local(following).date() if following else None
    return {
        "seated": [(str(row.agency_id), row.agency) for row in board.seats],
        "days": rules.suggested_days(today, business, ahead),
        "senses": labels.choices(labels.SENSE),
    }
