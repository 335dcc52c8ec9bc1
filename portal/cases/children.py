"""Children of cases as pages and modules show them: by name or by initials."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.cases.models import NEVER, Case, CaseChild, Level, Placement
from portal.cases.rules import BY_LAW, Access, title_of
from portal.cases.visibility import (
    access_at,
    access_to,
    not_barred,
    own_cases,
    own_level,
    within_agency,
)
from portal.db import AnyColumns, given, rows
from portal.db.sealing import opened
from portal.host.slots import CaseView, ChildView
from portal.people.models import Person, Sex
from portal.people.rules import age_text, familiar_name, full_name, initials
from portal.places.queries import name_of


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child as a statement reads it: enough for names, age and placement."""

    case_id: UUID
    person_id: UUID
    given_names: str
    first_surname: str
    second_surname: str
    born_on: date | None
    estimated_age: int | None
    estimated_on: date | None
    sex: Sex
    placement: Placement


def children_of(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, list[ChildRow]]:
    """Return the children of cases that were read already, in one statement."""
    found: dict[UUID, list[ChildRow]] = {case_id: [] for case_id in case_ids}
    for row in rows(session, _children(), {"case_ids": list(case_ids)}):
        found[row[0]].append(ChildRow(*row))
    return found


@cache
def _children() -> AnyColumns:
    return (
        sa.select(
            col(CaseChild.case_id),
            col(Person.id),
            col(Person.given_names),
            col(Person.first_surname),
            col(Person.second_surname),
            col(Person.born_on),
            col(Person.estimated_age),
            col(Person.estimated_on),
            col(Person.sex),
            col(CaseChild.placement),
        )
        .join(Person, col(Person.id) == col(CaseChild.person_id))
        .where(col(CaseChild.case_id).in_(given("case_ids", many=True)))
        .order_by(col(CaseChild.position))
    )


def child_view(row: ChildRow, *, named: bool, day: date) -> ChildView:
    """Return a child as the level shows it: by full name, or by initials."""
    return ChildView(
        person_id=row.person_id,
        label=full_name(row) if named else initials(row),
        initials=initials(row),
        age_text=age_text(row, day),
        sex=row.sex.value,
        placement=row.placement.value if named else Placement.UNKNOWN.value,
    )


def list_children(session: Session, actor: Actor, case: Case) -> list[ChildView]:
    """Return the children of a case, by full name where the actor reads identity."""
    named = access_to(session, actor, case).reads_all
    day = clock.today()
    return [
        child_view(row, named=named, day=day) for row in children_of(session, [case.id])[case.id]
    ]


def _openable(session: Session, actor: Actor, case: Case, access: Access) -> list[CaseChild]:
    """Return the children of a case whose place is known and may be opened by the actor.

    By few, and in no emergency: the institution in charge, who cares for the child, prosecutor,
    judge and public defender.
    """
    if not access.works_on_all:
        return []
    known = sa.select(CaseChild).where(
        col(CaseChild.case_id) == case.id, col(CaseChild.whereabouts_sealed).is_not(None)
    )
    if not access.leads and actor.agency_kind not in BY_LAW:
        known = known.where(col(CaseChild.placed_by) == actor.agency_id)
    return list(session.scalars(known))


def opens_whereabouts(session: Session, actor: Actor, case: Case, access: Access) -> bool:
    """Tell whether the actor may open where any child of a case is; nothing is opened."""
    return bool(_openable(session, actor, case, access))


def whereabouts_of(session: Session, actor: Actor, case: Case, access: Access) -> dict[UUID, str]:
    """Return where the children of a case are, of those that may be opened; noted as opened."""
    mine = _openable(session, actor, case, access)
    for child in mine:
        audit.note_read(session, actor, "cases.whereabouts.read", child.person_id, case=case.id)
    table, column = "portal_case_child", "whereabouts_sealed"
    return {
        child.person_id: opened(session, case.id, table, column, child.id, child.whereabouts_sealed)
        for child in mine
    }


def case_view(session: Session, case: Case, access: Access) -> CaseView:
    """Return the frozen view of a case that modules receive, masked as `access_to` says."""
    return _view(case, access, children_of(session, [case.id])[case.id])


def case_views(session: Session, actor: Actor, case_ids: Collection[UUID]) -> dict[UUID, CaseView]:
    """Return the views of the actor's agency's cases among them; noted as one read.

    It is what modules see: a case that is open by emergency access is not among them.
    """
    level = sa.literal(Level.LEAD.value) if actor.is_system else own_level(actor, col(Case.id))
    found = rows(
        session,
        sa.select(Case, level).where(col(Case.id).in_(case_ids), own_cases(actor)),
    )
    if not found:
        return {}
    children = children_of(session, [case.id for case, _level in found])
    audit.note_read(session, actor, "cases.case.list", *children)
    return {
        case.id: _view(case, access_at(actor, case, Level(own)), children[case.id])
        for case, own in found
    }


def _view(case: Case, access: Access, children: list[ChildRow]) -> CaseView:
    """Return a case as modules see it: once closed, who is not the lead is informed."""
    level = access.level if access.reads_all else Level.INFORMED
    day = clock.today()
    return CaseView(
        id=case.id,
        code=case.code,
        title=title_of(children, day),
        status=case.status.value,
        priority=case.priority.value,
        situation=case.situation.value if access.reads_all else "",
        district=name_of(case.district),
        lead_agency_id=case.lead_agency_id,
        level=level.value,
        opened_at=case.opened_at,
        due_on=case.due_on if access.reads_terms and case.due_on != NEVER else None,
        children=tuple(child_view(row, named=access.reads_all, day=day) for row in children),
    )


def list_residents(session: Session, actor: Actor) -> dict[UUID, ChildView]:
    """Return the children in care at the acting agency by identifier, as its people call them.

    Inside a place of care a child goes by the first name: a wrong dose is worse. Carers see every
    resident without seeing the case; the others those whose case their role opens. Who is barred
    from a case sees no child of it. Noted as one read.
    """
    if actor.agency_id is None or actor.staff_session_id is not None:
        return {}
    open_to = (
        sa.true()
        if actor.has_role(Role.CARER)
        else within_agency(actor, col(CaseChild.case_id), col(Case.status))
    )
    found = rows(
        session,
        sa.select(Person, col(CaseChild.case_id))
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(
            col(CaseChild.placement) == Placement.IN_CARE,
            col(CaseChild.placed_by) == actor.agency_id,
            open_to,
            not_barred(actor, col(CaseChild.case_id)),
        ),
    )
    if found:
        case_ids = {case_id for _person, case_id in found}
        audit.note_read(session, actor, "cases.resident.list", *case_ids)
    day = clock.today()
    return {
        person.id: ChildView(
            person_id=person.id,
            label=familiar_name(person),
            initials=initials(person),
            age_text=age_text(person, day),
            sex=person.sex.value,
            placement=Placement.IN_CARE.value,
        )
        for person, _case_id in found
    }
