"""Words for the kinds of agency, in the reader's language."""

from typing import Any

from portal.actor import AgencyKind
from portal.texts import _l

KIND: dict[AgencyKind, Any] = {
    AgencyKind.DEFENSORIA: _l("Ombudsman's office"),
    AgencyKind.UPE: _l("Special Protection Unit (UPE)"),
    AgencyKind.DEMUNA: _l("Municipal defence office (DEMUNA)"),
    AgencyKind.CARE_HOME: _l("Place of care"),
    AgencyKind.POLICE: _l("Police"),
    AgencyKind.PROSECUTOR: _l("Prosecutor's office"),
    AgencyKind.COURT: _l("Family or mixed court"),
    AgencyKind.FORENSIC: _l("Forensic medicine"),
    AgencyKind.CEM: _l("Women and family emergency centre (CEM)"),
    AgencyKind.HEALTH: _l("Health"),
    AgencyKind.INSURANCE: _l("Health insurance"),
    AgencyKind.EDUCATION: _l("Education"),
    AgencyKind.CIVIL_REGISTRY: _l("Civil registry"),
    AgencyKind.PRISON: _l("Prison service"),
    AgencyKind.JUVENILE_JUSTICE: _l("Juvenile justice"),
    AgencyKind.INABIF: _l("INABIF"),
    AgencyKind.SOCIAL_PROGRAMME: _l("Social programme"),
    AgencyKind.PUBLIC_DEFENCE: _l("Public defence"),
    AgencyKind.MIGRATION: _l("Migration"),
    AgencyKind.LOCAL_GOVERNMENT: _l("Local government"),
    AgencyKind.REGIONAL_GOVERNMENT: _l("Regional government"),
    AgencyKind.CHARITY: _l("Public charity"),
    AgencyKind.PREFECTURE: _l("Prefecture"),
    AgencyKind.CIVIL_SOCIETY: _l("Civil society"),
}


def choices() -> list[tuple[str, str]]:
    """Return the kinds for a select, by their words."""
    return sorted(
        ((kind.value, str(word)) for kind, word in KIND.items()), key=lambda each: each[1]
    )
