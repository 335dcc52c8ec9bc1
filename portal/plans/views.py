"""Pages of the individual work plans of a case."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.agencies.queries import names_of
from portal.cases import labels as case_labels
from portal.cases.models import Case
from portal.cases.queries import (
    case_to_act,
    list_children,
    list_parties,
    list_terms,
    opens_whereabouts,
)
from portal.commitments.labels import STATUS as COMMITMENT_STATUS
from portal.commitments.queries import of_sources
from portal.deadlines import rules as terms
from portal.deadlines.steps import explain
from portal.errors import NotFound
from portal.interviews.labels import KIND
from portal.interviews.queries import list_for_child
from portal.plans import drafting, inputs, labels, queries, services, sheet
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Progress, Review, Visit
from portal.plans.rules import Mark, compare
from portal.texts import _l
from portal.web import (
    Form,
    actor,
    page,
    require_proof,
    requires,
    see_other,
    session,
    writing,
)

blueprint = Blueprint("plans", __name__, url_prefix="/cases/<code>/plans")

READ, WRITE, APPROVE = "plans.plan.read", "plans.plan.write", "plans.plan.approve"
TEXTS = (
    ("background", _l("Background")),
    ("problems", _l("Problems to solve")),
    ("measures", _l("Measures, how and for how long")),
    ("follow_up", _l("How follow-up is done")),
    ("in_charge", _l("In charge of the plan")),
    ("opinion", _l("What the child said")),
    ("weighed", _l("How the opinion was weighed")),
    ("no_opinion", _l("Why there is no opinion of the child")),
)
Page = str | Response | tuple[str, int]


def _open(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case that the actor reads whole, and what each page of its plans shows."""
    case, access = case_to_act(session(), actor(), code)
    if not access.reads_all:
        raise NotFound
    children = list_children(session(), actor(), case)
    return case, {
        "case": case,
        "access": access,
        "children": children,
        "writes": case.is_open and access.works_on_all and actor().may(WRITE),
        "approves": case.is_open and access.leads and actor().may(APPROVE),
        "labels": labels,
        "rights": case_labels.RIGHT,
    }


def _plan(code: str, plan_id: UUID) -> tuple[Case, Plan, dict[str, Any]]:
    """Return a visible plan and what each page about it shows."""
    case, shown = _open(code)
    plan = queries.get_plan(session(), actor(), case, plan_id)
    child = next(each for each in shown["children"] if each.person_id == plan.person_id)
    shown |= {"plan": plan, "child": child}
    if plan.ended_at is not None:
        shown |= {"writes": False, "approves": False}
    return case, plan, shown


def _to(plan: Plan, code: str, page_name: str = "show") -> Response:
    return see_other(url_for(f"plans.{page_name}", code=code, plan_id=plan.id))


def _content(plan: Plan, version: PlanVersion) -> dict[str, Any]:
    """Return what a version holds, each part beside what stood in the version before."""
    objectives = queries.list_parts(session(), Objective, [plan.id])
    activities = queries.list_parts(session(), Activity, [plan.id])
    by_line = defaultdict(list)
    for each in compare(activities, version.number):
        by_line[each.line.objective_line].append(each)
    before = (
        queries.get_version(session(), plan, version.number - 1) if version.number > 1 else None
    )
    heard = {row.id: row for row in list_for_child(session(), actor(), plan.person_id)}
    return {
        "version": version,
        "texts": [
            (label, getattr(version, name), getattr(before, name) if before else None)
            for name, label in TEXTS
        ],
        "interview": heard.get(version.interview_id) if version.interview_id else None,
        "interview_kinds": KIND,
        "objectives": compare(objectives, version.number),
        "activities": by_line,
        "agencies": names_of(session(), {each.agency_id for each in activities}),
        "commitments": of_sources(session(), actor(), [each.id for each in activities]),
        "commitment_status": COMMITMENT_STATUS,
        "Mark": Mark,
        "Progress": Progress,
    }


