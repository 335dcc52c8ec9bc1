"""Monitoring by the Defensoría: terms that run out, visits and recommendations (Ley 26520)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint
from sqlmodel import Session

from portal.sdk import (
    Actor,
    AgencyKind,
    CaseAction,
    CaseView,
    CommitmentStatus,
    Erased,
    ErasurePlan,
    HomeGroup,
    HomeItem,
    NavEntry,
    Panel,
    PersonExport,
    Plugin,
    Role,
    Tone,
    World,
    _,
    _l,
    clock,
    commitments_from,
    hookimpl,
)
from portal_defensoria import queries, services
from portal_defensoria.inputs import RecordVisit, Settings
from portal_defensoria.views import blueprint

WORKERS = frozenset({Role.COORDINATOR, Role.CASEWORKER, Role.DUTY_OFFICER})


class Defensoria(Plugin):
    """The module's manifest."""

    slug = "defensoria"
    name = _l("Monitoring")
    summary = _l("Terms that run out, visits and recommendations of the Defensoría")
    requires_portal = ">=1,<2"
    for_kinds = frozenset({AgencyKind.DEFENSORIA})
    handles = frozenset({"personal_data"})
    acts = {
        "defensoria.visit.read": _l("Opened a visit"),
        "defensoria.visit.record": _l("Recorded a visit"),
    }
    circles = {"defensoria_visit": "agency"}
    settings_model = Settings
    migrations = "portal_defensoria:migrations"
    weight = 30

    @hookimpl
    def blueprints(self) -> Sequence[Blueprint]:
        """Return the module's pages."""
        return [blueprint]

    @hookimpl
    def permissions(self) -> Mapping[str, frozenset[Role]]:
        """Return who reads and who records visits."""
        return {"defensoria.visit.read": WORKERS, "defensoria.visit.record": WORKERS}

    @hookimpl
    def navigation(self, actor: Actor) -> Sequence[NavEntry]:
        """Return the monitoring page."""
        if not actor.may("defensoria.visit.read"):
            return []
        return [NavEntry(label=_l("Monitoring"), url="/p/defensoria/", weight=30)]

    @hookimpl
    def home_items(self, session: Session, actor: Actor, limit: int) -> Sequence[HomeItem]:
        """Return the recommendations whose day has passed without an answer."""
        visits = queries.list_visits(session, actor)
        states = commitments_from(session, actor, [visit.id for visit in visits])
        late = [
            (visit, states[visit.id])
            for visit in visits
            if visit.id in states
            and states[visit.id].status is CommitmentStatus.ACCEPTED
            and states[visit.id].due_on < clock.today()
        ]
        return [
            HomeItem(
                when=state.due_on,
                tone=Tone.OVERDUE,
                title=state.act,
                note=_("%(name)s has not answered (Ley 26520 art. 26)", name=state.agency),
                url=f"/p/defensoria/visits/{visit.id}",
                group=HomeGroup.COMMITMENTS,
            )
            for visit, state in late[:limit]
        ]

    @hookimpl
    def case_panels(self, session: Session, actor: Actor, case: CaseView) -> Sequence[Panel]:
        """Return the office's visits on a case."""
        visits = queries.list_visits(session, actor, case_id=case.id)
        if not visits:
            return []
        return [
            Panel(
                key="defensoria.visits",
                title=_l("Visits"),
                template="defensoria/panel.html",
                data={"visits": visits},
                weight=60,
            )
        ]

    @hookimpl
    def case_actions(self, actor: Actor, case: CaseView) -> Sequence[CaseAction]:
        """Return the way to record a visit on the case."""
        if not actor.may("defensoria.visit.record"):
            return []
        url = f"/p/defensoria/visits/new?case={case.code}"
        return [CaseAction(label=_l("Record a visit"), url=url)]

    @hookimpl
    def export_person(self, session: Session, person_id: UUID) -> Sequence[PersonExport]:
        """Return the visits on the cases of a person."""
        rows = queries.visits_of(session, person_id)
        return [PersonExport(table="defensoria_visit", title=_l("Visits"), rows=rows)]

    @hookimpl
    def erase_person(
        self, session: Session, person_id: UUID, plan: ErasurePlan
    ) -> Sequence[Erased]:
        """Empty what was found on the cases of a person that no hold keeps."""
        return [services.erase(session, person_id, plan.held_case_ids)]

    @hookimpl
    def demo(self, session: Session, world: World) -> None:
        """Record a visit to the UPE with its recommendation."""
        given = RecordVisit(
            visited_id=world.agencies["UPE-SM"],
            visited_on=clock.today(),
            found="Dos niños esperaron en la oficina hasta la noche.",
            recommendation="Habilitar un ambiente de espera y registrar la hora de ingreso",
            due_on=clock.today() + timedelta(days=30),
        )
        services.record_visit(session, world.actors["defensoria"], given)


plugin = Defensoria()
