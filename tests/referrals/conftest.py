"""The case of `tests.sharing`, and to whom it refers: a registry, a court without users, a unit."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from portal import clock
from portal.actor import AgencyKind, Role
from portal.cases.models import CaseChild
from portal.referrals.models import Referral
from tests.factories.agencies import make_agency
from tests.sharing.conftest import House, house

__all__ = ["asked", "desk", "house", "mark", "send", "stands"]

TELEPHONE = "042 000 311"


@pytest.fixture
def desk(house: House) -> House:
    """Return the house with those to whom its referrals go."""
    with house.db.write() as session:
        for key, kind, name in (
            ("REN", AgencyKind.CIVIL_REGISTRY, "RENIEC Lamas"),
            ("JUZ", AgencyKind.COURT, "Juzgado de Familia"),
            ("RED", AgencyKind.HEALTH, "Red de Salud"),
            ("CEN", AgencyKind.HEALTH, "Centro de Salud Alto"),
        ):
            house.agencies[key] = make_agency(session, f"{key}-1", kind, name)
        house.agencies["REN"].telephone = TELEPHONE
        house.agencies["CEN"].parent_id = house.agencies["RED"].id
        for key in ("REN", "RED", "CEN"):
            house.add(session, key, f"{key.lower()}-boss", Role.COORDINATOR)
        session.flush()
        session.expunge_all()
    return house


def asked(house: House, to: str, **changes: object) -> dict[str, Any]:
    """Return what the form of a referral sends."""
    with house.db.read() as session:
        mine = col(CaseChild.case_id) == house.case_id
        children = [str(child) for child in session.exec(select(CaseChild.person_id).where(mine))]
    given: dict[str, Any] = {
        "to_agency_id": str(house.agencies[to].id),
        "right": "identity",
        "asked": "Inscribir y emitir el DNI sin costo",
        "person_ids": children,
        "due_on": (clock.today() + timedelta(days=5)).isoformat(),
        "priority": "regular",
        "identity_fields": ["names", "birth"],
        **changes,
    }
    return {"shown": mark(given), **given}


def mark(given: dict[str, Any]) -> str:
    """Return the form's mark of having shown what the receiver will see."""
    ticked = (",".join(sorted(given[name])) for name in ("person_ids", "identity_fields"))
    return "|".join([given["to_agency_id"], *ticked])


def send(house: House, to: str, **changes: object) -> str:
    """Send a referral by the page, as the coordinator of the UPE; return its address."""
    answer = house.at("upe-boss").fill(
        f"/cases/{house.code}/referrals/new", asked(house, to, **changes)
    )
    assert answer.status_code == 303, answer.text
    house.work()
    return answer.location


def stands(house: House, url: str) -> Referral:
    """Return the row of a referral."""
    with house.db.read() as session:
        return session.get_one(Referral, UUID(url.rsplit("/", 1)[-1]))
