"""What the table of people holds of a person."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.people import index
from portal.people.labels import DOCUMENT, SEX
from portal.people.models import DocumentKind, Person, PersonDocument
from portal.people.queries import SEALED, other_documents, sealed_texts
from portal.personal import Erased, ErasurePlan, PersonExport, readable
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return who the person is, as far as known."""
    person = session.get(Person, person_id)
    rows = [] if person is None else [_identity(session, person)]
    others = other_documents(session, [person_id])[person_id]
    return [
        PersonExport(table="portal_person", title=_l("Identity of the person"), rows=rows),
        PersonExport(
            table="portal_person_document",
            title=_l("Other identity documents"),
            rows=[
                readable(
                    (_("Identity document"), DOCUMENT[each.kind]),
                    (_("Document number"), each.number),
                    (_("Country that issued it"), each.country),
                    (_("Since"), each.since),
                    (_("Said by"), each.said_by),
                    (_("Registered at"), each.recorded_at),
                )
                for each in others
            ],
        ),
    ]


def _identity(session: Session, person: Person) -> dict[str, str]:
    sealed = sealed_texts(session, person)
    return readable(
        (_("Given names"), person.given_names),
        (_("First surname"), person.first_surname),
        (_("Second surname"), person.second_surname),
        (_("The name was assigned"), person.name_is_assigned),
        (_("Born on"), person.born_on),
        (_("Estimated age, in years"), person.estimated_age),
        (_("Estimated on"), person.estimated_on),
        (_("Sex"), SEX[person.sex]),
        (_("Identity document"), DOCUMENT[person.document_kind]),
        (_("Document number"), person.document_number),
        (_("Country that issued it"), person.document_country),
        (_("Since"), person.document_since),
        (_("Said by"), person.document_said_by),
        (_("Registry office"), person.registry_office),
        (_("Indigenous people"), person.people),
        (_("Language"), person.language),
        (_("Needs an interpreter"), person.interpreter_needed),
        (_("Has died"), person.has_died),
        (_("Description"), sealed["description"]),
        (_("Disability"), sealed["disability"]),
        (_("Pregnancy"), sealed["pregnancy"]),
        (_("Registered at"), person.created_at),
    )


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Empty who the person is, unless a record that stays still speaks of them.

    The row and the sex stay, so that counts and keys hold.
    """
    person = session.get_one(Person, person_id)
    elsewhere = plan.held_case_ids - plan.shared_case_ids
    if elsewhere or plan.held_alert_ids - plan.shared_alert_ids:
        return [Erased(table="portal_person", erased=0, held=1)]
    documents = empty(session, person)
    return [
        Erased(table="portal_person", erased=1),
        Erased(table="portal_person_document", erased=documents),
    ]


def empty(session: Session, person: Person) -> int:
    """Take everything that tells who a person is out of the row; the sex stays.

    Returns how many other documents went.
    """
    person.given_names = person.first_surname = person.second_surname = ""
    person.name_is_assigned = person.has_died = False
    person.born_on = person.estimated_age = person.estimated_on = None
    person.document_kind, person.document_number = DocumentKind.NONE, ""
    person.document_country = person.document_said_by = ""
    person.document_since = None
    documents = session.execute(
        sa.delete(PersonDocument).where(col(PersonDocument.person_id) == person.id)
    ).rowcount  # type: ignore[attr-defined]
    person.registry_office = person.people = person.language = ""
    person.interpreter_needed = False
    for name in SEALED:
        setattr(person, f"{name}_sealed", None)
    session.flush()
    index.keep(session, person)
    return int(documents)
