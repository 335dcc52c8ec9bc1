"""The page of what was found: each case and alert as its reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.alerts.labels import STATUS as ALERT_STATUS
from portal.alerts.models import Alert
from portal.alerts.queries import children_of_alerts
from portal.cases.labels import STATUS as CASE_STATUS
from portal.cases.models import Case
from portal.cases.queries import ChildRow, children_of, readable_cases
from portal.cases.rules import title_of
from portal.db import AnyColumns, rows
from portal.people.models import Person
from portal.people.rules import full_name, initials
from portal.places.queries import name_of
from portal.search.labels import reason
from portal.search.queries import Hit
from portal.texts import _


@dataclass(frozen=True, slots=True)
class Row:
    """A case or alert that was found: names only where the reader reads them, else initials."""

    kind: str
    id: UUID
    code: str
    url: str
    title: str
    people: str
    district: str
    with_whom: str
    state: Any
    since: date
    why: tuple[str, ...]


def rows_of(session: Session, actor: Actor, hits: Sequence[Hit]) -> list[Row]:
    """Return what stands on the page for these hits, in their order; noted as read."""
    named = _named(session, hits)
    cases = _cases(session, actor, [hit for hit in hits if hit.kind == "case"], named)
    alerts = _alerts(session, actor, [hit for hit in hits if hit.kind == "alert"], named)
    found = cases | alerts
    return [found[hit.id] for hit in hits if hit.id in found]


Names = dict[UUID, Person]


def _named(session: Session, hits: Sequence[Hit]) -> Names:
    """Return whose names led to these hits: children, and their relatives where those are read."""
    ids = {why.person_id for hit in hits for why in hit.why if why.person_id}
    found = session.scalars(sa.select(Person).where(col(Person.id).in_(ids)))
    return {person.id: person for person in found}


def _cases(session: Session, actor: Actor, hits: Sequence[Hit], named_by: Names) -> dict[UUID, Row]:
    statement: AnyColumns = (
        sa.select(
            col(Case.id),
            col(Case.code),
            col(Case.status),
            col(Case.district),
            col(Case.opened_at),
            col(Agency.name),
            readable_cases(actor),
        )
        .join(Agency, col(Agency.id) == col(Case.lead_agency_id))
        .where(col(Case.id).in_([hit.id for hit in hits]))
    )
    found = {row[0]: row for row in rows(session, statement)}
    children = children_of(session, list(found))
    if found:
        audit.note_read(session, actor, "cases.case.list", *found)
    shown: dict[UUID, Row] = {}
    for hit in hits:
        one, code, status, district, opened_at, lead, named = found[hit.id]
        own = children[one]
        shown[one] = Row(
            kind="case",
            id=one,
            code=code,
            url=f"/cases/{code}",
            title=title_of(own, clock.today()),
            people=" · ".join(full_name(child) if named else initials(child) for child in own),
            district=name_of(district),
            with_whom=lead,
            state=CASE_STATUS[status],
            since=clock.local(opened_at).date(),
            why=_reasons(hit, own, named_by),
        )
    return shown


def _alerts(
    session: Session, actor: Actor, hits: Sequence[Hit], named_by: Names
) -> dict[UUID, Row]:
    authority = aliased(Agency)
    statement: AnyColumns = (
        sa.select(
            col(Alert.id),
            col(Alert.code),
            col(Alert.status),
            col(Alert.district),
            col(Alert.created_at),
            col(authority.name),
        )
        .join(authority, col(authority.id) == col(Alert.authority_id))
        .where(col(Alert.id).in_([hit.id for hit in hits]))
    )
    found = {row[0]: row for row in rows(session, statement)}
    children = children_of_alerts(session, list(found))
    if found:
        audit.note_read(session, actor, "alerts.alert.list", *found)
    shown: dict[UUID, Row] = {}
    for hit in hits:
        one, code, status, district, created_at, with_whom = found[hit.id]
        own = children[one]
        shown[one] = Row(
            kind="alert",
            id=one,
            code=code,
            url=f"/alerts/{one}",
            title=title_of(own, clock.today()),
            people=" · ".join(full_name(child) for child in own),
            district=name_of(district),
            with_whom=with_whom,
            state=ALERT_STATUS[status],
            since=clock.local(created_at).date(),
            why=_reasons(hit, own, named_by),
        )
    return shown


def _reasons(hit: Hit, children: Sequence[ChildRow], named_by: Names) -> tuple[str, ...]:
    own = {child.person_id for child in children}
    told = []
    for why in hit.why:
        person = named_by.get(why.person_id) if why.person_id else None
        if person is not None and person.id not in own:
            told.append(_("Relative: %(name)s.", name=full_name(person)))
        told += reason(why, person)
    return tuple(dict.fromkeys(told))
