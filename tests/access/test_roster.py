"""The duty roster: the exact ends of a shift, gaps, overlaps, telephones, and the week."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.access import rules
from portal.access.models import DutyShift, Membership
from portal.access.queries import week_of, who_is_on_duty
from portal.access.roster import add_shift, change_shift, end_shift
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.db import Database, WritingSession
from portal.errors import Conflict, Invalid, NotFound
from portal.users.models import User
from tests.factories.agencies import make_actor, make_agency, make_member
from tests.factories.care import new_case
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]
HOUR = timedelta(hours=1)
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("942000100", "942 000 100"),
        ("942-000-100", "942 000 100"),
        ("+51 942 000 100", "942 000 100"),
        ("(042) 521 234", "042 521 234"),
        ("042521234", "042 521 234"),
        ("521234", "521 234"),
        ("+51 42 521234", "042 521 234"),
        ("+34 600 000 000", "+34600000000"),
        ("123456", None),
        ("12", None),
        ("742 000 100", None),
        ("no tengo", None),
        ("９４２０００１００", None),
        ("", None),
    ],
)
def test_a_telephone_is_one_that_can_be_called(typed: str, kept: str | None) -> None:
    assert rules.telephone(typed) == kept


def at(hour: int, day: int = 0) -> datetime:
    return rules.midnight(MONDAY + timedelta(days=day)) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        ([], [(0, 24)]),
        ([(0, 24)], []),
        ([(8, 16)], [(0, 8), (16, 24)]),
        ([(16, 30), (0, 8)], [(8, 16)]),
        ([(0, 12), (6, 18), (18, 24)], []),
        ([(-5, 2), (40, 50)], [(2, 24)]),
    ],
)
def test_gaps_are_the_hours_that_nobody_covers(
    covered: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    spans = [(at(begin), at(end)) for begin, end in covered]
    assert rules.gaps(spans, at(0), at(24)) == [(at(begin), at(end)) for begin, end in expected]


def test_hours_are_said_within_their_day() -> None:
    night = (at(20), at(32))
    assert rules.hours_on(night, MONDAY) == "20:00–24:00"
    assert rules.hours_on(night, MONDAY + timedelta(days=1)) == "00:00–08:00"


class Roster:
    """An agency whose coordinator keeps the roster of two officers."""

    def __init__(self, session: WritingSession) -> None:
        self.session = session
        self.agency: Agency = make_agency(session)
        self.keeper: Actor = make_actor(session, self.agency, Role.COORDINATOR)
        self.rosa: User = make_member(session, self.agency, Role.DUTY_OFFICER, name="Rosa")
        self.hugo: User = make_member(session, self.agency, Role.DUTY_OFFICER, name="Hugo")

    def add(self, user: User, begin: datetime, end: datetime) -> DutyShift:
        return add_shift(
            self.session,
            self.keeper,
            user_id=user.id,
            telephone="942 000 100",
            starts_at=begin,
            ends_at=end,
        )

    def change(self, shift: DutyShift, **given: object) -> DutyShift:
        values = {
            "user_id": shift.user_id,
            "telephone": shift.telephone,
            "starts_at": shift.starts_at,
            "ends_at": shift.ends_at,
            **given,
        }
        return change_shift(self.session, self.keeper, shift.id, **values)  # type: ignore[arg-type]


@pytest.fixture
def roster(session: WritingSession) -> Roster:
    return Roster(session)


def test_a_person_has_no_two_shifts_at_once_and_one_may_follow_another(roster: Roster) -> None:
    now = clock.now()
    roster.add(roster.rosa, now + HOUR, now + 9 * HOUR)
    for begin, end in ((2, 3), (0, 2), (8, 10), (0, 12)):
        with pytest.raises(Invalid):
            roster.add(roster.rosa, now + begin * HOUR, now + end * HOUR)
    roster.add(roster.rosa, now + 9 * HOUR, now + 10 * HOUR)
    roster.add(roster.hugo, now + 2 * HOUR, now + 3 * HOUR)


def test_a_shift_changes_until_it_is_over(roster: Roster) -> None:
    now = clock.now()
    shift = roster.add(roster.rosa, now + HOUR, now + 9 * HOUR)
    assert roster.change(shift, user_id=roster.hugo.id).user_id == roster.hugo.id
    with pytest.raises(Invalid):
        roster.change(shift, ends_at=shift.starts_at)
    with clock.at(now + 2 * HOUR):
        with pytest.raises(Invalid):
            roster.change(shift, user_id=roster.rosa.id)
        assert roster.change(shift, telephone="942 000 101").telephone == "942 000 101"
    with clock.at(now + 10 * HOUR), pytest.raises(Conflict):
        roster.change(shift)


def test_a_running_shift_ends_now_and_one_to_come_goes(roster: Roster) -> None:
    now = clock.now()
    running = roster.add(roster.rosa, now - HOUR, now + HOUR)
    coming = roster.add(roster.hugo, now + HOUR, now + 2 * HOUR)
    assert who_is_on_duty(roster.session, roster.agency.id) is not None
    end_shift(roster.session, roster.keeper, running.id)
    end_shift(roster.session, roster.keeper, coming.id)
    assert who_is_on_duty(roster.session, roster.agency.id) is None
    assert roster.session.get(DutyShift, coming.id) is None
    with pytest.raises(Conflict):
        end_shift(roster.session, roster.keeper, running.id)


def test_another_agency_finds_no_shift_to_change(roster: Roster) -> None:
    shift = roster.add(roster.rosa, clock.now() + HOUR, clock.now() + 2 * HOUR)
    other = make_agency(roster.session, "DEM-LAM")
    strange = make_actor(roster.session, other, Role.COORDINATOR)
    with pytest.raises(NotFound):
        end_shift(roster.session, strange, shift.id)


def test_the_week_holds_each_day_with_its_shifts_and_gaps(roster: Roster) -> None:
    roster.session.add_all(
        DutyShift(
            agency_id=roster.agency.id,
            user_id=roster.rosa.id,
            telephone="942 000 100",
            starts_at=at(8, day),
            ends_at=at(32, day),
        )
        for day in range(6)
    )
    roster.session.flush()
    week = week_of(roster.session, roster.agency.id, MONDAY)
    assert [each.day for each in week] == [MONDAY + timedelta(days=n) for n in range(7)]
    assert week[0].spans == ["00:00–08:00"]
    assert [each.spans for each in week[1:6]] == [[]] * 5
    assert week[6].spans == ["08:00–24:00"]
    assert [each.hours_on(week[1].day) for each in week[1].shifts] == ["00:00–08:00", "08:00–24:00"]


@pytest.fixture
def duty(db: Database, browser: NewBrowser) -> tuple[Browser, str, User, datetime]:
    """Return an officer's browser, a case that nobody assigned, and when the shift begins."""
    begin = clock.now() + timedelta(minutes=5)
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.DUTY_OFFICER)
        session.add(
            DutyShift(
                agency_id=agency.id,
                user_id=user.id,
                telephone="942 000 100",
                starts_at=begin,
                ends_at=begin + timedelta(minutes=10),
            )
        )
        code = new_case(session, agency, 5)[0]
        session.flush()
        session.expunge_all()
    return browser().sign_in(user, agency), code, user, begin


