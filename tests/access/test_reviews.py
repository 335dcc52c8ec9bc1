"""The six-monthly review: it opens by itself, two people do it, and what ends really ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from portal import clock
from portal.access.models import AccessReview, AccessReviewLine, Handover, Membership
from portal.access.reviews import count_overdue, open_due
from portal.actor import Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseAssignment
from portal.db import Database
from portal.users.models import SignIn, User
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
HALF_YEAR = timedelta(days=183)


@dataclass
class Office:
    """A UPE seven months old with an administrator, a privacy officer and others."""

    db: Database
    browser: NewBrowser
    agency: Agency
    users: dict[str, User]

    def __getitem__(self, name: str) -> Browser:
        agency = None if name in ("platform", "auditor") else self.agency
        return self.browser().sign_in(self.users[name], agency)

    def open(self) -> str:
        with self.db.write() as session:
            open_due(session, months=6, days=30)
            review = session.scalars(
                sa.select(AccessReview).where(col(AccessReview.agency_id) == self.agency.id)
            ).one()
            return f"/admin/reviews/{review.id}"

    def lines(self, url: str) -> dict[str, UUID]:
        """Return the lines of a review by the name of the person and the role."""
        statement = (
            sa.select(col(User.name), col(Membership.role), col(AccessReviewLine.id))
            .join(Membership, col(Membership.id) == col(AccessReviewLine.membership_id))
            .join(User, col(User.id) == col(Membership.user_id))
            .where(col(AccessReviewLine.review_id) == UUID(url.rsplit("/", 1)[-1]))
        )
        with self.db.read() as session:
            return {f"{name} {role}": line for name, role, line in session.execute(statement).all()}

    def choose(self, url: str, **ends: Any) -> dict[str, str]:
        """Return a form that keeps every line but those that are named."""
        return {
            f"line-{line}": "end" if key in ends.get("end", ()) else "keep"
            for key, line in self.lines(url).items()
        }

    def held(self, name: str) -> bool:
        now = clock.now()
        with self.db.read() as session:
            found = session.scalars(
                sa.select(Membership).where(col(Membership.user_id) == self.users[name].id)
            )
            return any(each.until is None or each.until > now for each in found)


@pytest.fixture
def office(app: Flask, db: Database, browser: NewBrowser) -> Office:
    assert app
    with db.write() as session, clock.at(clock.now() - HALF_YEAR - timedelta(days=30)):
        agency = make_agency(session)
        users = {
            "admin": make_member(session, agency, Role.AGENCY_ADMIN, name="Iván"),
            "officer": make_member(session, agency, Role.PRIVACY_OFFICER, name="Dora"),
            "coordinator": make_member(session, agency, Role.COORDINATOR, name="Elena"),
            "worker": make_member(session, agency, Role.CASEWORKER, name="Marco"),
            "carer": make_member(session, agency, Role.CARER, name="Nora"),
            "platform": make_member(session, None, Role.PLATFORM_ADMIN, name="Pedro"),
        }
        session.flush()
        session.expunge_all()
    return Office(db, browser, agency, users)


@ON_BOTH
def test_it_opens_by_itself_every_half_year_and_once(office: Office) -> None:
    with office.db.write() as session:
        assert open_due(session, months=8, days=30) == 0
        assert open_due(session, months=6, days=30) == 2
        assert open_due(session, months=6, days=30) == 0
    with office.db.write() as session:
        session.execute(sa.update(AccessReview).values(closed_at=clock.now()))
    with office.db.write() as session:
        assert open_due(session, months=6, days=30) == 0
        with clock.at(clock.now() + HALF_YEAR):
            assert open_due(session, months=6, days=30) == 2


def test_it_lists_each_role_with_its_last_use_and_marks_who_never_comes(office: Office) -> None:
    assert office["worker"].get("/").status_code == 200
    url = office.open()
    assert len(office.lines(url)) == 5
    with office.db.read() as session:
        used = session.scalars(
            sa.select(col(AccessReviewLine.used_at)).where(
                col(AccessReviewLine.id) == office.lines(url)["Marco caseworker"]
            )
        ).one()
        seen = session.scalars(
            sa.select(col(SignIn.seen_at)).where(col(SignIn.user_id) == office.users["worker"].id)
        ).one()
    assert used == seen
    assert "sin uso hace tiempo" in office["admin"].get(url).text


def test_two_people_do_it_and_what_ends_ends_only_then(office: Office) -> None:
    url = office.open()
    admin, officer = office["admin"], office["officer"]
    forged = {**admin.marks(url), **office.choose(url)}
    assert officer.post(url, forged).status_code == 403
    assert admin.fill(url, office.choose(url, end=["Nora carer"])).status_code == 303
    assert office.held("carer")
    marks = admin.marks(url)
    assert admin.post(f"{url}/confirm", marks).status_code == 404
    assert officer.post(f"{url}/confirm", officer.marks(url)).status_code == 303
    assert not office.held("carer")
    assert office.held("worker")
    sheet = officer.get(f"{url}/sheet").text
    for name in ("Iván", "Dora", "Nora"):
        assert name in sheet
    assert officer.post(f"{url}/confirm", officer.marks(url)).status_code == 409


def test_who_decides_does_not_confirm_even_with_both_roles(office: Office) -> None:
    with office.db.write() as session:
        session.add(
            Membership(
                user_id=office.users["admin"].id,
                agency_id=office.agency.id,
                role=Role.PRIVACY_OFFICER,
                since=clock.now(),
            )
        )
    url = office.open()
    admin = office["admin"]
    assert admin.fill(url, office.choose(url)).status_code == 303
    assert admin.post(f"{url}/confirm", admin.marks(url)).status_code == 403


def test_every_line_is_decided(office: Office) -> None:
    url = office.open()
    chosen = office.choose(url)
    left = chosen.popitem()[0]
    answer = office["admin"].fill(url, chosen)
    assert answer.status_code == 422
    assert f'href="#{left}"' in answer.text
    assert answer.text.count("checked") == len(chosen)


@ON_BOTH
def test_an_end_with_cases_in_hand_opens_a_hand_over(office: Office) -> None:
    with office.db.write() as session:
        new_case(session, office.agency, 5)
        session.add(
            CaseAssignment(
                case_id=session.scalars(sa.select(col(Case.id))).one(),
                agency_id=office.agency.id,
                user_id=office.users["worker"].id,
                since=clock.now(),
            )
        )
    url = office.open()
    office["admin"].fill(url, office.choose(url, end=["Marco caseworker"]))
    officer = office["officer"]
    assert officer.post(f"{url}/confirm", officer.marks(url)).status_code == 303
    assert office.held("worker")
    with office.db.read() as session:
        assert session.scalars(sa.select(Handover)).one().is_open


def test_the_last_administrator_is_not_ended_by_a_review(office: Office) -> None:
    url = office.open()
    office["admin"].fill(url, office.choose(url, end=["Iván agency_admin"]))
    officer = office["officer"]
    assert officer.post(f"{url}/confirm", officer.marks(url)).status_code == 422
    assert office.held("admin")
    given = {**officer.marks(f"{url}/back"), "reason": "Falta decir quién sigue"}
    assert officer.post(f"{url}/back", given).status_code == 303
    assert office["admin"].fill(url, office.choose(url)).status_code == 303


@ON_BOTH
def test_an_overdue_review_shows_to_the_platform(office: Office) -> None:
    url = office.open()
    platform = office["platform"]
    assert url not in platform.get("/").text
    with clock.at(clock.now() + timedelta(days=31)):
        late = office["platform"]
        assert url in late.get("/").text
        assert "vencid" in late.get("/admin/reviews").text
        with office.db.read() as session:
            assert count_overdue(session) == 2


def test_others_find_no_review(office: Office) -> None:
    url = office.open()
    assert office["coordinator"].get(url).status_code == 404
    with office.db.write() as session:
        other = make_agency(session, "DEM-LAM")
        strange = make_member(session, other, Role.AGENCY_ADMIN)
        session.flush()
        session.expunge_all()
    assert office.browser().sign_in(strange, other).get(url).status_code == 404
