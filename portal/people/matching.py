"""Whether two people are likely the same: a document, or name, age and sex; pure.

It only proposes: two leads decide. People with different numbers of one kind of document are
homonyms and are never taken for one, however like their names are.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Protocol

from portal.people.models import DocumentKind, Sex
from portal.people.rules import age_on
from portal.people.sounds import ONE_SLIP, name_words, unlikeness

NO_NUMBER = frozenset({DocumentKind.NONE, DocumentKind.IN_PROCESS})
# Dates are mistaken by a day, a month or a year; estimates by more.
BORN_WITHIN_DAYS = 366
ESTIMATED_WITHIN_YEARS = 2


# A kind of document and its number.
Numbered = tuple[DocumentKind, str]


class Likeness(StrEnum):
    """On what two people are taken for one."""

    DOCUMENT = "document"
    NAME = "name"


class Documented(Protocol):
    """Whoever has a main document."""

    @property
    def document_kind(self) -> DocumentKind:
        """Return the kind of the main document."""

    @property
    def document_number(self) -> str:
        """Return the number of the main document, or an empty text."""


class Known(Documented, Protocol):
    """What is known of a person."""

    given_names: str
    first_surname: str
    second_surname: str
    born_on: date | None
    estimated_age: int | None
    estimated_on: date | None
    sex: Sex


def numbers_of(person: Documented, others: Collection[Numbered] = ()) -> frozenset[Numbered]:
    """Return the numbers that a person bears: of the main document, and of the others."""
    own = [(person.document_kind, person.document_number), *others]
    return frozenset(
        (_class_of(kind), number.strip().upper())
        for kind, number in own
        if kind not in NO_NUMBER and number.strip()
    )


def _class_of(kind: DocumentKind) -> DocumentKind:
    """Return the kind under which numbers are told apart: the CUI is the number of the DNI."""
    return DocumentKind.DNI if kind is DocumentKind.CUI else kind


def likely_same(
    one: Known,
    other: Known,
    day: date,
    *,
    more: tuple[Collection[Numbered], Collection[Numbered]] = ((), ()),
) -> Likeness | None:
    """Return on what two people are likely one, or None; `more` are the other documents of each.

    By name alone it takes a given name and the surnames, as they sound or a slip apart, with ages
    that are both known and fit; that they live near each other is for the caller to see.
    """
    numbers = numbers_of(one, more[0]), numbers_of(other, more[1])
    if numbers[0] & numbers[1]:
        return Likeness.DOCUMENT
    if tell_apart(*numbers) or not _fit_in_sex(one, other):
        return None
    return Likeness.NAME if _fit_in_age(one, other, day) and _fit_in_name(one, other) else None


def are_homonyms(
    one: Known,
    other: Known,
    *,
    more: tuple[Collection[Numbered], Collection[Numbered]] = ((), ()),
) -> bool:
    """Tell whether two people bear different numbers of one kind, and none in common."""
    return tell_apart(numbers_of(one, more[0]), numbers_of(other, more[1]))


def tell_apart(one: Collection[Numbered], other: Collection[Numbered]) -> bool:
    """Tell whether numbers are two people's: some of one kind differ, and none is the same."""
    kinds: dict[DocumentKind, set[str]] = defaultdict(set)
    for kind, number in one:
        kinds[kind].add(number)
    return not set(one) & set(other) and any(
        kinds[kind] and number not in kinds[kind] for kind, number in other
    )


def _fit_in_sex(one: Known, other: Known) -> bool:
    return Sex.UNKNOWN in (one.sex, other.sex) or one.sex is other.sex


def _fit_in_age(one: Known, other: Known, day: date) -> bool:
    if one.born_on and other.born_on:
        return abs((one.born_on - other.born_on).days) <= BORN_WITHIN_DAYS
    age, years = age_on(one, day), age_on(other, day)
    return age is not None and years is not None and abs(age - years) <= ESTIMATED_WITHIN_YEARS


def _fit_in_name(one: Known, other: Known) -> bool:
    given = (name_words(one.given_names), name_words(other.given_names))
    surnames = (_surnames(one), _surnames(other))
    if not all(given) or not all(surnames):
        return False
    if not any(_are_near(word, each) for word in given[0] for each in given[1]):
        return False
    fewer, more = sorted(surnames, key=len)
    return all(any(_are_near(word, each) for each in more) for word in fewer)


def _surnames(person: Known) -> list[str]:
    return name_words(f"{person.first_surname} {person.second_surname}")


def _are_near(word: str, other: str) -> bool:
    nearest: int = min(unlikeness(word, other), unlikeness(other, word))
    return nearest <= ONE_SLIP
