"""The pages of modules: what is installed, admitted and on, and how it fares."""

import logging
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from pydantic import BaseModel
from werkzeug.wrappers import Response

from portal.actor import Role
from portal.db.paging import decode, encode
from portal.host import calling, loading, queries, services
from portal.host.inputs import SwitchOff
from portal.host.queries import AgencySwitches, ModuleRow
from portal.host.services import Objected, SwitchedOff
from portal.texts import _, _l
from portal.web import Form, actor, page, portal, requires, see_other, session, writing
from portal.web.render import MenuEntry

log = logging.getLogger(__name__)

blueprint = Blueprint("host", __name__, url_prefix="/admin/plugins")

MENU = [MenuEntry(_l("Modules"), "host.index", "host.plugin.read", section="admin", weight=40)]
PAGE = 50

Answer = str | Response | tuple[str, int]


@blueprint.teardown_app_request
def keep_health(_error: BaseException | None) -> None:
    """Keep how the modules fared in this request, once the answer is made."""
    health = loading.current().health
    if not health.is_due():
        return
    try:
        health.save(portal().db)
    except sa.exc.SQLAlchemyError:
        log.warning("how the modules fare could not be saved")


@blueprint.get("")
@requires("host.plugin.read")
def index() -> str:
    """Show the modules and where they are on."""
    wanted = request.args.get("q", "").strip()[:80]
    after = decode(request.args.get("after"), (str, UUID))
    agencies = queries.list_switches(session(), actor(), wanted=wanted, after=after, limit=PAGE + 1)
    shown = agencies[:PAGE]
    last = shown[-1] if len(agencies) > PAGE else None
    return page(
        "host/modules.html",
        modules=queries.list_modules(session()),
        agencies=shown,
        following=encode((last.name, last.id)) if last else None,
        wanted=wanted,
        may_switch=may_switch(),
        may_admit=actor().may("host.plugin.admit"),
    )


@blueprint.get("/<slug>")
@requires("host.plugin.read")
def show(slug: str) -> str:
    """Show one module: what it brings, how it fares."""
    return page(
        "host/module.html",
        module=queries.get_module(session(), slug),
        loaded=loading.current().loaded.get(slug),
        health=queries.list_health(session(), slug),
        may_admit=actor().may("host.plugin.admit"),
        own=own_agency(slug),
    )


@blueprint.post("/<slug>/admit")
@requires("host.plugin.admit")
def admit(slug: str) -> Response:
    """Admit a module, or its new version: make its tables, then let institutions turn it on."""
    services.admit(portal().db, actor(), slug)
    return see_other(url_for("host.show", slug=slug))


@blueprint.post("/<slug>/<uuid:agency_id>/on")
@requires("host.plugin.switch")
def enable(slug: str, agency_id: UUID) -> Response:
    """Turn a module on for an agency."""
    services.enable(writing(), actor(), slug, agency_id)
    return see_other(back_to(agency_id))


@blueprint.route("/<slug>/<uuid:agency_id>/off", methods=["GET", "POST"])
@requires("host.plugin.switch")
def disable(slug: str, agency_id: UUID) -> Answer:
    """Turn a module off for an agency, or show what is open and let two people insist."""
    module, agency = found(slug, agency_id)
    services.must_be_on(session(), actor(), slug, agency_id)
    form = Form(SwitchOff)
    try:
        outcome = form.submit(
            lambda given: services.disable(
                writing(),
                actor(),
                slug,
                agency_id,
                insist="insist" in request.form,
                reason=given.reason,
            )
        )
    except Objected:
        form.status, outcome = 409, None
    if outcome is SwitchedOff.DONE:
        return see_other(back_to(agency_id))
    if outcome is SwitchedOff.WAITS:
        return see_other(url_for("host.disable", slug=slug, agency_id=agency_id))
    return form.page(
        "host/disable.html",
        module=module,
        agency=agency,
        objections=calling.switch_objections(session(), actor(), slug, agency_id),
        first=queries.find_first(session(), slug, agency_id),
    )


@blueprint.route("/<slug>/settings", methods=["GET", "POST"])
@requires("host.plugin.admit")
def instance_settings(slug: str) -> Answer:
    """Set what holds for every agency that sets nothing of its own."""
    return edit_settings(slug, None, _l("The whole platform"))


@blueprint.route("/<slug>/<uuid:agency_id>/settings", methods=["GET", "POST"])
@requires("host.plugin.switch")
def agency_settings(slug: str, agency_id: UUID) -> Answer:
    """Set a module for one agency."""
    return edit_settings(slug, agency_id, found(slug, agency_id)[1].name)


def edit_settings(slug: str, agency_id: UUID | None, scope: Any) -> Answer:
    """Show and take the settings of a module for an agency or for the instance."""
    module = queries.get_module(session(), slug)
    model = services.in_order(slug).plugin.settings_model
    own, version = queries.own_settings(session(), slug, agency_id)
    form = Form(model, initial={name: typed(value) for name, value in own.items()}, version=version)
    if form.done(lambda given: keep_settings(slug, agency_id, given)):
        return see_other(url_for("host.index"))
    followed = queries.settings_of(session(), slug, None) if agency_id else model()
    return form.page(
        "host/settings.html", module=module, scope=scope, fields=fields_of(model, followed)
    )


def keep_settings(slug: str, agency_id: UUID | None, given: BaseModel) -> None:
    """Keep what was filled in; what was left empty follows the wider scope."""
    values = given.model_dump(exclude_unset=True)
    services.set_settings(writing(), actor(), slug, agency_id, values)


def typed(value: Any) -> Any:
    """Return a kept value as a form posts it; an explicit no must not look like nothing."""
    return str(int(value)) if isinstance(value, bool) else value


def fields_of(model: type[BaseModel], followed: BaseModel) -> list[dict[str, Any]]:
    """Return the fields of a settings model as the page draws them."""
    return [
        {
            "name": name,
            "label": field.title or name,
            "hint": field.description or "",
            "choices": choices_of(field.annotation),
            "followed": getattr(followed, name),
        }
        for name, field in model.model_fields.items()
    ]


def choices_of(annotation: Any) -> list[tuple[str, Any]]:
    """Return the choices of a field that has few values; none for one that is typed in."""
    if annotation is bool:
        return [("1", _("Yes")), ("0", _("No"))]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [(member.value, member.value) for member in annotation]
    return []


def back_to(agency_id: UUID) -> str:
    """Return the page of modules, narrowed as it was, at the line of an agency."""
    wanted = request.args.get("q") or None
    return url_for("host.index", q=wanted, _anchor=f"agency-{agency_id}")


def own_agency(slug: str) -> UUID | None:
    """Return the acting agency where its administrator may set a module that is on there."""
    agency_id = actor().agency_id
    return agency_id if may_switch() and slug in actor().modules else None


def may_switch() -> bool:
    """Tell whether the actor turns modules on and off on this platform."""
    return actor().has_role(Role.PLATFORM_ADMIN) or loading.current().agency_admins_switch


def found(slug: str, agency_id: UUID) -> tuple[ModuleRow, AgencySwitches]:
    """Return a module and an agency whose modules the actor sees; raises NotFound."""
    agency = queries.get_switches(session(), actor(), agency_id)
    return queries.get_module(session(), slug), agency
