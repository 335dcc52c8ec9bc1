"""Pages of cases: the list, the case, and the forms that change it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from portal import clock, host
from portal.access.queries import case_workers, unattended_among
from portal.actor import Actor
from portal.agencies.queries import list_agencies
from portal.cases import inputs, labels, queries, services
from portal.cases.closing import lacking_rights, list_closings, wrong_close
from portal.cases.concealing import Concealing
from portal.cases.endings import BY_ENDING, ends_for
from portal.cases.listing import PAGE, SOON_DAYS, CaseFilter, count_cases, list_cases
from portal.cases.mentions import list_colleagues
from portal.cases.models import (
    NEVER,
    Case,
    CaseEnding,
    CaseStatus,
    Circle,
    Level,
    Priority,
    TermStatus,
)
from portal.cases.parties import to_end_party
from portal.cases.parts import parts_of
from portal.cases.rules import WORKERS, Basis
from portal.cases.strips import by_right, tally
from portal.cases.telling import tell
from portal.cases.terms import to_end, to_suspend
from portal.cases.timeline import open_sealed, to_correct, to_strike
from portal.cases.transitions import objections
from portal.commitments.queries import list_for_case as commitments_of
from portal.commitments.queries import states_for_case as commitment_states
from portal.db.paging import decode, encode
from portal.deadlines import rules
from portal.deadlines.steps import explain
from portal.documents.queries import by_piece, list_filed
from portal.duplicates.queries import ties_of
from portal.duties.queries import list_for_case as duties_of
from portal.errors import Conflict, NotFound
from portal.family.labels import RELATION
from portal.family.queries import languages_of, list_relatives
from portal.followups.queries import FollowUpRow
from portal.followups.queries import list_for_case as followups_of
from portal.host.slots import ChildView
from portal.interviews.labels import KIND as INTERVIEW_KIND
from portal.interviews.queries import list_for_case as interviews_of
from portal.people.rules import full_name
from portal.places.catalogue import HOME
from portal.places.queries import choices as district_choices
from portal.places.queries import list_provinces
from portal.plans.queries import count_for_case as plans_of
from portal.referrals.queries import list_for_case as referrals_of
from portal.referrals.queries import states_for_case as referral_states
from portal.sharing.circles import is_first_reader
from portal.sharing.reviews import own_grant
from portal.sharing.transfers import waiting_for
from portal.texts import _, _l
from portal.web import (
    Form,
    Question,
    actor,
    page,
    require_proof,
    requires,
    see_other,
    session,
    writing,
)
from portal.web.forms import say_also
from portal.web.render import MenuEntry, day, hour, render_part

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
T = TypeVar("T")

ENTRIES = 30
# No norm says how often a child is visited after the return: a month is proposed.
FIRST_VISIT = timedelta(days=30)
# The terms that stand on the case page itself; the others are a page away.
SHOWN = (TermStatus.RUNNING, TermStatus.SUSPENDED)

MENU = (MenuEntry(_l("Cases"), "cases.index", "cases.case.read", weight=30),)


@blueprint.get("")
@requires("cases.case.read")
def index() -> str:
    """List the visible cases in the order of work, with the filters people use."""
    wanted = _filter_from_address()
    after = decode(request.args.get("after"), (int, date, UUID))
    found = list_cases(session(), actor(), wanted, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    total = count_cases(session(), actor(), wanted) if after is None else None
    following = encode(shown[-1].key) if len(found) > PAGE else None
    return page(
        "cases/index.html",
        rows=shown,
        total=total,
        following=following,
        next_url=_following_url(following),
        wanted=wanted,
        provinces=[(place.code, place.name) for place in list_provinces(HOME)],
        labels=labels,
        priorities={each: str(label) for each, label in labels.PRIORITY.items()},
        tones={Priority.IMMEDIATE: "late", Priority.HIGH: "soon", Priority.REGULAR: "plain"},
        days={row.due_on: day(row.due_on) for row in shown},
        no_term=_("no term runs"),
        emergency_until={
            row.until: _("emergency until %(hour)s", hour=hour(row.until))
            for row in shown
            if row.until
        },
        never=NEVER,
        today_on=clock.today(),
        soon_on=clock.today() + timedelta(days=SOON_DAYS),
    )


def _following_url(following: str | None) -> str:
    kept = request.args.to_dict() | {"after": following or ""}
    return "?" + urlencode({name: value for name, value in kept.items() if value})


def _filter_from_address() -> CaseFilter:
    def choose(name: str, kind: Any) -> Any:
        value = request.args.get(name, "")
        return kind(value) if value in [each.value for each in kind] else None

    return CaseFilter(
        status=choose("status", CaseStatus) or CaseStatus.OPEN,
        priority=choose("priority", Priority),
        province=request.args.get("province", "")[:4],
        term=request.args.get("term", "")[:5],
        mine=bool(request.args.get("mine")),
        code=request.args.get("code", "").strip()[:24],
    )


@blueprint.get("/<code>")
@requires("cases.case.read")
def show(code: str) -> str:
    """Show one case: who, how urgent, what runs out, what was done, what comes next."""
    case, access = queries.case_and_access(session(), actor(), code)
    view = queries.case_view(session(), case, access)
    entries = queries.list_entries(session(), actor(), case, limit=ENTRIES + 1)
    shown = entries[:ENTRIES]
    there = parts_of(session(), case.id)

    def held(part: str, ask: Callable[[Session, Actor, Case], list[T]], *, may: bool) -> list[T]:
        return ask(session(), actor(), case) if may and part in there else []

    terms = held("terms", queries.list_terms, may=access.reads_terms)
    commitments = held("commitments", commitments_of, may=True)
    strips = {}
    if "rights" in there:
        strips = queries.list_rights(session(), actor(), case, access)
    parties = queries.list_parties(session(), actor(), case, access)
    if access.reads_only:
        concealing = Concealing(session())
        terms, shown = concealing.terms(terms), concealing.entries(shown)
        strips = {person_id: concealing.rights(strip) for person_id, strip in strips.items()}
        parties = concealing.parties(parties)
    documents = list_filed(session(), actor(), case, access) if "documents" in there else []
    relatives = held("family", list_relatives, may=access.reads_all)
    ties = held("duplicates", ties_of, may=access.works_on_all)
    interviews = held("interviews", interviews_of, may=not access.reads_only)
    waits = access.works_on_all and "sharing" in there
    acting = queries.acting_instead(session(), actor(), case, access)
    siblings = _siblings(view.children)
    return page(
        "cases/show.html",
        case=case,
        ties=ties,
        declined=waiting_for(session(), actor(), case) if waits else None,
        tied_titles={
            entry.id: labels.entry_title(entry.title, entry.facts)
            for tie in ties
            for entry in tie.entries
        },
        view=view,
        access=access,
        acting=acting,
        summary=case.summary if access.reads_all else "",
        groups=[labels.GROUP[each] for each in case.known_groups] if access.reads_all else [],
        stage=_(case.stage) if case.stage else "",
        parties=parties,
        strips=strips,
        tallies={person_id: tally(strip) for person_id, strip in strips.items()},
        total=tally(row for strip in strips.values() for row in strip),
        running_terms=[(term, explain(term.steps)) for term in terms if term.status in SHOWN],
        other_terms=sum(term.status not in SHOWN for term in terms),
        rules={term.rule_code: rules.known(term.rule_code) for term in terms},
        may_meet=lambda term: (
            access.leads or (term.agency_id == actor().agency_id and not access.reads_only)
        ),
        grant=(own_grant(session(), actor(), case) if access.basis is Basis.EMERGENCY else None),
        placements={each.value: label for each, label in labels.PLACEMENT.items()},
        siblings=siblings,
        entries=tell(shown, actor(), case, access, acting, by_piece(documents), siblings),
        older=_older(case, entries),
        duties=held("duties", duties_of, may=access.reads_all),
        interviews=[each for each in interviews if not each.struck_at],
        interview_kinds=INTERVIEW_KIND,
        plans_count=plans_of(session(), actor(), case)
        if access.works_on_all and "plans" in there
        else 0,
        documents=[each for each in documents if not each.struck_at],
        referrals=held("referrals", referrals_of, may=True),
        commitments=commitments,
        nobody=unattended_among(session(), {row.agency_id for row in commitments})
        if commitments and access.leads
        else frozenset(),
        asked=(
            [
                *referral_states(session(), actor(), case),
                *commitment_states(session(), actor(), case),
            ]
            if access.supervises and there & {"referrals", "commitments"}
            else []
        ),
        panels=[] if access.reads_only else host.case_panels(session(), actor(), view, render_part),
        module_actions=host.case_actions(actor(), view)
        if case.is_open and not access.reads_only
        else [],
        assigned=queries.list_assigned(session(), actor(), case),
        caregivers=[
            (full_name(row), RELATION[row.relation])
            for row in relatives
            if row.is_caregiver and row.is_current(clock.today())
        ],
        relatives_count=len(relatives),
        languages=held("interpreters", languages_of, may=access.reads_all),
        labels=labels,
        followups=_followed(case),
        **_closings(case if "closings" in there else None),
    )


def _followed(case: Case) -> list[FollowUpRow]:
    """Return the follow-ups that run on a closed case."""
    if case.is_open:
        return []
    return [row for row in followups_of(session(), actor(), case) if row.runs]


def _siblings(children: Sequence[ChildView]) -> dict[UUID, str]:
    """Return how children are named, by whose rights, terms and places one must tell them apart."""
    return {each.person_id: each.label for each in children} if len(children) > 1 else {}


def _older(case: Case, entries: list[queries.EntryRow]) -> str:
    """Return the address of the entries older than a page of them, with what was asked kept."""
    if len(entries) <= ENTRIES:
        return ""
    last = entries[ENTRIES - 1]
    kept = {name: request.args.get(name, "") for name in inputs.AskEntries.model_fields}
    asked = {name: value for name, value in kept.items() if value}
    asked["before"] = encode((last.happened_at, last.id))
    return url_for("cases.entries", code=case.code) + "?" + urlencode(asked)


@blueprint.get("/<code>/entries")
@requires("cases.case.read")
def entries(code: str) -> tuple[str, int]:
    """Show the timeline by itself: by type, institution, person and days, page by page."""
    case, access = queries.case_and_access(session(), actor(), code)
    form = Question(inputs.AskEntries)
    wanted = form.ask()
    before = decode(request.args.get("before"), (datetime, UUID))
    found = queries.list_entries(
        session(), actor(), case, wanted=wanted, before=before, limit=ENTRIES + 1
    )
    shown = found[:ENTRIES]
    # Who wrote is not asked for where the name of a place of care would tell where a child is.
    writers: tuple[Any, Any] = ([], [])
    if access.reads_only:
        shown = Concealing(session()).entries(shown)
    else:
        writers = queries.list_writers(session(), actor(), case)
    acting = queries.acting_instead(session(), actor(), case, access)
    attached = by_piece(list_filed(session(), actor(), case, access))
    siblings = _siblings(queries.case_view(session(), case, access).children)
    return form.page(
        "cases/entries.html",
        case=case,
        access=access,
        acting=acting,
        entries=tell(shown, actor(), case, access, acting, attached, siblings),
        older=_older(case, found),
        agencies=writers[0],
        people=writers[1],
        is_narrowed=any(request.args.get(name) for name in inputs.AskEntries.model_fields),
        labels=labels,
    )


def _open(code: str, *levels: Level) -> tuple[Case, dict[str, Any]]:
    """Return the case that a form is about and what each form page of it shows.

    Raises as `case_to_act`: of a form that acts on an open case, at these levels.
    """
    case, access = queries.case_to_act(session(), actor(), code, *levels)
    return case, {"case": case, "access": access, "labels": labels}


def _back(case: Case) -> Response:
    return see_other(url_for("cases.show", code=case.code))


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@requires("cases.case.edit")
def edit(code: str) -> str | Response | tuple[str, int]:
    """Change situation, priority, district, groups or summary."""
    case, shown = _open(code, *WORKERS)
    initial = {
        "situation": case.situation.value,
        "priority": case.priority.value,
        "district": case.district,
        "groups": case.groups,
        "summary": case.summary,
    }
    form = Form(inputs.EditCase, initial=initial, version=case.row_version)
    if form.done(lambda given: services.edit_case(writing(), actor(), case.id, given)):
        return _back(case)
    return form.page("cases/edit.html", districts=district_choices(HOME), **shown)


@blueprint.route("/<code>/entries/new", methods=["GET", "POST"])
@requires("cases.entry.write")
def write(code: str) -> str | Response | tuple[str, int]:
    """Write an entry; who will read it stands beside the choice of circle."""
    case, shown = _open(code, *Level)
    access = shown["access"]
    form = Form(inputs.WriteEntry, initial={"circle": access.circles[0].value, "kind": "note"})
    if form.done(
        lambda given: services.write_entry(
            writing(), actor(), case.id, **given.model_dump(mode="python")
        )
    ):
        return _back(case)
    parties = queries.list_parties(session(), actor(), case, shown["access"])
    return form.page(
        "cases/write.html",
        children_choices=[
            (str(child.person_id), f"{child.label}, {child.age_text}")
            for child in queries.list_children(session(), actor(), case)
        ],
        mentionable=list_colleagues(session(), actor()),
        colleagues=[
            (str(user_id), name)
            for user_id, name in case_workers(session(), actor().agency_id)
            if user_id != actor().user_id
        ],
        circles=[(circle.value, labels.CIRCLE[circle]) for circle in access.circles],
        readers=queries.readers_of(parties, access, actor().agency_name),
        **shown,
    )


@blueprint.get("/<code>/entries/<uuid:entry_id>")
@requires("cases.case.read")
def sealed(code: str, entry_id: UUID) -> str:
    """Open a sealed entry: for its author and the people named; the opening is recorded."""
    case, shown = _open(code)
    entry = queries.get_entry(session(), actor(), case, entry_id)
    if entry.circle is not Circle.SEALED:
        raise NotFound
    if not is_first_reader(session(), actor(), entry):
        require_proof()
    text = open_sealed(session(), actor(), case, entry)
    return page("cases/sealed.html", entry=entry, text=text, **shown)


@blueprint.route("/<code>/entries/<uuid:entry_id>/strike", methods=["GET", "POST"])
@requires("cases.entry.write")
def strike(code: str, entry_id: UUID) -> str | Response | tuple[str, int]:
    """Strike an entry with a reason; it stays, struck."""
    case, shown = _open(code)
    _case, entry = to_strike(session(), actor(), case.id, entry_id)
    form = Form(inputs.StrikeEntry)
    if form.done(
        lambda given: services.strike_entry(
            writing(), actor(), case.id, entry_id=entry.id, reason=given.reason
        )
    ):
        return _back(case)
    return form.page("cases/strike.html", entry=entry, **shown)


@blueprint.route("/<code>/entries/<uuid:entry_id>/correct", methods=["GET", "POST"])
@requires("cases.entry.write")
def correct(code: str, entry_id: UUID) -> str | Response | tuple[str, int]:
    """Correct an entry: the new text stands beside what stood before, which stays, struck."""
    case, shown = _open(code)
    _case, entry = to_correct(session(), actor(), case.id, entry_id)
    form = Form(inputs.CorrectEntry, initial={"text": entry.text})
    if form.done(
        lambda given: services.correct_entry(
            writing(), actor(), case.id, entry_id=entry.id, text=given.text
        )
    ):
        return _back(case)
    return form.page("cases/correct.html", entry=entry, **shown)


@blueprint.route("/<code>/parties/<uuid:party_id>/end", methods=["GET", "POST"])
@requires("cases.party.manage")
def end_party(code: str, party_id: UUID) -> str | Response | tuple[str, int]:
    """End an institution's access, with a reason."""
    case, shown = _open(code)
    listed = queries.list_parties(session(), actor(), case, shown["access"])
    parties = {party.id: party for party in listed}
    if party_id not in parties:
        raise NotFound
    to_end_party(session(), actor(), case.id, party_id)
    form = Form(inputs.GiveReason)
    if form.done(
        lambda given: (
            services.end_party(writing(), actor(), case.id, party_id=party_id, reason=given.reason)
            or True
        )
    ):
        return see_other(url_for("sharing.who", code=case.code))
    return form.page("cases/end_party.html", party=parties[party_id], **shown)


