"""What a session agrees: who does what until when, taken on by the agency itself.

An accepted agreement is a commitment; until then it is the session's word alone.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.cases.models import Case, CaseParty, EntryKind
from portal.cases.queries import is_current
from portal.cases.timeline import log
from portal.commitments import services as commitments
from portal.commitments.models import Source
from portal.councils import rules
from portal.councils.board import Board, load_board
from portal.councils.events import AgreementAccepted, AgreementObjected, AgreementRecorded
from portal.councils.inputs import AgreementInput, VoteInput
from portal.councils.meetings import touch
from portal.councils.models import (
    AgendaItem,
    Agreement,
    AgreementStatus,
    How,
    ItemStatus,
    Meeting,
    MeetingStatus,
    Office,
    Sense,
    Vote,
)
from portal.councils.queries import get_agreement, get_item, get_meeting, runs, speaks_for
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, msgid


def record_agreement(
    session: Session, actor: Actor, meeting_id: UUID, item_id: UUID, given: AgreementInput
) -> Agreement:
    """Write an agreement on a point of an open session that has quorum.

    Raises Conflict without quorum (TUO art. 99), Invalid where votes do not carry it (art. 100).
    """
    meeting = get_meeting(session, actor, meeting_id)
    _must_run(session, actor, meeting)
    board = load_board(session, meeting)
    item = to_agree(session, board, item_id)
    _check(board, given)
    votes = _votes(board, item, given)
    agreement = Agreement(
        meeting_id=meeting.id,
        item_id=item.id,
        council_id=meeting.council_id,
        case_id=item.case_id,
        number=len(board.agreements) + 1,
        text=given.text,
        agency_id=given.agency_id,
        due_on=given.due_on,
        verifier_agency_id=given.verifier_agency_id,
        how=given.how,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        party_proposed=_is_outside(session, item, given.agency_id),
    )
    session.add(agreement)
    session.flush()
    for vote in votes:
        session.add(
            Vote(
                agreement_id=agreement.id,
                seat_id=vote.seat_id,
                sense=vote.sense,
                reason=vote.reason,
            )
        )
    _tell(session, actor, agreement, "record")
    events.record(session, AgreementRecorded(agreement.id, meeting.id, given.agency_id))
    return agreement


def to_agree(session: Session, board: Board, item_id: UUID) -> AgendaItem:
    """Return a point on which a session that is open and has quorum agrees; its forms ask this."""
    if board.meeting.status is not MeetingStatus.IN_SESSION:
        raise Conflict(_l("Agreements are made while the session is open."))
    item = get_item(session, board.meeting, item_id)
    if item.status is ItemStatus.WITHDRAWN:
        raise NotFound
    if not board.quorum.is_met:
        raise Conflict(_l("There is no quorum now: nothing can be agreed until it is back."))
    return item


def _must_run(session: Session, actor: Actor, meeting: Meeting) -> None:
    if not runs(session, actor, meeting.council_id):
        raise Forbidden(_l("The chair or the technical secretariat of the council does this."))


def _check(board: Board, given: AgreementInput) -> None:
    seated = {seat.agency_id for seat in board.seats}
    if given.agency_id not in seated:
        raise Invalid(Problem("agency_id", _l("Choose an institution that has a seat.")))
    if given.verifier_agency_id is not None and given.verifier_agency_id not in seated:
        raise Invalid(Problem("verifier_agency_id", _l("Choose an institution that has a seat.")))
    if given.verifier_agency_id == given.agency_id:
        raise Invalid(Problem("verifier_agency_id", _l("Somebody else verifies it.")))


def _votes(board: Board, item: AgendaItem, given: AgreementInput) -> list[VoteInput]:
    """Return the votes of the seats present: one each, a majority for, the chair breaking ties."""
    if given.how is How.CONSENSUS:
        return []
    here = {seat.id: seat for seat in board.seats if board.present(seat.id)}
    votes = {vote.seat_id: vote for vote in given.votes if vote.seat_id in here}
    if set(votes) != set(here):
        raise Invalid(Problem("votes", _l("Note the vote of every seat that is present.")))
    if any(each.sense is Sense.ABSTAINED and not each.reason for each in votes.values()):
        raise Invalid(Problem("votes", _l("An abstention states its reason (TUO, art. 101).")))
    chair = next((votes[i].sense for i, s in here.items() if s.office is Office.CHAIR), None)
    if not rules.carries([vote.sense for vote in votes.values()], chair=chair):
        raise Invalid(Problem("votes", _l("The votes do not carry it (TUO, art. 100).")))
    if item.off_agenda and any(vote.sense is not Sense.FOR for vote in votes.values()):
        raise Invalid(
            Problem("votes", _l("Outside the agenda it must be unanimous (TUO, art. 98.4)."))
        )
    return list(votes.values())


def _is_outside(session: Session, item: AgendaItem, agency_id: UUID) -> bool:
    """Tell whether the responsible agency is not on the point's case: its lead is asked then."""
    if item.case_id is None:
        return False
    on_it = sa.exists().where(
        col(CaseParty.case_id) == item.case_id,
        col(CaseParty.agency_id) == agency_id,
        is_current(),
    )
    return not session.scalar(sa.select(on_it))


