"""What the alerts hold of a child. Who told it is never given out: a reserved identity (R 23.2)."""

import secrets
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.agencies.queries import names_of
from portal.alerts.labels import ARCHIVE, SIGN, STATUS
from portal.alerts.models import (
    Alert,
    AlertCall,
    AlertChild,
    AlertRecipient,
    AlertReporter,
    ArchiveKind,
    Sign,
)
from portal.cases.labels import PRIORITY, SITUATION
from portal.db.sealing import opened
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.places import full_name_of
from portal.texts import _, _l


def alerts_of(person_id: UUID) -> sa.Select[UUID]:
    """Return the identifiers of the alerts whose child a person is."""
    return sa.select(col(AlertChild.alert_id)).where(col(AlertChild.person_id) == person_id)


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the alerts about a child and the institutions that saw them; places are reserved."""
    alerts = session.scalars(
        sa.select(Alert)
        .where(col(Alert.id).in_(alerts_of(person_id)))
        .order_by(col(Alert.created_at))
    ).all()
    codes = {alert.id: alert.code for alert in alerts}
    return [
        PersonExport(table="portal_alert", title=_l("Alerts"), rows=_alerts(session, alerts)),
        PersonExport(
            table="portal_alert_child",
            title=_l("Children of an alert"),
            rows=_children(session, person_id, codes),
        ),
        PersonExport(
            table="portal_alert_recipient",
            title=_l("Institutions that saw an alert"),
            rows=_recipients(session, codes),
        ),
        PersonExport(
            table="portal_alert",
            title=_l("Where the child was"),
            rows=[_place(session, alert) for alert in alerts],
            is_reserved=True,
        ),
    ]


def _alerts(session: Session, alerts: Sequence[Alert]) -> list[dict[str, str]]:
    ids = {each for alert in alerts for each in (alert.sender_id, alert.authority_id)}
    names = names_of(session, ids)
    return [
        readable(
            (_("Code"), alert.code),
            (_("Status"), STATUS[alert.status]),
            (_("Sent by"), names[alert.sender_id]),
            (_("Sent to"), names[alert.authority_id]),
            (_("Situation"), SITUATION[alert.situation]),
            (_("Priority"), PRIORITY[alert.priority]),
            (_("District"), full_name_of(alert.district)),
            (_("Signs"), [_sign(value) for value in alert.signs]),
            (_("What happens"), alert.what_happens),
            (_("Known to who sent it"), alert.learned_at),
            (_("Written at"), alert.created_at),
            (_("Sent at"), alert.sent_at),
            (_("Ended at"), alert.ended_at),
            (_("Archived because"), _archived(alert)),
            (_("Reason"), _reason(session, alert)),
        )
        for alert in alerts
    ]


def _sign(value: str) -> str:
    return str(SIGN[Sign(value)]) if value in set(Sign) else value


def _archived(alert: Alert) -> str:
    kind = alert.archive_kind
    return str(ARCHIVE[ArchiveKind(kind)]) if kind in set(ArchiveKind) else kind


def _reason(session: Session, alert: Alert) -> str:
    return opened(session, alert.id, "portal_alert", "reason_sealed", alert.id, alert.reason_sealed)


def _place(session: Session, alert: Alert) -> dict[str, str]:
    where = opened(session, alert.id, "portal_alert", "where_sealed", alert.id, alert.where_sealed)
    return readable((_("Code"), alert.code), (_("Where"), where), (_("Telephone"), alert.telephone))


def _children(session: Session, person_id: UUID, codes: dict[UUID, str]) -> list[dict[str, str]]:
    found = session.scalars(
        sa.select(AlertChild).where(col(AlertChild.person_id) == person_id)
    ).all()
    return [
        readable((_("Alert"), codes[child.alert_id]), (_("Place in the list"), child.position + 1))
        for child in found
    ]


def _recipients(session: Session, codes: dict[UUID, str]) -> list[dict[str, str]]:
    found = session.scalars(
        sa.select(AlertRecipient)
        .where(col(AlertRecipient.alert_id).in_(codes))
        .order_by(col(AlertRecipient.since))
    ).all()
    names = names_of(session, {recipient.agency_id for recipient in found})
    return [
        readable(
            (_("Alert"), codes[recipient.alert_id]),
            (_("Institution"), names[recipient.agency_id]),
            (_("Since"), recipient.since),
        )
        for recipient in found
    ]


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the calls of a person to alerts that nobody had opened."""
    found = session.execute(
        sa.select(col(AlertCall.at), col(Alert.code))
        .join(Alert, col(Alert.id) == col(AlertCall.alert_id))
        .where(col(AlertCall.user_id) == user_id)
        .order_by(col(AlertCall.at))
    )
    rows = [readable((_("When"), at), (_("Alert"), code)) for at, code in found]
    return [PersonExport(table="portal_alert_call", title=_l("Calls to alerts"), rows=rows)]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the alerts that end and who told them; their code becomes one that nobody knows."""
    mine = col(AlertReporter.alert_id).in_(ending.alert_ids)
    reporters = session.scalars(sa.select(AlertReporter).where(mine)).all()
    for reporter in reporters:
        reporter.name_sealed = b""
    alerts = session.scalars(sa.select(Alert).where(col(Alert.id).in_(ending.alert_ids))).all()
    for alert in alerts:
        alert.code = f"X{secrets.token_hex(5)}"
        alert.what_happens = alert.telephone = ""
        alert.where_sealed, alert.reason_sealed = b"", None
        alert.why, alert.signs = [], []
        alert.erased_at = clock.now()
    session.flush()
    return [
        Erased(table="portal_alert", erased=len(alerts)),
        Erased(table="portal_alert_reporter", erased=len(reporters)),
    ]


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Take a child off the alerts that stay for its siblings; what they told is the others' too."""
    gone = session.execute(
        sa.delete(AlertChild).where(
            col(AlertChild.alert_id).in_(plan.shared_alert_ids),
            col(AlertChild.person_id) == person_id,
        )
    )
    return [Erased(table="portal_alert_child", erased=gone.rowcount)]  # type: ignore[attr-defined]
