"""Incidents: from "this account was stolen" to who was seen and who must be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.models import Membership
from portal.access.queries import people_with
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.alerts.models import Alert, AlertChild
from portal.cases.models import Case, CaseChild
from portal.db import AnyColumns, acting, once, rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.notifications.services import tell
from portal.people.models import Person
from portal.people.rules import full_name
from portal.privacy.models import (
    AlertState,
    Incident,
    IncidentAgency,
    IncidentRecord,
    Nature,
    ReadingAlert,
)
from portal.privacy.rules import new_reference
from portal.privacy.seen import Seen, seen_by
from portal.privacy.terms import AUTHORITY, PERSONS, count
from portal.texts import _, _l, msgid
from portal.users.models import User
from portal.users.services import end_sign_ins

Condition = sa.ColumnElement[bool]
TABLE = "portal_privacy_incident"
PAGE = 50


def visible_incidents(actor: Actor) -> Condition:
    """Return the condition under which `Incident` rows are visible to the actor.

    The privacy officer of the account's institution, and officers and coordinators of each whose
    cases were seen: they must tell the persons.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or not actor.has_role(Role.PRIVACY_OFFICER, Role.COORDINATOR):
        return sa.false()
    concerned = sa.exists().where(
        col(IncidentAgency.incident_id) == col(Incident.id),
        col(IncidentAgency.agency_id) == actor.agency_id,
    )
    if not actor.has_role(Role.PRIVACY_OFFICER):
        return concerned
    return sa.or_(col(Incident.agency_id) == actor.agency_id, concerned)


