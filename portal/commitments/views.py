"""Pages of commitments."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal.access.queries import has_nobody, unattended_among
from portal.agencies.queries import get_agency, list_agencies
from portal.cases.queries import access_to, get_case
from portal.commitments import inputs, labels, queries, services
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.errors import NotFound
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, writing
from portal.web.render import MenuEntry

blueprint = Blueprint("commitments", __name__)

READ = "commitments.commitment.read"
ANSWER = "commitments.commitment.answer"
MENU = (MenuEntry(_l("Commitments"), "commitments.index", READ, weight=50),)


@blueprint.get("/commitments")
@requires(READ)
def index() -> str:
    """List commitments by institution and state, soonest first."""
    chosen = request.args.get("status", "")
    status = (
        CommitmentStatus(chosen) if chosen in [each.value for each in CommitmentStatus] else None
    )
    ours = request.args.get("all") is None
    found = queries.list_commitments(
        session(), actor(), agency_id=actor().agency_id if ours else None, status=status
    )
    return page(
        "commitments/index.html",
        rows=found,
        nobody=unattended_among(session(), {row.agency_id for row in found}),
        status=status,
        ours=ours,
        labels=labels,
    )


@blueprint.route("/cases/<code>/commitments/new", methods=["GET", "POST"])
@requires("commitments.commitment.propose")
def new(code: str) -> str | Response | tuple[str, int]:
    """Propose a commitment on a case."""
    case = get_case(session(), actor(), code)
    if not access_to(session(), actor(), case).works_on_all:
        raise NotFound
    form = Form(inputs.ProposeCommitment, initial={"verifier_id": str(actor().agency_id)})
    if commitment := form.submit(
        lambda given: services.propose(
            writing(),
            actor(),
            agency_id=given.agency_id,
            act=given.act,
            due_on=given.due_on,
            source=Source.MANUAL,
            case_id=case.id,
            verifier_agency_id=given.verifier_id,
        )
    ):
        return see_other(url_for("commitments.show", commitment_id=commitment.id))
    agencies = [(str(agency.id), agency.name) for agency in list_agencies(session())]
    return form.page("commitments/new.html", case=case, agencies=agencies)


@blueprint.get("/commitments/<uuid:commitment_id>")
@requires(READ)
def show(commitment_id: UUID) -> str:
    """Show a commitment with what may be done now."""
    return page("commitments/show.html", **_shown(commitment_id))


def _shown(commitment_id: UUID) -> dict[str, Any]:
    commitment = queries.get_commitment(session(), actor(), commitment_id)
    verifier_id = commitment.verifier_id or commitment.proposer_id
    return {
        "commitment": commitment,
        "owes": commitment.agency_id == actor().agency_id,
        "verifies": verifier_id == actor().agency_id != commitment.agency_id,
        "agency": get_agency(session(), commitment.agency_id),
        "unattended": verifier_id == actor().agency_id
        and commitment.is_open
        and has_nobody(session(), commitment.agency_id),
        "verifier": get_agency(session(), verifier_id) if verifier_id else None,
        "case": queries.case_of(session(), actor(), commitment),
        "labels": labels,
    }


@blueprint.post("/commitments/<uuid:commitment_id>/accept")
@requires(ANSWER)
def accept(commitment_id: UUID) -> Response:
    """Take the commitment on."""
    services.accept(writing(), actor(), commitment_id)
    return _back(commitment_id)


def _back(commitment_id: UUID) -> Response:
    return see_other(url_for("commitments.show", commitment_id=commitment_id))


def _form(
    commitment_id: UUID, model: type[Any], template: str, act: Any
) -> str | Response | tuple[str, int]:
    """Show and take one of the forms of a commitment."""
    shown = _shown(commitment_id)
    commitment: Commitment = shown["commitment"]
    form: Form[Any] = Form(model, version=commitment.row_version)
    if form.submit(act):
        return _back(commitment_id)
    return form.page(template, **shown)


@blueprint.route("/commitments/<uuid:commitment_id>/object", methods=["GET", "POST"])
@requires(ANSWER)
def object_to(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Object to the commitment."""
    return _form(
        commitment_id,
        inputs.ObjectTo,
        "commitments/object.html",
        lambda given: services.object_to(writing(), actor(), commitment_id, reason=given.reason),
    )


@blueprint.route("/commitments/<uuid:commitment_id>/done", methods=["GET", "POST"])
@requires(ANSWER)
def done(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Give the evidence that the act was done."""
    return _form(
        commitment_id,
        inputs.Evidence,
        "commitments/done.html",
        lambda given: services.mark_done(writing(), actor(), commitment_id, **given.model_dump()),
    )


@blueprint.route("/commitments/<uuid:commitment_id>/postpone", methods=["GET", "POST"])
@requires(ANSWER)
def postpone(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Move the day of the commitment."""
    return _form(
        commitment_id,
        inputs.Postpone,
        "commitments/postpone.html",
        lambda given: services.postpone(writing(), actor(), commitment_id, **given.model_dump()),
    )


@blueprint.route("/commitments/<uuid:commitment_id>/verify", methods=["GET", "POST"])
@requires(ANSWER)
def verify(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Say what was found."""
    return _form(
        commitment_id,
        inputs.Verdict,
        "commitments/verify.html",
        lambda given: services.give_verdict(
            writing(), actor(), commitment_id, **given.model_dump()
        ),
    )
