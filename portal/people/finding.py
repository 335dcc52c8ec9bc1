"""People by half-remembered names: which words of the index are meant, who bears them, how like.

Who may be found is the caller's: it joins `bearers` with its own rule, and caps after it. Whether
a word stands in names that the asker may not see changes nothing of what is found among the others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal.db import AnyColumns, rows
from portal.people.models import NameKey, NamePart, PersonName
from portal.people.sounds import FAR, called, name_words, sound_key, sound_keys, unlikeness

# How many words of a typed text are looked for, and from how many on one may be mistaken.
MOST_TYPED = 6
MAY_MISS_ONE = 3
SHORTEST_BEGINNING = 3
LAST = chr(0x10FFFF)
# People whose name is told apart from many others are looked up through their rarest word.
COUNTED = 2000


@dataclass(frozen=True, slots=True)
class Meant:
    """One typed word, and the words of the index that it may mean, with how unlike each is."""

    typed: str
    words: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: the typed words, the rarest first."""

    meant: tuple[Meant, ...]

    @property
    def needed(self) -> int:
        """Return how many of the words must stand in a name."""
        count = len(self.meant)
        return count - 1 if count >= MAY_MISS_ONE else count

    @property
    def words(self) -> frozenset[str]:
        """Return every word of the index that is meant."""
        return frozenset(word for each in self.meant for word in each.words)


@dataclass(frozen=True, slots=True)
class Like:
    """How a typed word met a word of a name: in which part of it, and how unlike it is."""

    typed: str
    word: str
    part: NamePart
    cost: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a person's name is to what was typed; the less the cost, the more."""

    cost: int
    likes: tuple[Like, ...]


def seek(session: Session, text: str) -> Sought | None:
    """Return what a typed name may mean, in two statements; None where nothing was typed.

    A word is also taken as the beginning of one, and as a nickname or the name behind one.
    """
    typed = name_words(text)[:MOST_TYPED]
    if not typed:
        return None
    found = session.scalars(sa.select(col(NameKey.word)).where(_may_be(typed)).distinct()).all()
    meant = [Meant(word, _near(word, found)) for word in typed]
    counts = _counts(session, meant)
    order = sorted(range(len(meant)), key=counts.__getitem__)
    return Sought(tuple(meant[place] for place in order))


def _may_be(typed: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition under which a word of the index may be meant by one of these."""
    asked = [name for word in typed for name in (word, *called(word))]
    keys = {key for word in asked for key in sound_keys(word)}
    ways: list[sa.ColumnElement[bool]] = [col(NameKey.key).in_(keys)]
    for word in typed:
        beginning = sound_key(word)
        if len(beginning) >= SHORTEST_BEGINNING:
            within = col(NameKey.key).between(beginning, beginning + LAST)
            ways.append(sa.and_(col(NameKey.is_whole), within))
    return sa.or_(*ways)


def _near(typed: str, found: Iterable[str]) -> dict[str, int]:
    return {word: cost for word in found if (cost := unlikeness(typed, word)) < FAR}


def _counts(session: Session, meant: Sequence[Meant]) -> list[int]:
    """Return how many names bear each word, counted up to a bound: the rarest is walked."""
    parts = []
    for place, each in enumerate(meant):
        borne = sa.select(col(PersonName.person_id)).where(col(PersonName.word).in_(each.words))
        capped = borne.limit(COUNTED).subquery()
        parts.append(sa.select(sa.literal(place), sa.func.count()).select_from(capped))
    counted = session.execute(sa.union_all(*parts)).all()
    return [count for _place, count in sorted(tuple(row) for row in counted)]


def bearers(sought: Sought) -> "sa.Select[UUID]":
    """Return who bears the sought words, as a walk to join with what the asker may see.

    Somebody may come twice, once for each word that led there.
    """
    led = sought.meant[: 1 + len(sought.meant) - sought.needed]
    words = {word for each in led for word in each.words}
    statement = sa.select(col(PersonName.person_id)).where(col(PersonName.word).in_(words))
    if len(sought.meant) == 1:
        return statement
    borne = [_bears(each) for each in sought.meant]
    if sought.needed == len(borne):
        return statement.where(*borne[1:])
    matched = sum((sa.case((each, 1), else_=0) for each in borne), sa.literal(0))
    return statement.where(matched >= sought.needed)


def _bears(meant: Meant) -> sa.ColumnElement[bool]:
    other: Any = aliased(PersonName)
    return sa.exists().where(
        other.person_id == col(PersonName.person_id), other.word.in_(meant.words)
    )


def likenesses(
    session: Session, sought: Sought, person_ids: Collection[UUID]
) -> dict[UUID, Likeness]:
    """Return how like the names of these people are to what is sought, in one statement."""
    statement: AnyColumns = sa.select(
        col(PersonName.person_id), col(PersonName.word), col(PersonName.part)
    ).where(col(PersonName.person_id).in_(person_ids), col(PersonName.word).in_(sought.words))
    borne: dict[UUID, list[tuple[str, NamePart]]] = {}
    for person_id, word, part in rows(session, statement):
        borne.setdefault(person_id, []).append((word, part))
    return {person_id: likeness(sought, words) for person_id, words in borne.items()}


def likeness(sought: Sought, words: Sequence[tuple[str, NamePart]]) -> Likeness:
    """Return how like the words of a name are: each typed word meets the likest one still free."""
    pairs = sorted(
        (each.words[word], place, number)
        for place, each in enumerate(sought.meant)
        for number, (word, _part) in enumerate(words)
        if word in each.words
    )
    met: dict[int, Like] = {}
    taken: set[int] = set()
    for cost, place, number in pairs:
        if place not in met and number not in taken:
            taken.add(number)
            met[place] = Like(sought.meant[place].typed, *words[number], cost)
    missed = FAR * (len(sought.meant) - len(met))
    likes = tuple(met[place] for place in sorted(met))
    return Likeness(sum(like.cost for like in likes) + missed, likes)
