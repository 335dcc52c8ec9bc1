"""The individual work plan: prepared by those who work on it, approved by the lead, followed."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from portal import clock
from portal.cases.models import CaseChild, Entry, EntryKind, Level, Term
from portal.commitments.models import Commitment, CommitmentStatus, Source
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Progress, Review, Visit
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

pytestmark = ON_BOTH

SOON = timedelta(days=5)
ACT, OTHERS_ACT = "Acompañar la matrícula", "Evaluar peso y talla"


def child_of(house: House) -> UUID:
    with house.db.read() as session:
        statement = select(CaseChild.person_id).where(CaseChild.case_id == house.case_id)
        return session.exec(statement).one()


def begin(house: House, name: str = "upe-boss") -> str:
    """Begin the plan of the child; returns its address."""
    pages = f"/cases/{house.code}/plans"
    answer = house.at(name).fill(pages, to=f"{pages}/start/{child_of(house)}")
    assert answer.status_code == 303, answer.text
    return answer.location.removesuffix("/draft")


def only(house: House, table: type[Any], *conditions: Any) -> Any:
    with house.db.read() as session:
        return session.exec(select(table).where(*conditions)).one()


def fill(house: House, url: str, data: dict[str, Any], name: str = "upe-boss") -> str:
    answer = house.at(name).fill(url, data)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def due(days: int = 5) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def add_objective(house: House, plan: str, text: str = "Vuelve a la escuela") -> UUID:
    fill(house, f"{plan}/objectives/new", {"text": text, "right": "school"})
    return only(house, Objective, col(Objective.text) == text).id


def add_activity(house: House, plan: str, objective: UUID, agency: str, act: str) -> UUID:
    agency_id = house.agencies[agency].id
    given = {"act": act, "agency_id": agency_id, "person": "Trabajo social", "due_on": due()}
    fill(house, f"{plan}/objectives/{objective}/new", given)
    return only(house, Activity, col(Activity.act) == act).id


def prepare(house: House, *, others: bool = False) -> str:
    """Prepare a plan with an activity of the lead, and one of another institution if asked."""
    plan = begin(house)
    fill(house, f"{plan}/texts", {"problems": "Dejó la escuela", "in_charge": "R. Ejemplo"})
    fill(house, f"{plan}/opinion", {"opinion": "Quiero ir con mi tía", "weighed": "Se sigue"})
    objective = add_objective(house, plan)
    add_activity(house, plan, objective, "UPE", ACT)
    if others:
        add_activity(house, plan, objective, "SAL", OTHERS_ACT)
    return plan


def approve(house: House, plan: str, **given: Any) -> None:
    data = {
        "resolution": "RD 12-2026",
        "resolved_on": clock.today().isoformat(),
        "review_on": due(90),
        **given,
    }
    fill(house, f"{plan}/approve", data)


def test_a_plan_is_prepared_approved_and_lives_eighteen_months(house: House) -> None:
    plan = begin(house)
    lead = house.at("upe-boss")
    refused = lead.fill(f"{plan}/approve", {"resolution": "RD 1", "resolved_on": due(0), "review_on": due(90)})
    assert refused.status_code == 422
    assert only(house, Plan).number == 0
    prepare(house)
    declared = date(2026, 3, 2)
    approve(house, plan, declared_on=declared.isoformat())
    made = only(house, PlanVersion)
    assert (made.number, made.resolution) == (1, "RD 12-2026")
    assert made.approved_by == house.users["upe-boss"].id
    assert made.agency_id == house.agencies["UPE"].id
    term = only(house, Term, col(Term.rule_code) == "core.unprotection.plan_life")
    assert (term.due_on.year, term.due_on.month) == (2027, 9)
    assert only(house, Review).due_on.isoformat() == due(90)
    page = lead.get(plan).text
    for words in (ACT, "Quiero ir con mi tía", "RD 12-2026"):
        assert words in page
    with house.db.read() as session:
        entries = session.exec(select(Entry.title).where(Entry.kind == EntryKind.ACT)).all()
    assert any("plan approved" in title for title in entries)
    print(lead.get(f"/cases/{house.code}/plans").text[:200])
    pdf = lead.get(f"/cases/{house.code}/plans/ficha.pdf?plan={plan.rsplit('/', 1)[1]}")
    assert pdf.data.startswith(b"%PDF"), pdf.text
