"""Who sees which case and which part of it, as SQL: the one rule of every list and address.

Deny wins; whoever may not see a record gets NotFound, the same as for one that is absent.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.queries import get_agency
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseGrant,
    CaseParty,
    CaseStatus,
    Circle,
    Entry,
    EntryReader,
    Level,
)
from portal.cases.rules import Access, Basis
from portal.db import NOW, AnyColumns, WritingSession, acting, given, once, rows
from portal.errors import Conflict, Forbidden, NotFound
from portal.people.models import Person
from portal.texts import _l

Condition = sa.ColumnElement[bool]


def is_current(party: Any = CaseParty) -> Condition:
    """Return the condition that an institution is on its case now."""
    return sa.and_(
        party.since <= NOW,
        party.ended_at.is_(None),
        sa.or_(party.until.is_(None), party.until > NOW),
    )


def current_parties(session: Session, case_id: UUID) -> list[UUID]:
    """Return the institutions that are on a case now, for whoever tells them."""
    on_it = sa.select(col(CaseParty.agency_id)).where(
        col(CaseParty.case_id) == case_id, is_current()
    )
    return list(session.scalars(on_it))


def visible_cases(actor: Actor) -> Condition:
    """Return the condition under which `Case` rows are visible to the actor.

    Order of SECURITY 5.1: the acting agency is on the case in date, the role (a caseworker only
    what is assigned, a duty officer what is live during the shift), or emergency access that runs;
    then who is barred. Deny wins.
    """
    return sa.and_(
        sa.or_(_through_agency(actor), in_emergency(actor, col(Case.id))),
        not_barred(actor, col(Case.id)),
    )


def own_cases(actor: Actor) -> Condition:
    """Return where the actor sees a case through the acting agency, whatever emergency access runs.

    Only there anything is written, modules show their part, and sealed pieces are known of.
    """
    return sa.and_(_through_agency(actor), not_barred(actor, col(Case.id)))


def _through_agency(actor: Actor, *levels: Condition) -> Condition:
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None:
        return sa.false()
    party = sa.exists().where(
        col(CaseParty.case_id) == col(Case.id),
        col(CaseParty.agency_id) == actor.agency_id,
        is_current(),
        *levels,
    )
    return sa.and_(party, within_agency(actor, col(Case.id), col(Case.status)))


def may_hold_emergency(actor: Actor) -> bool:
    """Tell whether the roles held now let emergency access act at all."""
    return actor.has_role(Role.COORDINATOR, Role.DUTY_OFFICER)


def in_emergency(actor: Actor, case_id: Any) -> Condition:
    """Return that emergency access of the person to a case runs now, for the acting agency."""
    if not may_hold_emergency(actor):
        return sa.false()
    return sa.exists().where(
        col(CaseGrant.user_id) == actor.user_id,
        col(CaseGrant.case_id) == case_id,
        col(CaseGrant.agency_id) == actor.agency_id,
        runs(),
    )


def runs() -> Condition:
    """Return the condition that an emergency access runs now: to its minute, and no longer."""
    return sa.and_(
        col(CaseGrant.opened_at) <= NOW,
        col(CaseGrant.until) > NOW,
        col(CaseGrant.ended_at).is_(None),
    )


def within_agency(actor: Actor, case_id: Any, status: Any) -> Condition:
    """Return how the person's roles narrow the agency's cases; a staff session looks at all."""
    if actor.has_role(Role.COORDINATOR) or actor.staff_session_id is not None:
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
    if actor.is_system:
        return sa.true()
    return ~sa.exists().where(
        col(CaseBar.case_id) == case_id,
        col(CaseBar.user_id) == actor.user_id,
        col(CaseBar.lifted_at).is_(None),
    )


def visible_case_ids(actor: Actor) -> "sa.Select[UUID]":
    """Return the identifiers of the cases seen through the acting agency, for modules to join with.

    Emergency access stops before the modules: it opens no place of care and no procedure.
    """
    return sa.select(col(Case.id)).where(own_cases(actor))


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
    emergency = sa.and_(in_emergency(actor, col(Case.id)), col(Case.status) == CaseStatus.OPEN)
    return sa.and_(sa.or_(_read_through_agency(actor), emergency), not_barred(actor, col(Case.id)))


def own_readable_cases(actor: Actor) -> Condition:
    """Return where the actor reads the whole case through the acting agency, in no emergency."""
    return sa.and_(_read_through_agency(actor), not_barred(actor, col(Case.id)))


def _read_through_agency(actor: Actor) -> Condition:
    return _through_agency(actor, _reads_whole())


def _reads_whole() -> Condition:
    """Return at which level a party reads the whole case: in charge, or intervening while open."""
    return sa.or_(
        col(CaseParty.level) == Level.LEAD,
        sa.and_(col(CaseParty.level) == Level.TEAM, col(Case.status) == CaseStatus.OPEN),
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

    A sealed entry stands there for the team without its text: `opens_sealed` tells who reads that.
    Emergency access and a staff session do not know of it.
    """
    if actor.is_system:
        return sa.true()

    def where(*conditions: Condition) -> Condition:
        return sa.exists().where(col(Case.id) == col(Entry.case_id), *conditions).correlate(Entry)

    is_open = col(Case.status) == CaseStatus.OPEN
    parts = sa.or_(sa.and_(visible_cases(actor), is_open), readable_cases(actor))
    ways = [
        sa.and_(col(Entry.agency_id) == actor.agency_id, where(own_cases(actor))),
        sa.and_(col(Entry.circle) == Circle.PARTIES, where(parts)),
        sa.and_(col(Entry.circle) == Circle.TEAM, where(readable_cases(actor))),
    ]
    if actor.staff_session_id is not None:
        return sa.and_(sa.or_(*ways), col(Entry.circle) != Circle.SEALED)
    sealed = where(own_readable_cases(actor))
    return sa.or_(*ways, sa.and_(col(Entry.circle) == Circle.SEALED, sealed))


