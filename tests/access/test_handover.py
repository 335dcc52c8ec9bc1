"""Leaving a post: everything held gets a new owner in one act, or nothing changes."""

import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from portal import clock
from portal.access import leaving
from portal.access.leaving import Owners, complete, leave
from portal.access.models import DutyShift, Handover, HandoverLine, Membership
from portal.access.passing import find_open
from portal.actor import Actor, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.models import BarKind, Case, CaseAssignment, CaseBar
from portal.councils.models import Council, CouncilKind, Seat, SeatPerson, Standing
from portal.db import Database
from portal.errors import Conflict, Invalid
from portal.users.models import SignIn, User
from portal.web.models import Draft
from tests.factories.agencies import make_agency, make_member
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

pytestmark = pytest.mark.slow

NewBrowser = Callable[[], Browser]
CHILD = "Tangara"


@dataclass
class Post:
    """A caseworker with three open cases, a shift to come, a seat and a draft; and colleagues."""

    db: Database
    browser: NewBrowser
    agency: Agency
    users: dict[str, User]
    cases: list[UUID]
    codes: list[str]

    def __getitem__(self, name: str) -> Browser:
        return self.browser().sign_in(self.users[name], self.agency)

    def id(self, name: str) -> UUID:
        return self.users[name].id

    def owners(self) -> dict[UUID, set[UUID]]:
        """Return who works on each case now."""
        with self.db.read() as session:
            found: dict[UUID, set[UUID]] = {case_id: set() for case_id in self.cases}
            for each in session.scalars(
                sa.select(CaseAssignment).where(col(CaseAssignment.until).is_(None))
            ):
                found[each.case_id].add(each.user_id)
            return found

    def holds_roles(self, name: str) -> bool:
        now = clock.now()
        with self.db.read() as session:
            found = session.scalars(
                sa.select(Membership).where(col(Membership.user_id) == self.id(name))
            )
            return any(each.until is None or each.until > now for each in found)

    def open(self, **given: Any) -> str:
        """Open the hand-over as the administrator and return its address."""
        page = f"/admin/users/{self.id('leaver')}/leave/{self.agency.id}"
        answer = self["admin"].fill(page, given)
        assert answer.status_code == 303
        return str(answer.location)

    def handover(self) -> Handover:
        with self.db.read() as session:
            return session.scalars(sa.select(Handover)).one()


@pytest.fixture
def post(app: Flask, db: Database, browser: NewBrowser) -> Post:
    with db.write() as session:
        agency = make_agency(session)
        users = {
            "admin": make_member(session, agency, Role.AGENCY_ADMIN, name="Iván Huayruro"),
            "coordinator": make_member(session, agency, Role.COORDINATOR, name="Elena Caoba"),
            "leaver": make_member(
                session, agency, Role.CASEWORKER, Role.DUTY_OFFICER, name="Marco Lupuna"
            ),
            "heir": make_member(
                session, agency, Role.CASEWORKER, Role.DUTY_OFFICER, name="Rosa Quinilla"
            ),
            "carer": make_member(session, agency, Role.CARER, name="Nora Tornillo"),
        }
        codes = [new_case(session, agency, 5)[0] for _number in range(3)]
        cases = list(session.scalars(sa.select(col(Case.id)).order_by(col(Case.code))))
        leaver = users["leaver"].id
        session.add_all(
            CaseAssignment(case_id=case_id, agency_id=agency.id, user_id=leaver, since=clock.now())
            for case_id in cases
        )
        session.add(
            DutyShift(
                agency_id=agency.id,
                user_id=leaver,
                telephone="942 000 100",
                starts_at=clock.now() + timedelta(days=2),
                ends_at=clock.now() + timedelta(days=3),
            )
        )
        council = Council(
            kind=CouncilKind.REGIONAL, name="Consejo", territory="22", created_at=clock.now()
        )
        session.add(council)
        session.flush()
        seat = Seat(council_id=council.id, agency_id=agency.id, since=clock.today())
        session.add(seat)
        session.flush()
        session.add(
            SeatPerson(
                seat_id=seat.id,
                user_id=leaver,
                name="Marco Lupuna",
                standing=Standing.TITULAR,
                since=clock.today(),
            )
        )
        session.add(
            Draft(
                user_id=leaver,
                agency_id=agency.id,
                path="/alerts/new",
                content_sealed=b"-",
                saved_at=clock.now(),
            )
        )
        session.flush()
        session.expunge_all()
    return Post(db, browser, agency, users, cases, sorted(codes))


