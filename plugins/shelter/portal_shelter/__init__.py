"""Places of care: beds, admissions, stays with their term, and what exceeds the beds.

The place of a UPE and a residential care centre use the same pages; each sees its own place only.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint
from sqlmodel import Session

from portal.sdk import (
    Actor,
    AgencyKind,
    AgencyRef,
    CaseView,
    DeadlineRule,
    Erased,
    ErasurePlan,
    Event,
    HomeItem,
    ModuleSwitchedOff,
    ModuleSwitchedOn,
    NavEntry,
    Objection,
    Panel,
    PersonExport,
    Plugin,
    Role,
    Subject,
    TermMoved,
    Transition,
    World,
    _l,
    hookimpl,
)
from portal_shelter import lines, personal, queries, services
from portal_shelter.inputs import Settings
from portal_shelter.terms import RULES, STAY
from portal_shelter.views import blueprint

WORKERS = frozenset({Role.COORDINATOR, Role.CASEWORKER, Role.DUTY_OFFICER})


class Shelter(Plugin):
    """The module's manifest."""

    slug = "shelter"
    name = _l("Shelter")
    summary = _l("Beds, admissions and stays of a place of care, with their term")
    requires_portal = ">=1,<2"
    for_kinds = frozenset({AgencyKind.UPE, AgencyKind.CARE_HOME})
    handles = frozenset({"personal_data"})
    acts = {
        "shelter.bed.add": _l("Added a bed"),
        "shelter.bed.retire": _l("Retired a bed"),
        "shelter.capacity.decide": _l("Decided to go beyond capacity"),
        "shelter.census.read": _l("Read the census of a place"),
        "shelter.place.set": _l("Set up a place of care"),
        "shelter.stay.admit": _l("Admitted a child"),
        "shelter.stay.discharge": _l("Discharged a child"),
        "shelter.stay.move": _l("Moved a child to another bed"),
        "shelter.stay.read": _l("Opened a stay in care"),
    }
    circles = {
        "shelter_place": "agency",
        "shelter_bed": "agency",
        "shelter_stay": "agency",
        "shelter_over_capacity": "agency",
    }
    settings_model = Settings
    migrations = "portal_shelter:migrations"
    weight = 10

    @hookimpl
    def blueprints(self) -> Sequence[Blueprint]:
        """Return the module's pages."""
        return [blueprint]

    @hookimpl
    def permissions(self) -> Mapping[str, frozenset[Role]]:
        """Return who sees the census, admits and discharges, decides, sets up the place."""
        return {
            "shelter.census.read": WORKERS | {Role.CARER},
            "shelter.stay.admit": WORKERS,
            "shelter.stay.discharge": WORKERS,
            "shelter.capacity.decide": frozenset({Role.COORDINATOR, Role.DUTY_OFFICER}),
            "shelter.place.manage": frozenset({Role.AGENCY_ADMIN}),
        }

    @hookimpl
    def deadline_rules(self) -> Sequence[DeadlineRule]:
        """Return the term of a stay in urgent care."""
        return RULES

    @hookimpl
    def navigation(self, actor: Actor) -> Sequence[NavEntry]:
        """Return the census, or the place's data for whoever only sets it up."""
        if actor.may("shelter.census.read"):
            return [NavEntry(label=_l("Shelter"), url="/p/shelter/", weight=10)]
        if actor.may("shelter.place.manage"):
            return [NavEntry(label=_l("Shelter"), url="/p/shelter/place", weight=10)]
        return []

    @hookimpl
    def home_items(self, session: Session, actor: Actor, limit: int) -> Sequence[HomeItem]:
        """Return the stays and the decisions beyond capacity that end."""
        return lines.home(session, actor, limit)

    @hookimpl
    def case_panels(self, session: Session, actor: Actor, case: CaseView) -> Sequence[Panel]:
        """Return where the children of the case sleep, and the way to admit those who are outside.

        To whoever works on the case, of the agency whose place it is.
        """
        outside = {child.person_id for child in case.children if child.placement != "in_care"}
        in_care = len(outside) < len(case.children)
        works = case.level in ("lead", "team") and case.status == "open"
        admits = works and bool(outside) and actor.may("shelter.stay.admit")
        if case.level == "informed" or not (in_care or admits):
            return []
        place = queries.find_place(session, actor.agency_id)
        if place is None:
            return []
        beds = [
            bed
            for bed in (queries.list_beds(session, place) if in_care else [])
            if bed.stay_id and bed.case_id == case.id
        ]
        waits = admits and bool(outside - queries.staying(session, case.id).keys())
        if not (beds or waits):
            return []
        names = {child.person_id: child.label for child in case.children}
        data = {
            "beds": beds,
            "names": names,
            "place": place,
            "length": STAY.length,
            "admit": f"/p/shelter/cases/{case.code}/admit" if waits else "",
        }
        return [
            Panel(
                key="shelter.stays",
                title=_l("Shelter"),
                template="shelter/panel.html",
                data=data,
                weight=5,
            )
        ]

    @hookimpl
    def check_transition(
        self, session: Session, actor: Actor, subject: Subject, transition: str
    ) -> Sequence[Objection]:
        """Object while children stay: to closing their case, and to switching the module off."""
        if isinstance(subject, AgencyRef):
            off = transition == Transition.SWITCH_OFF
            return lines.against_switching_off(session, actor, subject.id) if off else []
        return (
            lines.against_closing(session, actor, subject.id)
            if transition == Transition.CLOSE
            else []
        )

    @hookimpl
    def on_event(self, session: Session, event: Event) -> None:
        """Follow a term that moved with the calendar, and the module's own switch."""
        if isinstance(event, TermMoved):
            services.follow_term(session, event)
        elif isinstance(event, ModuleSwitchedOn | ModuleSwitchedOff) and event.slug == self.slug:
            is_off = isinstance(event, ModuleSwitchedOff)
            services.show_off(session, event.agency_id, is_off=is_off)

    @hookimpl
    def export_person(self, session: Session, person_id: UUID) -> Sequence[PersonExport]:
        """Return a person's stays, and the decisions beyond capacity on the person's cases."""
        return [
            PersonExport(
                table="shelter_stay",
                title=_l("Stays in care"),
                rows=personal.stays_of(session, person_id),
            ),
            PersonExport(
                table="shelter_over_capacity",
                title=_l("Decisions to receive beyond capacity"),
                rows=personal.decisions_of(session, person_id),
            ),
        ]

    @hookimpl
    def erase_person(
        self, session: Session, person_id: UUID, plan: ErasurePlan
    ) -> Sequence[Erased]:
        """Empty what was written of a person's stays and cases that no hold keeps."""
        elsewhere = plan.held_case_ids - plan.shared_case_ids
        erased, held = services.erase_stays(session, person_id, elsewhere)
        emptied, kept = services.erase_decisions(session, person_id, plan.held_case_ids)
        return [
            Erased(table="shelter_stay", erased=erased, held=held),
            Erased(table="shelter_over_capacity", erased=emptied, held=kept),
        ]

    @hookimpl
    def demo(self, session: Session, world: World) -> None:
        """Set up two places, one with four children and one empty."""
        from portal_shelter import demonstration

        demonstration.build(session, world)


plugin = Shelter()
