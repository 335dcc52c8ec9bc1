"""How old a commitment is: how late, or how soon it will be."""

from datetime import date, timedelta
from enum import StrEnum

LONG = timedelta(days=30)
NEAR = timedelta(days=7)


class Age(StrEnum):
    """How a commitment's day lies to today: computed, never stored."""

    LONG_LATE = "long"
    LATE = "late"
    SOON = "soon"
    LATER = "later"


def days_of(age: Age, today: date) -> tuple[date, date]:
    """Return the first and the last day on which what is of this age was due, or will be."""
    day = timedelta(days=1)
    return {
        Age.LONG_LATE: (date.min, today - LONG - day),
        Age.LATE: (today - LONG, today - day),
        Age.SOON: (today, today + NEAR),
        Age.LATER: (today + NEAR + day, date.max),
    }[age]
