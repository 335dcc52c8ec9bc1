"""Admitting, discharging, deciding beyond the beds, and setting up a place.

A bed is scarce: the place's row is locked, and the database itself holds one child to a bed and one
current stay to a child. Whoever comes second is told so and loses nothing that was typed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from portal.sdk import (
    Actor,
    CaseView,
    Conflict,
    EntryKind,
    Forbidden,
    Invalid,
    NotFound,
    Placement,
    Problem,
    TermMoved,
    TermRow,
    TermStatus,
    _l,
    cancel_term,
    clock,
    list_terms,
    meet_term,
    msgid,
    new_id,
    record,
    seal,
    set_placement,
    start_term,
    system_actor,
    write_entry,
)
from portal_shelter import queries
from portal_shelter.inputs import AddBed, Admit, DecideOverCapacity, Discharge, Move, SetPlace
from portal_shelter.labels import BASIS, PLACEMENT
from portal_shelter.models import (
    Bed,
    Destination,
    OverCapacity,
    Place,
    Stay,
    StayStatus,
)
from portal_shelter.queries import BedRow
from portal_shelter.terms import STAY

SATURDAY = 5
TAKEN = _l("This bed was taken meanwhile. Choose another one; what you wrote is kept.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A child for whom a bed was chosen, and the field of the form that says so."""

    field: str
    person_id: UUID
    bed_id: UUID


def admit(session: Session, actor: Actor, case: CaseView, given: Admit) -> list[Stay]:
    """Admit children of a case to beds of the acting agency's place, all of them or none.

    The placement is set with the whereabouts sealed, each child's term starts, the timeline tells.
    Raises Invalid where a bed is taken, not the case's to take, or a child stays somewhere already;
    Forbidden where the agency neither leads the case nor intervenes in it.
    """
    must_admit(case)
    place = _locked(session, actor)
    chosen = [
        Chosen(f"beds-{number}-bed_id", each.person_id, each.bed_id)
        for number, each in enumerate(given.beds)
        if each.bed_id is not None
    ]
    if not chosen:
        raise Invalid(Problem("beds-0-bed_id", _l("Choose a bed for at least one child.")))
    _check(session, place, case, chosen)
    address = queries.address_of(session, place)
    stays = [_enter(session, actor, place, case, each, given) for each in chosen]
    for stay in stays:
        _settle(session, actor, place, stay, f"{place.name}. {address}".strip())
    write_entry(
        session,
        actor,
        case.id,
        kind=EntryKind.ACT,
        title=msgid("Admitted to a place of care (%(basis)s)"),
        facts={"basis": given.legal_basis or BASIS[given.measure]},
        happened_at=given.admitted_at,
    )
    return stays


def must_admit(case: CaseView) -> None:
    """Raise where children of a case cannot be admitted now; each form of it asks this first."""
    if case.level not in ("lead", "team"):
        raise Forbidden(_l("Only the institutions that intervene in the case can admit."))
    if case.status != "open":
        raise Conflict(_l("This case is closed. Reopen it to go on working."))


def _locked(session: Session, actor: Actor) -> Place:
    """Return the acting agency's place, its row locked until the transaction ends."""
    place = session.scalar(
        sa.select(Place).where(col(Place.agency_id) == actor.agency_id).with_for_update()
    )
    if place is None:
        raise NotFound
    return place


def _check(session: Session, place: Place, case: CaseView, chosen: Sequence[Chosen]) -> None:
    """Refuse what the locked rows show to be wrong, with one problem for each child concerned."""
    free = {bed.id for bed in queries.free_for(queries.list_beds(session, place), case.id)}
    children = {child.person_id for child in case.children}
    there = set(
        session.scalars(
            sa.select(col(Stay.person_id)).where(
                col(Stay.person_id).in_(children), col(Stay.left_at).is_(None)
            )
        )
    )
    problems, seen = [], set()
    for each in chosen:
        if each.person_id not in children:
            problems.append(Problem(each.field, _l("This child is not on the case.")))
        elif each.person_id in there:
            problems.append(
                Problem(each.field, _l("This child is in care already; discharge first."))
            )
        elif each.bed_id in seen:
            problems.append(Problem(each.field, _l("Two children cannot share a bed.")))
        elif each.bed_id not in free:
            problems.append(Problem(each.field, TAKEN))
        seen.add(each.bed_id)
    if problems:
        raise Invalid(*problems)