@blueprint.get("")
@requires(READ)
def index(code: str) -> str:
    """Show the plan of each child of the case, and the field sheet to print."""
    case, shown = _open(code)
    rows = queries.list_for_case(session(), actor(), case)
    in_force = [row for row in rows if row.number and not row.ended_at]
    return page(
        "plans/index.html",
        rows={
            child.person_id: [row for row in rows if row.person_id == child.person_id]
            for child in shown["children"]
        },
        in_force=in_force,
        opens_whereabouts=bool(in_force)
        and opens_whereabouts(session(), actor(), case, shown["access"]),
        **shown,
    )


@blueprint.get("/ficha.pdf")
@requires(READ)
def field_sheet(code: str) -> Response:
    """Hand out the field sheet of the plans that were ticked; each print is written down."""
    case, _shown = _open(code)
    where = bool(request.args.get("where"))
    if where:
        require_proof()
    chosen = request.args.getlist("plan", type=UUID)
    drawn = sheet.draw(session(), actor(), case, chosen, where=where)
    return Response(
        drawn,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="ficha-de-campo-{case.code}.pdf"'},
    )


@blueprint.post("/start/<uuid:person_id>")
@requires(WRITE)
def start(code: str, person_id: UUID) -> Response:
    """Begin the plan of a child."""
    case, _shown = _open(code)
    plan = drafting.start_plan(writing(), actor(), case.id, person_id)
    return _to(plan, code, "draft")


@blueprint.get("/<uuid:plan_id>")
@requires(READ)
def show(code: str, plan_id: UUID) -> str | Response:
    """Show the version in force with what was done of it, what is due, and what stood before."""
    case, plan, shown = _plan(code, plan_id)
    if not plan.number:
        return _to(plan, code, "draft")
    version = queries.get_version(session(), plan, plan.number)
    visits = queries.list_parts(session(), Visit, [plan.id])
    reviews = queries.list_parts(session(), Review, [plan.id])
    lives = [
        (term, terms.known(term.rule_code), explain(term.steps))
        for term in list_terms(session(), actor(), case)
        if term.person_id == plan.person_id and term.rule_code in services.LIFE.values()
    ]
    return page(
        "plans/show.html",
        draft=queries.find_draft(session(), plan),
        versions=queries.list_versions(session(), plan),
        visits=sorted(visits, key=lambda v: str(v.happened_at or v.planned_on), reverse=True),
        reviews=sorted(reviews, key=lambda r: r.due_on, reverse=True),
        lives=lives,
        **_content(plan, version),
        **shown,
    )


@blueprint.get("/<uuid:plan_id>/versions/<int:number>")
@requires(READ)
def version(code: str, plan_id: UUID, number: int) -> str:
    """Show a version as it was approved, and how it differs from the one before."""
    _case, plan, shown = _plan(code, plan_id)
    found = queries.get_version(session(), plan, number)
    if found.approved_at is None:
        raise NotFound
    told = next(each for each in queries.list_versions(session(), plan) if each.number == number)
    return page("plans/version.html", told=told, **_content(plan, found), **shown)


def _to_prepare(code: str, plan_id: UUID) -> tuple[Case, Plan, PlanVersion, dict[str, Any]]:
    """Return what is in preparation, to be changed, and what each form about it shows."""
    case, plan, shown = _plan(code, plan_id)
    _case, _same, found = drafting.to_prepare(session(), actor(), case.id, plan.id)
    return case, plan, found, shown


@blueprint.get("/<uuid:plan_id>/draft")
@requires(READ)
def draft(code: str, plan_id: UUID) -> str:
    """Show what is in preparation, with what is still missing."""
    case, plan, shown = _plan(code, plan_id)
    found = queries.find_draft(session(), plan)
    if found is None:
        raise NotFound
    return page(
        "plans/draft.html",
        missing=services.missing(session(), actor(), case, plan),
        **_content(plan, found),
        **shown,
    )


@blueprint.post("/<uuid:plan_id>/change")
@requires(WRITE)
def change(code: str, plan_id: UUID) -> Response:
    """Begin the next version of the plan."""
    case, plan, _shown = _plan(code, plan_id)
    drafting.begin_change(writing(), actor(), case.id, plan.id)
    return _to(plan, code, "draft")


