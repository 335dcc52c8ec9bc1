"""Who sees which case and which part of it, as SQL: the one rule of every list and address.

Deny wins; whoever may not see a record gets NotFound, the same as for one that is absent.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.queries import get_agency
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseParty,
    CaseStatus,
    Circle,
    Entry,
    EntryReader,
    Level,
)
from portal.cases.rules import Access
from portal.errors import Conflict, Forbidden, NotFound
from portal.people.models import Person
from portal.texts import _l

Condition = sa.ColumnElement[bool]


def is_current(party: Any = CaseParty) -> Condition:
    """Return the condition that an institution is on its case now."""
    now = clock.now()
    return sa.and_(
        party.since <= now,
        party.ended_at.is_(None),
        sa.or_(party.until.is_(None), party.until > now),
    )


def visible_cases(actor: Actor) -> Condition:
    """Return the condition under which `Case` rows are visible to the actor.

    Order of SECURITY 5.1: the acting agency is on the case in date, the role (a caseworker only
    what is assigned, a duty officer what is live during the shift), then who is barred. Deny wins.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None:
        return sa.false()
    party = sa.exists().where(
        col(CaseParty.case_id) == col(Case.id),
        col(CaseParty.agency_id) == actor.agency_id,
        is_current(),
    )
    return sa.and_(
        party, within_agency(actor, col(Case.id), col(Case.status)), not_barred(actor, col(Case.id))
    )


def within_agency(actor: Actor, case_id: Any, status: Any) -> Condition:
    """Return how the person's roles narrow the agency's cases."""
    if actor.has_role(Role.COORDINATOR):
        return sa.true()
    ways: list[Condition] = []
    if actor.has_role(Role.CASEWORKER, Role.DUTY_OFFICER):
        ways.append(
            sa.exists().where(
                col(CaseAssignment.case_id) == case_id,
                col(CaseAssignment.agency_id) == actor.agency_id,
                col(CaseAssignment.user_id) == actor.user_id,
                col(CaseAssignment.until).is_(None),
            )
        )
    if actor.has_role(Role.DUTY_OFFICER) and actor.on_duty:
        ways.append(status == CaseStatus.OPEN)
    return sa.or_(sa.false(), *ways)


def not_barred(actor: Actor, case_id: Any) -> Condition:
    """Return that the person is neither barred from the case nor abstaining."""
    return ~sa.exists().where(
        col(CaseBar.case_id) == case_id, col(CaseBar.user_id) == actor.user_id
    )


def visible_case_ids(actor: Actor) -> "sa.Select[UUID]":
    """Return the identifiers of the visible cases as SQL, for modules to join with."""
    return sa.select(col(Case.id)).where(visible_cases(actor))


def own_level(actor: Actor, case_id: Any) -> Any:
    """Return the acting agency's level on a case as a scalar subquery."""
    return (
        sa.select(col(CaseParty.level))
        .where(
            col(CaseParty.case_id) == case_id,
            col(CaseParty.agency_id) == actor.agency_id,
            is_current(),
        )
        .scalar_subquery()
    )


def readable_cases(actor: Actor) -> Condition:
    """Return where the actor reads identity and the team's pieces, as `Access.reads_all` says."""
    if actor.is_system:
        return sa.true()
    level = own_level(actor, col(Case.id))
    return sa.and_(
        visible_cases(actor),
        sa.or_(
            level == Level.LEAD, sa.and_(level == Level.TEAM, col(Case.status) == CaseStatus.OPEN)
        ),
    )


def visible_people(actor: Actor) -> Condition:
    """Return the condition under which `Person` rows are read in full, through a case."""
    return (
        sa.exists()
        .where(
            col(CaseChild.person_id) == col(Person.id),
            col(CaseChild.case_id) == col(Case.id),
            readable_cases(actor),
        )
        .correlate(Person)
    )