def _enter(
    session: Session,
    actor: Actor,
    place: Place,
    case: CaseView,
    chosen: Chosen,
    given: Admit,
) -> Stay:
    own = new_id()
    arrival = given.arrival
    stay = Stay(
        id=own,
        place_id=place.id,
        bed_id=chosen.bed_id,
        case_id=case.id,
        person_id=chosen.person_id,
        measure=given.measure,
        legal_basis=given.legal_basis or BASIS[given.measure],
        ordered_by=given.ordered_by,
        admitted_at=given.admitted_at.astimezone(UTC),
        admitted_by=actor.user_id,
        arrival_sealed=_sealed(session, case.id, "arrival_sealed", own, arrival),
    )
    try:
        with session.begin_nested():
            session.add(stay)
    except IntegrityError as error:
        raise Invalid(Problem(chosen.field, TAKEN)) from error
    record(session, actor, "shelter.stay.admit", stay.id, case=case.id, bed=str(stay.bed_id))
    return stay


def _sealed(session: Session, scope: UUID, column: str, row: UUID, text: str) -> bytes:
    return seal(session, scope, "shelter_stay", column, row, text) if text else b""


def _settle(session: Session, actor: Actor, place: Place, stay: Stay, whereabouts: str) -> None:
    """Tell the core where the child is, and start the term where the place has one."""
    set_placement(
        session,
        actor,
        stay.case_id,
        person_id=stay.person_id,
        placement=Placement.IN_CARE,
        agency_id=place.agency_id,
        whereabouts=whereabouts,
    )
    if not place.is_limited:
        return
    stay.term_id = start_term(
        session,
        actor,
        stay.case_id,
        rule_code=STAY.code,
        starts_at=stay.admitted_at,
        agency_id=place.agency_id,
        person_id=stay.person_id,
    )
    _copy_term(session, stay, list_terms(session, actor, stay.case_id))


def _copy_term(session: Session, stay: Stay, terms: Collection[TermRow]) -> None:
    """Copy the end and the business days of a stay's term from the core."""
    term = next((term for term in terms if term.id == stay.term_id), None)
    if term is None:
        return
    stay.expected_on, stay.counted = term.due_on, counted_days(term)
    session.flush()


def counted_days(term: TermRow) -> list[str]:
    """Return the business days that a term counted, as ISO dates: those that no step left out."""
    first = clock.local(term.starts_at).date()
    left_out = {step["day"] for step in term.steps if step["kind"] in LEFT_OUT}
    days = (first + timedelta(days=number) for number in range(1, (term.due_on - first).days + 1))
    return [
        day.isoformat()
        for day in days
        if day.weekday() < SATURDAY and day.isoformat() not in left_out
    ]


LEFT_OUT = frozenset({"holiday", "non_working", "suspension"})


def follow_term(session: Session, event: TermMoved) -> None:
    """Copy anew the term of a stay that a change of calendar moved; heard twice, the same."""
    stay = session.scalar(
        sa.select(Stay).where(col(Stay.term_id) == event.term_id, col(Stay.left_at).is_(None))
    )
    if stay is not None:
        _copy_term(session, stay, list_terms(session, system_actor(), stay.case_id))


def move(session: Session, actor: Actor, stay_id: UUID, given: Move) -> Stay:
    """Give a child who is there another bed; a temporary one that is left ends with its decision.

    Raises Invalid where the bed is taken, Forbidden for whoever does not work on the case.
    """
    place = _locked(session, actor)
    view = queries.get_stay(session, actor, stay_id)
    if not view.may_change:
        raise Forbidden(_l("Only those who work on the case can change the bed."))
    free = queries.free_for(queries.list_beds(session, place), view.stay.case_id)
    if given.bed_id not in {bed.id for bed in free}:
        raise Invalid(Problem("bed_id", TAKEN))
    try:
        with session.begin_nested():
            view.stay.bed_id = given.bed_id
    except IntegrityError as error:
        raise Invalid(Problem("bed_id", TAKEN)) from error
    _end_extra(session, view.bed)
    session.flush()
    bed = str(given.bed_id)
    record(session, actor, "shelter.stay.move", stay_id, case=view.stay.case_id, bed=bed)
    return view.stay


