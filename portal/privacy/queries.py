"""Who sees which unusual reading, and who looked at what: never what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.agencies.queries import names_of
from portal.audit.models import AuditEntry, AuditReason
from portal.cases.models import Case
from portal.db import rows
from portal.db.models import ScopeKey
from portal.db.sealing import unseal
from portal.errors import NotFound
from portal.events.work import LATELY, LongWork
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.privacy import answers, incidents, orders
from portal.privacy.labels import EXPORT, KIND, LOOK
from portal.privacy.models import (
    AlertKind,
    AlertState,
    ExportFile,
    ExportState,
    ReadingAlert,
    ReadingAlertCase,
)
from portal.texts import _
from portal.users.models import User

Condition = sa.ColumnElement[bool]
PAGE = 50
MOST_DAYS = 90


def visible_alerts(actor: Actor) -> Condition:
    """Return the condition under which `ReadingAlert` rows are visible to the actor.

    The privacy officer of the reader's institution, and of the one that leads a case that was
    opened.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or not actor.has_role(Role.PRIVACY_OFFICER):
        return sa.false()
    led = sa.exists().where(
        col(ReadingAlertCase.alert_id) == col(ReadingAlert.id),
        col(ReadingAlertCase.case_id) == col(Case.id),
        col(Case.lead_agency_id) == actor.agency_id,
    )
    return sa.or_(col(ReadingAlert.agency_id) == actor.agency_id, led)


def get_alert(session: Session, actor: Actor, alert_id: UUID) -> ReadingAlert:
    """Return a visible unusual reading; raises NotFound."""
    alert = session.scalar(
        sa.select(ReadingAlert).where(col(ReadingAlert.id) == alert_id, visible_alerts(actor))
    )
    if alert is None:
        raise NotFound
    return alert


def get_own_reading(session: Session, actor: Actor, alert_id: UUID) -> ReadingAlert:
    """Return an unusual reading to the reader whom it is about; raises NotFound."""
    alert = session.scalar(
        sa.select(ReadingAlert).where(
            col(ReadingAlert.id) == alert_id, col(ReadingAlert.user_id) == actor.user_id
        )
    )
    if alert is None or actor.user_id is None:
        raise NotFound
    return alert


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An unusual reading in a list: the reference, who, of which institution, when."""

    id: UUID
    reference: str
    kind: AlertKind
    state: AlertState
    count: int
    until: datetime
    reader: str
    agency: str
    agency_id: UUID


def list_alerts(
    session: Session, actor: Actor, *, state: AlertState | None = None, limit: int = PAGE
) -> list[AlertRow]:
    """Return visible unusual readings, the newest first."""
    statement = (
        sa.select(
            col(ReadingAlert.id),
            col(ReadingAlert.reference),
            col(ReadingAlert.kind),
            col(ReadingAlert.state),
            col(ReadingAlert.count),
            col(ReadingAlert.until),
            col(User.name),
            col(Agency.name),
            col(ReadingAlert.agency_id),
        )
        .join(User, col(User.id) == col(ReadingAlert.user_id))
        .join(Agency, col(Agency.id) == col(ReadingAlert.agency_id))
        .where(visible_alerts(actor))
        .order_by(col(ReadingAlert.made_at).desc(), col(ReadingAlert.id).desc())
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(col(ReadingAlert.state) == state)
    return [AlertRow(*row) for row in rows(session, statement)]


def codes_of(session: Session, actor: Actor, alert: ReadingAlert) -> list[str]:
    """Return the codes of the cases that a reading opened; the lead is told its own only."""
    statement = (
        sa.select(col(Case.id), col(Case.code))
        .join(ReadingAlertCase, col(ReadingAlertCase.case_id) == col(Case.id))
        .where(col(ReadingAlertCase.alert_id) == alert.id)
        .order_by(col(Case.code))
    )
    if alert.agency_id != actor.agency_id:
        statement = statement.where(col(Case.lead_agency_id) == actor.agency_id)
    known = dict(rows(session, statement))
    if known:
        audit.note_read(session, actor, "privacy.alert.list", *known)
    return list(known.values())


def words_of(session: Session, alert: ReadingAlert, column: str) -> str:
    """Return what was said or found of a reading, or an empty text."""
    cell = getattr(alert, column)
    return unseal(session, alert.id, "portal_privacy_alert", column, alert.id, cell) if cell else ""


@dataclass(frozen=True, slots=True)
class LookRow:
    """That somebody looked: when, who, for whom, at which case, how, and the reason given."""

    at: datetime
    person: str
    agency: str
    code: str
    what: str
    reason: str


def who_looked(
    session: Session,
    actor: Actor,
    *,
    code: str = "",
    user_id: UUID | None = None,
    days: int = 30,
) -> list[LookRow]:
    """Return who looked at a case, or what a person opened, in the last days; the newest first.

    An officer is told of people of the own institution, and of everybody for a case that it leads.
    What was read is never told. Asking is recorded.
    """
    case_id = session.scalar(sa.select(col(Case.id)).where(col(Case.code) == code))
    asked = [each for each in (case_id, user_id) if each is not None]
    if actor.agency_id is None or not asked or (code and case_id is None):
        return []
    wanted: list[Condition] = [
        col(AuditEntry.at) >= clock.now() - timedelta(days=min(days, MOST_DAYS)),
        col(AuditEntry.action).in_(LOOK),
        sa.or_(
            col(AuditEntry.agency_id) == actor.agency_id,
            col(Case.lead_agency_id) == actor.agency_id,
        ),
    ]
    if case_id:
        wanted.append(col(AuditEntry.case_id) == case_id)
    if user_id:
        wanted.append(col(AuditEntry.user_id) == user_id)
    statement = (
        sa.select(
            col(AuditEntry.id),
            col(AuditEntry.at),
            sa.func.coalesce(col(User.name), ""),
            col(AuditEntry.agency_id),
            col(AuditEntry.case_id),
            col(Case.code),
            col(AuditEntry.action),
        )
        .join(Case, col(Case.id) == col(AuditEntry.case_id))
        .join(User, col(User.id) == col(AuditEntry.user_id), isouter=True)
        .where(*wanted)
        .order_by(col(AuditEntry.at).desc())
        .limit(PAGE)
    )
    found = rows(session, statement)
    audit.note_read(session, actor, "privacy.look.read", *asked)
    reasons = _reasons(session, [row[0] for row in found])
    names = names_of(session, {row[3] for row in found if row[3]})
    return [
        LookRow(at, person, names.get(agency_id, "") if agency_id else "", shown, action, reason)
        for entry_id, at, person, agency_id, _case, shown, action in found
        for reason in [reasons.get(entry_id, "")]
    ]


def _reasons(session: Session, entry_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the reasons that people gave; one that was erased is left out."""
    kept = session.scalars(
        sa.select(AuditReason).where(col(AuditReason.entry_id).in_(entry_ids))
    ).all()
    keys = session.scalars(
        sa.select(ScopeKey).where(col(ScopeKey.scope).in_({each.scope for each in kept}))
    ).all()
    open_scopes = {key.scope for key in keys}
    return {
        each.entry_id: unseal(
            session,
            each.scope,
            "portal_audit_reason",
            "reason_sealed",
            each.entry_id,
            each.reason_sealed,
        )
        for each in kept
        if each.scope in open_scopes
    }


