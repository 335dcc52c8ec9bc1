"""The case of `tests.sharing`, with a UGEL that uses the portal and a court that does not."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from portal.actor import AgencyKind, Role
from portal.duties.models import Duty
from tests.factories.agencies import make_agency
from tests.sharing.conftest import House, house

__all__ = ["house", "told"]


@pytest.fixture
def told(house: House) -> House:
    """Return the house with those who are told of signs."""
    with house.db.write() as session:
        for key, code, kind, name in (
            ("UGE", "UGEL-1", AgencyKind.EDUCATION, "UGEL Lamas"),
            ("JUZ", "JUZ-1", AgencyKind.COURT, "Juzgado de Familia"),
            ("FIS", "FIS-1", AgencyKind.PROSECUTOR, "Fiscalía de Familia"),
        ):
            house.agencies[key] = make_agency(session, code, kind, name)
        house.add(session, "UGE", "uge-boss", Role.COORDINATOR)
        house.add(session, "FIS", "fis-boss", Role.COORDINATOR)
    return house


def duties_of(house: House) -> dict[str, Duty]:
    """Return the notices of the case by the last word of their code."""
    with house.db.read() as session:
        found = session.exec(select(Duty).where(col(Duty.case_id) == house.case_id)).all()
        return {duty.rule_code.rsplit(".", 1)[1]: duty for duty in found}


def address(house: House, duty_id: UUID, act: str) -> str:
    """Return the address of an act on a notice."""
    return f"/cases/{house.code}/duties/{duty_id}/{act}"
