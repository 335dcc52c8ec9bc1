"""What privacy itself holds of a person: of a child whose case was opened, of who works here."""

import secrets
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.alerts.models import AlertChild
from portal.cases.models import Case, CaseChild
from portal.db.sealing import opened
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.privacy.labels import DECISION, KIND, NATURE, PIECE, REQUEST, STANDING, STATE
from portal.privacy.models import (
    AlertKind,
    Declaration,
    ExportFile,
    ExportState,
    Incident,
    IncidentRecord,
    LegalOrder,
    Piece,
    ReadingAlert,
    ReadingAlertCase,
    SubjectRequest,
)
from portal.texts import _, _l


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return what was looked into about the readings of a child's cases."""
    statement = (
        sa.select(Case, ReadingAlert)
        .join(ReadingAlertCase, col(ReadingAlertCase.case_id) == col(Case.id))
        .join(ReadingAlert, col(ReadingAlert.id) == col(ReadingAlertCase.alert_id))
        .join(CaseChild, col(CaseChild.case_id) == col(Case.id))
        .where(col(CaseChild.person_id) == person_id)
        .order_by(col(ReadingAlert.since))
    )
    return [
        PersonExport(
            table="portal_privacy_alert_case",
            title=_l("Readings that were looked into"),
            rows=[
                readable(
                    (_("Case"), case.code),
                    (_("When"), alert.since),
                    (_("Kind"), KIND[alert.kind]),
                    (_("Status"), STATE[alert.state]),
                )
                for case, alert in session.execute(statement)
            ],
        ),
        PersonExport(
            table="portal_privacy_incident_record",
            title=_l("Incidents in which the data were seen"),
            rows=_records(session, person_id),
        ),
        PersonExport(
            table="portal_privacy_order",
            title=_l("Orders of authorities about the case"),
            rows=_orders(session, person_id),
        ),
        PersonExport(
            table="portal_privacy_request",
            title=_l("What was asked about the data"),
            rows=_requests(session, person_id),
        ),
    ]


def _orders(session: Session, person_id: UUID) -> list[dict[str, str]]:
    """Return which authorities asked about the cases of a child; not what they said."""
    found = session.scalars(
        sa.select(LegalOrder)
        .join(CaseChild, col(CaseChild.case_id) == col(LegalOrder.case_id))
        .where(col(CaseChild.person_id) == person_id)
        .order_by(col(LegalOrder.made_at))
    )
    return [
        readable(
            (_("Number"), order.number),
            (_("Received on"), order.made_at),
            (_("Asked by"), order.authority),
            (_("Status"), DECISION[order.decision]),
            (_("What is handed over"), [PIECE[Piece(each)] for each in _known(order.pieces)]),
        )
        for order in found
    ]


def _known(pieces: Sequence[str]) -> list[str]:
    return [each for each in pieces if each in set(Piece)]


def _requests(session: Session, person_id: UUID) -> list[dict[str, str]]:
    """Return what was asked of this child's data; who asked stands by the standing only."""
    found = session.scalars(
        sa.select(SubjectRequest)
        .where(col(SubjectRequest.person_id) == person_id)
        .order_by(col(SubjectRequest.received_at))
    )
    return [
        readable(
            (_("Number"), request.number),
            (_("Received on"), request.received_at),
            (_("What is asked"), REQUEST[request.kind]),
            (_("Asked by"), STANDING[request.standing]),
            (_("Status"), DECISION[request.decision]),
            (_("Decided on"), request.decided_at),
        )
        for request in found
    ]


