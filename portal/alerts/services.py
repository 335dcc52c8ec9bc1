"""What is done with an alert: sent, taken up, passed on, joined, archived, withdrawn, escalated."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import next_on_roster
from portal.actor import Actor, AgencyKind, system_actor
from portal.agencies.competence import Proposal, propose
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency, is_working
from portal.alerts import rules
from portal.alerts.events import (
    AlertAccepted,
    AlertArchived,
    AlertCalled,
    AlertEscalated,
    AlertJoined,
    AlertPassedOn,
    AlertSent,
    AlertWithdrawn,
)
from portal.alerts.inputs import SendAlert
from portal.alerts.models import (
    WAITING,
    Alert,
    AlertCall,
    AlertChild,
    AlertRecipient,
    AlertReporter,
    AlertStatus,
    ArchiveKind,
)
from portal.alerts.queries import (
    children_of_alerts,
    get_alert,
    may_attend,
    stands_alone,
)
from portal.cases.models import Case, CaseChild, EntryKind, Level
from portal.cases.queries import find_case
from portal.cases.services import add_children, admit_party, open_case
from portal.cases.timeline import log
from portal.db import unused
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, Invalid, Problem
from portal.people.services import register_person
from portal.texts import _l, msgid

AUTHORITIES = frozenset({AgencyKind.UPE, AgencyKind.DEMUNA, AgencyKind.COURT})
SENDER_BASIS = "DL 1297 arts. 15.2, 17"


def send_alert(
    session: Session, actor: Actor, given: SendAlert, *, list_id: UUID | None = None
) -> Alert:
    """Register children and alert and send it to the authority chosen, else the one proposed.

    `list_id` names the list whose row it was.

    Raises Invalid where nobody competent is known and none was chosen.
    """
    if actor.agency_id is None:
        raise Forbidden(_l("Act for an institution to send an alert."))
    proposal = propose(session, given.situation, given.district)
    authority_id = given.authority_id or proposal.agency_id
    if authority_id is None:
        raise Invalid(Problem("authority_id", _l("Choose the authority to which it goes.")))
    get_agency(session, authority_id)
    alert = _write(session, actor, given, actor.agency_id, authority_id, proposal)
    alert.list_id = list_id
    alert.send(clock.now())
    session.flush()
    audit.record(session, actor, "alerts.alert.send", alert.id, authority=str(authority_id))
    events.record(session, AlertSent(alert.id, authority_id))
    return alert


def _write(
    session: Session,
    actor: Actor,
    given: SendAlert,
    sender_id: UUID,
    authority_id: UUID,
    proposal: Proposal,
) -> Alert:
    people = [register_person(session, actor, child) for child in given.children]
    suggested, why = rules.suggest_priority(given.signs, people, clock.today())
    alert = Alert(
        code=unused(session, col(Alert.code), rules.new_code),
        sender_id=sender_id,
        author_id=actor.user_id,
        authority_id=authority_id,
        situation=given.situation,
        priority=given.priority or suggested,
        district=given.district,
        is_here=given.is_here,
        signs=sorted(sign.value for sign in given.signs),
        what_happens=given.what_happens,
        where_sealed=b"",
        telephone=given.telephone,
        why=[each.kept for each in (*proposal.why, why)],
        created_at=clock.now(),
        learned_at=given.learned_at,
    )
    alert.where_sealed = seal(
        session, alert.id, "portal_alert", "where_sealed", alert.id, given.where
    )
    session.add(alert)
    session.flush()
    for position, person in enumerate(people):
        session.add(AlertChild(alert_id=alert.id, person_id=person.id, position=position))
    if given.reporter:
        reporter = AlertReporter(alert_id=alert.id, is_reserved=given.is_reserved, name_sealed=b"")
        reporter.name_sealed = seal(
            session, alert.id, "portal_alert_reporter", "name_sealed", reporter.id, given.reporter
        )
        session.add(reporter)
    session.flush()
    return alert


def note_opened(session: Session, actor: Actor, alert_id: UUID) -> None:
    """Note that the authority has opened the alert: it escalates no further."""
    alert = get_alert(session, actor, alert_id)
    if alert.opened_at is None and alert.authority_id == actor.agency_id:
        alert.opened_at = clock.now()
        session.flush()


def may_decide(session: Session, actor: Actor, alert: Alert) -> bool:
    """Tell whether the actor decides on an alert that came to the acting agency, not only by it."""
    only_sent = alert.sender_id == actor.agency_id != alert.authority_id
    return not only_sent and may_attend(session, actor, alert)


def may_take_up(actor: Actor) -> bool:
    """Tell whether the acting agency is one that takes an alert up as a case."""
    return actor.agency_kind in AUTHORITIES


def to_attend(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """Return a waiting alert that the actor attends to: for its authority, or escalated to it.

    Each form about it asks this first. Raises Forbidden, saying who decides.
    """
    alert = get_alert(session, actor, alert_id)
    if not may_decide(session, actor, alert):
        authority = get_agency(session, alert.authority_id)
        raise Forbidden(_l("Whoever is on duty at %(name)s decides this.", name=authority.name))
    alert.must_be(*WAITING)
    return alert


def to_accept(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """Return an alert that the actor may take up as a case; its form asks this first."""
    alert = to_attend(session, actor, alert_id)
    if not may_take_up(actor):
        raise Forbidden(_l("Only a competent authority takes an alert up. Pass it on, and call."))
    return alert


def accept_alert(
    session: Session, actor: Actor, alert_id: UUID, *, sender_collaborates: bool = False
) -> Case:
    """Take an alert up as a case, led by the acting agency and assigned to the actor.

    The case counts its terms from when the alert was received (DL 1297 art. 18).
    """
    alert = to_accept(session, actor, alert_id)
    if actor.agency_id is None or alert.sent_at is None:
        raise Conflict(_l("This alert was attended to already."))
    people = [child.person_id for child in children_of_alerts(session, [alert.id])[alert.id]]
    case = open_case(
        session,
        actor,
        lead_agency_id=actor.agency_id,
        situation=alert.situation,
        priority=alert.priority,
        district=alert.district,
        summary=alert.what_happens,
        person_ids=people,
        received_at=alert.sent_at,
        alert_id=alert.id,
        assign_to=[actor.user_id] if actor.user_id else [],
        groups=rules.groups_of(alert.signs),
    )
    alert.accept(case.id, clock.now())
    alert.authority_id = actor.agency_id
    if sender_collaborates and alert.sender_id != actor.agency_id:
        admit_party(
            session,
            actor,
            case,
            agency_id=alert.sender_id,
            level=Level.INFORMED,
            legal_basis=SENDER_BASIS,
        )
    session.flush()
    audit.record(session, actor, "alerts.alert.accept", alert.id, case=case.id)
    events.record(session, AlertAccepted(alert.id, case.id, actor.agency_id))
    return case


def pass_on_alert(
    session: Session, actor: Actor, alert_id: UUID, *, authority_id: UUID, reason: str
) -> Alert:
    """Hand an alert to another authority, with the reason; who handed it on still sees it."""
    alert = to_attend(session, actor, alert_id)
    if authority_id == alert.authority_id:
        raise Invalid(Problem("authority_id", _l("It is with this institution already.")))
    get_agency(session, authority_id)
    _put_recipient(session, alert, alert.authority_id)
    alert.pass_on(authority_id)
    _put_reason(session, alert, reason)
    audit.record(session, actor, "alerts.alert.pass_on", alert.id, authority=str(authority_id))
    events.record(session, AlertPassedOn(alert.id, authority_id))
    return alert


def _put_recipient(session: Session, alert: Alert, agency_id: UUID) -> bool:
    known = session.scalar(
        sa.select(
            sa.exists().where(
                col(AlertRecipient.alert_id) == alert.id,
                col(AlertRecipient.agency_id) == agency_id,
            )
        )
    )
    if known or (agency_id == alert.authority_id and alert.escalated_at is not None):
        return False
    session.add(AlertRecipient(alert_id=alert.id, agency_id=agency_id, since=clock.now()))
    session.flush()
    return True


def _put_reason(session: Session, alert: Alert, reason: str) -> None:
    alert.reason_sealed = seal(session, alert.id, "portal_alert", "reason_sealed", alert.id, reason)
    session.flush()


def join_alert(session: Session, actor: Actor, alert_id: UUID, *, code: str) -> Case:
    """Take an alert up in a case that exists; children it did not know join it."""
    alert = to_attend(session, actor, alert_id)
    case = find_case(session, actor, code)
    if case is None or not case.is_open:
        raise Invalid(Problem("code", _l("None of your open cases has this code.")))
    known = set(
        session.scalars(
            sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id)
        )
    )
    found = children_of_alerts(session, [alert.id])[alert.id]
    add_children(
        session, actor, case, [row.person_id for row in found if row.person_id not in known]
    )
    alert.join(case.id, clock.now())
    session.flush()
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Alert %(code)s joined to this case"),
        facts={"code": alert.code},
        text=alert.what_happens,
    )
    audit.record(session, actor, "alerts.alert.join", alert.id, case=case.id)
    if actor.agency_id is not None:
        events.record(session, AlertJoined(alert.id, case.id, actor.agency_id))
    return case


def archive_alert(
    session: Session, actor: Actor, alert_id: UUID, *, kind: ArchiveKind, reason: str
) -> Alert:
    """End an alert by reasoned resolution (DL 1297 art. 18)."""
    alert = to_attend(session, actor, alert_id)
    alert.archive(kind, clock.now())
    _put_reason(session, alert, reason)
    audit.record(session, actor, "alerts.alert.archive", alert.id, kind=kind.value)
    events.record(session, AlertArchived(alert.id))
    return alert


def withdraw_alert(session: Session, actor: Actor, alert_id: UUID, *, reason: str) -> Alert:
    """Take an alert back, by its sender."""
    alert = to_withdraw(session, actor, alert_id)
    alert.withdraw(clock.now())
    _put_reason(session, alert, reason)
    audit.record(session, actor, "alerts.alert.withdraw", alert.id)
    events.record(session, AlertWithdrawn(alert.id))
    return alert


def to_withdraw(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """Return a waiting alert that the acting agency sent; the form to take it back asks this."""
    alert = get_alert(session, actor, alert_id)
    if alert.sender_id != actor.agency_id:
        raise Forbidden(_l("Only the institution that sent an alert can take it back."))
    alert.must_be(AlertStatus.DRAFT, *WAITING)
    return alert


def escalate_alerts(session: Session, *, after: timedelta) -> int:
    """Hand alerts that nobody opened further: to the next on the roster, then beyond the authority.

    First the next person on the authority's roster is called; after as long again, or at once where
    the roster names nobody else, the UPE of the place and the Defensoría see it. Those of a list
    wait together, unless they are pressing. Run by the worker; quiet hours never apply. Returns how
    many went further.
    """
    before = clock.now() - after
    late = session.scalars(
        sa.select(Alert).where(
            stands_alone(),
            col(Alert.status).in_(WAITING),
            col(Alert.opened_at).is_(None),
            col(Alert.escalated_at).is_(None),
            col(Alert.sent_at) < before,
            sa.or_(col(Alert.called_at).is_(None), col(Alert.called_at) < before),
        )
    ).all()
    for alert in late:
        if alert.called_at is not None or not _call_next(session, alert):
            _escalate(session, alert)
    session.flush()
    return len(late)


def _call_next(session: Session, alert: Alert) -> bool:
    """Call whoever comes next on the authority's roster; says whether there is anybody."""
    called = next_on_roster(session, alert.authority_id)
    if called is None:
        return False
    agency_id, user_id, now = alert.authority_id, called.user_id, clock.now()
    session.add(AlertCall(alert_id=alert.id, agency_id=agency_id, user_id=user_id, at=now))
    alert.called_at = now
    events.record(session, AlertCalled(alert.id, agency_id, user_id))
    audit.record(
        session,
        system_actor(),
        "alerts.alert.call",
        alert.id,
        agency=str(agency_id),
        user=str(user_id),
    )
    return True


def _escalate(session: Session, alert: Alert) -> None:
    for agency_id in _next_in_line(session, alert):
        if agency_id != alert.authority_id and _put_recipient(session, alert, agency_id):
            events.record(session, AlertEscalated(alert.id, agency_id))
    alert.escalated_at = clock.now()
    audit.record(session, system_actor(), "alerts.alert.escalate", alert.id)


def _next_in_line(session: Session, alert: Alert) -> list[UUID]:
    upe = propose(session, "unprotection", alert.district).agency_id
    defensorias = session.scalars(
        sa.select(col(Agency.id)).where(is_working(), col(Agency.kind) == AgencyKind.DEFENSORIA)
    ).all()
    return [agency_id for agency_id in (upe, *defensorias) if agency_id is not None]
