"""What the forms of lists may send."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints, ValidationInfo, field_validator

from portal.cases.models import Situation
from portal.inputs import Input, Telephone, refusal
from portal.lists.models import ListKind
from portal.places.inputs import District
from portal.texts import _l

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=160)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1000)]


class HandIn(Input):
    """A list with what holds for all its rows; the file comes beside it."""

    kind: ListKind
    situation: Situation = Situation.UNDECIDED
    district: District | None = None
    telephone: Telephone


class HandInKind(Input):
    """What of a list its act's own rules are about; the form says them though the rest is wrong."""

    kind: ListKind | None = None


class Confirm(Input):
    """Send what was checked; rows that look like somebody known only where that is ticked."""

    doubles: bool = False


class EnterBasis(Input):
    """On what an institution's lists of a kind rest (DS 016-2024-JUS art. 42)."""

    kind: ListKind
    agreement: Line
    data_bank: Code
    opinion: Words
    since: date
    until: date | None = None

    @field_validator("until")
    @classmethod
    def ends_after_it_begins(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Refuse an end before the beginning."""
        since = info.data.get("since")
        if until is not None and since is not None and until <= since:
            raise refusal(_l("The end must be after the beginning."))
        return until


class EndBasis(Input):
    """From which day no more lists are sent on a basis."""

    until: date
