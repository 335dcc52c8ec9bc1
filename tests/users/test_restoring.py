"""A lost telephone: one asks, another confirms, and the person is back within minutes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.access.models import Membership
from portal.access.restoring import helpers
from portal.actor import AgencyKind, Role
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry, AuditReason
from portal.db import Database
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member
from tests.postgresql import ON_BOTH
from tests.users.authenticator import Authenticator
from tests.users.conftest import Somebody
from tests.webclient import Browser

CODE = re.compile(r'<p class="call num">([\w-]+)</p>')
WHY = "Le robaron el teléfono; la conozco"


@dataclass
class House:
    """An agency of four: who lost the telephone, an administrator, two coordinators."""

    somebody: Somebody
    people: dict[str, Browser]

    def ask(self, who: str = "admin", **fields: str) -> int:
        """Let somebody ask that the person be let in anew."""
        given = {"username": self.somebody.user.username, "reason": WHY, **fields}
        return self.people[who].fill("/recovery/new", given).status_code

    def confirm(self, who: str) -> str:
        """Let somebody confirm the request that stands; says the code, or nothing."""
        found = re.search(
            r'href="(/recovery/[0-9a-f-]{36})"', self.people[who].get("/recovery").text
        )
        if found is None:
            return ""
        answer = self.people[who].fill(found[1], {"reason": WHY})
        code = CODE.search(answer.text)
        return code[1] if code else ""


@pytest.fixture
def house(db: Database, somebody: Somebody, browser: Callable[[], Browser]) -> House:
    """Return the agency; the person has a passkey on the lost telephone."""
    somebody.add_passkey()
    roles = {"admin": Role.AGENCY_ADMIN, "one": Role.COORDINATOR, "two": Role.COORDINATOR}
    with db.write() as session:
        users = {name: make_member(session, somebody.agency, role) for name, role in roles.items()}
        session.flush()
        session.expunge_all()
    people = {name: browser().sign_in(user, somebody.agency) for name, user in users.items()}
    return House(somebody, people)


def test_two_people_let_the_person_in_within_minutes(house: House) -> None:
    found_by_thief, _answer = house.somebody.show()
    assert house.ask() == 303
    code = house.confirm("one")
    assert code
    assert found_by_thief.get("/me").location == "/login?next=/me"
    assert house.somebody.show()[1].status_code == 422
    mine, answer = house.somebody.type_password()
    assert answer.location == "/login/second?next=/"
    assert mine.post("/login/second", {"code": code}).location == "/login/start"
    house.somebody.device = Authenticator()
    assert mine.post("/login/start/later").location == "/"
    assert house.somebody.add_passkey().location == "/me"
    assert house.somebody.show()[1].location == "/"


def test_who_asks_does_not_confirm_and_neither_does_who_lost(house: House) -> None:
    house.ask()
    assert house.confirm("admin") == ""
    mine = house.somebody.inside()
    assert mine.get("/recovery").status_code == 404
    assert house.confirm("two") != ""
    assert house.confirm("one") == ""


@ON_BOTH
def test_the_second_is_told(house: House) -> None:
    house.ask()
    assert "espera su confirmación" in house.people["one"].get("/notices").text
    assert "espera su confirmación" not in house.people["admin"].get("/notices").text


def test_the_password_goes_where_it_was_lost_too(house: House) -> None:
    house.ask(also_password="1")
    code = house.confirm("one")
    assert house.somebody.type_password()[1].status_code == 422
    mine = house.somebody.new()
    fields = {"username": house.somebody.user.username, "code": code}
    assert mine.post("/login/first", fields).location == "/login/start"


def test_a_request_waits_for_a_day(house: House) -> None:
    house.ask()
    with clock.at(clock.now() + timedelta(hours=25)):
        assert house.confirm("one") == ""


def test_each_asks_and_confirms_after_a_proof_of_the_last_minutes(house: House) -> None:
    with clock.at(clock.now() + timedelta(minutes=11)):
        answer = house.people["admin"].get("/recovery/new")
        assert answer.location == "/login/proof?next=/recovery/new"


@ON_BOTH
def test_both_acts_and_their_reasons_are_in_the_trail(house: House, db: Database) -> None:
    house.ask()
    house.confirm("one")
    with db.read() as session:
        acts = session.scalars(
            sa.select(col(AuditEntry.action))
            .join(AuditReason, col(AuditReason.entry_id) == col(AuditEntry.id))
            .order_by(col(AuditEntry.at))
        ).all()
    assert acts == ["users.reset.ask", "users.reset.confirm"]


def test_a_stranger_and_nobody_are_answered_alike(house: House, db: Database) -> None:
    with db.write() as session:
        roles = [Role.VIEWER, Role.AGENCY_ADMIN, Role.COORDINATOR]
        other = make_house(session, AgencyKind.DEMUNA, roles)[1][0]
        name = other.username
    said = []
    for username in (name, "nadie-asi"):
        answer = house.people["admin"].fill("/recovery/new", {"username": username, "reason": WHY})
        said.append(re.findall(r"<li>.*?</li>", answer.text.split('class="wrongs"')[1])[0])
    assert said[0].replace(name, "nadie-asi") == said[1]


def make_house(session: Session, kind: AgencyKind, roles: list[Role]) -> tuple[Agency, list[User]]:
    agency = make_agency(session, f"A-{kind.value[:8]}", kind)
    return agency, [make_member(session, agency, role) for role in roles]


@ON_BOTH
@pytest.mark.parametrize(
    ("roles", "from_outside"),
    [
        ([Role.CASEWORKER], True),
        ([Role.CASEWORKER, Role.AGENCY_ADMIN], True),
        ([Role.CASEWORKER, Role.AGENCY_ADMIN, Role.VIEWER], True),
        ([Role.CASEWORKER, Role.AGENCY_ADMIN, Role.COORDINATOR], False),
    ],
)
def test_a_small_agency_is_helped_by_the_unit_and_the_platform(
    session: Session, roles: list[Role], from_outside: bool
) -> None:
    _agency, users = make_house(session, AgencyKind.DEMUNA, roles)
    unit, outside = make_house(session, AgencyKind.UPE, [Role.COORDINATOR, Role.CASEWORKER])
    platform = make_member(session, None, Role.PLATFORM_ADMIN)
    auditor = make_member(session, None, Role.AUDITOR)
    able = helpers(session, users[0].id)
    assert ((outside[0].id, unit.id) in able) is from_outside
    assert ((platform.id, None) in able) is from_outside
    assert not {outside[1].id, auditor.id, users[0].id} & {helper for helper, _where in able}
    for user, role in zip(users[1:], roles[1:], strict=True):
        assert (user.id in {helper for helper, _where in able}) is (role is not Role.VIEWER)


def test_a_helper_whose_role_ended_helps_no_more(house: House, db: Database) -> None:
    house.ask()
    with db.write() as session:
        session.execute(
            sa.update(Membership)
            .where(col(Membership.role) == Role.COORDINATOR)
            .values(until=clock.now())
        )
    assert house.people["one"].get("/recovery").status_code == 404


def test_platform_people_are_helped_by_the_platform(session: Session) -> None:
    one, two = (make_member(session, None, Role.PLATFORM_ADMIN) for _each in range(2))
    assert helpers(session, one.id) == {(two.id, None)}
