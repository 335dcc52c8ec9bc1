"""Who sees which interview, and what pages read of the register."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseStatus, Circle
from portal.cases.queries import own_cases, own_readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.db.sealing import opened
from portal.duplicates.models import Match, MatchState
from portal.errors import NotFound
from portal.interviews.models import AskRule, Interview, InterviewKind, ReportRequest
from portal.referrals.models import OPEN, Referral

Condition = sa.ColumnElement[bool]
TABLE = "portal_interview"
SAME = (MatchState.LINKED, MatchState.MERGED)


def visible_interviews(actor: Actor) -> Condition:
    """Return the condition under which `Interview` rows are visible, by circle as entries are.

    Whoever reads the case whole; every institution of an open case where the circle says so; and
    whoever recorded it and is still on the case. Emergency access and a staff session open none:
    who heard a child in care may tell where the child is.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()

    def where(*conditions: Condition) -> Condition:
        of_case = col(Case.id) == col(Interview.case_id)
        return sa.exists().where(of_case, *conditions).correlate(Interview)

    is_open = col(Case.status) == CaseStatus.OPEN
    return sa.or_(
        where(own_readable_cases(actor)),
        sa.and_(col(Interview.circle) == Circle.PARTIES, where(own_cases(actor), is_open)),
        sa.and_(col(Interview.author_agency_id) == actor.agency_id, where(own_cases(actor))),
    )


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which interviews are of a case, for who asks whether there are any at all."""
    return col(Interview.case_id) == case_id


def get_interview(session: Session, actor: Actor, case: Case, interview_id: UUID) -> Interview:
    """Return a visible interview of a case and note the read; raises NotFound."""
    interview = session.scalar(
        sa.select(Interview).where(
            col(Interview.id) == interview_id,
            col(Interview.case_id) == case.id,
            visible_interviews(actor),
        )
    )
    if interview is None:
        raise NotFound
    audit.note_read(session, actor, "interviews.interview.read", interview.id, case=case.id)
    return interview


@dataclass(frozen=True, slots=True)
class InterviewRow:
    """An interview in the register: who, when, on what, where the report is; never what was said.

    `asked` are the acting agency's referrals that ask for the report and are open.
    """

    id: UUID
    case_id: UUID
    case_code: str
    person_id: UUID
    kind: InterviewKind
    heard_on: date
    agency: str
    subject: str
    holder_id: UUID | None
    holder: str
    holder_telephone: str
    report: str
    may_ask: AskRule
    circle: Circle
    again_why: str
    author_id: UUID | None
    author_agency_id: UUID | None
    recorded_at: datetime
    struck_at: datetime | None
    strike_reason: str
    asked: tuple[UUID, ...] = ()


def _rows(visible: Condition) -> AnyColumns:
    holder = aliased(Agency)
    return (
        sa.select(
            col(Interview.id),
            col(Interview.case_id),
            col(Case.code),
            col(Interview.person_id),
            col(Interview.kind),
            col(Interview.heard_on),
            sa.func.coalesce(col(Agency.name), ""),
            col(Interview.heard_by),
            col(Interview.subject),
            col(Interview.holder_id),
            sa.func.coalesce(col(holder.name), ""),
            sa.func.coalesce(col(holder.telephone), ""),
            col(Interview.report),
            col(Interview.may_ask),
            col(Interview.circle),
            col(Interview.again_why),
            col(Interview.author_id),
            col(Interview.author_agency_id),
            col(Interview.recorded_at),
            col(Interview.struck_at),
            col(Interview.strike_reason_sealed),
        )
        .join(Case, col(Case.id) == col(Interview.case_id))
        .join(Agency, col(Agency.id) == col(Interview.agency_id), isouter=True)
        .join(holder, col(holder.id) == col(Interview.holder_id), isouter=True)
        .where(visible)
        .order_by(col(Interview.heard_on).desc(), col(Interview.id).desc())
    )


def _read(
    session: Session, actor: Actor, statement: AnyColumns, **values: object
) -> list[InterviewRow]:
    found = list(rows(session, statement, acting(actor, **values)))
    if not found:
        return []
    asked = _asked(session, actor, [row[0] for row in found])
    audit.note_read(session, actor, "interviews.interview.list", *[row[0] for row in found])
    told = []
    for row in found:
        *plain, sealed = row
        heard = " · ".join(part for part in (plain[6], plain[7]) if part)
        why = opened(session, plain[1], TABLE, "strike_reason_sealed", plain[0], sealed)
        shown: list[Any] = [*plain[:6], heard, *plain[8:], why, tuple(asked[plain[0]])]
        told.append(InterviewRow(*shown))
    return told


def _asked(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, list[UUID]]:
    statement: AnyColumns = (
        sa.select(col(ReportRequest.interview_id), col(Referral.id))
        .join(Referral, col(Referral.id) == col(ReportRequest.referral_id))
        .where(
            col(ReportRequest.interview_id).in_(ids),
            col(ReportRequest.agency_id) == actor.agency_id,
            col(Referral.status).in_(OPEN),
        )
        .order_by(col(ReportRequest.at))
    )
    asked: dict[UUID, list[UUID]] = defaultdict(list)
    for interview_id, referral_id in rows(session, statement):
        asked[interview_id].append(referral_id)
    return asked


def list_for_case(session: Session, actor: Actor, case: Case) -> list[InterviewRow]:
    """Return the visible interviews of a case, the latest first, struck ones too."""
    return _read(session, actor, _of_case(actor), case_id=case.id)


@once
def _of_case(actor: Actor) -> AnyColumns:
    return _rows(sa.and_(visible_interviews(actor), col(Interview.case_id) == given("case_id")))


def list_for_child(session: Session, actor: Actor, person_id: UUID) -> list[InterviewRow]:
    """Return the interviews of a child that stand, on every case of it that the actor sees.

    Records that both leads take for the same child are read as one.
    """
    one, other = col(Match.one_id), col(Match.other_id)
    same = col(Match.state).in_(SAME)
    whose = sa.union_all(
        sa.select(sa.literal(person_id, sa.Uuid())),
        sa.select(other).where(one == person_id, same),
        sa.select(one).where(other == person_id, same),
    )
    visible = sa.and_(
        visible_interviews(actor),
        col(Interview.person_id).in_(whose),
        col(Interview.struck_at).is_(None),
    )
    return _read(session, actor, _rows(visible))
