"""Looking, once a registration stands, for whoever else knows the child; done by the worker.

The registration itself answers always alike and takes as long, whether there is a match or not.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import system_actor
from portal.duplicates.events import MatchTold
from portal.duplicates.models import Basis, Match
from portal.duplicates.sides import Side, sides_of
from portal.people.finding import bearers, seek
from portal.people.matching import Likeness, Numbered, likely_same, numbers_of
from portal.people.models import Person
from portal.people.queries import numbered, other_documents

MOST = 500
BASIS = {Likeness.DOCUMENT: Basis.DOCUMENT, Likeness.NAME: Basis.NAME}


def match_person(session: Session, payload: Mapping[str, Any]) -> None:
    """Propose to both leads every other record that likely is of this person."""
    person = session.get(Person, UUID(payload["person"]))
    if person is None:
        return
    near = _alike(session, person)
    sides = sides_of(session, {person.id, *(other.id for other, _like in near)})
    own = sides.get(person.id)
    known = _known(session, person.id)
    for other, like in near:
        side = sides.get(other.id)
        if own and side and other.id not in known and _may_be_one(own, side, like):
            propose(session, own, side, BASIS[like])


def _alike(session: Session, person: Person) -> list[tuple[Person, Likeness]]:
    """Return who likely is this person, and on what: all documents of both count."""
    known = numbers_beside(session, [person.id])
    near = _near(session, person, numbers_of(person, known[person.id]))
    known |= numbers_beside(session, [other.id for other in near])
    day = clock.today()
    return [
        (other, like)
        for other in near
        if (like := likely_same(person, other, day, more=(known[person.id], known[other.id])))
    ]


def numbers_beside(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Numbered]]:
    """Return the kinds and numbers of the documents beside the main one of some people."""
    return {
        own: [(each.kind, each.number) for each in documents]
        for own, documents in other_documents(session, ids).items()
    }


def _near(session: Session, person: Person, numbers: Collection[Numbered]) -> list[Person]:
    """Return the people with one of these numbers or a like name."""
    ways: list[sa.ColumnElement[bool]] = []
    if numbers:
        ways.append(col(Person.id).in_(numbered([number for _kind, number in numbers])))
    named = f"{person.given_names.split()[0]} {_surnames(person)}" if person.given_names else ""
    sought = seek(session, named) if named and _surnames(person) else None
    if sought is not None:
        borne = bearers(sought.shape).subquery()
        ways.append(col(Person.id).in_(sa.select(borne.c.person_id).limit(MOST)))
    if not ways:
        return []
    statement = sa.select(Person).where(sa.or_(*ways), col(Person.id) != person.id).limit(MOST)
    found = session.scalars(statement, sought.given if sought else None)
    return list(found)


def _surnames(person: Person) -> str:
    return f"{person.first_surname} {person.second_surname}".strip()


def _may_be_one(own: Side, other: Side, like: Likeness) -> bool:
    """Tell whether two records may be proposed: not one and the same, by name near each other."""
    if own.record_id == other.record_id:
        return False
    return like is Likeness.DOCUMENT or own.district == other.district


def _known(session: Session, person_id: UUID) -> set[UUID]:
    """Return with whom a person was compared already, whatever was answered."""
    pairs = session.execute(
        sa.select(col(Match.one_id), col(Match.other_id)).where(
            sa.or_(col(Match.one_id) == person_id, col(Match.other_id) == person_id)
        )
    )
    return {one for pair in pairs for one in pair} - {person_id}


def propose(session: Session, own: Side, other: Side, basis: Basis) -> Match:
    """Write a proposal and tell both sides; of a shielded child only its own lead."""
    first, second = sorted((own.person_id, other.person_id))
    match = Match(one_id=first, other_id=second, basis=basis, found_at=clock.now())
    session.add(match)
    session.flush()
    for side, against in ((own, other), (other, own)):
        case = side.record_id if side.is_case else None
        audit.record(session, system_actor(), "duplicates.match.find", match.id, case=case)
        if not against.is_shielded:
            what = "carer" if side.is_carer else "found"
            told = MatchTold(match.id, side.agency_id, what, side.code)
            events.record(session, told)
    return match
