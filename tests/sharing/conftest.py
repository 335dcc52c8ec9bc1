"""A case led by a UPE, with people of the UPE and of a health centre that is not on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.models import Case, Level, Priority, Situation
from portal.cases.services import admit_party, open_case
from portal.db import Database, new_id
from portal.events.delivery import run_due
from portal.people.inputs import PersonInput
from portal.people.models import DocumentKind
from portal.people.services import register_person
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.webclient import Browser

DOCUMENT = "71234567"
CHILD = {
    "given_names": "Paucar",
    "first_surname": "Cedro",
    "second_surname": "Ñahui",
    "born_on": "2017-03-02",
    "district": "220501",
}


@dataclass
class House:
    """The institutions, their people by name, and a browser for each."""

    db: Database
    browser: Callable[[], Browser]
    agencies: dict[str, Agency] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    code: str = ""
    case_id: UUID = field(default_factory=new_id)

    def at(self, name: str) -> Browser:
        """Return a browser on which a person is signed in for the agency of the name."""
        return self.browser().sign_in(self.users[name], self.agencies[self.homes[name]])

    def add(self, session: Session, agency: str, name: str, *roles: Role) -> User:
        """Add a person of an agency under a name."""
        user = make_member(session, self.agencies[agency], *roles, name=f"Persona {name}")
        self.users[name], self.homes[name] = user, agency
        return user

    def put_on_case(self, agency: str, level: Level) -> None:
        """Bring an agency onto the case at a level."""
        with self.db.write() as session:
            case = session.get_one(Case, self.case_id)
            admit_party(
                session,
                system_actor(),
                case,
                agency_id=self.agencies[agency].id,
                level=level,
                legal_basis="Prueba",
            )

    def work(self) -> None:
        """Let the worker do what is due."""
        while run_due(self.db):
            pass

    def case(self, session: Session) -> Case:
        """Return the case's row."""
        return session.exec(select(Case).where(col(Case.id) == self.case_id)).one()


@pytest.fixture
def house(db: Database, browser: Callable[[], Browser]) -> House:
    """Return the UPE with its case, and the health centre with people on duty and off."""
    made = House(db, browser)
    with db.write() as session:
        made.agencies["UPE"] = make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE San Martín")
        made.agencies["SAL"] = make_agency(session, "CS-1", AgencyKind.HEALTH, "Centro de Salud")
        made.agencies["DEM"] = make_agency(session, "DEM-1", AgencyKind.DEMUNA, "DEMUNA Lamas")
        for agency in ("UPE", "SAL", "DEM"):
            low = agency.lower()
            made.add(session, agency, f"{low}-boss", Role.COORDINATOR)
            made.add(session, agency, f"{low}-worker", Role.CASEWORKER)
            made.add(session, agency, f"{low}-privacy", Role.PRIVACY_OFFICER)
            made.add(session, agency, f"{low}-admin", Role.AGENCY_ADMIN)
            night = made.add(session, agency, f"{low}-night", Role.DUTY_OFFICER)
            put_on_duty(session, made.agencies[agency], night)
            made.add(session, agency, f"{low}-day", Role.DUTY_OFFICER)
        child = register_person(
            session,
            system_actor(),
            PersonInput(
                given_names=CHILD["given_names"],
                first_surname=CHILD["first_surname"],
                second_surname=CHILD["second_surname"],
                born_on=date.fromisoformat(CHILD["born_on"]),
                document_kind=DocumentKind.DNI,
                document_number=DOCUMENT,
            ),
        )
        case = open_case(
            session,
            system_actor(made.agencies["UPE"].id),
            lead_agency_id=made.agencies["UPE"].id,
            situation=Situation.UNPROTECTION,
            priority=Priority.HIGH,
            district=CHILD["district"],
            summary="Relato que solo lee el equipo",
            person_ids=[child.id],
            received_at=child.created_at,
        )
        made.code, made.case_id = case.code, case.id
        session.flush()
        session.expunge_all()
    return made
