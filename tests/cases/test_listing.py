"""What the list of cases is narrowed by: each value anew, though its statement is made once."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.listing import CaseFilter, count_cases, list_cases
from portal.cases.models import Case, Priority, Situation, Worklist
from portal.cases.services import open_case
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from tests.factories.agencies import make_actor, make_agency
from tests.postgresql import ON_BOTH


@dataclass
class Desk:
    """A UPE with three cases, and whoever coordinates there."""

    session: Session
    agency: Agency
    actor: Actor
    cases: dict[str, Case] = field(default_factory=dict)

    def open(self, name: str, district: str, days: int, priority: Priority) -> None:
        """Open a case whose next term ends in some days."""
        child = register_person(self.session, system_actor(), PersonInput(estimated_age=9))
        case = open_case(
            self.session,
            system_actor(self.agency.id),
            lead_agency_id=self.agency.id,
            situation=Situation.UNPROTECTION,
            priority=priority,
            district=district,
            summary="Sin nadie que cuide",
            person_ids=[child.id],
            received_at=clock.now(),
        )
        self.change(case, due_on=clock.today() + timedelta(days=days))
        self.cases[name] = case

    def change(self, case: Case, **values: object) -> None:
        """Change how a case stands on the list."""
        where = col(Worklist.case_id) == case.id
        self.session.execute(sa.update(Worklist).where(where).values(**values))

    def names(self, **narrowed: object) -> list[str]:
        """Return the cases of the list, one page a case, as many as are counted."""
        wanted = CaseFilter(**narrowed)  # type: ignore[arg-type]
        found, after = [], None
        while page := list_cases(self.session, self.actor, wanted, after=after, limit=1):
            found += page
            after = page[-1].key
        assert found == list_cases(self.session, self.actor, wanted)
        assert len(found) == count_cases(self.session, self.actor, wanted)
        known = {case.code: name for name, case in self.cases.items()}
        return [known[row.code] for row in found]


@pytest.fixture
def desk(session: Session) -> Desk:
    agency = make_agency(session)
    made = Desk(session, agency, make_actor(session, agency, Role.COORDINATOR))
    made.open("late", "220501", -2, Priority.HIGH)
    made.open("soon", "220501", 3, Priority.HIGH)
    made.open("far", "220101", 40, Priority.REGULAR)
    return made


@ON_BOTH
def test_each_page_and_count_asks_for_what_is_typed_now(desk: Desk) -> None:
    assert desk.names() == ["late", "soon", "far"]
    assert desk.names(province="2205") == ["late", "soon"]
    assert desk.names(province="2201") == ["far"]
    assert desk.names(priority=Priority.REGULAR) == ["far"]
    for name, case in desk.cases.items():
        assert desk.names(code=case.code.lower()) == [name]
    assert desk.names(code="%") == desk.names(code="_") == desk.names(code="/") == []
    assert desk.names(term="late") == ["late"]
    assert desk.names(term="soon") == ["soon"]
    assert desk.names(term="other") == ["late", "soon", "far"]


@ON_BOTH
def test_the_day_is_the_one_on_which_the_list_is_opened(desk: Desk) -> None:
    desk.change(desk.cases["soon"], until=clock.now() + timedelta(days=1))
    assert desk.names(term="soon") == ["soon"]
    with clock.at(clock.now() + timedelta(days=38)):
        assert desk.names(term="soon") == ["far"]
        assert desk.names(term="late") == ["late"]
