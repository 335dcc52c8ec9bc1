"""The pages of agencies, for the platform's administrator."""

from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.actor import AgencyKind
from portal.agencies import labels, queries, services
from portal.agencies.inputs import (
    AddAccreditation,
    AddAlias,
    AddCoverage,
    CreateAgency,
    EditAgency,
    EndOn,
)
from portal.agencies.models import Accreditation, Agency, Coverage
from portal.agencies.queries import PAGE, AgencyFilter
from portal.db.paging import decode, encode
from portal.errors import NotFound
from portal.places import full_name_of, list_provinces, name_of, suggestions
from portal.places.catalogue import HOME
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, writing
from portal.web.render import MenuEntry

blueprint = Blueprint("agencies", __name__, url_prefix="/admin/agencies")

MENU = [
    MenuEntry(
        _l("Institutions"), "agencies.index", "agencies.agency.manage", section="admin", weight=10
    )
]
FILTERS = ("q", "kind", "within", "closed")

Dated = TypeVar("Dated", Coverage, Accreditation)
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires("agencies.agency.manage")
def index() -> str:
    """List the agencies, narrowed as the address says."""
    wanted = read_filter()
    after = decode(request.args.get("after"), (str, UUID))
    found = queries.search_agencies(session(), wanted, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    return page(
        "agencies/index.html",
        agencies=[(row, labels.KIND[row.kind], seat_of(row.district)) for row in shown],
        following=encode((last.name, last.id)) if last else None,
        wanted=wanted,
        kinds=labels.choices(),
        provinces=province_groups(),
        kept={name: request.args[name] for name in FILTERS if request.args.get(name)},
    )


def seat_of(district: str | None) -> str:
    """Return where an agency sits, or nothing."""
    return full_name_of(district) if district else ""


def read_filter() -> AgencyFilter:
    """Return what the address asks for; what it cannot mean is left out."""
    kind, within = request.args.get("kind", ""), request.args.get("within", "")
    return AgencyFilter(
        text=request.args.get("q", "").strip()[:80],
        kind=AgencyKind(kind) if kind in set(AgencyKind) else None,
        within=within if within.isdigit() and len(within) <= 4 else "",
        closed=request.args.get("closed") == "1",
    )


def province_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every province for a select, grouped by department."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for place in list_provinces():
        groups.setdefault(name_of(place.department), []).append((place.code, place.name))
    return list(groups.items())


@blueprint.route("/new", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def create() -> Answer:
    """Enter an agency, or a unit of the one that the address names."""
    parent = queries.find_by_code(session(), request.args.get("parent", ""))
    form = Form(CreateAgency, initial={"parent_id": parent.id} if parent else None)
    if agency := form.submit(lambda given: services.create_agency(writing(), actor(), given)):
        return see_other(url_for("agencies.show", code=agency.code))
    return form.page(
        "agencies/create.html",
        parent=parent,
        kinds=labels.choices(),
        districts=suggestions(HOME),
    )


@blueprint.get("/<code>")
@requires("agencies.agency.manage")
def show(code: str) -> str:
    """Show one agency with its units, names, territory and accreditations."""
    agency = queries.get_by_code(session(), code)
    parent = queries.get_agency(session(), agency.parent_id) if agency.parent_id else None
    today = clock.today()
    return page(
        "agencies/show.html",
        agency=agency,
        kind=labels.KIND[agency.kind],
        parent=parent,
        seat=seat_of(agency.district),
        units=queries.list_units(session(), agency.id),
        aliases=queries.list_aliases(session(), agency.id),
        covers=agency.kind in services.TERRITORIAL,
        coverage=[
            (row, name_of(row.province), state_of(row, today))
            for row in queries.list_coverage(session(), agency.id)
        ],
        accredits=agency.kind is AgencyKind.DEMUNA,
        accreditations=[
            (row, state_of(row, today)) for row in queries.list_accreditations(session(), agency.id)
        ],
    )


def state_of(row: Coverage | Accreditation, today: Any) -> str:
    """Return how a row with dates stands: to come, in force, ended."""
    if row.since > today:
        return "coming"
    return "ended" if row.until is not None and row.until <= today else "in_force"


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def edit(code: str) -> Answer:
    """Change an agency; its old name stays as an alias."""
    agency = queries.get_by_code(session(), code)
    initial = {name: getattr(agency, name) for name in EditAgency.model_fields}
    initial["district"] = seat_of(agency.district)
    form = Form(EditAgency, initial=initial, version=agency.row_version)
    if form.done(lambda given: services.edit_agency(writing(), actor(), agency.id, given)):
        return back_to(agency)
    return form.page(
        "agencies/edit.html",
        agency=agency,
        districts=suggestions(agency.district[:2] if agency.district else HOME),
    )


@blueprint.route("/<code>/names/new", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def add_alias(code: str) -> Answer:
    """Add a name by which people look for the agency."""
    agency = queries.get_by_code(session(), code)
    form = Form(AddAlias)
    if form.done(lambda given: services.add_alias(writing(), actor(), agency.id, name=given.name)):
        return back_to(agency)
    return form.page("agencies/alias.html", agency=agency)


@blueprint.post("/<code>/names/<uuid:alias_id>/remove")
@requires("agencies.agency.manage")
def remove_alias(code: str, alias_id: UUID) -> Response:
    """Remove a name that leads people wrong."""
    agency = queries.get_by_code(session(), code)
    services.remove_alias(writing(), actor(), alias_id)
    return back_to(agency)


@blueprint.route("/<code>/provinces/new", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def add_coverage(code: str) -> Answer:
    """Make the agency competent for a province."""
    agency = queries.get_by_code(session(), code)
    services.must_be_territorial(agency)
    form = Form(AddCoverage)
    if form.done(lambda given: services.add_coverage(writing(), actor(), agency.id, given)):
        return back_to(agency)
    return form.page("agencies/coverage.html", agency=agency, provinces=province_groups())


@blueprint.route("/<code>/provinces/<uuid:coverage_id>/end", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def end_coverage(code: str, coverage_id: UUID) -> Answer:
    """Let the competence for a province end."""
    agency = queries.get_by_code(session(), code)
    coverage = own(agency, queries.get_coverage(session(), coverage_id))
    form = Form(EndOn, initial={"until": coverage.until}, version=coverage.row_version)
    if form.done(
        lambda given: services.end_coverage(writing(), actor(), coverage.id, until=given.until)
    ):
        return back_to(agency)
    return form.page(
        "agencies/end.html", agency=agency, what=name_of(coverage.province), row=coverage
    )


@blueprint.route("/<code>/accreditations/new", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def accredit(code: str) -> Answer:
    """Enter an accreditation of a DEMUNA."""
    agency = queries.get_by_code(session(), code)
    services.must_be_demuna(agency)
    form = Form(AddAccreditation)
    if form.done(lambda given: services.accredit(writing(), actor(), agency.id, given)):
        return back_to(agency)
    return form.page("agencies/accreditation.html", agency=agency)


@blueprint.route("/<code>/accreditations/<uuid:accreditation_id>/end", methods=["GET", "POST"])
@requires("agencies.agency.manage")
def end_accreditation(code: str, accreditation_id: UUID) -> Answer:
    """Let an accreditation end."""
    agency = queries.get_by_code(session(), code)
    row = own(agency, queries.get_accreditation(session(), accreditation_id))
    form = Form(EndOn, initial={"until": row.until}, version=row.row_version)
    if form.done(
        lambda given: services.end_accreditation(writing(), actor(), row.id, until=given.until)
    ):
        return back_to(agency)
    return form.page("agencies/end.html", agency=agency, what=row.resolution, row=row)


def own(agency: Agency, row: Dated) -> Dated:
    """Return a row that belongs to the agency of the address; raises NotFound for another's."""
    if row.agency_id != agency.id:
        raise NotFound
    return row


def back_to(agency: Agency) -> Response:
    """Go and look at the agency."""
    return see_other(url_for("agencies.show", code=agency.code))
