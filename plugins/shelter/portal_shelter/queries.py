"""Reading places, beds and stays: those of the acting agency's place, and of others only how many.

Who a resident is comes from the core (`list_residents`), which decides who may know it; a bed whose
child is not shown stands as occupied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import (
    Actor,
    ChildView,
    NotFound,
    clock,
    list_agencies,
    list_case_views,
    list_residents,
    note_read,
    rows,
    unseal,
    visible_case_ids,
)
from portal_shelter.models import Bed, OverCapacity, Place, Stay

MOST_CASES = 30


@dataclass(frozen=True, slots=True)
class BedRow:
    """A bed as the census shows it, with who is in it where the actor may know."""

    id: UUID
    room: str
    label: str
    is_extra: bool
    until: date | None
    case_id: UUID | None
    stay_id: UUID | None
    person_id: UUID | None
    admitted_at: datetime | None
    expected_on: date | None
    counted: Sequence[str]
    child: ChildView | None = None

    @property
    def is_free(self) -> bool:
        """Tell whether a child may be admitted to it: nobody is in it, its decision still holds."""
        return self.stay_id is None and (self.until is None or self.until >= clock.today())

    @property
    def day(self) -> int:
        """Return which business day of the term runs; the term's length plus one once it passed."""
        return day_of(self.counted, self.expected_on)


def day_of(counted: Sequence[str], expected_on: date | None) -> int:
    """Return how many business days of a term have begun; one more than all once it passed."""
    today = clock.today()
    past = expected_on is not None and today > expected_on
    return sum(day <= today.isoformat() for day in counted) + past


@dataclass(frozen=True, slots=True)
class Room:
    """A room with its beds, in order."""

    name: str
    beds: Sequence[BedRow]


def find_place(session: Session, agency_id: UUID | None) -> Place | None:
    """Return the place of care of an agency, or None."""
    if agency_id is None:
        return None
    return session.scalar(sa.select(Place).where(col(Place.agency_id) == agency_id))


def get_place(session: Session, actor: Actor) -> Place:
    """Return the acting agency's place; raises NotFound where none was set up."""
    place = find_place(session, actor.agency_id)
    if place is None:
        raise NotFound
    return place


def list_beds(
    session: Session, place: Place, residents: Mapping[UUID, ChildView] | None = None
) -> list[BedRow]:
    """Return the beds in use of a place, the temporary ones last, each with its stay.

    A temporary one that nobody took goes when its decision ends.
    """
    statement = (
        sa.select(Bed, OverCapacity, Stay)
        .join(OverCapacity, col(OverCapacity.id) == col(Bed.decision_id), isouter=True)
        .join(
            Stay,
            sa.and_(col(Stay.bed_id) == col(Bed.id), col(Stay.left_at).is_(None)),
            isouter=True,
        )
        .where(col(Bed.place_id) == place.id, col(Bed.retired_at).is_(None), still_there())
        .order_by(col(Bed.decision_id).is_not(None), col(Bed.id))
    )
    known = residents or {}
    return [
        BedRow(
            id=bed.id,
            room=bed.room,
            label=bed.label,
            is_extra=decision is not None,
            until=decision.until if decision else None,
            case_id=stay.case_id if stay else decision.case_id if decision else None,
            stay_id=stay.id if stay else None,
            person_id=stay.person_id if stay else None,
            admitted_at=stay.admitted_at if stay else None,
            expected_on=stay.expected_on if stay else None,
            counted=stay.counted if stay else (),
            child=known.get(stay.person_id) if stay else None,
        )
        for bed, decision, stay in rows(session, statement)
    ]


def still_there() -> sa.ColumnElement[bool]:
    """Return that a bed is a place's own, or temporary and taken or not yet past its decision."""
    return sa.or_(
        col(OverCapacity.id).is_(None),
        col(OverCapacity.until) >= clock.today(),
        col(Stay.id).is_not(None),
    )


def census(session: Session, actor: Actor, place: Place) -> list[BedRow]:
    """Return the beds with the residents whom the actor may know, and note the read."""
    beds = list_beds(session, place, list_residents(session, actor))
    note_read(session, actor, "shelter.census.read", place.id)
    return beds


def by_room(beds: Sequence[BedRow]) -> list[Room]:
    """Return the rooms in the order of their first bed."""
    found: dict[str, list[BedRow]] = {}
    for bed in beds:
        found.setdefault(bed.room, []).append(bed)
    return [Room(name, inside) for name, inside in found.items()]


def free_for(beds: Sequence[BedRow], case_id: UUID) -> list[BedRow]:
    """Return the beds to which a child of a case may be admitted: its own temporary ones too."""
    return [bed for bed in beds if bed.is_free and (not bed.is_extra or bed.case_id == case_id)]


