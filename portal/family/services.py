"""What is written of the family of a case: registered together, added, changed, struck."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.cases.models import Case, CaseChild, EntryKind, Placement
from portal.cases.rules import WORKERS
from portal.cases.services import add_children, open_for, place_children
from portal.cases.timeline import log
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.events.delivery import add_job
from portal.family.inputs import AddRelative, AdultRow, EditRelative, RegisterFamily
from portal.family.models import Relative, RelativeChild
from portal.family.queries import CLOSED, TABLE, child_ids_of, get_member, get_relative, may_open
from portal.people.inputs import PersonDetails, PersonInput
from portal.people.models import Person, PersonDocument
from portal.people.services import MATCH, register_person, update_person
from portal.texts import _l, msgid


def register_family(
    session: Session, actor: Actor, case_id: UUID, given: RegisterFamily
) -> Sequence[Person]:
    """Register siblings and the adults around them at once; what they share is written once.

    Returns the children. Raises Invalid where nobody is named, or a document stands there twice.
    """
    case = open_for(session, actor, case_id, *WORKERS)
    if not given.children and not given.adults:
        raise Invalid(Problem("children", _l("Write at least one child or adult.")))
    _check_documents(session, case, given)
    children = [register_person(session, actor, _shared(child, given)) for child in given.children]
    add_children(session, actor, case, [child.id for child in children])
    placed = given.placement or (Placement.WITH_FAMILY if given.whereabouts else None)
    if placed is not None and children:
        place_children(
            session,
            actor,
            case,
            [child.id for child in children],
            placement=placed,
            whereabouts=given.whereabouts,
        )
    for adult in given.adults:
        person = register_person(session, actor, _identity_of(adult))
        _put_relative(
            session,
            actor,
            case,
            person,
            relation=adult.relation,
            lives_with=adult.lives_with,
            is_caregiver=adult.is_caregiver,
            said_by=given.said_by,
            note=adult.note,
        )
    _tell(session, actor, case)
    return children


def _identity_of(adult: AdultRow) -> PersonInput:
    return PersonDetails(**adult.model_dump(include={*PersonInput.model_fields, "has_died"}))


def _shared(child: PersonInput, given: RegisterFamily) -> PersonInput:
    """Return a child with what the siblings share, unless the child's own is written."""
    written = child.model_dump()
    if not child.first_surname and not child.second_surname:
        written["first_surname"] = given.first_surname
        written["second_surname"] = given.second_surname
    written["language"] = child.language or given.language
    written["interpreter_needed"] = child.interpreter_needed or given.interpreter_needed
    return PersonDetails(**written, people=given.people)


def _check_documents(session: Session, case: Case, given: RegisterFamily) -> None:
    """Raise Invalid beside each number that stands in the form, or on the case, already."""
    members = sa.union(
        sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id),
        sa.select(col(Relative.person_id)).where(
            col(Relative.case_id) == case.id, col(Relative.struck_at).is_(None)
        ),
    )
    known = set(
        session.scalars(
            sa.union_all(
                sa.select(col(Person.document_number)).where(col(Person.id).in_(members)),
                sa.select(col(PersonDocument.number)).where(
                    col(PersonDocument.person_id).in_(members)
                ),
            )
        )
    )
    problems = []
    for rows, people in (("children", given.children), ("adults", given.adults)):
        for number, person in enumerate(people):
            if person.document_number and person.document_number in known:
                problems.append(
                    Problem(
                        f"{rows}-{number}-document_number",
                        _l("Somebody of this family has this number already."),
                    )
                )
            known.add(person.document_number)
    if problems:
        raise Invalid(*problems)


def add_relative(session: Session, actor: Actor, case_id: UUID, given: AddRelative) -> Relative:
    """Put one more person into the family of a case."""
    case = open_for(session, actor, case_id, *WORKERS)
    _check_children(session, case, given.child_ids)
    person = register_person(
        session, actor, PersonDetails(**given.model_dump(include=set(PersonDetails.model_fields)))
    )
    relative = _put_relative(
        session,
        actor,
        case,
        person,
        **given.model_dump(include=set(EditRelative.model_fields) - {"child_ids"}),
    )
    _set_children(session, relative, given.child_ids)
    relative.whereabouts_open = given.whereabouts_open
    _seal_whereabouts(session, relative, given.whereabouts)
    _tell(session, actor, case)
    return relative


def _put_relative(
    session: Session, actor: Actor, case: Case, person: Person, **held: Any
) -> Relative:
    relative = Relative(
        case_id=case.id,
        person_id=person.id,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        agency_id=actor.agency_id,
        **held,
    )
    session.add(relative)
    session.flush()
    audit.record(session, actor, "family.member.add", relative.id, case=case.id)
    return relative


