"""The duty roster of the acting agency."""

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal.access import services
from portal.access.inputs import AddShift
from portal.access.queries import coming_shifts, people_with, who_is_on_duty
from portal.actor import Role
from portal.errors import NotFound
from portal.web import Form, actor, page, requires, see_other, session, writing

blueprint = Blueprint("access", __name__, url_prefix="/access")


@blueprint.get("/roster")
@requires("access.roster.read")
def roster() -> str:
    """Show who is on duty now and who comes next, with the telephone of each."""
    agency_id = actor().agency_id
    if agency_id is None:
        raise NotFound
    return page(
        "access/roster.html",
        now=who_is_on_duty(session(), agency_id),
        shifts=coming_shifts(session(), agency_id),
    )


@blueprint.route("/roster/new", methods=["GET", "POST"])
@requires("access.roster.edit")
def add_shift() -> str | Response | tuple[str, int]:
    """Put a person on the roster."""
    form = Form(AddShift)
    if form.submit(lambda given: services.add_shift(writing(), actor(), **given.model_dump())):
        return see_other(url_for("access.roster"))
    officers = people_with(session(), actor().agency_id, Role.DUTY_OFFICER)
    return form.page(
        "access/add_shift.html", people=[(str(user_id), name) for user_id, name in officers]
    )