def _records(session: Session, person_id: UUID) -> list[dict[str, str]]:
    own_case = sa.exists().where(
        col(CaseChild.case_id) == col(IncidentRecord.case_id),
        col(CaseChild.person_id) == person_id,
    )
    own_alert = sa.exists().where(
        col(AlertChild.alert_id) == col(IncidentRecord.alert_id),
        col(AlertChild.person_id) == person_id,
    )
    statement = (
        sa.select(Incident, IncidentRecord)
        .join(IncidentRecord, col(IncidentRecord.incident_id) == col(Incident.id))
        .where(sa.or_(own_case, own_alert))
        .order_by(col(Incident.known_at))
    )
    return [
        readable(
            (_("Number"), incident.number),
            (_("Nature"), NATURE[incident.nature]),
            (_("Known since"), incident.known_at),
            (_("First"), record.first_at),
            (_("Last"), record.last_at),
        )
        for incident, record in session.execute(statement)
    ]


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return what a person declared, and the own readings that were looked into."""
    row = session.get(Declaration, user_id)
    alerts = session.scalars(
        sa.select(ReadingAlert)
        .where(col(ReadingAlert.user_id) == user_id)
        .order_by(col(ReadingAlert.since))
    )
    copies = session.scalars(
        sa.select(ExportFile)
        .where(col(ExportFile.owner_id) == user_id)
        .order_by(col(ExportFile.made_at))
    )
    incidents = session.scalars(
        sa.select(Incident).where(col(Incident.user_id) == user_id).order_by(col(Incident.known_at))
    )
    return [
        PersonExport(
            table="portal_privacy_declaration",
            title=_l("What was declared, to be kept from it"),
            rows=[] if row is None else [_declared(session, row)],
        ),
        PersonExport(
            table="portal_privacy_alert",
            title=_l("Own readings that were looked into"),
            rows=[_reading(session, alert) for alert in alerts],
        ),
        PersonExport(
            table="portal_privacy_export",
            title=_l("Copies that were made to hand over"),
            rows=[
                readable((_("Number"), each.number), (_("When"), each.made_at)) for each in copies
            ],
        ),
        PersonExport(
            table="portal_privacy_incident",
            title=_l("Incidents of the account"),
            rows=[_incident(session, each) for each in incidents],
        ),
    ]


def _declared(session: Session, row: Declaration) -> dict[str, str]:
    table, column = "portal_privacy_declaration", "declared_sealed"
    text = opened(session, row.user_id, table, column, row.user_id, row.declared_sealed)
    return readable((_("Since"), row.at), (_("What was declared"), text))


def _reading(session: Session, alert: ReadingAlert) -> dict[str, str]:
    said, found = (
        opened(session, alert.id, "portal_privacy_alert", column, alert.id, getattr(alert, column))
        for column in ("said_sealed", "finding_sealed")
    )
    return readable(
        (_("Reference"), alert.reference),
        (_("When"), alert.since),
        (_("Kind"), KIND[alert.kind]),
        (_("Files"), alert.count),
        (_("Status"), STATE[alert.state]),
        (_("What the reader says"), said),
        (_("What was found"), found),
    )


def _incident(session: Session, incident: Incident) -> dict[str, str]:
    table = "portal_privacy_incident"
    happened, measures = (
        opened(session, incident.id, table, column, incident.id, getattr(incident, column))
        for column in ("happened_sealed", "measures_sealed")
    )
    return readable(
        (_("Number"), incident.number),
        (_("Nature"), NATURE[incident.nature]),
        (_("Known since"), incident.known_at),
        (_("What happened"), happened),
        (_("What was done"), measures),
    )


def erase_user(session: Session, user_id: UUID) -> Sequence[Erased]:
    """Delete what a person declared, and empty what was said of the person's readings.

    That a reading was looked into stays, and every incident as it was documented (DS 016-2024-JUS
    art. 35).
    """
    declared = session.execute(sa.delete(Declaration).where(col(Declaration.user_id) == user_id))
    alerts = session.scalars(
        sa.select(ReadingAlert).where(col(ReadingAlert.user_id) == user_id)
    ).all()
    for alert in alerts:
        alert.said_sealed = alert.finding_sealed = None
    session.flush()
    count = declared.rowcount  # type: ignore[attr-defined]
    scopes = frozenset(alert.id for alert in alerts)
    return [
        Erased(table="portal_privacy_declaration", erased=count),
        Erased(table="portal_privacy_alert", erased=len(alerts), scopes=scopes),
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the orders and requests about the cases that end; that there were some stays.

    So does what was said of readings of these cases, but of one of many others too; and a copy that
    still waits to be fetched.
    """
    orders = session.scalars(
        sa.select(LegalOrder).where(col(LegalOrder.case_id).in_(ending.case_ids))
    ).all()
    requests = session.scalars(
        sa.select(SubjectRequest).where(col(SubjectRequest.case_id).in_(ending.case_ids))
    ).all()
    readings = session.scalars(
        sa.select(ReadingAlert)
        .join(ReadingAlertCase, col(ReadingAlertCase.alert_id) == col(ReadingAlert.id))
        .where(
            col(ReadingAlertCase.case_id).in_(ending.case_ids),
            col(ReadingAlert.kind).not_in([AlertKind.MANY, AlertKind.COPIES]),
        )
        .distinct()
    ).all()
    for reading in readings:
        reading.said_sealed = reading.finding_sealed = None
    scopes = frozenset(reading.id for reading in readings)
    return [
        *_emptied(session, orders, requests),
        Erased(table="portal_privacy_alert", erased=len(readings), scopes=scopes),
    ]


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Empty what was asked of a child alone on cases that stay for its siblings."""
    requests = session.scalars(
        sa.select(SubjectRequest).where(
            col(SubjectRequest.case_id).in_(plan.shared_case_ids),
            col(SubjectRequest.person_id) == person_id,
        )
    ).all()
    shared = session.scalars(
        sa.select(LegalOrder).where(col(LegalOrder.case_id).in_(plan.shared_case_ids))
    ).all()
    own = str(person_id)
    alone = [order for order in shared if order.person_ids == [own]]
    for order in shared:
        order.person_ids = [each for each in order.person_ids if each != own]
    return _emptied(session, alone, requests)


def _emptied(
    session: Session, orders: Sequence[LegalOrder], requests: Sequence[SubjectRequest]
) -> list[Erased]:
    for order in orders:
        order.number = f"X{secrets.token_hex(5)}"
        order.authority = order.order_number = ""
        order.asked_sealed, order.names_sealed, order.reason_sealed = b"", None, None
        order.person_ids = []
    for request in requests:
        request.number = f"X{secrets.token_hex(5)}"
        request.identified = ""
        request.who_sealed = request.asked_sealed = b""
        request.names_sealed = request.reason_sealed = None
    made = session.scalars(
        sa.select(ExportFile).where(
            sa.or_(
                col(ExportFile.order_id).in_([each.id for each in orders]),
                col(ExportFile.request_id).in_([each.id for each in requests]),
            ),
            col(ExportFile.state) != ExportState.GONE,
        )
    ).all()
    for copy in made:
        copy.content_sealed, copy.state, copy.gone_at = None, ExportState.GONE, clock.now()
    session.flush()
    return [
        Erased(
            table="portal_privacy_order",
            erased=len(orders),
            scopes=frozenset(each.id for each in orders),
        ),
        Erased(
            table="portal_privacy_request",
            erased=len(requests),
            scopes=frozenset(each.id for each in requests),
        ),
        Erased(
            table="portal_privacy_export",
            erased=len(made),
            scopes=frozenset(each.id for each in made),
        ),
    ]