def own_entries(actor: Actor) -> Condition:
    """Return which entries the actor sees through the acting agency, whatever emergency runs.

    For what hangs on an entry and may tell more than its text: where a child in care is. A staff
    session has none.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    is_open = col(Case.status) == CaseStatus.OPEN
    whole = sa.exists().where(
        col(CaseParty.case_id) == col(Case.id),
        col(CaseParty.agency_id) == actor.agency_id,
        is_current(),
        _reads_whole(),
    )
    ways = (
        col(Entry.agency_id) == actor.agency_id,
        sa.and_(col(Entry.circle) == Circle.PARTIES, is_open),
        sa.and_(col(Entry.circle) != Circle.AGENCY, whole),
    )
    mine = col(Case.id) == col(Entry.case_id)
    return sa.exists().where(mine, own_cases(actor), sa.or_(*ways)).correlate(Entry)


def entries_at(actor: Actor, access: Access) -> Condition:
    """Return `own_entries` for those of one case that is open to the actor already: it costs less.

    `access` is what the actor may do there (`access_to_act`).
    """
    if access.reads_only:
        return sa.false()
    own = col(Entry.agency_id) == actor.agency_id
    if access.reads_all:
        return sa.or_(own, col(Entry.circle) != Circle.AGENCY)
    if access.is_open:
        return sa.or_(own, col(Entry.circle) == Circle.PARTIES)
    return own


def opens_sealed(actor: Actor) -> Condition:
    """Return the condition under which the actor reads a sealed entry's text: author or named."""
    if actor.staff_session_id is not None:
        return sa.false()
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
    """Return a visible case by code or identifier, or None; not a read of it.

    A service, which writes, finds only what is seen through the acting agency.
    """
    rule = _own_case if isinstance(session, WritingSession) else _visible_case
    return session.scalar(rule(actor, _by(code_or_id)), acting(actor, case=code_or_id))


@once
def _visible_case(actor: Actor, by: str) -> "sa.Select[Case]":
    return sa.select(Case).where(_named(by), visible_cases(actor))


@once
def _own_case(actor: Actor, by: str) -> "sa.Select[Case]":
    return sa.select(Case).where(_named(by), own_cases(actor))


def _by(code_or_id: str | UUID) -> str:
    return "id" if isinstance(code_or_id, UUID) else "code"


def _named(by: str) -> Condition:
    column = col(Case.id) if by == "id" else col(Case.code)
    return sa.and_(column == given("case", column))


def get_case(session: Session, actor: Actor, code_or_id: str | UUID) -> Case:
    """Return a visible case and note the read; raises NotFound, the same for absent and hidden.

    Raises Forbidden for an act on a case that is open by emergency access only.
    """
    case = find_case(session, actor, code_or_id)
    if case is None:
        _refuse_in_emergency(session, actor, code_or_id)
        raise NotFound
    audit.note_read(session, actor, "cases.case.read", case.id, case=case.id)
    return case


def _refuse_in_emergency(session: Session, actor: Actor, code_or_id: str | UUID) -> None:
    if not isinstance(session, WritingSession) or not may_hold_emergency(actor):
        return
    if session.scalar(_visible_case(actor, _by(code_or_id)), acting(actor, case=code_or_id)):
        raise Forbidden(_l("Emergency access is for reading: the institution in charge acts."))


