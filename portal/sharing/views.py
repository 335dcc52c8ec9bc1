"""Pages about who sees a case, and of emergency access."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from portal import clock
from portal.access import staff
from portal.access.queries import case_workers, who_is_on_duty
from portal.actor import AgencyKind, Role
from portal.agencies.queries import list_agencies
from portal.cases import labels as case_labels
from portal.cases.models import Case, CaseBar, Circle, Level
from portal.cases.queries import (
    case_to_act,
    codes_of,
    find_case,
    get_entry,
    list_parties,
)
from portal.cases.rules import WORKERS
from portal.cases.services import assign_many, set_shield
from portal.cases.services import unassign as end_assignment
from portal.db.paging import decode, encode
from portal.deadlines import explain
from portal.errors import Invalid, NotFound
from portal.places.catalogue import HOME
from portal.places.queries import choices as district_choices
from portal.sharing import bars, circles, emergency, inputs, labels, parties, reviews, transfers
from portal.sharing import who as who_sees
from portal.texts import _l
from portal.web import (
    Form,
    actor,
    ending,
    fresh,
    page,
    requires,
    see_other,
    session,
    settings,
    signed_in,
    write_first,
    writing,
)
from portal.web.render import MenuEntry
from portal.web.request import after_refusal

blueprint = Blueprint("sharing", __name__)

LOOKS = 50

MENU = (
    MenuEntry(
        _l("Staff session"),
        "sharing.staff_session",
        "sharing.staff.open",
        section="admin",
        weight=95,
    ),
)


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
        districts=district_choices(HOME),
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
    if form.done(lambda given: reviews.review(writing(), actor(), grant_id, given)):
        return see_other(url_for("sharing.review", grant_id=grant_id))
    reason, words = reviews.words_of(session(), actor(), row)
    return form.page("sharing/review.html", row=row, reason=reason, words=words, labels=labels)


def _case(code: str, *levels: Level) -> tuple[Case, dict[str, Any]]:
    """Return the case that a page is about; raises as `case_to_act`."""
    case, access = case_to_act(session(), actor(), code, *levels)
    return case, {"case": case, "access": access, "labels": labels, "case_labels": case_labels}


def _to_who(case: Case) -> Response:
    return see_other(url_for("sharing.who", code=case.code))


@blueprint.get("/cases/<code>/who")
@requires("sharing.who.read")
def who(code: str) -> str:
    """Show who sees this and why: institutions, people, emergencies, bars, and who looked."""
    case, shown = _case(code)
    person, agency = _chosen("person"), _chosen("agency")
    before = decode(request.args.get("before"), (datetime, UUID))
    looks = who_sees.list_looks(
        session(),
        actor(),
        case,
        user_id=person,
        agency_id=agency,
        before=before,
        limit=LOOKS + 1,
    )
    older = encode((looks[LOOKS - 1].at, looks[LOOKS - 1].id)) if len(looks) > LOOKS else None
    kept = {"person": request.args.get("person", ""), "agency": request.args.get("agency", "")}
    coordinates = shown["access"].leads and actor().has_role(Role.COORDINATOR)
    return page(
        "sharing/who.html",
        parties=list_parties(session(), actor(), case, shown["access"]),
        people=who_sees.list_own_people(session(), actor(), case),
        counts=who_sees.count_people(session(), actor(), case),
        grants=reviews.list_grants(session(), case) if coordinates else [],
        bars=bars.list_bars(session(), actor(), case),
        coordinates=coordinates,
        looks=looks[:LOOKS],
        lookers=who_sees.list_lookers(session(), actor(), case),
        kept=kept,
        older="?" + urlencode({**kept, "before": older}) + "#looks" if older else "",
        **shown,
    )


def _chosen(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


@blueprint.route("/cases/<code>/parties/new", methods=["GET", "POST"])
@requires("cases.party.manage")
def share(code: str) -> str | Response | tuple[str, int]:
    """Bring an institution onto the case, on a legal basis, with what it will read before one."""
    case, shown = _case(code, *WORKERS)
    form = Form(
        inputs.ShareWith,
        initial={"level": "informed", "agency_id": request.args.get("agency", "")},
    )
    if form.done(lambda given: parties.share_with(writing(), actor(), case.id, given)):
        return _to_who(case)
    levels = [Level.TEAM, Level.INFORMED] if shown["access"].leads else [Level.INFORMED]
    on_it = list_parties(session(), actor(), case, shown["access"])
    present = {party.agency_id for party in on_it}
    others = [agency for agency in list_agencies(session()) if agency.id not in present]
    kinds = {str(agency.id): agency.kind for agency in others}
    return form.page(
        "sharing/share.html",
        agencies=[(str(agency.id), agency.name) for agency in others],
        **_party_form(levels, kinds.get(form.value("agency_id"))),
        **shown,
    )


def _party_form(levels: list[Level], kind: AgencyKind | None) -> dict[str, Any]:
    return {
        "levels": case_labels.choices(case_labels.LEVEL, *levels),
        "reads": [(case_labels.LEVEL[level], parties.reads(level, kind)) for level in levels],
        "norms": parties.norm_choices(clock.today(), kind),
    }


@blueprint.route("/cases/<code>/parties/<uuid:party_id>/change", methods=["GET", "POST"])
@requires("cases.party.manage")
def change_party(code: str, party_id: UUID) -> str | Response | tuple[str, int]:
    """Change an institution's level, legal basis or last day."""
    case, shown = _case(code, Level.LEAD)
    on_it = list_parties(session(), actor(), case, shown["access"])
    found = {party.id: party for party in on_it}
    if party_id not in found or found[party_id].level is Level.LEAD:
        raise NotFound
    party = found[party_id]
    last = clock.local(party.until - timedelta(microseconds=1)).date() if party.until else None
    form = Form(
        inputs.ChangeParty,
        initial={"level": party.level, "words": party.legal_basis[:120], "until": last},
    )
    if form.done(
        lambda given: parties.change_party(
            writing(), actor(), case.id, party_id=party_id, given=given
        )
    ):
        return _to_who(case)
    levels = [Level.TEAM, Level.INFORMED]
    return form.page(
        "sharing/change_party.html",
        party=party,
        **_party_form(levels, AgencyKind(party.kind)),
        **shown,
    )