def visible_entries(actor: Actor) -> Condition:
    """Return the condition under which `Entry` rows stand in the actor's timeline.

    A sealed entry stands there for the team without its text: `opens` tells who reads that.
    """
    if actor.is_system:
        return sa.true()
    own = col(Entry.agency_id) == actor.agency_id
    of_entry = col(Case.id) == col(Entry.case_id)
    is_open = col(Case.status) == CaseStatus.OPEN
    whole = sa.exists().where(of_entry, readable_cases(actor)).correlate(Entry)
    part = sa.exists().where(of_entry, visible_cases(actor), is_open).correlate(Entry)
    seen = sa.exists().where(of_entry, visible_cases(actor)).correlate(Entry)
    return sa.or_(
        sa.and_(own, seen),
        sa.and_(col(Entry.circle) == Circle.PARTIES, sa.or_(part, whole)),
        sa.and_(col(Entry.circle).in_([Circle.TEAM, Circle.SEALED]), whole),
    )


def opens_sealed(actor: Actor) -> Condition:
    """Return the condition under which the actor reads a sealed entry's text: author or named."""
    named = sa.exists().where(
        col(EntryReader.entry_id) == col(Entry.id), col(EntryReader.user_id) == actor.user_id
    )
    return sa.or_(col(Entry.author_id) == actor.user_id, named)


def visible_terms(actor: Actor) -> Condition:
    """Return the condition under which `Term` rows, joined with their case, are visible."""
    return sa.or_(readable_cases(actor), supervised_cases(actor))


def supervised_cases(actor: Actor) -> Condition:
    """Return the condition under which the Defensoría supervises an open case, at any level.

    It then reads stage, running terms and how referrals and commitments stand, without names
    (Ley 26520 art. 9, 16).
    """
    if actor.agency_kind != AgencyKind.DEFENSORIA:
        return sa.false()
    return sa.and_(visible_cases(actor), col(Case.status) == CaseStatus.OPEN)


def find_case(session: Session, actor: Actor, code_or_id: str | UUID) -> Case | None:
    """Return a visible case by code or identifier, or None; not a read of it."""
    key = (
        col(Case.id) == code_or_id if isinstance(code_or_id, UUID) else col(Case.code) == code_or_id
    )
    return session.scalar(sa.select(Case).where(key, visible_cases(actor)))


def get_case(session: Session, actor: Actor, code_or_id: str | UUID) -> Case:
    """Return a visible case and note the read; raises NotFound, the same for absent and hidden."""
    case = find_case(session, actor, code_or_id)
    if case is None:
        raise NotFound
    audit.note_read(session, actor, "cases.case.read", case.id, case=case.id)
    return case


def access_to(session: Session, actor: Actor, case: Case) -> Access:
    """Return what the acting agency reads of a case; raises NotFound where it is not on it."""
    if actor.is_system:
        return Access(Level.LEAD, is_open=case.is_open, kind=None)
    level = session.scalar(
        sa.select(col(CaseParty.level)).where(
            col(CaseParty.case_id) == case.id,
            col(CaseParty.agency_id) == actor.agency_id,
            is_current(),
        )
    )
    if level is None:
        raise NotFound
    return access_at(actor, case, level)


def level_of(session: Session, actor: Actor, case_id: UUID) -> Level | None:
    """Return the acting agency's level on a visible case, or None."""
    case = find_case(session, actor, case_id)
    return access_to(session, actor, case).level if case else None


def access_at(actor: Actor, case: Case, level: Level) -> Access:
    """Return what an institution of a level reads of a case."""
    return Access(level, is_open=case.is_open, kind=actor.agency_kind)


def open_for(session: Session, actor: Actor, case_id: UUID, *levels: Level) -> Case:
    """Return an open case on which the acting agency works at one of these levels.

    Raises NotFound where the case is not visible, Forbidden naming who can, Conflict when closed.
    """
    case = get_case(session, actor, case_id)
    if access_to(session, actor, case).level not in levels:
        lead = get_agency(session, case.lead_agency_id)
        raise Forbidden(_l("Only the institution in charge can do this: %(name)s.", name=lead.name))
    if not case.is_open:
        raise Conflict(_l("This case is closed. Reopen it to go on working."))
    return case
