"""What others must know of the calendars: running terms are counted anew."""

from dataclasses import dataclass
from datetime import date

from portal.events import Event


@dataclass(frozen=True, slots=True)
class CalendarChanged(Event):
    """Days from `first` to `last` count otherwise than before, in a scope (with its key)."""

    first: date
    last: date
    scope: str
    key: str


@dataclass(frozen=True, slots=True)
class RuleChanged(Event):
    """A doubtful term is read otherwise than before."""

    rule_code: str
