"""Registering people."""

from typing import Any

from sqlmodel import Session

from portal import audit, clock
from portal.actor import Actor
from portal.db.sealing import seal
from portal.events.delivery import add_job
from portal.people import index
from portal.people.inputs import PersonInput
from portal.people.models import Person
from portal.people.queries import SEALED, TABLE, sealed_texts

# Looks, once the act stands, whether somebody else knows this person; who does it registers there.
MATCH = "people.match"


def register_person(session: Session, actor: Actor, given: PersonInput) -> Person:
    """Write a person as far as known; an estimated age counts from today."""
    plain, sealed = _parted(given)
    person = Person(
        **plain,
        estimated_on=clock.today() if given.estimated_age is not None else None,
        created_at=clock.now(),
    )
    session.add(person)
    for name, text in sealed.items():
        _seal(session, person, name, text)
    session.flush()
    index.keep(session, person)
    add_job(session, MATCH, {"person": str(person.id)})
    audit.record(session, actor, "people.person.register", person.id)
    return person


def update_person(session: Session, actor: Actor, person: Person, given: PersonInput) -> Person:
    """Change what is known of a person; the caller has decided that the actor may.

    The trail keeps the names of the fields that changed, never their contents.
    """
    plain, sealed = _parted(given)
    changed = [name for name, value in plain.items() if value != getattr(person, name)]
    for name in changed:
        setattr(person, name, getattr(given, name))
    before = sealed_texts(session, person)
    for name, text in sealed.items():
        if text != before[name]:
            _seal(session, person, name, text)
            changed.append(name)
    if "estimated_age" in changed:
        person.estimated_on = clock.today() if given.estimated_age is not None else None
    session.flush()
    index.keep(session, person)
    add_job(session, MATCH, {"person": str(person.id)})
    audit.record(session, actor, "people.person.update", person.id, fields=sorted(changed))
    return person


def _parted(given: PersonInput) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what stands open in the row, and what is encrypted there."""
    values = given.model_dump()
    return values, {name: values.pop(name) for name in SEALED if name in values}


def _seal(session: Session, person: Person, name: str, text: str) -> None:
    column = f"{name}_sealed"
    cell = seal(session, person.id, TABLE, column, person.id, text) if text else None
    setattr(person, column, cell)
