"""What the form of the duty roster may send."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints


class AddShift(BaseModel):
    """Who, with which telephone, from when until when."""

    user_id: UUID
    telephone: Annotated[
        str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9 +()-]{6,20}$")
    ]
    starts_at: datetime
    ends_at: datetime