@blueprint.route("/cases/<code>/decline", methods=["GET", "POST"])
@requires("sharing.lead.decline")
def decline(code: str) -> str | Response | tuple[str, int]:
    """Decline competence of the case in favour of the authority that the portal proposes."""
    case, shown = _case(code, Level.LEAD)
    waiting = transfers.waiting_for(session(), actor(), case)
    if waiting is not None:
        return see_other(url_for("sharing.transfer", transfer_id=waiting.id))
    proposal = transfers.proposal_for(session(), case)
    proposed = proposal.agency_id if proposal.agency_id != case.lead_agency_id else None
    form = Form(inputs.DeclineLead, initial={"agency_id": proposed}, version=case.row_version)
    if made := form.submit(
        lambda given: transfers.decline_lead(writing(), actor(), case.id, given)
    ):
        return see_other(url_for("sharing.transfer", transfer_id=made.id))
    return form.page(
        "sharing/decline.html",
        proposal=proposal,
        proposed=proposed,
        authorities=transfers.authorities_for(session(), case),
        returned=_returned(case),
        **shown,
    )


def _returned(case: Case) -> transfers.Shown | None:
    found = transfers.last_returned(session(), actor(), case)
    return transfers.shown(session(), found) if found else None


def _transfer(transfer_id: UUID) -> dict[str, Any]:
    found = transfers.get_transfer(session(), actor(), transfer_id)
    who = actor()
    receives = found.waits and found.to_agency_id == who.agency_id and who.attends
    return {
        "transfer": found,
        "shown": transfers.shown(session(), found),
        "receives": receives,
        "leads": found.waits and found.from_agency_id == who.agency_id,
        "labels": labels,
        "case_labels": case_labels,
    }


@blueprint.get("/transfers/<uuid:transfer_id>")
@requires("sharing.lead.read")
def transfer(transfer_id: UUID) -> str:
    """Show a declined case: who declined, in whose favour, why, until when the file is sent."""
    found = _transfer(transfer_id)
    case = find_case(session(), actor(), found["transfer"].case_id)
    steps = explain(found["shown"].steps) if found["shown"].send_by else ""
    duty = who_is_on_duty(session(), found["transfer"].from_agency_id)
    return page("sharing/transfer.html", case=case, steps=steps, on_duty=duty, **found)