@blueprint.route("/<code>/rights/<uuid:person_id>/<right>", methods=["GET", "POST"])
@requires("cases.right.set")
def right(code: str, person_id: UUID, right: str) -> str | Response | tuple[str, int]:
    """Set how a right of a child stands, who answers for it and what comes next."""
    case, shown = _open(code, *WORKERS)
    strip = queries.list_rights(session(), actor(), case, shown["access"]).get(person_id, [])
    row = next((each for each in strip if each.right.value == right), None)
    if row is None:
        raise NotFound
    form = Form(
        inputs.SetRight,
        initial={
            "state": row.state.value,
            "agency_id": row.agency_id,
            "next_step": row.next_step,
            "evidence": row.evidence,
        },
        version=row.row_version,
    )
    if form.done(
        lambda given: services.set_rights(
            writing(),
            actor(),
            case.id,
            person_ids=[person_id, *given.also],
            right=row.right,
            given=given,
        )
    ):
        return see_other(url_for("cases.rights", code=case.code))
    children = queries.list_children(session(), actor(), case)
    return form.page(
        "cases/right.html",
        row=row,
        child=next(child for child in children if child.person_id == person_id),
        siblings=[
            (str(child.person_id), f"{child.label}, {child.age_text}")
            for child in children
            if child.person_id != person_id
        ],
        steps=queries.list_right_steps(
            session(), actor(), case, person_id=person_id, right=row.right
        ),
        agencies=[(str(agency.id), agency.name) for agency in list_agencies(session())],
        **shown,
    )