def get_incident(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """Return a visible incident; raises NotFound."""
    incident = session.scalar(
        sa.select(Incident).where(col(Incident.id) == incident_id, visible_incidents(actor))
    )
    if incident is None:
        raise NotFound
    return incident


def get_own_incident(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """Return an incident to the officer who keeps it; raises Forbidden, saying who does."""
    incident = get_incident(session, actor, incident_id)
    keeps = incident.agency_id == actor.agency_id and actor.has_role(Role.PRIVACY_OFFICER)
    if not (keeps or actor.is_system):
        raise Forbidden(_l("The privacy officer of the account's institution keeps this incident."))
    return incident


def open_incident(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    nature: Nature,
    since: datetime,
    until: datetime,
    known_at: datetime,
    happened: str = "",
    agency_id: UUID | None = None,
    alert_id: UUID | None = None,
) -> Incident:
    """Open the file of an incident: the account's sign-ins end, what it saw is listed, all told.

    An incident of the same account that the authority was not told of yet is brought up to date
    instead. Raises Invalid where the times cannot be.
    """
    if until < since:
        raise Invalid(Problem("until", _l("It must end after it begins.")))
    end_sign_ins(session, actor, user_id)
    agency = session.get_one(Agency, agency_id or actor.agency_id or _home_of(session, user_id))
    incident = session.scalar(
        sa.select(Incident).where(
            col(Incident.user_id) == user_id,
            col(Incident.agency_id) == agency.id,
            col(Incident.authority_told_at).is_(None),
        )
    )
    if incident is None:
        incident = Incident(
            number=new_reference("I"),
            nature=nature,
            agency_id=agency.id,
            user_id=user_id,
            alert_id=alert_id,
            since=since,
            until=until,
            known_at=known_at,
            opened_at=clock.now(),
            opened_by=actor.user_id,
            authority_due_at=count(session, AUTHORITY, known_at, agency).at,
            persons_due_at=count(session, PERSONS, known_at, agency).at,
        )
        session.add(incident)
        session.flush()
        audit.record(session, actor, "privacy.incident.open", incident.id, user=str(user_id))
    incident.since, incident.until = min(since, incident.since), max(until, incident.until)
    if happened:
        incident.happened_sealed = _sealed(session, incident, "happened_sealed", happened)
    list_seen(session, actor, incident)
    return incident


def _home_of(session: Session, user_id: UUID) -> UUID:
    """Return the institution for which an account acted last; raises NotFound where for none."""
    found = session.scalar(
        sa.select(col(Membership.agency_id))
        .where(col(Membership.user_id) == user_id, col(Membership.agency_id).is_not(None))
        .order_by(col(Membership.since).desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(_l("This account never acted for an institution: it saw no case."))
    return found


def list_seen(session: Session, actor: Actor, incident: Incident) -> None:
    """Write down what the account saw, from the trail, and tell each institution concerned."""
    incident.entries, found = seen_by(session, incident.user_id, incident.since, incident.until)
    session.execute(sa.delete(IncidentRecord).where(col(IncidentRecord.incident_id) == incident.id))
    session.add_all([_record(incident, each) for each in found])
    known = set(
        session.scalars(
            sa.select(col(IncidentAgency.agency_id)).where(
                col(IncidentAgency.incident_id) == incident.id
            )
        )
    )
    for agency_id in {each.agency_id for each in found} - known:
        session.add(IncidentAgency(incident_id=incident.id, agency_id=agency_id))
    session.flush()
    audit.record(
        session,
        actor,
        "privacy.incident.list",
        incident.id,
        records=len(found),
        agencies=[str(each.agency_id) for each in found][:PAGE],
    )
    for agency_id in {incident.agency_id, *(each.agency_id for each in found)}:
        people = people_with(session, agency_id, Role.PRIVACY_OFFICER, Role.COORDINATOR)
        tell(
            session,
            [user_id for user_id, _name in people],
            agency_id=agency_id,
            origin=f"incident:{incident.id}:{agency_id}",
            text=msgid("Incident %(number)s concerns your institution: persons must be told"),
            facts={"number": incident.number},
            url=f"/privacy/incidents/{incident.id}",
        )


def _record(incident: Incident, seen: Seen) -> IncidentRecord:
    return IncidentRecord(
        incident_id=incident.id,
        case_id=seen.case_id,
        alert_id=seen.alert_id,
        agency_id=seen.agency_id,
        children=seen.children,
        times=seen.glance.times,
        was_opened=seen.glance.was_opened,
        was_unsealed=seen.glance.was_unsealed,
        first_at=seen.glance.first_at,
        last_at=seen.glance.last_at,
    )


def from_alert(session: Session, actor: Actor, alert: ReadingAlert, words: str) -> Incident:
    """Open the incident of a reading that nothing explains."""
    if alert.state is not AlertState.NOT_EXPLAINED:
        raise Conflict(_l("This reading was not found unexplained."))
    return open_incident(
        session,
        actor,
        user_id=alert.user_id,
        nature=Nature.UNUSUAL_READING,
        since=alert.since,
        until=alert.until,
        known_at=clock.now(),
        happened=words,
        agency_id=alert.agency_id,
        alert_id=alert.id,
    )


def _sealed(session: Session, incident: Incident, column: str, text: str) -> bytes:
    return seal(session, incident.id, TABLE, column, incident.id, text)


def words_of(session: Session, incident: Incident) -> dict[str, str]:
    """Return what was written of an incident: what happened, consequences, measures."""
    return {
        name: unseal(session, incident.id, TABLE, f"{name}_sealed", incident.id, cell)
        if (cell := getattr(incident, f"{name}_sealed"))
        else ""
        for name in ("happened", "consequences", "measures")
    }


def describe(
    session: Session, actor: Actor, incident_id: UUID, *, contact: str, **words: str
) -> Incident:
    """Write the parts of the form that a person must write (DS 016-2024-JUS art. 34)."""
    incident = get_own_incident(session, actor, incident_id)
    for name, text in words.items():
        setattr(incident, f"{name}_sealed", _sealed(session, incident, f"{name}_sealed", text))
    incident.contact = contact
    session.flush()
    audit.record(session, actor, "privacy.incident.describe", incident.id, fields=sorted(words))
    return incident


def note_authority_told(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """Note that the ANPDP was told; late is recorded as it is, nothing locks."""
    incident = get_own_incident(session, actor, incident_id)
    if incident.authority_told_at is not None:
        raise Conflict(_l("This was noted already."))
    incident.authority_told_at = clock.now()
    session.flush()
    late = incident.authority_told_at > incident.authority_due_at
    audit.record(session, actor, "privacy.incident.tell_authority", incident.id, late=int(late))
    return incident


def note_centre_told(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """Note that the Centro Nacional de Seguridad Digital was told."""
    incident = get_own_incident(session, actor, incident_id)
    if incident.centre_told_at is not None:
        raise Conflict(_l("This was noted already."))
    incident.centre_told_at = clock.now()
    session.flush()
    audit.record(session, actor, "privacy.incident.tell_centre", incident.id)
    return incident


def note_persons_told(session: Session, actor: Actor, incident_id: UUID) -> IncidentAgency:
    """Note that the acting institution told the persons of its own cases."""
    incident = get_incident(session, actor, incident_id)
    own = session.scalar(
        sa.select(IncidentAgency).where(
            col(IncidentAgency.incident_id) == incident.id,
            col(IncidentAgency.agency_id) == actor.agency_id,
        )
    )
    if own is None:
        raise NotFound
    if own.persons_told_at is not None:
        raise Conflict(_l("This was noted already."))
    own.persons_told_at, own.told_by = clock.now(), actor.user_id
    session.flush()
    late = own.persons_told_at > incident.persons_due_at
    audit.record(session, actor, "privacy.incident.tell_persons", incident.id, late=int(late))
    return own


@dataclass(frozen=True, slots=True)
class RecordRow:
    """What was seen, by code: how many children, when, how closely, who must tell."""

    code: str
    children: int
    agency: str
    agency_id: UUID
    times: int
    was_opened: bool
    was_unsealed: bool
    first_at: datetime
    last_at: datetime


def list_records(
    session: Session, actor: Actor, incident: Incident, *, limit: int | None = None
) -> list[RecordRow]:
    """Return what was seen, the most closely first; codes only.

    All of it to the institution that keeps the incident, to the others what is theirs.
    """
    statement = (
        sa.select(
            sa.func.coalesce(col(Case.code), col(Alert.code), ""),
            col(IncidentRecord.children),
            col(Agency.name),
            col(IncidentRecord.agency_id),
            col(IncidentRecord.times),
            col(IncidentRecord.was_opened),
            col(IncidentRecord.was_unsealed),
            col(IncidentRecord.first_at),
            col(IncidentRecord.last_at),
        )
        .join(Agency, col(Agency.id) == col(IncidentRecord.agency_id))
        .join(Case, col(Case.id) == col(IncidentRecord.case_id), isouter=True)
        .join(Alert, col(Alert.id) == col(IncidentRecord.alert_id), isouter=True)
        .where(col(IncidentRecord.incident_id) == incident.id)
        .order_by(
            col(IncidentRecord.was_unsealed).desc(),
            col(IncidentRecord.was_opened).desc(),
            col(IncidentRecord.first_at),
        )
        .limit(limit)
    )
    if not (actor.is_system or actor.agency_id == incident.agency_id):
        statement = statement.where(col(IncidentRecord.agency_id) == actor.agency_id)
    return [RecordRow(*row) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class ToldRow:
    """An institution that must tell persons: how many children, and when it did."""

    agency: str
    agency_id: UUID
    persons_told_at: datetime | None


def list_agencies(session: Session, actor: Actor, incident: Incident) -> list[ToldRow]:
    """Return the institutions whose cases were seen; to one of them itself only."""
    statement = (
        sa.select(
            col(Agency.name), col(IncidentAgency.agency_id), col(IncidentAgency.persons_told_at)
        )
        .join(Agency, col(Agency.id) == col(IncidentAgency.agency_id))
        .where(col(IncidentAgency.incident_id) == incident.id)
        .order_by(col(Agency.name))
    )
    if not (actor.is_system or actor.agency_id == incident.agency_id):
        statement = statement.where(col(IncidentAgency.agency_id) == actor.agency_id)
    return [ToldRow(*row) for row in rows(session, statement)]


def list_people(session: Session, actor: Actor, incident: Incident) -> list[tuple[str, str]]:
    """Return code and full name of the children of the acting institution's own cases.

    The one place where an incident names anybody: who leads must tell the families. Noted as a
    read of each.
    """
    own = (
        col(IncidentRecord.incident_id) == incident.id,
        col(IncidentRecord.agency_id) == actor.agency_id,
    )
    of_cases = (
        sa.select(col(Case.code), Person)
        .join(IncidentRecord, col(IncidentRecord.case_id) == col(Case.id))
        .join(CaseChild, col(CaseChild.case_id) == col(Case.id))
        .join(Person, col(Person.id) == col(CaseChild.person_id))
        .where(*own)
    )
    of_alerts = (
        sa.select(col(Alert.code), Person)
        .join(IncidentRecord, col(IncidentRecord.alert_id) == col(Alert.id))
        .join(AlertChild, col(AlertChild.alert_id) == col(Alert.id))
        .join(Person, col(Person.id) == col(AlertChild.person_id))
        .where(*own)
    )
    found: Sequence[tuple[str, Person]] = [*rows(session, of_cases), *rows(session, of_alerts)]
    if found:
        audit.note_read(
            session,
            actor,
            "privacy.incident.people",
            *[person.id for _code, person in found],
            incident=str(incident.id),
        )
    return sorted((code, full_name(person)) for code, person in found)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident in a list."""

    id: UUID
    number: str
    nature: Nature
    person: str
    known_at: datetime
    authority_due_at: datetime
    authority_told_at: datetime | None


def list_incidents(session: Session, actor: Actor, *, limit: int = PAGE) -> list[IncidentRow]:
    """Return visible incidents, the newest first."""
    statement = (
        sa.select(
            col(Incident.id),
            col(Incident.number),
            col(Incident.nature),
            col(User.name),
            col(Incident.known_at),
            col(Incident.authority_due_at),
            col(Incident.authority_told_at),
        )
        .join(User, col(User.id) == col(Incident.user_id))
        .where(visible_incidents(actor))
        .order_by(col(Incident.known_at).desc())
        .limit(limit)
    )
    return [IncidentRow(*row) for row in rows(session, statement)]


def lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return for the home page what must be told within 48 hours: to the authority, to persons."""
    if actor.agency_id is None or not actor.has_role(Role.PRIVACY_OFFICER, Role.COORDINATOR):
        return []
    return [
        _line(incident, is_kept=bool(is_kept))
        for incident, is_kept in rows(session, _untold(actor, limit), acting(actor))
    ]


@once
def _untold(actor: Actor, limit: int) -> AnyColumns:
    untold = (
        sa.exists()
        .where(
            col(IncidentAgency.incident_id) == col(Incident.id),
            col(IncidentAgency.agency_id) == actor.agency_id,
            col(IncidentAgency.persons_told_at).is_(None),
        )
        .correlate(Incident)
    )
    keeps: Condition = sa.false()
    if actor.has_role(Role.PRIVACY_OFFICER):
        keeps = sa.and_(
            col(Incident.agency_id) == actor.agency_id, col(Incident.authority_told_at).is_(None)
        )
    return (
        sa.select(Incident, keeps)
        .where(sa.or_(keeps, untold))
        .order_by(col(Incident.authority_due_at))
        .limit(limit)
    )


def _line(incident: Incident, *, is_kept: bool) -> HomeItem:
    due_at = incident.authority_due_at if is_kept else incident.persons_due_at
    late = due_at < clock.now()
    return HomeItem(
        when=due_at,
        tone=Tone.OVERDUE if late else Tone.DUE_SOON,
        title=_("Incident %(number)s", number=incident.number),
        note=_("tell the authority within 48 hours")
        if is_kept
        else _("tell the persons concerned within 48 hours"),
        url=f"/privacy/incidents/{incident.id}",
        action_label=_("Attend to it"),
        group=HomeGroup.TERMS,
    )