@blueprint.route("/transfers/<uuid:transfer_id>/accept", methods=["GET", "POST"])
@requires("sharing.lead.answer")
def accept_transfer(transfer_id: UUID) -> str | Response | tuple[str, int]:
    """Take a declined case in charge."""
    found = _transfer(transfer_id)
    if not found["receives"]:
        raise NotFound
    transfers.to_accept(session(), actor(), transfer_id)
    form = Form(inputs.AcceptLead, version=found["transfer"].row_version)
    if case := form.submit(lambda _given: transfers.accept_lead(writing(), actor(), transfer_id)):
        return see_other(url_for("cases.show", code=case.code))
    return form.page("sharing/accept_transfer.html", **found)


@blueprint.route("/transfers/<uuid:transfer_id>/return", methods=["GET", "POST"])
@requires("sharing.lead.answer")
def return_transfer(transfer_id: UUID) -> str | Response | tuple[str, int]:
    """Return a declined case with the reason."""
    found = _transfer(transfer_id)
    if not found["receives"]:
        raise NotFound
    form = Form(inputs.GiveWords, version=found["transfer"].row_version)
    if form.done(
        lambda given: transfers.return_lead(writing(), actor(), transfer_id, reason=given.reason)
    ):
        return see_other(url_for("home.index"))
    return form.page("sharing/return_transfer.html", **found)


@blueprint.route("/transfers/<uuid:transfer_id>/withdraw", methods=["GET", "POST"])
@requires("sharing.lead.decline")
def withdraw_transfer(transfer_id: UUID) -> str | Response | tuple[str, int]:
    """Take a declining back before it is answered."""
    found = _transfer(transfer_id)
    if not found["leads"]:
        raise NotFound
    transfers.to_withdraw(session(), actor(), transfer_id)
    form = Form(inputs.GiveWords, version=found["transfer"].row_version)
    if form.done(
        lambda given: transfers.withdraw_decline(
            writing(), actor(), transfer_id, reason=given.reason
        )
    ):
        return see_other(url_for("cases.show", code=found["shown"].code))
    return form.page("sharing/withdraw_transfer.html", **found)


@blueprint.route("/cases/<code>/assign", methods=["GET", "POST"])
@requires("cases.case.assign")
def assign(code: str) -> str | Response | tuple[str, int]:
    """Put colleagues on the case, several at once."""
    case, shown = _case(code, *Level)
    form = Form(inputs.Assign)
    if form.done(lambda given: assign_many(writing(), actor(), case.id, user_ids=given.user_ids)):
        return _to_who(case)
    assigned = who_sees.list_own_people(session(), actor(), case)
    present = {row.user_id for row in assigned}
    people = [
        (str(user_id), name)
        for user_id, name in case_workers(session(), actor().agency_id)
        if user_id not in present
    ]
    return form.page("sharing/assign.html", people=people, assigned=assigned, **shown)


@blueprint.post("/cases/<code>/assigned/<uuid:user_id>/end")
@requires("cases.case.assign")
def unassign(code: str, user_id: UUID) -> Response:
    """Take a colleague off the case."""
    case, _shown = _case(code)
    end_assignment(writing(), actor(), case.id, user_id=user_id)
    return _to_who(case)


@blueprint.route("/cases/<code>/bars/new", methods=["GET", "POST"])
@requires("sharing.bar.manage")
def bar(code: str) -> str | Response | tuple[str, int]:
    """Close the case to a person, kin or involved, by exact user name."""
    case, shown = _case(code, Level.LEAD)
    form = Form(inputs.BarPerson)
    if form.done(lambda given: _bar(case.id, given)):
        return _to_who(case)
    return form.page("sharing/bar.html", **shown)


def _bar(case_id: UUID, given: inputs.BarPerson) -> CaseBar:
    """Bar a person; that a name was tried which no account bears stays in the trail."""
    try:
        return bars.bar(writing(), actor(), case_id, given)
    except Invalid:
        who = actor()
        after_refusal(lambda writer: bars.note_refused(writer, who, case_id))
        raise


@blueprint.route("/cases/<code>/bars/<uuid:bar_id>/lift", methods=["GET", "POST"])
@requires("sharing.bar.manage")
def lift_bar(code: str, bar_id: UUID) -> str | Response | tuple[str, int]:
    """Open the case again to a person to whom it was closed, with a reason."""
    case, shown = _case(code, Level.LEAD)
    found = {row.id: row for row in bars.list_bars(session(), actor(), case)}
    if bar_id not in found:
        raise NotFound
    form = Form(inputs.GiveWords)
    if form.done(lambda given: bars.lift(writing(), actor(), case.id, bar_id, reason=given.reason)):
        return _to_who(case)
    return form.page("sharing/lift.html", row=found[bar_id], **shown)


