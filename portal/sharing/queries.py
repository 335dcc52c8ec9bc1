"""What the home page shows of who sees a case."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit
from portal.actor import Actor, Role
from portal.cases.models import BarKind, Case, CaseAssignment, CaseBar, CaseStatus
from portal.cases.visibility import own_cases
from portal.db import AnyColumns, acting, once, rows
from portal.host.slots import HomeItem, Tone
from portal.sharing.models import Transfer
from portal.sharing.reviews import review_lines
from portal.sharing.transfers import waiting_lines
from portal.texts import _


def belongs(case_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Return which transfers are of a case, for who asks whether there are any at all."""
    return col(Transfer.case_id) == case_id


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return reviews of emergency access, cases left by abstaining, and cases declined to us."""
    return [
        *waiting_lines(session, actor, limit),
        *review_lines(session, actor, limit),
        *_left_lines(session, actor, limit),
    ]


def _left_lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the open cases from which a person of the agency abstained and that nobody has now."""
    if not actor.has_role(Role.COORDINATOR):
        return []
    found = rows(session, _left_alone(actor, limit), acting(actor))
    if found:
        audit.note_read(session, actor, "sharing.left.list", *[row[0] for row in found])
    return [
        HomeItem(
            when=at,
            tone=Tone.DUE_SOON,
            title=_("%(code)s · somebody abstained and nobody is assigned", code=code),
            url=f"/cases/{code}",
            action_label=_("Assign colleagues"),
            action_url=f"/cases/{code}/assign",
        )
        for _case_id, code, at in found
    ]


@once
def _left_alone(actor: Actor, limit: int) -> AnyColumns:
    assigned = sa.exists().where(
        col(CaseAssignment.case_id) == col(Case.id),
        col(CaseAssignment.agency_id) == actor.agency_id,
        col(CaseAssignment.until).is_(None),
    )
    left = aliased(CaseBar)
    return (
        sa.select(col(Case.id), col(Case.code), sa.func.max(col(left.at)))
        .join(left, col(left.case_id) == col(Case.id))
        .where(
            col(left.kind) == BarKind.ABSTAINED,
            col(left.agency_id) == actor.agency_id,
            col(left.lifted_at).is_(None),
            col(Case.status) == CaseStatus.OPEN,
            ~assigned,
            own_cases(actor),
        )
        .group_by(col(Case.id), col(Case.code))
        .order_by(sa.func.max(col(left.at)))
        .limit(limit)
    )
