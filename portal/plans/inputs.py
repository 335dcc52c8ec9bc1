"""What the forms of a plan may send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from portal.cases.models import Right
from portal.inputs import Input, PastDay, PastMoment
from portal.plans.models import Decision, Outcome


def _optional(length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, max_length=length)


def _needed(length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=3, max_length=length)


class WriteTexts(Input):
    """Background, problems, measures, how follow-up is done, who is in charge (R 43.b–c, e, h–i).

    All may wait while the plan is prepared; what is missing is said before it is approved.
    """

    background: Annotated[str, _optional(3000)] = ""
    problems: Annotated[str, _optional(3000)] = ""
    measures: Annotated[str, _optional(2000)] = ""
    follow_up: Annotated[str, _optional(1000)] = ""
    in_charge: Annotated[str, _optional(160)] = ""


class WriteOpinion(Input):
    """The child's opinion: an interview or words, with how it was weighed; or why there is none."""

    interview_id: UUID | None = None
    opinion: Annotated[str, _optional(2000)] = ""
    weighed: Annotated[str, _optional(1000)] = ""
    no_opinion: Annotated[str, _optional(400)] = ""


class WriteObjective(Input):
    """What is to be reached, for which right where one is meant."""

    right: Right | None = None
    text: Annotated[str, _needed(600)]


class WriteActivity(Input):
    """What is done, who answers for it, by when (R 43.f, h)."""

    act: Annotated[str, _needed(600)]
    agency_id: UUID
    person: Annotated[str, _optional(160)] = ""
    due_on: date


class FinishActivity(Input):
    """What came of an activity: done on a day, or not done and why."""

    was_done: bool = False
    done_on: PastDay | None = None
    result: Annotated[str, _needed(1000)]


class ApprovePlan(Input):
    """The resolution that approves a version, and the next review (DL 30, 60, 88; R 44, 47)."""

    resolution: Annotated[str, _needed(80)]
    resolved_on: PastDay
    reason: Annotated[str, _optional(400)] = ""
    declared_on: PastDay | None = None
    review_on: date


class DiscardVersion(Input):
    """Why what is in preparation is thrown away."""

    reason: Annotated[str, _needed(400)]


class PlanVisit(Input):
    """A follow-up visit that is to be made."""

    planned_on: date
    purpose: Annotated[str, _needed(300)]


class RecordVisit(Input):
    """When the visit was, by whom, who was found, and what was seen; or why it was not made."""

    was_made: bool = False
    happened_at: PastMoment
    visitor: Annotated[str, _needed(160)]
    found: Annotated[str, _optional(300)] = ""
    note: Annotated[str, _needed(4000)]
    next_on: date | None = None


class HoldReview(Input):
    """What a review found and decided, and the day of the next."""

    held_on: PastDay
    decision: Decision
    words: Annotated[str, _needed(2000)]
    next_on: date | None = None


class EndPlan(Input):
    """Why the plan ends."""

    outcome: Outcome
    words: Annotated[str, _needed(1000)]
