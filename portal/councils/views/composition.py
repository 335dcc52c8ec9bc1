"""Pages of councils: seats and who sits there."""

from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from portal.access.queries import case_workers
from portal.agencies.queries import get_agency, list_agencies
from portal.councils import composition, inputs, labels, queries, rules
from portal.councils.views.base import MANAGE, READ, Answer, blueprint
from portal.errors import NotFound
from portal.places.catalogue import HOME
from portal.places.queries import level_name_of, suggested_territories
from portal.web import Form, actor, page, requires, see_other, session, writing


@blueprint.get("/councils")
@requires(READ)
def index() -> str:
    """List the councils at which the institution has a seat."""
    return page(
        "councils/index.html",
        councils=queries.list_councils(session(), actor()),
        labels=labels,
        territory=level_name_of,
    )


@blueprint.route("/councils/new", methods=["GET", "POST"])
@requires(MANAGE)
def create() -> Answer:
    """Create a council."""
    form = Form(inputs.CouncilInput)
    if made := form.submit(lambda given: composition.create_council(writing(), actor(), given)):
        return see_other(url_for("councils.show", council_id=made.id))
    return form.page(
        "councils/create.html",
        kinds=labels.choices(labels.COUNCIL),
        territories=suggested_territories(HOME),
    )


@blueprint.route("/councils/<uuid:council_id>/edit", methods=["GET", "POST"])
@requires(MANAGE)
def change(council_id: UUID) -> Answer:
    """Change what a council is called, its territory and its hours."""
    council = queries.get_council(session(), actor(), council_id)
    own = rules.CouncilRules.model_validate(council.rules)
    initial = {
        "kind": council.kind,
        "name": council.name,
        "programme": council.programme,
        "territory": level_name_of(council.territory),
        "open_hours": own.open_hours,
        "brief_days": own.brief_days,
    }
    form = Form(inputs.CouncilInput, initial=initial, version=council.row_version)
    if form.done(lambda given: composition.edit_council(writing(), actor(), council_id, given)):
        return see_other(url_for("councils.show", council_id=council_id))
    return form.page(
        "councils/edit.html",
        council=council,
        kinds=labels.choices(labels.COUNCIL),
        territories=suggested_territories(HOME),
    )


@blueprint.get("/councils/<uuid:council_id>")
@requires(READ)
def show(council_id: UUID) -> str:
    """Show a council: its sessions, its seats, and what was agreed and is still open."""
    council = queries.get_council(session(), actor(), council_id)
    return page(
        "councils/show.html",
        council=council,
        territory=level_name_of(council.territory),
        seats=queries.list_seats(session(), council.id),
        meetings=queries.list_meetings(session(), actor(), council.id),
        runs=queries.runs(session(), actor(), council.id),
        composes=composition.may_compose(session(), actor(), council.id),
        rules=rules.CouncilRules.model_validate(council.rules),
        labels=labels,
    )


@blueprint.route("/councils/<uuid:council_id>/seats/new", methods=["GET", "POST"])
@requires(READ)
def add_seat(council_id: UUID) -> Answer:
    """Give an institution a seat."""
    council = queries.get_council(session(), actor(), council_id)
    if not composition.may_compose(session(), actor(), council.id):
        raise NotFound
    form = Form(inputs.SeatInput, initial={"office": "member"})
    if form.done(lambda given: composition.add_seat(writing(), actor(), council_id, given)):
        return see_other(url_for("councils.show", council_id=council_id))
    return form.page(
        "councils/add_seat.html",
        council=council,
        agencies=_agency_choices(),
        offices=labels.choices(labels.OFFICE),
    )


def _agency_choices() -> list[tuple[str, str]]:
    return [(str(agency.id), agency.name) for agency in list_agencies(session())]


@blueprint.post("/seats/<uuid:seat_id>/end")
@requires(READ)
def end_seat(seat_id: UUID) -> Response:
    """End a seat."""
    ended = composition.end_seat(writing(), actor(), seat_id)
    return see_other(url_for("councils.show", council_id=ended.council_id))


@blueprint.route("/seats/<uuid:seat_id>/people/new", methods=["GET", "POST"])
@requires(READ)
def name_person(seat_id: UUID) -> Answer:
    """Name a titular or an alternate to a seat."""
    held = queries.get_seat(session(), seat_id)
    council = queries.get_council(session(), actor(), held.council_id)
    if not composition.may_name(session(), actor(), held):
        raise NotFound
    form = Form(inputs.SeatPersonInput, initial={"standing": "titular"})
    if form.done(lambda given: composition.name_person(writing(), actor(), seat_id, given)):
        return see_other(url_for("councils.show", council_id=council.id))
    accounts = [(str(key), name) for key, name in case_workers(session(), held.agency_id)]
    return form.page(
        "councils/name_person.html",
        council=council,
        agency=get_agency(session(), held.agency_id),
        accounts=accounts,
        standings=labels.choices(labels.STANDING),
    )


@blueprint.post("/seat-people/<uuid:person_id>/end")
@requires(READ)
def end_person(person_id: UUID) -> Response:
    """End that a person sits at a seat."""
    ended = composition.end_person(writing(), actor(), person_id)
    held = queries.get_seat(session(), ended.seat_id)
    return see_other(url_for("councils.show", council_id=held.council_id))