@blueprint.get("/<code>/rights")
@requires("cases.case.read")
def rights(code: str) -> str:
    """Show child by right by institution; an institution that collaborates sees its own."""
    case, access = queries.case_and_access(session(), actor(), code)
    strips = queries.list_rights(session(), actor(), case, access)
    if access.reads_only:
        concealing = Concealing(session())
        strips = {person_id: concealing.rights(strip) for person_id, strip in strips.items()}
    every = [row for strip in strips.values() for row in strip]
    wanted = request.args.get("agency", "")
    agencies = {str(row.agency_id): row.agency for row in every if row.agency_id}
    if access.reads_only:
        agencies = {}
    matrix = by_right(strips, UUID(wanted) if wanted in agencies else None)
    return page(
        "cases/rights.html",
        case=case,
        access=access,
        children=queries.list_children(session(), actor(), case),
        matrix=matrix,
        by_right={right: tally(cells.values()) for right, cells in matrix.items()},
        by_child={person_id: tally(strip) for person_id, strip in strips.items()},
        total=tally(every),
        agencies=sorted(agencies.items(), key=lambda pair: pair[1]),
        wanted=wanted,
        may_set=case.is_open and access.works_on_all and actor().may("cases.right.set"),
        labels=labels,
    )


@blueprint.route("/<code>/terms/<uuid:term_id>/meet", methods=["GET", "POST"])
@requires("cases.term.meet")
def meet(code: str, term_id: UUID) -> str | Response | tuple[str, int]:
    """Record that the act a term asked for was done; a late one says why."""
    case, shown = _open(code)
    terms = {term.id: term for term in queries.list_terms(session(), actor(), case)}
    if term_id not in terms:
        raise NotFound
    to_end(session(), actor(), term_id)
    form = Form(inputs.MeetTerm)
    if form.done(
        lambda given: services.meet_term(writing(), actor(), term_id, late_reason=given.late_reason)
    ):
        return _back(case)
    return form.page(
        "cases/meet.html",
        term=terms[term_id],
        rule=rules.known(terms[term_id].rule_code),
        **shown,
    )


