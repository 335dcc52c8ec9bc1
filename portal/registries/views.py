"""Pages of the codes of a case in official systems, and of the sheets to copy."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal.cases.models import Case
from portal.cases.queries import case_to_act, list_children
from portal.errors import NotFound
from portal.registries import inputs, queries, services
from portal.registries.labels import SYSTEM
from portal.registries.models import System
from portal.registries.rules import ORDER, order_of
from portal.web import Form, actor, page, requires, see_other, session, settings, writing

blueprint = Blueprint("registries", __name__, url_prefix="/cases/<code>/codes")


def _open(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case that the actor reads and works on; raises as `family` does."""
    case, access = case_to_act(session(), actor(), code)
    if not access.reads_all:
        raise NotFound
    return case, {"case": case, "access": access}


@blueprint.route("", methods=["GET", "POST"])
@requires("registries.code.read")
def index(code: str) -> str | Response | tuple[str, int]:
    """List the codes, keep one more, and offer the sheets to copy."""
    case, shown = _open(code)
    form = Form(inputs.AddCode)
    if form.done(lambda given: services.add_code(writing(), actor(), case.id, given)):
        return see_other(url_for("registries.index", code=case.code))
    children = list_children(session(), actor(), case)
    return form.page(
        "registries/index.html",
        codes=queries.list_codes(session(), actor(), case),
        names={child.person_id: child.label for child in children},
        children_choices=[
            (str(child.person_id), f"{child.label}, {child.age_text}") for child in children
        ],
        systems=[(system.value, label) for system, label in SYSTEM.items()],
        system_names=SYSTEM,
        sheets=[(system.value, SYSTEM[system]) for system in ORDER],
        **shown,
    )


@blueprint.post("/<uuid:code_id>/strike")
@requires("registries.code.write")
def strike(code: str, code_id: UUID) -> Response:
    """Strike a code that was wrong."""
    case, _shown = _open(code)
    services.strike_code(writing(), actor(), case.id, code_id=code_id)
    return see_other(url_for("registries.index", code=case.code))


@blueprint.get("/copy/<system>")
@requires("registries.code.read")
def copy(code: str, system: str) -> str:
    """Show what a system's form asks, in its order, to select and copy; the reading is recorded."""
    case, shown = _open(code)
    chosen = next((each for each in ORDER if each.value == system), None)
    if chosen is None:
        raise NotFound
    order = order_of(chosen, settings().copy_order)
    return page(
        "registries/copy.html",
        parts=queries.sheet(session(), actor(), case, System(chosen), order),
        system=SYSTEM[chosen],
        **shown,
    )
