"""Pages of the privacy officer, and what each person declares and says of own readings."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import clock, places
from portal.agencies.queries import get_agency
from portal.errors import Invalid, Problem
from portal.privacy import incidents, inputs, labels, queries, services, terms
from portal.privacy.models import AlertState, Incident
from portal.privacy.rules import Declared
from portal.texts import _l
from portal.users.queries import get_user
from portal.web import Form, actor, fresh, page, requires, see_other, session, signed_in, writing
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
        incidents=incidents.list_incidents(session(), actor()),
        now=clock.now(),
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


@blueprint.route("/privacy/incidents/new", methods=["GET", "POST"])
@fresh
@requires("privacy.incident.manage")
def new_incident() -> str | Response | tuple[str, int]:
    """Open the file of an incident: the account's sign-ins end at once."""
    people = queries.people_of(session(), actor().agency_id)
    form = Form(inputs.OpenIncident, initial={"known_at": clock.now(), "until": clock.now()})
    if incident := form.submit(lambda given: _open_incident(given, people)):
        return see_other(url_for("privacy.incident", incident_id=incident.id))
    return form.page("privacy/new_incident.html", people=people, labels=labels)


def _open_incident(given: inputs.OpenIncident, people: list[tuple[str, str]]) -> Incident:
    if str(given.user_id) not in dict(people):
        raise Invalid(Problem("user_id", _l("Choose one from the list.")))
    return incidents.open_incident(writing(), actor(), **given.model_dump())


@blueprint.get("/privacy/incidents/<uuid:incident_id>")
@requires("privacy.incident.read")
def incident(incident_id: UUID) -> str:
    """Show an incident: the clocks, whom to tell, what was seen by code."""
    return page("privacy/incident.html", **_incident(incident_id))


def _incident(incident_id: UUID) -> dict[str, Any]:
    found = incidents.get_incident(session(), actor(), incident_id)
    return {
        "incident": found,
        "person": get_user(session(), found.user_id),
        "agency": get_agency(session(), found.agency_id),
        "keeps": found.agency_id == actor().agency_id and actor().may("privacy.incident.manage"),
        "words": incidents.words_of(session(), found),
        "records": incidents.list_records(session(), actor(), found),
        "agencies": incidents.list_agencies(session(), actor(), found),
        "now": clock.now(),
        "terms": terms,
        "labels": labels,
    }


@blueprint.get("/privacy/incidents/<uuid:incident_id>/print")
@requires("privacy.incident.manage")
def print_incident(incident_id: UUID) -> str:
    """Print the form of an incident (DS 016-2024-JUS art. 34)."""
    incidents.get_own_incident(session(), actor(), incident_id)
    return page("privacy/incident_print.html", **_incident(incident_id))


@blueprint.route("/privacy/incidents/<uuid:incident_id>/describe", methods=["GET", "POST"])
@requires("privacy.incident.manage")
def describe_incident(incident_id: UUID) -> str | Response | tuple[str, int]:
    """Write what the form of an incident asks of a person."""
    shown = _incident(incident_id)
    incidents.get_own_incident(session(), actor(), incident_id)
    form = Form(
        inputs.Describe,
        initial={**shown["words"], "contact": shown["incident"].contact},
        version=shown["incident"].row_version,
    )
    if form.submit(
        lambda given: incidents.describe(writing(), actor(), incident_id, **given.model_dump())
    ):
        return see_other(url_for("privacy.incident", incident_id=incident_id))
    return form.page("privacy/describe_incident.html", **shown)


@blueprint.post("/privacy/incidents/<uuid:incident_id>/authority")
@requires("privacy.incident.manage")
def authority_told(incident_id: UUID) -> Response:
    """Note that the ANPDP was told."""
    incidents.note_authority_told(writing(), actor(), incident_id)
    return see_other(url_for("privacy.incident", incident_id=incident_id))


@blueprint.post("/privacy/incidents/<uuid:incident_id>/centre")
@requires("privacy.incident.manage")
def centre_told(incident_id: UUID) -> Response:
    """Note that the Centro Nacional de Seguridad Digital was told."""
    incidents.note_centre_told(writing(), actor(), incident_id)
    return see_other(url_for("privacy.incident", incident_id=incident_id))


@blueprint.route("/privacy/incidents/<uuid:incident_id>/people", methods=["GET", "POST"])
@requires("privacy.incident.tell")
def incident_people(incident_id: UUID) -> str | Response:
    """Name the children of the own cases, to tell their families; note that it was done."""
    found = incidents.get_incident(session(), actor(), incident_id)
    if request.method == "POST":
        incidents.note_persons_told(writing(), actor(), incident_id)
        return see_other(url_for("privacy.incident", incident_id=incident_id))
    own = incidents.list_agencies(session(), actor(), found)
    return page(
        "privacy/incident_people.html",
        incident=found,
        people=incidents.list_people(session(), actor(), found),
        told_at=next(
            (each.persons_told_at for each in own if each.agency_id == actor().agency_id), None
        ),
    )
