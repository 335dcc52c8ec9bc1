"""How a person is called and how old a person is; pure."""

from datetime import date
from typing import NamedTuple, Protocol

from portal.texts import _, _n

PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "e", "da", "do", "dos", "van", "von"})


class Named(Protocol):
    """Whatever carries a person's names."""

    @property
    def given_names(self) -> str:
        """Return the given names as written."""

    @property
    def first_surname(self) -> str:
        """Return the first surname, or an empty text."""

    @property
    def second_surname(self) -> str:
        """Return the second surname, or an empty text."""


class Aged(Protocol):
    """Whatever carries a birth date or an estimated age."""

    @property
    def born_on(self) -> date | None:
        """Return the birth date where it is known."""

    @property
    def estimated_age(self) -> int | None:
        """Return the age in years as estimated on `estimated_on`."""

    @property
    def estimated_on(self) -> date | None:
        """Return the day of the estimate."""


class Typed(NamedTuple):
    """What a form or a list says of an age: an estimate counts from the day it is made."""

    born_on: date | None
    estimated_age: int | None
    estimated_on: date


def full_name(person: Named) -> str:
    """Return given names and surnames, or a text that says that no name is known."""
    parts = (person.given_names, person.first_surname, person.second_surname)
    return " ".join(part for part in parts if part) or _("name not known")


def familiar_name(person: Named) -> str:
    """Return "Marco T.": the given names and one letter of the first surname, said among carers."""
    if not person.given_names:
        return initials(person)
    letter = _initial(person.first_surname)
    return f"{person.given_names} {letter}." if letter else person.given_names


def initials(person: Named) -> str:
    """Return "M. T. S.": one letter of the first given name and of each surname, no particles."""
    parts = (person.given_names, person.first_surname, person.second_surname)
    letters = [letter for part in parts if (letter := _initial(part))]
    return " ".join(f"{letter}." for letter in letters) or _("N. N.")


def _initial(name: str) -> str:
    words = [word for word in name.split() if word.casefold() not in PARTICLES] or name.split()
    return words[0][0].upper() if words else ""


def age_on(person: Aged, day: date) -> int | None:
    """Return the age in whole years on a day; None where nothing is known."""
    if person.born_on is not None:
        before = (day.month, day.day) < (person.born_on.month, person.born_on.day)
        return day.year - person.born_on.year - before
    if person.estimated_age is not None and person.estimated_on is not None:
        passed = (day - person.estimated_on).days // 365
        return person.estimated_age + passed
    return None


def age_text(person: Aged, day: date) -> str:
    """Return the age in words: years, months below two years, "about" where it is estimated."""
    if person.born_on is not None:
        months = (day.year - person.born_on.year) * 12 + day.month - person.born_on.month
        months -= day.day < person.born_on.day
        if months < 24:
            return _n("%(num)s month", "%(num)s months", max(months, 0))
    age = age_on(person, day)
    if age is None:
        return _("age not known")
    if age == 0:
        return _("less than a year")
    if person.born_on is None:
        return _n("about %(num)s year", "about %(num)s years", age)
    return _n("%(num)s year", "%(num)s years", age)
