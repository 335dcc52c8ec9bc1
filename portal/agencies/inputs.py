"""What the forms of agencies may send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, StringConstraints, ValidationInfo, field_validator

from portal.actor import AgencyKind
from portal.inputs import Input, refusal, shaped
from portal.places.inputs import District, Province
from portal.texts import _l

CODE = r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*"


def _read_code(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _not_before(until: date | None, since: date | None) -> date | None:
    """Refuse an end that is not after the beginning: `until` is the first day without."""
    if until is not None and since is not None and until <= since:
        raise refusal(_l("The end must be after the beginning."))
    return until


Code = Annotated[
    str,
    BeforeValidator(_read_code),
    StringConstraints(min_length=2, max_length=12),
    shaped(CODE, _l("Use letters without accents, digits and hyphens, such as UPE-SM.")),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=160)]
Telephone = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    shaped(r"([0-9 +()-]{3,20})?", _l("Write a telephone number, such as 042 000 100.")),
]
Norm = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=120)]


class EditAgency(Input):
    """What may change of an agency; its code and kind stay, since cases and powers hang on them.

    `closed_on` is the first day on which it no longer works.
    """

    name: Name
    district: District | None = None
    telephone: Telephone = ""
    operates_from: date | None = None
    closed_on: date | None = None

    @field_validator("closed_on")
    @classmethod
    def closed_after_it_began(cls, closed_on: date | None, info: ValidationInfo) -> date | None:
        """Refuse an agency that closes before it works."""
        return _not_before(closed_on, info.data.get("operates_from"))


class CreateAgency(EditAgency):
    """A new agency, or a unit of one: letters, digits and hyphens make its code."""

    code: Code
    kind: AgencyKind
    parent_id: UUID | None = None


class AddAlias(Input):
    """A name by which people look for the agency."""

    name: Name


class AddCoverage(Input):
    """A province for which the agency is competent, from a day, until the first day without."""

    province: Province
    since: date
    until: date | None = None

    @field_validator("until")
    @classmethod
    def ends_after_it_began(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Refuse an end that is not after the beginning."""
        return _not_before(until, info.data.get("since"))


class AddAccreditation(Input):
    """The accreditation of a DEMUNA: its resolution, from a day, until the first day without."""

    resolution: Norm
    since: date
    until: date | None = None

    @field_validator("until")
    @classmethod
    def ends_after_it_began(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Refuse an end that is not after the beginning."""
        return _not_before(until, info.data.get("since"))


class EndOn(Input):
    """The first day on which something no longer holds."""

    until: date
