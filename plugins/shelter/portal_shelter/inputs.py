"""What the forms of a place of care may send."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator

from portal.sdk import PastMoment, _l, clock, refusal
from portal_shelter.models import Destination, Measure, PlaceKind

MOST_DAYS = 30
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Story = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class Placing(BaseModel):
    """A child and the bed; without a bed the child is not admitted now."""

    person_id: UUID
    bed_id: UUID | None = None


class Admit(BaseModel):
    """An admission: each child to a bed, by what measure, when; the basis is the measure's own."""

    beds: list[Placing]
    measure: Measure
    legal_basis: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    ordered_by: Line = ""
    admitted_at: PastMoment
    arrival: Story = ""


class Move(BaseModel):
    """Another bed for a child who is there."""

    bed_id: UUID


class Discharge(BaseModel):
    """A discharge: where to, to whom, on what order, why; why late where the term has passed."""

    destination: Destination
    left_at: PastMoment
    released_by: Line = ""
    receiver: Story = ""
    why: Said
    late_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class DecideOverCapacity(BaseModel):
    """Why one more child than beds is received, and until when."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]
    until: date

    @field_validator("until")
    @classmethod
    def soon(cls, day: date) -> date:
        """Refuse a day that has passed, or one so far off that nothing about it is temporary."""
        today = clock.today()
        if not today <= day <= today + timedelta(days=MOST_DAYS):
            raise refusal(_l("Choose a day from today to thirty days ahead."))
        return day


class SetPlace(BaseModel):
    """A place's own data; an empty address keeps the one that is kept."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]
    kind: PlaceKind
    capacity: Annotated[int, Field(ge=1, le=200)]
    accreditation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    shares_vacancies: bool = False


class AddBed(BaseModel):
    """A bed for a room."""

    room: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class Settings(BaseModel):
    """When the home page begins to warn of what ends."""

    warn_days: Annotated[
        int, Field(ge=0, le=10, title=_l("Days ahead that the home page warns"))
    ] = 2
