"""What the table of people holds of a person."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from portal.people.labels import DOCUMENT, SEX
from portal.people.models import Person
from portal.personal import PersonExport, readable
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return who the person is, as far as known."""
    person = session.get(Person, person_id)
    rows = [] if person is None else [_identity(person)]
    return [PersonExport(table="portal_person", title=_l("Identity of the person"), rows=rows)]


def _identity(person: Person) -> dict[str, str]:
    return readable(
        (_("Given names"), person.given_names),
        (_("First surname"), person.first_surname),
        (_("Second surname"), person.second_surname),
        (_("Born on"), person.born_on),
        (_("Estimated age, in years"), person.estimated_age),
        (_("Estimated on"), person.estimated_on),
        (_("Sex"), SEX[person.sex]),
        (_("Identity document"), DOCUMENT[person.document_kind]),
        (_("Document number"), person.document_number),
        (_("Language"), person.language),
        (_("Needs an interpreter"), person.interpreter_needed),
        (_("Registered at"), person.created_at),
    )
