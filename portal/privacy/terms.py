"""The terms of the Regulation of Ley 29733 (DS 016-2024-JUS): incidents and what people ask.

"Days" in that norm are business days; hours run on the clock.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from portal.agencies.models import Agency
from portal.deadlines.counting import Due, due
from portal.deadlines.queries import calendar_for, rule_in_force
from portal.deadlines.rules import DeadlineRule, Unit, register
from portal.texts import _l

KNOWN = _l("Knowledge of the incident")


def _rule(code: str, title: Any, starts_on: Any, length: int, act: Any, art: str) -> DeadlineRule:
    return DeadlineRule(
        code=f"core.privacy.{code}",
        title=title,
        starts_on=starts_on,
        length=length,
        unit=Unit.HOURS if starts_on is KNOWN else Unit.BUSINESS_DAYS,
        act_owed=act,
        source=f"DS 016-2024-JUS {art}",
    )


AUTHORITY = _rule(
    "incident_authority",
    _l("Notice of an incident to the data protection authority"),
    KNOWN,
    48,
    _l("Notice to the ANPDP"),
    "art. 34",
)
PERSONS = _rule(
    "incident_persons",
    _l("Notice of an incident to the persons concerned"),
    KNOWN,
    48,
    _l("Notice in plain words to each person"),
    "art. 35",
)
RULES = (AUTHORITY, PERSONS)

register(*RULES)


def count(session: Session, rule: DeadlineRule, start: datetime, agency: Agency) -> Due:
    """Return when a term of an institution ends, and how it was counted."""
    found = rule_in_force(session, rule.code)
    return due(found, start, calendar_for(session, agency, found))
