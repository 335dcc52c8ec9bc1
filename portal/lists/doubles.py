"""Whether a row names a child that the list, or an alert that its author sees, names already."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.alerts.models import Alert, AlertChild
from portal.alerts.queries import visible_alerts
from portal.db import AnyColumns, rows
from portal.lists.rules import Child
from portal.people.models import Person, PersonDocument
from portal.people.queries import numbered
from portal.places.catalogue import fold
from portal.texts import Said, msgid

AT_ONCE = 400
Key = tuple[str, ...]


def find(
    session: Session, actor: Actor, children: Sequence[Child | None], seen: set[int]
) -> dict[int, Said]:
    """Return, by place in the sequence, why a row looks like somebody known already.

    Never more than what the actor may see anyway: rows of the same list, and children of alerts
    that stand in the actor's own lists. A person decides. `seen` is what the list said before, by
    the hash of each key; these rows are added to it.
    """
    known = _known(session, actor, [child for child in children if child is not None])
    found: dict[int, Said] = {}
    for spot, child in enumerate(children):
        if child is None:
            continue
        keys = keys_of(child)
        marks = {hash(key) for key in keys}
        code = next((known[key] for key in keys if key in known), None)
        if code is not None:
            found[spot] = Said(
                msgid("Looks like a child of alert %(code)s, which you see."), {"code": code}
            )
        elif seen.intersection(marks):
            found[spot] = Said(msgid("The list names this child twice."))
        seen.update(marks)
    return found


def keys_of(child: Child) -> list[Key]:
    """Return by what a child is the same: its document, or its name with the day of birth."""
    person = child.person
    return _keys(
        person.document_number,
        (person.given_names, person.first_surname, person.second_surname),
        person.born_on,
    )


def _keys(document: str, names: Sequence[str], born_on: date | None) -> list[Key]:
    keys: list[Key] = [("document", document)] if document else []
    if born_on is not None:
        keys.append(("name", *map(fold, names), born_on.isoformat()))
    return keys


def _known(session: Session, actor: Actor, children: Sequence[Child]) -> dict[Key, str]:
    """Return the code of the alert in which each key stands, among what the actor sees."""
    found: dict[Key, str] = {}
    for spot in range(0, len(children), AT_ONCE):
        some = children[spot : spot + AT_ONCE]
        numbers = {each.person.document_number for each in some} - {""}
        beside = sa.and_(
            col(PersonDocument.person_id) == col(Person.id), col(PersonDocument.number).in_(numbers)
        )
        days = {each.person.born_on for each in some if each.person.born_on}
        if not numbers and not days:
            continue
        statement: AnyColumns = (
            sa.select(
                col(Alert.code),
                sa.func.coalesce(col(PersonDocument.number), col(Person.document_number)),
                col(Person.given_names),
                col(Person.first_surname),
                col(Person.second_surname),
                col(Person.born_on),
            )
            .join(AlertChild, col(AlertChild.person_id) == col(Person.id))
            .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
            .join(PersonDocument, beside, isouter=True)
            .where(
                visible_alerts(actor),
                sa.or_(col(Person.id).in_(numbered(numbers)), col(Person.born_on).in_(days)),
            )
        )
        for code, document, given, first, second, born_on in rows(session, statement):
            for key in _keys(document, (given, first, second), born_on):
                found.setdefault(key, code)
    return found
