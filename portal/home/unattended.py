"""Matters whose institution has nobody in charge now (sin responsable): asked, never stored.

A new municipal government on 1 January leaves an office without people from one day to the next.
The leads of its matters see it here until somebody is given a role there.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.queries import unattended_agencies
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseParty, CaseStatus
from portal.cases.visibility import is_current, visible_cases
from portal.commitments.models import OPEN, Commitment
from portal.commitments.queries import awaits, visible_commitments
from portal.db import AnyColumns, acting, once, rows
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.referrals.models import Referral, ReferralStatus
from portal.referrals.queries import visible_referrals
from portal.texts import _, _n

MOST = 200


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for an institution without anybody: a case, referral or commitment."""

    agency: str
    telephone: str
    kind: str
    subject_id: UUID
    code: str

    @property
    def url(self) -> str:
        """Return its address."""
        if self.kind == "case":
            return f"/cases/{self.code}"
        return f"/{self.kind}s/{self.subject_id}"


def _matters(actor: Actor) -> Any:
    """Return the matters that the acting agency leads, sent or verifies, as one statement."""
    nobody = unattended_agencies()
    # An alias: what decides visibility asks for the actor's own party row.
    party = aliased(CaseParty)
    parties: AnyColumns = sa.select(
        col(party.agency_id).label("agency_id"),
        sa.literal("case").label("kind"),
        col(Case.id).label("subject_id"),
        col(Case.code).label("code"),
    ).where(
        col(party.case_id) == col(Case.id),
        col(party.agency_id).in_(nobody),
        is_current(party),
        col(Case.lead_agency_id) == actor.agency_id,
        col(Case.status) == CaseStatus.OPEN,
        visible_cases(actor),
    )
    referrals = sa.select(
        col(Referral.to_agency_id), sa.literal("referral"), col(Referral.id), col(Case.code)
    ).where(
        col(Case.id) == col(Referral.case_id),
        col(Referral.to_agency_id).in_(nobody),
        col(Referral.status).in_([ReferralStatus.SENT, ReferralStatus.ACCEPTED]),
        sa.or_(
            col(Referral.from_agency_id) == actor.agency_id,
            col(Case.lead_agency_id) == actor.agency_id,
        ),
        visible_referrals(actor),
    )
    commitments = (
        sa.select(
            col(Commitment.agency_id),
            sa.literal("commitment"),
            col(Commitment.id),
            sa.func.coalesce(col(Case.code), ""),
        )
        .select_from(Commitment)
        .join(Case, col(Case.id) == col(Commitment.case_id), isouter=True)
        .where(
            col(Commitment.agency_id).in_(nobody),
            col(Commitment.status).in_(OPEN),
            visible_commitments(actor),
            awaits(actor),
        )
    )
    return sa.union_all(parties, referrals, commitments).subquery()


def list_matters(session: Session, actor: Actor) -> list[Matter]:
    """Return the matters without anybody in charge, by institution; noted as one read."""
    if actor.agency_id is None:
        return []
    found = _matters(actor)
    statement = (
        sa.select(
            col(Agency.name), col(Agency.telephone), found.c.kind, found.c.subject_id, found.c.code
        )
        .join(found, col(Agency.id) == found.c.agency_id)
        .order_by(col(Agency.name), found.c.kind, found.c.code)
        .limit(MOST)
    )
    matters = [Matter(*row) for row in rows(session, statement)]
    if matters:
        ids = {matter.subject_id for matter in matters}
        audit.note_read(session, actor, "cases.unattended.list", *ids)
    return matters


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return a line for each institution without anybody, to the coordinators of its matters."""
    if actor.agency_id is None or not actor.has_role(Role.COORDINATOR):
        return []
    return [
        HomeItem(
            when=clock.today(),
            tone=Tone.OVERDUE,
            title=_("%(agency)s has nobody in charge", agency=name),
            note=_n("%(num)s matter waits for it", "%(num)s matters wait for it", count),
            url="/unattended",
            action_label=_("See what waits"),
            group=HomeGroup.REFERRALS,
        )
        for name, count in rows(session, _without_anybody(actor, limit), acting(actor))
    ]


@once
def _without_anybody(actor: Actor, limit: int) -> AnyColumns:
    found = _matters(actor)
    return (
        sa.select(col(Agency.name), sa.func.count())
        .join(found, col(Agency.id) == found.c.agency_id)
        .group_by(col(Agency.id), col(Agency.name))
        .order_by(col(Agency.name))
        .limit(limit)
    )