def coordinator_of(post: Post) -> Actor:
    return Actor(
        user_id=post.id("coordinator"),
        agency_id=post.agency.id,
        agency_kind=post.agency.kind,
        roles=frozenset({Role.COORDINATOR}),
    )


def opened(post: Post) -> UUID:
    """Open the hand-over of the leaver as the portal itself."""
    with post.db.write() as session:
        found = leave(session, system_actor(), user_id=post.id("leaver"), agency_id=post.agency.id)
        assert found.is_open
        return found.id


def test_the_administrator_sees_counts_and_the_coordinator_codes(post: Post) -> None:
    url = post.open()
    seen_by_admin = post["admin"].get(url).text
    seen_by_coordinator = post["coordinator"].get(url).text
    for code in post.codes:
        assert code not in seen_by_admin
        assert code in seen_by_coordinator
    for page in (seen_by_admin, seen_by_coordinator):
        assert CHILD not in page
        assert "Consejo" in page
    assert post["heir"].get(url).status_code == 404
    assert post["carer"].get(url).status_code == 404


@ON_BOTH
def test_one_person_takes_everything_in_one_act(post: Post) -> None:
    url = post.open()
    leaver = post["leaver"]
    assert leaver.get(f"/cases/{post.codes[0]}").status_code == 200
    heir = str(post.id("heir"))
    answer = post["coordinator"].fill(url, {"everything": heir})
    assert answer.status_code == 303
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("heir")})}
    assert not post.holds_roles("leaver")
    dead = leaver.get(f"/cases/{post.codes[0]}")
    assert (dead.status_code, "/login" in dead.location) == (302, True)
    with post.db.read() as session:
        assert session.scalars(sa.select(col(DutyShift.user_id))).all() == [post.id("heir")]
        sitting = session.scalars(
            sa.select(col(SeatPerson.name)).where(col(SeatPerson.until).is_(None))
        ).all()
        assert sitting == ["Rosa Quinilla"]
        lines = session.scalar(sa.select(sa.func.count()).select_from(HandoverLine))
        assert lines == 5
        ended = sa.select(SignIn).where(
            col(SignIn.user_id) == post.id("leaver"), col(SignIn.ended_at).is_(None)
        )
        assert session.scalars(ended).all() == []
    assert post["heir"].get(f"/cases/{post.codes[0]}").status_code == 200


def test_each_line_may_go_to_somebody_else(post: Post) -> None:
    url = post.open()
    heir, coordinator = str(post.id("heir")), str(post.id("coordinator"))
    answer = post["coordinator"].fill(url, {"everything": heir, f"to-{post.cases[1]}": coordinator})
    assert answer.status_code == 303
    owners = post.owners()
    assert owners[post.cases[1]] == {post.id("coordinator")}
    assert owners[post.cases[0]] == owners[post.cases[2]] == {post.id("heir")}


def test_it_is_refused_while_something_is_left_without_an_owner(post: Post) -> None:
    url = post.open()
    heir = str(post.id("heir"))
    before = post.owners()
    given = {f"to-{post.cases[0]}": heir, f"to-{post.cases[1]}": heir}
    answer = post["coordinator"].fill(url, given)
    assert answer.status_code == 422
    assert f'href="#to-{post.cases[2]}"' in answer.text
    assert f'href="#to-{post.cases[0]}"' not in answer.text
    assert len(re.findall(rf'value="{heir}" selected', answer.text)) == 2
    assert post.owners() == before
    assert post.holds_roles("leaver")
    assert post["leaver"].get(f"/cases/{post.codes[0]}").status_code == 200


def test_the_administrator_gives_all_cases_to_one_coordinator_without_seeing_them(
    post: Post,
) -> None:
    url = post.open()
    heir, coordinator = str(post.id("heir")), str(post.id("coordinator"))
    admin = post["admin"]
    refused = admin.fill(url, {"everything": heir})
    assert refused.status_code == 422
    assert 'href="#rest-cases"' in refused.text
    answer = admin.fill(url, {"everything": heir, "rest-cases": coordinator})
    assert answer.status_code == 303
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("coordinator")})}
    sheet = admin.get(f"{url}/sheet").text
    assert not any(code in sheet for code in post.codes)
    assert "Elena Caoba" in sheet


