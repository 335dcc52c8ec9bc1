"""Pages of referrals."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from sqlmodel import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal import clock
from portal.access.queries import has_nobody, has_receivers, has_users
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency, list_agencies
from portal.cases import labels as case_labels
from portal.cases.models import Case, Level, Priority
from portal.cases.queries import case_to_act, list_children
from portal.cases.rules import WORKERS
from portal.councils.silent import agenda_of
from portal.deadlines.queries import calendar_for
from portal.documents.queries import list_for_piece
from portal.errors import NotFound
from portal.host.slots import ChildView
from portal.places import fold
from portal.referrals import inputs, labels, letters, queries, services
from portal.referrals.models import OWED, PIECE, LetterKind, Referral, ReferralStatus, Silence
from portal.referrals.rules import IdentityField, minimum_for
from portal.texts import _l
from portal.web import (
    Form,
    actor,
    page,
    requires,
    see_other,
    session,
    taken,
    takes_files,
    writing,
)
from portal.web.render import MenuEntry
from portal.web.request import after_refusal, settings

blueprint = Blueprint("referrals", __name__)

MENU = (MenuEntry(_l("Referrals"), "referrals.index", "referrals.referral.read", weight=40),)


@blueprint.get("/referrals")
@requires("referrals.referral.read")
def index() -> str:
    """List what the institution received or sent, soonest answer first."""
    box = "out" if request.args.get("box") == "out" else "in"
    is_open = not request.args.get("all")
    found = queries.list_referrals(session(), actor(), box=box, is_open=is_open)
    return page(
        "referrals/index.html",
        rows=found,
        box=box,
        is_open=is_open,
        labels=labels,
        rights=case_labels.RIGHT,
    )


# Business days until the answer, proposed by priority: ours, no term of a norm.
ANSWER_DAYS = {Priority.IMMEDIATE: 1, Priority.HIGH: 3, Priority.REGULAR: 5}


@blueprint.route("/cases/<code>/referrals/new", methods=["GET", "POST"])
@requires("referrals.referral.send")
def new(code: str) -> str | Response | tuple[str, int]:
    """Refer: to whom, what, for whom, by when; it is sent once seen exactly as the receiver will.

    Where the institution, the children or what is shared changed since it was last shown, it is
    shown again instead of sent.
    """
    case, access = case_to_act(session(), actor(), code, *WORKERS)
    children = list_children(session(), actor(), case)
    form = Form(inputs.SendReferral, initial=_proposed(case, children))
    receiver = _receiver(form)
    looking = "_look" in request.form or request.form.get("shown") != _mark(form)
    if not looking and (
        referral := form.submit(
            lambda given: services.send_referral(writing(), actor(), case.id, given)
        )
    ):
        return see_other(url_for("referrals.show", referral_id=referral.id))
    _tick_minimum(form, receiver)
    return form.page(
        "referrals/new.html",
        case=case,
        receiver=receiver,
        shown=_mark(form),
        unseen=receiver is not None
        and has_users(session(), receiver.id)
        and not has_receivers(session(), receiver.id),
        asks_to_look=looking and form.posted and "_look" not in request.form,
        seen=queries.as_shared(
            session(), case, _chosen(form, children), form.values("identity_fields")
        )
        if receiver
        else [],
        leads=access.level is Level.LEAD,
        agencies=_receivers(actor().agency_id),
        children=[(str(each.person_id), f"{each.label}, {each.age_text}") for each in children],
        rights=case_labels.choices(case_labels.RIGHT),
        priorities=case_labels.choices(case_labels.PRIORITY),
        fields=[(field.value, labels.FIELD[field]) for field in IdentityField],
        labels=labels,
        lead=get_agency(session(), case.lead_agency_id),
        own=get_agency(session(), own) if (own := actor().agency_id) else None,
    )


def _proposed(case: Case, children: list[ChildView]) -> dict[str, Any]:
    own = actor().agency_id
    calendar = calendar_for(session(), get_agency(session(), own) if own else None)
    to = request.args.get("to", "")
    receiver = _find_agency(to)
    return {
        "priority": case.priority.value,
        "person_ids": [str(child.person_id) for child in children],
        "identity_fields": [field.value for field in minimum_for(receiver.kind)]
        if receiver
        else [],
        "to_agency_id": to,
        "right": request.args.get("right", ""),
        "due_on": calendar.after(clock.today(), ANSWER_DAYS[case.priority]),
    }


def _find_agency(agency_id: str) -> Agency | None:
    try:
        return get_agency(session(), UUID(agency_id))
    except (ValueError, NotFound):
        return None


def _receiver(form: Form[inputs.SendReferral]) -> Agency | None:
    return _find_agency(form.value("to_agency_id"))


def _mark(form: Form[inputs.SendReferral]) -> str:
    """Return what decides what the receiver sees: where it differs, it must be shown again."""
    ticked = (sorted(form.values(name)) for name in ("person_ids", "identity_fields"))
    return "|".join([form.value("to_agency_id"), *(",".join(each) for each in ticked)])


def _tick_minimum(form: Form[inputs.SendReferral], receiver: Agency | None) -> None:
    """Tick the minimum for the receiver's kind where another institution was chosen."""
    shown_for = request.form.get("shown", "").split("|")[0]
    if form.posted and receiver is not None and str(receiver.id) != shown_for:
        form.data = MultiDict(form.data)
        form.data.setlist("identity_fields", [each.value for each in minimum_for(receiver.kind)])


