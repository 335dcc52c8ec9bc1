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
    PARENTS = "parents"
    CAREGIVER = "caregiver"


F = IdentityField
OTHERS = (F.NAMES, F.BIRTH)
_IDENTITY = (F.NAMES, F.BIRTH, F.SEX, F.DOCUMENT)
_PROTECTION = (F.NAMES, F.BIRTH, F.SEX, F.DOCUMENT, F.LANGUAGE, F.DISTRICT)
_BENEFIT = (F.NAMES, F.BIRTH, F.DOCUMENT, F.CAREGIVER)
_MINIMUM: dict[AgencyKind, tuple[IdentityField, ...]] = {
    AgencyKind.UPE: _PROTECTION,
    AgencyKind.DEMUNA: _PROTECTION,
    AgencyKind.COURT: (F.NAMES, F.BIRTH, F.DOCUMENT),
    AgencyKind.PROSECUTOR: (F.NAMES, F.BIRTH, F.DOCUMENT),
    AgencyKind.PUBLIC_DEFENCE: (F.NAMES, F.BIRTH, F.DOCUMENT, F.LANGUAGE),
    AgencyKind.FORENSIC: _IDENTITY,
    AgencyKind.POLICE: (F.NAMES, F.BIRTH, F.SEX, F.DISTRICT),
    AgencyKind.CEM: (F.NAMES, F.BIRTH, F.SEX, F.LANGUAGE, F.DISTRICT),
    AgencyKind.CIVIL_REGISTRY: _IDENTITY,
    AgencyKind.MIGRATION: _IDENTITY,
    AgencyKind.HEALTH: (*_IDENTITY, F.DISTRICT, F.CAREGIVER),
    AgencyKind.INSURANCE: (F.NAMES, F.BIRTH, F.DOCUMENT),
    AgencyKind.EDUCATION: (F.NAMES, F.BIRTH, F.DISTRICT),
    AgencyKind.PRISON: (F.PARENTS,),
    AgencyKind.INABIF: _BENEFIT,
    AgencyKind.SOCIAL_PROGRAMME: _BENEFIT,
    AgencyKind.PREFECTURE: (),
    AgencyKind.CIVIL_SOCIETY: (),
}


def minimum_for(kind: AgencyKind) -> tuple[IdentityField, ...]:
    """Return the fields ticked at first for a kind of agency; initials are always shown.

    What is shared is what the act needs and no more (Ley 29733; DL 1297 art. 15.2): a prison needs
    the parent alone, and who holds no public power gets initials. The sender decides for each act.
    """
    return _MINIMUM.get(kind, OTHERS)
