"""What the form of a code may send."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints, field_validator
from pydantic_core.core_schema import ValidationInfo

from portal.inputs import Input, refusal
from portal.registries.models import System
from portal.texts import _l


class AddCode(Input):
    """A number in an official system, of the case as a whole or of one child."""

    system: System
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    person_id: UUID | None = None

    @field_validator("number")
    @classmethod
    def names_the_other(cls, number: str, info: ValidationInfo) -> str:
        """Refuse a number of another system that is not named."""
        if info.data.get("system") is System.OTHER and not info.data.get("name"):
            raise refusal(_l("Write above which system this number is of."))
        return number
