"""The term of a stay in an urgent place of care (Reglamento of DL 1297, art. 101.1)."""

from portal.sdk import AgencyKind, DeadlineRule, Unit, _l

STAY = DeadlineRule(
    code="shelter.stay",
    title=_l("Stay in urgent care"),
    starts_on=_l("Admission"),
    length=10,
    unit=Unit.BUSINESS_DAYS,
    act_owed=_l("Discharge to family, foster family or another place, on the authority's order"),
    owed_by=frozenset({AgencyKind.UPE, AgencyKind.CARE_HOME}),
    source="R 101.1",
    doubt=_l(
        "Whether the reception space of a UPE is an urgent care centre is not confirmed; the "
        "limits of one, ten children and ten business days, serve as its alarm."
    ),
)
RULES = (STAY,)
