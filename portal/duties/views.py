"""Pages of signs and mandatory notices, under the case that they stand on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.agencies.models import Agency
from portal.agencies.queries import list_agencies
from portal.cases.models import Case
from portal.cases.queries import access_to_act, get_case, list_children
from portal.duties import inputs, labels, queries, services
from portal.duties.catalogue import AFTER_CLOSING, BY_CODE, Notice, notices_of
from portal.duties.models import FOUND, Duty
from portal.errors import Conflict, Forbidden, NotFound
from portal.referrals import labels as referral_labels
from portal.referrals.rules import IdentityField, minimum_for
from portal.texts import _l
from portal.web import Form, actor, page, requires, see_other, session, writing

blueprint = Blueprint("duties", __name__, url_prefix="/cases/<code>/duties")

Answer = str | Response | tuple[str, int]


def _open(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case that is read whole and what every page of its notices shows."""
    case = get_case(session(), actor(), code)
    access = access_to_act(session(), actor(), case)
    if not access.reads_all:
        raise NotFound
    children = list_children(session(), actor(), case)
    return case, {
        "case": case,
        "gives": access.leads and case.is_open and actor().may("duties.duty.give"),
        "gives_after": access.leads and actor().may("duties.duty.give"),
        "after_closing": AFTER_CLOSING,
        "names": {child.person_id: child.label for child in children},
        "children": [
            (str(child.person_id), f"{child.label}, {child.age_text}") for child in children
        ],
        "labels": labels,
    }


@blueprint.get("")
@requires("duties.duty.read")
def index(code: str) -> str:
    """Show who must be told of what, by when, how it was counted, and how each notice stands."""
    case, shown = _open(code)
    return page(
        "duties/index.html",
        duties=queries.list_for_case(session(), actor(), case),
        signs=queries.list_signs(session(), actor(), case),
        cautions={each.code: each.caution for each in BY_CODE.values() if each.caution},
        **shown,
    )


