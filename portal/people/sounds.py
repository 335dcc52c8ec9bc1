"""How names sound in the Spanish of Peru, so that a half-remembered one is found; pure.

Two words that people confuse have the same sound key (Yupanqui and Llupanki), or keys that are one
slip apart (a letter missing, added, swapped or mistaken): these share a key less one letter. The
same way stands for typed and for kept words, so that an index of keys answers in one look.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from portal.people.nicknames import NICKNAMES
from portal.people.rules import PARTICLES

LONGEST = 40
MOST_WORDS = 12
# Shorter keys have too many neighbours: among them only what sounds the same is meant.
SHORTEST_SLIP = 4
APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼʹ"))

# In this order; each text is already in small letters without accents.
SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"qu(?=[ei])|q|ck|k", "k"),
        (r"ch", "C"),
        (r"gu(?=[ei])", "G"),
        (r"[hg]u(?=[aeio])|w", "u"),
        (r"sc(?=[ei])|c(?=[ei])|s(?=h)|z", "s"),
        (r"c", "k"),
        (r"g(?=[eiy])|^x", "j"),
        (r"x", "s"),
        (r"[gG]", "g"),
        (r"h", ""),
        (r"ll|y", "i"),
        (r"v", "b"),
        (r"n(?=[pb])", "m"),
        (r"([^aeiou])\1+", r"\1"),
    )
)


def fold_name(text: str) -> str:
    """Return a name for comparing: small letters, no accents, no apostrophes, single blanks.

    The ü and the ñ lose their mark, as people type them; what is no letter parts words.
    """
    plain = unicodedata.normalize("NFKD", text.translate(APOSTROPHES)).casefold()
    letters = "".join(
        sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign)
    )
    return " ".join(letters.split())


def name_words(text: str) -> list[str]:
    """Return the words of a name that tell people apart: no particles, each once, at most twelve.

    A name that is nothing but particles keeps them.
    """
    words = [word[:LONGEST] for word in fold_name(text).split()]
    telling = [word for word in words if word not in PARTICLES] or words
    return list(dict.fromkeys(telling))[:MOST_WORDS]


@lru_cache(maxsize=32768)
def sound_key(word: str) -> str:
    """Return how a folded word sounds: Huamán, Guamán and Waman are one, as are Yabar and Llavar.

    >>> sound_key("quispe"), sound_key("kispe"), sound_key("quizpe")
    ('kispe', 'kispe', 'kispe')
    """
    key = word
    for pattern, sound in SOUNDS:
        key = pattern.sub(sound, key)
    return key or word


def sound_keys(word: str) -> Iterator[str]:
    """Yield the sound key of a folded word and, where it is long enough, it less each letter.

    So does the word itself where its sound has fewer letters: a slip within qu or ll is one slip.
    """
    key = sound_key(word)
    yield key
    shapes = (key,) if len(key) == len(word) else (key, word)
    for shape in shapes:
        if len(shape) >= SHORTEST_SLIP:
            yield from (shape[:place] + shape[place + 1 :] for place in range(len(shape)))


def called(word: str) -> frozenset[str]:
    """Return the names that a nickname stands for, or the nicknames of a name."""
    return _CALLED.get(word, frozenset())


def _both_ways() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for nickname, names in NICKNAMES.items():
        for name in names:
            found.setdefault(nickname, set()).add(name)
            found.setdefault(name, set()).add(nickname)
    return {word: frozenset(others) for word, others in found.items()}


_CALLED = _both_ways()


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return what is left of two words without their common beginning and end."""
    shorter, begin, end = min(len(one), len(other)), 0, 0
    while begin < shorter and one[begin] == other[begin]:
        begin += 1
    while end < shorter - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[begin : len(one) - end], other[begin : len(other) - end]


def slips(typed: str, kept: str) -> int:
    """Return how many letters were missed, added, mistaken or swapped between two words."""
    typed, kept = _apart(typed, kept)
    if not typed or not kept or len(typed) == len(kept) == 1:
        return max(len(typed), len(kept))
    before: list[int] = []
    above = list(range(len(kept) + 1))
    for row, sign in enumerate(typed, start=1):
        here = [row]
        for column, other in enumerate(kept, start=1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (sign != other))
            swapped = (
                row > 1 and column > 1 and sign == kept[column - 2] and typed[row - 2] == other
            )
            here.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, above = above, here
    return above[-1]


# What a likeness costs, the less the better.
SAME, SOUNDS_ALIKE, NICKNAME, BEGINS, ONE_SLIP, TWO_SLIPS, FAR = 0, 1, 2, 3, 4, 6, 9


@lru_cache(maxsize=16384)
def unlikeness(typed: str, kept: str) -> int:
    """Return how far a typed word is from a kept one: 0 for the same, `FAR` for another word."""
    if typed == kept:
        return SAME
    if sound_key(typed) == sound_key(kept):
        return SOUNDS_ALIKE
    if kept in called(typed):
        return NICKNAME
    if len(typed) > 1 and sound_key(kept).startswith(sound_key(typed)):
        return BEGINS
    missed = slips(typed, kept)
    if missed > 1:
        missed = min(missed, slips(sound_key(typed), sound_key(kept)))
    return {0: SOUNDS_ALIKE, 1: ONE_SLIP, 2: TWO_SLIPS}.get(missed, FAR)