def siblings_room(beds: Sequence[BedRow], wanted: int) -> list[BedRow]:
    """Return free beds to propose for siblings: one room that holds them all, else the first."""
    for room in by_room(beds):
        if len(room.beds) >= wanted:
            return list(room.beds[:wanted])
    return list(beds[:wanted])


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another place with free beds: the institution, its telephone, how many; nothing else."""

    agency: str
    telephone: str
    free: int


def list_alternatives(session: Session, actor: Actor) -> list[Alternative]:
    """Return the other places that tell how many beds are free, those with most first."""
    held = sa.exists().where(col(Stay.bed_id) == col(Bed.id), col(Stay.left_at).is_(None))
    statement = (
        sa.select(col(Place.agency_id), sa.func.count())
        .join(Bed, col(Bed.place_id) == col(Place.id))
        .where(
            col(Place.agency_id) != actor.agency_id,
            col(Place.shares_vacancies),
            ~col(Place.is_off),
            col(Bed.retired_at).is_(None),
            col(Bed.decision_id).is_(None),
            ~held,
        )
        .group_by(col(Place.agency_id))
        .order_by(sa.func.count().desc())
    )
    free = dict(rows(session, statement))
    agencies = {agency.id: agency for agency in list_agencies(session)}
    return [
        Alternative(agencies[agency_id].name, agencies[agency_id].telephone, count)
        for agency_id, count in free.items()
        if agency_id in agencies
    ]


def staying(session: Session, case_id: UUID) -> dict[UUID, Stay]:
    """Return the current stays of the children of a case that was read already, by child."""
    found = session.scalars(
        sa.select(Stay).where(col(Stay.case_id) == case_id, col(Stay.left_at).is_(None))
    )
    return {stay.person_id: stay for stay in found}


@dataclass(frozen=True, slots=True)
class StayView:
    """A stay with its bed and its child, as its page shows it.

    `code` is the case's, empty for whoever sees no case; what was written is opened only for those
    who see the case. `decision` is the one by which the bed is there, where it is a temporary one.
    """

    stay: Stay
    bed: Bed
    child: ChildView
    code: str = ""
    level: str = ""
    decision: OverCapacity | None = None
    arrival: str = ""
    receiver: str = ""
    departure: str = ""
    reason: str = ""

    @property
    def may_change(self) -> bool:
        """Tell whether the actor's institution works on the case and the child is there."""
        return self.level in ("lead", "team") and self.stay.left_at is None


def get_stay(session: Session, actor: Actor, stay_id: UUID) -> StayView:
    """Return a stay at the acting agency's place and note the read; raises NotFound.

    Whoever sees the case reads all of it; a carer reads a resident's bed and days.
    """
    found = rows(
        session,
        sa.select(Stay, Bed, OverCapacity)
        .join(Bed, col(Bed.id) == col(Stay.bed_id))
        .join(Place, col(Place.id) == col(Stay.place_id))
        .join(OverCapacity, col(OverCapacity.id) == col(Bed.decision_id), isouter=True)
        .where(col(Stay.id) == stay_id, col(Place.agency_id) == actor.agency_id),
    )
    if not found:
        raise NotFound
    stay, bed, decision = found[0]
    note_read(session, actor, "shelter.stay.read", stay.id, case=stay.case_id)
    case = list_case_views(session, actor, [stay.case_id]).get(stay.case_id)
    for child in case.children if case else ():
        if case is not None and child.person_id == stay.person_id:
            arrival, receiver, departure = _written(session, stay)
            return StayView(
                stay=stay,
                bed=bed,
                child=child,
                code=case.code,
                level=case.level,
                decision=decision,
                arrival=arrival,
                receiver=receiver,
                departure=departure,
                reason=reason_of(session, decision),
            )
    resident = list_residents(session, actor).get(stay.person_id)
    if resident is None or stay.left_at is not None:
        raise NotFound
    return StayView(stay, bed, resident)


def _written(session: Session, stay: Stay) -> tuple[str, str, str]:
    return (
        opened(session, stay, "arrival_sealed", stay.arrival_sealed),
        opened(session, stay, "receiver_sealed", stay.receiver_sealed),
        opened(session, stay, "departure_sealed", stay.departure_sealed),
    )


def opened(session: Session, stay: Stay, column: str, cell: bytes) -> str:
    """Return what a sealed cell of a stay says, under its case's key; empty where it is empty."""
    if not cell:
        return ""
    return unseal(session, stay.case_id, "shelter_stay", column, stay.id, cell)


def address_of(session: Session, place: Place) -> str:
    """Return a place's address, for the whereabouts that the core seals; empty where none is."""
    if not place.address_sealed:
        return ""
    cell = place.address_sealed
    return unseal(session, place.id, "shelter_place", "address_sealed", place.id, cell)


def admissible_cases(session: Session, actor: Actor) -> list[Any]:
    """Return the newest open cases whose children the actor may admit, as case views."""
    ids = session.scalars(visible_case_ids(actor).order_by(sa.desc("id")).limit(MOST_CASES)).all()
    views = list_case_views(session, actor, ids)
    return [
        views[case_id]
        for case_id in ids
        if case_id in views
        and views[case_id].status == "open"
        and views[case_id].level in ("lead", "team")
        and any(child.placement != "in_care" for child in views[case_id].children)
    ]


def count_staying(session: Session, *, case_id: UUID | None = None, agency_id: UUID) -> int:
    """Return how many children stay at an agency's place, of one case or of all."""
    statement = (
        sa.select(sa.func.count())
        .select_from(Stay)
        .join(Place, col(Place.id) == col(Stay.place_id))
        .where(col(Stay.left_at).is_(None), col(Place.agency_id) == agency_id)
    )
    if case_id is not None:
        statement = statement.where(col(Stay.case_id) == case_id)
    return session.scalar(statement) or 0


def reason_of(session: Session, decision: OverCapacity | None) -> str:
    """Return why a decision over capacity was taken; empty where there is none, or erased."""
    if decision is None or not decision.reason_sealed:
        return ""
    return unseal(
        session,
        decision.case_id,
        "shelter_over_capacity",
        "reason_sealed",
        decision.id,
        decision.reason_sealed,
    )


def cases_of(person_id: UUID) -> Any:
    """Return the cases of a person, by the core's public keys."""
    children = sa.table("portal_case_child", sa.column("case_id"), sa.column("person_id"))
    kept = sa.Uuid()
    return sa.select(sa.type_coerce(children.c.case_id, kept)).where(
        sa.type_coerce(children.c.person_id, kept) == person_id
    )
