"""A UPE that leads cases, another institution, and their people, for tests of privacy."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlmodel import Session

from portal import audit, clock
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.models import Priority, Situation
from portal.cases.services import assign, open_case
from portal.db import Database
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.privacy.watch import watch
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

MOST = 3


@dataclass
class Office:
    """The UPE, the Defensoría, their people, and what each does in a browser of their own."""

    db: Database
    upe: Agency
    other: Agency
    users: dict[str, User]
    open_browser: Callable[[], Browser]

    def at(self, name: str) -> Browser:
        """Return a new browser in which somebody is signed in."""
        agency = self.other if name.startswith("other") else self.upe
        return self.open_browser().sign_in(self.users[name], agency)

    def case(self, assigned: str = "", **child: object) -> tuple[str, UUID]:
        """Open a case that the UPE leads, with one child: its code and identifier."""
        with self.db.write() as session:
            return new_case(session, self, assigned, **child)

    def look(self) -> int:
        """Link the trail and look at it, as the worker does every minute."""
        with self.db.write() as session:
            audit.link_entries(session)
        with self.db.write() as session:
            return watch(session, most_an_hour=MOST)


def new_case(session: Session, office: Office, assigned: str, **child: object) -> tuple[str, UUID]:
    given = {"given_names": "Tangara", "first_surname": "Cedro", "estimated_age": 9, **child}
    person = register_person(session, system_actor(), PersonInput.model_validate(given))
    case = open_case(
        session,
        system_actor(office.upe.id),
        lead_agency_id=office.upe.id,
        situation=Situation.UNPROTECTION,
        priority=Priority.HIGH,
        district="220501",
        summary="Solos esta noche",
        person_ids=[person.id],
        received_at=clock.now(),
    )
    if assigned:
        actor = system_actor(office.upe.id)
        assign(session, actor, case.id, user_id=office.users[assigned].id)
    session.flush()
    return case.code, case.id


@pytest.fixture
def office(db: Database, browser: Callable[[], Browser]) -> Office:
    """Return two institutions with the people whom privacy concerns."""
    with db.write() as session:
        upe = make_agency(session)
        other = make_agency(session, "DP-TAR", AgencyKind.DEFENSORIA)
        users = {
            "coordinator": make_member(session, upe, Role.COORDINATOR, name="Elena Caoba"),
            "second": make_member(session, upe, Role.COORDINATOR, name="Rosa Quinilla"),
            "worker": make_member(session, upe, Role.CASEWORKER, name="Marco Lupuna"),
            "officer": make_member(session, upe, Role.PRIVACY_OFFICER, name="Teresa Ojé"),
            "admin": make_member(session, upe, Role.AGENCY_ADMIN, name="Iván Huayruro"),
            "other": make_member(session, other, Role.COORDINATOR, name="Carmen Shihuahuaco"),
            "other_officer": make_member(session, other, Role.PRIVACY_OFFICER, name="Jorge Ojé"),
        }
        session.flush()
        session.expunge_all()
    return Office(db, upe, other, users, browser)
