"""Pages of search."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import audit
from portal.agencies.queries import list_agencies
from portal.db.paging import decode, encode
from portal.places.catalogue import HOME
from portal.places.queries import choices as district_choices
from portal.search import inputs, labels, services
from portal.search.alike import alike_to, typed_names
from portal.search.queries import PAGE, find
from portal.search.results import rows_of
from portal.texts import _l
from portal.web import Form, actor, requires, see_other, session, write_first, writing
from portal.web.render import MenuEntry

blueprint = Blueprint("search", __name__, url_prefix="/search")


MENU = (MenuEntry(_l("Search"), "search.index", "search.search.run", weight=15),)


@blueprint.route("", methods=["GET", "POST"])
@requires("search.search.run")
def index() -> str | Response | tuple[str, int]:
    """Ask what is looked for; the results stand at an address of their own, without any name."""
    form = Form(inputs.LookFor)
    if search := form.submit(lambda given: services.make_search(writing(), actor(), given)):
        return see_other(url_for("search.show", search_id=search.id))
    return form.page("search/index.html", found=None, rows=[], **_shown())


@blueprint.post("/alike")
@requires("search.search.run")
def alike() -> str:
    """Show, while a form is filled in, who of those one may see bears a name like those typed."""
    names = typed_names(request.form)
    if names:
        write_first(lambda writer: services.note_alike(writer, actor(), names))
    return render_template("search/alike.html", alike=alike_to(session(), actor(), names))


@blueprint.get("/<uuid:search_id>")
@requires("search.search.run")
def show(search_id: UUID) -> str | tuple[str, int]:
    """Show what one's own search finds now, twenty at a time, with the reason of each."""
    search = services.get_search(session(), actor(), search_id)
    wanted = services.wanted_of(session(), search)
    found = find(session(), actor(), wanted)
    after = decode(request.args.get("after"), (int, int, str))
    left = [hit for hit in found.hits if after is None or hit.key > after]
    shown = left[:PAGE]
    audit.note_read(session(), actor(), "search.search.read", search.id)
    form = Form(inputs.LookFor, initial=wanted.model_dump(exclude_defaults=True))
    return form.page(
        "search/index.html",
        search=search,
        name=services.name_of(session(), search),
        found=found,
        count=len(found.hits),
        most=found.most,
        rows=rows_of(session(), actor(), shown),
        following=encode(shown[-1].key) if len(left) > PAGE else None,
        is_later=after is not None,
        wanted=wanted,
        **_shown(),
    )


@blueprint.post("/<uuid:search_id>/save")
@requires("search.search.run")
def save(search_id: UUID) -> str | Response | tuple[str, int]:
    """Keep a search under a name."""
    services.get_search(session(), actor(), search_id)
    form = Form(inputs.SaveSearch)
    if form.done(
        lambda given: services.save_search(writing(), actor(), search_id, name=given.name)
    ):
        return see_other(url_for("search.show", search_id=search_id))
    return form.page("search/save.html", search_id=search_id)


@blueprint.post("/<uuid:search_id>/forget")
@requires("search.search.run")
def forget(search_id: UUID) -> Response:
    """Delete a saved search."""
    services.forget_search(writing(), actor(), search_id)
    return see_other(url_for("search.index"))


def _shown() -> dict[str, object]:
    return {
        "saved": services.list_saved(session(), actor()),
        "districts": district_choices(HOME),
        "agencies": [(str(agency.id), agency.name) for agency in list_agencies(session())],
        "states": [(state.value, label) for state, label in labels.STATE.items()],
    }
