"""Reading the visits of the acting office."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import Actor, NotFound, _, note_read, opened, readable, unseal, visible_case_ids
from portal_defensoria.labels import KIND
from portal_defensoria.models import Visit

TABLE, COLUMN = "defensoria_visit", "found_sealed"
MOST = 50


def visible_visits(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which visits are seen: of the office, and their case with them.

    A visit about a case says what was found there: who may not see the case reads no word of it.
    """
    of_case = sa.or_(col(Visit.case_id).is_(None), col(Visit.case_id).in_(visible_case_ids(actor)))
    return sa.and_(col(Visit.agency_id) == actor.agency_id, of_case)


def list_visits(session: Session, actor: Actor, *, case_id: UUID | None = None) -> Sequence[Visit]:
    """Return the office's latest visits that the actor sees, of one case or all."""
    statement = (
        sa.select(Visit)
        .where(visible_visits(actor))
        .order_by(col(Visit.visited_on).desc(), col(Visit.id).desc())
        .limit(MOST)
    )
    if case_id is not None:
        statement = statement.where(col(Visit.case_id) == case_id)
    return session.scalars(statement).all()


def get_visit(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    """Return a visit of the acting office and note the read; raises NotFound."""
    visit = session.scalar(sa.select(Visit).where(col(Visit.id) == visit_id, visible_visits(actor)))
    if visit is None:
        raise NotFound
    note_read(session, actor, "defensoria.visit.read", visit.id, case=visit.case_id)
    return visit


def found_of(session: Session, visit: Visit) -> str:
    """Return what was found, kept encrypted under the visit's own key; empty once erased."""
    if not visit.found_sealed:
        return ""
    return unseal(session, visit.id, TABLE, COLUMN, visit.id, visit.found_sealed)


def visits_of(session: Session, person_id: UUID) -> list[Mapping[str, Any]]:
    """Return what the module holds about the cases of a person."""
    statement = sa.select(Visit).where(col(Visit.case_id).in_(cases_of(person_id)))
    return [
        readable(
            (_("Visited on"), visit.visited_on),
            (_("Kind of visit"), KIND[visit.kind]),
            (_("Recommendation"), visit.recommendation),
            (
                _("What was found"),
                opened(session, visit.id, TABLE, COLUMN, visit.id, visit.found_sealed),
            ),
        )
        for visit in session.scalars(statement)
    ]


def cases_of(person_id: UUID) -> Any:
    """Return the cases of a person, by the core's public keys."""
    children = sa.table("portal_case_child", sa.column("case_id"), sa.column("person_id"))
    kept = sa.Uuid()
    return sa.select(sa.type_coerce(children.c.case_id, kept)).where(
        sa.type_coerce(children.c.person_id, kept) == person_id
    )
