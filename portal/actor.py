"""Who acts: a person for an agency, with the roles held there at this moment.

The actor is an argument of every service and query; below the views there is no current user.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AgencyKind(StrEnum):
    """What an institution at the table is; decides its powers and the modules meant for it."""

    DEFENSORIA = "defensoria"
    UPE = "upe"
    DEMUNA = "demuna"
    CARE_HOME = "care_home"
    POLICE = "police"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    FORENSIC = "forensic"
    CEM = "cem"
    HEALTH = "health"
    INSURANCE = "insurance"
    EDUCATION = "education"
    CIVIL_REGISTRY = "civil_registry"
    PRISON = "prison"
    JUVENILE_JUSTICE = "juvenile_justice"
    INABIF = "inabif"
    SOCIAL_PROGRAMME = "social_programme"
    PUBLIC_DEFENCE = "public_defence"
    MIGRATION = "migration"
    LOCAL_GOVERNMENT = "local_government"
    REGIONAL_GOVERNMENT = "regional_government"
    CHARITY = "charity"
    PREFECTURE = "prefecture"
    CIVIL_SOCIETY = "civil_society"


class Role(StrEnum):
    """What a person does in an agency; several at once. The last two are held on the instance."""

    COORDINATOR = "coordinator"
    CASEWORKER = "caseworker"
    DUTY_OFFICER = "duty_officer"
    CARER = "carer"
    VIEWER = "viewer"
    AGENCY_ADMIN = "agency_admin"
    PRIVACY_OFFICER = "privacy_officer"
    PLATFORM_ADMIN = "platform_admin"
    AUDITOR = "auditor"


INSTANCE_ROLES = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})
CASE_ROLES = frozenset({Role.COORDINATOR, Role.CASEWORKER, Role.DUTY_OFFICER})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, the agency acted for, and what the person may do there now.

    `agency_id` is None for the platform's own people. `on_duty` is true during the person's shift
    of the agency's roster. `permissions` are the names granted by the roles, written
    `owner.resource.verb`.
    `modules` are the slugs of the plugins that are on for the acting agency. In a staff session an
    administrator looks at one agency until `staff_until`: no role acts, nothing is written.
    """

    user_id: UUID | None
    agency_id: UUID | None = None
    agency_kind: AgencyKind | None = None
    roles: frozenset[Role] = frozenset()
    on_duty: bool = False
    permissions: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    sign_in_id: UUID | None = None
    request_id: str = ""
    name: str = field(default="", compare=False)
    agency_name: str = field(default="", compare=False)
    is_system: bool = False
    staff_session_id: UUID | None = None
    staff_until: datetime | None = field(default=None, compare=False)

    def may(self, permission: str) -> bool:
        """Tell whether the roles held now grant a permission."""
        return permission in self.permissions

    def has_role(self, *roles: Role) -> bool:
        """Tell whether any of these roles is held now."""
        return not self.roles.isdisjoint(roles)

    @property
    def attends(self) -> bool:
        """Tell whether the person answers for the agency now: a coordinator, or on duty."""
        return self.has_role(Role.COORDINATOR) or (
            self.has_role(Role.DUTY_OFFICER) and self.on_duty
        )


def system_actor(agency_id: UUID | None = None) -> Actor:
    """Return the portal itself, for work that no person asked for (the worker, event handlers).

    It is the only actor that visibility does not narrow; no request ever acts as it.
    """
    return Actor(user_id=None, agency_id=agency_id, name="Articula", is_system=True)
