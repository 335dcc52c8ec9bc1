"""What the forms of calendars and terms may send."""

import hashlib
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from portal.deadlines.calendar import DayKind
from portal.deadlines.models import Scope
from portal.errors import NotFound
from portal.inputs import Input, refusal
from portal.places import get_place
from portal.texts import _l

MOST_DAYS = 60
FIRST_YEAR, LAST_YEAR = 2018, 2100

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]
Norm = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=160)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=400)]


class AddDays(Input):
    """Days that a service does not count: from `first` to `last`, with the norm that says so.

    The place or agency that the scope speaks of must be there; what the scope does not need is
    ignored. `seen` is the mark of the days whose moves were looked at.
    """

    first: date
    last: date | None = None
    scope: Scope
    department: str | None = Field(default=None, validate_default=True)
    province: str | None = Field(default=None, validate_default=True)
    agency_id: UUID | None = Field(default=None, validate_default=True)
    kind: DayKind
    title: Words
    norm: Norm
    counts_as_business: bool = False
    seen: str = ""

    @field_validator("first")
    @classmethod
    def within_reach(cls, first: date) -> date:
        """Refuse a slip of the keyboard: DL 1297 is in force since 2018."""
        if not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise refusal(_l("Look at the year again."))
        return first

    @field_validator("last")
    @classmethod
    def not_before(cls, last: date | None, info: ValidationInfo) -> date | None:
        """Refuse an end before the beginning, and more days than any norm left out at once."""
        first = info.data.get("first")
        if last is not None and first is not None:
            if last < first:
                raise refusal(_l("The last day is before the first."))
            if (last - first).days >= MOST_DAYS:
                raise refusal(_l("At most %(count)s days at once.", count=MOST_DAYS))
        return last

    @field_validator("department")
    @classmethod
    def names_the_region(cls, code: str | None, info: ValidationInfo) -> str | None:
        """Ask for the department of a regional day."""
        return _place(code, 2, needed=info.data.get("scope") is Scope.REGIONAL)

    @field_validator("province")
    @classmethod
    def names_the_province(cls, code: str | None, info: ValidationInfo) -> str | None:
        """Ask for the province of a provincial day."""
        return _place(code, 4, needed=info.data.get("scope") is Scope.PROVINCIAL)

    @field_validator("agency_id")
    @classmethod
    def names_the_agency(cls, agency_id: UUID | None, info: ValidationInfo) -> UUID | None:
        """Ask for the agency of an agency's own day."""
        if agency_id is None and info.data.get("scope") is Scope.ENTITY:
            raise refusal(_l("Choose the institution."))
        return agency_id

    @property
    def days(self) -> list[date]:
        """Return the days that are entered."""
        count = ((self.last or self.first) - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]

    @property
    def mark(self) -> str:
        """Return what tells these days from any others: what they move was looked at for them."""
        said = self.model_dump_json(exclude={"seen"})
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def key(self) -> str:
        """Return what the scope is of: a UBIGEO, an agency's identifier, or nothing."""
        return {
            Scope.NATIONAL: "",
            Scope.REGIONAL: self.department or "",
            Scope.PROVINCIAL: self.province or "",
            Scope.JUDICIARY: self.department or "",
            Scope.ENTITY: str(self.agency_id or ""),
        }[self.scope]


def _place(code: str | None, length: int, *, needed: bool) -> str | None:
    if code is None:
        if needed:
            raise refusal(_l("Choose one from the list."))
        return None
    try:
        place = get_place(code)
    except NotFound as absent:
        raise refusal(absent.message) from None
    if len(place.code) != length:
        raise refusal(_l("Choose one from the list."))
    return code


class WithdrawDay(Input):
    """Why a day that was entered does not hold."""

    reason: Reason


class ChooseReading(Input):
    """Which reading of a doubtful term, and on what opinion or norm."""

    choice: int = Field(ge=0, le=9)
    basis: Norm
