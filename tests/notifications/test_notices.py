"""What a person's list of notices tells: which case each is about, to who sees the case now."""

import re
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.cases.models import CaseParty
from portal.notifications import personal
from portal.notifications.models import Notice
from portal.notifications.services import tell
from portal.personal import Ending
from tests.conftest import Statements
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import desk, house, send
from tests.sharing.conftest import House

__all__ = ["desk", "house"]

pytestmark = pytest.mark.slow

LINE = re.compile(r'<div class="what">(.*?)</div>', re.DOTALL)


def told(house: House, who: str) -> list[str]:
    """Return the lines of a person's notices, as they stand on the page."""
    return LINE.findall(house.at(who).get("/notices").text)


@ON_BOTH
def test_the_code_stands_beside_a_notice_while_its_reader_sees_the_case(desk: House) -> None:
    """A receiver that is not on the case is told none, nor one that has left it."""
    url = send(desk, "REN")
    [waits] = told(desk, "ren-boss")
    assert url in waits
    assert desk.code not in desk.at("ren-boss").get("/notices").text
    assert desk.at("ren-boss").fill(url, to=f"{url}/accept").status_code == 303
    desk.work()
    [accepted] = [line for line in told(desk, "upe-boss") if url in line]
    assert f"<small>{desk.code}</small>" in accepted
    [waits] = [line for line in told(desk, "ren-boss") if "espera" in line]
    assert f"<small>{desk.code}</small>" in waits
    with desk.db.write() as session:
        session.execute(
            sa.update(CaseParty)
            .where(col(CaseParty.agency_id) == desk.agencies["REN"].id)
            .values(ended_at=clock.now())
        )
    [waits] = [line for line in told(desk, "ren-boss") if "espera" in line]
    assert desk.code not in waits
    with desk.db.write() as session:
        assert told_of(session, desk.case_id)
        cases = frozenset({desk.case_id})
        ending = Ending(id=desk.case_id, case_ids=cases, alert_ids=frozenset())
        personal.erase_record(session, ending)
        assert told_of(session, desk.case_id) == 0


def told_of(session: Session, case_id: UUID) -> int:
    """Return how many notices are about a case."""
    about = sa.select(sa.func.count()).where(col(Notice.case_id) == case_id)
    return session.scalar(about) or 0


def test_a_page_of_notices_costs_the_same_however_many_cases_it_names(
    desk: House, statements: Statements
) -> None:
    person = desk.at("upe-boss")
    counts = []
    for number in (1, 11):
        with desk.db.write() as session:
            for each in range(number):
                tell(
                    session,
                    [desk.users["upe-boss"].id],
                    agency_id=desk.agencies["UPE"].id,
                    origin=f"prueba:{number}:{each}",
                    text="Your referral was accepted",
                    url="/referrals",
                    case_id=desk.case_id,
                )
        person.get("/notices")
        statements.seen.clear()
        counts.append((person.get("/notices").text.count(desk.code), statements.count))
    (one, queries), (twelve, again) = counts
    assert (one, twelve) == (1, 12)
    assert queries == again