def test_who_is_barred_from_a_case_does_not_get_it_and_nothing_changes(post: Post) -> None:
    url = post.open()
    with post.db.write() as session:
        session.add(
            CaseBar(
                case_id=post.cases[1],
                user_id=post.id("heir"),
                kind=BarKind.BARRED,
                reason_sealed=b"-",
                at=clock.now(),
            )
        )
    before = post.owners()
    answer = post["coordinator"].fill(url, {"everything": str(post.id("heir"))})
    assert answer.status_code == 422
    assert f'href="#to-{post.cases[1]}"' in answer.text
    assert post.owners() == before


def test_a_coordinator_who_is_barred_reads_a_count_in_place_of_the_code(post: Post) -> None:
    with post.db.write() as session:
        session.add(
            CaseBar(
                case_id=post.cases[0],
                user_id=post.id("coordinator"),
                kind=BarKind.BARRED,
                reason_sealed=b"-",
                at=clock.now(),
            )
        )
    with post.db.read() as session:
        hidden = session.get_one(Case, post.cases[0]).code
    page = post["coordinator"].get(post.open()).text
    assert hidden not in page
    assert 'id="rest-cases"' in page


@ON_BOTH
def test_a_case_assigned_meanwhile_needs_an_owner_too(post: Post) -> None:
    url = post.open()
    coordinator = post["coordinator"]
    marks = coordinator.marks(url)
    with post.db.write() as session:
        new_case(session, post.agency, 4)
        fourth = session.scalars(
            sa.select(col(Case.id)).where(col(Case.id).not_in(post.cases))
        ).one()
        session.add(
            CaseAssignment(
                case_id=fourth,
                agency_id=post.agency.id,
                user_id=post.id("leaver"),
                since=clock.now(),
            )
        )
    heir = str(post.id("heir"))
    given = {f"to-{case_id}": heir for case_id in post.cases}
    answer = coordinator.post(url, {**marks, **given})
    assert answer.status_code == 422
    assert f'href="#to-{fourth}"' in answer.text


@ON_BOTH
def test_two_people_at_once_make_one_hand_over(post: Post) -> None:
    handover_id = opened(post)
    with post.db.write() as session:
        complete(session, coordinator_of(post), handover_id, Owners(post.id("heir")))
    with post.db.write() as session, pytest.raises(Conflict):
        complete(session, coordinator_of(post), handover_id, Owners(post.id("coordinator")))
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("heir")})}


def test_a_second_chooser_is_told_and_the_text_is_kept(post: Post) -> None:
    url = post.open()
    first, second = post["coordinator"], post["coordinator"]
    heir, other = str(post.id("heir")), str(post.id("coordinator"))
    late = {**second.marks(url), "everything": other}
    assert first.fill(url, {"everything": heir}).status_code == 303
    assert second.post(url, late).status_code == 409
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("heir")})}


def test_what_fails_on_the_way_leaves_everything_as_it_was(post: Post) -> None:
    handover_id = opened(post)
    before = post.owners()
    lines = {case_id: post.id("heir") for case_id in post.cases[:2]}
    session = post.db.writing_session()
    with pytest.raises(Invalid):
        complete(session, coordinator_of(post), handover_id, Owners(lines=lines))
    session.rollback()
    session.close()
    assert post.owners() == before
    assert post.handover().is_open


def test_only_one_hand_over_of_a_person_is_open(post: Post) -> None:
    opened(post)
    with post.db.write() as session, pytest.raises(Conflict):
        leave(session, system_actor(), user_id=post.id("leaver"), agency_id=post.agency.id)


def test_who_holds_nothing_leaves_at_once(post: Post) -> None:
    with post.db.write() as session:
        done = leave(session, system_actor(), user_id=post.id("carer"), agency_id=post.agency.id)
        assert done.completed_at is not None
    assert not post.holds_roles("carer")


def test_the_end_of_one_role_hands_over_only_what_it_alone_may_hold(post: Post) -> None:
    with post.db.write() as session:
        found = leave(
            session,
            system_actor(),
            user_id=post.id("leaver"),
            agency_id=post.agency.id,
            roles=[Role.DUTY_OFFICER],
        )
        done = complete(session, coordinator_of(post), found.id, Owners(post.id("heir")))
        kinds = session.scalars(
            sa.select(col(HandoverLine.kind)).where(col(HandoverLine.handover_id) == done.id)
        ).all()
        assert kinds == ["shifts"]
    assert post.holds_roles("leaver")
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("leaver")})}


