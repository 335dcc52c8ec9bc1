"""Pages of alerts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from portal import clock
from portal.access.queries import who_is_on_duty
from portal.agencies.competence import propose
from portal.agencies.queries import get_agency, list_agencies
from portal.alerts import inputs, labels, queries, services
from portal.alerts.duty import duties
from portal.alerts.models import WAITING, Alert
from portal.alerts.rules import suggest_priority
from portal.cases import labels as case_labels
from portal.cases.queries import find_case
from portal.db.paging import decode, encode
from portal.errors import NotFound
from portal.people.inputs import PersonInput
from portal.people.labels import document_choices, sex_choices
from portal.people.rules import Typed, age_text, full_name, initials
from portal.places.catalogue import HOME
from portal.places.queries import choices as district_choices
from portal.places.queries import full_name_of
from portal.search.alike import alike_to, typed_names
from portal.search.results import Row
from portal.search.services import note_alike
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, write_first, writing
from portal.web.render import MenuEntry
from portal.web.request import after_refusal

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")

MENU = (MenuEntry(_l("Alerts"), "alerts.index", "alerts.alert.read", weight=20),)


@blueprint.get("")
@requires("alerts.alert.read")
def index() -> str:
    """List the alerts received or sent; who attends to none begins with those sent."""
    box = request.args.get("box")
    if box not in ("in", "out"):
        box = "in" if actor().attends else "out"
    waiting = not request.args.get("all")
    list_id = request.args.get("list", type=UUID)
    found = queries.list_alerts(
        session(),
        actor(),
        box=box,
        waiting=waiting,
        list_id=list_id,
        before=decode(request.args.get("before"), (datetime, UUID)),
        limit=queries.PAGE + 1,
    )
    last = found[queries.PAGE - 1] if len(found) > queries.PAGE else None
    found = found[: queries.PAGE]
    kept = {"box": box, "all": None if waiting else "1", "list": list_id}
    return page(
        "alerts/index.html",
        rows=found,
        duties=duties(session(), found),
        box=box,
        waiting=waiting,
        list_id=list_id,
        kept=kept,
        following=encode((last.created_at, last.id)) if last else None,
        labels=labels,
        places={row.district: full_name_of(row.district) for row in found},
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires("alerts.alert.send")
def new() -> str | Response | tuple[str, int]:
    """Register an alert with what is known; shows where it goes before it is sent."""
    form = Form(inputs.SendAlert, initial={"situation": "undecided", "learned_at": clock.now()})
    looking = "_look" in request.form
    if not looking and (
        alert := form.submit(lambda given: services.send_alert(writing(), actor(), given))
    ):
        return see_other(url_for("alerts.sent", alert_id=alert.id))
    return form.page(
        "alerts/new.html",
        districts=district_choices(HOME),
        situations=case_labels.choices(case_labels.SITUATION),
        priorities=case_labels.choices(case_labels.PRIORITY),
        signs=[(sign.value, label) for sign, label in labels.SIGN.items()],
        authorities=_authorities() if looking or form.posted or form.value("authority_id") else [],
        sexes=sex_choices(children=True),
        documents=document_choices(),
        destination=_destination(form) if looking else None,
        alike=_known() if looking or form.added else [],
    )


def _known() -> list[Row]:
    """Return who bears a name typed here, of those one may see, where no script asks for it."""
    names = typed_names(request.form)
    if names:
        write_first(lambda writer: note_alike(writer, actor(), names))
    return alike_to(session(), actor(), names)


def _authorities() -> list[tuple[str, str]]:
    return [
        (str(agency.id), agency.name) for agency in list_agencies(session(), services.AUTHORITIES)
    ]


def _destination(form: Form[inputs.SendAlert]) -> dict[str, Any] | None:
    """Return where the alert would go and how pressing it looks, from what stands in the form."""
    district = form.value("district")
    if not district:
        return None
    proposal = propose(session(), form.value("situation") or "undecided", district)
    given = form.read()
    people = given.children if given else []
    priority, why = suggest_priority(
        form.values("signs"), [_aged(child) for child in people], clock.today()
    )
    form.problems.clear()
    form.status = 200
    duty = who_is_on_duty(session(), proposal.agency_id) if proposal.agency_id else None
    return {
        "proposal": proposal,
        "priority": case_labels.PRIORITY[priority],
        "why": why,
        "on_duty": duty,
    }


def _aged(child: PersonInput) -> Typed:
    """Return a typed child as one whose age can be told: an estimate counts from today."""
    return Typed(child.born_on, child.estimated_age, clock.today())


@blueprint.get("/<uuid:alert_id>/sent")
@requires("alerts.alert.send")
def sent(alert_id: UUID) -> str:
    """Show its sender whom to call now and what will be told."""
    alert = queries.get_alert(session(), actor(), alert_id)
    return page("alerts/sent.html", **_shown(alert))


def _shown(alert: Alert) -> dict[str, Any]:
    authority = get_agency(session(), alert.authority_id)
    return {
        "alert": alert,
        "authority": authority,
        "sender": get_agency(session(), alert.sender_id),
        "on_duty": who_is_on_duty(session(), authority.id),
        "place": full_name_of(alert.district),
        "labels": labels,
        "case_labels": case_labels,
    }


@blueprint.get("/<uuid:alert_id>")
@requires("alerts.alert.read")
def show(alert_id: UUID) -> str:
    """Show an alert: to its authority whole, to its sender what was sent and what became of it."""
    alert = queries.get_alert(session(), actor(), alert_id)
    receives = queries.is_receiver(session(), actor(), alert)
    if receives and alert.opened_at is None and alert.authority_id == actor().agency_id:
        _note_opened(alert_id)
    children = queries.children_of_alerts(session(), [alert.id])[alert.id]
    case = find_case(session(), actor(), alert.case_id) if alert.case_id else None
    try:
        reporter = queries.reporter_of(session(), actor(), alert)
    except NotFound:
        reporter = None
    return page(
        "alerts/show.html",
        children=[
            (full_name(child), initials(child), age_text(child, clock.today()))
            for child in children
        ],
        where=queries.where_of(session(), alert),
        reporter=reporter,
        may_open_reporter=queries.may_open_reporter(actor(), alert),
        receives=receives,
        attends=receives
        and alert.status in WAITING
        and services.may_decide(session(), actor(), alert),
        takes_up=services.may_take_up(actor()),
        is_waiting=alert.status in WAITING,
        duty=duties(session(), [alert]).get(alert.id),
        case=case,
        **_shown(alert),
    )


def _note_opened(alert_id: UUID) -> None:
    """Note that the alert was opened, in a short transaction of its own after the page is made."""
    who = actor()

    def write(writer: Session) -> None:
        services.note_opened(writer, who, alert_id)

    after_refusal(write)


@blueprint.get("/<uuid:alert_id>/reporter")
@requires("alerts.alert.attend")
def reporter(alert_id: UUID) -> str:
    """Open a reserved identity; the opening is recorded."""
    alert = queries.get_alert(session(), actor(), alert_id)
    name = queries.open_reporter(session(), actor(), alert)
    return page("alerts/reporter.html", name=name, **_shown(alert))


@blueprint.route("/<uuid:alert_id>/accept", methods=["GET", "POST"])
@requires("alerts.alert.attend")
def accept(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Take the alert up as a case."""
    alert = services.to_accept(session(), actor(), alert_id)
    form = Form(inputs.AcceptAlert, version=alert.row_version)
    if case := form.submit(
        lambda given: services.accept_alert(
            writing(), actor(), alert_id, sender_collaborates=given.sender_collaborates
        )
    ):
        return see_other(url_for("cases.show", code=case.code))
    return form.page("alerts/accept.html", **_shown(alert))


