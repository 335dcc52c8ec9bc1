"""The duty roster of the acting agency: who answers now, the week, and keeping it."""

from datetime import date, timedelta
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.access import roster as keeping
from portal.access import rules
from portal.access.inputs import KeepShift
from portal.access.queries import has_roster, on_duty, people_with, week_of
from portal.access.views.blueprint import blueprint
from portal.actor import Role
from portal.errors import NotFound
from portal.web import Form, actor, page, requires, see_other, session, writing
from portal.web.forms import YEARS

Answer = str | Response | tuple[str, int]


def _agency() -> UUID:
    agency_id = actor().agency_id
    if agency_id is None:
        raise NotFound
    return agency_id


def _monday() -> date:
    """Return the Monday of the week that the address asks for, else this week's."""
    try:
        asked = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        asked = clock.today()
    return rules.monday(asked if asked.year in YEARS else clock.today())


@blueprint.get("/access/roster")
@requires("access.roster.read")
def roster() -> str:
    """Show who is on duty now and the week day by day, with the hours that nobody covers."""
    agency_id, monday = _agency(), _monday()
    return page(
        "access/roster.html",
        now=on_duty(session(), agency_id),
        days=week_of(session(), agency_id, monday),
        has_roster=has_roster(session(), agency_id),
        monday=monday,
        before=monday - timedelta(days=7),
        following=monday + timedelta(days=7),
        this_week=rules.monday(clock.today()),
        moment=clock.now(),
    )


def _officers() -> list[tuple[str, str]]:
    found = people_with(session(), actor().agency_id, Role.DUTY_OFFICER)
    return [(str(user_id), name) for user_id, name in found]


@blueprint.route("/access/roster/new", methods=["GET", "POST"])
@requires("access.roster.edit")
def add_shift() -> Answer:
    """Put a person on the roster."""
    form = Form(KeepShift, initial=_hours())
    if form.done(lambda given: keeping.add_shift(writing(), actor(), **given.model_dump())):
        return see_other(url_for("access.roster"))
    return form.page("access/add_shift.html", people=_officers(), shift=None)


def _hours() -> dict[str, str]:
    """Return the hours that the address proposes: a gap that was chosen."""
    return {name: request.args.get(name, "") for name in ("starts_at", "ends_at")}


@blueprint.route("/access/roster/<uuid:shift_id>", methods=["GET", "POST"])
@requires("access.roster.edit")
def change_shift(shift_id: UUID) -> Answer:
    """Change a shift that is not over."""
    shift = keeping.to_change(session(), actor(), shift_id)
    initial = {name: getattr(shift, name) for name in KeepShift.model_fields}
    form = Form(KeepShift, initial=initial, version=shift.row_version)
    if form.done(
        lambda given: keeping.change_shift(writing(), actor(), shift_id, **given.model_dump())
    ):
        return see_other(url_for("access.roster", week=clock.local(shift.starts_at).date()))
    return form.page("access/add_shift.html", people=_officers(), shift=shift)


@blueprint.post("/access/roster/<uuid:shift_id>/end")
@requires("access.roster.edit")
def end_shift(shift_id: UUID) -> Response:
    """End a running shift now, or take one to come off the roster."""
    keeping.end_shift(writing(), actor(), shift_id)
    return see_other(url_for("access.roster"))
