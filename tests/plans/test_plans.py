"""The individual work plan: prepared by those who work on it, approved by the lead, followed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from threading import Barrier
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.cases.models import Case, CaseChild, Entry, EntryKind, Level, Placement, Term
from portal.cases.queries import get_case
from portal.cases.services import set_placement
from portal.commitments.models import Commitment, Source
from portal.copies.gathering import history
from portal.db import new_id
from portal.interviews import personal as interview_room
from portal.interviews.models import Interview
from portal.notifications.models import Notice
from portal.personal import Ending
from portal.plans import personal
from portal.plans.drafting import start_plan
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Review, Visit
from tests.cases.test_rights import actor_at
from tests.conftest import Statements
from tests.factories.care import new_case
from tests.interviews.test_interviews import record
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

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
    made: Objective = only(house, Objective, col(Objective.text) == text)
    return made.id


def add_activity(house: House, plan: str, objective: UUID, agency: str, act: str) -> UUID:
    agency_id = house.agencies[agency].id
    given = {"act": act, "agency_id": agency_id, "person": "Trabajo social", "due_on": due()}
    fill(house, f"{plan}/objectives/{objective}/new", given)
    made: Activity = only(house, Activity, col(Activity.act) == act)
    return made.id


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


def resolved(**given: Any) -> dict[str, Any]:
    return {"resolution": "RD 12-2026", "resolved_on": due(0), "review_on": due(90), **given}


def approve(house: House, plan: str, **given: Any) -> None:
    fill(house, f"{plan}/approve", resolved(**given))


def test_a_plan_is_prepared_approved_and_lives_eighteen_months(house: House) -> None:
    plan = begin(house)
    lead = house.at("upe-boss")
    refused = lead.fill(f"{plan}/approve", resolved())
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
    assert "1 plan vigente" in lead.get(f"/cases/{house.code}").text


def owed_of(house: House) -> dict[str, str]:
    """Return how the commitments of other institutions stand, by act."""
    with house.db.read() as session:
        found = session.exec(select(Commitment).order_by(col(Commitment.created_at))).all()
        return {each.act: each.status.value for each in found}


def test_what_another_owes_is_its_commitment_and_no_more_of_the_plan(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    plan = prepare(house, others=True)
    theirs = house.at("sal-boss")
    approve(house, plan)
    house.work()
    made = only(house, Commitment)
    assert (made.source, made.agency_id) == (Source.PLAN, house.agencies["SAL"].id)
    assert notices(house) == [], "who reads no plan is told of its commitment alone"
    assert made.verified_by == house.agencies["UPE"].id
    home = theirs.get("/").text
    assert OTHERS_ACT in home
    assert ACT not in home
    for url in (plan, f"{plan}/versions/1", f"/cases/{house.code}/plans"):
        assert theirs.get(url).status_code == 404
    assert "/plans" not in theirs.get(f"/cases/{house.code}").text
    page = theirs.get(f"/commitments/{made.id}").text
    assert "Plan de Trabajo Individual" in page
    assert "Vuelve a la escuela" not in page
    assert house.at("upe-boss").get(plan).text.count(f"/commitments/{made.id}") == 1
    own = only(house, Activity, col(Activity.act) == OTHERS_ACT)
    refused = house.at("upe-boss").fill(f"{plan}/activities/{own.id}/done", {"result": "Hecho"})
    assert refused.status_code == 409


@ON_BOTH
def test_a_change_is_another_version_and_what_stood_before_stays(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    plan = prepare(house, others=True)
    approve(house, plan)
    lead, team = house.at("upe-boss"), house.at("sal-boss")
    assert team.fill(plan, to=f"{plan}/change").status_code == 303
    owed = only(house, Activity, col(Activity.act) == OTHERS_ACT)
    given = {"act": "Evaluar y vacunar", "agency_id": owed.agency_id, "due_on": due(9)}
    fill(house, f"{plan}/activities/{owed.id}", given, "sal-boss")
    objective = add_objective(house, plan, "Tiene su DNI")
    add_activity(house, plan, objective, "UPE", "Tramitar el DNI")
    # Nothing of it is in force, and only the lead approves it.
    assert "Tramitar el DNI" not in lead.get(plan).text
    assert team.fill(f"{plan}/approve", resolved(reason="Salud")).status_code == 403
    assert "por qué se modifica" in lead.fill(f"{plan}/approve", resolved()).text
    approve(house, plan, resolution="RD 20", reason="Faltaba salud")
    assert only(house, Plan).number == 2
    assert owed_of(house) == {OTHERS_ACT: "withdrawn", "Evaluar y vacunar": "proposed"}
    now, before = lead.get(f"{plan}/versions/2").text, lead.get(f"{plan}/versions/1").text
    assert "Evaluar y vacunar" not in before
    assert "Tramitar el DNI" not in before
    for words in ("Se agregó", "Se modificó", f"<s>{OTHERS_ACT}", "Faltaba salud"):
        assert words in now
    # What is done of it makes no version.
    act = only(house, Activity, col(Activity.act) == ACT)
    fill(
        house,
        f"{plan}/activities/{act.id}/done",
        {"was_done": "1", "done_on": due(0), "result": "Matriculada"},
    )
    assert only(house, Plan).number == 2
    assert "Matriculada" in lead.get(plan).text


def notices(house: House) -> list[tuple[str, str]]:
    """Return who was told that a plan was approved, by institution, and with which words."""
    names = {agency.id: name for name, agency in house.agencies.items()}
    with house.db.read() as session:
        found = session.exec(select(Notice).where(col(Notice.origin).startswith("plan:"))).all()
    return sorted({(names[each.agency_id], each.text) for each in found if each.agency_id})


def test_who_intervenes_and_answers_for_an_activity_is_told_and_nobody_else(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    house.put_on_case("DEM", Level.TEAM)
    plan = prepare(house, others=True)
    house.work()
    assert notices(house) == []
    approve(house, plan)
    house.work()
    (told,) = notices(house)
    assert told[0] == "SAL"
    page = house.at("sal-boss")
    assert "se aprobó un plan de trabajo con actividades a cargo" in page.get("/notices").text
    assert page.get(plan).status_code == 200
    assert house.at("upe-boss").fill(plan, to=f"{plan}/change").status_code == 303
    approve(house, plan, resolution="RD 20", reason="Faltaba salud")
    house.work()
    assert [agency for agency, _text in notices(house)] == ["SAL", "SAL"]


@ON_BOTH
def test_of_two_who_begin_a_plan_at_once_both_write_the_same(house: House) -> None:
    """Both look before either has written: on PostgreSQL no lock of a single writer helps."""
    child, boss = child_of(house), actor_at(house, "upe-boss")
    begin_both = Barrier(2)

    def act(_number: int) -> UUID:
        with house.db.write() as session:
            if not house.db.is_sqlite:
                get_case(session, boss, house.case_id)
                begin_both.wait(10)
            plan = start_plan(session, boss, house.case_id, child)
            session.flush()
            sleep(0.2)
            return plan.id

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(act, range(2)))
    assert made[0] == made[1]
    with house.db.read() as session:
        assert len(session.exec(select(Plan)).all()) == 1
        assert len(session.exec(select(PlanVersion)).all()) == 1


@ON_BOTH
def test_what_is_in_preparation_can_be_thrown_away(house: House) -> None:
    plan = prepare(house)
    approve(house, plan)
    lead = house.at("upe-boss")
    assert lead.fill(plan, to=f"{plan}/change").status_code == 303
    objective = only(house, Objective)
    dropped = lead.fill(f"{plan}/draft", to=f"{plan}/objectives/{objective.id}/drop")
    assert dropped.status_code == 303
    assert "Se retiró" in lead.get(f"{plan}/draft").text
    assert lead.fill(f"{plan}/draft", to=f"{plan}/restore/{objective.id}").status_code == 303
    assert "Se retiró" not in lead.get(f"{plan}/draft").text
    add_objective(house, plan, "Otro más")
    lead.fill(f"{plan}/draft", to=f"{plan}/objectives/{objective.id}/drop")
    fill(house, f"{plan}/discard", {"reason": "Se esperará al informe"})
    assert only(house, Objective).until is None
    assert only(house, PlanVersion).number == 1
    assert ACT in lead.get(plan).text


@ON_BOTH
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Elija la entrevista o escriba"),
        ({"opinion": "Quiero quedarme"}, "Diga cómo se valoró"),
        (
            {"opinion": "Sí", "weighed": "Bien", "no_opinion": "No habla"},
            "La opinión ya está arriba",
        ),
    ],
)
def test_the_opinion_of_the_child_stands_there_or_why_it_does_not(
    house: House, given: dict[str, str], words: str
) -> None:
    plan = begin(house)
    refused = house.at("upe-boss").fill(f"{plan}/opinion", given)
    assert refused.status_code == 422
    assert words in refused.text
    assert "opinión" in house.at("upe-boss").get(f"{plan}/approve").text
    fill(house, f"{plan}/opinion", {"no_opinion": "Tiene ocho meses"})
    assert only(house, PlanVersion).has_opinion


@ON_BOTH
def test_an_interview_of_the_register_is_the_opinion(house: House) -> None:
    heard = record(house)
    plan = begin(house)
    fill(house, f"{plan}/opinion", {"interview_id": heard.id, "weighed": "Se sigue"})
    page = house.at("upe-boss").get(f"{plan}/draft").text
    assert f"/interviews#interview-{heard.id}" in page


def test_nobody_approves_what_was_not_read(house: House) -> None:
    plan = prepare(house)
    lead = house.at("upe-boss")
    stale = lead.marks(f"{plan}/approve")
    add_objective(house, plan, "Escrito mientras tanto")
    answer = lead.post(f"{plan}/approve", {**stale, **resolved()})
    assert answer.status_code == 409
    assert only(house, Plan).number == 0


@ON_BOTH
def test_a_visit_is_entered_afterwards_with_the_hour_at_which_it_was(house: House) -> None:
    plan = prepare(house)
    approve(house, plan)
    fill(house, f"{plan}/visits/new", {"planned_on": due(1), "purpose": "Ver a la tía"})
    lead = house.at("upe-boss")
    home = lead.get("/").text
    assert "Ver a la tía" in home
    assert ACT in home
    visit = only(house, Visit)
    then = clock.local(clock.now() - timedelta(days=1))
    note = {
        "was_made": "1",
        "happened_at": then.strftime("%Y-%m-%dT%H:%M"),
        "visitor": "R. Ejemplo, trabajo social",
        "found": "La tía",
        "note": "Va a clases",
    }
    later = {**note, "happened_at": (then + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")}
    assert lead.fill(f"{plan}/visits/{visit.id}", later).status_code == 422
    fill(house, f"{plan}/visits/{visit.id}", {**note, "next_on": due(8)})
    fill(house, f"{plan}/visits/record", {**note, "note": "De paso", "was_made": ""})
    with house.db.read() as session:
        found = session.exec(select(Visit).order_by(col(Visit.id))).all()
        entries = session.exec(select(Entry).where(Entry.kind == EntryKind.VISIT)).all()
    assert [each.progress for each in found] == ["done", "pending", "not_done"]
    assert {each.text for each in entries} == {"Va a clases", "De paso"}
    assert all(each.happened_at < clock.now() - timedelta(hours=20) for each in entries)
    assert only(house, Plan).number == 1
    assert "Va a clases" in lead.get(plan).text


@ON_BOTH
def test_a_review_decides_and_sets_the_next_one(house: House) -> None:
    plan = prepare(house)
    approve(house, plan, review_on=due(1))
    review = only(house, Review)
    lead = house.at("upe-boss")
    assert "Revisión del plan" in lead.get("/").text
    held = {"held_on": due(0), "decision": "keep", "words": "Avanza"}
    assert lead.fill(f"{plan}/reviews/{review.id}", held).status_code == 422
    fill(house, f"{plan}/reviews/{review.id}", {**held, "next_on": due(92)})
    with house.db.read() as session:
        found = session.exec(select(Review).order_by(col(Review.due_on))).all()
    assert [(each.decision, each.held_on is None) for each in found] == [
        ("keep", False),
        (None, True),
    ]


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@ON_BOTH
def test_the_field_sheet_names_nobody_whole_and_says_where_only_if_asked(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    with house.db.write() as session:
        set_placement(
            session,
            actor_at(house, "upe-boss"),
            house.case_id,
            person_id=child_of(house),
            placement=Placement.WITH_FAMILY,
            whereabouts="Pasaje Secreto 4",
        )
    plan = prepare(house)
    approve(house, plan)
    fill(house, f"{plan}/visits/new", {"planned_on": due(1), "purpose": "Ver a la tía"})
    sheet = f"/cases/{house.code}/plans/ficha.pdf?plan={plan.rpartition('/')[2]}"
    printed = house.at("upe-boss").get(sheet)
    assert printed.mimetype == "application/pdf"
    text = text_of(printed.data)
    for words in (
        "Paucar",
        house.code,
        ACT,
        "Ver a la tía",
        "Huella digital",
        "destrúyala",
        "1 / ",
    ):
        assert words in text
    assert "Cedro" not in text
    assert "Pasaje Secreto" not in text
    assert "Pasaje Secreto" in text_of(house.at("upe-boss").get(f"{sheet}&where=1").data)
    assert "Pasaje Secreto" not in text_of(house.at("sal-boss").get(f"{sheet}&where=1").data)
    assert 'name="where"' not in house.at("sal-boss").get(f"/cases/{house.code}/plans").text
    with house.db.read() as session:
        acts = session.exec(
            select(AuditEntry.action).where(col(AuditEntry.action) == "plans.sheet.print")
        ).all()
    assert len(acts) == 3


@ON_BOTH
def test_a_plan_that_goes_on_keeps_its_case_open_and_ends_with_its_term(house: House) -> None:
    plan = prepare(house)
    approve(house, plan, declared_on=due(0))
    lead = house.at("upe-boss")
    assert "1 plan de trabajo individual en curso" in lead.get(f"/cases/{house.code}/close").text
    fill(house, f"{plan}/end", {"outcome": "returned", "words": "Volvió con su tía"})
    assert only(house, Term, col(Term.rule_code) == "core.unprotection.plan_life").ended_at
    assert "plan de trabajo individual en curso" not in lead.get(f"/cases/{house.code}/close").text
    assert "Volvió con su tía" in lead.get(plan).text
    assert (
        lead.fill(f"{plan}/visits/new", {"planned_on": due(), "purpose": "Ver"}).status_code == 409
    )


@ON_BOTH
def test_what_is_held_of_a_child_is_told_and_erased(house: House) -> None:
    plan = prepare(house)
    approve(house, plan)
    with house.db.write() as session:
        told = {part.table: part.rows for part in personal.export_person(session, child_of(house))}
        ending = Ending(id=new_id(), case_ids=frozenset([house.case_id]), alert_ids=frozenset())
        erased = {part.table: part.erased for part in personal.erase_record(session, ending)}
    assert "Quiero ir con mi tía" in told["portal_plan_version"][0].values()
    assert erased["portal_plan"] == erased["portal_plan_objective"] == 1
    assert told.keys() == erased.keys()


@ON_BOTH
def test_a_plan_that_names_an_interview_of_another_case_lets_it_go(house: House) -> None:
    heard = record(house)
    plan = begin(house)
    fill(house, f"{plan}/opinion", {"interview_id": heard.id, "weighed": "Se sigue"})
    with house.db.write() as session:
        code, children = new_case(session, house.agencies["UPE"], 5)
        other = session.exec(select(Case).where(Case.code == code)).one()
        moved = session.get_one(Interview, heard.id)
        moved.case_id, moved.person_id = other.id, children[0]
        session.flush()
        ending = Ending(id=new_id(), case_ids=frozenset([other.id]), alert_ids=frozenset())
        assert {part.erased for part in personal.erase_record(session, ending)} == {0}
        [interviews, _asked] = interview_room.erase_record(session, ending)
        assert interviews.erased == 1
    assert only(house, PlanVersion).interview_id is None


def test_a_plan_takes_as_many_statements_with_one_activity_as_with_many(
    house: House, statements: Statements
) -> None:
    plan = prepare(house)
    objective, counts = only(house, Objective).id, []
    lead = house.at("upe-boss")
    for number in range(2):
        lead.get(f"{plan}/draft")
        statements.seen.clear()
        lead.get(f"{plan}/draft")
        counts.append(statements.count)
        add_activity(house, plan, objective, "UPE", f"Otra {number}")
    assert counts[0] == counts[1]


def test_the_history_of_a_case_tells_its_plans_to_who_reads_them(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    plan = prepare(house, others=True)
    approve(house, plan)
    with house.db.read() as session:
        told = [
            history(session, actor_at(house, name), house.case_id, with_sealed=False).data
            for name in ("upe-boss", "sal-boss")
        ]
    assert [len(data["plans"]) for data in told] == [1, 0]
    assert told[0]["plans"][0]["opinion"] == "Quiero ir con mi tía"
    assert OTHERS_ACT in str(told[0]["plans"])
    assert len(told[1]["commitments"]) == 1


def test_what_is_written_of_a_plan_is_told_beside_its_field_and_kept(house: House) -> None:
    plan = begin(house)
    objective = add_objective(house, plan)
    stranger = house.agencies["DEM"].id
    given = {"act": "Orientar", "agency_id": stranger, "due_on": due(-2), "person": "Nadie"}
    refused = house.at("upe-boss").fill(f"{plan}/objectives/{objective}/new", given)
    assert refused.status_code == 422
    for words in ("Elija una institución del caso", "Este día ya pasó", 'value="Nadie"'):
        assert words in refused.text
