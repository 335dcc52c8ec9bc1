"""Pages of a place of care."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal.sdk import (
    CaseView,
    ChildView,
    Form,
    NotFound,
    _,
    actor,
    clock,
    get_agency,
    get_case_by_code,
    list_terms,
    page,
    requires,
    see_other,
    session,
    writing,
)
from portal_shelter import queries, services
from portal_shelter.inputs import AddBed, Admit, DecideOverCapacity, Discharge, Move, SetPlace
from portal_shelter.labels import BASIS, DESTINATION, MEASURE, PLACE_KIND, STATUS
from portal_shelter.models import Destination, Measure, Place, PlaceKind
from portal_shelter.queries import BedRow
from portal_shelter.terms import STAY

blueprint = Blueprint("shelter", __name__)

Answer = str | Response | tuple[str, int]
URGENT_MOST = 10


@blueprint.get("/")
@requires("shelter.census.read")
def index() -> str:
    """Show the census: rooms and beds, who is where, the day of each stay."""
    return _census("shelter/index.html")


@blueprint.get("/print")
@requires("shelter.census.read")
def sheet() -> str:
    """Show the census as a sheet of paper, for the shift when the pages are not there."""
    return _census("shelter/print.html")


def _census(template: str) -> str:
    place = queries.find_place(session(), actor().agency_id)
    beds = queries.census(session(), actor(), place) if place else []
    own = [bed for bed in beds if not bed.is_extra]
    return page(
        template,
        place=place,
        rooms=queries.by_room(beds),
        present=sum(bed.stay_id is not None for bed in own),
        beyond=sum(bed.stay_id is not None for bed in beds if bed.is_extra),
        free=sum(bed.is_free for bed in own),
        total=len(own),
        length=STAY.length,
        now=clock.now(),
    )


@blueprint.get("/admit")
@requires("shelter.stay.admit")
def choose() -> str:
    """List the newest open cases whose children may be admitted."""
    place = queries.get_place(session(), actor())
    cases = queries.admissible_cases(session(), actor())
    return page("shelter/choose.html", place=place, cases=cases, bed=request.args.get("bed", ""))


def _case(code: str) -> CaseView:
    case = get_case_by_code(session(), actor(), code)
    services.must_admit(case)
    return case


@blueprint.route("/cases/<code>/admit", methods=["GET", "POST"])
@requires("shelter.stay.admit")
def admit(code: str) -> Answer:
    """Admit children of a case, siblings in one form and proposed for one room."""
    case = _case(code)
    place = queries.get_place(session(), actor())
    there = queries.staying(session(), case.id)
    children = _rows(case, there)
    free = queries.free_for(queries.list_beds(session(), place), case.id)
    form = Form(Admit, initial=_proposed(children, free))
    if form.done(lambda given: services.admit(writing(), actor(), case, given)):
        return see_other(url_for("shelter.index"))
    short = sum(child.person_id not in there for child in children) - len(free)
    return form.page(
        "shelter/admit.html",
        case=case,
        place=place,
        children=children,
        there=len(there),
        beds=_choices(free),
        short=short,
        alternatives=queries.list_alternatives(session(), actor()) if short > 0 else [],
        measures=[(measure.value, label) for measure, label in MEASURE.items()],
        bases="; ".join(BASIS.values()),
        unaccredited=place.kind is not PlaceKind.RECEPTION and not place.accreditation,
    )


def _rows(case: CaseView, there: Collection[UUID]) -> list[ChildView]:
    """Return the children of the form's rows: those outside care, or the rows as they were sent.

    A sibling who was admitted meanwhile keeps the row, so that each bed stays beside its child.
    """
    if request.method == "GET":
        return [child for child in case.children if child.person_id not in there]
    known = {str(child.person_id): child for child in case.children}
    sent = [request.form.get(f"beds-{row}-person_id", "") for row in range(len(case.children))]
    return [known[person_id] for person_id in sent if person_id in known]


def _proposed(children: Sequence[ChildView], free: Sequence[BedRow]) -> dict[str, Any]:
    """Return what the form proposes: siblings in one room, now, by an urgent measure."""
    wanted = request.args.get("bed", "")
    first = [bed for bed in free if str(bed.id) == wanted]
    beds = first if len(children) == 1 and first else queries.siblings_room(free, len(children))
    found: dict[str, Any] = {
        "measure": Measure.URGENT,
        "admitted_at": clock.now(),
    }
    for number, child in enumerate(children):
        found[f"beds-{number}-person_id"] = child.person_id
        found[f"beds-{number}-bed_id"] = beds[number].id if number < len(beds) else None
    return found


def _choices(free: Sequence[BedRow]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            room.name or _("Temporary places"),
            [(str(bed.id), _("Bed %(label)s", label=bed.label)) for bed in room.beds],
        )
        for room in queries.by_room(free)
    ]


@blueprint.route("/cases/<code>/over-capacity", methods=["GET", "POST"])
@requires("shelter.capacity.decide")
def over_capacity(code: str) -> Answer:
    """Record the decision to receive one child more than there are beds."""
    case = _case(code)
    place = queries.get_place(session(), actor())
    form = Form(DecideOverCapacity)
    if form.done(lambda given: services.decide(writing(), actor(), case, given)):
        return see_other(url_for("shelter.admit", code=case.code))
    return form.page(
        "shelter/over_capacity.html",
        case=case,
        place=place,
        alternatives=queries.list_alternatives(session(), actor()),
    )


@blueprint.get("/stays/<uuid:stay_id>")
@requires("shelter.census.read")
def show(stay_id: UUID) -> str:
    """Show a stay: the child, the bed, the measure and the term with its day."""
    view = queries.get_stay(session(), actor(), stay_id)
    return page(
        "shelter/show.html",
        view=view,
        stay=view.stay,
        day=queries.day_of(view.stay.counted, view.stay.expected_on),
        rule=STAY,
        measures=MEASURE,
        statuses=STATUS,
        destinations=DESTINATION,
    )


@blueprint.route("/stays/<uuid:stay_id>/move", methods=["GET", "POST"])
@requires("shelter.stay.admit")
def move(stay_id: UUID) -> Answer:
    """Give a child another bed of the place."""
    view = queries.get_stay(session(), actor(), stay_id)
    if not view.may_change:
        raise NotFound
    form = Form(Move, version=view.stay.row_version)
    if form.done(lambda given: services.move(writing(), actor(), stay_id, given)):
        return see_other(url_for("shelter.show", stay_id=stay_id))
    beds = queries.list_beds(session(), queries.get_place(session(), actor()))
    free = queries.free_for(beds, view.stay.case_id)
    return form.page("shelter/move.html", view=view, stay=view.stay, beds=_choices(free))


@blueprint.route("/stays/<uuid:stay_id>/discharge", methods=["GET", "POST"])
@requires("shelter.stay.discharge")
def discharge(stay_id: UUID) -> Answer:
    """Discharge a child: where to, to whom, on what order, why."""
    view = queries.get_stay(session(), actor(), stay_id)
    if not view.may_change:
        raise NotFound
    form = Form(Discharge, initial={"left_at": clock.now()}, version=view.stay.row_version)
    if form.done(lambda given: services.discharge(writing(), actor(), stay_id, given)):
        return see_other(url_for("shelter.show", stay_id=stay_id))
    terms = list_terms(session(), actor(), view.stay.case_id)
    return form.page(
        "shelter/discharge.html",
        view=view,
        stay=view.stay,
        term=next((term for term in terms if term.id == view.stay.term_id), None),
        destinations=[(each.value, label) for each, label in DESTINATION.items()],
        unauthorised=Destination.UNAUTHORISED.value,
    )


@blueprint.route("/place", methods=["GET", "POST"])
@requires("shelter.place.manage")
def place() -> Answer:
    """Set up the place: what it is, how many beds, its address, kept sealed."""
    found = queries.find_place(session(), actor().agency_id)
    form = Form(SetPlace, initial=_initial(found), version=found.row_version if found else None)
    if form.done(lambda given: services.set_place(writing(), actor(), given)):
        return see_other(url_for("shelter.place"))
    beds = queries.list_beds(session(), found) if found else []
    return form.page(
        "shelter/place.html",
        place=found,
        rooms=queries.by_room(beds),
        count=sum(not bed.is_extra for bed in beds),
        kinds=[(kind.value, label) for kind, label in PLACE_KIND.items()],
        most=URGENT_MOST,
    )


def _initial(found: Place | None) -> dict[str, Any]:
    if found is None:
        own = actor().agency_id
        name = get_agency(session(), own).name if own else ""
        return {"name": name, "capacity": URGENT_MOST, "shares_vacancies": True}
    return {
        "name": found.name,
        "kind": found.kind,
        "capacity": found.capacity,
        "accreditation": found.accreditation,
        "shares_vacancies": found.shares_vacancies,
    }


@blueprint.route("/beds/new", methods=["GET", "POST"])
@requires("shelter.place.manage")
def add_bed() -> Answer:
    """Add a bed to a room, up to the capacity."""
    found = queries.get_place(session(), actor())
    beds = queries.list_beds(session(), found)
    form = Form(
        AddBed, initial={"room": next((bed.room for bed in reversed(beds) if bed.room), "")}
    )
    if form.done(lambda given: services.add_bed(writing(), actor(), given)):
        return see_other(url_for("shelter.place"))
    return form.page("shelter/add_bed.html", place=found, beds=beds)


@blueprint.post("/beds/<uuid:bed_id>/retire")
@requires("shelter.place.manage")
def retire_bed(bed_id: UUID) -> Response:
    """Take an empty bed out of use."""
    services.retire_bed(writing(), actor(), bed_id)
    return see_other(url_for("shelter.place"))