@blueprint.route("/<uuid:alert_id>/pass-on", methods=["GET", "POST"])
@requires("alerts.alert.attend")
def pass_on(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Hand the alert to whom it belongs."""
    alert = services.to_attend(session(), actor(), alert_id)
    form = Form(inputs.PassOnAlert, version=alert.row_version)
    if form.done(
        lambda given: services.pass_on_alert(writing(), actor(), alert_id, **given.model_dump())
    ):
        return see_other(url_for("alerts.index"))
    return form.page("alerts/pass_on.html", authorities=_authorities(), **_shown(alert))


@blueprint.route("/<uuid:alert_id>/join", methods=["GET", "POST"])
@requires("alerts.alert.attend")
def join(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Take the alert up in a case that exists."""
    alert = services.to_attend(session(), actor(), alert_id)
    form = Form(inputs.JoinAlert, version=alert.row_version)
    if case := form.submit(
        lambda given: services.join_alert(writing(), actor(), alert_id, code=given.code)
    ):
        return see_other(url_for("cases.show", code=case.code))
    return form.page("alerts/join.html", **_shown(alert))


@blueprint.route("/<uuid:alert_id>/archive", methods=["GET", "POST"])
@requires("alerts.alert.attend")
def archive(alert_id: UUID) -> str | Response | tuple[str, int]:
    """End the alert by reasoned resolution."""
    alert = services.to_attend(session(), actor(), alert_id)
    form = Form(inputs.ArchiveAlert, version=alert.row_version)
    if form.done(
        lambda given: services.archive_alert(
            writing(), actor(), alert_id, kind=given.kind, reason=given.reason
        )
    ):
        return see_other(url_for("alerts.index"))
    kinds = [(kind.value, label) for kind, label in labels.ARCHIVE.items()]
    return form.page("alerts/archive.html", kinds=kinds, **_shown(alert))


@blueprint.route("/<uuid:alert_id>/withdraw", methods=["GET", "POST"])
@requires("alerts.alert.send")
def withdraw(alert_id: UUID) -> str | Response | tuple[str, int]:
    """Take back an alert that one's institution sent."""
    alert = services.to_withdraw(session(), actor(), alert_id)
    form = Form(inputs.WithdrawAlert, version=alert.row_version)
    if form.done(
        lambda given: services.withdraw_alert(writing(), actor(), alert_id, reason=given.reason)
    ):
        return see_other(url_for("alerts.show", alert_id=alert_id))
    return form.page("alerts/withdraw.html", **_shown(alert))