def people_of(session: Session, agency_id: UUID | None) -> list[tuple[str, str]]:
    """Return the people who act or acted for an institution, to choose from."""
    from portal.access.models import Membership

    statement = (
        sa.select(col(User.id), col(User.name))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.agency_id) == agency_id)
        .group_by(col(User.id), col(User.name))
        .order_by(col(User.name))
    )
    return [(str(user_id), name) for user_id, name in rows(session, statement)]


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return what waits: incidents to tell, orders and requests to decide, unusual readings."""
    found = [
        *incidents.lines(session, actor, limit),
        *orders.lines(session, actor, limit),
        *answers.lines(session, actor, limit),
    ]
    if actor.has_role(Role.PRIVACY_OFFICER):
        waiting = list_alerts(session, actor, state=AlertState.OPEN, limit=limit)
        found += [_line(row) for row in waiting if row.agency_id == actor.agency_id]
    return found


def _line(row: AlertRow) -> HomeItem:
    return HomeItem(
        when=row.until,
        tone=Tone.DUE_SOON,
        title=_("Unusual reading %(reference)s", reference=row.reference),
        note=str(KIND[row.kind]),
        url=f"/privacy/alerts/{row.id}",
        action_label=_("Look into it"),
        group=HomeGroup.ALERTS,
    )


def long_work(session: Session, actor: Actor, limit: int) -> list[LongWork]:
    """Return one's own copies that are being drawn, or were asked for lately."""
    if actor.user_id is None or actor.agency_id is None:
        return []
    waiting = col(ExportFile.state) == ExportState.WAITING
    statement = (
        sa.select(
            col(ExportFile.id),
            col(ExportFile.number),
            col(ExportFile.state),
            col(ExportFile.made_at),
        )
        .where(
            col(ExportFile.owner_id) == actor.user_id,
            col(ExportFile.agency_id) == actor.agency_id,
            sa.or_(waiting, col(ExportFile.made_at) > clock.now() - LATELY),
        )
        .order_by(waiting.desc(), col(ExportFile.made_at).desc())
        .limit(limit)
    )
    return [
        LongWork(
            title=_("Copy %(number)s", number=number),
            url=f"/privacy/copies/{export_id}",
            state=EXPORT[state],
            asked_at=made_at,
            is_running=state is ExportState.WAITING,
        )
        for export_id, number, state, made_at in rows(session, statement)
    ]