@blueprint.route("/<uuid:plan_id>/discard", methods=["GET", "POST"])
@requires(WRITE)
def discard(code: str, plan_id: UUID) -> Page:
    """Throw away what is in preparation, with the reason."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    form = Form(inputs.DiscardVersion, version=plan.row_version)
    if gone := form.submit(
        lambda given: (drafting.discard(writing(), actor(), case.id, plan.id, reason=given.reason),)
    ):
        return see_other(
            url_for("plans.show", code=code, plan_id=gone[0])
            if gone[0]
            else url_for("plans.index", code=code)
        )
    return form.page("plans/discard.html", version=found, **shown)


@blueprint.route("/<uuid:plan_id>/texts", methods=["GET", "POST"])
@requires(WRITE)
def texts(code: str, plan_id: UUID) -> Page:
    """Write background, problems, measures, follow-up and who is in charge."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    initial = {name: getattr(found, name) for name in inputs.WriteTexts.model_fields}
    form = Form(inputs.WriteTexts, initial=initial, version=found.row_version)
    if form.done(lambda given: drafting.write_texts(writing(), actor(), case.id, plan.id, given)):
        return _to(plan, code, "draft")
    return form.page("plans/texts.html", **shown)


@blueprint.route("/<uuid:plan_id>/opinion", methods=["GET", "POST"])
@requires(WRITE)
def opinion(code: str, plan_id: UUID) -> Page:
    """Write the child's opinion, or why there is none."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    initial = {name: getattr(found, name) for name in inputs.WriteOpinion.model_fields}
    form = Form(inputs.WriteOpinion, initial=initial, version=found.row_version)
    if form.done(lambda given: drafting.write_opinion(writing(), actor(), case.id, plan.id, given)):
        return _to(plan, code, "draft")
    heard = list_for_child(session(), actor(), plan.person_id)
    return form.page("plans/opinion.html", heard=heard, kinds=KIND, **shown)


@blueprint.route("/<uuid:plan_id>/objectives/new", methods=["GET", "POST"])
@requires(WRITE)
def add_objective(code: str, plan_id: UUID) -> Page:
    """Add an objective to what is in preparation."""
    case, plan, _found, shown = _to_prepare(code, plan_id)
    form = Form(inputs.WriteObjective)
    if form.done(lambda given: drafting.add_objective(writing(), actor(), case.id, plan.id, given)):
        return _to(plan, code, "draft")
    return form.page("plans/objective.html", line=None, **shown)


@blueprint.route("/<uuid:plan_id>/objectives/<uuid:objective_id>", methods=["GET", "POST"])
@requires(WRITE)
def edit_objective(code: str, plan_id: UUID, objective_id: UUID) -> Page:
    """Change an objective of what is in preparation."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    line = drafting.part_of(session(), plan, found, Objective, objective_id)
    form = Form(
        inputs.WriteObjective,
        initial={"right": line.right, "text": line.text},
        version=line.row_version,
    )
    if form.done(
        lambda given: drafting.edit_objective(
            writing(), actor(), case.id, plan.id, objective_id=objective_id, given=given
        )
    ):
        return _to(plan, code, "draft")
    return form.page("plans/objective.html", line=line, **shown)


@blueprint.post("/<uuid:plan_id>/objectives/<uuid:objective_id>/drop")
@requires(WRITE)
def drop_objective(code: str, plan_id: UUID, objective_id: UUID) -> Response:
    """Drop an objective with its activities from what is in preparation."""
    case, plan, _shown = _plan(code, plan_id)
    drafting.drop_objective(writing(), actor(), case.id, plan.id, objective_id)
    return _to(plan, code, "draft")


@blueprint.post("/<uuid:plan_id>/restore/<uuid:part_id>")
@requires(WRITE)
def restore(code: str, plan_id: UUID, part_id: UUID) -> Response:
    """Take back that an objective or an activity was dropped."""
    case, plan, _shown = _plan(code, plan_id)
    drafting.restore(writing(), actor(), case.id, plan.id, part_id)
    return _to(plan, code, "draft")


