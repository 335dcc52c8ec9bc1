"""People by half-remembered names: which words of the index are meant, who bears them, how like.

Who may be found is the caller's: it joins `bearers` with its own rule, and caps after it. Whether
a word stands in names that the asker may not see changes nothing of what is found among the others.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal.db import among, given, listed, plain_rows
from portal.people.index import part_of, word_of
from portal.people.models import NameKey, NamePart, PersonName
from portal.people.sounds import (
    BEGINS,
    FAR,
    NICKNAME,
    called,
    name_words,
    sound_key,
    sound_keys,
    unlikeness,
)

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


@dataclass(frozen=True)
class Sought:
    """What is looked for: the typed words, the one whose bearers are walked first."""

    meant: tuple[Meant, ...]

    @property
    def shape(self) -> str:
        """Return what `bearers` must know: how many words each typed word is compared with.

        Where all must stand, the first is not compared: its bearers are those that are walked.
        """
        widths = [_width(each) for each in self.meant]
        if _all_needed(len(widths)):
            widths[0] = WALKED
        return "".join(widths)

    @cached_property
    def met(self) -> Mapping[str, list[tuple[int, int]]]:
        """Return which typed words each word of the index may be, with how unlike they are."""
        found: dict[str, list[tuple[int, int]]] = {}
        for place, each in enumerate(self.meant):
            for word, cost in each.words.items():
                found.setdefault(word, []).append((place, cost))
        return found

    @cached_property
    def given(self) -> Mapping[str, Any]:
        """Return the values of `bearers`."""
        led = [each.words for each in self.meant[: _led(len(self.meant))]]
        near = {word for words in led for word, cost in words.items() if cost <= NICKNAME}
        found: dict[str, Any] = {
            "near_words": listed(near),
            "far_words": listed({word for words in led for word in words} - near),
        }
        for place, (width, each) in enumerate(zip(self.shape, self.meant, strict=True)):
            words = sorted(each.words)
            if width == WALKED:
                continue
            if width == ANY:
                found[f"word_{place}"] = _one_of(words)
            else:
                padded = words + [words[-1] if words else NOBODY] * int(width)
                found |= {f"word_{place}_{n}": f" {padded[n]}/" for n in range(int(width))}
        return found


# Of a few words each is compared with a name, the number rounded up; of more, one pattern is; the
# bearers of a word that must stand are walked, and it is compared with nothing.
WIDTHS, ANY, WALKED = (1, 2, 4, 8), "0", "-"
NOBODY = "-"


def _width(meant: Meant) -> str:
    return next((str(width) for width in WIDTHS if len(meant.words) <= width), ANY)


def _one_of(words: Sequence[str]) -> str:
    """Return a pattern that a name matches which has one of these words; by their beginnings."""
    ways = [
        f"{beginning}(?:{'|'.join(re.escape(word[3:]) for word in some)})"
        for beginning, some in groupby(words, lambda word: word[:3])
    ]
    return f" (?:{'|'.join(ways)})/"


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
    """Return what a typed name may mean, in two statements; None where nothing was typed."""
    meant = meanings(session, text)
    if not meant:
        return None
    return in_order(meant, dict(plain_rows(session, _counts(len(meant)), counting(meant))))


def meanings(session: Session, text: str) -> list[Meant]:
    """Return what each word of a typed name may mean, in a statement.

    A word is also taken as the beginning of one, and as a nickname or the name behind one.
    """
    typed = name_words(text)[:MOST_TYPED]
    if not typed:
        return []
    keys = [set(_keys(word)) for word in typed]
    starts = [start for word in typed if len(start := sound_key(word)) >= SHORTEST_BEGINNING]
    asked = {"keys": listed(set[str]().union(*keys))}
    for place, start in enumerate(starts):
        asked |= {f"from_{place}": start, f"to_{place}": start + LAST}
    found = plain_rows(session, _known(len(starts)), asked)
    return [Meant(word, _near(word, own, found)) for word, own in zip(typed, keys, strict=True)]


def in_order(meant: Sequence[Meant], counts: Mapping[int, int]) -> Sought:
    """Return what is looked for, the rarest word first, by how many bear each (`counted`)."""
    # Of two that many bear, the one that means more words is walked: to compare with few is quick.
    order = sorted(range(len(meant)), key=lambda n: (counts[n], -len(meant[n].words)))
    return Sought(tuple(meant[place] for place in order))


def _keys(word: str) -> Iterator[str]:
    yield from sound_keys(word)
    yield from (sound_key(name) for name in called(word))


@cache
def _known(beginnings: int) -> "sa.Select[str, str]":
    """Return the words of the index under some keys, and those whose sound begins so."""
    key, word = col(NameKey.key), col(NameKey.word)
    parts = [sa.select(key, word).where(among(key, "keys"))]
    for place in range(beginnings):
        within = key.between(given(f"from_{place}", key), given(f"to_{place}", key))
        parts.append(sa.select(key, word).where(col(NameKey.is_whole), within))
    found = sa.union_all(*parts).subquery()
    return sa.select(found.c.key, found.c.word)


def _near(typed: str, keys: set[str], found: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return which of the words found one typed word may mean, with how unlike they are to it.

    A key of its own leads to a like word; what only begins alike needs no comparison.
    """
    beginning = sound_key(typed)
    shortest = len(beginning) >= SHORTEST_BEGINNING
    near: dict[str, int] = {}
    for key, word in found:
        if key in keys:
            if word not in near or near[word] == BEGINS:
                near[word] = unlikeness(typed, word)
        elif shortest and word not in near and key.startswith(beginning):
            near[word] = BEGINS
    return {word: cost for word, cost in near.items() if cost < FAR}


