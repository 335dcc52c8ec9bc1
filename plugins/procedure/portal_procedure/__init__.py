"""The procedure of DL 1297 up to the preliminary assessment, for risk and for unprotection.

Both routes share law, instruments and file; who is competent follows from the core.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint
from sqlmodel import Session

from portal.sdk import (
    Actor,
    AgencyKind,
    BriefLine,
    CaseOpened,
    CaseRef,
    CaseReopened,
    CaseStatus,
    CaseView,
    DeadlineRule,
    Erased,
    ErasurePlan,
    Event,
    NavEntry,
    Objection,
    Panel,
    PersonExport,
    Plugin,
    Role,
    Subject,
    Transition,
    World,
    _,
    _l,
    hookimpl,
)
from portal_procedure import queries, services
from portal_procedure.labels import LEVEL
from portal_procedure.terms import RULES
from portal_procedure.views import blueprint

WORKERS = frozenset({Role.COORDINATOR, Role.CASEWORKER, Role.DUTY_OFFICER})


class Procedure(Plugin):
    """The module's manifest."""

    slug = "procedure"
    name = _l("Procedure")
    summary = _l("Preliminary assessment and its terms, for risk and unprotection")
    requires_portal = ">=1,<2"
    for_kinds = frozenset({AgencyKind.UPE, AgencyKind.DEMUNA, AgencyKind.COURT})
    handles = frozenset({"personal_data"})
    acts = {
        "procedure.assessment.keep": _l("Let an earlier assessment stand"),
        "procedure.assessment.read": _l("Opened an assessment"),
        "procedure.assessment.record": _l("Recorded an assessment"),
    }
    circles = {"procedure_assessment": "team"}
    migrations = "portal_procedure:migrations"
    weight = 20

    @hookimpl
    def blueprints(self) -> Sequence[Blueprint]:
        """Return the module's pages."""
        return [blueprint]

    @hookimpl
    def permissions(self) -> Mapping[str, frozenset[Role]]:
        """Return who reads and who records assessments."""
        return {
            "procedure.assessment.read": WORKERS,
            "procedure.assessment.record": WORKERS,
        }

    @hookimpl
    def deadline_rules(self) -> Sequence[DeadlineRule]:
        """Return the terms of the preliminary assessment and inquiries."""
        return RULES

    @hookimpl
    def navigation(self, actor: Actor) -> Sequence[NavEntry]:
        """Return the list of cases by stage."""
        if not actor.may("procedure.assessment.read"):
            return []
        return [NavEntry(label=_l("Procedure"), url="/p/procedure/", weight=20)]

    @hookimpl
    def case_panels(self, session: Session, actor: Actor, case: CaseView) -> Sequence[Panel]:
        """Return what was assessed, or the way to the form, to whoever works on the case."""
        if case.level == "informed":
            return []
        found = queries.find_assessment(session, case.id)
        data = {
            "assessment": found,
            "level": LEVEL[found.level] if found else "",
            "is_due": queries.is_due(found) and case.status == CaseStatus.OPEN,
            "may_record": _may_record(actor, case),
            "may_read": case.level == "lead" and actor.may("procedure.assessment.record"),
            "url": f"/p/procedure/cases/{case.code}/assess",
        }
        return [
            Panel(
                key="procedure.assessment",
                title=_l("Preliminary assessment"),
                template="procedure/panel.html",
                data=data,
                weight=10,
            )
        ]

    @hookimpl
    def check_transition(
        self, session: Session, actor: Actor, subject: Subject, transition: str
    ) -> Sequence[Objection]:
        """Object to closing a case that nobody assessed (DL 1297 art. 18)."""
        if transition != Transition.CLOSE or not isinstance(subject, CaseRef):
            return []
        begun = queries.find_begun(session, subject.id)
        if begun is None or not queries.is_due(queries.find_assessment(session, subject.id)):
            return []
        text = _("The preliminary assessment is missing (DL 1297 art. 18)")
        own = actor.may("procedure.assessment.record")
        where = f"/p/procedure/cases/{begun.case_code}/assess" if own else ""
        return [Objection(text=text, where=where)]

    @hookimpl
    def council_brief(self, session: Session, actor: Actor, case: CaseView) -> Sequence[BriefLine]:
        """Return what the assessment found, without names."""
        found = queries.find_assessment(session, case.id)
        return [BriefLine(text=LEVEL[found.level])] if found else []

    @hookimpl
    def on_event(self, session: Session, event: Event) -> None:
        """Start the term of the preliminary assessment when a case opens, or is reopened."""
        if isinstance(event, CaseOpened):
            services.begin(session, event)
        elif isinstance(event, CaseReopened):
            services.begin_again(session, event)

    @hookimpl
    def export_person(self, session: Session, person_id: UUID) -> Sequence[PersonExport]:
        """Return the assessments of the cases of a person."""
        rows = queries.assessments_of(session, person_id)
        title = _l("Preliminary assessments")
        return [PersonExport(table="procedure_assessment", title=title, rows=rows)]

    @hookimpl
    def erase_person(
        self, session: Session, person_id: UUID, plan: ErasurePlan
    ) -> Sequence[Erased]:
        """Empty the free text of the assessments of a person's cases that no hold keeps."""
        erased, held = services.erase(session, person_id, plan.held_case_ids)
        return [Erased(table="procedure_assessment", erased=erased, held=held)]

    @hookimpl
    def demo(self, session: Session, world: World) -> None:
        """Record most assessments on the day, and leave some due or late."""
        services.demonstrate(session, world)


def _may_record(actor: Actor, case: CaseView) -> bool:
    """Return whether the actor records the assessments of a case."""
    leads = case.level == "lead" and case.status == CaseStatus.OPEN
    return leads and actor.may("procedure.assessment.record")


plugin = Procedure()