def _chosen(form: Form[inputs.SendReferral], children: list[ChildView]) -> list[UUID]:
    """Return the children of the case that are ticked."""
    ticked = set(form.values("person_ids"))
    return [each.person_id for each in children if str(each.person_id) in ticked]


def _receivers(own: UUID | None) -> list[tuple[str, str]]:
    """Return to whom one may refer; a unit stands under the institution that it belongs to."""
    agencies = list_agencies(session())
    names = {agency.id: agency.name for agency in agencies}
    labelled = [
        (str(agency.id), f"{names[agency.parent_id]} › {agency.name}")
        if agency.parent_id in names
        else (str(agency.id), agency.name)
        for agency in agencies
        if agency.id != own
    ]
    return sorted(labelled, key=lambda each: fold(each[1]))


@blueprint.get("/referrals/<uuid:referral_id>")
@requires("referrals.referral.read")
def show(referral_id: UUID) -> str:
    """Show a referral: to its receiver, what is asked and the fields ticked for it."""
    referral = queries.get_referral(session(), actor(), referral_id)
    if referral.to_agency_id == actor().agency_id and referral.opened_at is None:
        _note_opened(referral_id)
    return page("referrals/show.html", **_shown(referral))


def _note_opened(referral_id: UUID) -> None:
    who = actor()

    def write(writer: Session) -> None:
        services.note_opened(writer, who, referral_id)

    after_refusal(write)


def _shown(referral: Referral) -> dict[str, Any]:
    receives = referral.to_agency_id == actor().agency_id
    sends = referral.from_agency_id == actor().agency_id
    receiver = get_agency(session(), referral.to_agency_id)
    sender = get_agency(session(), referral.from_agency_id)
    answers_itself = has_users(session(), receiver.id)
    should_go_to = get_agency(session(), referral.should_go_to) if referral.should_go_to else None
    return {
        "referral": referral,
        "answers": queries.list_answers(session(), referral),
        "documents": list_for_piece(session(), actor(), PIECE, referral.id),
        "receives": receives,
        "sends": sends,
        "may_answer": (receives and referral.status is ReferralStatus.ACCEPTED)
        or (sends and referral.status in OWED and not answers_itself),
        "may_note": referral.is_open and (receives or (sends and not answers_itself)),
        "answers_itself": answers_itself,
        "letters": [
            (each, letters.number_of(each, sender))
            for each in letters.list_letters(session(), referral)
        ],
        "receipt": letters.receipt_lines(session(), referral, receiver),
        "row": queries.row_of(session(), actor(), referral),
        "agenda": agenda_of(session(), referral) if referral.silence is Silence.COUNCIL else None,
        "unattended": sends and referral.is_open and has_nobody(session(), receiver.id),
        "sender": sender,
        "receiver": receiver,
        "lead": queries.lead_of(session(), referral),
        "case": queries.case_of(session(), actor(), referral),
        "children": queries.shared_children(session(), referral),
        "should_go_to": should_go_to,
        "sent_on": queries.sent_on_as(session(), actor(), referral)
        if referral.settled_at
        else None,
        "via": get_agency(session(), referral.via_agency_id) if referral.via_agency_id else None,
        "has_units": receives
        and referral.status in OWED
        and bool(services.open_units(session(), receiver.id)),
        "will_see": [labels.FIELD[field] for field in minimum_for(should_go_to.kind)]
        if should_go_to
        else [],
        "labels": labels,
        "rights": case_labels.RIGHT,
        "priorities": case_labels.PRIORITY,
    }


@blueprint.post("/referrals/<uuid:referral_id>/accept")
@requires("referrals.referral.answer")
def accept(referral_id: UUID) -> Response:
    """Take the referral on."""
    services.accept_referral(writing(), actor(), referral_id)
    return see_other(url_for("referrals.show", referral_id=referral_id))


@blueprint.route("/referrals/<uuid:referral_id>/pass-on", methods=["GET", "POST"])
@requires("referrals.referral.answer")
def pass_on(referral_id: UUID) -> str | Response | tuple[str, int]:
    """Hand the referral to a unit of one's own institution."""
    referral, _case = services.to_take(session(), actor(), referral_id, *OWED)
    form = Form(inputs.PassReferral, version=referral.row_version)
    if form.done(lambda given: services.pass_on_referral(writing(), actor(), referral_id, given)):
        return see_other(url_for("referrals.show", referral_id=referral_id))
    return form.page(
        "referrals/pass_on.html",
        units=[
            (str(unit.id), unit.name)
            for unit in services.open_units(session(), referral.to_agency_id)
        ],
        **_shown(referral),
    )


