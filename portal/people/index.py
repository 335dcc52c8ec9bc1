"""The index of names: which words stand in whose name, and how they sound.

Kept in the transaction in which a person is registered, changed or erased; `doctor` compares it
with the names and `rebuild` makes it anew.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.db import AnyColumns, rows
from portal.people.models import NameKey, NamePart, Person, PersonName
from portal.people.rules import Named
from portal.people.sounds import name_words, sound_key, sound_keys

BATCH = 2000

Word = tuple[str, NamePart]


def words_of(person: Named) -> set[Word]:
    """Return the words of a person's name with where each stands."""
    parts = (
        (person.given_names, NamePart.GIVEN),
        (person.first_surname, NamePart.FIRST),
        (person.second_surname, NamePart.SECOND),
    )
    return {(word, part) for text, part in parts for word in name_words(text)}


def spelled(words: Iterable[Word]) -> str:
    """Return all words of a name with their parts, as each of its rows holds them."""
    return "".join(sorted(f" {word}/{part.value[0]}" for word, part in words))


def word_of(spelt: str) -> str:
    """Return the word of one that `spelled` wrote."""
    return spelt[:-2]


def part_of(spelt: str) -> NamePart:
    """Return the part of the name in which a word stands that `spelled` wrote."""
    return _PARTS[spelt[-1]]


_PARTS = {part.value[0]: part for part in NamePart}


def keep(session: Session, person: Person) -> None:
    """Bring a person's words up to date, within the transaction of the change."""
    wanted = list(name_rows(person.id, words_of(person)))
    own = col(PersonName.person_id) == person.id
    kept = rows(session, sa.select(col(PersonName.word), col(PersonName.names)).where(own))
    if sorted(kept) == sorted((row["word"], row["names"]) for row in wanted):
        return
    session.execute(sa.delete(PersonName).where(own))
    words = {row["word"] for row in wanted}
    if gone := {word for word, _names in kept} - words:
        _forget(session, gone)
    if wanted:
        _put_keys(session, words)
        session.execute(sa.insert(PersonName), wanted)


def name_rows(person_id: UUID, words: Collection[Word]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the index that a person's words need."""
    names = spelled(words)
    for word, part in sorted(words):
        yield {"word": word, "person_id": person_id, "part": part, "names": names}


def _forget(session: Session, words: Collection[str]) -> None:
    """Take words out of the index that nobody bears any more."""
    borne = sa.exists().where(col(PersonName.word) == col(NameKey.word))
    session.execute(sa.delete(NameKey).where(col(NameKey.word).in_(words), ~borne))


def _put_keys(session: Session, words: Collection[str]) -> None:
    """Write the keys of words that the index does not know yet."""
    known = set(
        session.scalars(
            sa.select(col(NameKey.word))
            .where(col(NameKey.is_whole), col(NameKey.key).in_({sound_key(word) for word in words}))
            .where(col(NameKey.word).in_(words))
        )
    )
    if new := list(key_rows(set(words) - known)):
        session.execute(_put_once(session), new)


def key_rows(words: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the index that words need: each under its sound and its slips."""
    for word in sorted(words):
        whole = sound_key(word)
        for key in dict.fromkeys(sound_keys(word)):
            yield {"key": key, "word": word, "is_whole": key == whole}


def _put_once(session: Session) -> Any:
    """Return an insert that leaves a key alone which somebody else wrote at the same time."""
    if session.get_bind().dialect.name == "sqlite":
        return sa.insert(NameKey).prefix_with("OR IGNORE")
    from sqlalchemy.dialects.postgresql import insert

    return insert(NameKey).on_conflict_do_nothing()


def rebuild(session: Session) -> int:
    """Make the index anew from the names; returns how many people stand in it."""
    session.execute(sa.delete(PersonName))
    session.execute(sa.delete(NameKey))
    people, known = 0, set[str]()
    for some in _pages(session):
        words = {person.id: words_of(person) for person in some}
        new = {word for own in words.values() for word, _part in own} - known
        known |= new
        if keys := list(key_rows(new)):
            session.execute(_put_once(session), keys)
        if kept := [row for one, own in words.items() for row in name_rows(one, own)]:
            session.execute(sa.insert(PersonName), kept)
        people += len(some)
    return people


def _told(person: Any) -> list[tuple[str, str]]:
    return [(row["word"], row["names"]) for row in name_rows(person.id, words_of(person))]


def _pages(session: Session) -> Iterator[Sequence[Any]]:
    """Yield identifier and names of everybody, some at a time, in the order of registration."""
    statement: AnyColumns = (
        sa.select(
            col(Person.id),
            col(Person.given_names),
            col(Person.first_surname),
            col(Person.second_surname),
        )
        .order_by(col(Person.id))
        .limit(BATCH)
    )
    page: Sequence[Any] = rows(session, statement)
    while page:
        yield page
        page = rows(session, statement.where(col(Person.id) > page[-1].id))


def differences(session: Session) -> int:
    """Return how many people's words differ from their names, or lack a key; 0 when all is well."""
    wrong = 0
    for some in _pages(session):
        kept: dict[UUID, list[tuple[str, str]]] = {person.id: [] for person in some}
        within = col(PersonName.person_id).between(some[0].id, some[-1].id)
        statement = sa.select(
            col(PersonName.person_id), col(PersonName.word), col(PersonName.names)
        ).where(within)
        for person_id, word, names in rows(session, statement):
            kept.setdefault(person_id, []).append((word, names))
        wrong += sum(_told(person) != sorted(kept[person.id]) for person in some)
    known = sa.exists().where(col(NameKey.word) == col(PersonName.word), col(NameKey.is_whole))
    silent = sa.select(sa.func.count(sa.distinct(col(PersonName.word)))).where(~known)
    return wrong + (session.scalar(silent) or 0)
