"""What a form may say of a person."""

import re
from datetime import date
from typing import Annotated

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from portal import clock
from portal.inputs import Input, PastDay, refusal
from portal.people.models import DocumentKind, Sex
from portal.texts import _l

OLDEST_YEARS = 120
# How a number of each kind is written; the DNI's check sign is community-derived, so never refused.
FORMS = {
    DocumentKind.CNV: (r"\d{6,12}", _l("A live birth certificate (CNV) has 6 to 12 digits.")),
    DocumentKind.ACTA: (
        r"[A-Za-z0-9][A-Za-z0-9/.-]{0,19}",
        _l("Write the number of the birth record: letters, digits, “-”, “/” or “.”."),
    ),
}
FOREIGN = (DocumentKind.CE, DocumentKind.PASSPORT, DocumentKind.CPP, DocumentKind.PTP)

UNNUMBERED = (DocumentKind.NONE, DocumentKind.IN_PROCESS)
MOST_DOCUMENTS = 6

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)]
Country = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Teller = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


def _squeeze(value: object) -> object:
    """Fold runs of blanks, which a paste from a list brings along."""
    return " ".join(value.split()) if isinstance(value, str) else value


PersonName = Annotated[Name, BeforeValidator(_squeeze)]


class PersonInput(Input):
    """A person as far as known: nothing is required, a description may come later.

    A DNI or CUI has eight digits and a foreign document 6 to 15 signs (DOMAIN: the check digit is
    community-derived, so it never refuses).
    """

    given_names: PersonName = ""
    first_surname: PersonName = ""
    second_surname: PersonName = ""
    born_on: date | None = None
    estimated_age: int | None = Field(default=None, ge=0, le=OLDEST_YEARS)
    sex: Sex = Sex.UNKNOWN
    document_kind: DocumentKind = DocumentKind.NONE
    document_number: Number = ""
    language: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    interpreter_needed: bool = False

    @field_validator("born_on")
    @classmethod
    def born_in_a_lifetime(cls, born_on: date | None) -> date | None:
        """Refuse a birth date in the future, or of more than 120 years ago."""
        today = clock.today()
        if born_on is not None and born_on > today:
            raise refusal(
                _l("The birth date is in the future. Today is %(today)s.", today=_day(today))
            )
        if born_on is not None and today.year - born_on.year > OLDEST_YEARS:
            raise refusal(_l("The birth date is more than 120 years ago."))
        return born_on

    @field_validator("document_number")
    @classmethod
    def fits_its_kind(cls, number: str, info: ValidationInfo) -> str:
        """Refuse a number that its kind of document cannot have."""
        return _fitting(info.data.get("document_kind"), number)


class OtherDocument(Input):
    """One more identity document: its number, who issued a foreign one, since when, who said so."""

    kind: DocumentKind = Field(default=DocumentKind.NONE, validate_default=True)
    number: Number = Field(default="", validate_default=True)
    country: Country = ""
    since: PastDay | None = None
    said_by: Teller = ""

    @field_validator("kind")
    @classmethod
    def has_a_number(cls, kind: DocumentKind) -> DocumentKind:
        """Refuse what is no document yet: of that there is one at most, the main one."""
        if kind in UNNUMBERED:
            raise refusal(_l("Choose of which document this number is."))
        return kind

    @field_validator("number")
    @classmethod
    def fits_its_kind(cls, number: str, info: ValidationInfo) -> str:
        """Refuse a number that its kind of document cannot have."""
        return _fitting(info.data.get("kind"), number)


class PersonDetails(PersonInput):
    """What else is known of a person's identity and condition; the last three are encrypted.

    `documents` are those beside the main one, whose country, day and teller stand before them.
    """

    document_country: Country = ""
    document_since: PastDay | None = None
    document_said_by: Teller = ""
    documents: list[OtherDocument] = Field(default_factory=list, max_length=MOST_DOCUMENTS)
    name_is_assigned: bool = False
    registry_office: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    people: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    has_died: bool = False
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    disability: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    pregnancy: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""


def _fitting(kind: DocumentKind | None, number: str) -> str:
    """Return a number, or refuse one that its kind of document cannot have."""
    if kind in (DocumentKind.DNI, DocumentKind.CUI) and not re.fullmatch(r"\d{8}", number):
        raise refusal(_l("A DNI has 8 digits; this has %(count)s.", count=len(number)))
    if kind in FOREIGN and not re.fullmatch(r"[A-Za-z0-9]{6,15}", number):
        raise refusal(_l("Write 6 to 15 letters or digits, as on the document."))
    if kind in FORMS and not re.fullmatch(FORMS[kind][0], number):
        raise refusal(FORMS[kind][1])
    if kind is DocumentKind.NONE and number:
        raise refusal(_l("Choose of which document this number is."))
    return number


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