def counting(meant: Sequence[Meant]) -> dict[str, str]:
    """Return the values of `counted`."""
    return {f"words_{place}": listed(each.words) for place, each in enumerate(meant)}


def counted(words: int, others: "Sequence[sa.Select[int, int]]" = ()) -> "sa.Select[int, int]":
    """Return the place of each word and how many names bear it, counted up to a bound.

    `others` are counted beside them (`count_of`).
    """
    parts = []
    for place in range(words):
        borne = among(col(PersonName.word), f"words_{place}")
        parts.append(count_of(place, sa.select(sa.literal(1)).where(borne).limit(COUNTED)))
    found = sa.union_all(*parts, *others).subquery()
    return sa.select(found.c.place, found.c.count)


def count_of(place: int, capped: Any) -> "sa.Select[int, int]":
    """Return a number to know a count by, and how many rows a capped statement has."""
    count = sa.func.count().label("count")
    return sa.select(sa.literal(place).label("place"), count).select_from(capped.subquery())


_counts = cache(counted)


def _led(words: int) -> int:
    return 1 + words - _needed(words)


def _needed(words: int) -> int:
    """Return how many of the typed words must stand in a name."""
    return words - 1 if words >= MAY_MISS_ONE else words


def _all_needed(words: int) -> bool:
    return _needed(words) == words


def bearers(shape: str) -> "sa.CompoundSelect[UUID, str]":
    """Return who bears the words of a shape (`Sought.shape`), with all words of each name.

    Its values are `Sought.given`. It walks the bearers of a word as they are read, those that are
    spelt or sound like it first: whoever has enough of them stops. Somebody may come twice.
    """
    word = col(PersonName.word)
    walks = (_borne(shape).where(among(word, name)) for name in ("near_words", "far_words"))
    return sa.union_all(*walks)


def bearers_among(shape: str, people: Any) -> "sa.Select[UUID, str]":
    """Return those of some people who bear the words; in the time that the people take."""
    some = people.cte("some").prefix_with("MATERIALIZED")
    own = aliased(PersonName, name="own")
    # What is put together is looked up in no index of words: the people are walked, and the whole
    # name is read of those only who bear the word.
    put: Any = col(own.word).concat(sa.literal_column("''"))
    is_near = among(put, "near_words")
    same = sa.and_(
        col(PersonName.word) == col(own.word), col(PersonName.person_id) == col(own.person_id)
    )
    walk = (
        _borne(shape)
        .select_from(some)
        .join(own, col(own.person_id) == some.c.person_id)
        .join(PersonName, same)
        .where(sa.or_(is_near, among(put, "far_words")))
        .order_by(is_near.desc())
        .subquery()
    )
    return sa.select(walk.c.person_id, walk.c.names)


def _borne(shape: str) -> "sa.Select[UUID, str]":
    return sa.select(col(PersonName.person_id), col(PersonName.names)).where(*_stand(shape))


def _stand(shape: str) -> Iterator[sa.ColumnElement[bool]]:
    """Yield that the name has enough of the other words."""
    met = [_stands(place, width) for place, width in enumerate(shape) if width != WALKED]
    if _all_needed(len(shape)):
        yield from met
    else:
        counted = sum((sa.case((each, 1), else_=0) for each in met), sa.literal(0))
        yield counted >= _needed(len(shape))


def _stands(place: int, width: str) -> sa.ColumnElement[bool]:
    names = col(PersonName.names)
    if width == ANY:
        return names.regexp_match(given(f"word_{place}", names))
    # Not `like` of a value alone: SQLite would plan the statement anew for each value.
    ways = [names.contains(given(f"word_{place}_{n}", names)) for n in range(int(width))]
    return sa.or_(*ways)


def likeness(sought: Sought, names: str) -> Likeness:
    """Return how like a name is, as its rows spell it: each typed word meets the likest one free.

    The nearest pairs meet first.
    """
    pairs = sorted(
        (cost, place, word)
        for word in names.split()
        for place, cost in sought.met.get(word_of(word), ())
    )
    met: dict[int, Like] = {}
    taken: set[str] = set()
    for cost, place, word in pairs:
        if place not in met and word not in taken:
            taken.add(word)
            met[place] = Like(sought.meant[place].typed, word_of(word), part_of(word), cost)
    missed = FAR * (len(sought.meant) - len(met))
    likes = tuple(met[place] for place in sorted(met))
    return Likeness(sum(like.cost for like in likes) + missed, likes)
