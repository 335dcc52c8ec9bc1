"""What is done to a case: opened, edited, shared, assigned, closed.

Every service checks the actor through `queries`, writes the trail, an entry of the timeline and an
event, flushes and never commits. Entries, terms and rights have rooms of their own (`timeline`,
`terms`, `rights`); this is the door to all of them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.models import Membership
from portal.actor import CASE_ROLES, Actor
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    PartyAdded,
    PartyEnded,
)
from portal.cases.inputs import EditCase
from portal.cases.models import (
    BarKind,
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseParty,
    CaseRight,
    Circle,
    EntryKind,
    Level,
    Placement,
    Priority,
    Right,
    RightState,
    Situation,
)
from portal.cases.queries import access_to, get_case
from portal.cases.rights import apply_right, set_placement, set_right
from portal.cases.rules import new_code
from portal.cases.terms import cancel_term, meet_term, recompute_terms, start_term
from portal.cases.timeline import correct_entry, log, strike_entry, write_entry
from portal.cases.transitions import objections
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l, msgid

__all__ = [
    "abstain",
    "add_children",
    "add_party",
    "admit_party",
    "apply_right",
    "assign",
    "bar_person",
    "cancel_term",
    "close_case",
    "correct_entry",
    "edit_case",
    "end_party",
    "meet_term",
    "open_case",
    "open_for",
    "put_assignment",
    "recompute_terms",
    "reopen_case",
    "set_placement",
    "set_right",
    "start_term",
    "strike_entry",
    "unassign",
    "write_entry",
]

LEAD_BASIS = "DL 1297 art. 11"


def open_case(
    session: Session,
    actor: Actor,
    *,
    lead_agency_id: UUID,
    situation: Situation,
    priority: Priority,
    district: str,
    summary: str,
    person_ids: Sequence[UUID],
    received_at: datetime,
    alert_id: UUID | None = None,
    assign_to: Sequence[UUID] = (),
) -> Case:
    """Open a case with its children, the lead and the rights to verify.

    `received_at` is when the authority received the alert: procedural terms run from there, not
    from acceptance (DL 1297 art. 18).
    """
    lead = get_agency(session, lead_agency_id)
    now = clock.now()
    case = Case(
        code=_free_code(session, lead),
        serial=_next_serial(session, lead.id, clock.local(now).year),
        serial_year=clock.local(now).year,
        lead_agency_id=lead.id,
        situation=situation,
        priority=priority,
        district=district,
        summary=summary,
        alert_id=alert_id,
        received_at=received_at,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    _put_party(session, actor, case, lead.id, Level.LEAD, LEAD_BASIS)
    for position, person_id in enumerate(person_ids):
        _put_child(session, case, person_id, position)
    for user_id in assign_to:
        put_assignment(session, case, lead.id, user_id)
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.case.open", case.id, case=case.id)
    log(session, actor, case, kind=EntryKind.ACT, title=msgid("Case opened"), circle=Circle.PARTIES)
    events.record(session, CaseOpened(case.id, lead.id, alert_id, received_at, situation.value))
    return case


def add_children(session: Session, actor: Actor, case: Case, person_ids: Sequence[UUID]) -> None:
    """Put more children on a case that the caller may write to, each with its rights to verify."""
    present = session.scalar(
        sa.select(sa.func.count()).select_from(CaseChild).where(col(CaseChild.case_id) == case.id)
    )
    for position, person_id in enumerate(person_ids, start=present or 0):
        _put_child(session, case, person_id, position)
        audit.record(session, actor, "cases.child.add", person_id, case=case.id)
    session.flush()


def _free_code(session: Session, lead: Agency) -> str:
    """Return a code that no case has; the few retries cost nothing and say nothing."""
    while True:
        code = new_code(lead.code, clock.today().year)
        if not session.scalar(sa.select(sa.exists().where(col(Case.code) == code))):
            return code


def _next_serial(session: Session, agency_id: UUID, year: int) -> int:
    last = session.scalar(
        sa.select(sa.func.max(col(Case.serial))).where(
            col(Case.lead_agency_id) == agency_id, col(Case.serial_year) == year
        )
    )
    return (last or 0) + 1


def _put_child(session: Session, case: Case, person_id: UUID, position: int) -> None:
    session.add(CaseChild(case_id=case.id, person_id=person_id, position=position))
    for right in Right:
        session.add(
            CaseRight(
                case_id=case.id,
                person_id=person_id,
                right=right,
                state=RightState.TO_VERIFY,
                since=clock.today(),
            )
        )


def _put_party(
    session: Session,
    actor: Actor,
    case: Case,
    agency_id: UUID,
    level: Level,
    legal_basis: str,
    until: datetime | None = None,
) -> CaseParty:
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


def put_assignment(session: Session, case: Case, agency_id: UUID, user_id: UUID) -> bool:
    """Assign a person who works on cases for the agency; says whether that is new."""
    present = session.scalar(
        sa.select(sa.exists().where(_current_assignment(case.id, agency_id, user_id)))
    )
    if present:
        return False
    session.add(
        CaseAssignment(case_id=case.id, agency_id=agency_id, user_id=user_id, since=clock.now())
    )
    session.flush()
    return True


def _current_assignment(case_id: UUID, agency_id: UUID, user_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(CaseAssignment.case_id) == case_id,
        col(CaseAssignment.agency_id) == agency_id,
        col(CaseAssignment.user_id) == user_id,
        col(CaseAssignment.until).is_(None),
    )


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
    levels = (Level.LEAD, Level.TEAM) if level is Level.INFORMED else (Level.LEAD,)
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
    party = session.scalar(
        sa.select(CaseParty).where(
            col(CaseParty.case_id) == case.id,
            col(CaseParty.agency_id) == agency_id,
            col(CaseParty.ended_at).is_(None),
        )
    )
    if party is not None:
        if party.level is Level.LEAD or party.level is level:
            return party
        if level is Level.INFORMED:
            return party
        party.level, party.legal_basis, party.until = level, legal_basis, until
    else:
        party = _put_party(session, actor, case, agency_id, level, legal_basis, until)
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
    case = open_for(session, actor, case_id, *Level)
    party = session.scalar(
        sa.select(CaseParty).where(
            col(CaseParty.id) == party_id,
            col(CaseParty.case_id) == case.id,
            col(CaseParty.ended_at).is_(None),
        )
    )
    leads = access_to(session, actor, case).leads
    if party is None or not (leads or party.agency_id == actor.agency_id):
        raise NotFound
    if party.level is Level.LEAD:
        raise Conflict(_l("The institution in charge leaves by transferring the case."))
    if _cares_for_a_child(session, case.id, party.agency_id):
        raise Conflict(_l("A child of this case is in its care: the discharge comes first."))
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


def _cares_for_a_child(session: Session, case_id: UUID, agency_id: UUID) -> bool:
    placed = sa.exists().where(
        col(CaseChild.case_id) == case_id,
        col(CaseChild.placed_by) == agency_id,
        col(CaseChild.placement) == Placement.IN_CARE,
    )
    return bool(session.scalar(sa.select(placed)))


def assign(session: Session, actor: Actor, case_id: UUID, *, user_id: UUID) -> Case:
    """Put a person of the acting agency on a case; raises Invalid for one who may not be."""
    case = open_for(session, actor, case_id, *Level)
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to assign people."))
    works = session.scalar(
        sa.select(
            sa.exists().where(
                col(Membership.user_id) == user_id,
                col(Membership.agency_id) == actor.agency_id,
                col(Membership.role).in_(CASE_ROLES),
                sa.or_(col(Membership.until).is_(None), col(Membership.until) > clock.now()),
            )
        )
    )
    barred = session.scalar(
        sa.select(
            sa.exists().where(col(CaseBar.case_id) == case.id, col(CaseBar.user_id) == user_id)
        )
    )
    if not works or barred:
        raise Invalid(Problem("user_id", _l("This person cannot be put on this case.")))
    if put_assignment(session, case, actor.agency_id, user_id):
        audit.record(session, actor, "cases.case.assign", case.id, case=case.id, user=str(user_id))
        events.record(session, CaseAssigned(case.id, actor.agency_id, user_id))
    return case


def unassign(session: Session, actor: Actor, case_id: UUID, *, user_id: UUID) -> None:
    """Take a person of the acting agency off a case."""
    case = get_case(session, actor, case_id)
    session.execute(
        sa.update(CaseAssignment)
        .where(_current_assignment(case.id, actor.agency_id, user_id))  # type: ignore[arg-type]
        .values(until=clock.now())
    )
    audit.record(session, actor, "cases.case.unassign", case.id, case=case.id, user=str(user_id))


def bar_person(
    session: Session, actor: Actor, case_id: UUID, *, user_id: UUID, reason: str
) -> CaseBar:
    """Bar a person from a case, kin or involved: it is invisible to that person at once."""
    case = open_for(session, actor, case_id, Level.LEAD)
    return _put_bar(session, actor, case, user_id, BarKind.BARRED, reason)


def abstain(session: Session, actor: Actor, case_id: UUID, *, reason: str) -> CaseBar:
    """Abstain from a case (abstención, TUO of Ley 27444 arts. 88–89): it closes to oneself."""
    case = get_case(session, actor, case_id)
    if actor.user_id is None:
        raise Forbidden(_l("Only a person can abstain."))
    return _put_bar(session, actor, case, actor.user_id, BarKind.ABSTAINED, reason)


def _put_bar(
    session: Session, actor: Actor, case: Case, user_id: UUID, kind: BarKind, reason: str
) -> CaseBar:
    bar = CaseBar(case_id=case.id, user_id=user_id, kind=kind, reason_sealed=b"", at=clock.now())
    bar.reason_sealed = seal(session, case.id, "portal_case_bar", "reason_sealed", bar.id, reason)
    session.add(bar)
    session.flush()
    session.execute(
        sa.update(CaseAssignment)
        .where(
            col(CaseAssignment.case_id) == case.id,
            col(CaseAssignment.user_id) == user_id,
            col(CaseAssignment.until).is_(None),
        )
        .values(until=clock.now())
    )
    audit.record(
        session, actor, f"cases.case.{kind.value}", case.id, case=case.id, user=str(user_id)
    )
    return bar


def edit_case(session: Session, actor: Actor, case_id: UUID, given: EditCase) -> Case:
    """Change situation, priority, district or summary: by the lead or who intervenes."""
    case = open_for(session, actor, case_id, Level.LEAD, Level.TEAM)
    changed = [name for name, value in given.model_dump().items() if value != getattr(case, name)]
    for name in changed:
        setattr(case, name, getattr(given, name))
    if changed:
        worklist.rewrite(session, case)
        audit.record(
            session, actor, "cases.case.edit", case.id, case=case.id, fields=sorted(changed)
        )
        log(session, actor, case, kind=EntryKind.ACT, title=msgid("Case data updated"))
    return case


def close_case(session: Session, actor: Actor, case_id: UUID, *, outcome: str) -> Case:
    """Conclude a case (conclusión).

    Raises Invalid with one problem for each objection: open referrals and commitments, running
    terms, children still in a place of care.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    problems = [Problem(None, each.text) for each in objections(session, actor, case.id, "close")]
    if problems:
        raise Invalid(*problems)
    case.close(at=clock.now(), outcome=outcome)
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.case.close", case.id, case=case.id)
    log(session, actor, case, kind=EntryKind.ACT, title=msgid("Case closed"), circle=Circle.PARTIES)
    events.record(session, CaseClosed(case.id))
    return case


def reopen_case(session: Session, actor: Actor, case_id: UUID, *, reason: str) -> Case:
    """Take a closed case up again, by its lead, keeping the story."""
    case = get_case(session, actor, case_id)
    if not access_to(session, actor, case).leads:
        raise Forbidden(_l("Only the institution in charge can reopen a case."))
    case.reopen()
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.case.reopen", case.id, case=case.id, reason=reason)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Case reopened"),
        circle=Circle.PARTIES,
    )
    events.record(session, CaseReopened(case.id))
    return case