def case_and_access(session: Session, actor: Actor, code: str) -> tuple[Case, Access]:
    """Return a case by code with what the actor reads of it, in one statement; notes the read.

    What pages begin with: `get_case` and `access_to` at once, on a reading session only.
    """
    found = rows(session, _case_and_sight(actor), acting(actor, case=code))
    if not found:
        raise NotFound
    case, level, is_own, emergency = found[0]
    audit.note_read(session, actor, "cases.case.read", case.id, case=case.id)
    return case, _access(session, actor, case, level, is_own=is_own, emergency=emergency)


def access_to(session: Session, actor: Actor, case: Case) -> Access:
    """Return what the acting agency reads of a case; raises NotFound where it is not on it."""
    if actor.is_system:
        return Access(Level.LEAD, is_open=case.is_open, kind=None)
    found = rows(session, _sight(actor), acting(actor, case_id=case.id))
    level, is_own, emergency = found[0] if found else (None, False, False)
    return _access(session, actor, case, level, is_own=is_own, emergency=emergency)


def _access(
    session: Session, actor: Actor, case: Case, level: Any, *, is_own: bool, emergency: bool
) -> Access:
    if is_own and (level is not Level.INFORMED or not emergency):
        return access_at(actor, case, level)
    if emergency and not isinstance(session, WritingSession):
        return replace(access_at(actor, case, Level.TEAM), basis=Basis.EMERGENCY)
    if is_own:
        return access_at(actor, case, level)
    raise NotFound


@once
def _sight(actor: Actor) -> AnyColumns:
    return sa.select(*_sight_of(actor)).where(col(Case.id) == given("case_id"))


@once
def _case_and_sight(actor: Actor) -> AnyColumns:
    return sa.select(Case, *_sight_of(actor)).where(_named("code"), visible_cases(actor))


def _sight_of(actor: Actor) -> tuple[Any, ...]:
    """Return the columns of who sees a case: level, whether through the agency, in emergency."""
    emergency = sa.and_(in_emergency(actor, col(Case.id)), not_barred(actor, col(Case.id)))
    return (
        own_level(actor, col(Case.id)).label("level"),
        own_cases(actor).label("is_own"),
        emergency.label("emergency"),
    )


def access_to_act(session: Session, actor: Actor, case: Case) -> Access:
    """Return what the actor may do on a case: emergency access adds reading and takes nothing away.

    Whose institution is on the case acts as ever while the emergency runs; else it is for reading.
    """
    return acting_instead(session, actor, case, access_to(session, actor, case))


def acting_instead(session: Session, actor: Actor, case: Case, access: Access) -> Access:
    """Return by what the actor acts on a case of which a page shows `access`."""
    if access.basis is not Basis.EMERGENCY:
        return access
    own = own_level(actor, col(Case.id))
    level = session.scalar(sa.select(own).where(col(Case.id) == case.id, own_cases(actor)))
    return access_at(actor, case, level) if level is not None else access


def level_of(session: Session, actor: Actor, case_id: UUID) -> Level | None:
    """Return the acting agency's level on a visible case, or None."""
    case = find_case(session, actor, case_id)
    return access_to(session, actor, case).level if case else None


def access_at(actor: Actor, case: Case, level: Level) -> Access:
    """Return what an institution of a level reads of a case; a staff session only reads."""
    basis = Basis.PARTY if actor.staff_session_id is None else Basis.STAFF
    return Access(level, is_open=case.is_open, kind=actor.agency_kind, basis=basis)


def open_for(session: Session, actor: Actor, case_id: UUID, *levels: Level) -> Case:
    """Return an open case on which the acting agency works at one of these levels.

    Raises NotFound where the case is not visible, Forbidden naming who can, Conflict when closed.
    """
    case = get_case(session, actor, case_id)
    must_work(session, case, access_to_act(session, actor, case), *levels)
    return case


def must_work(session: Session, case: Case, access: Access, *levels: Level) -> None:
    """Raise where a case is not open to act on at one of these levels; a form asks it first."""
    must_act(access)
    if access.level not in levels:
        lead = get_agency(session, case.lead_agency_id)
        raise Forbidden(_l("Only the institution in charge can do this: %(name)s.", name=lead.name))
    if not case.is_open:
        raise Conflict(_l("This case is closed. Reopen it to go on working."))


def must_act(access: Access) -> None:
    """Raise Forbidden where a case is open for reading only."""
    if access.reads_only:
        raise Forbidden(_l("This case is open to you for reading only."))


def case_to_act(session: Session, actor: Actor, code: str, *levels: Level) -> tuple[Case, Access]:
    """Return a case by code with what the actor may do on it: what the pages of acts begin with.

    Raises Forbidden where it is open for reading only and, where levels are asked, as `open_for`.
    """
    case = get_case(session, actor, code)
    access = access_to_act(session, actor, case)
    must_act(access)
    if levels:
        must_work(session, case, access, *levels)
    return case, access