def _tell(
    session: Session, actor: Actor, agreement: Agreement, verb: str, reason: str = ""
) -> None:
    touch(session, agreement.meeting_id)
    audit.record(
        session,
        actor,
        f"councils.agreement.{verb}",
        agreement.id,
        case=agreement.case_id,
        reason=reason or None,
        meeting=str(agreement.meeting_id),
        agency=str(agreement.agency_id),
    )


def correct_agreement(
    session: Session, actor: Actor, agreement_id: UUID, given: AgreementInput
) -> Agreement:
    """Correct an agreement that nobody took on yet; an objected one is proposed anew."""
    agreement, meeting = to_change(session, actor, agreement_id)
    board = load_board(session, meeting)
    _check(board, given)
    agreement.text, agreement.due_on = given.text, given.due_on
    agreement.agency_id, agreement.verifier_agency_id = given.agency_id, given.verifier_agency_id
    agreement.status, agreement.objection = AgreementStatus.PROPOSED, ""
    agreement.answered_at = agreement.answered_by = None
    item = session.get_one(AgendaItem, agreement.item_id)
    agreement.party_proposed = _is_outside(session, item, given.agency_id)
    session.flush()
    _tell(session, actor, agreement, "correct")
    events.record(session, AgreementRecorded(agreement.id, meeting.id, given.agency_id))
    return agreement


def to_change(session: Session, actor: Actor, agreement_id: UUID) -> tuple[Agreement, Meeting]:
    """Return an agreement that whoever conducts may still change; each form asks this first."""
    agreement = get_agreement(session, actor, agreement_id)
    meeting = session.get_one(Meeting, agreement.meeting_id)
    _must_run(session, actor, meeting)
    if not agreement.can_change or not meeting.is_going_on:
        raise Conflict(_l("It was taken on, or its session has ended: it stays as it is."))
    return agreement, meeting


def withdraw_agreement(
    session: Session, actor: Actor, agreement_id: UUID, *, reason: str
) -> Agreement:
    """Take an agreement back while the session lasts; it stays in the acta, struck."""
    agreement, _meeting = to_change(session, actor, agreement_id)
    agreement.status, agreement.withdrawn_reason = AgreementStatus.WITHDRAWN, reason
    session.flush()
    _tell(session, actor, agreement, "withdraw", reason)
    return agreement


def to_answer(session: Session, actor: Actor, agreement_id: UUID) -> Agreement:
    """Return an agreement that waits for the actor's answer; its forms ask this first."""
    agreement = get_agreement(session, actor, agreement_id)
    if agreement.agency_id != actor.agency_id:
        raise Forbidden(_l("The responsible institution answers for it."))
    if not speaks_for(session, actor, agreement.council_id):
        raise Forbidden(_l("Who sits for your institution, or its coordination, answers for it."))
    agreement.must_wait()
    return agreement


def accept_agreement(session: Session, actor: Actor, agreement_id: UUID) -> Agreement:
    """Take an agreement on, by the responsible agency: from here on it is its commitment."""
    agreement = to_answer(session, actor, agreement_id)
    agreement.answer(AgreementStatus.ACCEPTED, at=clock.now(), by=actor.user_id)
    commitment = commitments.propose(
        session,
        actor,
        agency_id=agreement.agency_id,
        act=agreement.text,
        due_on=max(agreement.due_on, clock.today()),
        source=Source.AGREEMENT,
        case_id=agreement.case_id,
        source_id=agreement.id,
        verifier_agency_id=agreement.verifier_agency_id,
        accepted=True,
    )
    agreement.commitment_id = commitment.id
    session.flush()
    if agreement.case_id is not None:
        meeting = session.get_one(Meeting, agreement.meeting_id)
        log(
            session,
            actor,
            session.get_one(Case, agreement.case_id),
            kind=EntryKind.COUNCIL,
            title=msgid("Agreed in session %(number)s of the council"),
            facts={"number": str(meeting.number)},
            text=agreement.text,
        )
    _tell(session, actor, agreement, "accept")
    events.record(session, AgreementAccepted(agreement.id, agreement.meeting_id, commitment.id))
    return agreement


def object_to_agreement(
    session: Session, actor: Actor, agreement_id: UUID, *, reason: str
) -> Agreement:
    """Object to an agreement, by the responsible agency, with a reason that the session reads."""
    agreement = to_answer(session, actor, agreement_id)
    agreement.answer(AgreementStatus.OBJECTED, at=clock.now(), by=actor.user_id)
    agreement.objection = reason
    session.flush()
    _tell(session, actor, agreement, "object", reason)
    events.record(
        session, AgreementObjected(agreement.id, agreement.meeting_id, agreement.agency_id)
    )
    return agreement
