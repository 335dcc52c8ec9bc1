"""Reviews of privileges: decided line by line, confirmed by another person, printed."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from portal.access import inputs, labels, listing
from portal.access import reviews as keeping
from portal.access.models import AccessReview, ReviewDecision
from portal.access.services import governs
from portal.access.views.blueprint import blueprint
from portal.agencies.queries import get_agency
from portal.errors import Invalid
from portal.texts import _
from portal.web import Form, actor, fresh, page, requires, see_other, session, settings, writing

Answer = str | Response | tuple[str, int]
LINE = "line-"


@blueprint.get("/admin/reviews")
@requires("access.review.read")
def reviews() -> str:
    """List the reviews of the agency; the platform sees which are overdue anywhere."""
    return page("access/reviews.html", reviews=keeping.list_reviews(session(), actor()))


@blueprint.route("/admin/reviews/<uuid:review_id>", methods=["GET", "POST"])
@requires("access.review.read")
def review(review_id: UUID) -> Answer:
    """Show a review; the administrator says of each role whether it stays."""
    found = keeping.get_review(session(), actor(), review_id)
    form = Form(inputs.Confirm, version=found.row_version)
    if form.done(lambda _given: keeping.decide(writing(), actor(), review_id, _chosen())):
        return see_other(url_for("access.review", review_id=review_id))
    return form.page("access/review.html", **_shown(found))


def _chosen() -> dict[UUID, ReviewDecision]:
    """Return what was decided by line; what is neither is left out."""
    chosen = {}
    for name, value in request.form.items():
        try:
            if name.startswith(LINE):
                chosen[UUID(name.removeprefix(LINE))] = ReviewDecision(value)
        except ValueError:
            continue
    return chosen


def _shown(found: AccessReview) -> dict[str, Any]:
    people = [each for each in (found.decided_by, found.closed_by) if each]
    return {
        "review": found,
        "agency": get_agency(session(), found.agency_id).name if found.agency_id else _("Platform"),
        "lines": keeping.list_lines(session(), found),
        "names": listing.names_of(session(), people),
        "may_decide": found.closed_at is None
        and found.decided_at is None
        and governs(session(), actor(), found.agency_id),
        "may_confirm": found.closed_at is None
        and found.decided_at is not None
        and keeping.may_confirm(session(), actor(), found),
        "unused_days": settings().unused_days,
        "labels": labels,
    }


@blueprint.post("/admin/reviews/<uuid:review_id>/confirm")
@fresh
@requires("access.review.confirm")
def confirm_review(review_id: UUID) -> Answer:
    """Confirm what was decided: what ends, ends now."""
    try:
        keeping.confirm(writing(), actor(), review_id)
    except Invalid as error:
        form = Form(inputs.Confirm)
        form.refuse(*error.problems)
        found = keeping.get_review(session(), actor(), review_id)
        return form.page("access/review.html", **_shown(found))
    return see_other(url_for("access.review", review_id=review_id))


@blueprint.route("/admin/reviews/<uuid:review_id>/back", methods=["GET", "POST"])
@requires("access.review.confirm")
def send_back(review_id: UUID) -> Answer:
    """Give a decided review back to the administrator, with a reason."""
    keeping.to_confirm(session(), actor(), review_id)
    form = Form(inputs.GiveReason)
    if form.done(
        lambda given: keeping.send_back(writing(), actor(), review_id, reason=given.reason)
    ):
        return see_other(url_for("access.review", review_id=review_id))
    return form.page("access/send_back.html", review_id=review_id)


@blueprint.get("/admin/reviews/<uuid:review_id>/sheet")
@requires("access.review.read")
def review_sheet(review_id: UUID) -> str:
    """Print a review with its signatures."""
    found = keeping.get_review(session(), actor(), review_id)
    return page("access/review_sheet.html", **_shown(found))
