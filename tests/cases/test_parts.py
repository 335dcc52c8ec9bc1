"""A page asks for what a case holds, and for nothing that it has none of."""

from datetime import timedelta

from portal import clock
from portal.cases import parts
from portal.cases.parts import parts_of
from portal.commitments.models import Commitment, CommitmentStatus, Source
from tests.conftest import Statements
from tests.sharing.conftest import House, house

__all__ = ["house"]

ABOVE = {
    "commitments", "documents", "duplicates", "duties", "family", "interviews", "plans",
    "referrals", "sharing",
}  # fmt: skip


def test_every_context_that_a_case_shows_is_asked_whether_it_has_any(house: House) -> None:
    house.at("upe-boss")
    assert set(parts._parts) == ABOVE | {"terms", "rights", "closings", "interpreters"}
    with house.db.read() as session:
        before = parts_of(session, house.case_id)
    assert "commitments" not in before
    with house.db.write() as session:
        session.add(
            Commitment(
                case_id=house.case_id,
                agency_id=house.agencies["UPE"].id,
                proposer_id=house.agencies["UPE"].id,
                source=Source.MANUAL,
                act="Visitar a la abuela",
                due_on=clock.today() + timedelta(days=3),
                first_due_on=clock.today() + timedelta(days=3),
                created_at=clock.now(),
                status=CommitmentStatus.PROPOSED,
            )
        )
    with house.db.read() as session:
        assert parts_of(session, house.case_id) == before | {"commitments"}


def test_what_is_absent_costs_one_statement_for_all(house: House, statements: Statements) -> None:
    page, boss = f"/cases/{house.code}", house.at("upe-boss")
    boss.get(page)
    statements.seen.clear()
    assert boss.get(page).status_code == 200
    absent = ("portal_commitment", "portal_interview", "portal_plan", "portal_duty")
    asked = [text for text in statements.seen if any(table in text for table in absent)]
    assert len(asked) == 1
    assert all(table in asked[0] for table in absent)
