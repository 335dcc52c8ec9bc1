"""Rights of each child and with whom the child is."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.cases.events import PlacementChanged, RightChanged
from portal.cases.models import (
    Case,
    CaseChild,
    CaseRight,
    Circle,
    EntryKind,
    Placement,
    Right,
    RightState,
)
from portal.cases.timeline import log
from portal.cases.visibility import access_to, get_case
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, NotFound
from portal.texts import _l, msgid


def set_right(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    person_id: UUID,
    right: Right,
    state: RightState,
    agency_id: UUID | None = None,
    next_step: str = "",
    evidence: str = "",
    version: int | None = None,
) -> CaseRight:
    """Set how a right stands: by the lead or who intervenes.

    `version` is the row version that the form showed; raises Conflict if it moved on since.
    """
    case = get_case(session, actor, case_id)
    if not access_to(session, actor, case).reads_all:
        raise Forbidden(_l("Only the institutions that intervene can change a right."))
    row = _row(session, case, person_id, right)
    if version is not None and row.row_version != version:
        raise Conflict(_l("Somebody changed this right meanwhile. Look at it again."))
    return apply_right(
        session,
        actor,
        case.id,
        person_id=person_id,
        right=right,
        state=state,
        agency_id=agency_id,
        next_step=next_step,
        evidence=evidence,
    )


def _row(session: Session, case: Case, person_id: UUID, right: Right) -> CaseRight:
    row = session.scalar(
        sa.select(CaseRight).where(
            col(CaseRight.case_id) == case.id,
            col(CaseRight.person_id) == person_id,
            col(CaseRight.right) == right,
        )
    )
    if row is None:
        raise NotFound
    return row


def apply_right(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    person_id: UUID,
    right: Right,
    state: RightState,
    agency_id: UUID | None = None,
    next_step: str = "",
    evidence: str = "",
) -> CaseRight:
    """Write how a right stands, for a caller that has decided: a referral's answer restores it."""
    case = session.get_one(Case, case_id)
    if not case.is_open:
        raise Conflict(_l("This case is closed. Reopen it to go on working."))
    row = _row(session, case, person_id, right)
    before = row.state
    row.state, row.next_step, row.evidence = state, next_step, evidence
    row.agency_id = agency_id if agency_id is not None else row.agency_id
    if state is not before:
        row.since = clock.today()
    session.flush()
    audit.record(
        session,
        actor,
        "cases.right.set",
        row.id,
        case=case.id,
        right=right.value,
        state=state.value,
    )
    if state is not before:
        log(
            session,
            actor,
            case,
            kind=EntryKind.RIGHT,
            title=msgid("%(right)s: %(state)s"),
            facts={"right": right.value, "state": state.value},
            text=evidence,
            person_id=person_id,
        )
        events.record(session, RightChanged(case.id, person_id, right.value, state.value))
    return row


def set_placement(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    person_id: UUID,
    placement: Placement,
    agency_id: UUID | None = None,
    whereabouts: str = "",
) -> CaseChild:
    """Record with whom a child is; `whereabouts` is sealed and read by few.

    Everybody on the case reads "in protective care", nobody by this the address.
    """
    case = get_case(session, actor, case_id)
    if not access_to(session, actor, case).reads_all:
        raise Forbidden(_l("Only the institutions that intervene can say where a child is."))
    row = session.scalar(
        sa.select(CaseChild).where(
            col(CaseChild.case_id) == case.id, col(CaseChild.person_id) == person_id
        )
    )
    if row is None:
        raise NotFound
    _place(session, actor, row, placement, agency_id, whereabouts)
    log(
        session,
        actor,
        case,
        kind=EntryKind.PLACEMENT,
        title=msgid("Whereabouts: %(placement)s"),
        facts={"placement": placement.value},
        circle=Circle.TEAM,
        person_id=person_id,
    )
    return row


def place_children(
    session: Session,
    actor: Actor,
    case: Case,
    person_ids: Collection[UUID],
    *,
    placement: Placement,
    whereabouts: str = "",
) -> None:
    """Record with whom children are who are together, for a caller that has decided: one entry."""
    children = session.scalars(
        sa.select(CaseChild).where(
            col(CaseChild.case_id) == case.id, col(CaseChild.person_id).in_(person_ids)
        )
    )
    for row in children:
        _place(session, actor, row, placement, None, whereabouts)
    log(
        session,
        actor,
        case,
        kind=EntryKind.PLACEMENT,
        title=msgid("Whereabouts: %(placement)s"),
        facts={"placement": placement.value},
        circle=Circle.TEAM,
    )


def _place(
    session: Session,
    actor: Actor,
    row: CaseChild,
    placement: Placement,
    agency_id: UUID | None,
    whereabouts: str,
) -> None:
    row.placement, row.placed_by, row.placed_at = placement, agency_id, clock.now()
    table, column = "portal_case_child", "whereabouts_sealed"
    row.whereabouts_sealed = (
        seal(session, row.case_id, table, column, row.id, whereabouts) if whereabouts else None
    )
    session.flush()
    audit.record(
        session, actor, "cases.placement.set", row.id, case=row.case_id, placement=placement.value
    )
    events.record(session, PlacementChanged(row.case_id, row.person_id, placement.value))
