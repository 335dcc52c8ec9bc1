"""Pages of the privacy officer, and what each person declares and says of own readings."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import clock, places
from portal.agencies.queries import get_agency
from portal.cases.models import Case
from portal.cases.queries import list_children
from portal.deadlines import explain
from portal.errors import Invalid, Problem
from portal.privacy import (
    answers,
    exports,
    incidents,
    inputs,
    labels,
    orders,
    queries,
    services,
    terms,
)
from portal.privacy.models import (
    APART,
    AlertState,
    Incident,
    Piece,
    RequestKind,
    SubjectRequest,
)
from portal.privacy.rules import Declared
from portal.retention.siblings import record_of
from portal.sharing.reviews import review_lines
from portal.texts import _l
from portal.users.queries import get_user
from portal.web import (
    Form,
    actor,
    fresh,
    page,
    requires,
    see_other,
    session,
    settings,
    signed_in,
    writing,
)
from portal.web.render import MenuEntry

blueprint = Blueprint("privacy", __name__)

DESK = "privacy.desk.read"
REVIEW = "privacy.alert.review"
DEPARTMENT = 2
REVIEWS = 50
LAST_MINUTE = timedelta(seconds=59, milliseconds=999)
MENU = (
    MenuEntry(_l("Privacy"), "privacy.desk", DESK, weight=70),
    MenuEntry(_l("Orders and requests"), "privacy.asked", "privacy.request.read", weight=72),
)


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
        copies=exports.list_copies(session(), actor()),
        reviews=review_lines(session(), actor(), REVIEWS),
        now=clock.now(),
        labels=labels,
    )


@blueprint.route("/privacy/alerts/<uuid:alert_id>", methods=["GET", "POST"])
@requires(REVIEW)
def alert(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Look into an unusual reading."""
    found = queries.get_alert(session(), actor(), alert_id)
    form = Form(inputs.Finding, version=found.row_version)
    if form.done(
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
    if form.done(
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
    if form.done(_declare):
        return see_other(url_for("privacy.kin"))
    agency_id = actor().agency_id
    home = (get_agency(session(), agency_id).district or "") if agency_id else ""
    return form.page(
        "privacy/kin.html",
        districts=places.choices(home[:DEPARTMENT] or None),
        has_declared=held != Declared(),
    )


def _declare(given: inputs.Declare) -> None:
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
    # An hour is typed to the minute: all of the last one counts.
    until = given.until + LAST_MINUTE
    return incidents.open_incident(writing(), actor(), **{**given.model_dump(), "until": until})


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
    if form.done(
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


@blueprint.get("/privacy/asked")
@requires("privacy.request.read")
def asked() -> str:
    """List the orders of authorities and what persons ask of their data."""
    return page(
        "privacy/asked.html",
        orders=orders.list_orders(session(), actor()),
        requests=answers.list_requests(session(), actor()),
        labels=labels,
    )


def _of_case(form: Form[Any], template: str, code: str) -> tuple[str, int]:
    """Show a form about a case that the institution leads; without a code, where it is typed."""
    case = orders.led_case(session(), actor(), code) if code else None
    children = list_children(session(), actor(), case) if case else []
    return form.page(
        template,
        case=case,
        code=code,
        children=[(str(child.person_id), child.label) for child in children],
        labels=labels,
    )


def _code() -> str:
    return request.values.get("code", "").replace("\x00", "").strip()[:40]


@blueprint.route("/privacy/orders/new", methods=["GET", "POST"])
@requires("privacy.order.register")
def new_order() -> str | Response | tuple[str, int]:
    """Register an order of an authority about a case."""
    form = Form(inputs.RegisterOrder, initial={"kind": "order"})
    if order := form.submit(
        lambda given: orders.register_order(writing(), actor(), _code(), given)
    ):
        return see_other(url_for("privacy.order", order_id=order.id))
    return _of_case(form, "privacy/new_order.html", _code())


@blueprint.get("/privacy/orders/<uuid:order_id>")
@requires("privacy.order.read")
def order(order_id: UUID) -> str:
    """Show an order: what it asks, who agreed, the copies made by it."""
    return page("privacy/order.html", **_order(order_id))


def _order(order_id: UUID) -> dict[str, Any]:
    found = orders.get_order(session(), actor(), order_id)
    people = {
        name: get_user(session(), user_id).name if user_id else ""
        for name, user_id in (
            ("made", found.made_by),
            ("first", found.first_by),
            ("decided", found.decided_by),
        )
    }
    return {
        "order": found,
        "code": session().get_one(Case, found.case_id).code,
        "agency": get_agency(session(), found.agency_id),
        "words": orders.words_of(session(), actor(), found),
        "people": people,
        "may_decide": actor().may("privacy.order.decide")
        and actor().user_id not in (found.made_by, found.first_by),
        "copies": exports.list_copies(session(), actor(), found.id),
        "labels": labels,
    }


@blueprint.route("/privacy/orders/<uuid:order_id>/decide", methods=["GET", "POST"])
@fresh
@requires("privacy.order.decide")
def decide_order(order_id: UUID) -> str | Response | tuple[str, int]:
    """Agree to an order, or refuse it, with the reason."""
    orders.to_decide(session(), actor(), order_id)
    shown = _order(order_id)
    form = Form(inputs.Reason, version=shown["order"].row_version)
    if form.done(
        lambda given: (orders.approve_order if given.outcome == "agree" else orders.refuse_order)(
            writing(), actor(), order_id, reason=given.reason
        )
    ):
        return see_other(url_for("privacy.order", order_id=order_id))
    return form.page("privacy/decide_order.html", **shown)


@blueprint.get("/privacy/orders/<uuid:order_id>/print")
@requires("privacy.order.decide")
def print_order(order_id: UUID) -> str:
    """Print the answer to an authority."""
    return page("privacy/order_print.html", today_on=clock.today(), **_order(order_id))


@blueprint.route("/privacy/orders/<uuid:order_id>/copy", methods=["GET", "POST"])
@fresh
@requires("privacy.export.make")
def copy_order(order_id: UUID) -> str | Response:
    """Make the copy that an order lets out."""
    found = orders.get_order(session(), actor(), order_id)
    if request.method == "POST":
        made = exports.make_copy(writing(), actor(), found, per_day=settings().copies_per_day)
        return see_other(url_for("privacy.copy", export_id=made.id))
    exports.must_be_granted(found)
    return page(
        "privacy/make_copy.html",
        source=found,
        back=url_for("privacy.order", order_id=order_id),
        labels=labels,
    )


@blueprint.route("/privacy/requests/new", methods=["GET", "POST"])
@requires("privacy.request.register")
def new_request() -> str | Response | tuple[str, int]:
    """Register what a person asks of own data."""
    form = Form(inputs.RegisterRequest, initial={"received_at": clock.now()})
    if found := form.submit(
        lambda given: answers.register_request(writing(), actor(), _code(), given)
    ):
        return see_other(url_for("privacy.asked_by", request_id=found.id))
    return _of_case(form, "privacy/new_request.html", _code())


@blueprint.get("/privacy/requests/<uuid:request_id>")
@requires("privacy.request.read")
def asked_by(request_id: UUID) -> str:
    """Show what a person asks, until when, how that was counted, and what was decided."""
    return page("privacy/request.html", **_request(request_id))


def _request(request_id: UUID) -> dict[str, Any]:
    found = answers.get_request(session(), actor(), request_id)
    able = answers.who_decides(session(), found.agency_id)
    return {
        "asked": found,
        "may_decide": actor().user_id in able and actor().may("privacy.request.decide"),
        "decided_by": answers.decided_by(able),
        "code": session().get_one(Case, found.case_id).code,
        "agency": get_agency(session(), found.agency_id),
        "words": answers.words_of(session(), actor(), found),
        "rule": terms.ANSWERS[found.kind],
        "more": terms.MORE,
        "steps": explain(found.steps),
        "waits": answers.waits_for_correction(found),
        "goes": _what_goes(found),
        "copies": exports.list_copies(session(), actor(), found.id),
        "now": clock.now(),
        "labels": labels,
    }


def _what_goes(found: SubjectRequest) -> UUID | None:
    """Return the record whose erasure carries out a granted cancellation, for who proposes it."""
    granted = found.kind is RequestKind.CANCELLATION and answers.waits_for_correction(found)
    if not granted or not actor().may("retention.erasure.propose"):
        return None
    return record_of(session(), found.case_id, found.person_id)


@blueprint.route("/privacy/requests/<uuid:request_id>/decide", methods=["GET", "POST"])
@fresh
@requires("privacy.request.decide")
def decide_request(request_id: UUID) -> str | Response | tuple[str, int]:
    """Decide what a person asks: first who asks, then what is given and why."""
    answers.to_decide(session(), actor(), request_id)
    shown = _request(request_id)
    form = Form(
        inputs.DecideRequest,
        initial={"pieces": [each.value for each in Piece if each not in APART]},
        version=shown["asked"].row_version,
    )
    if form.done(lambda given: answers.decide_request(writing(), actor(), request_id, given)):
        return see_other(url_for("privacy.asked_by", request_id=request_id))
    choices = [each for each in labels.PIECE.items() if each[0] is not Piece.REPORTER]
    return form.page("privacy/decide_request.html", choices=choices, **shown)


@blueprint.post("/privacy/requests/<uuid:request_id>/more")
@requires("privacy.request.decide")
def more_asked(request_id: UUID) -> Response:
    """Note that the person was asked for what is missing."""
    answers.ask_for_more(writing(), actor(), request_id)
    return see_other(url_for("privacy.asked_by", request_id=request_id))


@blueprint.post("/privacy/requests/<uuid:request_id>/corrected")
@requires("privacy.request.decide")
def corrected(request_id: UUID) -> Response:
    """Note that what was granted was carried out."""
    answers.note_corrected(writing(), actor(), request_id)
    return see_other(url_for("privacy.asked_by", request_id=request_id))


@blueprint.get("/privacy/requests/<uuid:request_id>/print")
@requires("privacy.request.decide")
def print_request(request_id: UUID) -> str:
    """Print the answer to the person."""
    return page("privacy/request_print.html", today_on=clock.today(), **_request(request_id))


@blueprint.route("/privacy/requests/<uuid:request_id>/copy", methods=["GET", "POST"])
@fresh
@requires("privacy.export.make")
def copy_request(request_id: UUID) -> str | Response:
    """Make the copy that is given to the person."""
    found = answers.get_request(session(), actor(), request_id)
    if request.method == "POST":
        made = exports.make_copy(writing(), actor(), found, per_day=settings().copies_per_day)
        return see_other(url_for("privacy.copy", export_id=made.id))
    exports.must_be_granted(found)
    back = url_for("privacy.asked_by", request_id=request_id)
    return page("privacy/make_copy.html", source=found, back=back, labels=labels)


@blueprint.route("/privacy/copies/<uuid:export_id>", methods=["GET", "POST"])
@fresh
@requires("privacy.export.make")
def copy(export_id: UUID) -> str | Response:
    """Show how a copy stands to its maker; fetching it deletes it here."""
    if request.method == "POST":
        content = exports.fetch_copy(writing(), actor(), export_id)
        made = exports.get_copy(session(), actor(), export_id)
        response = Response(content, mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{made.number}.pdf"'
        return response
    made = exports.get_copy(session(), actor(), export_id)
    return page("privacy/copy.html", made=made, until=exports.ends_at(made), labels=labels)
