"""What is done with a commitment: proposed, accepted, objected to, done, postponed, verified."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from portal import audit, clock, events
from portal.actor import Actor, AgencyKind
from portal.agencies.queries import get_agency
from portal.cases.models import Case, EntryKind
from portal.cases.queries import list_children
from portal.cases.rules import WORKERS
from portal.cases.services import open_for
from portal.cases.timeline import log
from portal.commitments.events import (
    CommitmentAccepted,
    CommitmentDone,
    CommitmentNotMet,
    CommitmentObjected,
    CommitmentPostponed,
    CommitmentProposed,
    CommitmentVerified,
    CommitmentWithdrawn,
)
from portal.commitments.inputs import ProposeCommitment
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.commitments.queries import get_commitment
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.errors import Forbidden, Invalid, Problem
from portal.events import Event
from portal.texts import _l, msgid

# What a commitment is to the documents that hang on it.
PIECE = "commitment"


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
    agreed_on: date | None = None,
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
        agreed_on=agreed_on,
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


def propose_on_case(
    session: Session, actor: Actor, case_id: UUID, given: ProposeCommitment
) -> Commitment:
    """Write a commitment on a case: by hand, from a case conference or a recommendation.

    Raises as `open_for`; Invalid for an origin that is not theirs to state, a conference without
    its day, a child of another case, or where nobody but the agency that owes it would verify it.
    """
    case = open_for(session, actor, case_id, *WORKERS)
    if given.source not in sources_for(actor):
        raise Invalid(Problem("source", _l("Choose one from the list.")))
    agreed_on = given.agreed_on if given.source is Source.CONFERENCE else None
    if given.source is Source.CONFERENCE and agreed_on is None:
        raise Invalid(Problem("agreed_on", _l("Say on which day the case conference was.")))
    if agreed_on is not None and agreed_on > clock.today():
        raise Invalid(Problem("agreed_on", _l("This date lies in the future.")))
    children = {child.person_id for child in list_children(session, actor, case)}
    if given.person_id is not None and given.person_id not in children:
        raise Invalid(Problem("person_id", _l("Choose one from the list.")))
    if given.verifier_id is None and given.agency_id == actor.agency_id:
        raise Invalid(Problem("verifier_id", _l("Nobody verifies its own: choose who does.")))
    return propose(
        session,
        actor,
        agency_id=get_agency(session, given.agency_id).id,
        act=given.act,
        due_on=given.due_on,
        source=given.source,
        case_id=case.id,
        person_id=given.person_id,
        agreed_on=agreed_on,
        verifier_agency_id=given.verifier_id,
    )


def sources_for(actor: Actor) -> list[Source]:
    """Return which origins an agency may state; agreements come from their session."""
    recommends = [Source.RECOMMENDATION] if actor.agency_kind == AgencyKind.DEFENSORIA else []
    return [Source.MANUAL, Source.CONFERENCE, *recommends]


def _tell(
    session: Session, actor: Actor, commitment: Commitment, verb: str, title: str, why: str = ""
) -> None:
    audit.record(
        session,
        actor,
        f"commitments.commitment.{verb}",
        commitment.id,
        case=commitment.case_id,
        agency=str(commitment.agency_id),
        reason=why or None,
    )
    if commitment.case_id is not None:
        log(
            session,
            actor,
            session.get_one(Case, commitment.case_id),
            kind=EntryKind.COMMITMENT,
            title=title,
            facts={"agency": get_agency(session, commitment.agency_id).name},
            text=f"{commitment.act} · {why}" if why else commitment.act,
            person_id=commitment.person_id,
        )


def to_answer(
    session: Session, actor: Actor, commitment_id: UUID, status: CommitmentStatus
) -> Commitment:
    """Return a commitment in this state that the acting agency owes; each form asks this first."""
    commitment = get_commitment(session, actor, commitment_id)
    if commitment.agency_id != actor.agency_id:
        owner = get_agency(session, commitment.agency_id)
        raise Forbidden(_l("Only %(name)s can do this.", name=owner.name))
    commitment.must_be(status)
    return commitment


def _done(
    session: Session,
    actor: Actor,
    commitment: Commitment,
    verb: str,
    title: str,
    event: type[Event],
    why: str = "",
) -> Commitment:
    session.flush()
    _tell(session, actor, commitment, verb, title, why)
    events.record(session, event(commitment.id, commitment.agency_id, commitment.case_id))  # type: ignore[call-arg]
    return commitment


def accept(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    """Take a proposed commitment on, by the agency that will owe it."""
    commitment = to_answer(session, actor, commitment_id, CommitmentStatus.PROPOSED)
    commitment.accept(clock.now())
    title = msgid("%(agency)s accepted its commitment")
    return _done(session, actor, commitment, "accept", title, CommitmentAccepted)


def object_to(session: Session, actor: Actor, commitment_id: UUID, *, reason: str) -> Commitment:
    """Object to a proposed commitment, with a reason."""
    commitment = to_answer(session, actor, commitment_id, CommitmentStatus.PROPOSED)
    commitment.object_to(reason, clock.now())
    title = msgid("%(agency)s objected to its commitment")
    return _done(session, actor, commitment, "object", title, CommitmentObjected, why=reason)


def mark_done(
    session: Session,
    actor: Actor,
    commitment_id: UUID,
    *,
    words: str,
    document: str = "",
    dated: date | None = None,
    content: Content | None = None,
) -> Commitment:
    """Say that the act was done, with its evidence (sustento): words, and a file where there is.

    Who sees the commitment reads the file.
    """
    commitment = to_answer(session, actor, commitment_id, CommitmentStatus.ACCEPTED)
    commitment.finish(words, document, dated, clock.now())
    if content is not None:
        attach(
            session,
            actor,
            content,
            piece=PIECE,
            piece_id=commitment.id,
            case_id=commitment.case_id,
            person_id=commitment.person_id,
            title=(document or words)[:200],
        )
    title = msgid("%(agency)s fulfilled its commitment")
    return _done(session, actor, commitment, "done", title, CommitmentDone)


def postpone(
    session: Session, actor: Actor, commitment_id: UUID, *, due_on: date, reason: str
) -> Commitment:
    """Move the day with a reason; the first day and every move stay on record."""
    commitment = to_answer(session, actor, commitment_id, CommitmentStatus.ACCEPTED)
    if due_on <= commitment.due_on:
        raise Invalid(Problem("due_on", _l("Choose a later day.")))
    commitment.postpone(due_on, reason)
    title = msgid("%(agency)s postponed its commitment")
    return _done(session, actor, commitment, "postpone", title, CommitmentPostponed, why=reason)


def give_verdict(
    session: Session, actor: Actor, commitment_id: UUID, *, is_done: bool, words: str
) -> Commitment:
    """Find it done or not, by its verifier: never by the agency that owes it."""
    commitment = to_verify(session, actor, commitment_id)
    if is_done and commitment.status is not CommitmentStatus.DONE:
        raise Invalid(Problem("is_done", _l("The evidence was not given yet.")))
    if is_done:
        commitment.verify(words, clock.now())
        title = msgid("Verified: commitment of %(agency)s")
        return _done(session, actor, commitment, "verify", title, CommitmentVerified, why=words)
    commitment.find_not_met(words, clock.now())
    title = msgid("Not met: commitment of %(agency)s")
    return _done(session, actor, commitment, "not_met", title, CommitmentNotMet, why=words)


def withdraw(
    session: Session, actor: Actor, commitment_id: UUID, *, reason: str
) -> Commitment | None:
    """Take a commitment back because its origin changed; returns None where it was done already.

    By the institution that proposed it or leads its case: whoever calls has asked that.
    """
    commitment = get_commitment(session, actor, commitment_id)
    if commitment.status not in (CommitmentStatus.PROPOSED, CommitmentStatus.ACCEPTED):
        return None
    commitment.withdraw(reason, clock.now())
    title = msgid("Commitment of %(agency)s withdrawn")
    return _done(session, actor, commitment, "withdraw", title, CommitmentWithdrawn, why=reason)


def to_verify(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    """Return a commitment that the acting agency verifies; its form asks this first.

    Raises Forbidden, saying what to do instead, where another one does.
    """
    commitment = get_commitment(session, actor, commitment_id)
    verifier_id = commitment.verified_by
    if commitment.agency_id == actor.agency_id:
        if verifier_id is None:
            raise Forbidden(_l("Nobody verifies its own: any other institution of the case does."))
        name = get_agency(session, verifier_id).name
        raise Forbidden(
            _l(
                "Nobody verifies its own: give the evidence, %(name)s is told.",
                name=name,
            )
        )
    if verifier_id not in (None, actor.agency_id):
        name = get_agency(session, verifier_id).name
        raise Forbidden(_l("%(name)s verifies this commitment: ask there.", name=name))
    commitment.must_be(CommitmentStatus.ACCEPTED, CommitmentStatus.DONE)
    return commitment