def discharge(session: Session, actor: Actor, stay_id: UUID, given: Discharge) -> Stay:
    """End a stay: where the child goes, to whom, on what order and why.

    The bed is free, a temporary one ends with its decision, the term is met. A child never leaves
    without an order of the authority (R 132), except by a leave that nobody authorised. Raises
    Invalid for what is missing, Conflict where the stay ended before.
    """
    view = queries.get_stay(session, actor, stay_id)
    stay = view.stay
    if not view.code:
        raise Forbidden(_l("Only those who work on the case can discharge."))
    if stay.left_at is not None:
        raise Conflict(_l("This stay has ended already."))
    term = _running(session, actor, stay)
    _check_leaving(stay, given, term)
    gone = given.destination is Destination.UNAUTHORISED
    stay.status = StayStatus.GONE if gone else StayStatus.DISCHARGED
    stay.left_at, stay.destination = given.left_at.astimezone(UTC), given.destination
    stay.released_by, stay.discharged_by = given.released_by, actor.user_id
    scope, own = stay.case_id, stay.id
    stay.receiver_sealed = _sealed(session, scope, "receiver_sealed", own, given.receiver)
    stay.departure_sealed = _sealed(session, scope, "departure_sealed", own, given.why)
    _end_extra(session, view.bed)
    session.flush()
    if term is not None:
        _end_term(session, actor, term, given)
    set_placement(
        session,
        actor,
        stay.case_id,
        person_id=stay.person_id,
        placement=PLACEMENT[given.destination],
        whereabouts=given.receiver,
    )
    write_entry(
        session,
        actor,
        stay.case_id,
        kind=EntryKind.ACT,
        title=LEFT if gone else DISCHARGED,
        happened_at=given.left_at,
        person_id=stay.person_id,
    )
    record(
        session,
        actor,
        "shelter.stay.discharge",
        stay.id,
        case=stay.case_id,
        destination=given.destination.value,
    )
    return stay


LEFT = msgid("Left the place of care without authorisation")
DISCHARGED = msgid("Discharged from the place of care on the authority's order")


def _check_leaving(stay: Stay, given: Discharge, term: TermRow | None) -> None:
    problems = []
    if given.left_at < stay.admitted_at:
        problems.append(Problem("left_at", _l("The child was admitted after that hour.")))
    if given.destination is not Destination.UNAUTHORISED:
        if not given.released_by:
            message = _l("Name the order: a child never leaves without one (R 132).")
            problems.append(Problem("released_by", message))
        if not given.receiver:
            problems.append(Problem("receiver", _l("Say who receives the child.")))
        if term is not None and given.left_at > term.due_at and not given.late_reason:
            message = _l("The term has passed: say why the child leaves late.")
            problems.append(Problem("late_reason", message))
    if problems:
        raise Invalid(*problems)


def _running(session: Session, actor: Actor, stay: Stay) -> TermRow | None:
    return next(
        (
            term
            for term in list_terms(session, actor, stay.case_id)
            if term.id == stay.term_id and term.status is TermStatus.RUNNING
        ),
        None,
    )


def _end_term(session: Session, actor: Actor, term: TermRow, given: Discharge) -> None:
    if given.destination is Destination.UNAUTHORISED:
        cancel_term(session, actor, term.id, reason=given.why)
        return
    meet_term(session, actor, term.id, at=given.left_at, late_reason=given.late_reason)


def _end_extra(session: Session, bed: Bed) -> None:
    """Take away a temporary bed with its decision: the next child needs a decision of its own."""
    if bed.decision_id is None:
        return
    bed.retired_at = clock.now()
    session.get_one(OverCapacity, bed.decision_id).ended_at = clock.now()


def decide(session: Session, actor: Actor, case: CaseView, given: DecideOverCapacity) -> Bed:
    """Record who receives one child more than there are beds, why and until when.

    Gives one temporary bed for the case. Raises Conflict while its children fit into free beds.
    """
    must_admit(case)
    place = _locked(session, actor)
    beds = queries.list_beds(session, place)
    if len(queries.free_for(beds, case.id)) >= len(to_admit(session, case)):
        raise Conflict(_l("There is a free bed for each child of this case."))
    own = new_id()
    table = "shelter_over_capacity"
    decision = OverCapacity(
        id=own,
        place_id=place.id,
        case_id=case.id,
        reason_sealed=seal(session, case.id, table, "reason_sealed", own, given.reason),
        until=given.until,
        decided_by=actor.user_id,
        decided_at=clock.now(),
    )
    session.add(decision)
    session.flush()
    bed = Bed(
        place_id=place.id,
        room="",
        label=_next_label(beds),
        decision_id=own,
    )
    session.add(bed)
    session.flush()
    record(session, actor, "shelter.capacity.decide", own, case=case.id, reason=given.reason)
    write_entry(
        session,
        actor,
        case.id,
        kind=EntryKind.ACT,
        title=msgid("Decision to receive beyond capacity until %(day)s"),
        facts={"day": given.until.strftime("%d/%m/%Y")},
    )
    return bed


