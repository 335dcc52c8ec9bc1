"""In which order the forms of official systems ask; pure.

The order of their screens is published nowhere: this one follows the document sets of UPE and
DEMUNA as described, and the setting `copy_order` puts another in its place.
"""

from collections.abc import Mapping, Sequence

from portal.registries.models import System
from portal.settings import CopyField, CopySystem

OF_CASE = (
    CopyField.CODE,
    CopyField.RECEIVED,
    CopyField.SITUATION,
    CopyField.DISTRICT,
    CopyField.UBIGEO,
    CopyField.SUMMARY,
)
_IDENTITY = (
    CopyField.FIRST_SURNAME,
    CopyField.SECOND_SURNAME,
    CopyField.GIVEN_NAMES,
    CopyField.DOCUMENT,
    CopyField.NUMBER,
    CopyField.OTHER_DOCUMENTS,
    CopyField.SEX,
    CopyField.BORN_ON,
    CopyField.AGE,
)
_CONDITION = (
    CopyField.REGISTRY_OFFICE,
    CopyField.PEOPLE,
    CopyField.LANGUAGE,
    CopyField.INTERPRETER,
    CopyField.DISABILITY,
    CopyField.PREGNANCY,
)
ORDER: Mapping[System, tuple[CopyField, ...]] = {
    System.SISPE: (
        CopyField.RECEIVED,
        CopyField.CODE,
        CopyField.OFFICIAL_CODE,
        CopyField.DISTRICT,
        CopyField.UBIGEO,
        *_IDENTITY,
        *_CONDITION,
        CopyField.PARENTS,
        CopyField.CAREGIVERS,
        CopyField.SITUATION,
        CopyField.SUMMARY,
    ),
    System.SISDNA: (
        CopyField.OFFICIAL_CODE,
        CopyField.RECEIVED,
        *_IDENTITY,
        CopyField.DISTRICT,
        CopyField.PARENTS,
        CopyField.CAREGIVERS,
        *_CONDITION,
        CopyField.SUMMARY,
        CopyField.SITUATION,
    ),
}


def order_of(
    system: System, changed: Mapping[CopySystem, Sequence[CopyField]]
) -> Sequence[CopyField]:
    """Return the order of a system's form: as the instance set it, else the one here."""
    return changed.get(CopySystem(system.value)) or ORDER[system]
