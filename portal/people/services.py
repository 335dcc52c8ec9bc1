"""Registering people."""

from sqlmodel import Session

from portal import audit, clock
from portal.actor import Actor
from portal.people import index
from portal.people.inputs import PersonInput
from portal.people.models import Person


def register_person(session: Session, actor: Actor, given: PersonInput) -> Person:
    """Write a person as far as known; an estimated age counts from today."""
    person = Person(
        **given.model_dump(),
        estimated_on=clock.today() if given.estimated_age is not None else None,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    index.keep(session, person)
    audit.record(session, actor, "people.person.register", person.id)
    return person


def update_person(session: Session, actor: Actor, person: Person, given: PersonInput) -> Person:
    """Change what is known of a person; the caller has decided that the actor may.

    The trail keeps the names of the fields that changed, never their contents.
    """
    changed = [name for name, value in given.model_dump().items() if value != getattr(person, name)]
    for name in changed:
        setattr(person, name, getattr(given, name))
    if "estimated_age" in changed:
        person.estimated_on = clock.today() if given.estimated_age is not None else None
    session.flush()
    index.keep(session, person)
    audit.record(session, actor, "people.person.update", person.id, fields=sorted(changed))
    return person
