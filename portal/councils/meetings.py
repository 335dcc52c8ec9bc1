"""The life of a session: called, opened with quorum, conducted point by point, closed, approved.

Who may is asked in `_run`: the chair's and the secretariat's people (TUO of Ley 27444 art. 96).
"""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.commitments.models import Commitment, CommitmentStatus
from portal.councils import rules
from portal.councils.board import Board, load_board, open_agreements, seats_of
from portal.councils.events import MeetingClosed, MeetingConvened
from portal.councils.inputs import (
    AttendanceInput,
    MeetingInput,
    PointInput,
    SecondCallInput,
    SuspendInput,
)
from portal.councils.models import (
    AgendaItem,
    Agreement,
    AgreementStatus,
    Attendance,
    Council,
    ItemKind,
    ItemStatus,
    Meeting,
    MeetingStatus,
    SeatPerson,
    Standing,
)
from portal.councils.queries import get_council, get_item, get_meeting, list_seats, runs
from portal.councils.silent import put_silent
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, moment_text

EARLIEST = timedelta(minutes=30)
ENDED = (CommitmentStatus.VERIFIED, CommitmentStatus.NOT_MET, CommitmentStatus.OBJECTED)
HEAD_SIGNS = 16


def _run(session: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """Return a session that the actor conducts; raises NotFound, or Forbidden saying who does."""
    meeting = get_meeting(session, actor, meeting_id)
    if not runs(session, actor, meeting.council_id):
        raise Forbidden(_l("The chair or the technical secretariat of the council does this."))
    return meeting


def touch(session: Session, meeting_id: UUID) -> None:
    """Count a change that open views show; apart from the row's version, which people compare."""
    session.flush()
    session.execute(
        sa.update(Meeting)
        .where(col(Meeting.id) == meeting_id)
        .values(live_version=col(Meeting.live_version) + 1)
        .execution_options(synchronize_session=False)
    )


def _told(session: Session, actor: Actor, meeting: Meeting, verb: str, reason: str = "") -> Meeting:
    touch(session, meeting.id)
    audit.record(session, actor, f"councils.meeting.{verb}", meeting.id, reason=reason or None)
    return meeting


def create_meeting(
    session: Session, actor: Actor, council_id: UUID, given: MeetingInput
) -> Meeting:
    """Prepare a session; its agenda opens with the acta before and what was agreed earlier.

    Referrals that nobody answers stand there too.
    """
    council = get_council(session, actor, council_id)
    if not runs(session, actor, council_id):
        raise Forbidden(_l("The chair or the technical secretariat of the council does this."))
    last = session.scalar(
        sa.select(sa.func.max(col(Meeting.number))).where(col(Meeting.council_id) == council.id)
    )
    meeting = Meeting(
        council_id=council.id,
        number=(last or 0) + 1,
        kind=given.kind,
        place=given.place,
        starts_at=given.starts_at,
    )
    session.add(meeting)
    session.flush()
    _put_minutes(session, meeting)
    _put_follow_up(session, meeting)
    put_silent(session, meeting)
    return _told(session, actor, meeting, "create")


def edit_meeting(session: Session, actor: Actor, meeting_id: UUID, given: MeetingInput) -> Meeting:
    """Change place, day or hour of a session that is still in preparation."""
    meeting = _run(session, actor, meeting_id)
    must_be_draft(meeting)
    meeting.kind, meeting.place, meeting.starts_at = given.kind, given.place, given.starts_at
    return _told(session, actor, meeting, "edit")


def must_be_draft(meeting: Meeting) -> None:
    """Raise Conflict where a session was called; the form to change it asks this first."""
    if meeting.status is not MeetingStatus.DRAFT:
        raise Conflict(_l("The session was called already: call it off and prepare another."))


def _put_minutes(session: Session, meeting: Meeting) -> None:
    """Put the last acta that was not approved yet at the head (TUO art. 102.3)."""
    before = session.scalar(
        sa.select(col(Meeting.id))
        .where(
            col(Meeting.council_id) == meeting.council_id,
            col(Meeting.status) == MeetingStatus.CLOSED,
        )
        .order_by(col(Meeting.starts_at).desc())
        .limit(1)
    )
    if before is not None:
        session.add(
            AgendaItem(
                meeting_id=meeting.id,
                kind=ItemKind.MINUTES,
                position=-1000,
                minutes=5,
                minutes_of_id=before,
            )
        )


def _put_follow_up(session: Session, meeting: Meeting) -> None:
    """Put a point for each earlier agreement whose end no session was told."""
    known = set(
        session.scalars(
            sa.select(col(AgendaItem.agreement_id)).where(
                col(AgendaItem.meeting_id) == meeting.id,
                col(AgendaItem.agreement_id).is_not(None),
            )
        )
    )
    for place, agreement in enumerate(open_agreements(session, meeting.council_id)):
        if agreement.id not in known and agreement.meeting_id != meeting.id:
            session.add(
                AgendaItem(
                    meeting_id=meeting.id,
                    kind=ItemKind.FOLLOW_UP,
                    position=place - 999,
                    minutes=3,
                    agreement_id=agreement.id,
                )
            )
    session.flush()


def add_point(session: Session, actor: Actor, meeting_id: UUID, given: PointInput) -> AgendaItem:
    """Add a general point. Once the session is open all members must be there (TUO art. 98.4)."""
    meeting = _run(session, actor, meeting_id)
    must_not_have_ended(meeting)
    outside = meeting.is_going_on
    board = load_board(session, meeting)
    if outside and not rules.may_add_outside_agenda(board.quorum):
        raise Invalid(
            Problem(
                "title",
                _l("Outside the agenda only when all members are present (TUO, art. 98.4)."),
            )
        )
    item = AgendaItem(
        meeting_id=meeting.id,
        kind=ItemKind.POINT,
        position=len(board.items),
        title=given.title,
        minutes=given.minutes,
        off_agenda=outside,
    )
    session.add(item)
    session.flush()
    _told(session, actor, meeting, "add_point")
    return item


def must_not_have_ended(meeting: Meeting) -> None:
    """Raise Conflict where a session has ended; the form of a further point asks this first."""
    if not meeting.is_going_on and not meeting.is_before:
        raise Conflict(_l("The session has ended: nothing can be added to it."))


def withdraw_item(session: Session, actor: Actor, meeting_id: UUID, item_id: UUID) -> AgendaItem:
    """Take a point off the agenda before it is dealt with; it stays on record."""
    meeting = _run(session, actor, meeting_id)
    item = get_item(session, meeting, item_id)
    if item.status is not ItemStatus.PENDING or meeting.current_item_id == item.id:
        raise Conflict(_l("This point was dealt with already."))
    item.status = ItemStatus.WITHDRAWN
    _told(session, actor, meeting, "withdraw_item")
    return item


def move_item(session: Session, actor: Actor, meeting_id: UUID, item_id: UUID, step: int) -> None:
    """Move a point one place up (-1) or down (1) on the agenda."""
    meeting = _run(session, actor, meeting_id)
    items = list(
        session.scalars(
            sa.select(AgendaItem)
            .where(
                col(AgendaItem.meeting_id) == meeting.id,
                col(AgendaItem.status) != ItemStatus.WITHDRAWN,
            )
            .order_by(col(AgendaItem.position), col(AgendaItem.id))
        )
    )
    at = next((place for place, item in enumerate(items) if item.id == item_id), None)
    if at is None:
        raise NotFound
    if 0 <= at + step < len(items):
        items[at], items[at + step] = items[at + step], items[at]
    for place, item in enumerate(items):
        item.position = place
    _told(session, actor, meeting, "move_item")


def convene(session: Session, actor: Actor, meeting_id: UUID, *, open_hours: int) -> Meeting:
    """Call the members with the agenda (TUO art. 97.1); `open_hours` is the instance's window."""
    meeting = _run(session, actor, meeting_id)
    meeting.move(MeetingStatus.CONVENED)
    _convened(session, meeting, open_hours)
    events.record(session, MeetingConvened(meeting.id, meeting.council_id))
    return _told(session, actor, meeting, "convene")


def _convened(session: Session, meeting: Meeting, open_hours: int) -> None:
    own = rules.CouncilRules.model_validate(session.get_one(Council, meeting.council_id).rules)
    hours = own.open_hours if own.open_hours is not None else open_hours
    meeting.convened_at = clock.now()
    meeting.opens_at = rules.opens_at(meeting.starts_at, hours)
    _put_follow_up(session, meeting)
    put_silent(session, meeting)


def cancel(session: Session, actor: Actor, meeting_id: UUID, *, reason: str) -> Meeting:
    """Call a session off, with the reason."""
    meeting = _run(session, actor, meeting_id)
    meeting.move(MeetingStatus.CANCELLED)
    meeting.reason = reason
    return _told(session, actor, meeting, "cancel", reason)


def mark_present(
    session: Session, actor: Actor, meeting_id: UUID, given: AttendanceInput
) -> Attendance:
    """Note who has come for a seat, from now on; raises Invalid where somebody is there."""
    meeting = _run(session, actor, meeting_id)
    if meeting.status is not MeetingStatus.CONVENED and not meeting.is_going_on:
        raise Conflict(_l("Attendance is taken once the session is called and until it ends."))
    board = load_board(session, meeting)
    seat = next((each for each in board.seats if each.id == given.seat_id), None)
    if seat is None:
        raise NotFound
    if board.present(seat.id) is not None:
        raise Conflict(_l("Somebody is there for this seat already."))
    named = next((each for each in seat.people if each.id == given.person_id), None)
    if named is None and not given.name:
        raise Invalid(Problem("name", _l("Write who has come.")))
    row = Attendance(
        meeting_id=meeting.id,
        seat_id=seat.id,
        person_id=named.id if named else None,
        name=named.name if named else given.name,
        standing=session.get_one(SeatPerson, named.id).standing if named else given.standing,
        arrived_at=clock.now(),
    )
    session.add(row)
    session.flush()
    _told(session, actor, meeting, "attend")
    return row


def mark_left(session: Session, actor: Actor, meeting_id: UUID, attendance_id: UUID) -> None:
    """Note that who was there for a seat has left; before the opening it undoes the mark."""
    meeting = _run(session, actor, meeting_id)
    row = session.get(Attendance, attendance_id)
    if (
        row is None
        or row.meeting_id != meeting.id
        or not (meeting.is_before or meeting.is_going_on)
    ):
        raise NotFound
    if meeting.is_before or row.arrived_at is None:
        session.delete(row)
    elif row.left_at is None:
        row.left_at = clock.now()
    _told(session, actor, meeting, "leave")


def excuse_seat(
    session: Session, actor: Actor, meeting_id: UUID, *, seat_id: UUID, excuse: str
) -> None:
    """Note why a seat cannot come (TUO art. 97)."""
    meeting = _run(session, actor, meeting_id)
    if all(seat.id != seat_id for seat in list_seats(session, meeting.council_id)):
        raise NotFound
    now = clock.now()
    session.add(
        Attendance(
            meeting_id=meeting.id,
            seat_id=seat_id,
            standing=Standing.TITULAR,
            left_at=now,
            excuse=excuse,
        )
    )
    _told(session, actor, meeting, "excuse")


def open_session(session: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """Open a session that was called, in its time and with quorum."""
    meeting = _run(session, actor, meeting_id)
    must_open(load_board(session, meeting))
    meeting.move(MeetingStatus.IN_SESSION)
    meeting.opened_at = clock.now()
    _put_follow_up(session, meeting)
    first = next(iter(load_board(session, meeting).shown_items), None)
    if first is not None:
        _take_up(session, meeting, first.id)
    return _told(session, actor, meeting, "open")


def must_open(board: Board) -> None:
    """Raise Conflict where a session cannot be opened now; the desk shows its button by this.

    It opens from half an hour before the hour it was called for, once there is quorum (TUO art.
    99).
    """
    board.meeting.must_be(MeetingStatus.CONVENED)
    if clock.now() < opens_from(board.meeting):
        raise Conflict(
            _l(
                "It can be opened from %(moment)s, half an hour before the hour it was called for.",
                moment=moment_text(clock.local(opens_from(board.meeting))),
            )
        )
    if not board.quorum.is_met:
        raise Conflict(
            _l(
                "There is no quorum: %(present)s of %(seats)s are present and %(needed)s are "
                "needed. Mark who has come, or make the second call.",
                present=board.quorum.present,
                seats=board.quorum.seats,
                needed=board.quorum.needed,
            )
        )


def opens_from(meeting: Meeting) -> datetime:
    """Return the instant from which a session may be opened."""
    return meeting.starts_at - EARLIEST


def second_call(
    session: Session, actor: Actor, meeting_id: UUID, given: SecondCallInput, *, open_hours: int
) -> Meeting:
    """Note that there was no quorum and call the same session for the next day (TUO art. 99.2)."""
    meeting = _run(session, actor, meeting_id)
    must_call_again(load_board(session, meeting))
    meeting.move(MeetingStatus.NOT_HELD)
    day = rules.second_call_day(meeting.starts_at)
    starts_at = datetime.combine(day, given.hour, clock.LIMA)
    if starts_at <= clock.now():
        raise Invalid(Problem("hour", _l("This hour has passed.")))
    following = _follow_on(session, meeting, starts_at, call=meeting.call + 1, part=meeting.part)
    _convened(session, following, open_hours)
    events.record(session, MeetingConvened(following.id, following.council_id))
    _told(session, actor, meeting, "not_held")
    return _told(session, actor, following, "convene")


def must_call_again(board: Board) -> None:
    """Raise Conflict where the first call has not failed; desk and form of the second ask this."""
    if clock.now() < board.meeting.starts_at:
        raise Conflict(_l("The hour of the first call has not come yet."))
    if board.quorum.is_met:
        raise Conflict(_l("There is quorum: open the session."))
    board.meeting.must_lead(MeetingStatus.NOT_HELD)


def _follow_on(
    session: Session, meeting: Meeting, starts_at: datetime, *, call: int, part: int
) -> Meeting:
    """Return a session under the same number, with the points that were not dealt with."""
    following = Meeting(
        council_id=meeting.council_id,
        number=meeting.number,
        call=call,
        part=part,
        kind=meeting.kind,
        place=meeting.place,
        starts_at=starts_at,
        status=MeetingStatus.CONVENED,
    )
    session.add(following)
    session.flush()
    session.execute(
        sa.update(AgendaItem)
        .where(
            col(AgendaItem.meeting_id) == meeting.id, col(AgendaItem.status) == ItemStatus.PENDING
        )
        .values(meeting_id=following.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return following


def take_up(session: Session, actor: Actor, meeting_id: UUID, item_id: UUID) -> Meeting:
    """Pass to a point of the agenda; the one before counts as dealt with."""
    meeting = _run(session, actor, meeting_id)
    if meeting.status is not MeetingStatus.IN_SESSION:
        raise Conflict(_l("The session is not open."))
    item = get_item(session, meeting, item_id)
    if item.status is ItemStatus.WITHDRAWN:
        raise NotFound
    _finish_current(session, meeting)
    _take_up(session, meeting, item.id)
    return _told(session, actor, meeting, "take_up")


def _take_up(session: Session, meeting: Meeting, item_id: UUID) -> None:
    item = session.get_one(AgendaItem, item_id)
    item.started_at = item.started_at or clock.now()
    meeting.current_item_id = item.id


def _finish_current(session: Session, meeting: Meeting) -> None:
    if meeting.current_item_id is not None:
        session.get_one(AgendaItem, meeting.current_item_id).status = ItemStatus.DISCUSSED


def note_item(
    session: Session, actor: Actor, meeting_id: UUID, item_id: UUID, *, notes: str
) -> AgendaItem:
    """Keep what was said on a point, for the acta."""
    meeting = _run(session, actor, meeting_id)
    if not meeting.is_going_on and meeting.status is not MeetingStatus.CLOSED:
        raise Conflict(_l("The acta is approved: it stays as it is."))
    item = get_item(session, meeting, item_id)
    item.notes, item.noted_at = notes, clock.now()
    _told(session, actor, meeting, "note")
    return item


def pause(session: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """Go into recess."""
    meeting = _run(session, actor, meeting_id)
    meeting.move(MeetingStatus.RECESS)
    return _told(session, actor, meeting, "pause")


def resume(session: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """Go on after a recess."""
    meeting = _run(session, actor, meeting_id)
    meeting.must_be(MeetingStatus.RECESS)
    meeting.move(MeetingStatus.IN_SESSION)
    return _told(session, actor, meeting, "resume")


def suspend(
    session: Session, actor: Actor, meeting_id: UUID, given: SuspendInput, *, open_hours: int
) -> Meeting:
    """Suspend for force majeure and call the continuation (TUO art. 99.3)."""
    meeting = _run(session, actor, meeting_id)
    if given.resumes_at <= clock.now():
        raise Invalid(Problem("hour", _l("This hour has passed.")))
    meeting.move(MeetingStatus.SUSPENDED)
    meeting.reason, meeting.resumes_at = given.reason, given.resumes_at
    _finish_current(session, meeting)
    _end(session, meeting, brief_days=0)
    session.flush()
    following = _follow_on(
        session, meeting, given.resumes_at, call=meeting.call, part=meeting.part + 1
    )
    _convened(session, following, open_hours)
    events.record(session, MeetingConvened(following.id, following.council_id))
    _told(session, actor, meeting, "suspend", given.reason)
    return _told(session, actor, following, "convene")


def close(session: Session, actor: Actor, meeting_id: UUID, *, brief_days: int) -> Meeting:
    """Close a session; points not reached are left for another, ended agreements are settled."""
    meeting = _run(session, actor, meeting_id)
    meeting.move(MeetingStatus.CLOSED)
    _finish_current(session, meeting)
    session.flush()
    session.execute(
        sa.update(AgendaItem)
        .where(
            col(AgendaItem.meeting_id) == meeting.id, col(AgendaItem.status) == ItemStatus.PENDING
        )
        .values(status=ItemStatus.POSTPONED)
        .execution_options(synchronize_session=False)
    )
    _settle(session, meeting)
    _end(session, meeting, brief_days=brief_days)
    events.record(session, MeetingClosed(meeting.id, meeting.council_id))
    return _told(session, actor, meeting, "close")


def _end(session: Session, meeting: Meeting, *, brief_days: int) -> None:
    """Note the end, how long briefs stay readable, and for the acta name, seats and trail's head.

    What the council is called later, and who comes to it or leaves, is another matter.
    """
    council = session.get_one(Council, meeting.council_id)
    own = rules.CouncilRules.model_validate(council.rules)
    meeting.council_name = council.name
    meeting.seat_ids = [str(seat.id) for seat in seats_of(session, meeting)]
    days = own.brief_days if own.brief_days is not None else brief_days
    meeting.closed_at = clock.now()
    meeting.readable_until = rules.readable_until(meeting.closed_at, days)
    meeting.current_item_id = None
    meeting.trail_size, head = audit.chain.head(session)
    meeting.trail_head = head[:HEAD_SIGNS]


def _settle(session: Session, meeting: Meeting) -> None:
    """Settle the agreements that this session followed up and that have come to their end."""
    followed = session.execute(
        sa.select(Agreement, Commitment)
        .join(AgendaItem, col(AgendaItem.agreement_id) == col(Agreement.id))
        .join(Commitment, col(Commitment.id) == col(Agreement.commitment_id), isouter=True)
        .where(
            col(AgendaItem.meeting_id) == meeting.id,
            col(AgendaItem.status) == ItemStatus.DISCUSSED,
        )
    )
    for agreement, commitment in followed:
        over = agreement.status is AgreementStatus.OBJECTED
        if over or (commitment is not None and commitment.status in ENDED):
            agreement.settled_in_id = meeting.id


def approve_minutes(session: Session, actor: Actor, meeting_id: UUID) -> Meeting:
    """Note that the acta was read and approved, at the end or at the next session (art. 102.3)."""
    meeting = _run(session, actor, meeting_id)
    meeting.move(MeetingStatus.APPROVED)
    meeting.approved_at = clock.now()
    return _told(session, actor, meeting, "approve")
