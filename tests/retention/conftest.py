"""A case of two siblings with something in every kind of cell, for tests of copies and erasures."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.alerts import services as alerts
from portal.alerts.inputs import SendAlert
from portal.cases import rights, services, timeline
from portal.cases.models import (
    CaseChild,
    Circle,
    EntryKind,
    Placement,
    Right,
    RightState,
    Situation,
)
from portal.commitments import services as commitments
from portal.commitments.models import Source
from portal.db import Database
from portal.people.inputs import PersonInput
from portal.referrals import services as referrals
from portal.referrals.inputs import AnswerReferral, SendReferral
from portal.referrals.rules import IdentityField
from tests.factories.agencies import make_actor, make_agency

PLACE = "Jr. Caimito 77"
SEALED = "Lo que contó a la psicóloga"
REPORTER = "Vecina Garza"
NAMES = ("Tangara", "Paucar")
SAID = "Dos hermanos solos de noche"
ANSWER = "DNI emitido y entregado a la abuela"
OWED = "Asignar vacante en inicial y primaria"
NOTE = "Visita al domicilio: sin adultos"
# What must be readable in a copy, and nowhere at all once it is erased.
PERSONAL = (*NAMES, "Shihuahuaco", PLACE, SEALED, SAID, ANSWER, OWED, NOTE)


@dataclass
class Story:
    """A case with two children, opened from an alert, and the institutions of it."""

    db: Database
    upe: Agency
    lead: Actor
    health: Actor
    alert_id: UUID
    case_id: UUID
    code: str
    children: list[UUID] = field(default_factory=list)


@pytest.fixture
def story(app: Flask, db: Database) -> Story:
    """Return the case, begun ten days ago and still open."""
    assert app
    with clock.at(clock.now() - timedelta(days=10)), db.write() as session:
        return tell(session, db)


def tell(session: Session, db: Database) -> Story:
    """Make the case through the services and do on it what is done on cases."""
    upe = make_agency(session, "UPE-SM", AgencyKind.UPE)
    network = make_agency(session, "RED-LAM", AgencyKind.HEALTH)
    lead = make_actor(session, upe, Role.COORDINATOR)
    health = make_actor(session, network, Role.COORDINATOR)
    given = SendAlert(
        children=[
            PersonInput(given_names=name, first_surname="Shihuahuaco", estimated_age=age)
            for name, age in zip(NAMES, (9, 4), strict=True)
        ],
        situation=Situation.UNPROTECTION,
        district="220501",
        where=PLACE,
        what_happens=SAID,
        reporter=REPORTER,
        is_reserved=True,
        telephone="942 000 100",
        authority_id=upe.id,
    )
    alert = alerts.send_alert(session, health, given)
    case = alerts.accept_alert(session, lead, alert.id, sender_collaborates=True)
    story = Story(db, upe, lead, health, alert.id, case.id, case.code)
    statement = sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id)
    story.children = list(session.scalars(statement.order_by(col(CaseChild.position))))
    _act(session, story)
    _ask(session, story)
    return story


def _act(session: Session, story: Story) -> None:
    lead, case_id, child = story.lead, story.case_id, story.children[0]
    rights.set_placement(
        session, lead, case_id, person_id=child, placement=Placement.IN_CARE, whereabouts=PLACE
    )
    rights.set_right(
        session,
        lead,
        case_id,
        person_id=child,
        right=Right.IDENTITY,
        state=RightState.IN_PROCESS,
        next_step="Pedir la partida",
    )
    for circle, text in ((Circle.SEALED, SEALED), (Circle.TEAM, NOTE)):
        timeline.write_entry(session, lead, case_id, kind=EntryKind.VISIT, text=text, circle=circle)
    barred = make_actor(session, story.upe, Role.CASEWORKER)
    assert barred.user_id
    services.bar_person(session, lead, case_id, user_id=barred.user_id, reason="Es tío de la niña")


def _ask(session: Session, story: Story) -> None:
    lead, case_id, health = story.lead, story.case_id, story.health
    assert health.agency_id
    referral = referrals.send_referral(
        session,
        lead,
        case_id,
        SendReferral(
            to_agency_id=health.agency_id,
            asked="Control y vacunas",
            person_ids=[story.children[0]],
            right=Right.GROWTH,
            due_on=clock.today() + timedelta(days=3),
            identity_fields=[IdentityField.NAMES],
        ),
    )
    referrals.accept_referral(session, health, referral.id)
    referrals.answer_referral(session, health, referral.id, AnswerReferral(answer=ANSWER))
    commitments.propose(
        session,
        lead,
        agency_id=health.agency_id,
        act=OWED,
        due_on=clock.today() + timedelta(days=6),
        source=Source.MANUAL,
        case_id=case_id,
    )
