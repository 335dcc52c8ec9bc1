"""The institution in charge of a case: its file number, and the passing of a case to another."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.events import LeadChanged
from portal.cases.models import Case, Circle, EntryKind, Level, Term, TermStatus
from portal.cases.parties import cares_for_a_child, put_party, standing_party
from portal.cases.terms import hand_over_term
from portal.cases.timeline import log
from portal.texts import msgid


def next_serial(session: Session, agency_id: UUID, year: int) -> int:
    """Return the next file number of an institution for a year."""
    last = session.scalar(
        sa.select(sa.func.max(col(Case.serial))).where(
            col(Case.lead_agency_id) == agency_id, col(Case.serial_year) == year
        )
    )
    return (last or 0) + 1


def change_lead(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    agency_id: UUID,
    legal_basis: str,
    transfer_id: UUID,
) -> None:
    """Put another institution in charge of an open case, by a transfer that it accepted.

    Whoever was in charge stays on the case as a collaborator with what it wrote (DL 1297 art. 108),
    and intervenes on where a child of it is in its care. The terms that it owed pass to the new
    one, which gives the case a file number of its own.
    """
    former_id, year = case.lead_agency_id, clock.local(clock.now()).year
    _demote(session, case, former_id, legal_basis)
    _promote(session, actor, case, agency_id, legal_basis)
    case.serial, case.serial_year = next_serial(session, agency_id, year), year
    case.lead_agency_id = agency_id
    session.flush()
    for term in _owed_by(session, case, former_id):
        hand_over_term(session, term, agency_id)
    worklist.rewrite(session, case)
    audit.record(
        session,
        actor,
        "cases.lead.change",
        case.id,
        case=case.id,
        agency=str(agency_id),
        former=str(former_id),
    )
    log(
        session,
        actor,
        case,
        kind=EntryKind.PARTY,
        title=msgid("%(agency)s is in charge from now on"),
        facts={"agency": get_agency(session, agency_id).name},
        circle=Circle.PARTIES,
    )
    events.record(session, LeadChanged(transfer_id, case.id, former_id, agency_id))


def _demote(session: Session, case: Case, agency_id: UUID, legal_basis: str) -> None:
    party = standing_party(session, case, agency_id)
    if party is not None:
        cares = cares_for_a_child(session, case.id, agency_id)
        party.level = Level.TEAM if cares else Level.INFORMED
        party.legal_basis = legal_basis
    session.flush()


def _promote(session: Session, actor: Actor, case: Case, agency_id: UUID, legal_basis: str) -> None:
    party = standing_party(session, case, agency_id)
    if party is None:
        put_party(session, actor, case, agency_id, Level.LEAD, legal_basis)
        return
    party.level, party.legal_basis, party.until = Level.LEAD, legal_basis, None
    session.flush()


def _owed_by(session: Session, case: Case, agency_id: UUID) -> list[Term]:
    """Return the running terms of an institution, but those of a child who stays in its care."""
    cares = cares_for_a_child(session, case.id, agency_id)
    running = session.scalars(
        sa.select(Term).where(
            col(Term.case_id) == case.id,
            col(Term.agency_id) == agency_id,
            col(Term.status) == TermStatus.RUNNING,
        )
    )
    return [term for term in running if not (cares and term.person_id is not None)]
