"""Who sees which alert, and what pages read of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.alerts.models import (
    WAITING,
    Alert,
    AlertCall,
    AlertChild,
    AlertRecipient,
    AlertReporter,
    AlertStatus,
)
from portal.cases.models import Placement, Priority
from portal.cases.queries import ChildRow, not_barred
from portal.cases.rules import title_of
from portal.db import AnyColumns, acting, given, once, rows
from portal.db.sealing import unseal
from portal.errors import NotFound
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.people.models import Person
from portal.places.queries import full_name_of
from portal.texts import _

Condition = sa.ColumnElement[bool]
PAGE = 50
ATTENDING = (Role.COORDINATOR, Role.DUTY_OFFICER)


def visible_alerts(actor: Actor) -> Condition:
    """Return the condition under which `Alert` rows are visible to the actor.

    The author; the sending agency's coordinators; the authority and whoever it was escalated to or
    came from: their coordinators, and whoever is on duty there; who was called because nobody had
    opened it. Never a person who is barred from
    the case that it became. One that was erased is seen by nobody.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None:
        return sa.false()
    ways: list[Condition] = [
        sa.and_(col(Alert.author_id) == actor.user_id, col(Alert.sender_id) == actor.agency_id)
    ]
    if actor.has_role(Role.COORDINATOR):
        ways.append(col(Alert.sender_id) == actor.agency_id)
    if actor.has_role(*ATTENDING):
        ways.append(sa.and_(was_called(actor), col(Alert.status) != AlertStatus.DRAFT))
    if actor.attends:
        reached = sa.exists().where(
            col(AlertRecipient.alert_id) == col(Alert.id),
            col(AlertRecipient.agency_id) == actor.agency_id,
        )
        received = sa.and_(
            sa.or_(col(Alert.authority_id) == actor.agency_id, reached),
            col(Alert.status) != AlertStatus.DRAFT,
        )
        ways.append(received)
    return sa.and_(
        sa.or_(*ways), not_barred(actor, col(Alert.case_id)), col(Alert.erased_at).is_(None)
    )


def stands_alone() -> Condition:
    """Return that an alert is attended to by itself: it came in no list, or is pressing."""
    return sa.or_(col(Alert.list_id).is_(None), col(Alert.priority) == Priority.IMMEDIATE)


def was_called(actor: Actor) -> Condition:
    """Return that the person was called to an alert, for the acting agency."""
    return sa.exists().where(
        col(AlertCall.alert_id) == col(Alert.id),
        col(AlertCall.user_id) == actor.user_id,
        col(AlertCall.agency_id) == actor.agency_id,
    )


def may_attend(session: Session, actor: Actor, alert: Alert) -> bool:
    """Tell whether the actor attends to an alert: as to all now, or because called to this one."""
    if actor.attends:
        return True
    if not actor.has_role(*ATTENDING):
        return False
    called = sa.select(col(Alert.id)).where(col(Alert.id) == alert.id, was_called(actor))
    return session.scalar(called) is not None


