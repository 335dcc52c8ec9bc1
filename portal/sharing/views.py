"""Pages about who sees a case, and of emergency access."""

from uuid import UUID

from flask import Blueprint, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from portal.access.queries import who_is_on_duty
from portal.places.queries import choices as district_choices
from portal.sharing import emergency, inputs, labels, reviews
from portal.web import (
    Form,
    actor,
    fresh,
    requires,
    see_other,
    session,
    settings,
    write_first,
    writing,
)

blueprint = Blueprint("sharing", __name__)

DEPARTMENT = "22"


@blueprint.route("/emergency", methods=["GET", "POST"])
@fresh
@requires("sharing.emergency.open")
def ask_emergency() -> str | Response | tuple[str, int]:
    """Ask for a case tonight; what opens none is answered alike, whatever stands behind it."""
    form = Form(inputs.AskEmergency)
    opened = form.submit(_look_up)
    if opened:
        code = opened[0] if len(opened) == 1 else None
        return see_other(url_for("cases.show", code=code) if code else url_for("cases.index"))
    agency_id = actor().agency_id
    return form.page(
        "sharing/emergency.html",
        may_ask=emergency.may_ask(actor()),
        on_duty=who_is_on_duty(session(), agency_id) if agency_id else None,
        nothing=opened is not None,
        districts=district_choices(DEPARTMENT),
    )


def _look_up(given: inputs.AskEmergency) -> list[str]:
    """Record the question in a transaction of its own, then look."""
    limits = emergency.Limits(settings().emergency_per_day, settings().identity_lookups_per_day)

    def begin(writer: Session) -> UUID:
        return emergency.begin_lookup(writer, actor(), given, limits=limits)

    lookup_id = write_first(begin)
    return emergency.open_emergency(writing(), actor(), lookup_id, given)


@blueprint.post("/emergency/<uuid:grant_id>/end")
@requires("sharing.emergency.open")
def end_emergency(grant_id: UUID) -> Response:
    """End an emergency access before its hour."""
    grant = emergency.end_emergency(writing(), actor(), grant_id)
    if grant.user_id == actor().user_id:
        return see_other(url_for("cases.index"))
    return see_other(url_for("home.index"))


@blueprint.route("/emergency/<uuid:grant_id>", methods=["GET", "POST"])
@requires("sharing.emergency.review")
def review(grant_id: UUID) -> str | Response | tuple[str, int]:
    """Review an emergency access: who, when, why; justified or not."""
    row = reviews.get_grant(session(), actor(), grant_id)
    form = Form(inputs.Review)
    if form.submit(lambda given: reviews.review(writing(), actor(), grant_id, given)):
        return see_other(url_for("sharing.review", grant_id=grant_id))
    reason, words = reviews.words_of(session(), actor(), row)
    return form.page("sharing/review.html", row=row, reason=reason, words=words, labels=labels)
