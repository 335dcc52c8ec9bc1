"""What is done to a case: opened, edited, shielded; the rest has rooms of its own.

Every service checks the actor through `queries`, writes the trail, an entry of the timeline and an
event, flushes and never commits. Institutions, people, entries, terms, rights and conclusions have
rooms of their own (`parties`, `assignments`, `timeline`, `terms`, `rights`, `closing`); this is the
door to all.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.assignments import (
    abstain,
    assign,
    assign_many,
    bar_person,
    put_assignment,
    unassign,
)
from portal.cases.closing import close_case, reopen_case
from portal.cases.events import CaseOpened
from portal.cases.inputs import EditCase
from portal.cases.leading import change_lead, next_serial
from portal.cases.models import (
    Case,
    CaseChild,
    CaseRight,
    Circle,
    EntryKind,
    Level,
    PopulationGroup,
    Priority,
    Right,
    RightState,
    Situation,
)
from portal.cases.parties import add_party, admit_party, end_party, put_party
from portal.cases.rights import (
    apply_right,
    place_children,
    set_placement,
    set_right,
    set_rights,
)
from portal.cases.rules import WORKERS, new_code
from portal.cases.terms import (
    cancel_term,
    meet_term,
    recompute_terms,
    resume_term,
    start_term,
    suspend_term,
)
from portal.cases.timeline import correct_entry, log, strike_entry, write_entry
from portal.cases.visibility import open_for
from portal.db import unused
from portal.texts import msgid

__all__ = [
    "abstain",
    "add_children",
    "add_party",
    "admit_party",
    "apply_right",
    "assign",
    "assign_many",
    "bar_person",
    "cancel_term",
    "change_lead",
    "close_case",
    "correct_entry",
    "edit_case",
    "end_party",
    "meet_term",
    "open_case",
    "open_for",
    "place_children",
    "put_assignment",
    "recompute_terms",
    "reopen_case",
    "resume_term",
    "set_placement",
    "set_right",
    "set_rights",
    "set_shield",
    "start_term",
    "strike_entry",
    "suspend_term",
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
    groups: Collection[PopulationGroup] = (),
) -> Case:
    """Open a case with its children, the lead and the rights to verify.

    `received_at` is when the authority received the alert: procedural terms run from there, not
    from acceptance (DL 1297 art. 18).
    """
    lead = get_agency(session, lead_agency_id)
    now = clock.now()
    case = Case(
        code=_free_code(session, lead),
        serial=next_serial(session, lead.id, clock.local(now).year),
        serial_year=clock.local(now).year,
        lead_agency_id=lead.id,
        situation=situation,
        priority=priority,
        district=district,
        groups=sorted(groups),
        summary=summary,
        alert_id=alert_id,
        received_at=received_at,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    put_party(session, actor, case, lead.id, Level.LEAD, LEAD_BASIS)
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
    year = clock.today().year
    return unused(session, col(Case.code), lambda: new_code(lead.code, year))


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


def edit_case(session: Session, actor: Actor, case_id: UUID, given: EditCase) -> Case:
    """Change situation, priority, district, groups or summary: by the lead or who intervenes."""
    case = open_for(session, actor, case_id, *WORKERS)
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


def set_shield(session: Session, actor: Actor, case_id: UUID, *, reason: str) -> Case:
    """Shield a case from look-ups, which then answer as if nobody knew the child, or end that."""
    case = open_for(session, actor, case_id, Level.LEAD)
    case.shielded_at = None if case.shielded_at else clock.now()
    session.flush()
    audit.record(
        session,
        actor,
        "cases.case.shield" if case.shielded_at else "cases.case.unshield",
        case.id,
        case=case.id,
        reason=reason,
    )
    return case
