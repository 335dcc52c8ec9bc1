"""What a council may know of a case: a brief, written for it, that names nobody.

Read by the members who attend, from some hours before the session until some days after its
closing, then by the institutions of the case only. Sealed under the key of the case.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.cases.models import Case, CaseChild, EntryKind
from portal.cases.queries import access_to_act, case_to_act, find_case, visible_cases
from portal.cases.rules import WORKERS
from portal.cases.timeline import log
from portal.councils.events import BriefApproved, BriefRequested
from portal.councils.inputs import BriefInput
from portal.councils.models import (
    BEFORE,
    AgendaItem,
    Attendance,
    BriefStatus,
    CaseBrief,
    ItemKind,
    ItemStatus,
    Meeting,
    Seat,
    SeatPerson,
)
from portal.councils.rules import BriefBody, next_letter, words_found
from portal.db import rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.people.models import Person
from portal.texts import _l, msgid

TABLE = "portal_meeting_brief"


@dataclass(frozen=True, slots=True)
class BriefView:
    """A brief as those who may read it see it; `code` where they are on the case."""

    body: BriefBody
    asks: str
    approved_at: datetime | None
    approved_agency_id: UUID | None
    readable_until: datetime | None
    code: str


def put_case(
    session: Session, actor: Actor, meeting: Meeting, case: Case, *, beside: str
) -> CaseBrief:
    """Put a case on an agenda as "Caso A" and ask its lead for a brief.

    Raises Conflict where the session has begun, Invalid beside a field where it has the case.
    """
    must_take_cases(meeting)
    taken = rows(
        session,
        sa.select(col(AgendaItem.letter), col(AgendaItem.case_id), col(AgendaItem.status)).where(
            col(AgendaItem.meeting_id) == meeting.id
        ),
    )
    if any(row[1] == case.id and row[2] is not ItemStatus.WITHDRAWN for row in taken):
        raise Invalid(Problem(beside, _l("This case is on the agenda already.")))
    item = AgendaItem(
        meeting_id=meeting.id,
        kind=ItemKind.CASE,
        position=len(taken),
        letter=next_letter(row[0] for row in taken),
        case_id=case.id,
    )
    session.add(item)
    session.flush()
    brief = CaseBrief(
        item_id=item.id,
        case_id=case.id,
        requested_by=actor.user_id,
        requested_agency_id=actor.agency_id,
        requested_at=clock.now(),
    )
    session.add(brief)
    session.flush()
    audit.record(session, actor, "councils.brief.request", item.id, case=case.id)
    events.record(session, BriefRequested(item.id, case.id, case.lead_agency_id))
    return brief


def must_take_cases(meeting: Meeting) -> None:
    """Raise Conflict where a session has begun; the form that asks for a case asks this first."""
    if meeting.status not in BEFORE:
        raise Conflict(_l("The session has begun: cases enter before it."))


def request_brief(session: Session, actor: Actor, meeting: Meeting, code: str) -> CaseBrief:
    """Ask the lead of a case that the asker sees for a brief; raises Invalid for any other."""
    case = find_case(session, actor, code)
    if case is None or not case.is_open:
        raise Invalid(
            Problem("code", _l("You have no open case with this code. Its lead may propose it."))
        )
    return put_case(session, actor, meeting, case, beside="code")


def propose_case(session: Session, actor: Actor, meeting: Meeting, code: str) -> CaseBrief:
    """Take a case to a session, by an institution that works on it."""
    case, _access = case_to_act(session, actor, code, *WORKERS)
    return put_case(session, actor, meeting, case, beside="meeting_id")


def get_brief(session: Session, actor: Actor, item_id: UUID) -> tuple[CaseBrief, Case, Meeting]:
    """Return a brief with its case and session, for the people of the case; raises NotFound."""
    found = session.execute(
        sa.select(CaseBrief, Case, Meeting)
        .join(Case, col(Case.id) == col(CaseBrief.case_id))
        .join(AgendaItem, col(AgendaItem.id) == col(CaseBrief.item_id))
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(col(CaseBrief.item_id) == item_id, visible_cases(actor))
    ).first()
    if found is None:
        raise NotFound
    brief, case, meeting = found
    audit.note_read(session, actor, "councils.brief.read", brief.id, case=case.id)
    return brief, case, meeting


def names_in(session: Session, case: Case, given: BriefInput) -> list[str]:
    """Return the words of a brief that are also names of the case's children."""
    people = rows(
        session,
        sa.select(col(Person.given_names), col(Person.first_surname), col(Person.second_surname))
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .where(col(CaseChild.case_id) == case.id),
    )
    body = given.body()
    written = " ".join([given.text, given.asks, *(text for _name, text in body.details())])
    return words_found(written, [name for row in people for name in row if name])


