"""What the form of the assessment may send."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationInfo, field_validator

from portal.sdk import PastDay, _l, refusal
from portal_procedure.models import AssessmentLevel, Ground

NEVER_ALONE = {Ground.POVERTY, Ground.DISABILITY}
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)]


class LetStand(BaseModel):
    """Why nothing new is to be assessed on a reopened case."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class RecordAssessment(BaseModel):
    """The resolution, what it rests on, and the child's opinion or why it is missing."""

    level: AssessmentLevel
    grounds: list[Ground] = Field(default_factory=list)
    resolution: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)
    ]
    resolved_on: PastDay
    urgent_measure: Line = ""
    opinion: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
    late_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""

    @field_validator("grounds")
    @classmethod
    def stand_alone(cls, grounds: list[Ground], info: ValidationInfo) -> list[Ground]:
        """Refuse poverty or disability as the sole ground of unprotection (DL 1297 art. 3.g)."""
        level = info.data.get("level")
        if level is AssessmentLevel.UNPROTECTION and not set(grounds) - NEVER_ALONE:
            raise refusal(
                _l(
                    "Choose another ground: poverty or disability alone never justify separation "
                    "(DL 1297 art. 3.g)."
                )
            )
        return grounds
