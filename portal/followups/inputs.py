"""What the forms of the follow-up may send."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.followups.models import Finding, FollowUpEnd
from portal.inputs import Input, PastDay

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class RecordVisit(Input):
    """A visit to one or more of the children, what was found and when the next one is."""

    followup_ids: list[UUID] = Field(min_length=1)
    happened_on: PastDay
    finding: Finding
    found: Text
    next_on: date | None = None


class EndFollowUp(Input):
    """How a follow-up ends, and why."""

    end: Literal[FollowUpEnd.COMPLETED, FollowUpEnd.IMPOSSIBLE]
    words: Reason
