"""A shared desk: enrolled by an administrator, opened by a PIN for the role of carer alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.access.models import Membership
from portal.actor import Role
from portal.agencies.models import Agency
from portal.db import Database
from portal.users.models import Device, Pin, User
from tests.factories.agencies import make_agency, make_member
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

PIN_PAGE, PIN = "/login/pin", "482915"
NewBrowser = Callable[[], Browser]


class Ward:
    """A place of care: its administrator, a carer who coordinates elsewhere too, the desk."""

    def __init__(self, db: Database, new: NewBrowser) -> None:
        self.new = new
        with db.write() as session:
            self.agency: Agency = make_agency(session)
            self.admin: User = make_member(session, self.agency, Role.AGENCY_ADMIN)
            self.carer: User = make_member(
                session, self.agency, Role.CARER, Role.COORDINATOR, name="Nora Tornillo"
            )
            session.flush()
            session.expunge_all()
        hers = new().sign_in(self.carer, self.agency)
        assert hers.fill("/me/pin", {"pin": PIN}).location == "/me"
        self.desk = new().sign_in(self.admin, self.agency)
        fields = {**self.desk.marks("/admin/devices"), "name": "Puesto de cuidado"}
        assert self.desk.post("/admin/devices", fields).location == PIN_PAGE

    def enter(self, pin: str = PIN, at: Browser | None = None) -> str:
        """Give name and PIN; says where that leads."""
        fields = {"username": self.carer.username, "pin": pin}
        answer = (at or self.desk).post(PIN_PAGE, fields)
        return answer.location or str(answer.status_code)


@pytest.fixture
def ward(db: Database, browser: NewBrowser) -> Ward:
    return Ward(db, browser)


@ON_BOTH
def test_a_pin_opens_the_role_of_carer_and_nothing_else(ward: Ward) -> None:
    assert "Puesto de cuidado" in ward.desk.get(PIN_PAGE).text
    assert ward.enter() == "/"
    page = ward.desk.get("/").text
    assert "Nora Tornillo" in page
    assert 'href="/me"' not in page
    assert ward.desk.get("/access/roster").status_code == 200
    for path in ("/cases", "/alerts", "/me", "/me/pin", "/me/codes", "/login/proof", "/notices"):
        assert ward.desk.get(path).status_code == 404, path
    sent = ward.desk.post("/me/acting", {"_agency": str(ward.agency.id), "agency_id": ""})
    assert sent.status_code == 404


def test_elsewhere_a_pin_opens_nothing(ward: Ward) -> None:
    assert ward.enter(at=ward.new()) == "404"
    thief = ward.new()
    thief.client.set_cookie("articula-device", "a" * 43)
    assert ward.enter(at=thief) == "404"


def test_a_desk_knows_who_came_in_and_the_sign_in_page_does_not(ward: Ward) -> None:
    ward.enter()
    ward.desk.post("/logout", {"_agency": str(ward.agency.id)})
    assert "Nora Tornillo" in ward.desk.get(PIN_PAGE).text
    assert "Nora Tornillo" not in ward.desk.get("/login").text
    assert "Cuidado diario" in ward.desk.get("/login").text
    assert "Cuidado diario" not in ward.new().get("/login").text


def test_guessing_pins_becomes_slow(ward: Ward) -> None:
    for _try in range(5):
        assert ward.enter("111119") == "422"
    fields = {"username": ward.carer.username, "pin": PIN}
    assert "Demasiados intentos" in ward.desk.post(PIN_PAGE, fields).text


def test_locking_a_desk_leads_to_the_pin(ward: Ward) -> None:
    ward.enter()
    answer = ward.desk.post("/lock", {"_agency": str(ward.agency.id)})
    assert answer.location == PIN_PAGE
    assert ward.desk.get("/").status_code == 302


def test_a_desk_left_alone_is_closed_after_five_minutes(ward: Ward) -> None:
    ward.enter()
    now = clock.now()
    with clock.at(now + timedelta(minutes=4, seconds=50)):
        assert ward.desk.get("/me/left").status_code == 200
    with clock.at(now + timedelta(minutes=5, seconds=1)):
        assert ward.desk.get("/").location == "/login?next=/"


@ON_BOTH
def test_a_revoked_desk_and_who_is_in_by_it_are_out_at_once(ward: Ward, db: Database) -> None:
    ward.enter()
    with db.read() as session:
        device_id = session.scalars(sa.select(col(Device.id))).one()
    boss = ward.new().sign_in(ward.admin, ward.agency)
    assert boss.fill("/me", to=f"/admin/devices/{device_id}/revoke").status_code == 303
    assert ward.desk.get("/").location == "/login?next=/"
    assert ward.enter() == "404"


def test_who_is_no_carer_any_more_does_not_come_in(ward: Ward, db: Database) -> None:
    ward.enter()
    with db.write() as session:
        session.execute(
            sa.update(Membership)
            .where(col(Membership.role) == Role.CARER)
            .values(until=clock.now())
        )
    assert ward.desk.get("/access/roster").status_code == 404
    assert ward.enter() == "422"


def test_another_agencys_administrator_sees_and_ends_no_desk(ward: Ward, db: Database) -> None:
    with db.write() as session:
        other = make_agency(session, "CAR-X")
        admin = make_member(session, other, Role.AGENCY_ADMIN)
        device_id = session.scalars(sa.select(col(Device.id))).one()
        session.expunge_all()
    theirs = ward.new().sign_in(admin, other)
    assert "Puesto de cuidado" not in theirs.get("/admin/devices").text
    path = f"/admin/devices/{device_id}/revoke"
    assert theirs.post(path, theirs.marks("/me")).status_code == 404


def test_only_hashes_are_kept(ward: Ward, db: Database) -> None:
    cookie = ward.desk.client.get_cookie("articula-device")
    assert cookie is not None
    with db.read() as session:
        assert session.scalars(sa.select(col(Device.token_hash))).one() != cookie.value
        assert session.scalars(sa.select(col(Pin.pin_hash))).one().startswith("$argon2id$")
