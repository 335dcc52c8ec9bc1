"""Pure decisions about referrals: which minimum of identity each kind of agency needs."""

from enum import StrEnum

from portal.actor import AgencyKind


class IdentityField(StrEnum):
    """A piece of a child's identity that an act may need."""

    NAMES = "names"
    BIRTH = "birth"
    SEX = "sex"
    DOCUMENT = "document"
    LANGUAGE = "language"
    DISTRICT = "district"


_MINIMUM: dict[AgencyKind, tuple[IdentityField, ...]] = {
    AgencyKind.CIVIL_REGISTRY: (
        IdentityField.NAMES,
        IdentityField.BIRTH,
        IdentityField.SEX,
        IdentityField.DOCUMENT,
    ),
    AgencyKind.HEALTH: (
        IdentityField.NAMES,
        IdentityField.BIRTH,
        IdentityField.SEX,
        IdentityField.DOCUMENT,
        IdentityField.DISTRICT,
    ),
    AgencyKind.INSURANCE: (IdentityField.NAMES, IdentityField.BIRTH, IdentityField.DOCUMENT),
    AgencyKind.EDUCATION: (IdentityField.NAMES, IdentityField.BIRTH, IdentityField.DISTRICT),
    AgencyKind.PRISON: (),
    AgencyKind.INABIF: (IdentityField.NAMES, IdentityField.BIRTH, IdentityField.DOCUMENT),
}
OTHERS = (IdentityField.NAMES, IdentityField.BIRTH)


def minimum_for(kind: AgencyKind) -> tuple[IdentityField, ...]:
    """Return the fields ticked at first for a kind of agency; the sender may take some away.

    What is shared is what the act needs and no more (Ley 29733; DL 1297 art. 15.2).
    """
    return _MINIMUM.get(kind, OTHERS)
