"""/admin/users: who sees whom, gives what, and what nobody may do to himself."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.access.models import Membership
from portal.access.services import grant_role
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.db import Database
from portal.errors import Forbidden
from portal.users.models import User
from tests.conftest import Statements
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
BASE = "/admin/users"


@dataclass
class Office:
    """A UPE with its people, another agency, and the platform; a browser for each administrator."""

    db: Database
    browser: NewBrowser
    upe: Agency
    other: Agency
    users: dict[str, User]

    def __getitem__(self, name: str) -> Browser:
        agency = {"platform": None, "strange": self.other}.get(name, self.upe)
        return self.browser().sign_in(self.users[name], agency)

    def id(self, name: str) -> UUID:
        return self.users[name].id

    def roles(self, user_id: UUID) -> set[tuple[UUID | None, Role]]:
        """Return what a person holds now."""
        now = clock.now()
        with self.db.read() as session:
            found = session.scalars(sa.select(Membership).where(col(Membership.user_id) == user_id))
            return {
                (each.agency_id, each.role)
                for each in found
                if each.since <= now
                and (each.until is None or each.until > now)
                and each.suspended_at is None
            }


@pytest.fixture
def office(db: Database, browser: NewBrowser) -> Office:
    with db.write() as session:
        upe = make_agency(session, "UPE-SM", name="UPE San Martín")
        other = make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, "DEMUNA Lamas")
        users = {
            "admin": make_member(session, upe, Role.AGENCY_ADMIN, name="Iván Huayruro"),
            "second": make_member(session, upe, Role.AGENCY_ADMIN, name="Rita Bijao"),
            "worker": make_member(session, upe, Role.CASEWORKER, name="Marco Lupuña"),
            "coordinator": make_member(session, upe, Role.COORDINATOR, name="Elena Caoba"),
            "strange": make_member(session, other, Role.AGENCY_ADMIN, name="Raúl Catahua"),
            "platform": make_member(session, None, Role.PLATFORM_ADMIN, name="Pedro Renaco"),
        }
        session.flush()
        session.expunge_all()
    return Office(db, browser, upe, other, users)


def test_the_list_shows_the_people_of_the_agency_and_no_others(office: Office) -> None:
    own, strange, all_of_them = (
        office[name].get(BASE).text for name in ("admin", "strange", "platform")
    )
    assert "Marco Lupuña" in own
    assert "Raúl Catahua" not in own
    assert "Raúl Catahua" in strange
    assert "Marco Lupuña" not in strange
    assert "Marco Lupuña" in all_of_them
    assert "Raúl Catahua" in all_of_them
    for name in ("worker", "coordinator"):
        assert office[name].get(BASE).status_code == 404


def test_the_list_is_narrowed_without_accents(office: Office) -> None:
    admin = office["admin"]
    assert "Marco Lupuña" in admin.get(f"{BASE}?q=lupuna").text
    assert "Marco Lupuña" not in admin.get(f"{BASE}?q=caoba").text
    assert "Marco Lupuña" not in admin.get(f"{BASE}?role=coordinator").text
    assert "Elena Caoba" in admin.get(f"{BASE}?role=coordinator").text
    assert "Elena Caoba" not in admin.get(f"{BASE}?state=former").text


def test_the_list_takes_the_same_number_of_statements_however_many(
    office: Office, statements: Statements
) -> None:
    admin = office["admin"]
    admin.get(BASE)
    statements.seen.clear()
    admin.get(BASE)
    few = statements.count
    with office.db.write() as session:
        for number in range(20):
            make_member(session, office.upe, Role.CASEWORKER, name=f"Persona {number:02}")
    statements.seen.clear()
    admin.get(BASE)
    assert statements.count == few


def test_it_goes_on_where_a_page_ends(office: Office) -> None:
    with office.db.write() as session:
        for number in range(55):
            make_member(session, office.upe, Role.CASEWORKER, name=f"Persona {number:02}")
    admin = office["admin"]
    first = admin.get(BASE).text
    following = re.search(r'class="pager"><a href="([^"]+)"', first)
    assert following
    second = admin.get(following[1].replace("&amp;", "&")).text
    names = set(re.findall(r"Persona \d\d", first)) | set(re.findall(r"Persona \d\d", second))
    assert len(names) == 55
    assert not set(re.findall(r"Persona \d\d", first)) & set(re.findall(r"Persona \d\d", second))


def test_a_new_person_gets_an_account_roles_and_a_code_shown_once(office: Office) -> None:
    admin = office["admin"]
    answer = admin.fill(
        f"{BASE}/new",
        {
            "name": "Nadia Topa",
            "username": "Nadia.Topa",
            "post": "Psicóloga",
            "roles": ["caseworker", "duty_officer"],
        },
    )
    assert answer.status_code == 303
    page = admin.get(answer.location).text
    assert "nadia.topa" in page
    assert "Psicóloga" in page
    marks = admin.marks(answer.location)
    shown = admin.post(f"{answer.location}/code", marks)
    code = re.search(r'class="lead num">([A-Z0-9-]+)<', shown.text)
    assert shown.status_code == 200
    assert code
    assert code[1] not in admin.get(answer.location).text
    user_id = UUID(answer.location.rsplit("/", 1)[-1])
    assert office.roles(user_id) == {
        (office.upe.id, Role.CASEWORKER),
        (office.upe.id, Role.DUTY_OFFICER),
    }
    with office.db.read() as session:
        created = session.scalar(
            sa.select(sa.func.count()).where(col(AuditEntry.action) == "users.user.create")
        )
    assert created == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "ññ ññ"}, "username"),
        ({"username": ""}, "username"),
        ({"name": "X"}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["platform_admin"]}, "roles"),
        ({"since": "2026-13-01"}, "since"),
        ({"since": "2027-02-01", "until": "2027-01-01"}, "until"),
        ({"until": "2020-01-01"}, "until"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_made(
    office: Office, given: dict[str, object], field: str
) -> None:
    sent = {"name": "Nadia Topa", "username": "nadia", "roles": ["caseworker"], **given}
    answer = office["admin"].fill(f"{BASE}/new", sent)
    if field == "roles" and given["roles"] == ["platform_admin"]:
        assert answer.status_code in (404, 422)
    else:
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
    with office.db.read() as session:
        assert session.scalar(sa.select(User).where(col(User.username) == "nadia")) is None


def test_a_name_that_is_taken_is_refused(office: Office) -> None:
    sent = {
        "name": "Otra Persona",
        "username": office.users["worker"].username,
        "roles": ["caseworker"],
    }
    answer = office["admin"].fill(f"{BASE}/new", sent)
    assert answer.status_code == 422
    assert "Otra Persona" in answer.text


def test_nobody_gives_himself_a_role(office: Office) -> None:
    admin, own = office["admin"], office.id("admin")
    page = admin.get(f"{BASE}/{own}").text
    assert "/roles/new" not in page
    assert admin.get(f"{BASE}/{own}/roles/new").status_code == 404
    data = {**admin.marks(f"{BASE}/new"), "roles": ["coordinator"]}
    assert admin.post(f"{BASE}/{own}/roles/new", data).status_code == 404
    assert office.roles(own) == {(office.upe.id, Role.AGENCY_ADMIN)}


def test_the_service_itself_gives_nobody_a_role_by_himself(office: Office) -> None:
    own = Actor(
        user_id=office.id("admin"),
        agency_id=office.upe.id,
        roles=frozenset({Role.AGENCY_ADMIN}),
    )
    with office.db.write() as session, pytest.raises(Forbidden):
        grant_role(
            session,
            own,
            user_id=office.id("admin"),
            agency_id=office.upe.id,
            role=Role.COORDINATOR,
        )


def test_an_administrator_reaches_nobody_of_another_agency(office: Office) -> None:
    strange, worker = office["strange"], office.id("worker")
    marks = strange.marks(f"{BASE}/new")
    for path in ("", "/roles/new", f"/leave/{office.upe.id}", f"/suspend/{office.upe.id}"):
        assert strange.get(f"{BASE}/{worker}{path}").status_code == 404
    for path in ("/code", "/roles/new", f"/leave/{office.upe.id}", f"/suspend/{office.upe.id}"):
        sent = {**marks, "roles": ["caseworker"], "reason": "porque así conviene"}
        assert strange.post(f"{BASE}/{worker}{path}", sent).status_code == 404
    answer = strange.fill(
        f"{BASE}/new",
        {
            "name": "Ajena Ajena",
            "username": "ajena",
            "agency_id": str(office.upe.id),
            "roles": ["coordinator"],
        },
    )
    assert answer.status_code == 404
    assert office.roles(worker) == {(office.upe.id, Role.CASEWORKER)}


def test_a_role_acts_at_the_next_click_and_so_does_its_end(office: Office) -> None:
    admin, worker = office["admin"], office["worker"]
    assert worker.get("/access/roster/new").status_code == 404
    page = f"{BASE}/{office.id('worker')}"
    assert admin.fill(f"{page}/roles/new", {"roles": ["coordinator"]}).status_code == 303
    assert worker.get("/access/roster/new").status_code == 200
    ends = re.search(r'href="([^"]+/end)" aria-label="[^"]*Coordina', admin.get(page).text)
    assert ends
    assert admin.fill(ends[1]).status_code == 303
    assert worker.get("/access/roster/new").status_code == 404


def test_a_role_to_come_does_not_act_yet_and_a_role_with_a_last_day_ends(office: Office) -> None:
    admin, worker, user_id = office["admin"], office["worker"], office.id("worker")
    later = (clock.today() + timedelta(days=3)).isoformat()
    last = (clock.today() + timedelta(days=5)).isoformat()
    page = f"{BASE}/{user_id}"
    given = {"roles": ["coordinator"], "since": later, "until": last}
    assert admin.fill(f"{page}/roles/new", given).status_code == 303
    assert worker.get("/access/roster/new").status_code == 404
    assert (office.upe.id, Role.COORDINATOR) not in office.roles(user_id)
    with clock.at(clock.now() + timedelta(days=4)):
        assert (office.upe.id, Role.COORDINATOR) in office.roles(user_id)
    with clock.at(clock.now() + timedelta(days=6)):
        assert (office.upe.id, Role.COORDINATOR) not in office.roles(user_id)


def test_the_same_role_is_not_held_twice_at_once(office: Office) -> None:
    page = f"{BASE}/{office.id('worker')}/roles/new"
    answer = office["admin"].fill(page, {"roles": ["caseworker"]})
    assert answer.status_code == 422
    assert 'href="#roles"' in answer.text


def test_who_keeps_the_platform_works_on_no_case_nor_the_reverse(office: Office) -> None:
    platform = office["platform"]
    with office.db.write() as session:
        auditor = make_member(session, None, Role.AUDITOR, name="Inés Ubos").id
    sent = {"agency_id": str(office.upe.id), "roles": ["caseworker"]}
    assert platform.fill(f"{BASE}/{auditor}/roles/new", sent).status_code == 422
    worker = office.id("worker")
    answer = platform.fill(f"{BASE}/{worker}/roles/new", {"roles": ["auditor"]})
    assert answer.status_code == 422
    assert office.roles(auditor) == {(None, Role.AUDITOR)}


def test_a_suspended_person_is_out_at_once_and_comes_back(office: Office) -> None:
    admin, worker = office["admin"], office["worker"]
    page = f"{BASE}/{office.id('worker')}/suspend/{office.upe.id}"
    assert worker.get("/cases").status_code == 200
    assert admin.fill(page, {"reason": "abc"}).status_code == 422
    assert admin.fill(page, {"reason": "Investigación en curso"}).status_code == 303
    answer = worker.get("/cases")
    assert answer.status_code == 302
    assert "/login" in answer.location
    assert office.roles(office.id("worker")) == set()
    assert office["worker"].get("/cases").status_code == 404
    assert "Marco Lupuña" in admin.get(f"{BASE}?state=suspended").text
    assert admin.fill(page, {"reason": "Se aclaró lo ocurrido"}).status_code == 303
    assert office["worker"].get("/cases").status_code == 200
    with office.db.read() as session:
        facts = session.scalars(
            sa.select(col(AuditEntry.facts)).where(
                col(AuditEntry.action) == "access.person.suspend"
            )
        ).all()
    assert len(facts) == 1
    assert "Investigación" not in facts[0]


def test_the_last_administrator_leaves_only_with_a_follower(office: Office) -> None:
    admin = office["admin"]
    second, last = office.id("second"), office.id("admin")
    assert admin.fill(f"{BASE}/{second}/leave/{office.upe.id}").status_code == 303
    page = f"{BASE}/{last}/leave/{office.upe.id}"
    refused = admin.fill(page)
    assert refused.status_code == 422
    assert (office.upe.id, Role.AGENCY_ADMIN) in office.roles(last)
    itself = admin.fill(page, {"follower_id": str(last)})
    assert itself.status_code == 422
    follower = office.id("coordinator")
    stranger = {**admin.marks(page), "follower_id": str(office.id("strange"))}
    assert admin.post(page, stranger).status_code == 422
    sent = {**admin.marks(page), "follower_id": str(follower)}
    assert admin.post(page, sent).status_code == 303
    assert (office.upe.id, Role.AGENCY_ADMIN) in office.roles(follower)
    assert office.roles(last) == set()


def test_the_platform_may_take_the_last_administrator_of_an_agency_but_not_its_own(
    office: Office,
) -> None:
    platform = office["platform"]
    strange = office.id("strange")
    assert platform.fill(f"{BASE}/{strange}/leave/{office.other.id}").status_code == 303
    assert office.roles(strange) == set()
    own = office.id("platform")
    ends = re.search(r'href="([^"]+/end)"', platform.get(f"{BASE}/{own}").text)
    assert ends
    assert platform.fill(ends[1]).status_code == 422
    assert office.roles(own) == {(None, Role.PLATFORM_ADMIN)}


def test_a_code_that_opens_other_agencies_too_is_not_given(office: Office) -> None:
    with office.db.write() as session:
        user = session.get_one(User, office.id("worker"))
        user.password_hash = ""
        session.add(
            Membership(
                user_id=user.id,
                agency_id=office.other.id,
                role=Role.COORDINATOR,
                since=clock.now(),
            )
        )
    admin, platform = office["admin"], office["platform"]
    page = f"{BASE}/{office.id('worker')}"
    assert admin.post(f"{page}/code", admin.marks(page)).status_code == 404
    assert platform.post(f"{page}/code", platform.marks(page)).status_code == 200


def test_a_person_moves_to_a_unit_in_one_act(office: Office) -> None:
    with office.db.write() as session:
        unit = make_agency(session, "CS-LAM", AgencyKind.HEALTH, "Centro de Salud")
        unit.parent_id = office.upe.id
        unit_id = unit.id
    worker = office.id("worker")
    page = f"{BASE}/{worker}/move/{office.upe.id}"
    elsewhere = {"to_agency_id": str(office.other.id), "roles": ["caseworker"]}
    assert office["admin"].fill(page, elsewhere).status_code == 404
    answer = office["admin"].fill(
        page, {"to_agency_id": str(unit_id), "roles": ["caseworker", "duty_officer"]}
    )
    assert answer.status_code == 303
    assert office.roles(worker) == {(unit_id, Role.CASEWORKER), (unit_id, Role.DUTY_OFFICER)}


def test_all_roles_of_an_agency_end_after_a_day(office: Office) -> None:
    last = clock.today() + timedelta(days=30)
    sent = {"last_day": last.isoformat(), "reason": "Cambio de gestión municipal"}
    refused = office["strange"].fill(f"{BASE}/end-all", sent)
    assert refused.status_code == 422
    sent["agency_id"] = str(office.other.id)
    assert office["platform"].fill(f"{BASE}/end-all", sent).status_code == 303
    assert office.roles(office.id("strange"))
    with clock.at(clock.now() + timedelta(days=31)):
        assert office.roles(office.id("strange")) == set()
    assert office.roles(office.id("worker"))


def test_what_is_gravest_asks_for_a_proof_of_the_last_minutes(office: Office) -> None:
    admin = office["admin"]
    page = f"{BASE}/{office.id('worker')}/roles/new"
    with clock.at(clock.now() + timedelta(minutes=12)):
        answer = admin.get(page)
        assert answer.status_code == 303
        assert "/login/proof" in answer.location
        assert admin.get(f"{BASE}/{office.id('worker')}").status_code == 200


def test_no_case_is_named_on_the_pages_of_people(office: Office) -> None:
    admin = office["admin"]
    for url in (BASE, f"{BASE}/{office.id('worker')}", f"{BASE}/{office.id('worker')}/roles/new"):
        assert "/cases" not in re.sub(r"<nav.*?</nav>", "", admin.get(url).text, flags=re.S)
