"""The terms of the opening stage, the same on both routes (DL 1297 arts. 18–19; R 26–29)."""

from portal.sdk import AgencyKind, DeadlineRule, Extension, Need, Unit, _l

# Runs from the declaration of provisional unprotection, which the core records (DL 1297 art. 52).
DECLARATION = "core.unprotection.copies_to_court"
AUTHORITIES = frozenset({AgencyKind.UPE, AgencyKind.DEMUNA, AgencyKind.COURT})

ASSESSMENT = DeadlineRule(
    code="procedure.assessment",
    title=_l("Preliminary assessment"),
    starts_on=_l("Reception of the alert"),
    length=1,
    unit=Unit.BUSINESS_DAYS,
    act_owed=_l("Resolution: open risk, open unprotection, or archive"),
    owed_by=AUTHORITIES,
    source="DL 1297 art. 18; R 26",
)
INQUIRIES = DeadlineRule(
    code="procedure.inquiries",
    title=_l("Preliminary inquiries"),
    starts_on=_l("Knowledge of the facts"),
    length=24,
    unit=Unit.HOURS,
    act_owed=_l("Inquiries done and resolution"),
    owed_by=AUTHORITIES,
    extensions=(
        Extension(
            length=72,
            unit=Unit.HOURS,
            when=_l("Exceptionally, under a nationally declared emergency"),
            source="DL 1297 art. 19; R 29.2–29.3",
            needs=(Need.REASON, Need.RESOLUTION, Need.DECREE),
        ),
        Extension(
            length=7,
            unit=Unit.BUSINESS_DAYS,
            when=_l("Complex: siblings, trafficking, remote places"),
            source="DL 1297 art. 19; R 29.2–29.3",
            needs=(Need.REASON, Need.RESOLUTION, Need.DECREE),
        ),
    ),
    source="DL 1297 art. 19; R 29",
)
RULES = (ASSESSMENT, INQUIRIES)
