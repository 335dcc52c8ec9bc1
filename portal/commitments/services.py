"""What is done with a commitment: proposed, accepted, objected to, done, postponed, verified."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases.models import Case, EntryKind
from portal.cases.timeline import log
from portal.commitments.events import (
    CommitmentAccepted,
    CommitmentDone,
    CommitmentNotMet,
    CommitmentObjected,
    CommitmentPostponed,
    CommitmentProposed,
    CommitmentVerified,
)
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.commitments.queries import get_commitment
from portal.errors import Forbidden, Invalid, Problem
from portal.events import Event
from portal.texts import _l, msgid


def propose(
    session: Session,
    actor: Actor,
    *,
    agency_id: UUID,
    act: str,
    due_on: date,
    source: Source,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
    source_id: UUID | None = None,
    verifier_agency_id: UUID | None = None,
    accepted: bool = False,
) -> Commitment:
    """Write a commitment that the caller may propose.

    One from a recommendation is owed by the law itself (Ley 26520 art. 26) and one from an accepted
    agreement was accepted there: these begin accepted. Raises Invalid where the verifier is the one
    that owes it, or the day has passed.
    """
    if verifier_agency_id == agency_id:
        raise Invalid(Problem("verifier_id", _l("Somebody else verifies it.")))
    if due_on < clock.today():
        raise Invalid(Problem("due_on", _l("This day has passed.")))
    accepted = accepted or source is Source.RECOMMENDATION
    now = clock.now()
    commitment = Commitment(
        agency_id=agency_id,
        verifier_id=verifier_agency_id,
        proposer_id=actor.agency_id,
        case_id=case_id,
        person_id=person_id,
        source=source,
        source_id=source_id,
        act=act,
        status=CommitmentStatus.ACCEPTED if accepted else CommitmentStatus.PROPOSED,
        first_due_on=due_on,
        due_on=due_on,
        created_at=now,
        accepted_at=now if accepted else None,
    )
    session.add(commitment)
    session.flush()
    _tell(session, actor, commitment, "propose", msgid("Commitment of %(agency)s"))
    events.record(session, CommitmentProposed(commitment.id, agency_id, case_id))
    return commitment


def _tell(session: Session, actor: Actor, commitment: Commitment, verb: str, title: str) -> None:
    audit.record(
        session,
        actor,
        f"commitments.commitment.{verb}",
        commitment.id,
        case=commitment.case_id,
        agency=str(commitment.agency_id),
    )
    if commitment.case_id is not None:
        log(
            session,
            actor,
            session.get_one(Case, commitment.case_id),
            kind=EntryKind.COMMITMENT,
            title=title,
            facts={"agency": get_agency(session, commitment.agency_id).name},
            text=commitment.act,
        )


def _owed(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    commitment = get_commitment(session, actor, commitment_id)
    if commitment.agency_id != actor.agency_id:
        owner = get_agency(session, commitment.agency_id)
        raise Forbidden(_l("Only %(name)s can do this.", name=owner.name))
    return commitment


def _done(
    session: Session,
    actor: Actor,
    commitment: Commitment,
    verb: str,
    title: str,
    event: type[Event],
) -> Commitment:
    session.flush()
    _tell(session, actor, commitment, verb, title)
    events.record(session, event(commitment.id, commitment.agency_id, commitment.case_id))  # type: ignore[call-arg]
    return commitment


def accept(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    """Take a proposed commitment on, by the agency that will owe it."""
    commitment = _owed(session, actor, commitment_id)
    commitment.accept(clock.now())
    title = msgid("%(agency)s accepted its commitment")
    return _done(session, actor, commitment, "accept", title, CommitmentAccepted)


def object_to(session: Session, actor: Actor, commitment_id: UUID, *, reason: str) -> Commitment:
    """Object to a proposed commitment, with a reason."""
    commitment = _owed(session, actor, commitment_id)
    commitment.object_to(reason, clock.now())
    title = msgid("%(agency)s objected to its commitment")
    return _done(session, actor, commitment, "object", title, CommitmentObjected)


def mark_done(
    session: Session,
    actor: Actor,
    commitment_id: UUID,
    *,
    words: str,
    document: str = "",
    dated: date | None = None,
) -> Commitment:
    """Say that the act was done, with its evidence (sustento)."""
    commitment = _owed(session, actor, commitment_id)
    if dated is not None and dated > clock.today():
        raise Invalid(Problem("dated", _l("This date lies in the future.")))
    commitment.finish(words, document, dated, clock.now())
    title = msgid("%(agency)s fulfilled its commitment")
    return _done(session, actor, commitment, "done", title, CommitmentDone)


def postpone(
    session: Session, actor: Actor, commitment_id: UUID, *, due_on: date, reason: str
) -> Commitment:
    """Move the day with a reason; the first day stays on record."""
    commitment = _owed(session, actor, commitment_id)
    if due_on <= commitment.due_on:
        raise Invalid(Problem("due_on", _l("Choose a later day.")))
    commitment.postpone(due_on, reason)
    title = msgid("%(agency)s postponed its commitment")
    return _done(session, actor, commitment, "postpone", title, CommitmentPostponed)


def give_verdict(
    session: Session, actor: Actor, commitment_id: UUID, *, is_done: bool, words: str
) -> Commitment:
    """Find it done or not, by its verifier: never by the agency that owes it."""
    commitment = get_commitment(session, actor, commitment_id)
    verifier = commitment.verifier_id or commitment.proposer_id
    if verifier != actor.agency_id or commitment.agency_id == actor.agency_id:
        raise Forbidden(_l("Another institution verifies this commitment."))
    if is_done:
        commitment.verify(words, clock.now())
        title = msgid("Verified: commitment of %(agency)s")
        return _done(session, actor, commitment, "verify", title, CommitmentVerified)
    commitment.find_not_met(words, clock.now())
    title = msgid("Not met: commitment of %(agency)s")
    return _done(session, actor, commitment, "not_met", title, CommitmentNotMet)
