"""Pages of commitments."""

from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal.access.queries import has_nobody, unattended_among
from portal.agencies.queries import get_agency, list_agencies
from portal.cases.models import Case
from portal.cases.queries import case_to_act, list_children
from portal.cases.rules import WORKERS
from portal.commitments import inputs, labels, queries, services
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.commitments.rules import Age
from portal.db.paging import decode, encode
from portal.documents.queries import list_for_piece
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, taken, takes_files, writing
from portal.web.render import MenuEntry

Choice = TypeVar("Choice", bound=StrEnum)

blueprint = Blueprint("commitments", __name__)

READ = "commitments.commitment.read"
ANSWER = "commitments.commitment.answer"
MENU = (MenuEntry(_l("Commitments"), "commitments.index", READ, weight=50),)


@blueprint.get("/commitments")
@requires(READ)
def index() -> str:
    """Show the board: who owes how much and since when, and the acts themselves, soonest first."""
    status, age = _chosen(CommitmentStatus, "status"), _chosen(Age, "age")
    board = queries.list_board(session(), actor())
    names = {str(row.agency_id): row.agency for row in board}
    wanted = request.args.get("agency", "")
    found = queries.list_commitments(
        session(),
        actor(),
        agency_id=UUID(wanted) if wanted in names else None,
        status=status,
        age=age,
        after=decode(request.args.get("after"), (date, UUID)),
        limit=queries.PAGE + 1,
    )
    shown = found[: queries.PAGE]
    return page(
        "commitments/index.html",
        board=board,
        # A column in which nobody owes anything says nothing, and a phone has no room for it.
        columns=[each for each in labels.BOARD if any(getattr(row, each.name) for row in board)],
        is_cut=sum(row.total for row in board) >= queries.COUNTED,
        names=names,
        rows=shown,
        next_url=_following(shown[-1].key) if len(found) > queries.PAGE else "",
        nobody=unattended_among(
            session(), {row.agency_id for row in board} | {row.agency_id for row in shown}
        ),
        wanted=wanted,
        status=status,
        age=age,
        labels=labels,
    )


def _chosen(kind: type[Choice], name: str) -> Choice | None:
    value = request.args.get(name, "")
    return kind(value) if value in [each.value for each in kind] else None


def _following(key: tuple[date, UUID]) -> str:
    kept = {name: request.args.get(name, "") for name in ("agency", "status", "age")}
    asked = {name: value for name, value in kept.items() if value} | {"after": encode(key)}
    return "?" + urlencode(asked)


@blueprint.route("/cases/<code>/commitments/new", methods=["GET", "POST"])
@requires("commitments.commitment.propose")
def new(code: str) -> str | Response | tuple[str, int]:
    """Propose a commitment on a case."""
    case, _access = case_to_act(session(), actor(), code, *WORKERS)
    form = Form(
        inputs.ProposeCommitment,
        initial={"verifier_id": actor().agency_id, "source": Source.MANUAL},
    )
    if commitment := form.submit(
        lambda given: services.propose_on_case(writing(), actor(), case.id, given)
    ):
        return see_other(url_for("commitments.show", commitment_id=commitment.id))
    children = list_children(session(), actor(), case)
    return form.page(
        "commitments/new.html",
        case=case,
        agencies=[(str(agency.id), agency.name) for agency in list_agencies(session())],
        children=[(str(child.person_id), f"{child.label}, {child.age_text}") for child in children],
        sources=[(each.value, labels.SOURCE[each]) for each in services.sources_for(actor())],
    )


@blueprint.get("/commitments/<uuid:commitment_id>")
@requires(READ)
def show(commitment_id: UUID) -> str:
    """Show a commitment with what may be done now."""
    return page(
        "commitments/show.html",
        documents=list_for_piece(session(), actor(), services.PIECE, commitment_id),
        **_shown(commitment_id),
    )


