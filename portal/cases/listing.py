"""The list of cases: a walk of the worklist in the order of work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.cases.children import children_of
from portal.cases.models import (
    Case,
    CaseAssignment,
    CaseGrant,
    CaseStatus,
    Level,
    Priority,
    Worklist,
)
from portal.cases.rules import title_of
from portal.cases.visibility import may_hold_emergency, not_barred, own_cases, runs
from portal.db import NOW, TODAY, AnyColumns, acting, given, once, rows
from portal.people.rules import initials
from portal.places.queries import name_of

PAGE = 50
SOON_DAYS = 5
TERMS = ("late", "soon")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the list may be narrowed by; kept in the address."""

    status: CaseStatus = CaseStatus.OPEN
    priority: Priority | None = None
    province: str = ""
    term: str = ""
    mine: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list: titles and initials, never a full name.

    `until` is set where it is open by emergency access only, until then.
    """

    id: UUID
    code: str
    priority: Priority
    due_on: date
    level: Level
    stage: str
    district: str
    lead: str
    title: str
    initials: str
    key: tuple[int, date, UUID]
    until: datetime | None = None


def list_cases(
    session: Session,
    actor: Actor,
    wanted: CaseFilter,
    *,
    after: tuple[int, date, UUID] | None = None,
    limit: int = PAGE,
) -> list[CaseRow]:
    """Return visible cases in the order of work after a place in it; at most `limit`.

    Ask for one more than shown to know whether more follow. The page is noted as a set of reads.
    """
    if actor.agency_id is None:
        return []
    page = _page(actor, _shape(wanted), limit, follows=after is not None)
    walked: list[Any] = [(*row, None) for row in rows(session, page, _values(actor, wanted, after))]
    found = sorted(walked + _in_emergency(session, actor, wanted, after), key=_place)[:limit]
    children = children_of(session, [row[0] for row in found])
    if found:
        audit.note_read(session, actor, "cases.case.list", *[row[0] for row in found])
    day = clock.today()
    ranks = list(Priority)
    return [
        CaseRow(
            id=case_id,
            code=code,
            priority=ranks[rank],
            due_on=due_on,
            level=level,
            stage=stage,
            district=name_of(district),
            lead=lead,
            title=title_of(children[case_id], day),
            initials=" · ".join(initials(child) for child in children[case_id]),
            key=(rank, due_on, case_id),
            until=until,
        )
        for case_id, code, rank, due_on, level, stage, district, lead, until in found
    ]


ORDER = (col(Worklist.priority), col(Worklist.due_on), col(Worklist.case_id))
PLACE = ("after_rank", "after_day", "after_case")


def _shape(wanted: CaseFilter) -> CaseFilter:
    """Return a filter as a shape of its statement: that something is typed, and not what."""
    return replace(
        wanted,
        province=wanted.province and "*",
        code=wanted.code and "*",
        term=wanted.term if wanted.term in TERMS else "",
    )


def _values(
    actor: Actor, wanted: CaseFilter, after: tuple[int, date, UUID] | None = None
) -> Mapping[str, Any]:
    """Return the values of the statements of a list: what is typed, and where the page begins."""
    typed = re.sub(r"([%_/])", r"/\1", wanted.code.upper())
    return acting(
        actor,
        first_district=wanted.province + "00",
        last_district=wanted.province + "99",
        coded=f"%{typed}%",
        soon=clock.today() + timedelta(days=SOON_DAYS),
        **dict(zip(PLACE, after or (), strict=False)),
    )


@once
def _page(actor: Actor, wanted: CaseFilter, limit: int, *, follows: bool) -> Any:
    """Return a page of the list, the first or what follows a place."""
    statement = _shown(walk(actor, wanted))
    if follows:
        place = [given(name, column) for name, column in zip(PLACE, ORDER, strict=True)]
        statement = statement.where(sa.tuple_(*ORDER) > sa.tuple_(*place))
    return statement.order_by(*ORDER).limit(limit)


@once
def _counted(actor: Actor, wanted: CaseFilter, cap: int) -> "sa.Select[int]":
    return sa.select(sa.func.count()).select_from(walk(actor, wanted).limit(cap + 1).subquery())


def _place(row: Any) -> tuple[int, date, UUID]:
    case_id, _code, rank, due_on, *_rest = row
    return rank, due_on, case_id


def _in_emergency(
    session: Session,
    actor: Actor,
    wanted: CaseFilter,
    after: tuple[int, date, UUID] | None = None,
) -> list[Any]:
    """Return the few cases that are open by emergency access only, as the walk's columns.

    They are gathered apart and merged in order, so that the walk of the worklist stays what it is.
    """
    if wanted.mine or not _running(session, actor):
        return []
    statement: AnyColumns = (
        sa.select(
            col(Case.id),
            col(Case.code),
            col(Case.priority),
            col(Case.due_on),
            sa.literal(Level.TEAM.value),
            col(Case.stage),
            col(Case.district),
            col(Agency.name),
            sa.func.max(col(CaseGrant.until)),
        )
        .select_from(CaseGrant)
        .join(Case, col(Case.id) == col(CaseGrant.case_id))
        .join(Agency, col(Agency.id) == col(Case.lead_agency_id))
        .where(
            col(CaseGrant.user_id) == actor.user_id,
            col(CaseGrant.agency_id) == actor.agency_id,
            runs(),
            col(Case.status) == wanted.status,
            sa.not_(own_cases(actor)),
            not_barred(actor, col(Case.id)),
        )
        .group_by(col(Case.id), col(Agency.name))
    )
    found = [
        (case_id, code, priority.rank, due_on, Level(level), *rest)
        for case_id, code, priority, due_on, level, *rest in rows(session, statement)
    ]
    fitting = [row for row in found if _fits(row, wanted)]
    return [row for row in fitting if after is None or _place(row) > after]


def _running(session: Session, actor: Actor) -> bool:
    """Tell whether any emergency access of the actor runs now; asked once a request.

    Nearly always none does, and then the list costs what it cost without.
    """
    if not may_hold_emergency(actor):
        return False
    asked: dict[Any, bool] = session.info.setdefault("emergencies", {})
    key = (actor.user_id, actor.agency_id)
    if key not in asked:
        asked[key] = bool(rows(session, _grants(actor), acting(actor)))
    return asked[key]


@once
def _grants(actor: Actor) -> AnyColumns:
    mine = sa.and_(col(CaseGrant.user_id) == actor.user_id, col(CaseGrant.until) > NOW)
    return sa.select(col(CaseGrant.id)).where(mine).limit(1)


def _fits(row: Any, wanted: CaseFilter) -> bool:
    _case_id, code, rank, due_on, _level, _stage, district, *_rest = row
    today = clock.today()
    soon = today <= due_on <= today + timedelta(days=SOON_DAYS)
    return (
        (wanted.priority is None or rank == wanted.priority.rank)
        and district.startswith(wanted.province)
        and wanted.code.upper() in code
        and (wanted.term != "late" or due_on < today)
        and (wanted.term != "soon" or soon)
    )


def walk(actor: Actor, wanted: CaseFilter) -> Any:
    """Return the identifiers of the list's cases; other tables come in only where they decide.

    What is typed into a filter, and when soon is, come on execution (`_values`).
    """
    statement = sa.select(col(Worklist.case_id)).where(
        col(Worklist.agency_id) == actor.agency_id,
        col(Worklist.status) == wanted.status,
        sa.or_(col(Worklist.until).is_(None), col(Worklist.until) > NOW),
        not_barred(actor, col(Worklist.case_id)),
    )
    return _filtered(_within_agency(statement, actor, wanted), wanted)


def _shown(walk: Any) -> Any:
    """Return the columns of the list for the cases of a walk."""
    return (
        walk.join(Case, col(Case.id) == col(Worklist.case_id))
        .join(Agency, col(Agency.id) == col(Case.lead_agency_id))
        .with_only_columns(
            col(Case.id),
            col(Case.code),
            col(Worklist.priority),
            col(Worklist.due_on),
            col(Worklist.level),
            col(Case.stage),
            col(Case.district),
            col(Agency.name),
            maintain_column_froms=True,
        )
    )


def _within_agency(statement: Any, actor: Actor, wanted: CaseFilter) -> Any:
    """Narrow to the person's cases: a coordinator walks all, a caseworker starts from assignments.

    It is the same rule as `queries.within_agency`. The few assignments are gathered first, because
    the database would else walk an institution's whole list in search of them; the visibility test
    holds the two together.
    """
    on_duty = actor.has_role(Role.DUTY_OFFICER) and actor.on_duty
    sees_all = (
        actor.has_role(Role.COORDINATOR)
        or actor.staff_session_id is not None
        or (on_duty and wanted.status is CaseStatus.OPEN)
    )
    if sees_all and not wanted.mine:
        return statement
    if not sees_all and not actor.has_role(Role.CASEWORKER, Role.DUTY_OFFICER):
        return statement.where(sa.false())
    # Without a name of its own, so that one statement may walk two lists.
    assigned = (
        sa.select(col(CaseAssignment.case_id))
        .where(
            col(CaseAssignment.user_id) == actor.user_id,
            col(CaseAssignment.agency_id) == actor.agency_id,
            col(CaseAssignment.until).is_(None),
        )
        .cte()
        .prefix_with("MATERIALIZED")
    )
    return statement.join(assigned, assigned.c.case_id == col(Worklist.case_id))


def _filtered(statement: Any, wanted: CaseFilter) -> Any:
    if wanted.priority is not None:
        statement = statement.where(col(Worklist.priority) == wanted.priority.rank)
    if wanted.province or wanted.code:
        named = sa.select(col(Case.id)).where(col(Case.id) == col(Worklist.case_id))
        ends = (given(name, col(Case.district)) for name in ("first_district", "last_district"))
        within = col(Case.district).between(*ends)
        coded = col(Case.code).like(given("coded", col(Case.code)), escape="/")
        named = named.where(within) if wanted.province else named
        named = named.where(coded) if wanted.code else named
        statement = statement.where(named.correlate(Worklist).exists())
    if wanted.term == "late":
        statement = statement.where(col(Worklist.due_on) < TODAY)
    if wanted.term == "soon":
        soon = given("soon", col(Worklist.due_on))
        statement = statement.where(col(Worklist.due_on).between(TODAY, soon))
    return statement


def count_cases(session: Session, actor: Actor, wanted: CaseFilter, *, cap: int = 1000) -> int:
    """Return how many cases the list holds, counted up to `cap` (one more means "more than")."""
    if actor.agency_id is None:
        return 0
    counted = _counted(actor, _shape(wanted), cap)
    walked = session.scalar(counted, _values(actor, wanted)) or 0
    return walked + len(_in_emergency(session, actor, wanted))
