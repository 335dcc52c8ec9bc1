"""A UPE with its place of care and its people, for tests of the module of places of care."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from portal_shelter.inputs import AddBed, SetPlace
from portal_shelter.models import Place, PlaceKind
from portal_shelter.services import add_bed, set_place
from sqlmodel import Session

from portal import clock
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.models import Priority, Situation
from portal.cases.services import open_case
from portal.db import Database
from portal.host import services
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
ADDRESS = "Jr. Escondido 123"
NAMES = ("Tangara", "Paucar", "Lechuza", "Garza")


def new_case(session: Session, agency: Agency, *ages: int) -> tuple[str, list[UUID]]:
    """Open a case that an agency leads, with a child of each age."""
    children = [
        register_person(
            session,
            system_actor(),
            PersonInput(given_names=NAMES[number % 4], first_surname="Cedro", estimated_age=age),
        ).id
        for number, age in enumerate(ages)
    ]
    case = open_case(
        session,
        system_actor(agency.id),
        lead_agency_id=agency.id,
        situation=Situation.UNPROTECTION,
        priority=Priority.HIGH,
        district="220501",
        summary="Solos esta noche",
        person_ids=children,
        received_at=clock.now(),
    )
    session.flush()
    return case.code, children


def new_place(session: Session, agency: Agency, beds: int, room: str = "A") -> Place:
    """Set up an agency's place with beds in one room."""
    actor = system_actor(agency.id)
    place = set_place(
        session,
        actor,
        SetPlace(
            name=f"Casa {agency.code}",
            kind=PlaceKind.RECEPTION,
            capacity=beds,
            address=ADDRESS,
            shares_vacancies=True,
        ),
    )
    for number in range(1, beds + 1):
        add_bed(session, actor, AddBed(room=room, label=str(number)))
    return place


@dataclass
class House:
    """The UPE with a place, and the people who work there, each with a browser."""

    db: Database
    agency: Agency
    users: dict[str, User]
    browsers: dict[str, Browser]
    browser: NewBrowser

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]

    def case(self, *ages: int) -> tuple[str, list[UUID]]:
        """Open a case with a child of each age."""
        with self.db.write() as session:
            return new_case(session, self.agency, *ages)

    def other(self, code: str, kind: AgencyKind = AgencyKind.CARE_HOME, beds: int = 2) -> Agency:
        """Add another institution with the module and a place."""
        with self.db.write() as session:
            agency = make_agency(session, code, kind)
            services.enable(session, system_actor(), "shelter", agency.id)
            new_place(session, agency, beds)
            session.flush()
            session.expunge_all()
        return agency

    def sign_in(self, agency: Agency, *roles: Role) -> Browser:
        """Return the browser of a new person of an institution."""
        with self.db.write() as session:
            user = make_member(session, agency, *roles)
            session.flush()
            session.expunge_all()
        return self.browser().sign_in(user, agency)


def open_house(db: Database, browser: NewBrowser, beds: int = 4) -> House:
    """Admit the module, turn it on for a UPE and set up its place."""
    services.admit(db, system_actor(), "shelter")
    with db.write() as session:
        agency = make_agency(session)
        services.enable(session, system_actor(), "shelter", agency.id)
        users = {
            "coordinator": make_member(session, agency, Role.COORDINATOR),
            "caseworker": make_member(session, agency, Role.CASEWORKER),
            "carer": make_member(session, agency, Role.CARER),
            "admin": make_member(session, agency, Role.AGENCY_ADMIN),
        }
        new_place(session, agency, beds)
        session.flush()
        session.expunge_all()
    browsers = {name: browser().sign_in(user, agency) for name, user in users.items()}
    return House(db, agency, users, browsers, browser)