def edit_relative(
    session: Session, actor: Actor, case_id: UUID, *, relative_id: UUID, given: EditRelative
) -> Relative:
    """Change what a person is to the children; the trail keeps the names of the fields."""
    case, relative = to_write(session, actor, case_id, relative_id)
    _check_children(session, case, given.child_ids)
    values = given.model_dump(exclude={"child_ids"})
    changed = [name for name, value in values.items() if value != getattr(relative, name)]
    for name in changed:
        setattr(relative, name, values[name])
    if set(child_ids_of(session, relative)) != set(given.child_ids):
        _set_children(session, relative, given.child_ids)
        changed.append("child_ids")
    session.flush()
    if "is_caregiver" in changed and relative.is_caregiver:
        add_job(session, MATCH, {"person": str(relative.person_id)})
    audit.record(
        session, actor, "family.member.edit", relative.id, case=case.id, fields=sorted(changed)
    )
    _tell(session, actor, case)
    return relative


def set_whereabouts(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    relative_id: UUID,
    whereabouts: str,
    whereabouts_open: bool,
) -> Relative:
    """Write where a relative is, encrypted, and whether all who intervene may read it.

    Raises Forbidden where it is written already and the actor may not open it.
    """
    case, relative = to_write(session, actor, case_id, relative_id)
    if relative.whereabouts_sealed and not may_open(session, actor, relative):
        raise Forbidden(CLOSED)
    relative.whereabouts_open = whereabouts_open
    _seal_whereabouts(session, relative, whereabouts)
    audit.record(session, actor, "family.whereabouts.set", relative.id, case=case.id)
    return relative


def _seal_whereabouts(session: Session, relative: Relative, text: str) -> None:
    column = "whereabouts_sealed"
    relative.whereabouts_sealed = (
        seal(session, relative.case_id, TABLE, column, relative.id, text) if text else None
    )
    session.flush()


def strike_relative(
    session: Session, actor: Actor, case_id: UUID, *, relative_id: UUID, reason: str
) -> Relative:
    """Strike somebody who does not belong to the family; the row stays, struck."""
    case, relative = to_write(session, actor, case_id, relative_id)
    relative.struck_at, relative.struck_by = clock.now(), actor.user_id
    column = "strike_reason_sealed"
    relative.strike_reason_sealed = seal(session, case.id, TABLE, column, relative.id, reason)
    session.flush()
    audit.record(session, actor, "family.member.strike", relative.id, case=case.id, reason=reason)
    _tell(session, actor, case)
    return relative


def identify(
    session: Session, actor: Actor, case_id: UUID, *, person_id: UUID, given: PersonDetails
) -> Person:
    """Complete or correct the identity of a child or a person of the family."""
    case = open_for(session, actor, case_id, *WORKERS)
    person = get_member(session, actor, case, person_id)
    update_person(session, actor, person, given)
    audit.record(session, actor, "family.member.identify", person.id, case=case.id)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Identity data updated"),
        person_id=person.id if _is_child(session, case, person.id) else None,
    )
    return person


def _is_child(session: Session, case: Case, person_id: UUID) -> bool:
    return person_id in _children(session, case)


def _children(session: Session, case: Case) -> set[UUID]:
    return set(
        session.scalars(
            sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id)
        )
    )


def to_write(
    session: Session, actor: Actor, case_id: UUID, relative_id: UUID
) -> tuple[Case, Relative]:
    """Return somebody of the family of an open case, not struck; each form asks this first."""
    case = open_for(session, actor, case_id, *WORKERS)
    relative = get_relative(session, actor, case, relative_id)
    if relative.struck_at is not None:
        raise Conflict(_l("This person was struck from the family already."))
    return case, relative


def _check_children(session: Session, case: Case, child_ids: Collection[UUID]) -> None:
    if not set(child_ids) <= _children(session, case):
        raise Invalid(Problem("child_ids", _l("Choose among the children of this case.")))


def _set_children(session: Session, relative: Relative, child_ids: Iterable[UUID]) -> None:
    session.execute(sa.delete(RelativeChild).where(col(RelativeChild.relative_id) == relative.id))
    for child_id in set(child_ids):
        session.add(RelativeChild(relative_id=relative.id, person_id=child_id))
    session.flush()


def _tell(session: Session, actor: Actor, case: Case) -> None:
    log(session, actor, case, kind=EntryKind.ACT, title=msgid("Family of the children updated"))
