"""Words for the states of a case, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.cases.models import (
    CaseStatus,
    Circle,
    EntryKind,
    Level,
    Placement,
    PopulationGroup,
    Priority,
    Right,
    RightState,
    Situation,
)
from portal.deadlines import rules
from portal.texts import _, _l, inline

SITUATION = {
    Situation.RISK: _l("Risk"),
    Situation.UNPROTECTION: _l("Unprotection"),
    Situation.UNDECIDED: _l("Not decided yet"),
}
PRIORITY = {
    Priority.IMMEDIATE: _l("Immediate"),
    Priority.HIGH: _l("High"),
    Priority.REGULAR: _l("Regular"),
}
GROUP = {
    PopulationGroup.PARENT_IN_PRISON: _l("Child of a person in prison"),
    PopulationGroup.FEMICIDE: _l("Indirect victim of femicide"),
    PopulationGroup.PANDEMIC: _l("Orphan of the pandemic"),
    PopulationGroup.ORPHAN: _l("Orphan of mother or father"),
    PopulationGroup.SEXUAL_VIOLENCE: _l("Victim of sexual violence, direct or indirect"),
    PopulationGroup.CRIME: _l("Indirect victim of crime"),
    PopulationGroup.STREET: _l("Living in the street"),
    PopulationGroup.IN_CARE: _l("In a place of care"),
    PopulationGroup.YOUTH_DETENTION: _l("In a youth detention centre"),
    PopulationGroup.PARENT_DEPENDENCE: _l("Child of a person who depends on alcohol or drugs"),
    PopulationGroup.PARENT_DISABILITY: _l("Child of a person with disability"),
    PopulationGroup.SEX_WORK: _l("Child of a person in sex work"),
}
STATUS = {CaseStatus.OPEN: _l("Open"), CaseStatus.CLOSED: _l("Closed")}
LEVEL = {
    Level.LEAD: _l("Lead"),
    Level.TEAM: _l("Intervenes"),
    Level.INFORMED: _l("Collaborates"),
}
CIRCLE = {
    Circle.AGENCY: _l("Only my institution"),
    Circle.TEAM: _l("Institutions that intervene"),
    Circle.PARTIES: _l("All institutions of the case"),
    Circle.SEALED: _l("Restricted access"),
}
KIND = {
    EntryKind.NOTE: _l("Note"),
    EntryKind.ACT: _l("Act"),
    EntryKind.INTERVIEW: _l("Interview"),
    EntryKind.VISIT: _l("Visit"),
    EntryKind.REFERRAL: _l("Referral"),
    EntryKind.COMMITMENT: _l("Commitment"),
    EntryKind.PARTY: _l("Institution"),
    EntryKind.RIGHT: _l("Right"),
    EntryKind.PLACEMENT: _l("Placement"),
    EntryKind.TERM: _l("Term"),
    EntryKind.DOCUMENT: _l("Document"),
    EntryKind.COUNCIL: _l("Council"),
    EntryKind.MODULE: _l("Module"),
}
# An interview of a child is written in its register, which shows first who has heard the child.
WRITABLE_KINDS = (EntryKind.NOTE, EntryKind.ACT, EntryKind.VISIT)
RIGHT = {
    Right.IDENTITY: _l("Identity"),
    Right.HEALTH_INSURANCE: _l("Health insurance"),
    Right.GROWTH: _l("Growth and vaccines"),
    Right.MENTAL_HEALTH: _l("Mental health"),
    Right.SCHOOL: _l("School"),
    Right.CARE: _l("Care and home"),
    Right.ASSISTANCE: _l("Orphan assistance and programmes"),
    Right.DISABILITY: _l("Disability registration"),
    Right.LEGAL_DEFENCE: _l("Legal defence"),
    Right.PARENT_CONTACT: _l("Contact with parents"),
    Right.SAFETY: _l("Freedom from violence"),
}
RIGHT_STATE = {
    RightState.TO_VERIFY: _l("To verify"),
    RightState.NOT_GUARANTEED: _l("Not guaranteed"),
    RightState.IN_PROCESS: _l("In process"),
    RightState.RESTORED: _l("Restored"),
    RightState.NOT_APPLICABLE: _l("Does not apply"),
}
PLACEMENT = {
    Placement.UNKNOWN: _l("Not known"),
    Placement.ALONE: _l("Without an adult"),
    Placement.WITH_FAMILY: _l("With family"),
    Placement.HOSPITAL: _l("In hospital"),
    Placement.IN_CARE: _l("In protective care"),
    Placement.FOSTERED: _l("In a foster family"),
}

_FACTS: Mapping[str, Mapping[Any, Any]] = {
    "right": RIGHT,
    "state": RIGHT_STATE,
    "placement": PLACEMENT,
    "level": LEVEL,
}


def entry_title(title: str, facts: Mapping[str, Any]) -> str:
    """Return an entry's title in the reader's language, its coded facts as words."""
    words = {name: str(_FACTS.get(name, {}).get(value, value)) for name, value in facts.items()}
    if "began" in facts:
        rule = rules.known(str(facts["rule"]), date.fromisoformat(str(facts["began"])))
        words["rule"] = str(rule.title)
    for name in words.keys() & {*_FACTS, "rule"}:
        if not title.startswith(f"%({name})"):
            words[name] = inline(words[name])
    return _(title, **words) if title else ""


def choices(labels: Mapping[Any, Any], *only: Any) -> list[tuple[str, Any]]:
    """Return (value, label) pairs for a select or radio group, all or only some."""
    return [(key.value, label) for key, label in labels.items() if not only or key in only]