def _agencies(case: Case, shown: dict[str, Any]) -> list[tuple[str, str]]:
    found = list_parties(session(), actor(), case, shown["access"])
    return [(str(party.agency_id), party.name) for party in found]


@blueprint.route("/<uuid:plan_id>/objectives/<uuid:objective_id>/new", methods=["GET", "POST"])
@requires(WRITE)
def add_activity(code: str, plan_id: UUID, objective_id: UUID) -> Page:
    """Add an activity for an objective."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    objective = drafting.part_of(session(), plan, found, Objective, objective_id)
    form = Form(inputs.WriteActivity, initial={"agency_id": actor().agency_id})
    if form.done(
        lambda given: drafting.add_activity(
            writing(), actor(), case.id, plan.id, objective_id=objective_id, given=given
        )
    ):
        return _to(plan, code, "draft")
    return form.page(
        "plans/activity.html",
        line=None,
        objective=objective,
        agencies=_agencies(case, shown),
        **shown,
    )


@blueprint.route("/<uuid:plan_id>/activities/<uuid:activity_id>", methods=["GET", "POST"])
@requires(WRITE)
def edit_activity(code: str, plan_id: UUID, activity_id: UUID) -> Page:
    """Change an activity of what is in preparation."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    line = drafting.pending_activity(session(), plan, found, activity_id)
    form = Form(
        inputs.WriteActivity,
        initial={name: getattr(line, name) for name in inputs.WriteActivity.model_fields},
        version=line.row_version,
    )
    if form.done(
        lambda given: drafting.edit_activity(
            writing(), actor(), case.id, plan.id, activity_id=activity_id, given=given
        )
    ):
        return _to(plan, code, "draft")
    return form.page(
        "plans/activity.html", line=line, objective=None, agencies=_agencies(case, shown), **shown
    )


@blueprint.post("/<uuid:plan_id>/activities/<uuid:activity_id>/drop")
@requires(WRITE)
def drop_activity(code: str, plan_id: UUID, activity_id: UUID) -> Response:
    """Drop an activity from what is in preparation."""
    case, plan, _shown = _plan(code, plan_id)
    drafting.drop_activity(writing(), actor(), case.id, plan.id, activity_id)
    return _to(plan, code, "draft")


@blueprint.route("/<uuid:plan_id>/activities/<uuid:activity_id>/done", methods=["GET", "POST"])
@requires(WRITE)
def finish(code: str, plan_id: UUID, activity_id: UUID) -> Page:
    """Record what came of an activity."""
    case, plan, shown = _plan(code, plan_id)
    _case, _same, activity = services.to_finish(session(), actor(), case.id, plan.id, activity_id)
    form = Form(
        inputs.FinishActivity,
        initial={"was_done": True, "done_on": clock.today()},
        version=activity.row_version,
    )
    if form.done(
        lambda given: services.finish_activity(
            writing(), actor(), case.id, plan.id, activity_id=activity_id, given=given
        )
    ):
        return _to(plan, code)
    return form.page("plans/finish.html", activity=activity, **shown)


@blueprint.route("/<uuid:plan_id>/approve", methods=["GET", "POST"])
@requires(APPROVE)
def approve(code: str, plan_id: UUID) -> Page:
    """Approve what is in preparation: the resolution, why it changes, the next review."""
    case, plan, found, shown = _to_prepare(code, plan_id)
    services.to_lead(session(), actor(), case.id, plan.id)
    waiting = services.waiting_reviews(session(), plan)
    proposed = services.next_review(session(), case, clock.today())
    form = Form(
        inputs.ApprovePlan,
        initial={
            "resolved_on": clock.today(),
            "declared_on": plan.declared_on,
            "review_on": waiting[0].due_on if waiting else proposed.day,
        },
        version=plan.row_version,
    )
    if form.done(lambda given: services.approve(writing(), actor(), case.id, plan.id, given)):
        return _to(plan, code)
    return form.page(
        "plans/approve.html",
        version=found,
        missing=services.missing(session(), actor(), case, plan),
        explanation=proposed.explanation,
        **shown,
    )


