"""What the forms of the register may send."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from portal.cases.models import Circle
from portal.inputs import Input, PastDay
from portal.interviews.models import AskRule, InterviewKind

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)]


class RecordInterview(Input):
    """Who heard the child, when, on what, where the report is and who may ask for it.

    `seen` is how many earlier interviews of the child stood before whoever writes.
    """

    kind: InterviewKind
    heard_on: PastDay
    agency_id: UUID | None = None
    heard_by: Line = ""
    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
    holder_id: UUID | None = None
    report: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    may_ask: AskRule = AskRule.TEAM
    circle: Circle = Circle.TEAM
    again_why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    seen: int = 0


class StrikeInterview(Input):
    """Why an interview is struck; it stays readable."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
