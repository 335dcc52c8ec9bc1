"""What is done with unusual readings, and what people declare of themselves."""

import json
from dataclasses import asdict
from uuid import UUID

from sqlmodel import Session

from portal import audit, clock
from portal.actor import Actor
from portal.db.sealing import seal
from portal.errors import Conflict, Forbidden, NotFound
from portal.privacy.incidents import from_alert
from portal.privacy.models import AlertState, Declaration, ReadingAlert
from portal.privacy.queries import get_alert, get_own_reading
from portal.privacy.rules import Declared
from portal.privacy.watch import declared_by
from portal.texts import _l

TABLE = "portal_privacy_alert"


def look_into(
    session: Session, actor: Actor, alert_id: UUID, *, state: AlertState, words: str
) -> ReadingAlert:
    """Note what was found of an unusual reading, by the officer of the reader's institution.

    Nobody looks into an own reading; where the officer is the reader, the lead's officer does.
    Raises Forbidden, saying who does. What nothing explains opens an incident.
    """
    alert = get_alert(session, actor, alert_id)
    if alert.user_id == actor.user_id:
        raise Forbidden(_l("This reading is your own: another privacy officer looks into it."))
    alert.end(state, by=actor.user_id, at=clock.now())
    alert.finding_sealed = seal(session, alert.id, TABLE, "finding_sealed", alert.id, words)
    session.flush()
    audit.record(session, actor, "privacy.alert.end", alert.id, outcome_found=state.value)
    if state is AlertState.NOT_EXPLAINED:
        from_alert(session, actor, alert, words)
    return alert


def say_of_reading(session: Session, actor: Actor, alert_id: UUID, *, words: str) -> ReadingAlert:
    """Keep what a reader says of the own reading, for the officer; nobody has to say anything."""
    alert = get_own_reading(session, actor, alert_id)
    if alert.state is not AlertState.OPEN:
        raise Conflict(_l("Somebody looked into this already."))
    alert.said_sealed = seal(session, alert.id, TABLE, "said_sealed", alert.id, words)
    alert.said_at = clock.now()
    session.flush()
    audit.record(session, actor, "privacy.alert.say", alert.id)
    return alert


def declare(session: Session, actor: Actor, declared: Declared) -> None:
    """Keep what a person declares of self and kin, encrypted; an empty one takes it away."""
    if actor.user_id is None:
        raise NotFound
    row = session.get(Declaration, actor.user_id)
    if declared == Declared():
        if row is not None:
            session.delete(row)
    else:
        text = json.dumps(asdict(declared), sort_keys=True)
        table = "portal_privacy_declaration"
        user_id = actor.user_id
        cell = seal(session, user_id, table, "declared_sealed", user_id, text)
        if row is None:
            session.add(Declaration(user_id=user_id, declared_sealed=cell, at=clock.now()))
        else:
            row.declared_sealed, row.at = cell, clock.now()
    session.flush()
    audit.record(session, actor, "privacy.kin.declare", actor.user_id)


def own_declaration(session: Session, actor: Actor) -> Declared:
    """Return what the actor declared."""
    row = session.get(Declaration, actor.user_id) if actor.user_id else None
    return declared_by(session, row) if row else Declared()