def write_brief(session: Session, actor: Actor, item_id: UUID, given: BriefInput) -> CaseBrief:
    """Write or rewrite a brief, by the lead; a coordinator approves it afterwards.

    Raises Invalid once where a word may be a child's name, until the writer says that it is not.
    """
    brief, case, _meeting = to_write(session, actor, item_id)
    found = names_in(session, case, given)
    if found and not given.names_checked:
        raise Invalid(
            Problem(
                "names_checked",
                _l("May this be a name? %(words)s. A brief names nobody.", words=", ".join(found)),
            )
        )
    brief.body_sealed = seal(
        session, case.id, TABLE, "body_sealed", brief.id, given.body().model_dump_json()
    )
    brief.asks = given.asks
    brief.status = BriefStatus.WRITTEN
    brief.written_by, brief.written_at = actor.user_id, clock.now()
    brief.approved_at = brief.approved_by = brief.approved_agency_id = None
    session.flush()
    audit.record(session, actor, "councils.brief.write", brief.id, case=case.id)
    return brief


def to_write(session: Session, actor: Actor, item_id: UUID) -> tuple[CaseBrief, Case, Meeting]:
    """Return a brief that the actor's agency answers for, of a session that is still to come.

    Each form about it asks this first.
    """
    brief, case, meeting = get_brief(session, actor, item_id)
    if not access_to_act(session, actor, case).leads:
        raise Forbidden(_l("Only the institution in charge of the case writes its brief."))
    if meeting.status not in BEFORE:
        raise Conflict(_l("The session has begun: its brief stays as it is."))
    return brief, case, meeting


def approve_brief(session: Session, actor: Actor, item_id: UUID) -> CaseBrief:
    """Release a brief to its session, by a coordinator of the lead."""
    brief, case, meeting = to_write(session, actor, item_id)
    brief.approve(at=clock.now(), by=actor.user_id, agency_id=actor.agency_id)
    session.flush()
    audit.record(session, actor, "councils.brief.approve", brief.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.COUNCIL,
        title=msgid("Brief approved for session %(number)s of the council"),
        facts={"number": str(meeting.number)},
    )
    events.record(session, BriefApproved(item_id, case.id))
    return brief


def decline_brief(session: Session, actor: Actor, item_id: UUID, *, reason: str) -> CaseBrief:
    """Keep a case out of a session, with a reason; the point leaves the agenda."""
    brief, case, _meeting = to_write(session, actor, item_id)
    brief.status, brief.declined_reason = BriefStatus.DECLINED, reason
    session.get_one(AgendaItem, item_id).status = ItemStatus.WITHDRAWN
    session.flush()
    audit.record(session, actor, "councils.brief.decline", brief.id, case=case.id, reason=reason)
    return brief


def body_of(session: Session, brief: CaseBrief) -> BriefBody:
    """Return the text of a brief; the caller has asked whether it may be read."""
    if brief.body_sealed is None:
        return BriefBody()
    text = unseal(session, brief.case_id, TABLE, "body_sealed", brief.id, brief.body_sealed)
    return BriefBody.model_validate_json(text)


def read_brief(session: Session, actor: Actor, meeting: Meeting, item_id: UUID) -> BriefView | None:
    """Return the approved brief of a point where the actor may read it now, and note the read."""
    brief = session.scalar(
        sa.select(CaseBrief).where(
            col(CaseBrief.item_id) == item_id, col(CaseBrief.status) == BriefStatus.APPROVED
        )
    )
    if brief is None:
        return None
    case = find_case(session, actor, brief.case_id)
    if case is None and not _attends(session, actor, meeting):
        return None
    audit.note_read(session, actor, "councils.brief.read", brief.id, case=brief.case_id)
    return BriefView(
        body=body_of(session, brief),
        asks=brief.asks,
        approved_at=brief.approved_at,
        approved_agency_id=brief.approved_agency_id,
        readable_until=meeting.readable_until,
        code=case.code if case else "",
    )


def _attends(session: Session, actor: Actor, meeting: Meeting) -> bool:
    """Tell whether the actor reads the briefs as a member: named to a seat, within the window.

    Before the opening every person named may prepare; from then on the seats that came.
    """
    now = clock.now()
    if meeting.opens_at is None or now < meeting.opens_at:
        return False
    if meeting.readable_until is not None and now >= meeting.readable_until:
        return False
    named = sa.exists().where(
        col(SeatPerson.seat_id) == col(Seat.id),
        col(SeatPerson.user_id) == actor.user_id,
        col(SeatPerson.until).is_(None),
    )
    statement = sa.select(col(Seat.id)).where(
        col(Seat.council_id) == meeting.council_id, col(Seat.agency_id) == actor.agency_id, named
    )
    if meeting.opened_at is not None:
        statement = statement.where(
            sa.exists().where(
                col(Attendance.meeting_id) == meeting.id,
                col(Attendance.seat_id) == col(Seat.id),
                col(Attendance.arrived_at).is_not(None),
            )
        )
    elif meeting.status not in BEFORE:
        return False
    return session.scalar(statement.limit(1)) is not None