@blueprint.route("/<code>/terms/<uuid:term_id>/suspend", methods=["GET", "POST"])
@requires("cases.term.meet")
def suspend(code: str, term_id: UUID) -> str | Response | tuple[str, int]:
    """Let a term stand still, on the norm or resolution that says so."""
    case, shown = _open(code)
    terms = {term.id: term for term in queries.list_terms(session(), actor(), case)}
    if term_id not in terms:
        raise NotFound
    to_suspend(session(), actor(), term_id)
    form = Form(inputs.SuspendTerm)
    if form.done(
        lambda given: services.suspend_term(writing(), actor(), term_id, **given.model_dump())
    ):
        return _back(case)
    rule = rules.known(terms[term_id].rule_code)
    return form.page("cases/suspend.html", term=terms[term_id], rule=rule, **shown)


@blueprint.post("/<code>/terms/<uuid:term_id>/resume")
@requires("cases.term.meet")
def resume(code: str, term_id: UUID) -> Response:
    """Let a term run again; the days on which it stood still are not counted."""
    case, _shown = _open(code)
    services.resume_term(writing(), actor(), term_id)
    return _back(case)


@blueprint.route("/<code>/close", methods=["GET", "POST"])
@requires("cases.case.close")
def close(code: str) -> str | Response | tuple[str, int]:
    """Conclude the case, child by child; what stands against it is listed with where to go."""
    case, shown = _open(code)
    if not shown["access"].leads:
        raise NotFound
    if not case.is_open:
        raise Conflict(_l("This case is closed already."))
    form = Form(
        inputs.CloseCase,
        initial={"dated": clock.today(), "visit_on": clock.today() + FIRST_VISIT},
        version=case.row_version,
    )
    if form.done(lambda given: services.close_case(writing(), actor(), case.id, given)):
        return _back(case)
    say_also(form, inputs.EndCase, lambda given: wrong_close(session(), actor(), case, given, None))
    ends = ends_for(case.situation)
    return form.page(
        "cases/close.html",
        objections=objections(session(), actor(), case.id, "close"),
        children=queries.list_children(session(), actor(), case),
        lacking=lacking_rights(session(), case),
        ends=ends,
        endings=[(each.ending.value, each.title) for each in ends],
        returns=CaseEnding.RETURNED in [each.ending for each in ends],
        **shown,
    )


