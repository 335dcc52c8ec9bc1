"""Registering people."""

from typing import Any

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from portal import audit, clock
from portal.actor import Actor
from portal.db.sealing import seal
from portal.errors import Invalid, Problem
from portal.events.delivery import add_job
from portal.people import index
from portal.people.inputs import OtherDocument, PersonDetails, PersonInput
from portal.people.models import Person, PersonDocument
from portal.people.queries import SEALED, TABLE, other_documents, sealed_texts
from portal.texts import _l

# Looks, once the act stands, whether somebody else knows this person; who does it registers there.
MATCH = "people.match"
# One of them must remain: pages, lists and searches call a person by it.
TOLD_APART_BY = ("given_names", "first_surname", "second_surname", "description")


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
    _keep_documents(session, person, given)
    index.keep(session, person)
    add_job(session, MATCH, {"person": str(person.id)})
    audit.record(session, actor, "people.person.register", person.id)
    return person


def update_person(session: Session, actor: Actor, person: Person, given: PersonInput) -> Person:
    """Change what is known of a person; the caller has decided that the actor may.

    The trail keeps the names of the fields that changed, never their contents. Raises Invalid where
    nothing would be left that tells the person apart.
    """
    plain, sealed = _parted(given)
    before = sealed_texts(session, person)
    _check_told_apart(person, before, {**plain, **sealed})
    changed = [name for name, value in plain.items() if value != getattr(person, name)]
    for name in changed:
        setattr(person, name, getattr(given, name))
    for name, text in sealed.items():
        if text != before[name]:
            _seal(session, person, name, text)
            changed.append(name)
    if "estimated_age" in changed:
        person.estimated_on = clock.today() if given.estimated_age is not None else None
    if _keep_documents(session, person, given):
        changed.append("documents")
        # Two people who change documents at once see both texts, as with any other field.
        flag_modified(person, "document_number")
    session.flush()
    index.keep(session, person)
    add_job(session, MATCH, {"person": str(person.id)})
    audit.record(session, actor, "people.person.update", person.id, fields=sorted(changed))
    return person


def _parted(given: PersonInput) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what stands open in the row, and what is encrypted there."""
    values = given.model_dump(exclude={"documents"})
    return values, {name: values.pop(name) for name in SEALED if name in values}


def _check_told_apart(person: Person, before: dict[str, str], given: dict[str, Any]) -> None:
    """Refuse that a name, assigned or not, or a description becomes none at all.

    Who was registered with neither may stay so: nobody waits for a name (DL 1297 art. 44.a).
    """
    was = {name: before.get(name) or getattr(person, name, "") for name in TOLD_APART_BY}
    if any(was.values()) and not any({**was, **given}[name] for name in TOLD_APART_BY):
        words = _l(
            "Leave a name, even an assigned one, or a description: nothing else tells this person "
            "apart."
        )
        raise Invalid(Problem(TOLD_APART_BY[0], words))


def _keep_documents(session: Session, person: Person, given: PersonInput) -> bool:
    """Let the documents beside the main one be those given; says whether any changed.

    Raises Invalid beside one that is written twice.
    """
    if not isinstance(given, PersonDetails):
        return False
    _check_once(given)
    kept = {
        (each.kind, each.number): each for each in other_documents(session, [person.id])[person.id]
    }
    told = {(each.kind, each.number): each for each in given.documents}
    gone = [row for key, row in kept.items() if key not in told]
    for row in gone:
        session.delete(row)
    added = [
        PersonDocument(person_id=person.id, recorded_at=clock.now(), **each.model_dump())
        for key, each in told.items()
        if key not in kept
    ]
    session.add_all(added)
    changed = [key for key, row in kept.items() if key in told and _change(row, told[key])]
    session.flush()
    return bool(gone or added or changed)


def _change(row: PersonDocument, given: OtherDocument) -> bool:
    values = given.model_dump(include={"country", "since", "said_by"})
    differs = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return differs


def _check_once(given: PersonDetails) -> None:
    known = {(given.document_kind, given.document_number)}
    problems = []
    for number, each in enumerate(given.documents):
        if (each.kind, each.number) in known:
            words = _l("This document is written already.")
            problems.append(Problem(f"documents-{number}-number", words))
        known.add((each.kind, each.number))
    if problems:
        raise Invalid(*problems)


def _seal(session: Session, person: Person, name: str, text: str) -> None:
    column = f"{name}_sealed"
    cell = seal(session, person.id, TABLE, column, person.id, text) if text else None
    setattr(person, column, cell)
