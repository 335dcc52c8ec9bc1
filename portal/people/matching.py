"""Whether two people are likely the same: a document, or name, age and sex; pure.

It only proposes: two leads decide. People with different numbers of one kind of document are
homonyms and are never taken for one, however like their names are.
"""

from datetime import date
from enum import StrEnum
from typing import Protocol

from portal.people.models import DocumentKind, Sex
from portal.people.rules import age_on
from portal.people.sounds import ONE_SLIP, name_words, unlikeness

# The CUI is the number that the DNI bears.
SAME_NUMBER = frozenset({DocumentKind.DNI, DocumentKind.CUI})
NO_NUMBER = frozenset({DocumentKind.NONE, DocumentKind.IN_PROCESS})
# Dates are mistaken by a day, a month or a year; estimates by more.
BORN_WITHIN_DAYS = 366
ESTIMATED_WITHIN_YEARS = 2


class Likeness(StrEnum):
    """On what two people are taken for one."""

    DOCUMENT = "document"
    NAME = "name"


class Known(Protocol):
    """What is known of a person."""

    given_names: str
    first_surname: str
    second_surname: str
    born_on: date | None
    estimated_age: int | None
    estimated_on: date | None
    sex: Sex
    document_kind: DocumentKind
    document_number: str


def likely_same(one: Known, other: Known, day: date) -> Likeness | None:
    """Return on what two people are likely one, or None.

    By name alone it takes a given name and the surnames, as they sound or a slip apart, with ages
    that are both known and fit; that they live near each other is for the caller to see.
    """
    if _have_same_number(one, other):
        return Likeness.DOCUMENT
    if are_homonyms(one, other) or not _fit_in_sex(one, other):
        return None
    return Likeness.NAME if _fit_in_age(one, other, day) and _fit_in_name(one, other) else None


def _number(person: Known) -> str:
    return "" if person.document_kind in NO_NUMBER else person.document_number.strip().upper()


def _is_one_kind(one: Known, other: Known) -> bool:
    kinds = {one.document_kind, other.document_kind}
    return len(kinds) == 1 or kinds <= SAME_NUMBER


def _have_same_number(one: Known, other: Known) -> bool:
    return bool(_number(one)) and _number(one) == _number(other) and _is_one_kind(one, other)


def are_homonyms(one: Known, other: Known) -> bool:
    """Tell whether two people bear different numbers of one kind of document."""
    both = bool(_number(one)) and bool(_number(other))
    return both and _number(one) != _number(other) and _is_one_kind(one, other)


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