def _in_force(code: str, plan_id: UUID) -> tuple[Case, Plan, dict[str, Any]]:
    """Return a plan in force that the actor works on, and what each form about it shows."""
    case, plan, shown = _plan(code, plan_id)
    services.to_work(session(), actor(), case.id, plan.id)
    return case, plan, shown


@blueprint.route("/<uuid:plan_id>/visits/new", methods=["GET", "POST"])
@requires(WRITE)
def plan_visit(code: str, plan_id: UUID) -> Page:
    """Plan a follow-up visit."""
    case, plan, shown = _in_force(code, plan_id)
    form = Form(inputs.PlanVisit)
    if form.done(lambda given: services.plan_visit(writing(), actor(), case.id, plan.id, given)):
        return _to(plan, code)
    return form.page("plans/plan_visit.html", **shown)


@blueprint.route("/<uuid:plan_id>/visits/record", methods=["GET", "POST"])
@requires(WRITE)
def record_unplanned(code: str, plan_id: UUID) -> Page:
    """Record a visit that nobody had planned."""
    case, plan, shown = _in_force(code, plan_id)
    return _record(case, plan, None, shown)


@blueprint.route("/<uuid:plan_id>/visits/<uuid:visit_id>", methods=["GET", "POST"])
@requires(WRITE)
def record_visit(code: str, plan_id: UUID, visit_id: UUID) -> Page:
    """Record a planned visit, on the day on which it was."""
    case, plan, shown = _in_force(code, plan_id)
    visit = services.to_visit(session(), actor(), case, plan, visit_id)
    return _record(case, plan, visit, shown)


def _record(case: Case, plan: Plan, visit: Visit | None, shown: dict[str, Any]) -> Page:
    form = Form(
        inputs.RecordVisit,
        initial={"was_made": True, "happened_at": clock.now(), "visitor": actor().name},
        version=visit.row_version if visit else None,
    )
    if form.done(
        lambda given: services.record_visit(
            writing(),
            actor(),
            case.id,
            plan.id,
            visit_id=visit.id if visit else None,
            given=given,
        )
    ):
        return _to(plan, case.code)
    return form.page("plans/record_visit.html", visit=visit, **shown)


@blueprint.route("/<uuid:plan_id>/reviews/<uuid:review_id>", methods=["GET", "POST"])
@requires(WRITE)
def review(code: str, plan_id: UUID, review_id: UUID) -> Page:
    """Record a review: what was found and decided, and the next."""
    case, plan, shown = _plan(code, plan_id)
    _case, _same, found = services.to_review(session(), actor(), case.id, plan.id, review_id)
    proposed = services.next_review(session(), case, clock.today())
    form = Form(
        inputs.HoldReview,
        initial={"held_on": clock.today(), "next_on": proposed.day},
        version=found.row_version,
    )
    if form.done(
        lambda given: services.hold_review(
            writing(), actor(), case.id, plan.id, review_id=review_id, given=given
        )
    ):
        return _to(plan, code)
    return form.page(
        "plans/review.html",
        review=found,
        decisions=case_labels.choices(labels.DECISION),
        explanation=proposed.explanation,
        **shown,
    )


@blueprint.route("/<uuid:plan_id>/end", methods=["GET", "POST"])
@requires(APPROVE)
def end(code: str, plan_id: UUID) -> Page:
    """End the plan."""
    case, plan, shown = _plan(code, plan_id)
    services.to_end(session(), actor(), case.id, plan.id)
    form = Form(inputs.EndPlan, version=plan.row_version)
    if form.done(lambda given: services.end_plan(writing(), actor(), case.id, plan.id, given)):
        return _to(plan, code)
    return form.page("plans/end.html", outcomes=case_labels.choices(labels.OUTCOME), **shown)
