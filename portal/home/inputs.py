"""What the form that passes cases on may send."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.inputs import Input


class PassOn(Input):
    """Which cases go to whom, and why where somebody should know."""

    case_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    to_id: UUID
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
