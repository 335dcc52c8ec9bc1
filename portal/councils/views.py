"""Pages of councils: composition, agenda, desk, live view, the room's screen, acta."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, g, request, url_for
from werkzeug.wrappers import Response

from portal import clock, host
from portal.access.queries import actor_of, case_workers
from portal.agencies.queries import get_agency, list_agencies
from portal.cases.queries import case_view, get_case
from portal.councils import (
    acta,
    agreements,
    briefs,
    composition,
    inputs,
    labels,
    meetings,
    queries,
    rules,
    seat,
)
from portal.councils.board import Board, load_board
from portal.councils.models import Agreement, Meeting, MeetingStatus
from portal.deadlines.queries import calendar_for
from portal.errors import NotFound
from portal.places.queries import full_name_of
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, settings, writing
from portal.web.access import answers_early
from portal.web.render import MenuEntry
from portal.web.request import portal

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


@blueprint.get("/councils")
@requires(READ)
def index() -> str:
    """List the councils at which the institution has a seat."""
    return page(
        "councils/index.html",
        councils=queries.list_councils(session(), actor()),
        labels=labels,
        territory=full_name_of,
    )


@blueprint.route("/councils/new", methods=["GET", "POST"])
@requires(MANAGE)
def create() -> Answer:
    """Create a council."""
    form = Form(inputs.CouncilInput)
    if made := form.submit(lambda given: composition.create_council(writing(), actor(), given)):
        return see_other(url_for("councils.show", council_id=made.id))
    return form.page("councils/create.html", kinds=labels.choices(labels.COUNCIL))


@blueprint.get("/councils/<uuid:council_id>")
@requires(READ)
def show(council_id: UUID) -> str:
    """Show a council: its sessions, its seats, and what was agreed and is still open."""
    council = queries.get_council(session(), actor(), council_id)
    return page(
        "councils/show.html",
        council=council,
        territory=full_name_of(council.territory),
        seats=queries.list_seats(session(), council.id),
        meetings=queries.list_meetings(session(), actor(), council.id),
        runs=queries.runs(session(), actor(), council.id),
        composes=composition.may_compose(session(), actor(), council.id),
        rules=rules.CouncilRules.model_validate(council.rules),
        labels=labels,
    )


@blueprint.route("/councils/<uuid:council_id>/seats/new", methods=["GET", "POST"])
@requires(READ)
def add_seat(council_id: UUID) -> Answer:
    """Give an institution a seat."""
    council = queries.get_council(session(), actor(), council_id)
    if not composition.may_compose(session(), actor(), council.id):
        raise NotFound
    form = Form(inputs.SeatInput, initial={"office": "member"})
    if form.submit(lambda given: composition.add_seat(writing(), actor(), council_id, given)):
        return see_other(url_for("councils.show", council_id=council_id))
    return form.page(
        "councils/add_seat.html",
        council=council,
        agencies=_agency_choices(),
        offices=labels.choices(labels.OFFICE),
    )


def _agency_choices() -> list[tuple[str, str]]:
    return [(str(agency.id), agency.name) for agency in list_agencies(session())]


@blueprint.post("/seats/<uuid:seat_id>/end")
@requires(READ)
def end_seat(seat_id: UUID) -> Response:
    """End a seat."""
    ended = composition.end_seat(writing(), actor(), seat_id)
    return see_other(url_for("councils.show", council_id=ended.council_id))


@blueprint.route("/seats/<uuid:seat_id>/people/new", methods=["GET", "POST"])
@requires(READ)
def name_person(seat_id: UUID) -> Answer:
    """Name a titular or an alternate to a seat."""
    held = queries.get_seat(session(), seat_id)
    council = queries.get_council(session(), actor(), held.council_id)
    form = Form(inputs.SeatPersonInput, initial={"standing": "titular"})
    if form.submit(lambda given: composition.name_person(writing(), actor(), seat_id, given)):
        return see_other(url_for("councils.show", council_id=council.id))
    accounts = [(str(key), name) for key, name in case_workers(session(), held.agency_id)]
    return form.page(
        "councils/name_person.html",
        council=council,
        agency=get_agency(session(), held.agency_id),
        accounts=accounts,
        standings=labels.choices(labels.STANDING),
    )


@blueprint.post("/seat-people/<uuid:person_id>/end")
@requires(READ)
def end_person(person_id: UUID) -> Response:
    """End that a person sits at a seat."""
    ended = composition.end_person(writing(), actor(), person_id)
    held = queries.get_seat(session(), ended.seat_id)
    return see_other(url_for("councils.show", council_id=held.council_id))


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
    board = _conducted(meeting_id)
    found = board.meeting
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
    if form.submit(lambda given: meetings.edit_meeting(writing(), actor(), meeting_id, given)):
        return _to_meeting(meeting_id)
    return form.page(
        "councils/prepare.html",
        council=board.council,
        kinds=labels.choices(labels.MEETING),
        meeting=found,
    )


def _to_meeting(meeting_id: UUID) -> Response:
    return see_other(url_for("councils.meeting", meeting_id=meeting_id))


def _to_desk(meeting_id: UUID) -> Response:
    return see_other(url_for("councils.desk", meeting_id=meeting_id))


def _conducted(meeting_id: UUID) -> Board:
    """Return the board of a session that the actor conducts; for anybody else it is not there."""
    found = queries.get_meeting(session(), actor(), meeting_id)
    if not queries.runs(session(), actor(), found.council_id):
        raise NotFound
    return load_board(session(), found)


def _form_of(
    meeting_id: UUID,
    model: type[Any],
    template: str,
    act: Callable[[Any], object],
    go: Callable[[UUID], Response] = _to_meeting,
    **context: Any,
) -> Answer:
    """Show and take a form about a session, by who conducts it."""
    board = _conducted(meeting_id)
    form: Form[Any] = Form(model, initial=context.pop("initial", None))
    if form.submit(act):
        return go(meeting_id)
    return form.page(template, board=board, meeting=board.meeting, **context)


@blueprint.post("/sessions/<uuid:meeting_id>/convene")
@requires(RUN)
def convene(meeting_id: UUID) -> Response:
    """Call the members."""
    meetings.convene(writing(), actor(), meeting_id, open_hours=settings().council_open_hours)
    return _to_meeting(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/cancel", methods=["GET", "POST"])
@requires(RUN)
def cancel(meeting_id: UUID) -> Answer:
    """Call a session off."""
    return _form_of(
        meeting_id,
        inputs.ReasonInput,
        "councils/reason.html",
        lambda given: meetings.cancel(writing(), actor(), meeting_id, reason=given.reason),
        title=_l("Call the session off"),
        hint=_l("The members read it."),
    )


@blueprint.route("/sessions/<uuid:meeting_id>/points/new", methods=["GET", "POST"])
@requires(RUN)
def add_point(meeting_id: UUID) -> Answer:
    """Add a general point to the agenda."""
    return _form_of(
        meeting_id,
        inputs.PointInput,
        "councils/add_point.html",
        lambda given: meetings.add_point(writing(), actor(), meeting_id, given),
        initial={"minutes": 10},
    )


@blueprint.route("/sessions/<uuid:meeting_id>/cases/new", methods=["GET", "POST"])
@requires(RUN)
def request_case(meeting_id: UUID) -> Answer:
    """Ask the lead of a case for a brief."""
    found = queries.get_meeting(session(), actor(), meeting_id)
    return _form_of(
        meeting_id,
        inputs.CaseRequestInput,
        "councils/request_case.html",
        lambda given: briefs.request_brief(writing(), actor(), _own(found), given.code),
    )


def _own(found: Meeting) -> Meeting:
    """Return a session as the writing session reads it."""
    return queries.get_meeting(writing(), actor(), found.id)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/withdraw")
@requires(RUN)
def withdraw_item(meeting_id: UUID, item_id: UUID) -> Response:
    """Take a point off the agenda."""
    meetings.withdraw_item(writing(), actor(), meeting_id, item_id)
    return _to_meeting(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/move")
@requires(RUN)
def move_item(meeting_id: UUID, item_id: UUID) -> Response:
    """Move a point up or down."""
    step = -1 if request.form.get("step") == "up" else 1
    meetings.move_item(writing(), actor(), meeting_id, item_id, step)
    return _to_meeting(meeting_id)


@blueprint.route("/cases/<code>/council", methods=["GET", "POST"])
@requires(WRITE_BRIEF)
def propose_case(code: str) -> Answer:
    """Take a case to a coming session."""
    case = get_case(session(), actor(), code)
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
    lines, failed = host.council_brief(session(), actor(), case_view(session(), actor(), case))
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
    _found, case, of_meeting = briefs.get_brief(session(), actor(), item_id)
    form = Form(inputs.ReasonInput)
    if form.submit(
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


@blueprint.route("/sessions/<uuid:meeting_id>/desk", methods=["GET", "POST"])
@requires(RUN)
def desk(meeting_id: UUID) -> Answer:
    """Conduct a session; the form of the page records an agreement on the present point."""
    board = _conducted(meeting_id)
    if not board.meeting.is_going_on and board.meeting.status is not MeetingStatus.CONVENED:
        return _to_meeting(meeting_id)
    form = Form(inputs.DeskInput)
    if form.submit(
        lambda given: agreements.record_agreement(
            writing(), actor(), meeting_id, given.item_id, given
        )
    ):
        return _to_desk(meeting_id)
    text, status = form.page("councils/desk.html", **_face("desk", board), **_choices(board))
    return _seated(text, status, board.meeting)


def _choices(board: Board) -> dict[str, Any]:
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
    board = _conducted(meeting_id)
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


@blueprint.post("/sessions/<uuid:meeting_id>/attendance")
@requires(RUN)
def attend(meeting_id: UUID) -> Answer:
    """Note who has come for a seat."""
    _conducted(meeting_id)
    form = Form(inputs.AttendanceInput)
    form.submit(lambda given: meetings.mark_present(writing(), actor(), meeting_id, given))
    return _to_desk(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/attendance/<uuid:attendance_id>/leave")
@requires(RUN)
def leave(meeting_id: UUID, attendance_id: UUID) -> Response:
    """Note that somebody left."""
    meetings.mark_left(writing(), actor(), meeting_id, attendance_id)
    return _to_desk(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/seats/<uuid:seat_id>/excuse", methods=["GET", "POST"])
@requires(RUN)
def excuse(meeting_id: UUID, seat_id: UUID) -> Answer:
    """Note why a seat cannot come, or who has come that was not named."""
    board = _conducted(meeting_id)
    row = next((each for each in board.seats if each.id == seat_id), None)
    if row is None:
        raise NotFound
    return _form_of(
        meeting_id,
        inputs.ExcuseInput,
        "councils/excuse.html",
        lambda given: meetings.excuse_seat(
            writing(), actor(), meeting_id, seat_id=seat_id, excuse=given.excuse
        ),
        _to_desk,
        row=row,
    )


@blueprint.post("/sessions/<uuid:meeting_id>/open")
@requires(RUN)
def open_session(meeting_id: UUID) -> Response:
    """Open the session."""
    meetings.open_session(writing(), actor(), meeting_id)
    return _to_desk(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/second-call", methods=["GET", "POST"])
@requires(RUN)
def second_call(meeting_id: UUID) -> Answer:
    """Call the session for the next day."""
    board = _conducted(meeting_id)
    starts = clock.local(board.meeting.starts_at)
    form = Form(inputs.SecondCallInput, initial={"hour": f"{starts:%H:%M}"})
    if made := form.submit(
        lambda given: meetings.second_call(
            writing(), actor(), meeting_id, given, open_hours=settings().council_open_hours
        )
    ):
        return _to_meeting(made.id)
    day = rules.second_call_day(board.meeting.starts_at)
    return form.page("councils/second_call.html", board=board, meeting=board.meeting, day=day)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/take-up")
@requires(RUN)
def take_up(meeting_id: UUID, item_id: UUID) -> Response:
    """Pass to a point of the agenda."""
    meetings.take_up(writing(), actor(), meeting_id, item_id)
    return _to_desk(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/notes")
@requires(RUN)
def notes(meeting_id: UUID, item_id: UUID) -> Answer:
    """Keep what was said on a point."""
    form = Form(inputs.NotesInput)
    if form.submit(
        lambda given: meetings.note_item(writing(), actor(), meeting_id, item_id, notes=given.notes)
    ):
        return _to_desk(meeting_id)
    board = _conducted(meeting_id)
    return form.page("councils/notes.html", board=board, meeting=board.meeting, item_id=item_id)


@blueprint.route("/sessions/<uuid:meeting_id>/items/<uuid:item_id>/vote", methods=["GET", "POST"])
@requires(RUN)
def vote(meeting_id: UUID, item_id: UUID) -> Answer:
    """Record an agreement that was voted, with the sense of each vote (TUO art. 102.1)."""
    board = _conducted(meeting_id)
    here = [row for row in board.seats if board.present(row.id)]
    initial: dict[str, Any] = {"how": "votes"}
    for number, row in enumerate(here):
        initial |= {f"votes-{number}-seat_id": row.id, f"votes-{number}-sense": "for"}
    form = Form(inputs.AgreementInput, initial=initial)
    if form.submit(
        lambda given: agreements.record_agreement(writing(), actor(), meeting_id, item_id, given)
    ):
        return _to_desk(meeting_id)
    return form.page(
        "councils/vote.html", board=board, meeting=board.meeting, here=here, **_choices(board)
    )


@blueprint.post("/sessions/<uuid:meeting_id>/pause")
@requires(RUN)
def pause(meeting_id: UUID) -> Response:
    """Go into recess."""
    meetings.pause(writing(), actor(), meeting_id)
    return _to_desk(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/resume")
@requires(RUN)
def resume(meeting_id: UUID) -> Response:
    """Go on after a recess."""
    meetings.resume(writing(), actor(), meeting_id)
    return _to_desk(meeting_id)


@blueprint.route("/sessions/<uuid:meeting_id>/suspend", methods=["GET", "POST"])
@requires(RUN)
def suspend(meeting_id: UUID) -> Answer:
    """Suspend a session until another day."""
    return _form_of(
        meeting_id,
        inputs.SuspendInput,
        "councils/suspend.html",
        lambda given: meetings.suspend(
            writing(), actor(), meeting_id, given, open_hours=settings().council_open_hours
        ),
    )


@blueprint.post("/sessions/<uuid:meeting_id>/close")
@requires(RUN)
def close(meeting_id: UUID) -> Response:
    """Close the session."""
    meetings.close(writing(), actor(), meeting_id, brief_days=settings().council_brief_days)
    return _to_meeting(meeting_id)


@blueprint.post("/sessions/<uuid:meeting_id>/approve")
@requires(RUN)
def approve(meeting_id: UUID) -> Response:
    """Note that the acta was read and approved."""
    meetings.approve_minutes(writing(), actor(), meeting_id)
    return _to_meeting(meeting_id)


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


@blueprint.get("/agreements/<uuid:agreement_id>")
@requires(MEET)
def agreement(agreement_id: UUID) -> Answer:
    """Show an agreement with what may be done now; once accepted, its commitment is the page."""
    found = queries.get_agreement(session(), actor(), agreement_id)
    if found.commitment_id is not None and found.agency_id == actor().agency_id:
        return see_other(url_for("commitments.show", commitment_id=found.commitment_id))
    return page("councils/agreement.html", **_agreement_page(found))


def _agreement_page(found: Agreement) -> dict[str, Any]:
    of_meeting = queries.get_meeting(session(), actor(), found.meeting_id)
    board = load_board(session(), of_meeting)
    row = next(each for each in board.agreements if each.id == found.id)
    return {
        "agreement": row,
        "board": board,
        "meeting": of_meeting,
        "answers": found.agency_id == actor().agency_id
        and queries.speaks_for(session(), actor(), found.council_id),
        "labels": labels,
    }


@blueprint.post("/agreements/<uuid:agreement_id>/accept")
@requires(ANSWER)
def accept(agreement_id: UUID) -> Response:
    """Take an agreement on."""
    taken = agreements.accept_agreement(writing(), actor(), agreement_id)
    return _after_answer(taken)


def _after_answer(answered: Agreement) -> Response:
    """Return to the live view while the session lasts, else to the agreement."""
    of_meeting = writing().get_one(Meeting, answered.meeting_id)
    if of_meeting.is_going_on:
        return see_other(url_for("councils.live", meeting_id=of_meeting.id))
    return see_other(url_for("councils.agreement", agreement_id=answered.id))


@blueprint.route("/agreements/<uuid:agreement_id>/object", methods=["GET", "POST"])
@requires(ANSWER)
def object_to(agreement_id: UUID) -> Answer:
    """Object to an agreement."""
    found = queries.get_agreement(session(), actor(), agreement_id)
    form = Form(inputs.ReasonInput, version=found.row_version)
    if answered := form.submit(
        lambda given: agreements.object_to_agreement(
            writing(), actor(), agreement_id, reason=given.reason
        )
    ):
        return _after_answer(answered)
    return form.page(
        "councils/reason.html",
        meeting=queries.get_meeting(session(), actor(), found.meeting_id),
        title=_l("Object to the agreement"),
        hint=_l("The session reads it: write no names and no codes."),
    )


@blueprint.route("/agreements/<uuid:agreement_id>/edit", methods=["GET", "POST"])
@requires(RUN)
def correct(agreement_id: UUID) -> Answer:
    """Correct an agreement that nobody took on yet."""
    found = queries.get_agreement(session(), actor(), agreement_id)
    board = _conducted(found.meeting_id)
    form = Form(
        inputs.AgreementInput,
        initial={
            "agency_id": found.agency_id,
            "text": found.text,
            "due_on": found.due_on,
            "verifier_agency_id": found.verifier_agency_id,
            "how": found.how,
        },
        version=found.row_version,
    )
    if form.submit(
        lambda given: agreements.correct_agreement(writing(), actor(), agreement_id, given)
    ):
        return _to_desk(found.meeting_id)
    return form.page(
        "councils/correct.html",
        agreement=found,
        board=board,
        meeting=board.meeting,
        **_choices(board),
    )


@blueprint.route("/agreements/<uuid:agreement_id>/withdraw", methods=["GET", "POST"])
@requires(RUN)
def withdraw(agreement_id: UUID) -> Answer:
    """Take an agreement back."""
    found = queries.get_agreement(session(), actor(), agreement_id)
    return _form_of(
        found.meeting_id,
        inputs.ReasonInput,
        "councils/reason.html",
        lambda given: agreements.withdraw_agreement(
            writing(), actor(), agreement_id, reason=given.reason
        ),
        _to_desk,
        title=_l("Take agreement %(number)s back", number=found.number),
        hint=_l("It stays in the acta, struck, with this reason: write no names and no codes."),
    )