def get_alert(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """Return a visible alert and note the read; raises NotFound."""
    alert = session.scalar(sa.select(Alert).where(col(Alert.id) == alert_id, visible_alerts(actor)))
    if alert is None:
        raise NotFound
    audit.note_read(session, actor, "alerts.alert.read", alert.id, case=alert.case_id)
    return alert


def is_receiver(session: Session, actor: Actor, alert: Alert) -> bool:
    """Tell whether the acting agency received the alert, rather than only sent it."""
    if alert.authority_id == actor.agency_id:
        return True
    reached = sa.exists().where(
        col(AlertRecipient.alert_id) == alert.id,
        col(AlertRecipient.agency_id) == actor.agency_id,
    )
    return bool(session.scalar(sa.select(reached)))


def where_of(session: Session, alert: Alert) -> str:
    """Return where the children are and how to get there."""
    return unseal(session, alert.id, "portal_alert", "where_sealed", alert.id, alert.where_sealed)


def reporter_of(session: Session, actor: Actor, alert: Alert) -> str:
    """Return who told it: to the author, and where it is not reserved to the authority.

    A reserved identity (R 23.2) opens to the authority too, and each opening is noted. Raises
    NotFound for anybody else who sees the alert, such as those to whom it was escalated.
    """
    record = session.scalar(sa.select(AlertReporter).where(col(AlertReporter.alert_id) == alert.id))
    if record is None:
        return ""
    is_author = alert.author_id == actor.user_id and alert.sender_id == actor.agency_id
    if not is_author and (record.is_reserved or alert.authority_id != actor.agency_id):
        raise NotFound
    return _reporter_name(session, alert, record)


def may_open_reporter(actor: Actor, alert: Alert) -> bool:
    """Tell whether the actor may open a reserved identity: whoever attends for the authority."""
    return alert.authority_id == actor.agency_id and actor.attends


def _reporter_name(session: Session, alert: Alert, record: AlertReporter) -> str:
    return unseal(
        session, alert.id, "portal_alert_reporter", "name_sealed", record.id, record.name_sealed
    )


def open_reporter(session: Session, actor: Actor, alert: Alert) -> str:
    """Return a reserved identity to the authority that attends the alert; the opening is noted."""
    record = session.scalar(sa.select(AlertReporter).where(col(AlertReporter.alert_id) == alert.id))
    if record is None or not may_open_reporter(actor, alert):
        raise NotFound
    audit.note_read(session, actor, "alerts.reporter.unseal", alert.id, case=alert.case_id)
    return _reporter_name(session, alert, record)


def children_of_alerts(session: Session, alert_ids: list[UUID]) -> dict[UUID, list[ChildRow]]:
    """Return the children of alerts that were read already, in one statement."""
    found: dict[UUID, list[ChildRow]] = {alert_id: [] for alert_id in alert_ids}
    if not alert_ids:
        return found
    for row in rows(session, _children(), {"alert_ids": alert_ids}):
        found[row[0]].append(replace(ChildRow(*row), placement=Placement.UNKNOWN))
    return found


@cache
def _children() -> AnyColumns:
    return (
        sa.select(
            col(AlertChild.alert_id),
            col(Person.id),
            col(Person.given_names),
            col(Person.first_surname),
            col(Person.second_surname),
            col(Person.born_on),
            col(Person.estimated_age),
            col(Person.estimated_on),
            col(Person.sex),
            sa.literal(Placement.UNKNOWN.value),
        )
        .join(Person, col(Person.id) == col(AlertChild.person_id))
        .where(col(AlertChild.alert_id).in_(given("alert_ids", many=True)))
        .order_by(col(AlertChild.position))
    )


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert in a list: ages and place, never a name."""

    id: UUID
    code: str
    status: AlertStatus
    priority: Priority
    district: str
    sent_at: datetime | None
    opened_at: datetime | None
    sender: str
    authority: str
    telephone: str
    sender_id: UUID
    authority_id: UUID
    created_at: datetime
    learned_at: datetime | None
    signs: list[str]
    is_here: bool
    title: str = ""


def list_alerts(
    session: Session,
    actor: Actor,
    *,
    box: str = "in",
    waiting: bool = True,
    list_id: UUID | None = None,
    alone: bool = False,
    before: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[AlertRow]:
    """Return visible alerts, the newest first: received (`in`) or sent (`out`) by the agency.

    `list_id` narrows to one list, `alone` to what is attended to by itself; `before` is the moment
    of writing and the identifier after which a page goes on.
    """
    statement = _listed(actor, limit, box=box, waiting=waiting, alone=alone)
    if list_id is not None:
        statement = statement.where(col(Alert.list_id) == list_id)
    if before is not None:
        place = sa.tuple_(col(Alert.created_at), col(Alert.id))
        statement = statement.where(place < sa.tuple_(*before))
    found = rows(session, statement, acting(actor))
    children = children_of_alerts(session, [row[0] for row in found])
    if found:
        audit.note_read(session, actor, "alerts.alert.list", *[row[0] for row in found])
    day = clock.today()
    return [replace(AlertRow(*row), title=title_of(children[row[0]], day)) for row in found]


@once
def _listed(actor: Actor, limit: int, *, box: str, waiting: bool, alone: bool) -> AnyColumns:
    sender, authority = aliased(Agency), aliased(Agency)
    statement: AnyColumns = (
        sa.select(
            col(Alert.id),
            col(Alert.code),
            col(Alert.status),
            col(Alert.priority),
            col(Alert.district),
            col(Alert.sent_at),
            col(Alert.opened_at),
            col(sender.name),
            col(authority.name),
            col(Alert.telephone),
            col(Alert.sender_id),
            col(Alert.authority_id),
            col(Alert.created_at),
            col(Alert.learned_at),
            col(Alert.signs),
            col(Alert.is_here),
        )
        .join(sender, col(sender.id) == col(Alert.sender_id))
        .join(authority, col(authority.id) == col(Alert.authority_id))
        .where(visible_alerts(actor))
        .order_by(col(Alert.created_at).desc(), col(Alert.id).desc())
        .limit(limit)
    )
    mine = col(Alert.sender_id) == actor.agency_id
    statement = statement.where(mine if box == "out" else _received(actor))
    if waiting:
        statement = statement.where(col(Alert.status).in_(WAITING))
    return statement.where(stands_alone()) if alone else statement


def _received(actor: Actor) -> Condition:
    reached = sa.exists().where(
        col(AlertRecipient.alert_id) == col(Alert.id),
        col(AlertRecipient.agency_id) == actor.agency_id,
    )
    return sa.or_(col(Alert.authority_id) == actor.agency_id, reached)


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the alerts that wait for the acting agency; the unsafe under immediate protection."""
    if not actor.has_role(*ATTENDING):
        return []
    found = list_alerts(session, actor, box="in", alone=True, limit=limit)
    return [
        HomeItem(
            when=row.sent_at,
            tone=Tone.OVERDUE if row.priority is Priority.IMMEDIATE else Tone.DUE_SOON,
            title=_("Alert %(code)s · %(title)s", code=row.code, title=row.title),
            note=_(
                "%(sender)s, %(telephone)s · %(place)s · competent: %(authority)s",
                sender=row.sender,
                telephone=row.telephone,
                place=full_name_of(row.district),
                authority=row.authority,
            ),
            url=f"/alerts/{row.id}",
            action_label=_("Attend"),
            group=HomeGroup.PROTECTION if row.priority is Priority.IMMEDIATE else HomeGroup.ALERTS,
        )
        for row in found
    ]
