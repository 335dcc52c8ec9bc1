"""Reading documents and what is encrypted of a person; the caller has decided that one may."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal.db.sealing import opened
from portal.people.models import Person, PersonDocument

TABLE = "portal_person"
SEALED = ("description", "disability", "pregnancy")


def sealed_texts(session: Session, person: Person) -> dict[str, str]:
    """Return description, disability and pregnancy as they were written, empty where unknown."""
    return {name: _opened(session, person, f"{name}_sealed") for name in SEALED}


def other_documents(
    session: Session, person_ids: Collection[UUID]
) -> dict[UUID, Sequence[PersonDocument]]:
    """Return the documents beside the main one of some people, in the order they were written."""
    found: dict[UUID, list[PersonDocument]] = defaultdict(list)
    for each in session.scalars(
        sa.select(PersonDocument)
        .where(col(PersonDocument.person_id).in_(person_ids))
        .order_by(col(PersonDocument.recorded_at), col(PersonDocument.id))
    ):
        found[each.person_id].append(each)
    return {person_id: found[person_id] for person_id in person_ids}


def numbered(numbers: Collection[str]) -> "sa.CompoundSelect[UUID]":
    """Return who bears one of these document numbers, as the main one or another."""
    main = aliased(Person)
    return sa.union(
        sa.select(col(main.id)).where(
            col(main.document_number).in_(numbers), col(main.document_number) != ""
        ),
        sa.select(col(PersonDocument.person_id)).where(col(PersonDocument.number).in_(numbers)),
    )


def _opened(session: Session, person: Person, column: str) -> str:
    return opened(session, person.id, TABLE, column, person.id, getattr(person, column))
