"""What roles and roster hold of a person who works here."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.access import holdings
from portal.access.labels import ACT, DECISION, HANDOVER, ROLE
from portal.access.models import (
    AccessReview,
    AccessReviewLine,
    DutyShift,
    Handover,
    HandoverLine,
    Membership,
    Signer,
    StaffSession,
)
from portal.agencies.queries import names_of
from portal.db import rows
from portal.personal import Erased, PersonExport, readable
from portal.texts import _, _l


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the roles that a person holds or held, the turns of duty and what was handed over."""
    held = session.scalars(
        sa.select(Membership)
        .where(col(Membership.user_id) == user_id)
        .order_by(col(Membership.since))
    ).all()
    shifts = session.scalars(
        sa.select(DutyShift)
        .where(col(DutyShift.user_id) == user_id)
        .order_by(col(DutyShift.starts_at))
    ).all()
    made = session.scalars(
        sa.select(Handover)
        .where(col(Handover.user_id) == user_id)
        .order_by(col(Handover.opened_at))
    ).all()
    lines = rows(
        session,
        sa.select(col(HandoverLine.kind), col(Handover.completed_at))
        .join(Handover, col(Handover.id) == col(HandoverLine.handover_id))
        .where(sa.or_(col(HandoverLine.to_user_id) == user_id, col(Handover.user_id) == user_id))
        .order_by(col(Handover.completed_at), col(HandoverLine.id)),
    )
    looks = session.scalars(
        sa.select(StaffSession)
        .where(col(StaffSession.user_id) == user_id)
        .order_by(col(StaffSession.opened_at))
    ).all()
    signs = session.scalars(
        sa.select(Signer).where(col(Signer.user_id) == user_id).order_by(col(Signer.since))
    ).all()
    ids = {row.agency_id for row in held if row.agency_id} | {row.agency_id for row in signs}
    ids |= {row.agency_id for row in shifts} | {row.agency_id for row in made}
    ids |= {row.agency_id for row in looks}
    names = names_of(session, ids)
    return [
        PersonExport(
            table="portal_membership",
            title=_l("Roles"),
            rows=[
                readable(
                    (_("Institution"), names.get(row.agency_id) if row.agency_id else ""),
                    (_("Role"), ROLE[row.role]),
                    (_("Post"), row.post),
                    (_("Since"), row.since),
                    (_("Until"), row.until),
                )
                for row in held
            ],
        ),
        PersonExport(
            table="portal_staff_session",
            title=_l("Staff sessions"),
            rows=[
                readable(
                    (_("Institution"), names[row.agency_id]),
                    (_("Since"), row.opened_at),
                    (_("Until"), row.ended_at or row.until),
                )
                for row in looks
            ],
        ),
        PersonExport(
            table="portal_duty_shift",
            title=_l("Turns of duty"),
            rows=[
                readable(
                    (_("Institution"), names[row.agency_id]),
                    (_("Telephone"), row.telephone),
                    (_("From"), row.starts_at),
                    (_("Until"), row.ends_at),
                )
                for row in shifts
            ],
        ),
        PersonExport(
            table="portal_handover",
            title=_l("Hand-overs"),
            rows=[
                readable(
                    (_("Institution"), names[row.agency_id]),
                    (_("Reason"), HANDOVER[row.kind]),
                    (_("Since"), row.opened_at),
                    (_("Complete since"), row.completed_at),
                )
                for row in made
            ],
        ),
        PersonExport(
            table="portal_handover_line",
            title=_l("What passed with a post"),
            rows=[
                readable((_("What"), _word(kind)), (_("Complete since"), at)) for kind, at in lines
            ],
        ),
        PersonExport(
            table="portal_signer",
            title=_l("Signers"),
            rows=[
                readable(
                    (_("Institution"), names[row.agency_id]),
                    (_("What the person signs"), ACT[row.act]),
                    (_("Resolution"), row.resolution),
                    (_("Since"), row.since),
                    (_("Until"), row.until),
                )
                for row in signs
            ],
        ),
        *_reviewed(session, user_id),
    ]


def _reviewed(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return what reviews of privileges found of a person's roles, and those the person made."""
    made = session.scalars(
        sa.select(AccessReview)
        .where(
            sa.or_(col(AccessReview.decided_by) == user_id, col(AccessReview.closed_by) == user_id)
        )
        .order_by(col(AccessReview.opened_at))
    ).all()
    lines = rows(
        session,
        sa.select(
            col(AccessReview.opened_at),
            col(Membership.role),
            col(AccessReviewLine.used_at),
            col(AccessReviewLine.decision),
        )
        .join(AccessReview, col(AccessReview.id) == col(AccessReviewLine.review_id))
        .join(Membership, col(Membership.id) == col(AccessReviewLine.membership_id))
        .where(col(Membership.user_id) == user_id)
        .order_by(col(AccessReview.opened_at), col(AccessReviewLine.id)),
    )
    return [
        PersonExport(
            table="portal_access_review",
            title=_l("Reviews of privileges"),
            rows=[
                readable(
                    (_("Since"), row.opened_at),
                    (_("Decision"), row.decided_at),
                    (_("Until"), row.closed_at),
                )
                for row in made
            ],
        ),
        PersonExport(
            table="portal_access_review_line",
            title=_l("Review of privileges"),
            rows=[
                readable(
                    (_("Since"), opened_at),
                    (_("Role"), ROLE[role]),
                    (_("Last use"), used_at),
                    (_("Decision"), DECISION[decision] if decision else ""),
                )
                for opened_at, role, used_at, decision in lines
            ],
        ),
    ]


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Empty telephones and posts of a person who left; roles, turns and hand-overs stay."""
    parts: list[Erased] = []
    for table, whose, values in (
        (DutyShift, col(DutyShift.user_id), {"telephone": ""}),
        (Membership, col(Membership.user_id), {"post": ""}),
        (Handover, col(Handover.user_id), {"to_post": ""}),
    ):
        done = session.execute(sa.update(table).where(whose == user_id).values(values))
        parts.append(Erased(table=str(table.__tablename__), erased=done.rowcount))  # type: ignore[attr-defined]
    return parts


def _word(name: str) -> object:
    """Return the words of a kind of thing, or its name where its context is gone."""
    kind = holdings.kind_of(name)
    return kind.label if kind else name
