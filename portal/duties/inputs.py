"""What the forms of signs and notices may send."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from portal.duties.models import FOUND, Sign
from portal.inputs import Input, PastDay, PastMoment, refusal
from portal.referrals.rules import IdentityField
from portal.texts import _l

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
Document = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]


class AddSign(Input):
    """What was found, on which child, and since when it is known."""

    sign: Sign
    person_id: UUID | None = None
    known_at: PastMoment | None = None

    @field_validator("sign")
    @classmethod
    def is_found(cls, sign: Sign) -> Sign:
        """Refuse what nobody finds: a conclusion comes when the case closes."""
        if sign not in FOUND:
            raise refusal(_l("Choose one from the list."))
        return sign


class GiveReason(Input):
    """A reason alone: why a sign is withdrawn, or why nobody is told."""

    reason: Reason


class TellByReferral(Input):
    """To which institution, in which words, of whom, with which identity."""

    to_agency_id: UUID
    asked: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
    person_ids: list[UUID] = Field(min_length=1)
    identity_fields: list[IdentityField] = Field(default_factory=list)


class TellByLetter(Input):
    """The oficio that was sent outside the portal: to whom, its number and date."""

    agency_id: UUID | None = None
    addressee: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = ""
    document: Document
    dated: PastDay


class Confirm(Input):
    """The addressee's own document."""

    document: Document
    dated: PastDay
