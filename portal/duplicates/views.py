"""Pages about a child that may be known twice."""

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.cases.models import Level
from portal.cases.queries import case_to_act
from portal.duplicates import inputs, labels, services
from portal.duplicates.models import Answer
from portal.duplicates.queries import get_proposal
from portal.web import Form, actor, page, requires, see_other, session, writing

blueprint = Blueprint("duplicates", __name__)

SAME = (Answer.LINK, Answer.MERGE)


@blueprint.get("/duplicates/<uuid:match_id>")
@requires("duplicates.match.read")
def show(match_id: UUID) -> str:
    """Show one's own record and that another may be of the same child; the rest once both agree."""
    proposal = get_proposal(session(), actor(), match_id)
    undo_until = proposal.undo_until
    return page(
        "duplicates/show.html",
        proposal=proposal,
        labels=labels,
        may_undo=undo_until is not None and clock.now() <= undo_until,
    )


@blueprint.route("/duplicates/<uuid:match_id>/answer", methods=["GET", "POST"])
@requires("duplicates.match.answer")
def answer(match_id: UUID) -> str | Response | tuple[str, int]:
    """Say whether it is the same child."""
    services.to_answer(session(), actor(), match_id)
    proposal = get_proposal(session(), actor(), match_id)
    form = Form(inputs.GiveAnswer, version=proposal.row_version)
    if form.done(lambda given: services.answer_match(writing(), actor(), match_id, given)):
        return see_other(url_for("duplicates.show", match_id=match_id))
    of_carer = any(own.side.is_carer for own in proposal.own)
    answers = labels.OF_CARER if of_carer else labels.ANSWER
    return form.page(
        "duplicates/answer.html",
        proposal=proposal,
        labels=labels,
        of_carer=of_carer,
        answers=[(each.value, label) for each, label in answers.items()],
    )


@blueprint.post("/duplicates/<uuid:match_id>/open")
@requires("duplicates.match.answer")
def open_to_all(match_id: UUID) -> Response:
    """Agree that the other institutions of both cases see both."""
    services.open_to_all(writing(), actor(), match_id)
    return see_other(url_for("duplicates.show", match_id=match_id))


@blueprint.route("/duplicates/<uuid:match_id>/undo", methods=["GET", "POST"])
@requires("duplicates.match.answer")
def undo(match_id: UUID) -> str | Response | tuple[str, int]:
    """Undo a merge, with the reason."""
    services.to_undo(session(), actor(), match_id)
    proposal = get_proposal(session(), actor(), match_id)
    form = Form(inputs.UndoMerge, version=proposal.row_version)
    if form.done(
        lambda given: services.undo_merge(writing(), actor(), match_id, reason=given.reason)
    ):
        return see_other(url_for("duplicates.show", match_id=match_id))
    return form.page("duplicates/undo.html", proposal=proposal)


@blueprint.route("/cases/<code>/same", methods=["GET", "POST"])
@requires("duplicates.match.answer")
def same(code: str) -> str | Response | tuple[str, int]:
    """Say that another case is of the same child."""
    case, _access = case_to_act(session(), actor(), code, Level.LEAD)
    form = Form(inputs.SameAs, initial={"says": Answer.LINK.value})
    if match := form.submit(lambda given: services.say_same(writing(), actor(), case.id, given)):
        return see_other(url_for("duplicates.show", match_id=match.id))
    return form.page(
        "duplicates/same.html",
        case=case,
        answers=[(each.value, labels.ANSWER[each]) for each in SAME],
    )