@blueprint.route("/referrals/<uuid:referral_id>/return", methods=["GET", "POST"])
@requires("referrals.referral.answer")
def give_back(referral_id: UUID) -> str | Response | tuple[str, int]:
    """Return the referral with a reason, naming who should have it."""
    referral, _case = services.to_take(session(), actor(), referral_id, ReferralStatus.SENT)
    form = Form(inputs.ReturnReferral, version=referral.row_version)
    if form.done(lambda given: services.return_referral(writing(), actor(), referral_id, given)):
        return see_other(url_for("referrals.index"))
    return form.page(
        "referrals/return.html",
        reasons=[(reason.value, label) for reason, label in labels.REASON.items()],
        agencies=[
            (str(agency.id), agency.name)
            for agency in list_agencies(session())
            if agency.id not in (referral.from_agency_id, referral.to_agency_id)
        ],
        **_shown(referral),
    )


@blueprint.route("/referrals/<uuid:referral_id>/answer", methods=["GET", "POST"])
@takes_files
@requires("referrals.referral.answer")
def answer(referral_id: UUID) -> str | Response | tuple[str, int]:
    """Answer the referral; a final answer may say that the right is restored."""
    referral = queries.get_referral(session(), actor(), referral_id)
    services.answers_for_them(session(), actor(), referral)
    receiver = get_agency(session(), referral.to_agency_id)
    is_health = receiver.kind is AgencyKind.HEALTH
    model: type[Any] = inputs.AnswerHealth if is_health else inputs.AnswerReferral
    form = Form(model, version=referral.row_version)
    content = taken(form, required=False)
    if form.done(
        lambda given: services.answer_referral(writing(), actor(), referral_id, given, content)
    ):
        return see_other(url_for("referrals.show", referral_id=referral_id))
    return form.page(
        "referrals/answer.html",
        is_health=is_health,
        outcomes=case_labels.choices(labels.OUTCOME),
        **_shown(referral),
    )


@blueprint.route("/referrals/<uuid:referral_id>/receipt", methods=["GET", "POST"])
@requires("referrals.referral.answer")
def receipt(referral_id: UUID) -> str | Response | tuple[str, int]:
    """Note the number that the receiver gave it; for one without users, when it was received."""
    referral = services.to_note(session(), actor(), referral_id)
    form = Form(
        inputs.NoteReceipt,
        version=referral.row_version,
        initial={"number": referral.receiver_number, "received_at": referral.opened_at},
    )
    if form.done(lambda given: services.note_receipt(writing(), actor(), referral_id, given)):
        return see_other(url_for("referrals.show", referral_id=referral_id))
    return form.page("referrals/receipt.html", **_shown(referral))


@blueprint.get("/referrals/<uuid:referral_id>/letter.pdf")
@requires("referrals.referral.read")
def letter(referral_id: UUID) -> Response:
    """Hand out the official letter as PDF: of the referral, or to the head of the receiver."""
    kind = LetterKind.HEAD if request.args.get("to") == "head" else LetterKind.REFERRAL
    number, drawn = letters.draw(session(), actor(), referral_id, kind, settings().year_names)
    return Response(
        drawn,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="oficio-{number}.pdf"'},
    )


@blueprint.post("/referrals/<uuid:referral_id>/close")
@requires("referrals.referral.send")
def close(referral_id: UUID) -> Response:
    """Take note of the answer."""
    services.close_referral(writing(), actor(), referral_id)
    return see_other(url_for("referrals.show", referral_id=referral_id))


@blueprint.post("/referrals/<uuid:referral_id>/resend")
@requires("referrals.referral.send")
def resend(referral_id: UUID) -> Response:
    """Send a returned referral to whom its receiver named."""
    sent = services.resend_referral(writing(), actor(), referral_id)
    return see_other(url_for("referrals.show", referral_id=sent.id))


@blueprint.post("/referrals/<uuid:referral_id>/settle")
@requires("referrals.referral.send")
def settle(referral_id: UUID) -> Response:
    """Take note that a referral was returned."""
    services.settle_referral(writing(), actor(), referral_id)
    return see_other(url_for("referrals.show", referral_id=referral_id))


@blueprint.post("/referrals/<uuid:referral_id>/withdraw")
@requires("referrals.referral.send")
def withdraw(referral_id: UUID) -> Response:
    """Take the referral back."""
    services.withdraw_referral(writing(), actor(), referral_id)
    return see_other(url_for("referrals.show", referral_id=referral_id))
