"""Pages of the privacy officer, and what each person declares and says of own readings."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import places
from portal.agencies.queries import get_agency
from portal.privacy import inputs, labels, queries, services
from portal.privacy.models import AlertState
from portal.privacy.rules import Declared
from portal.texts import _l
from portal.users.queries import get_user
from portal.web import Form, actor, page, requires, see_other, session, signed_in, writing
from portal.web.render import MenuEntry

blueprint = Blueprint("privacy", __name__)

DESK = "privacy.desk.read"
REVIEW = "privacy.alert.review"
DEPARTMENT = 2
MENU = (MenuEntry(_l("Privacy"), "privacy.desk", DESK, weight=70),)


@blueprint.get("/privacy")
@requires(DESK)
def desk() -> str:
    """Show what waits for the privacy officer."""
    found = queries.list_alerts(session(), actor())
    return page(
        "privacy/desk.html",
        waiting=[row for row in found if row.state == AlertState.OPEN],
        ended=[row for row in found if row.state != AlertState.OPEN],
        labels=labels,
    )


@blueprint.route("/privacy/alerts/<uuid:alert_id>", methods=["GET", "POST"])
@requires(REVIEW)
def alert(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Look into an unusual reading."""
    found = queries.get_alert(session(), actor(), alert_id)
    form = Form(inputs.Finding, version=found.row_version)
    if form.submit(
        lambda given: services.look_into(
            writing(), actor(), alert_id, state=AlertState(given.outcome), words=given.words
        )
    ):
        return see_other(url_for("privacy.alert", alert_id=alert_id))
    return form.page(
        "privacy/alert.html",
        alert=found,
        reader=get_user(session(), found.user_id),
        agency=get_agency(session(), found.agency_id),
        codes=queries.codes_of(session(), actor(), found),
        said=queries.words_of(session(), found, "said_sealed"),
        finding=queries.words_of(session(), found, "finding_sealed"),
        labels=labels,
    )


@blueprint.route("/privacy/readings/<uuid:alert_id>", methods=["GET", "POST"])
@signed_in
def reading(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Show a reader what the trail shows of the own reading; a word on it is welcome."""
    found = queries.get_own_reading(session(), actor(), alert_id)
    form = Form(inputs.Said, version=found.row_version)
    if form.submit(
        lambda given: services.say_of_reading(writing(), actor(), alert_id, words=given.words)
    ):
        return see_other(url_for("privacy.reading", alert_id=alert_id))
    return form.page(
        "privacy/reading.html",
        alert=found,
        said=queries.words_of(session(), found, "said_sealed"),
        labels=labels,
    )


@blueprint.route("/privacy/kin", methods=["GET", "POST"])
@signed_in
def kin() -> str | Response | tuple[str, int]:
    """Declare what one should be kept from: own document, kin, surnames and home district."""
    held = services.own_declaration(session(), actor())
    form = Form(
        inputs.Declare,
        initial={
            "first_surname": held.first_surname,
            "second_surname": held.second_surname,
            "district": held.district,
            "document": held.document,
            **{f"kin-{number}-document": each for number, each in enumerate(held.kin)},
        },
    )
    if form.submit(_declare):
        return see_other(url_for("privacy.kin"))
    agency_id = actor().agency_id
    home = (get_agency(session(), agency_id).district or "") if agency_id else ""
    return form.page(
        "privacy/kin.html",
        districts=places.choices(home[:DEPARTMENT] or None),
        has_declared=held != Declared(),
    )


def _declare(given: inputs.Declare) -> bool:
    services.declare(
        writing(),
        actor(),
        Declared(
            given.first_surname,
            given.second_surname,
            given.district,
            given.document,
            tuple(each.document for each in given.kin),
        ),
    )
    return True


@blueprint.get("/privacy/looks")
@requires("privacy.look.read")
def looks() -> str:
    """Ask the trail who looked: by the code of a case, or by person."""
    code = request.args.get("code", "").strip()[:40]
    chosen = request.args.get("person", "")
    people = queries.people_of(session(), actor().agency_id)
    person = UUID(chosen) if chosen in {user_id for user_id, _name in people} else None
    found = queries.who_looked(session(), actor(), code=code, user_id=person)
    return page(
        "privacy/looks.html",
        found=found,
        code=code,
        person=chosen,
        people=people,
        asked=bool(code or person),
        labels=labels,
    )