def to_admit(session: Session, case: CaseView) -> list[UUID]:
    """Return the children of a case who stay in no place now."""
    there = queries.staying(session, case.id)
    return [child.person_id for child in case.children if child.person_id not in there]


def _next_label(beds: Sequence[BedRow]) -> str:
    taken = {bed.label for bed in beds}
    return next(label for number in range(1, 1000) if (label := f"T{number}") not in taken)


def set_place(session: Session, actor: Actor, given: SetPlace) -> Place:
    """Set up the acting agency's place, or change it. An empty address keeps the one there is.

    Raises Invalid where it has more beds than the capacity given.
    """
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to set up its place."))
    place = queries.find_place(session, actor.agency_id)
    if place is None:
        place = Place(agency_id=actor.agency_id, name="", kind=given.kind, capacity=given.capacity)
    if len(_own_beds(session, place)) > given.capacity:
        raise Invalid(Problem("capacity", _l("It has more beds than that; retire some first.")))
    place.name, place.kind, place.capacity = given.name, given.kind, given.capacity
    place.accreditation, place.shares_vacancies = given.accreditation, given.shares_vacancies
    if given.address:
        place.address_sealed = seal(
            session, place.id, "shelter_place", "address_sealed", place.id, given.address
        )
    session.add(place)
    session.flush()
    record(session, actor, "shelter.place.set", place.id, capacity=place.capacity)
    return place


def _own_beds(session: Session, place: Place) -> list[BedRow]:
    return [bed for bed in queries.list_beds(session, place) if not bed.is_extra]


def add_bed(session: Session, actor: Actor, given: AddBed) -> Bed:
    """Add a bed; raises Invalid where the capacity is reached or the name is in use."""
    place = _locked(session, actor)
    beds = queries.list_beds(session, place)
    if sum(not bed.is_extra for bed in beds) >= place.capacity:
        raise Invalid(Problem("label", _l("The place has as many beds as its capacity allows.")))
    if given.label in {bed.label for bed in beds}:
        raise Invalid(Problem("label", _l("Another bed has this name.")))
    bed = Bed(place_id=place.id, room=given.room, label=given.label)
    session.add(bed)
    session.flush()
    record(session, actor, "shelter.bed.add", bed.id)
    return bed


def retire_bed(session: Session, actor: Actor, bed_id: UUID) -> None:
    """Take an empty bed out of use; raises Conflict while a child is in it."""
    place = _locked(session, actor)
    found = {bed.id: bed for bed in queries.list_beds(session, place)}
    if bed_id not in found:
        raise NotFound
    if found[bed_id].stay_id is not None:
        raise Conflict(_l("A child is in this bed. Discharge first."))
    bed = session.get_one(Bed, bed_id)
    _end_extra(session, bed)
    bed.retired_at = clock.now()
    session.flush()
    record(session, actor, "shelter.bed.retire", bed_id)


def show_off(session: Session, agency_id: UUID, *, is_off: bool) -> None:
    """Follow the module's switch, so that a place whose module is off is offered to nobody."""
    place = queries.find_place(session, agency_id)
    if place is not None:
        place.is_off = is_off
        session.flush()


def erase_stays(session: Session, person_id: UUID, held: Collection[UUID]) -> tuple[int, int]:
    """Empty what was written of a person's stays; returns how many, and how many stay held."""
    found = session.scalars(sa.select(Stay).where(col(Stay.person_id) == person_id)).all()
    free = [stay for stay in found if stay.case_id not in held]
    for stay in free:
        stay.arrival_sealed = stay.receiver_sealed = stay.departure_sealed = b""
        stay.ordered_by = stay.released_by = ""
    session.flush()
    return len(free), len(found) - len(free)


def erase_decisions(session: Session, person_id: UUID, held: Collection[UUID]) -> tuple[int, int]:
    """Empty the reasons of the decisions on a person's cases; returns as `erase_stays` does."""
    mine = col(OverCapacity.case_id).in_(queries.cases_of(person_id))
    found = session.scalars(sa.select(OverCapacity).where(mine)).all()
    free = [each for each in found if each.case_id not in held and each.reason_sealed]
    for decision in free:
        decision.reason_sealed = b""
    session.flush()
    return len(free), sum(each.case_id in held for each in found)