@pytest.mark.parametrize(("seconds", "status"), [(-2, 404), (1, 200), (598, 200), (601, 404)])
def test_the_officer_sees_live_cases_from_the_first_to_the_last_second_of_the_shift(
    duty: tuple[Browser, str, User, datetime], seconds: int, status: int
) -> None:
    officer, code, _user, begin = duty
    with clock.at(begin + timedelta(seconds=seconds)):
        assert officer.get(f"/cases/{code}").status_code == status


def test_a_role_taken_away_in_the_middle_of_the_shift_ends_the_sight(
    db: Database, duty: tuple[Browser, str, User, datetime]
) -> None:
    officer, code, user, begin = duty
    with clock.at(begin + timedelta(minutes=3)):
        assert officer.get(f"/cases/{code}").status_code == 200
        with db.write() as session:
            session.execute(
                sa.update(Membership)
                .where(col(Membership.user_id) == user.id)
                .values(until=clock.now())
            )
        assert officer.get(f"/cases/{code}").status_code == 404
        assert code not in officer.get("/").text


def test_the_keeper_corrects_a_shift_on_its_page(db: Database, browser: NewBrowser) -> None:
    with db.write() as session:
        agency = make_agency(session)
        keeper = make_member(session, agency, Role.COORDINATOR)
        officer = make_member(session, agency, Role.DUTY_OFFICER, name="Rosa Quinilla")
        session.flush()
        session.expunge_all()
    page = browser().sign_in(keeper, agency)
    begin = clock.local(clock.now()) + timedelta(days=1)
    given = {
        "user_id": str(officer.id),
        "telephone": "12",
        "starts_at": begin.strftime("%Y-%m-%dT08:00"),
        "ends_at": begin.strftime("%Y-%m-%dT20:00"),
    }
    refused = page.fill("/access/roster/new", given)
    assert refused.status_code == 422
    assert 'href="#telephone"' in refused.text
    assert page.fill("/access/roster/new", {**given, "telephone": "942000100"}).status_code == 303
    with db.read() as session:
        shift = session.scalars(sa.select(DutyShift)).one()
    url = f"/access/roster/{shift.id}"
    changed = {**given, "telephone": "942000101"}
    assert page.fill(url, changed).status_code == 303
    week = page.get(f"/access/roster?week={begin.date()}").text
    assert "942 000 101" in week
    assert "08:00–20:00" in week
    for asked in ("9999-99-99", "9999-12-31", "0001-01-01"):
        assert page.get(f"/access/roster?week={asked}").status_code == 200
    marks = page.marks(url)
    assert page.post(f"{url}/end", marks).status_code == 303
    assert "08:00–20:00" not in page.get(f"/access/roster?week={begin.date()}").text