@blueprint.route("/cases/<code>/shield", methods=["GET", "POST"])
@requires("sharing.bar.manage")
def shield(code: str) -> str | Response | tuple[str, int]:
    """Let look-ups answer as if nobody knew the child, or end that, with a reason."""
    case, shown = _case(code, Level.LEAD)
    form = Form(inputs.GiveWords)
    if form.done(lambda given: set_shield(writing(), actor(), case.id, reason=given.reason)):
        return _to_who(case)
    return form.page("sharing/shield.html", **shown)


@blueprint.route("/cases/<code>/entries/<uuid:entry_id>/circle", methods=["GET", "POST"])
@requires("sharing.circle.move")
def circle(code: str, entry_id: UUID) -> str | Response | tuple[str, int]:
    """Change who may read a piece; its history stands below."""
    case, shown = _case(code)
    entry = get_entry(session(), actor(), case, entry_id)
    choices = circles.choices_for(session(), actor(), case, entry)
    if not choices:
        raise NotFound
    form = Form(inputs.MoveEntry)
    if form.done(
        lambda given: circles.move_entry(
            writing(), actor(), case.id, entry_id=entry.id, given=given
        )
    ):
        return see_other(url_for("cases.show", code=case.code))
    is_author = entry.author_id == actor().user_id
    return form.page(
        "sharing/circle.html",
        entry=entry,
        choices=case_labels.choices(case_labels.CIRCLE, *choices),
        moves=circles.list_moves(session(), case, entry),
        colleagues=_colleagues() if Circle.SEALED in choices else [],
        named=circles.list_readers(session(), entry) if is_author else [],
        may_name=is_author and entry.circle is Circle.SEALED,
        **shown,
    )


def _colleagues() -> list[tuple[str, str]]:
    found = case_workers(session(), actor().agency_id)
    return [(str(user_id), name) for user_id, name in found if user_id != actor().user_id]


@blueprint.route("/cases/<code>/entries/<uuid:entry_id>/readers", methods=["GET", "POST"])
@requires("sharing.circle.move")
def readers(code: str, entry_id: UUID) -> str | Response | tuple[str, int]:
    """Name further readers of a piece of restricted access, with a reason."""
    case, shown = _case(code)
    entry = get_entry(session(), actor(), case, entry_id)
    if entry.circle is not Circle.SEALED or entry.author_id != actor().user_id:
        raise NotFound
    form = Form(inputs.NameReaders)
    if form.done(
        lambda given: circles.name_readers(
            writing(), actor(), case.id, entry_id=entry.id, given=given
        )
    ):
        return see_other(url_for("cases.show", code=case.code))
    return form.page(
        "sharing/readers.html",
        entry=entry,
        colleagues=_colleagues(),
        named=circles.list_readers(session(), entry),
        **shown,
    )


@blueprint.route("/staff-session", methods=["GET", "POST"])
@fresh
@requires("sharing.staff.open")
def staff_session() -> str | Response | tuple[str, int]:
    """Open a staff session: one agency, a reason, an hour, reading."""
    own = actor().agency_id
    form = Form(inputs.OpenStaffSession, initial={"agency_id": own})
    if form.done(lambda given: staff.open_staff_session(writing(), actor(), **given.model_dump())):
        return see_other(url_for("cases.index"))
    found = [(str(each.id), each.name) for each in list_agencies(session())]
    return form.page(
        "sharing/staff_session.html",
        agencies=[each for each in found if own is None or each[0] == str(own)],
    )


@blueprint.post("/staff-session/end")
@ending
@signed_in
def end_staff_session() -> Response:
    """End one's staff session; the roles of the administrator act again."""
    staff.end_staff_session(writing(), actor())
    return see_other(url_for("home.index"))


@blueprint.get("/staff-session/<uuid:staff_session_id>")
@requires("sharing.staff.read")
def read_staff_session(staff_session_id: UUID) -> str:
    """Show the agency that was looked at who did, why, and which cases were opened."""
    row = staff.get_staff_session(session(), actor(), staff_session_id)
    return page("sharing/staff_look.html", row=row, codes=codes_of(session(), row.case_ids))
