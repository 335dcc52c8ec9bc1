"""What a case holds at all, told by one statement: a page asks only for what is there.

Most cases have no commitment, no plan, no twin in another institution; each question about what is
absent costs as much as one about what is there. Contexts above register theirs from the factory.
Nothing of it is shown: who may see a part is asked where the part is read.
"""

from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.cases.models import CaseChild, CaseRight, Closing, Term
from portal.db import AnyColumns, given, rows
from portal.people.models import Person

Belongs = Callable[[sa.ColumnElement[UUID]], sa.ColumnElement[bool]]

_parts: dict[str, Belongs] = {
    "terms": lambda case_id: col(Term.case_id) == case_id,
    "rights": lambda case_id: col(CaseRight.case_id) == case_id,
    "closings": lambda case_id: col(Closing.case_id) == case_id,
    "interpreters": lambda case_id: sa.and_(
        col(CaseChild.case_id) == case_id,
        col(Person.id) == col(CaseChild.person_id),
        col(Person.interpreter_needed),
    ),
}


def register(name: str, belongs: Belongs) -> None:
    """Register a kind of record by the condition that it belongs to a case; the same replaces."""
    _parts[name] = belongs


def parts_of(session: Session, case_id: UUID) -> frozenset[str]:
    """Return the names of what there is of a case, for whoever it may be."""
    names = tuple(_parts)
    [found] = rows(session, _presence(names), {"case_id": case_id})
    return frozenset(name for name, is_there in zip(names, found, strict=True) if is_there)


@lru_cache(maxsize=4)
def _presence(names: tuple[str, ...]) -> AnyColumns:
    of = given("case_id")
    return sa.select(*(sa.exists().where(_parts[name](of)) for name in names))
