"""Who reads the family of a case, and what pages read of it.

The family is the team's: whoever reads identity reads it. Where a relative is, is read by few: the
institution in charge, prosecutor, judge and public defender, and whoever wrote it.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseChild
from portal.cases.queries import own_readable_cases, readable_cases
from portal.cases.rules import BY_LAW
from portal.db import AnyColumns, acting, given, once, rows
from portal.db.sealing import unseal
from portal.errors import Forbidden, NotFound
from portal.family.models import Parting, Relation, Relative, RelativeChild
from portal.people.matching import Numbered, numbers_of
from portal.people.models import DocumentKind, Person, PersonDocument
from portal.people.queries import numbered, other_documents
from portal.places.catalogue import fold
from portal.texts import _l

Condition = sa.ColumnElement[bool]
TABLE = "portal_relative"
CLOSED = _l("Ask the institution in charge: few read where this person is.")


def visible_relatives(actor: Actor) -> Condition:
    """Return the condition under which `Relative` rows are read: where identity is."""
    return _of_case(readable_cases(actor))


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which relatives are of a case, for who asks whether there are any at all."""
    return col(Relative.case_id) == case_id


def opens_whereabouts(actor: Actor) -> Condition:
    """Return where the actor may open a relative's whereabouts; no staff session ever does.

    Emergency access opens only what was left open to all institutions that intervene.
    """
    known = col(Relative.whereabouts_sealed).is_not(None)
    if actor.is_system:
        return known
    if actor.staff_session_id is not None:
        return sa.false()
    ways = [
        sa.and_(col(Relative.whereabouts_open), _of_case(readable_cases(actor))),
        _of_case(own_readable_cases(actor), col(Case.lead_agency_id) == actor.agency_id),
        sa.and_(
            col(Relative.recorded_by) == actor.user_id,
            col(Relative.agency_id) == actor.agency_id,
            _of_case(own_readable_cases(actor)),
        ),
    ]
    if actor.agency_kind in BY_LAW:
        ways.append(_of_case(own_readable_cases(actor)))
    return sa.and_(known, sa.or_(*ways))


def _of_case(*conditions: Condition) -> Condition:
    return sa.exists().where(col(Case.id) == col(Relative.case_id), *conditions).correlate(Relative)


@dataclass(frozen=True, slots=True)
class RelativeRow:
    """A person of the family as its table shows it; `child_ids` is empty for all the children."""

    id: UUID
    person_id: UUID
    given_names: str
    first_surname: str
    second_surname: str
    name_is_assigned: bool
    born_on: date | None
    estimated_age: int | None
    estimated_on: date | None
    sex: str
    document_kind: DocumentKind
    document_number: str
    has_died: bool
    relation: Relation
    lives_with: bool
    is_caregiver: bool
    since: date | None
    until: date | None
    said_by: str
    note: str
    parting: Parting | None
    agency: str
    has_whereabouts: bool
    opens_whereabouts: bool
    struck_at: datetime | None
    child_ids: frozenset[UUID]

    def is_current(self, day: date) -> bool:
        """Tell whether the relation holds on a day and was not struck."""
        return self.struck_at is None and (self.until is None or self.until > day)

    def is_of(self, child_id: UUID) -> bool:
        """Tell whether the relation is to a child."""
        return not self.child_ids or child_id in self.child_ids


def list_relatives(session: Session, actor: Actor, case: Case) -> list[RelativeRow]:
    """Return the family of a case in the order of relations; nothing where identity is not read."""
    found = list(rows(session, _relatives(actor), acting(actor, case_id=case.id)))
    if not found:
        return []
    whose: dict[UUID, set[UUID]] = defaultdict(set)
    links = sa.select(col(RelativeChild.relative_id), col(RelativeChild.person_id)).where(
        col(RelativeChild.relative_id).in_([row[0] for row in found])
    )
    for relative_id, child_id in rows(session, links):
        whose[relative_id].add(child_id)
    audit.note_read(session, actor, "family.member.list", case.id, case=case.id)
    order = list(Relation)
    told: list[list[Any]] = [[*row, frozenset(whose[row[0]])] for row in found]
    listed = [RelativeRow(*row) for row in told]
    return sorted(listed, key=lambda row: order.index(row.relation))


@once
def _relatives(actor: Actor) -> AnyColumns:
    return (
        sa.select(
            col(Relative.id),
            col(Person.id),
            col(Person.given_names),
            col(Person.first_surname),
            col(Person.second_surname),
            col(Person.name_is_assigned),
            col(Person.born_on),
            col(Person.estimated_age),
            col(Person.estimated_on),
            col(Person.sex),
            col(Person.document_kind),
            col(Person.document_number),
            col(Person.has_died),
            col(Relative.relation),
            col(Relative.lives_with),
            col(Relative.is_caregiver),
            col(Relative.since),
            col(Relative.until),
            col(Relative.said_by),
            col(Relative.note),
            col(Relative.parting),
            sa.func.coalesce(col(Agency.name), ""),
            col(Relative.whereabouts_sealed).is_not(None),
            opens_whereabouts(actor),
            col(Relative.struck_at),
        )
        .join(Person, col(Person.id) == col(Relative.person_id))
        .join(Agency, col(Agency.id) == col(Relative.agency_id), isouter=True)
        .where(col(Relative.case_id) == given("case_id"), visible_relatives(actor))
        .order_by(col(Relative.recorded_at), col(Relative.id))
    )


