"""Goal 19: the file opens in an emergency within a minute, the lead is told, an hour is an hour."""

import time
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.access.models import Membership
from portal.access.queries import is_held
from portal.actor import Role
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseGrant
from portal.events.delivery import run_due
from portal.notifications.models import Notice
from portal.users.models import User
from tests.factories.agencies import make_member
from tests.security.doubles import a_case
from tests.security.ground import Ground, Measure
from tests.webclient import Browser

GOAL = "19 emergency access"
REASON = "Adolescente herida en la comisaría, hay que ubicar a su familia"
WITHIN_S = 60
LASTS = timedelta(minutes=60)
BEFORE = timedelta(seconds=2)
TOLD = (Role.COORDINATOR, Role.PRIVACY_OFFICER)


class Night:
    """Somebody on duty elsewhere who needs a case of the UPE now."""

    def __init__(self, ground: Ground, code: str) -> None:
        self.ground, self.url = ground, f"/cases/{code}"
        with ground.db.write() as session:
            of = sa.select(Agency).where(col(Agency.code) == "EXTRANA")
            self.agency = session.scalars(of).one()
            self.user: User = make_member(session, self.agency, Role.COORDINATOR)
            session.flush()
            session.expunge_all()
        with ground.db.read() as session:
            case = session.scalars(sa.select(Case).where(col(Case.code) == code)).one()
            self.told = people_told(session, case.lead_agency_id)
        self.code = code
        self.faults: list[str] = []

    def browser(self) -> Browser:
        """Return a browser in which the person just signed in."""
        return self.ground.anybody().sign_in(self.user, self.agency)

    def act(self) -> tuple[float, float]:
        """Open the case with a reason; returns the seconds to the file, and to the last notice."""
        browser = self.browser()
        if browser.get(self.url).status_code != 404:
            self.faults.append("the case was open before")
        started = time.monotonic()
        given = {**browser.marks("/emergency"), "known": self.code, "reason": REASON}
        answer = browser.post("/emergency", given)
        file = browser.get(answer.location or "/emergency")
        to_file = time.monotonic() - started
        if answer.status_code != 303 or self.code not in file.text:
            self.faults.append(f"the case does not open: {answer.status_code}")
        while missing := self._not_told():
            if time.monotonic() - started > WITHIN_S:
                self.faults.append(f"{len(missing)} were not told")
                break
            run_due(self.ground.db)
        return to_file, time.monotonic() - started

    def _not_told(self) -> set[UUID]:
        grant = self.grant
        with self.ground.db.read() as session:
            told = session.scalars(
                sa.select(col(Notice.user_id)).where(col(Notice.url) == f"/emergency/{grant.id}")
            )
            return self.told - set(told)

    @property
    def grant(self) -> CaseGrant:
        """Return the access that was given."""
        with self.ground.db.read() as session:
            of = sa.select(CaseGrant).where(col(CaseGrant.user_id) == self.user.id)
            return session.scalars(of).one()

    def end(self) -> None:
        """Look at the last seconds of the hour and at the first moment after it."""
        until = self.grant.until
        if until - self.grant.opened_at != LASTS:
            self.faults.append(f"lasts {until - self.grant.opened_at}")
        with clock.at(until - LASTS / 4):
            browser = self.browser()
        with clock.at(until - BEFORE):
            if browser.get(self.url).status_code != 200:
                self.faults.append("ended before its hour")
        with clock.at(until):
            if browser.get(self.url).status_code != 404:
                self.faults.append("opens after its hour")


def people_told(session: Session, agency_id: UUID) -> set[UUID]:
    """Return who must be told at the institution in charge; somebody of each kind must be there."""
    found = session.execute(
        sa.select(col(Membership.user_id), col(Membership.role)).where(
            col(Membership.agency_id) == agency_id, col(Membership.role).in_(TOLD), is_held()
        )
    ).all()
    assert {role for _user_id, role in found} == set(TOLD)
    return {user_id for user_id, _role in found}


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many emergencies are lived through."""
    code, files, notices, faults = a_case(ground), [0.0], [0.0], []
    for _time in range(size):
        night = Night(ground, code)
        to_file, to_notice = night.act()
        files.append(to_file)
        notices.append(to_notice)
        if not night.faults:
            night.end()
        faults += night.faults
    if max(*files, *notices) > WITHIN_S:
        faults.append("slower than a minute")
    return Measure(
        GOAL,
        "file ≤ 60 s; lead and privacy officer told ≤ 60 s; 60 min sharp",
        f"{max(files):.1f} s, {max(notices):.1f} s; {len(faults)} faults in {size} nights",
        not faults,
        tuple(dict.fromkeys(faults)),
    )
