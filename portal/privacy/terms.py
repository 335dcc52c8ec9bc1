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
from portal.privacy.models import RequestKind
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
ASKED = _l("Receipt of what the person asks")


def _answer(kind: RequestKind, title: Any, days: int) -> DeadlineRule:
    act = _l("Reasoned answer to the person")
    return _rule(f"answer_{kind.value}", title, ASKED, days, act, "arts. 69–70")


ANSWERS = {
    kind: _answer(kind, title, days)
    for kind, title, days in (
        (RequestKind.INFORMATION, _l("Answer to a request for information"), 8),
        (RequestKind.ACCESS, _l("Answer to a request for access"), 20),
        (RequestKind.RECTIFICATION, _l("Answer to a request to rectify"), 10),
        (RequestKind.CANCELLATION, _l("Answer to a request to cancel"), 10),
        (RequestKind.OPPOSITION, _l("Answer to an opposition"), 10),
    )
}
MORE = _rule(
    "ask_for_more",
    _l("Request for what is missing from what a person asks"),
    ASKED,
    7,
    _l("Letter that says what is missing"),
    "arts. 69–70",
)
RULES = (AUTHORITY, PERSONS, *ANSWERS.values(), MORE)

register(*RULES)


def count(session: Session, rule: DeadlineRule, start: datetime, agency: Agency) -> Due:
    """Return when a term of an institution ends, and how it was counted."""
    found = rule_in_force(session, rule.code)
    return due(found, start, calendar_for(session, agency, found))