def identities_of(session: Session, actor: Actor, case: Case) -> dict[UUID, Person]:
    """Return what is known of who the children of a case are; nothing where it is not read."""
    readable = sa.exists().where(col(Case.id) == case.id, readable_cases(actor)).correlate(Person)
    statement = (
        sa.select(Person)
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .where(col(CaseChild.case_id) == case.id, readable)
    )
    return {person.id: person for person in session.scalars(statement)}


def languages_of(session: Session, actor: Actor, case: Case) -> list[str]:
    """Return the languages in which children of a case need an interpreter, each once."""
    return list(session.scalars(_languages(actor), acting(actor, case_id=case.id)))


@once
def _languages(actor: Actor) -> "sa.Select[str]":
    mine = col(Case.id) == given("case_id")
    readable = sa.exists().where(mine, readable_cases(actor))
    return (
        sa.select(col(Person.language))
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .where(col(CaseChild.case_id) == given("case_id"), col(Person.interpreter_needed), readable)
        .distinct()
        .order_by(col(Person.language))
    )


def get_relative(session: Session, actor: Actor, case: Case, relative_id: UUID) -> Relative:
    """Return a person of the family of a case; raises NotFound where it is not read."""
    relative = session.scalar(
        sa.select(Relative).where(
            col(Relative.id) == relative_id,
            col(Relative.case_id) == case.id,
            visible_relatives(actor),
        )
    )
    if relative is None:
        raise NotFound
    return relative


def child_ids_of(session: Session, relative: Relative) -> list[UUID]:
    """Return the children to whom a relation holds; none where it holds to all."""
    return list(
        session.scalars(
            sa.select(col(RelativeChild.person_id)).where(
                col(RelativeChild.relative_id) == relative.id
            )
        )
    )


def get_member(session: Session, actor: Actor, case: Case, person_id: UUID) -> Person:
    """Return a child of the case or a person of its family, where the actor reads identity."""
    of_case = sa.or_(
        sa.exists().where(
            col(CaseChild.case_id) == case.id, col(CaseChild.person_id) == col(Person.id)
        ),
        sa.exists().where(
            col(Relative.case_id) == case.id, col(Relative.person_id) == col(Person.id)
        ),
    )
    readable = sa.exists().where(col(Case.id) == case.id, readable_cases(actor)).correlate(Person)
    person = session.scalar(sa.select(Person).where(col(Person.id) == person_id, of_case, readable))
    if person is None:
        raise NotFound
    audit.note_read(session, actor, "family.member.read", person.id, case=case.id)
    return person


def may_open(session: Session, actor: Actor, relative: Relative) -> bool:
    """Tell whether the actor may open a relative's whereabouts."""
    may = sa.select(col(Relative.id)).where(
        col(Relative.id) == relative.id, opens_whereabouts(actor)
    )
    return session.scalar(may) is not None


def whereabouts_of(session: Session, actor: Actor, case: Case, relative: Relative) -> str:
    """Return where a relative is; each opening is noted. Raises Forbidden, saying who can."""
    if not may_open(session, actor, relative):
        raise Forbidden(CLOSED)
    audit.note_read(session, actor, "family.whereabouts.read", relative.id, case=case.id)
    cell = relative.whereabouts_sealed or b""
    return unseal(session, case.id, TABLE, "whereabouts_sealed", relative.id, cell)


def find_elsewhere(
    session: Session, actor: Actor, case: Case, people: Collection[RelativeRow]
) -> dict[UUID, list[str]]:
    """Return the codes of other cases that the actor reads and in which the same people are.

    The same: the same document, or the same name (accents and capitals aside) and birth date.
    Nothing is learned of a case whose people the actor does not read.
    """
    others = other_documents(session, [row.person_id for row in people])
    numbers = {row.person_id: _numbers(row, others[row.person_id]) for row in people}
    sought = {number for each in numbers.values() for _kind, number in each}
    births = {row.born_on for row in people if row.born_on is not None}
    if not sought and not births:
        return {}
    alike = sa.or_(col(Person.id).in_(numbered(sought)), col(Person.born_on).in_(births))
    found: list[tuple[str, Person]] = []
    not_struck = col(Relative.struck_at).is_(None)
    for link, holds in ((Relative, not_struck), (CaseChild, sa.true())):
        statement = (
            sa.select(col(Case.code), Person)
            .join(link, col(link.person_id) == col(Person.id))
            .join(Case, col(Case.id) == col(link.case_id))
            .where(alike, holds, col(Case.id) != case.id, readable_cases(actor))
        )
        found += list(rows(session, statement))
    beside = other_documents(session, [person.id for _code, person in found])
    theirs = {person.id: _numbers(person, beside[person.id]) for _code, person in found}
    return {
        row.person_id: codes
        for row in people
        if (
            codes := sorted(
                {
                    code
                    for code, person in found
                    if _is_same(row, person, numbers[row.person_id], theirs[person.id])
                }
            )
        )
    }


def _numbers(
    person: Person | RelativeRow, others: Collection[PersonDocument]
) -> frozenset[Numbered]:
    return numbers_of(person, [(each.kind, each.number) for each in others])


def _is_same(
    row: RelativeRow, person: Person, own: frozenset[Numbered], theirs: frozenset[Numbered]
) -> bool:
    if own and theirs:
        return bool(own & theirs)
    names = _name_of(row)
    return bool(names) and names == _name_of(person) and row.born_on == person.born_on is not None


def _name_of(person: Person | RelativeRow) -> str:
    return fold(f"{person.given_names} {person.first_surname} {person.second_surname}")
