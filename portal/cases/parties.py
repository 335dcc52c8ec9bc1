"""Institutions on a case (parties): brought onto it, raised, ended."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.events import PartyAdded, PartyEnded
from portal.cases.models import Case, CaseChild, CaseParty, Circle, EntryKind, Level, Placement
from portal.cases.rules import WORKERS
from portal.cases.timeline import log
from portal.cases.visibility import access_to_act, open_for
from portal.errors import Conflict, NotFound
from portal.texts import _l, msgid


def put_party(
    session: Session,
    actor: Actor,
    case: Case,
    agency_id: UUID,
    level: Level,
    legal_basis: str,
    until: datetime | None = None,
) -> CaseParty:
    """Write a party row and nothing else; the caller rewrites the worklist and tells."""
    party = CaseParty(
        case_id=case.id,
        agency_id=agency_id,
        level=level,
        legal_basis=legal_basis,
        since=clock.now(),
        until=until,
        granted_by=actor.user_id,
    )
    session.add(party)
    session.flush()
    return party


def standing_party(session: Session, case: Case, agency_id: UUID) -> CaseParty | None:
    """Return an institution's row on a case; one whose time ran out is ended, and is none."""
    party = session.scalar(
        sa.select(CaseParty).where(
            col(CaseParty.case_id) == case.id,
            col(CaseParty.agency_id) == agency_id,
            col(CaseParty.ended_at).is_(None),
        )
    )
    if party is not None and party.until is not None and party.until <= clock.now():
        party.ended_at, party = party.until, None
        session.flush()
    return party


def add_party(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    agency_id: UUID,
    level: Level,
    legal_basis: str,
    until: datetime | None = None,
) -> CaseParty:
    """Bring an institution onto a case, or raise its level where it is there already.

    The lead decides; another institution brings someone in as `informed` at most, and the lead is
    told by the event. A level is never lowered here: that is `end_party`.
    """
    levels = WORKERS if level is Level.INFORMED else (Level.LEAD,)
    case = open_for(session, actor, case_id, *levels)
    if level is Level.LEAD:
        raise Conflict(_l("A case has one institution in charge; transfer it instead."))
    return admit_party(
        session, actor, case, agency_id=agency_id, level=level, legal_basis=legal_basis, until=until
    )


def admit_party(
    session: Session,
    actor: Actor,
    case: Case,
    *,
    agency_id: UUID,
    level: Level,
    legal_basis: str,
    until: datetime | None = None,
) -> CaseParty:
    """Write a party row whose lawfulness the caller has decided, such as an accepted referral."""
    party = standing_party(session, case, agency_id)
    if party is not None:
        if party.level is Level.LEAD or party.level is level:
            return party
        if level is Level.INFORMED:
            return party
        party.level, party.legal_basis, party.until = level, legal_basis, until
    else:
        party = put_party(session, actor, case, agency_id, level, legal_basis, until)
    worklist.rewrite(session, case)
    audit.record(
        session,
        actor,
        "cases.party.add",
        party.id,
        case=case.id,
        agency=str(agency_id),
        level=level.value,
    )
    log(
        session,
        actor,
        case,
        kind=EntryKind.PARTY,
        title=msgid("%(agency)s comes onto the case"),
        facts={"agency": get_agency(session, agency_id).name},
        circle=Circle.TEAM,
    )
    events.record(session, PartyAdded(case.id, agency_id, level.value))
    return party


def end_party(
    session: Session, actor: Actor, case_id: UUID, *, party_id: UUID, reason: str
) -> CaseParty:
    """End an institution's access, with a reason: by the lead, or by the institution itself.

    Raises Conflict for the lead, and for a place where a child of the case still is.
    """
    case, party = to_end_party(session, actor, case_id, party_id)
    party.ended_at = clock.now()
    worklist.rewrite(session, case)
    audit.record(
        session,
        actor,
        "cases.party.end",
        party.id,
        case=case.id,
        agency=str(party.agency_id),
        reason=reason,
    )
    log(
        session,
        actor,
        case,
        kind=EntryKind.PARTY,
        title=msgid("%(agency)s leaves the case"),
        facts={"agency": get_agency(session, party.agency_id).name},
        circle=Circle.TEAM,
    )
    events.record(session, PartyEnded(case.id, party.agency_id))
    return party


def to_end_party(
    session: Session, actor: Actor, case_id: UUID, party_id: UUID
) -> tuple[Case, CaseParty]:
    """Return an institution whose access the actor may end; its form asks this first."""
    case = open_for(session, actor, case_id, *Level)
    party = session.scalar(
        sa.select(CaseParty).where(
            col(CaseParty.id) == party_id,
            col(CaseParty.case_id) == case.id,
            col(CaseParty.ended_at).is_(None),
        )
    )
    leads = access_to_act(session, actor, case).leads
    if party is None or not (leads or party.agency_id == actor.agency_id):
        raise NotFound
    if party.level is Level.LEAD:
        raise Conflict(_l("The institution in charge leaves by transferring the case."))
    if cares_for_a_child(session, case.id, party.agency_id):
        raise Conflict(_l("A child of this case is in its care: the discharge comes first."))
    return case, party


def cares_for_a_child(session: Session, case_id: UUID, agency_id: UUID) -> bool:
    """Tell whether a child of the case is in an institution's care."""
    placed = sa.exists().where(
        col(CaseChild.case_id) == case_id,
        col(CaseChild.placed_by) == agency_id,
        col(CaseChild.placement) == Placement.IN_CARE,
    )
    return bool(session.scalar(sa.select(placed)))