def _shown(commitment_id: UUID) -> dict[str, Any]:
    commitment = queries.get_commitment(session(), actor(), commitment_id)
    verifier_id = commitment.verified_by
    owes = commitment.agency_id == actor().agency_id
    case = queries.case_of(session(), actor(), commitment)
    return {
        "commitment": commitment,
        "owes": owes,
        "verifies": not owes and verifier_id in (None, actor().agency_id),
        "child": _child(case, commitment.person_id),
        "agency": get_agency(session(), commitment.agency_id),
        "unattended": verifier_id == actor().agency_id
        and commitment.is_open
        and has_nobody(session(), commitment.agency_id),
        "verifier": get_agency(session(), verifier_id) if verifier_id else None,
        "case": case,
        "labels": labels,
    }


def _child(case: Case | None, person_id: UUID | None) -> str:
    """Return the child of a commitment as the actor may know it: by name or by initials."""
    if case is None or person_id is None:
        return ""
    children = list_children(session(), actor(), case)
    return next((child.label for child in children if child.person_id == person_id), "")


@blueprint.post("/commitments/<uuid:commitment_id>/accept")
@requires(ANSWER)
def accept(commitment_id: UUID) -> Response:
    """Take the commitment on."""
    services.accept(writing(), actor(), commitment_id)
    return _back(commitment_id)


def _back(commitment_id: UUID) -> Response:
    return see_other(url_for("commitments.show", commitment_id=commitment_id))


def _form(
    commitment: Commitment, model: type[Any], template: str, act: Any
) -> str | Response | tuple[str, int]:
    """Show and take one of the forms of a commitment, which the actor may answer or verify."""
    form: Form[Any] = Form(model, version=commitment.row_version)
    if form.done(act):
        return _back(commitment.id)
    return form.page(template, **_shown(commitment.id))


def _owed(commitment_id: UUID, status: CommitmentStatus) -> Commitment:
    return services.to_answer(session(), actor(), commitment_id, status)


@blueprint.route("/commitments/<uuid:commitment_id>/object", methods=["GET", "POST"])
@requires(ANSWER)
def object_to(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Object to the commitment."""
    return _form(
        _owed(commitment_id, CommitmentStatus.PROPOSED),
        inputs.ObjectTo,
        "commitments/object.html",
        lambda given: services.object_to(writing(), actor(), commitment_id, reason=given.reason),
    )


@blueprint.route("/commitments/<uuid:commitment_id>/done", methods=["GET", "POST"])
@takes_files
@requires(ANSWER)
def done(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Give the evidence that the act was done, with its document where there is one."""
    found = _owed(commitment_id, CommitmentStatus.ACCEPTED)
    form = Form(inputs.Evidence, version=found.row_version)
    content = taken(form, required=False)
    if form.done(
        lambda given: services.mark_done(
            writing(), actor(), commitment_id, content=content, **given.model_dump()
        )
    ):
        return _back(commitment_id)
    return form.page("commitments/done.html", **_shown(commitment_id))


@blueprint.route("/commitments/<uuid:commitment_id>/postpone", methods=["GET", "POST"])
@requires(ANSWER)
def postpone(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Move the day of the commitment."""
    return _form(
        _owed(commitment_id, CommitmentStatus.ACCEPTED),
        inputs.Postpone,
        "commitments/postpone.html",
        lambda given: services.postpone(writing(), actor(), commitment_id, **given.model_dump()),
    )


@blueprint.route("/commitments/<uuid:commitment_id>/verify", methods=["GET", "POST"])
@requires(ANSWER)
def verify(commitment_id: UUID) -> str | Response | tuple[str, int]:
    """Say what was found; whoever owes it is told who verifies it."""
    return _form(
        services.to_verify(session(), actor(), commitment_id),
        inputs.Verdict,
        "commitments/verify.html",
        lambda given: services.give_verdict(
            writing(), actor(), commitment_id, **given.model_dump()
        ),
    )
