"""Words for roles and hand-overs, in the reader's language."""

from collections.abc import Iterable
from typing import Any

from portal.access.models import HandoverKind, ReviewDecision, SignerAct, SignerStanding
from portal.actor import INSTANCE_ROLES, Role
from portal.texts import _l

ROLE: dict[Role, Any] = {
    Role.COORDINATOR: _l("Coordination"),
    Role.CASEWORKER: _l("Casework"),
    Role.DUTY_OFFICER: _l("Duty"),
    Role.CARER: _l("Daily care"),
    Role.VIEWER: _l("Figures only"),
    Role.AGENCY_ADMIN: _l("Administration of the institution"),
    Role.PRIVACY_OFFICER: _l("Privacy officer"),
    Role.PLATFORM_ADMIN: _l("Administration of the platform"),
    Role.AUDITOR: _l("Audit"),
}

# What a role opens, said to whoever gives it.
OPENS: dict[Role, Any] = {
    Role.COORDINATOR: _l("all cases of the institution; assigns, accepts, decides levels"),
    Role.CASEWORKER: _l("the cases that are assigned"),
    Role.DUTY_OFFICER: _l("alerts and live cases during the shift; emergency access"),
    Role.CARER: _l("residents of the place of care; no case"),
    Role.VIEWER: _l("figures and lists without names"),
    Role.AGENCY_ADMIN: _l("people, roles, modules and settings; no case"),
    Role.PRIVACY_OFFICER: _l("who looked, alerts and reviews; no contents"),
    Role.PLATFORM_ADMIN: _l("institutions, modules, catalogues, health; no case"),
    Role.AUDITOR: _l("the trail: who, when, what kind"),
}

HANDOVER: dict[HandoverKind, Any] = {
    HandoverKind.LEAVES: _l("leaves the institution"),
    HandoverKind.MOVES: _l("moves to another institution"),
    HandoverKind.ROLE_ENDS: _l("a role ends"),
    HandoverKind.LEFT_BEHIND: _l("left without handing over"),
}


def choices(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Return roles for a form, with what each opens."""
    order = list(Role)
    return [(role.value, f"{ROLE[role]}: {OPENS[role]}") for role in sorted(roles, key=order.index)]


def of_scope(*, instance: bool) -> list[Role]:
    """Return the roles that are given on the instance, or in an agency."""
    return [role for role in Role if (role in INSTANCE_ROLES) == instance]


STANDING: dict[SignerStanding, Any] = {
    SignerStanding.TITULAR: _l("Titular"),
    SignerStanding.ALTERNATE: _l("Alternate"),
}

ACT: dict[SignerAct, Any] = {
    SignerAct.ANY: _l("Every kind of act"),
    SignerAct.RESOLUTION: _l("Resolutions"),
    SignerAct.LETTER: _l("Official letters"),
    SignerAct.DATA_ANSWER: _l("Answers on personal data"),
}

DECISION: dict[ReviewDecision, Any] = {
    ReviewDecision.KEEP: _l("Stays"),
    ReviewDecision.END: _l("Ends"),
}
