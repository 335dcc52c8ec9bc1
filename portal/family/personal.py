"""What the families of cases hold of a person: of a child, and of an adult around children."""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.cases.models import Case, CaseChild
from portal.db.sealing import opened
from portal.family.labels import PARTING, RELATION
from portal.family.models import Relative, RelativeChild
from portal.family.queries import TABLE
from portal.people import personal as people
from portal.people.models import Person
from portal.people.rules import full_name
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l

CHILDREN = "portal_relative_child"


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return who is of a child's family, or of which children's family a person is.

    Where a relative is stands apart, reserved: it is told by a decision of its own only.
    """
    of_child = sa.exists().where(
        col(CaseChild.case_id) == col(Relative.case_id), col(CaseChild.person_id) == person_id
    )
    statement = (
        sa.select(Relative, Person, Case)
        .join(Person, col(Person.id) == col(Relative.person_id))
        .join(Case, col(Case.id) == col(Relative.case_id))
        .where(sa.or_(of_child, col(Relative.person_id) == person_id))
        .order_by(col(Relative.recorded_at), col(Relative.id))
    )
    found = [(row[0], row[1], row[2]) for row in session.execute(statement)]
    narrowed = session.scalars(
        sa.select(col(RelativeChild.relative_id)).where(col(RelativeChild.person_id) == person_id)
    ).all()
    return [
        PersonExport(
            table=TABLE,
            title=_l("Family"),
            rows=[_row(session, relative, person, case) for relative, person, case in found],
        ),
        PersonExport(
            table=TABLE,
            title=_l("Where relatives are"),
            rows=[
                readable(
                    (_("Case"), case.code),
                    (_("Name"), full_name(person)),
                    (_("Whereabouts"), _opened(session, relative, "whereabouts_sealed")),
                )
                for relative, person, case in found
                if relative.whereabouts_sealed
            ],
            is_reserved=True,
        ),
        PersonExport(
            table=CHILDREN,
            title=_l("Relatives of this child alone"),
            rows=[
                readable(
                    (_("Case"), case.code),
                    (_("Relation"), RELATION[relative.relation]),
                )
                for relative, _person, case in found
                if relative.id in narrowed
            ],
        ),
    ]


def _row(session: Session, relative: Relative, person: Person, case: Case) -> dict[str, str]:
    return readable(
        (_("Case"), case.code),
        (_("Relation"), RELATION[relative.relation]),
        (_("Name"), full_name(person)),
        (_("Lives with the children"), relative.lives_with),
        (_("Takes care of them"), relative.is_caregiver),
        (_("Since"), relative.since),
        (_("Until"), relative.until),
        (_("Who said so"), relative.said_by),
        (_("Note"), relative.note),
        (_("Relation of the parents"), PARTING[relative.parting] if relative.parting else ""),
        (_("Struck at"), relative.struck_at),
        (_("Why it was struck"), _opened(session, relative, "strike_reason_sealed")),
    )


def _opened(session: Session, relative: Relative, column: str) -> str:
    cell = getattr(relative, column)
    return opened(session, relative.case_id, TABLE, column, relative.id, cell)


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the relatives of the cases that end, and whoever is of no other family or case."""
    relatives = session.scalars(
        sa.select(Relative).where(col(Relative.case_id).in_(ending.case_ids))
    ).all()
    return _empty(session, relatives, ending.case_ids)


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Take a child out of the families of cases that stay for its siblings.

    Who was a relative of this child alone goes too; the rest of the family is the siblings'.
    """
    mine = session.scalars(
        sa.select(Relative)
        .join(RelativeChild, col(RelativeChild.relative_id) == col(Relative.id))
        .where(
            col(RelativeChild.person_id) == person_id,
            col(Relative.case_id).in_(plan.shared_case_ids),
        )
    ).all()
    of_others = set(
        session.scalars(
            sa.select(col(RelativeChild.relative_id)).where(
                col(RelativeChild.relative_id).in_([each.id for each in mine]),
                col(RelativeChild.person_id) != person_id,
            )
        )
    )
    alone = [each for each in mine if each.id not in of_others]
    gone = session.execute(
        sa.delete(RelativeChild).where(
            col(RelativeChild.person_id) == person_id,
            col(RelativeChild.relative_id).in_(of_others),
        )
    )
    for relative in alone:
        relative.struck_at = relative.struck_at or clock.now()
    return [
        Erased(table=CHILDREN, erased=gone.rowcount),  # type: ignore[attr-defined]
        *_empty(session, alone, plan.shared_case_ids),
    ]


def _empty(
    session: Session, relatives: Sequence[Relative], case_ids: Collection[UUID]
) -> list[Erased]:
    gone = [each.person_id for each in relatives if not _stays(session, each, case_ids)]
    for relative in relatives:
        relative.note = relative.said_by = ""
        relative.since = relative.until = relative.parting = None
        relative.whereabouts_sealed = relative.strike_reason_sealed = None
    for person in session.scalars(sa.select(Person).where(col(Person.id).in_(gone))):
        people.empty(session, person)
    session.flush()
    return [
        Erased(table=TABLE, erased=len(relatives)),
        Erased(
            table="portal_person",
            erased=len(gone),
            held=len(relatives) - len(gone),
            scopes=frozenset(gone),
        ),
    ]


def _stays(session: Session, relative: Relative, case_ids: Collection[UUID]) -> bool:
    """Tell whether a record that does not end now still speaks of the person.

    A relative who is a child of some case is erased with that, by whoever erases children.
    """
    elsewhere = sa.exists().where(
        col(Relative.person_id) == relative.person_id,
        col(Relative.case_id).not_in(case_ids),
    )
    child = sa.exists().where(col(CaseChild.person_id) == relative.person_id)
    return bool(session.scalar(sa.select(sa.or_(elsewhere, child))))
