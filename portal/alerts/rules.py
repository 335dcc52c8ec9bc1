"""Pure decisions about alerts: the code, and the priority that plain signs suggest."""

from collections.abc import Collection, Sequence
from datetime import date

from portal.alerts.models import Sign
from portal.cases.models import PopulationGroup, Priority
from portal.cases.rules import spoken
from portal.people.rules import Aged, age_on
from portal.texts import Said, msgid

UNSAFE = (Sign.ALONE_TONIGHT, Sign.SEXUAL_VIOLENCE, Sign.INJURIES, Sign.RECRUITMENT)
GRAVE = (Sign.STREET, Sign.ORPHAN)
YOUNG = 3
GROUPS = {
    Sign.PARENT_IN_PRISON: PopulationGroup.PARENT_IN_PRISON,
    Sign.ORPHAN: PopulationGroup.ORPHAN,
    Sign.SEXUAL_VIOLENCE: PopulationGroup.SEXUAL_VIOLENCE,
    Sign.STREET: PopulationGroup.STREET,
}


def new_code() -> str:
    """Return a short code to say on the telephone, such as `K7-2M4`."""
    letters = spoken(5)
    return f"{letters[:2]}-{letters[2:]}"


def suggest_priority(
    signs: Collection[str], children: Sequence[Aged], day: date
) -> tuple[Priority, Said]:
    """Return the priority that the signs suggest and why; a person decides."""
    reasons = {
        Sign.ALONE_TONIGHT: msgid("they will spend the night without an adult"),
        Sign.SEXUAL_VIOLENCE: msgid("there are signs of sexual violence"),
        Sign.INJURIES: msgid("there are injuries"),
        Sign.RECRUITMENT: msgid("there are signs of trafficking or recruitment"),
        Sign.STREET: msgid("they live in the street"),
        Sign.ORPHAN: msgid("they have lost their parents"),
    }
    for sign in UNSAFE:
        if sign.value in signs:
            return Priority.IMMEDIATE, Said(reasons[sign])
    ages = [age for child in children if (age := age_on(child, day)) is not None]
    if ages and min(ages) < YOUNG:
        return Priority.IMMEDIATE, Said(msgid("a child is under three years old"))
    for sign in GRAVE:
        if sign.value in signs:
            return Priority.HIGH, Said(reasons[sign])
    return Priority.REGULAR, Said(msgid("none of the signs of immediate danger is marked"))


def groups_of(signs: Collection[str]) -> list[PopulationGroup]:
    """Return the groups of the programme to which the signs point; a person adds and corrects."""
    return [group for sign, group in GROUPS.items() if sign.value in signs]
