"""Who sees which plan, and what pages read of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from portal import audit, clock
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseParty, CaseStatus, Level
from portal.cases.queries import is_current, own_readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.errors import NotFound
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.plans.models import (
    Activity,
    Plan,
    PlanVersion,
    Progress,
    Review,
    Visit,
)
from portal.texts import _
from portal.users.models import User

Condition = sa.ColumnElement[bool]
Row = TypeVar("Row", bound=SQLModel)
# How far ahead the home page looks: what is due later waits on the plan's own page.
AHEAD = timedelta(days=14)


def visible_plans(actor: Actor) -> Condition:
    """Return the condition under which `Plan` rows are visible: where the whole case is read.

    Emergency access and a staff session open none: what is planned may tell where a child is. Who
    collaborates reads the commitments that it owes, and no objective.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    of_case = col(Case.id) == col(Plan.case_id)
    return sa.exists().where(of_case, own_readable_cases(actor)).correlate(Plan)


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which plans are of a case, for who asks whether there are any at all."""
    return col(Plan.case_id) == case_id


def visible_parts(actor: Actor, part: type[SQLModel]) -> Condition:
    """Return the condition under which versions, objectives, visits… are visible: as their plan."""
    plan_id = part.plan_id  # type: ignore[attr-defined]
    return sa.exists().where(col(Plan.id) == plan_id, visible_plans(actor)).correlate(part)


def get_plan(session: Session, actor: Actor, case: Case, plan_id: UUID) -> Plan:
    """Return a visible plan of a case and note the read; raises NotFound."""
    plan = session.scalar(
        sa.select(Plan).where(
            col(Plan.id) == plan_id, col(Plan.case_id) == case.id, visible_plans(actor)
        )
    )
    if plan is None:
        raise NotFound
    audit.note_read(session, actor, "plans.plan.read", plan.id, case=case.id)
    return plan


def get_part(session: Session, plan: Plan, part: type[Row], part_id: UUID) -> Row:
    """Return an objective, activity, visit or review of a plan that was read; raises NotFound."""
    found = session.get(part, part_id)
    if found is None or found.plan_id != plan.id:  # type: ignore[attr-defined]
        raise NotFound
    return found


def find_draft(session: Session, plan: Plan) -> PlanVersion | None:
    """Return the version in preparation of a plan that was read, or None."""
    return session.scalar(
        sa.select(PlanVersion).where(
            col(PlanVersion.plan_id) == plan.id, col(PlanVersion.approved_at).is_(None)
        )
    )


def get_version(session: Session, plan: Plan, number: int) -> PlanVersion:
    """Return a version of a plan that was read; raises NotFound."""
    version = session.scalar(
        sa.select(PlanVersion).where(
            col(PlanVersion.plan_id) == plan.id, col(PlanVersion.number) == number
        )
    )
    if version is None:
        raise NotFound
    return version


def list_parts(session: Session, part: type[Row], plan_ids: Collection[UUID]) -> list[Row]:
    """Return the objectives, activities… of plans that were read, as they were first written."""
    plan_id, id_ = part.plan_id, part.id  # type: ignore[attr-defined]
    return list(session.scalars(sa.select(part).where(plan_id.in_(plan_ids)).order_by(id_)))


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version that was approved: its number, who approved it, for whom, when, on what."""

    number: int
    resolution: str
    resolved_on: date | None
    reason: str
    approved_at: datetime
    approved_by: str
    agency: str