@blueprint.route("/<code>/reopen", methods=["GET", "POST"])
@requires("cases.case.close")
def reopen(code: str) -> str | Response | tuple[str, int]:
    """Take a closed case up again; how it had ended stays, and no term starts by itself."""
    case, shown = _open(code)
    if not shown["access"].leads:
        raise NotFound
    if case.is_open:
        raise Conflict(_l("This case is open already."))
    form = Form(inputs.Reopen, version=case.row_version)
    if form.done(
        lambda given: services.reopen_case(writing(), actor(), case.id, **given.model_dump())
    ):
        return _back(case)
    return form.page("cases/reopen.html", **_closings(case), **shown)


def _closings(case: Case | None) -> dict[str, Any]:
    """Return how a case was concluded and taken up again, with its children's names, if it was."""
    closings = list_closings(session(), actor(), case) if case else []
    children = queries.list_children(session(), actor(), case) if case and closings else []
    return {
        "closings": closings,
        "ends": BY_ENDING,
        "names": {child.person_id: child.label for child in children},
    }


@blueprint.route("/<code>/abstain", methods=["GET", "POST"])
@requires("cases.case.read")
def abstain(code: str) -> str | Response | tuple[str, int]:
    """Abstain from the case: it closes to oneself at once (TUO of Ley 27444 arts. 88–89)."""
    case, shown = _open(code)
    form = Form(inputs.GiveReason)
    if form.done(
        lambda given: services.abstain(writing(), actor(), case.id, reason=given.reason) or True
    ):
        return see_other(url_for("cases.index"))
    return form.page("cases/abstain.html", note=_("This case will no longer open to you."), **shown)
