"""The index of names: kept with every change, rebuilt, and good for half-remembered names."""

import random
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import system_actor
from portal.db import WritingSession, rows
from portal.people import index
from portal.people.finding import bearers, likeness, seek
from portal.people.inputs import PersonInput
from portal.people.models import NameKey, Person, PersonName, Sex
from portal.people.personal import erase_person
from portal.people.services import register_person, update_person
from portal.personal import ErasurePlan
from tests.people.damaged import SEED, Name, damaged, names
from tests.postgresql import ON_BOTH

pytestmark = ON_BOTH
SYSTEM = system_actor()
KEYS = sa.select(col(NameKey.key), col(NameKey.word), col(NameKey.is_whole))


def register(session: Session, given: str, first: str = "", second: str = "") -> Person:
    """Register somebody by name."""
    named = PersonInput(given_names=given, first_surname=first, second_surname=second)
    return register_person(session, SYSTEM, named)


def found(session: Session, text: str) -> list[Person]:
    """Return everybody whose name is like a text, the likest first."""
    sought = seek(session, text)
    if sought is None:
        return []
    borne = session.execute(bearers(sought.shape), sought.given)
    like = {person_id: likeness(sought, names) for person_id, names in borne}
    order = sorted(like, key=lambda one: (like[one].cost, str(one)))
    return [session.get_one(Person, one) for one in order]


def test_names_are_found_as_they_are_half_remembered(session: WritingSession) -> None:
    child = register(session, "Rosa María", "Tuanama", "Quispe de la Caoba")
    other = register(session, "Luis", "Lupuna")
    for text in (
        "tuanama", "Tuanana", "TUANMA", "kispe tuanama", "Quizpe", "rosa tuan", "caoba",
        "ros tuana",
        "maria rosa quispe tuanama", "Rosita Tuanama", "rosa quispe lupuna",
    ):  # fmt: skip
        assert found(session, text) == [child], text
    assert found(session, "lucho lupuna") == [other]
    for text in ("", "rosa lupuna", "cedro", "tuanama luis", "--"):
        assert found(session, text) == [], text


def test_why_it_was_found_is_told(session: WritingSession) -> None:
    register(session, "Rosa", "Tuanama")
    sought = seek(session, "tuanana")
    assert sought is not None
    (_person_id, names) = session.execute(bearers(sought.shape), sought.given).one()
    (like,) = likeness(sought, names).likes
    assert (like.typed, like.word, like.part) == ("tuanana", "tuanama", "first")


def test_the_index_follows_the_name(session: WritingSession) -> None:
    child = register(session, "Rosa", "Tuanama")
    twin = register(session, "Luz", "Tuanama")
    changed = PersonInput(given_names="Rosa", first_surname="Lupuna")
    update_person(session, SYSTEM, child, changed)
    assert found(session, "tuanama") == [twin]
    assert found(session, "rosa lupuna") == [child]
    update_person(session, SYSTEM, twin, changed)
    words = set(session.scalars(sa.select(col(NameKey.word))))
    assert words == {"rosa", "lupuna"}
    assert index.differences(session) == 0


def test_nothing_of_an_erased_name_stays(session: WritingSession) -> None:
    child = register(session, "Rosa", "Tuanama")
    erase_person(session, child.id, ErasurePlan(id=child.id, person_id=child.id, reason="-"))
    assert list(rows(session, sa.select(col(PersonName.word), col(PersonName.person_id)))) == []
    assert list(rows(session, sa.select(col(NameKey.key), col(NameKey.word)))) == []


def test_it_is_rebuilt_from_the_names_and_compared_with_them(session: WritingSession) -> None:
    child = register(session, "Rosa", "Tuanama")
    register(session, "", "")
    before = set(rows(session, KEYS))
    session.execute(sa.update(PersonName).values(word=col(PersonName.word) + "x"))
    session.execute(sa.delete(NameKey).where(col(NameKey.word) == "rosa"))
    assert index.differences(session) == 3
    index.rebuild(session)
    session.execute(sa.update(PersonName).values(names=" lupuna/f"))
    assert index.differences(session) == 1
    assert index.rebuild(session) == 2
    assert index.differences(session) == 0
    assert set(rows(session, KEYS)) == before
    assert found(session, "tuanana") == [child]


def test_what_is_meant_is_found_in_two_statements(
    session: WritingSession, statements: object
) -> None:
    register(session, "Rosa", "Tuanama")
    for text in ("tuanama", "rosa maria tuanana quispe lupuna cedro caoba"):
        statements.seen.clear()  # type: ignore[attr-defined]
        assert seek(session, text) is not None
        assert statements.count == 2  # type: ignore[attr-defined]


def test_how_many_words_are_walked_is_no_other_statement(session: WritingSession) -> None:
    for surname in ("Tuanama", "Tuanalupuna", "Tuanacaoba", "Cedro"):
        register(session, "Rosa", surname)
    few, many = seek(session, "cedro rosa"), seek(session, "tuan rosa")
    assert few is not None
    assert many is not None
    assert len(few.meant[0].words) < len(many.meant[0].words)
    assert few.shape == many.shape
    assert len(found(session, "tuan rosa")) == 3


@pytest.mark.slow
def test_damaged_names_are_among_the_first_ten(session: WritingSession) -> None:
    rng = random.Random(SEED)
    people = names(rng)
    session.execute(sa.insert(Person), [as_row(name) for name in people])
    index.rebuild(session)
    asked = damaged(people, rng)
    assert len(asked) == 200
    missed = [each for each in asked if each.meant not in first_ten(session, each.typed)]
    assert len(missed) <= 6, missed
    weakest = Counter(each.kind for each in missed)
    assert max(weakest.values(), default=0) <= 1, missed


def as_row(name: Name) -> dict[str, object]:
    """Return a person's row."""
    given, first, second = name
    return {
        **Person(created_at=clock.now(), sex=Sex.UNKNOWN).model_dump(exclude_none=True),
        "given_names": given,
        "first_surname": first,
        "second_surname": second,
        "row_version": 1,
    }


def first_ten(session: Session, text: str) -> list[Name]:
    """Return the names of the first ten found."""
    return [
        (each.given_names, each.first_surname, each.second_surname)
        for each in found(session, text)[:10]
    ]