def list_versions(session: Session, plan: Plan) -> list[VersionRow]:
    """Return the approved versions of a plan that was read, the newest first."""
    statement: AnyColumns = (
        sa.select(
            col(PlanVersion.number),
            col(PlanVersion.resolution),
            col(PlanVersion.resolved_on),
            col(PlanVersion.reason),
            col(PlanVersion.approved_at),
            sa.func.coalesce(col(User.name), ""),
            sa.func.coalesce(col(Agency.name), ""),
        )
        .join(User, col(User.id) == col(PlanVersion.approved_by), isouter=True)
        .join(Agency, col(Agency.id) == col(PlanVersion.agency_id), isouter=True)
        .where(col(PlanVersion.plan_id) == plan.id, col(PlanVersion.approved_at).is_not(None))
        .order_by(col(PlanVersion.number).desc())
    )
    return [VersionRow(*row) for row in rows(session, statement)]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as the page of a case lists it."""

    id: UUID
    person_id: UUID
    number: int
    ended_at: datetime | None
    in_preparation: bool
    pending: int
    next_visit: date | None
    next_review: date | None


def list_for_case(session: Session, actor: Actor, case: Case) -> list[PlanRow]:
    """Return the visible plans of a case, those that go on first."""
    draft = sa.exists().where(
        col(PlanVersion.plan_id) == col(Plan.id), col(PlanVersion.approved_at).is_(None)
    )

    def of_plan(what: Any, part: type[SQLModel], *conditions: Condition) -> Any:
        mine = part.plan_id == col(Plan.id)  # type: ignore[attr-defined]
        return sa.select(what).where(mine, *conditions).correlate(Plan).scalar_subquery()

    pending = col(Visit.progress) == Progress.PENDING
    statement: AnyColumns = (
        sa.select(
            col(Plan.id),
            col(Plan.person_id),
            col(Plan.number),
            col(Plan.ended_at),
            draft.correlate(Plan),
            of_plan(sa.func.count(), Activity, is_owed()),
            of_plan(sa.func.min(col(Visit.planned_on)), Visit, pending),
            of_plan(sa.func.min(col(Review.due_on)), Review, col(Review.held_on).is_(None)),
        )
        .where(col(Plan.case_id) == case.id, visible_plans(actor))
        .order_by(col(Plan.ended_at).is_not(None), col(Plan.id))
    )
    return [PlanRow(*row) for row in rows(session, statement)]


def is_owed() -> Condition:
    """Return that an activity of the version in force is to be done, joined with its plan."""
    return sa.and_(
        col(Activity.progress) == Progress.PENDING,
        col(Activity.since) <= col(Plan.number),
        sa.or_(col(Activity.until).is_(None), col(Activity.until) > col(Plan.number)),
    )


def count_for_case(session: Session, actor: Actor, case: Case) -> int:
    """Return how many visible plans of a case are in force."""
    [(count,)] = rows(session, _count(actor), acting(actor, case_id=case.id))
    return int(count)


@once
def _count(actor: Actor) -> AnyColumns:
    return sa.select(sa.func.count(col(Plan.id))).where(
        col(Plan.case_id) == given("case_id"),
        col(Plan.number) > 0,
        col(Plan.ended_at).is_(None),
        visible_plans(actor),
    )


def _ours(actor: Actor) -> Any:
    """Return what the acting agency has to do for plans by `until`: activities, visits, reviews.

    An activity that is followed as a commitment stands among the commitments.
    """
    lives = sa.and_(
        col(Plan.number) > 0, col(Plan.ended_at).is_(None), col(Case.status) == CaseStatus.OPEN
    )

    def of(kind: str, part: Any, what: Any, on: Any, *conditions: Condition) -> Any:
        return (
            sa.select(
                sa.literal(kind).label("kind"),
                col(Case.code).label("code"),
                col(Plan.id).label("plan_id"),
                part.id.label("part_id"),
                what.label("what"),
                on.label("due_on"),
            )
            .select_from(part)
            .join(Plan, col(Plan.id) == part.plan_id)
            .join(Case, col(Case.id) == col(Plan.case_id))
            .where(lives, on <= given("until", on), visible_plans(actor), *conditions)
        )

    return sa.union_all(
        of(
            "activity",
            Activity,
            col(Activity.act),
            col(Activity.due_on),
            col(Activity.agency_id) == actor.agency_id,
            col(Activity.commitment_id).is_(None),
            is_owed(),
        ),
        of(
            "visit",
            Visit,
            col(Visit.purpose),
            col(Visit.planned_on),
            col(Visit.agency_id) == actor.agency_id,
            col(Visit.progress) == Progress.PENDING,
        ),
        of(
            "review",
            Review,
            sa.literal(""),
            col(Review.due_on),
            col(Review.held_on).is_(None),
            col(Case.lead_agency_id) == actor.agency_id,
        ),
    ).subquery()


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return what the acting agency has to do for plans within a fortnight, soonest first."""
    if actor.agency_id is None:
        return []
    found = rows(session, _soonest(actor, limit), acting(actor, until=clock.today() + AHEAD))
    if found:
        audit.note_read(session, actor, "plans.plan.list", *{row[2] for row in found})
    return [_line(*row) for row in found]


@once
def _soonest(actor: Actor, limit: int) -> AnyColumns:
    ours = _ours(actor)
    return (
        sa.select(
            ours.c.kind, ours.c.code, ours.c.plan_id, ours.c.part_id, ours.c.what, ours.c.due_on
        )
        .order_by(ours.c.due_on, ours.c.part_id)
        .limit(limit)
    )


def _line(kind: str, code: str, plan_id: UUID, part_id: UUID, what: str, due_on: date) -> HomeItem:
    days = (due_on - clock.today()).days
    page = f"/cases/{code}/plans/{plan_id}"
    title, note, label, url = {
        "activity": (what, _("activity of the plan"), _("Record it"), f"activities/{part_id}/done"),
        "visit": (what, _("follow-up visit"), _("Record the visit"), f"visits/{part_id}"),
        "review": (
            _("Review of the plan"),
            _("review of the plan and its measure"),
            _("Record the review"),
            f"reviews/{part_id}",
        ),
    }[kind]
    return HomeItem(
        when=due_on,
        tone=Tone.OVERDUE if days < 0 else Tone.DUE_SOON if days <= 1 else Tone.IN_TIME,
        title=title,
        note=f"{note} · {code}",
        url=page,
        action_label=label,
        action_url=f"{page}/{url}",
        group=HomeGroup.TERMS if kind == "review" else HomeGroup.COMMITMENTS,
    )


def due_days(session: Session, actor: Actor, until: date) -> Collection[date]:
    """Return the days up to one on which the acting agency has something to do for a plan."""
    if actor.agency_id is None:
        return []
    return [day for (day,) in rows(session, _days(actor), acting(actor, until=until))]


@once
def _days(actor: Actor) -> AnyColumns:
    return sa.select(_ours(actor).c.due_on).distinct()


def owing(session: Session, plan_id: UUID, version: int) -> list[UUID]:
    """Return the other institutions that answer for an activity of a version and read its plan.

    For whoever tells them: those that intervene on the case now. Who collaborates is asked by a
    commitment.
    """
    stands = sa.and_(
        col(Activity.since) <= version,
        sa.or_(col(Activity.until).is_(None), col(Activity.until) > version),
    )
    found = session.scalars(
        sa.select(col(Activity.agency_id))
        .distinct()
        .join(Plan, col(Plan.id) == col(Activity.plan_id))
        .join(CaseParty, col(CaseParty.case_id) == col(Plan.case_id))
        .where(
            col(Plan.id) == plan_id,
            stands,
            col(CaseParty.agency_id) == col(Activity.agency_id),
            col(CaseParty.level) == Level.TEAM,
            is_current(),
        )
    )
    return sorted(found)
