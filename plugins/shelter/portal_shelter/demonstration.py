"""The demonstration's places: the UPE's, with four children in ten beds, and an empty one."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from portal.sdk import Actor, World, clock, get_case_view
from portal_shelter import queries, services
from portal_shelter.inputs import AddBed, Admit, SetPlace
from portal_shelter.models import Measure, PlaceKind

# Case of the demonstration, days ago, hour, first bed.
ADMITTED = (("caso-4", 12, 15, 0), ("caso-1", 4, 22, 5), ("caso-0", 0, 0, 2))
ROOMS = (("Dormitorio A", range(1, 6)), ("Dormitorio B", range(6, 11)))
SMALL = (("Dormitorio 1", range(1, 4)), ("Dormitorio 2", range(4, 7)))


def build(session: Session, world: World) -> None:
    """Set up both places and admit, as people would have done on those days."""
    upe = world.actors["upe"]
    place = SetPlace(
        name="Espacio de acogida de la UPE San Martín",
        kind=PlaceKind.RECEPTION,
        capacity=10,
        address="Jr. de la Demostración 100, Tarapoto",
        shares_vacancies=True,
    )
    _set_up(session, upe, place, ROOMS)
    home = SetPlace(
        name="Centro de Acogida Morales",
        kind=PlaceKind.URGENT,
        capacity=6,
        accreditation="Demostración 002-2026",
        address="Jr. de la Demostración 200, Morales",
        shares_vacancies=True,
    )
    _set_up(session, world.actors["car"], home, SMALL)
    for name, days, hour, first in ADMITTED:
        _admit(session, upe, world.cases[name], days, hour, first)


def _set_up(
    session: Session, actor: Actor, place: SetPlace, rooms: tuple[tuple[str, range], ...]
) -> None:
    services.set_place(session, actor, place)
    for room, labels in rooms:
        for label in labels:
            services.add_bed(session, actor, AddBed(room=room, label=str(label)))


def _admit(session: Session, actor: Actor, case_id: UUID, days: int, hour: int, first: int) -> None:
    case = get_case_view(session, actor, case_id)
    begun = clock.local(clock.now() - timedelta(days=days)).replace(hour=hour, minute=40)
    at = max(min(begun, clock.now() - timedelta(minutes=30)), case.opened_at + timedelta(hours=1))
    beds = queries.list_beds(session, queries.get_place(session, actor))
    given = Admit.model_validate(
        {
            "beds": [
                {"person_id": child.person_id, "bed_id": beds[first + number].id}
                for number, child in enumerate(case.children)
            ],
            "measure": Measure.URGENT,
            "ordered_by": f"Resolución {first + 1:03d}-2026-DEMO",
            "admitted_at": at,
            "arrival": "Llega acompañado por personal de la UPE; sin lesiones visibles.",
        }
    )
    with clock.at(at):
        services.admit(session, actor, case, given)
