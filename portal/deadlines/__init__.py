"""Legal terms: rules as data, calendars, and counting a term to its day with its explanation.

The running terms of a case are rows of `cases`; here is what they are counted with.
"""

from portal.deadlines.calendar import Calendar, DayKind, OffDay
from portal.deadlines.catalogue import CORE_RULES
from portal.deadlines.counting import Due, due
from portal.deadlines.rules import (
    CalendarKind,
    DeadlineRule,
    Extension,
    Need,
    Reading,
    Unit,
    register,
)
from portal.deadlines.steps import Step, StepKind, explain

register(*CORE_RULES)

__all__ = [
    "CORE_RULES",
    "Calendar",
    "CalendarKind",
    "DayKind",
    "DeadlineRule",
    "Due",
    "Extension",
    "Need",
    "OffDay",
    "Reading",
    "Step",
    "StepKind",
    "Unit",
    "due",
    "explain",
]
