"""Who makes up a council: its seats, their offices, and the people whom agencies name."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.agencies.queries import get_agency
from portal.councils.inputs import CouncilInput, SeatInput, SeatPersonInput
from portal.councils.models import Council, Office, Seat, SeatPerson
from portal.councils.queries import get_council, get_seat, is_seated, runs
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _l


def create_council(session: Session, actor: Actor, given: CouncilInput) -> Council:
    """Create a council; raises Invalid where the name is taken."""
    _check_name(session, given.name)
    council = Council(
        kind=given.kind,
        name=given.name,
        programme=given.programme,
        territory=given.territory,
        rules=given.rules().model_dump(mode="json"),
        created_at=clock.now(),
    )
    session.add(council)
    session.flush()
    audit.record(session, actor, "councils.council.create", council.id)
    return council


def edit_council(session: Session, actor: Actor, council_id: UUID, given: CouncilInput) -> Council:
    """Change what a council is called, its territory and its hours.

    It holds from now on: a session that ended keeps the name that its acta bears, and one that is
    convened keeps the hours of its briefs. The trail keeps which fields changed. Raises Invalid
    where the name is taken.
    """
    council = get_council(session, actor, council_id)
    _check_name(session, given.name, of=council.id)
    hours = given.rules().model_dump(mode="json", include={"open_hours", "brief_days"})
    values = given.model_dump(include={"kind", "name", "programme", "territory"})
    values["rules"] = {**council.rules, **hours}
    changed = sorted(name for name, value in values.items() if getattr(council, name) != value)
    for name in changed:
        setattr(council, name, values[name])
    if changed:
        session.flush()
        audit.record(session, actor, "councils.council.edit", council.id, fields=changed)
    return council


def _check_name(session: Session, name: str, of: UUID | None = None) -> None:
    taken = session.scalar(sa.select(col(Council.id)).where(col(Council.name) == name))
    if taken is not None and taken != of:
        raise Invalid(Problem("name", _l("Another council has this name.")))


def may_compose(session: Session, actor: Actor, council_id: UUID) -> bool:
    """Tell whether the actor gives and ends seats: the platform, the chair, the secretariat."""
    return (
        actor.is_system or actor.has_role(Role.PLATFORM_ADMIN) or runs(session, actor, council_id)
    )


def add_seat(session: Session, actor: Actor, council_id: UUID, given: SeatInput) -> Seat:
    """Give an agency a seat; raises Invalid where it has one, or the office is held already."""
    council = get_council(session, actor, council_id)
    if not may_compose(session, actor, council_id):
        raise Forbidden(_l("The chair or the technical secretariat of the council does this."))
    get_agency(session, given.agency_id)
    held = session.scalars(sa.select(Seat).where(col(Seat.council_id) == council.id, is_seated()))
    seats = held.all()
    if any(seat.agency_id == given.agency_id for seat in seats):
        raise Invalid(Problem("agency_id", _l("This institution has a seat already.")))
    if given.office is not Office.MEMBER and any(s.office is given.office for s in seats):
        raise Invalid(Problem("office", _l("Another seat holds this office.")))
    seat = Seat(
        council_id=council.id,
        agency_id=given.agency_id,
        office=given.office,
        position=len(seats),
        since=clock.today(),
    )
    session.add(seat)
    session.flush()
    audit.record(
        session,
        actor,
        "councils.seat.add",
        seat.id,
        council=str(council.id),
        agency=str(given.agency_id),
        office=given.office.value,
    )
    return seat


def end_seat(session: Session, actor: Actor, seat_id: UUID) -> Seat:
    """End a seat from today on; what it did stays on record.

    Nobody ends the own: whoever did would see the council no more. Raises Conflict.
    """
    seat = get_seat(session, seat_id)
    get_council(session, actor, seat.council_id)
    if not may_compose(session, actor, seat.council_id):
        raise Forbidden(_l("The chair or the technical secretariat of the council does this."))
    if seat.agency_id == actor.agency_id:
        raise Conflict(
            _l("Nobody ends the own seat: the chair, the secretariat or the platform does it.")
        )
    if seat.until is None:
        seat.until = clock.today()
        audit.record(session, actor, "councils.seat.end", seat.id, council=str(seat.council_id))
    session.flush()
    return seat


def name_person(
    session: Session, actor: Actor, seat_id: UUID, given: SeatPersonInput
) -> SeatPerson:
    """Name a titular or an alternate to a seat, by its agency or by who runs the council."""
    seat = _named_by(session, actor, seat_id)
    person = SeatPerson(
        seat_id=seat.id,
        user_id=given.user_id,
        name=given.name,
        post=given.post,
        standing=given.standing,
        since=clock.today(),
    )
    session.add(person)
    session.flush()
    audit.record(session, actor, "councils.seat.name", person.id, seat=str(seat.id))
    return person


def end_person(session: Session, actor: Actor, person_id: UUID) -> SeatPerson:
    """End that a person sits at a seat; raises NotFound."""
    person = session.get(SeatPerson, person_id)
    if person is None:
        raise NotFound
    _named_by(session, actor, person.seat_id)
    if person.until is None:
        person.until = clock.today()
        audit.record(session, actor, "councils.seat.unname", person.id, seat=str(person.seat_id))
    session.flush()
    return person


def may_name(session: Session, actor: Actor, seat: Seat) -> bool:
    """Tell whether the actor names who sits there: its institution, or who runs the council."""
    own = seat.agency_id == actor.agency_id and actor.has_role(Role.COORDINATOR)
    return own or may_compose(session, actor, seat.council_id)


def _named_by(session: Session, actor: Actor, seat_id: UUID) -> Seat:
    seat = get_seat(session, seat_id)
    get_council(session, actor, seat.council_id)
    if not may_name(session, actor, seat):
        raise Forbidden(_l("The institution itself names who sits for it."))
    return seat
