"""Pages of agreements: answered, corrected, withdrawn."""

from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from portal.councils import agreements, inputs, labels, queries
from portal.councils.board import load_board
from portal.councils.models import Agreement, Meeting
from portal.councils.views.base import (
    ANSWER,
    MEET,
    RUN,
    Answer,
    blueprint,
    choices,
    conducted,
    form_of,
    to_desk,
)
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, writing


@blueprint.get("/agreements/<uuid:agreement_id>")
@requires(MEET)
def agreement(agreement_id: UUID) -> Answer:
    """Show an agreement with what may be done now; once accepted, its commitment is the page."""
    found = queries.get_agreement(session(), actor(), agreement_id)
    if found.commitment_id is not None and found.agency_id == actor().agency_id:
        return see_other(url_for("commitments.show", commitment_id=found.commitment_id))
    return page("councils/agreement.html", **_agreement_page(found))


def _agreement_page(found: Agreement) -> dict[str, Any]:
    of_meeting = queries.get_meeting(session(), actor(), found.meeting_id)
    board = load_board(session(), of_meeting)
    row = next(each for each in board.agreements if each.id == found.id)
    return {
        "agreement": row,
        "board": board,
        "meeting": of_meeting,
        "answers": found.agency_id == actor().agency_id
        and queries.speaks_for(session(), actor(), found.council_id),
        "labels": labels,
    }


@blueprint.post("/agreements/<uuid:agreement_id>/accept")
@requires(ANSWER)
def accept(agreement_id: UUID) -> Response:
    """Take an agreement on."""
    taken = agreements.accept_agreement(writing(), actor(), agreement_id)
    return _after_answer(taken)


def _after_answer(answered: Agreement) -> Response:
    """Return to the live view while the session lasts, else to the agreement."""
    of_meeting = writing().get_one(Meeting, answered.meeting_id)
    if of_meeting.is_going_on:
        return see_other(url_for("councils.live", meeting_id=of_meeting.id))
    return see_other(url_for("councils.agreement", agreement_id=answered.id))


@blueprint.route("/agreements/<uuid:agreement_id>/object", methods=["GET", "POST"])
@requires(ANSWER)
def object_to(agreement_id: UUID) -> Answer:
    """Object to an agreement."""
    found = agreements.to_answer(session(), actor(), agreement_id)
    form = Form(inputs.ReasonInput, version=found.row_version)
    if answered := form.submit(
        lambda given: agreements.object_to_agreement(
            writing(), actor(), agreement_id, reason=given.reason
        )
    ):
        return _after_answer(answered)
    return form.page(
        "councils/reason.html",
        meeting=queries.get_meeting(session(), actor(), found.meeting_id),
        title=_l("Object to the agreement"),
        hint=_l("The session reads it: write no names and no codes."),
    )


@blueprint.route("/agreements/<uuid:agreement_id>/edit", methods=["GET", "POST"])
@requires(RUN)
def correct(agreement_id: UUID) -> Answer:
    """Correct an agreement that nobody took on yet."""
    found, _meeting = agreements.to_change(session(), actor(), agreement_id)
    board = conducted(found.meeting_id)
    form = Form(
        inputs.AgreementInput,
        initial={
            "agency_id": found.agency_id,
            "text": found.text,
            "due_on": found.due_on,
            "verifier_agency_id": found.verifier_agency_id,
            "how": found.how,
        },
        version=found.row_version,
    )
    if form.done(
        lambda given: agreements.correct_agreement(writing(), actor(), agreement_id, given)
    ):
        return to_desk(found.meeting_id)
    return form.page(
        "councils/correct.html",
        agreement=found,
        board=board,
        meeting=board.meeting,
        **choices(board),
    )


@blueprint.route("/agreements/<uuid:agreement_id>/withdraw", methods=["GET", "POST"])
@requires(RUN)
def withdraw(agreement_id: UUID) -> Answer:
    """Take an agreement back."""
    found, _meeting = agreements.to_change(session(), actor(), agreement_id)
    return form_of(
        found.meeting_id,
        inputs.ReasonInput,
        "councils/reason.html",
        lambda given: agreements.withdraw_agreement(
            writing(), actor(), agreement_id, reason=given.reason
        ),
        to_desk,
        title=_l("Take agreement %(number)s back", number=found.number),
        hint=_l("It stays in the acta, struck, with this reason: write no names and no codes."),
    )
