"""What the form of a visit may send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from portal.sdk import PastDay
from portal_defensoria.models import VisitKind


class RecordVisit(BaseModel):
    """A visit with one recommendation and the day of its answer."""

    visited_id: UUID
    visited_on: PastDay
    kind: VisitKind = VisitKind.UNANNOUNCED
    code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=24)] = (
        ""
    )
    found: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
    recommendation: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=600)
    ]
    due_on: date


class Settings(BaseModel):
    """Days to answer a recommendation (Ley 26520 art. 26: 30; it is not confirmed which kind)."""

    answer_days: int = Field(default=30, ge=1, le=365)