def test_roles_last_until_the_last_day(post: Post) -> None:
    last = clock.today() + timedelta(days=5)
    url = post.open(last_day=last.isoformat())
    leaver = post["leaver"]
    assert post["coordinator"].fill(url, {"everything": str(post.id("heir"))}).status_code == 303
    assert post.holds_roles("leaver")
    assert leaver.get("/").status_code == 200
    with clock.at(clock.now() + timedelta(days=6)):
        assert not post.holds_roles("leaver")


def test_access_stops_now_where_the_administrator_says_so(post: Post) -> None:
    leaver = post["leaver"]
    url = post.open(suspend="1")
    assert leaver.get("/").status_code == 302
    assert post["coordinator"].fill(url, {"everything": str(post.id("heir"))}).status_code == 303
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("heir")})}


@ON_BOTH
def test_a_hand_over_is_taken_back(post: Post) -> None:
    url = post.open()
    admin, coordinator = post["admin"], post["coordinator"]
    assert coordinator.post(f"{url}/withdraw", coordinator.marks(url)).status_code == 404
    assert admin.post(f"{url}/withdraw", admin.marks(url)).status_code == 303
    assert post.holds_roles("leaver")
    with post.db.read() as session:
        assert find_open(session, post.agency.id, post.id("leaver")) is None
    late = coordinator.post(url, {**coordinator.marks("/access/handovers"), "everything": "x"})
    assert late.status_code == 409


@ON_BOTH
def test_the_sheet_holds_codes_and_names_of_officials_only(post: Post) -> None:
    url = post.open()
    coordinator = post["coordinator"]
    assert coordinator.get(f"{url}/sheet").status_code == 404
    coordinator.fill(url, {"everything": str(post.id("heir"))})
    sheet = coordinator.get(f"{url}/sheet").text
    for word in (*post.codes, "Marco Lupuna", "Rosa Quinilla", "Elena Caoba", "Consejo"):
        assert word in sheet
    assert CHILD not in sheet
    assert "Cedro" not in sheet


@ON_BOTH
def test_what_somebody_left_behind_is_picked_up_by_the_coordinator(post: Post) -> None:
    with post.db.write() as session:
        session.execute(
            sa.update(Membership)
            .where(col(Membership.user_id) == post.id("leaver"))
            .values(until=clock.now())
        )
    coordinator = post["coordinator"]
    home = coordinator.get("/").text
    assert "Marco Lupuna" in home
    answer = coordinator.post(
        f"/access/handovers/of/{post.id('leaver')}", coordinator.marks("/access/roster/new")
    )
    assert answer.status_code == 303
    done = coordinator.fill(answer.location, {"everything": str(post.id("heir"))})
    assert done.status_code == 303
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("heir")})}
    assert "Marco Lupuna" not in coordinator.get("/").text


def test_an_open_hand_over_waits_on_the_coordinators_home_page(post: Post) -> None:
    url = post.open()
    assert url in post["coordinator"].get("/").text
    assert url not in post["heir"].get("/").text


@ON_BOTH
def test_nobody_who_is_suspended_is_put_on_a_case(post: Post) -> None:
    with post.db.write() as session:
        session.execute(
            sa.update(Membership)
            .where(col(Membership.user_id) == post.id("heir"))
            .values(suspended_at=clock.now())
        )
    url = f"/cases/{post.codes[0]}/assign"
    answer = post["coordinator"].fill(url, {"user_id": str(post.id("heir"))})
    assert answer.status_code == 422
    assert post.id("heir") not in post.owners()[post.cases[0]]


def everything(db: Database) -> dict[str, list[str]]:
    """Return every row of every table as text."""
    with db.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"')))
            for name in names
        }


@pytest.mark.parametrize(
    ("where", "call"), [("_pass_on", 2), ("put_end", 1), ("put_end", 2), ("end_sign_ins", 1)]
)
def test_a_kill_in_the_middle_leaves_nothing_half_done(post: Post, where: str, call: int) -> None:
    """After the first case changed hands, between the roles, and when all is done but committed."""
    url, coordinator = post.open(), post["coordinator"]
    given = {**coordinator.marks(url), "everything": str(post.id("heir"))}
    before = everything(post.db)
    post.db.dispose()
    child = os.fork()
    if child == 0:
        act, calls = getattr(leaving, where), count(1)

        def die(*given: Any) -> Any:
            if next(calls) == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*given)

        setattr(leaving, where, die)
        try:
            coordinator.post(url, given)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert everything(post.db) == before
    assert coordinator.post(url, given).status_code == 303
    assert set(map(frozenset, post.owners().values())) == {frozenset({post.id("heir")})}
    assert not post.holds_roles("leaver")
    assert post.handover().completed_at is not None
