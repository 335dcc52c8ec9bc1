"""Words for what identifies a person."""

from portal.people.models import DocumentKind, Sex
from portal.texts import _l

SEX = {Sex.FEMALE: _l("Girl"), Sex.MALE: _l("Boy"), Sex.UNKNOWN: _l("Not known")}
DOCUMENT = {
    DocumentKind.NONE: _l("Has none, or not known"),
    DocumentKind.DNI: _l("DNI"),
    DocumentKind.IN_PROCESS: _l("In process"),
    DocumentKind.CUI: _l("CUI"),
    DocumentKind.CE: _l("Foreigner's card"),
    DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.CPP: _l("CPP"),
    DocumentKind.PTP: _l("PTP"),
}
