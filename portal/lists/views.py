"""Pages of lists."""

from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Answer

from portal import clock
from portal.cases import labels as case_labels
from portal.db.paging import decode, encode
from portal.errors import NotFound
from portal.lists import inputs, labels, queries, services, sheets
from portal.lists.models import GUARDED, ListRow, RowState
from portal.people.rules import age_text, full_name
from portal.places.catalogue import HOME
from portal.places.queries import choices as district_choices
from portal.places.queries import full_name_of
from portal.texts import Said, _l
from portal.web import Form, actor, page, requires, see_other, session, writing
from portal.web.forms import say_also
from portal.web.locale import choose
from portal.web.render import MenuEntry

blueprint = Blueprint("lists", __name__, url_prefix="/lists")

MENU = (
    MenuEntry(
        _l("Legal basis of lists"), "lists.bases", "lists.basis.enter", section="admin", weight=60
    ),
)

HEADINGS = (
    "Nombres", "Primer apellido", "Segundo apellido", "Fecha de nacimiento", "Edad", "Sexo",
    "Tipo de documento", "Número de documento", "Distrito", "Provincia", "Dirección",
    "Madre o padre", "Institución", "Grupo familiar", "Observaciones",
)  # fmt: skip


@blueprint.get("")
@requires("lists.list.send")
def index() -> str:
    """Show the lists that were handed in, the newest first."""
    before = decode(request.args.get("before"), (datetime, UUID))
    found = queries.list_lists(session(), actor(), before=before, limit=queries.PAGE + 1)
    last = found[queries.PAGE - 1] if len(found) > queries.PAGE else None
    return page(
        "lists/index.html",
        found=found[: queries.PAGE],
        following=encode((last.made_at, last.id)) if last else None,
        labels=labels,
    )


@blueprint.get("/template.csv")
@requires("lists.list.send")
def template() -> Response:
    """Hand out an empty sheet with the headings that are understood."""
    text = "\ufeff" + ";".join(HEADINGS) + "\r\n"
    headers = {"Content-Disposition": "attachment; filename=lista.csv"}
    return Response(text, mimetype="text/csv", headers=headers)


@blueprint.route("/new", methods=["GET", "POST"])
@requires("lists.list.send")
def new() -> str | Answer | tuple[str, int]:
    """Hand a list in; the next page shows what would become of each row."""
    form = Form(inputs.HandIn, initial={"situation": "undecided"})
    content = _content()
    if made := form.submit(
        lambda given: services.hand_in(writing(), actor(), given, content, locale=choose())
    ):
        return see_other(url_for("lists.show", list_id=made.id))
    agency_id = actor().agency_id
    if agency_id is None:
        raise NotFound
    say_also(
        form,
        inputs.HandInKind,
        lambda given: services.wrong_list(session(), agency_id, given.kind, content),
    )
    return form.page(
        "lists/new.html",
        kinds=[(kind.value, label) for kind, label in labels.KIND.items()],
        situations=case_labels.choices(case_labels.SITUATION),
        districts=district_choices(HOME),
        missing=[
            labels.KIND[kind]
            for kind in labels.KIND
            if kind in GUARDED and queries.basis_in_force(session(), agency_id, kind) is None
        ],
        headings=HEADINGS,
    )


def _content() -> bytes:
    """Return the file that was sent, up to a byte more than is taken."""
    sent = request.files.get("file")
    if sent is None:
        return b""
    with closing(sent):
        content: bytes = sent.read(sheets.MOST_BYTES + 1)
    return content


@blueprint.get("/<uuid:list_id>")
@requires("lists.list.send")
def show(list_id: UUID) -> str | tuple[str, int]:
    """Show how far a list is, what would become of its rows, or what became of them."""
    return _shown(list_id, Form(inputs.Confirm))


def _shown(list_id: UUID, form: Form[inputs.Confirm]) -> tuple[str, int]:
    made = queries.get_list(session(), actor(), list_id)
    wanted = request.args.get("state", "")
    state = RowState(wanted) if wanted in set(RowState) else None
    after = request.args.get("after", "0")
    found = queries.list_rows(
        session(),
        made,
        state=state,
        after=int(after) if after.isdigit() else 0,
        limit=queries.PAGE + 1,
    )
    form.version = made.row_version
    return form.page(
        "lists/show.html",
        made=made,
        labels=labels,
        counts=queries.count_rows(session(), made),
        state=state,
        states=RowState,
        rows=[_row(row) for row in found[: queries.PAGE]],
        codes=queries.codes_of(session(), found),
        following=found[queries.PAGE - 1].number if len(found) > queries.PAGE else None,
    )


def _row(row: ListRow) -> dict[str, Any]:
    """Return a row for the page; what was sent or emptied shows its number only."""
    child = services.child_of(session(), row) if row.data_sealed else None
    return {
        "row": row,
        "why": Said(*row.why) if row.why else None,
        "name": full_name(child.person) if child else "",
        "age": age_text(child.typed, clock.today()) if child else "",
        "place": full_name_of(child.district) if child else "",
    }


@blueprint.post("/<uuid:list_id>/confirm")
@requires("lists.list.send")
def confirm(list_id: UUID) -> Answer | tuple[str, int]:
    """Send what was checked."""
    made = queries.get_list(session(), actor(), list_id)
    form = Form(inputs.Confirm, version=made.row_version)
    if form.done(
        lambda given: services.confirm_list(writing(), actor(), list_id, doubles=given.doubles)
    ):
        return see_other(url_for("lists.show", list_id=list_id))
    return _shown(list_id, form)


@blueprint.post("/<uuid:list_id>/cancel")
@requires("lists.list.send")
def cancel(list_id: UUID) -> Answer:
    """End a list with nothing sent."""
    services.cancel_list(writing(), actor(), list_id)
    return see_other(url_for("lists.index"))


@blueprint.get("/bases")
@requires("lists.basis.read")
def bases() -> str:
    """Show on what the institution's lists rest."""
    return page(
        "lists/bases.html",
        found=queries.list_bases(session(), actor()),
        labels=labels,
    )


@blueprint.route("/bases/new", methods=["GET", "POST"])
@requires("lists.basis.enter")
def new_basis() -> str | Answer | tuple[str, int]:
    """Enter a basis, with the privacy officer's opinion."""
    form = Form(inputs.EnterBasis, initial={"since": clock.today()})
    if form.done(lambda given: services.enter_basis(writing(), actor(), given)):
        return see_other(url_for("lists.bases"))
    kinds = [(kind.value, label) for kind, label in labels.KIND.items() if kind in GUARDED]
    return form.page("lists/new_basis.html", kinds=kinds)


@blueprint.route("/bases/<uuid:basis_id>/end", methods=["GET", "POST"])
@requires("lists.basis.enter")
def end_basis(basis_id: UUID) -> str | Answer | tuple[str, int]:
    """End a basis on a day."""
    basis = queries.get_basis(session(), actor(), basis_id)
    form = Form(inputs.EndBasis, initial={"until": clock.today()})
    if form.done(lambda given: services.end_basis(writing(), actor(), basis_id, until=given.until)):
        return see_other(url_for("lists.bases"))
    return form.page("lists/end_basis.html", basis=basis, labels=labels)
