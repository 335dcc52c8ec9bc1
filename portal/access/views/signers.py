"""The signers of the acting agency, kept by its administrator."""

from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.access import inputs, labels
from portal.access import signers as keeping
from portal.access.queries import people_with
from portal.access.views.blueprint import blueprint
from portal.actor import Role
from portal.errors import NotFound
from portal.web import Form, actor, fresh, page, requires, see_other, session, writing

Answer = str | Response | tuple[str, int]


@blueprint.get("/admin/signers")
@requires("access.signer.manage")
def signers() -> str:
    """List who signs for the agency, by which resolution, from when until when."""
    agency_id = actor().agency_id
    if agency_id is None:
        raise NotFound
    return page(
        "access/signers.html",
        signers=keeping.list_signers(session(), agency_id),
        labels=labels,
        today_on=clock.today(),
    )


@blueprint.route("/admin/signers/new", methods=["GET", "POST"])
@fresh
@requires("access.signer.manage")
def add_signer() -> Answer:
    """Enter who signs."""
    form = Form(inputs.AddSigner, initial={"act": "any", "standing": "titular"})
    if form.done(lambda given: keeping.add_signer(writing(), actor(), given)):
        return see_other(url_for("access.signers"))
    found = people_with(session(), actor().agency_id, *Role)
    return form.page(
        "access/add_signer.html",
        people=[(str(user_id), name) for user_id, name in found],
        standings=[(each.value, label) for each, label in labels.STANDING.items()],
        acts=[(each.value, label) for each, label in labels.ACT.items()],
    )


@blueprint.route("/admin/signers/<uuid:signer_id>/end", methods=["GET", "POST"])
@fresh
@requires("access.signer.manage")
def end_signer(signer_id: UUID) -> Answer:
    """Set the last day on which a person signs."""
    signer = keeping.get_signer(session(), actor(), signer_id)
    form = Form(inputs.LastDay, version=signer.row_version)
    if form.done(
        lambda given: keeping.end_signer(writing(), actor(), signer_id, last_day=given.last_day)
    ):
        return see_other(url_for("access.signers"))
    return form.page("access/end_signer.html", signer=signer)
