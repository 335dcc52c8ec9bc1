"""Shared desks: enrolled by an administrator, opened by a carer's PIN for the role of carer."""

from datetime import timedelta
from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.access.queries import people_with
from portal.actor import Role
from portal.errors import Invalid, NotFound, Problem
from portal.texts import _l
from portal.users import devices, services
from portal.users.inputs import EnrolDevice, NewPin, PinSignIn
from portal.users.models import Device
from portal.users.passwords import make_hash, verify
from portal.users.queries import find_user
from portal.users.views.base import (
    blueprint,
    count_failure,
    require_patience,
    subjects_of,
)
from portal.web import (
    Form,
    actor,
    fresh,
    open_to_all,
    requires,
    see_other,
    session,
    settings,
    signed_in,
    signing,
    writing,
)

WRONG = _l("The name or the PIN is not right, or you are no carer of this institution.")
NEVER_PROVED = timedelta(days=1)


@blueprint.route("/login/pin", methods=["GET", "POST"])
@open_to_all
def by_pin() -> Response | tuple[str, int]:
    """Come in at a shared desk by PIN, for daily care only."""
    device = devices.find_device(session(), signing.device_token())
    if device is None:
        raise NotFound
    form = Form(PinSignIn)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            return _enter(device, given)
        except Invalid as error:
            form.refuse(*error.problems)
    people = devices.people_of(session(), device.id)
    return form.page("users/pin.html", device=device, people=people)


def _enter(device: Device, given: PinSignIn) -> Response:
    """Start a sign-in that holds the role of carer alone; slow after failures."""
    subjects = [
        *subjects_of(f"pin:{given.username}"),
        services.subject_of("device", str(device.id), settings().secret_key),
    ]
    require_patience(subjects)
    user = find_user(session(), given.username)
    carers = {known for known, _name in people_with(session(), device.agency_id, Role.CARER)}
    stored = devices.pin_hash_of(session(), user.id) if user and user.id in carers else None
    if not verify(stored, given.pin, weak=settings().weak_hash) or user is None:
        count_failure(subjects)
        raise Invalid(Problem(None, WRONG))
    token = services.start_sign_in(
        writing(),
        actor(),
        user_id=user.id,
        agency_id=device.agency_id,
        device=device.name,
        proved_at=clock.now() - NEVER_PROVED,
        by="pin",
        only_role=Role.CARER,
        device_id=device.id,
    )
    return signing.give(see_other("/"), token)


@blueprint.route("/me/pin", methods=["GET", "POST"])
@fresh
@signed_in
def own_pin() -> Response | tuple[str, int]:
    """Choose the PIN with which one comes in at a shared desk."""
    form = Form(NewPin)
    given = form.read() if form.posted else None
    if given is not None:
        try:
            devices.check_pin(given.pin)
        except Invalid as error:
            form.refuse(*error.problems)
        else:
            pin_hash = make_hash(given.pin, weak=settings().weak_hash)
            devices.set_pin(writing(), actor(), pin_hash=pin_hash)
            return see_other(url_for("users.me"))
    return form.page("users/own_pin.html")


@blueprint.route("/admin/devices", methods=["GET", "POST"])
@fresh
@requires("users.device.manage")
def desks() -> Response | tuple[str, int]:
    """List the shared desks, and enrol the browser in which this page stands."""
    form = Form(EnrolDevice)
    token = form.submit(lambda given: devices.enrol(writing(), actor(), name=given.name))
    if token:
        ended = actor().sign_in_id
        if ended is not None:
            services.end_sign_in(writing(), actor(), ended)
        answer = signing.take(see_other(url_for("users.by_pin")))
        return signing.give_device(answer, token)
    known = devices.list_devices(session(), actor().agency_id)
    here = devices.find_device(session(), signing.device_token())
    return form.page("users/desks.html", devices=known, here=here.id if here else None)


@blueprint.post("/admin/devices/<uuid:device_id>/revoke")
@requires("users.device.manage")
def revoke_desk(device_id: UUID) -> Response:
    """End a shared desk; whoever is in by it is out at the next request."""
    devices.revoke(writing(), actor(), device_id)
    return see_other(url_for("users.desks"))