def _to_give(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case whose notices the acting agency gives; raises Forbidden for the others."""
    case, shown = _open(code)
    if not shown["gives"]:
        raise Forbidden(_l("The institution in charge gives the notices of an open case."))
    return case, shown


def _back(case: Case) -> Response:
    return see_other(url_for("duties.index", code=case.code))


@blueprint.route("/sign", methods=["GET", "POST"])
@requires("duties.duty.give")
def sign(code: str) -> Answer:
    """Record a sign; what each obliges to tell stands beside it."""
    case, shown = _to_give(code)
    form = Form(inputs.AddSign)
    if form.done(lambda given: services.add_sign(writing(), actor(), case.id, given)):
        return _back(case)
    kind = actor().agency_kind
    return form.page(
        "duties/sign.html",
        signs=[(each.value, labels.SIGN[each]) for each in FOUND],
        obliges=[
            (labels.SIGN[each], [notice.term for notice in notices_of(each, kind)])
            for each in FOUND
        ],
        **shown,
    )


@blueprint.route("/signs/<uuid:sign_id>/withdraw", methods=["GET", "POST"])
@requires("duties.duty.give")
def withdraw(code: str, sign_id: UUID) -> Answer:
    """Withdraw a sign that was a mistake."""
    case, shown = _to_give(code)
    found = queries.get_sign(session(), actor(), case, sign_id)
    found.must_stand()
    form = Form(inputs.GiveReason)
    if form.done(
        lambda given: services.withdraw_sign(
            writing(), actor(), case.id, sign_id, reason=given.reason
        )
    ):
        return _back(case)
    return form.page("duties/withdraw.html", sign=found, **shown)


def _notice(code: str, duty_id: UUID) -> tuple[Case, Duty, dict[str, Any]]:
    case, shown = _open(code)
    duty = queries.get_duty(session(), actor(), duty_id)
    if not (shown["gives"] or (duty.rule_code in AFTER_CLOSING and shown["gives_after"])):
        raise Forbidden(_l("The institution in charge gives the notices of an open case."))
    if duty.case_id != case.id or duty.rule_code not in BY_CODE:
        raise NotFound
    return case, duty, {**shown, "duty": duty, "notice": BY_CODE[duty.rule_code]}


def _addressees(case: Case, notice: Notice) -> list[Agency]:
    """Return the institutions of the kinds that are told, those of the case's place first."""
    found = list_agencies(session(), notice.to)
    near = case.district

    def far(agency: Agency) -> tuple[int, int, str]:
        same = next(
            (size for size in (6, 4, 2) if (agency.district or "")[:size] == near[:size]), 0
        )
        return list(notice.to).index(agency.kind), -same, agency.name

    own = actor().agency_id
    return sorted((agency for agency in found if agency.id != own), key=far)


@blueprint.route("/<uuid:duty_id>/refer", methods=["GET", "POST"])
@requires("duties.duty.give")
def refer(code: str, duty_id: UUID) -> Answer:
    """Tell an institution that uses the portal: its words and minimum stand there already."""
    case, duty, shown = _notice(code, duty_id)
    if not case.is_open:
        raise Conflict(_l("This case is closed: give the notice by an oficio."))
    notice: Notice = shown["notice"]
    agencies = _addressees(case, notice)
    named = (
        [str(duty.person_id)] if duty.person_id else [value for value, _label in shown["children"]]
    )
    duty.must_be(duty.may_be_sent)
    form = Form(
        inputs.TellByReferral,
        initial={
            "to_agency_id": str(agencies[0].id) if agencies else "",
            "asked": str(notice.asked),
            "person_ids": named,
            "identity_fields": [each.value for each in minimum_for(notice.to[0])],
        },
        version=duty.row_version,
    )
    if form.done(lambda given: services.tell_by_referral(writing(), actor(), duty_id, given)):
        return _back(case)
    return form.page(
        "duties/refer.html",
        agencies=[(str(each.id), each.name) for each in agencies],
        fields=[(each.value, referral_labels.FIELD[each]) for each in IdentityField],
        **shown,
    )


@blueprint.route("/<uuid:duty_id>/letter", methods=["GET", "POST"])
@requires("duties.duty.give")
def letter(code: str, duty_id: UUID) -> Answer:
    """Record the oficio that was sent outside the portal."""
    case, duty, shown = _notice(code, duty_id)
    duty.must_be(duty.may_be_sent)
    form = Form(
        inputs.TellByLetter,
        initial={"dated": clock.today().isoformat()},
        version=duty.row_version,
    )
    if form.done(lambda given: services.tell_by_letter(writing(), actor(), duty_id, given)):
        return _back(case)
    agencies = [(str(each.id), each.name) for each in _addressees(case, shown["notice"])]
    return form.page("duties/letter.html", agencies=agencies, **shown)


def _short(
    code: str,
    duty_id: UUID,
    may: Callable[[Duty], bool],
    model: type[Any],
    template: str,
    act: Callable[[Any], Any],
) -> Answer:
    case, duty, shown = _notice(code, duty_id)
    duty.must_be(may(duty))
    form: Form[Any] = Form(model, version=duty.row_version)
    if form.done(act):
        return _back(case)
    return form.page(template, **shown)


@blueprint.route("/<uuid:duty_id>/confirm", methods=["GET", "POST"])
@requires("duties.duty.give")
def confirm(code: str, duty_id: UUID) -> Answer:
    """Enter the addressee's own document."""
    return _short(
        code,
        duty_id,
        lambda duty: duty.may_be_confirmed,
        inputs.Confirm,
        "duties/confirm.html",
        lambda given: services.confirm(writing(), actor(), duty_id, given),
    )


@blueprint.route("/<uuid:duty_id>/refuse", methods=["GET", "POST"])
@requires("duties.duty.give")
def refuse(code: str, duty_id: UUID) -> Answer:
    """Decide with a reason that nobody is told."""
    return _short(
        code,
        duty_id,
        lambda duty: duty.may_be_refused,
        inputs.GiveReason,
        "duties/refuse.html",
        lambda given: services.refuse(writing(), actor(), duty_id, reason=given.reason),
    )
