"""Reading what is encrypted of a person; the caller has decided that the actor may."""

from sqlmodel import Session

from portal.db.sealing import opened
from portal.people.models import Person

TABLE = "portal_person"
SEALED = ("description", "disability", "pregnancy")


def sealed_texts(session: Session, person: Person) -> dict[str, str]:
    """Return description, disability and pregnancy as they were written, empty where unknown."""
    return {name: _opened(session, person, f"{name}_sealed") for name in SEALED}


def _opened(session: Session, person: Person, column: str) -> str:
    return opened(session, person.id, TABLE, column, person.id, getattr(person, column))
