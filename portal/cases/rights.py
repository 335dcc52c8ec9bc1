"""Rights of each child and with whom the child is."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.cases.events import PlacementChanged, RightChanged
from portal.cases.inputs import SetRight
from portal.cases.models import (
    Case,
    CaseChild,
    CaseRight,
    CaseRightStep,
    Circle,
    EntryKind,
    Placement,
    Right,
    RightState,
)
from portal.cases.rules import WORKERS
from portal.cases.timeline import log
from portal.cases.visibility import access_to, get_case, open_for
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

    `version` is the row version that the form showed; raises Conflict if it moved on since. Who
    answered for it goes on answering unless another is named.
    """
    case = open_for(session, actor, case_id, *WORKERS)
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


def set_rights(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    person_ids: Sequence[UUID],
    right: Right,
    given: SetRight,
) -> list[CaseRight]:
    """Set one right of several siblings as a form says, also that nobody answers for it yet.

    Raises Invalid for a day in the future.
    """
    case = open_for(session, actor, case_id, *WORKERS)
    found = [_row(session, case, person_id, right) for person_id in dict.fromkeys(person_ids)]
    before = {row.id: row.state for row in found}
    for row in found:
        _write(
            session,
            actor,
            case,
            row,
            state=given.state,
            agency_id=given.agency_id,
            next_step=given.next_step,
            evidence=given.evidence,
            since=given.since,
        )
    turned = [row for row in found if row.state is not before[row.id]]
    back = [row for row in turned if before[row.id] is RightState.RESTORED and row.fell_back_on]
    together = [row for row in turned if row not in back]
    for row in back:
        _tell(session, actor, case, row, fell_back=True)
    if len(together) == 1:
        _tell(session, actor, case, together[0], fell_back=False)
    elif together:
        log(
            session,
            actor,
            case,
            kind=EntryKind.RIGHT,
            title=msgid("%(right)s: %(state)s, for %(count)s children"),
            facts={
                "right": right.value,
                "state": given.state.value,
                "count": str(len(together)),
            },
            text=given.evidence,
        )
    return found


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
    row = _row(session, case, person_id, right)
    before = row.state
    _write(
        session,
        actor,
        case,
        row,
        state=state,
        agency_id=agency_id if agency_id is not None else row.agency_id,
        next_step=next_step,
        evidence=evidence,
    )
    if state is not before:
        fell_back = before is RightState.RESTORED and row.fell_back_on is not None
        _tell(session, actor, case, row, fell_back=fell_back)
    return row


def _write(
    session: Session,
    actor: Actor,
    case: Case,
    row: CaseRight,
    *,
    state: RightState,
    agency_id: UUID | None,
    next_step: str,
    evidence: str,
    since: date | None = None,
) -> None:
    """Write how a right stands and keep how it stood; what was restored and is not fell back."""
    if not case.is_open:
        raise Conflict(_l("This case is closed. Reopen it to go on working."))
    before = row.state
    values: dict[str, Any] = {
        "state": state,
        "agency_id": agency_id,
        "next_step": next_step,
        "evidence": evidence,
        "since": since or (row.since if state is before else clock.today()),
        "fell_back_on": _fell_back(row, state),
    }
    if all(value == getattr(row, name) for name, value in values.items()):
        return
    for name, value in values.items():
        setattr(row, name, value)
    values.pop("fell_back_on")
    session.add(
        CaseRightStep(
            case_id=case.id,
            person_id=row.person_id,
            right=row.right,
            at=clock.now(),
            user_id=actor.user_id,
            **values,
        )
    )
    session.flush()
    audit.record(
        session,
        actor,
        "cases.right.set",
        row.id,
        case=case.id,
        right=row.right.value,
        state=state.value,
    )
    if state is not before:
        changed = RightChanged(case.id, row.person_id, row.right.value, row.state.value)
        events.record(session, changed)


def _fell_back(row: CaseRight, state: RightState) -> date | None:
    """Return since when a right that had been restored is not; None where it stands or is new."""
    if state in (RightState.RESTORED, RightState.NOT_APPLICABLE):
        return None
    return clock.today() if row.state is RightState.RESTORED else row.fell_back_on


def _tell(session: Session, actor: Actor, case: Case, row: CaseRight, *, fell_back: bool) -> None:
    log(
        session,
        actor,
        case,
        kind=EntryKind.RIGHT,
        title=msgid("%(right)s: %(state)s, after it had been restored")
        if fell_back
        else msgid("%(right)s: %(state)s"),
        facts={"right": row.right.value, "state": row.state.value},
        text=row.evidence,
        person_id=row.person_id,
    )


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
