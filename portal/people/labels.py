"""Words for what identifies a person."""

from collections.abc import Sequence
from typing import Any

from portal.people.inputs import UNNUMBERED
from portal.people.models import DocumentKind, PersonDocument, Sex
from portal.texts import _l

SEX = {Sex.FEMALE: _l("Girl"), Sex.MALE: _l("Boy"), Sex.UNKNOWN: _l("Not known")}
ADULT = {Sex.FEMALE: _l("Woman"), Sex.MALE: _l("Man")}
DOCUMENT = {
    DocumentKind.NONE: _l("Has none, or not known"),
    DocumentKind.DNI: _l("DNI"),
    DocumentKind.IN_PROCESS: _l("In process"),
    DocumentKind.CUI: _l("CUI"),
    DocumentKind.CNV: _l("Live birth certificate (CNV)"),
    DocumentKind.ACTA: _l("Birth record (acta)"),
    DocumentKind.CE: _l("Foreigner's card"),
    DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.CPP: _l("CPP"),
    DocumentKind.PTP: _l("PTP"),
}


def sex_choices(*, children: bool) -> list[tuple[str, Any]]:
    """Return what a form offers; that it is not known is the empty choice."""
    words = SEX if children else ADULT
    return [(sex.value, words[sex]) for sex in (Sex.FEMALE, Sex.MALE)]


def document_words(documents: Sequence[PersonDocument]) -> str:
    """Return documents in a line: kind, number and the country that issued a foreign one."""
    return "; ".join(
        f"{DOCUMENT[each.kind]} {each.number}" + (f" ({each.country})" if each.country else "")
        for each in documents
    )


def numbered_choices() -> list[tuple[str, Any]]:
    """Return the kinds of document that a person may have beside the main one."""
    return [(kind.value, label) for kind, label in DOCUMENT.items() if kind not in UNNUMBERED]


def document_choices() -> list[tuple[str, Any]]:
    """Return the kinds of document that a form offers."""
    return [(kind.value, label) for kind, label in DOCUMENT.items()]
