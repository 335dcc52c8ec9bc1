"""What follows a return: visits until a day, risk that reopens, an end that the law allows."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlmodel import col, select

from portal import clock
from portal.actor import AgencyKind, system_actor
from portal.audit.models import AuditEntry
from portal.cases.models import CaseChild, CaseEnding, CaseStatus, Entry, EntryKind, Level
from portal.cases.services import add_children, close_case
from portal.copies.gathering import history
from portal.copies.sheets import Mark, draw, marked
from portal.db import new_id
from portal.deadlines.calendar import DayKind
from portal.deadlines.inputs import AddDays
from portal.deadlines.models import Scope
from portal.deadlines.services import add_days
from portal.duties.models import Duty, DutyStatus
from portal.errors import Conflict
from portal.followups import personal, queries
from portal.followups.models import Finding, FollowUp, FollowUpEnd, FollowUpVisit
from portal.followups.services import _adult_on
from portal.notifications.models import Notice
from portal.people.inputs import PersonInput
from portal.people.models import Person
from portal.people.services import register_person
from portal.personal import Ending
from portal.retention.records import list_ended
from tests.cases.test_rights import actor_at
from tests.conftest import Statements
from tests.factories.agencies import make_agency
from tests.factories.closing import concluded, sent
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House


def close(house: House, ending: CaseEnding = CaseEnding.RETURNED) -> str:
    """Close the case by its page; return the address of what follows."""
    page, boss = f"/cases/{house.code}/close", house.at("upe-boss")
    assert boss.fill(page, sent(boss.get(page).text, ending)).status_code == 303
    house.work()
    return f"/cases/{house.code}/follow-up"


def followup(house: House) -> FollowUp:
    with house.db.read() as session:
        newest = select(FollowUp).order_by(col(FollowUp.id).desc()).limit(1)
        return session.exec(newest).one()


def erasable(house: House) -> list[str]:
    """Return the codes of the records that have ended, which a rule may let go one day."""
    with house.db.read() as session:
        return [record.code for record in list_ended(session)]


def visit(house: House, who: str = "upe-boss", **given: Any) -> tuple[int, str]:
    """Record a visit by its page."""
    told = {
        "followup_ids": str(followup(house).id),
        "happened_on": clock.today().isoformat(),
        "finding": "well",
        "found": "Vive con su madre y asiste a la escuela",
        "next_on": (clock.today() + timedelta(days=60)).isoformat(),
        **given,
    }
    answer = house.at(who).fill(f"/cases/{house.code}/follow-up/visits/new", told)
    return answer.status_code, answer.text


def test_a_return_opens_two_years_of_visits_and_no_other_end_does(house: House) -> None:
    page = close(house)
    row = followup(house)
    # Two years fall on a business day or the next one; the child is nine.
    assert row.ends_on >= date(clock.today().year + 2, 1, 1)
    assert (row.returned_on, row.runs) == (clock.today(), True)
    assert row.next_on == clock.today() + timedelta(days=30)
    boss = house.at("upe-boss")
    text = boss.get(page).text
    assert "DL 91" in text
    assert "Paucar Cedro" in text
    assert "próxima visita" in boss.get(f"/cases/{house.code}").text
    assert "visita de seguimiento" not in boss.get("/").text
    with clock.at(clock.now() + timedelta(days=25)):
        assert "visita de seguimiento" in house.at("upe-boss").get("/").text
    boss.fill(f"/cases/{house.code}/reopen", {"reason": "Volvió el riesgo"})
    house.work()
    # The copy of the first conclusion is still owed: it is settled before the second.
    with house.db.read() as session:
        duty = session.exec(select(Duty.id)).one()
    why = {"reason": "Se concluyó por error"}
    assert boss.fill(f"/cases/{house.code}/duties/{duty}/refuse", why).status_code == 303
    close(house, CaseEnding.ARCHIVED)
    with house.db.read() as session:
        assert [each.end for each in session.exec(select(FollowUp))] == [FollowUpEnd.REOPENED]


def test_it_ends_with_the_age_of_18_where_that_comes_first(house: House) -> None:
    with house.db.write() as session:
        person = session.exec(select(Person)).one()
        person.born_on = clock.today().replace(day=1) - timedelta(days=17 * 365)
        adult_on = _adult_on(person.born_on)
    page = close(house)
    assert followup(house).ends_on == adult_on
    assert "antes de que pasen dos años" in house.at("upe-boss").get(page).text
    assert _adult_on(date(2008, 2, 29)) == date(2026, 3, 1)


def test_a_visit_stands_on_the_timeline_and_says_when_the_next_one_is(house: House) -> None:
    page = close(house)
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    for wrong, field in (
        ({"next_on": ""}, "next_on"),
        ({"next_on": today.isoformat()}, "next_on"),
        ({"happened_on": tomorrow.isoformat()}, "happened_on"),
        ({"happened_on": (today - timedelta(days=9)).isoformat()}, "happened_on"),
        ({"finding": ""}, "finding"),
        ({"followup_ids": ""}, "followup_ids"),
    ):
        status, text = visit(house, **wrong)
        assert (status, f'href="#{field}"' in text) == (422, True), wrong
        assert "asiste a la escuela" in text
    assert visit(house, followup_ids=str(new_id()))[0] == 404
    assert visit(house)[0] == 303
    assert followup(house).next_on == today + timedelta(days=60)
    with house.db.read() as session:
        entry = session.exec(select(Entry).where(Entry.kind == EntryKind.VISIT)).one()
        assert entry.text == "Vive con su madre y asiste a la escuela"
        assert clock.local(entry.happened_at).date() == today
        acts = session.scalars(sa.select(col(AuditEntry.action)))
        assert "followups.visit.record" in set(acts)
    boss = house.at("upe-boss")
    assert "asiste a la escuela" in boss.get(page).text
    assert "se encuentra bien" in boss.get(f"/cases/{house.code}").text


@ON_BOTH
def test_risk_reopens_the_case_in_one_click_and_the_follow_up_ends(house: House) -> None:
    page = close(house)
    assert visit(house, finding="risk", found="Golpes a la vista", next_on="")[0] == 303
    boss = house.at("upe-boss")
    assert "encontró riesgo" in boss.get("/").text
    with house.db.read() as session:
        risk = session.exec(select(FollowUpVisit)).one()
    end = boss.fill(f"{page}/{followup(house).id}/end", {"end": "completed", "words": "Se cumplió"})
    assert end.status_code == 422
    address = f"{page}/visits/{risk.id}/reopen"
    other = {"_agency": str(house.agencies["DEM"].id)}
    assert house.at("dem-boss").post(address, other).status_code == 404
    assert boss.fill(page, to=address).status_code == 303
    house.work()
    with house.db.read() as session:
        assert house.case(session).status is CaseStatus.OPEN
    assert followup(house).end is FollowUpEnd.REOPENED
    assert "encontró riesgo" in boss.get(f"/cases/{house.code}").text
    assert visit(house)[0] == 409
    assert "encontró riesgo" not in boss.get("/").text


@ON_BOTH
def test_it_ends_in_its_time_or_with_why_it_cannot_go_on(house: House) -> None:
    page = close(house)
    assert erasable(house) == []
    end = f"{page}/{followup(house).id}/end"
    boss, told = house.at("upe-boss"), {"end": "completed", "words": "La familia está bien"}
    early = boss.fill(end, told)
    assert early.status_code == 422
    assert "visitas hasta el último día" in early.text
    assert house.at("upe-worker").get(end).status_code == 404
    with clock.at(clock.now() + timedelta(days=740)):
        boss = house.at("upe-boss")
        assert visit(house, next_on="")[0] == 303
        assert "termina el seguimiento" in boss.get("/").text
        assert boss.fill(end, told).status_code == 303
        assert boss.fill(end, told).status_code == 409
    assert (followup(house).end, followup(house).next_on) == (FollowUpEnd.COMPLETED, None)
    assert erasable(house) == [house.code]


@ON_BOTH
def test_the_institution_in_charge_alone_reads_it_and_it_is_erased_with_its_case(
    house: House, statements: Statements
) -> None:
    house.put_on_case("DEM", Level.TEAM)
    page = close(house)
    visit(house)
    for other in ("dem-boss", "sal-boss", "upe-worker"):
        assert house.at(other).get(page).status_code == 404
    boss = house.at("upe-boss")
    boss.get(page)
    statements.seen.clear()
    assert boss.get(page).status_code == 200
    assert statements.count <= 22
    with house.db.write() as session:
        for name, sees in (("upe-boss", 1), ("dem-boss", 0)):
            actor = actor_at(house, name)
            for column, rule in (
                (FollowUp.id, queries.visible_followups(actor)),
                (FollowUpVisit.id, queries.visible_visits(actor)),
            ):
                assert len(session.exec(select(column).where(rule)).all()) == sees
        person_id = session.exec(select(CaseChild.person_id)).one()
        parts = {part.table: part.rows for part in personal.export_person(session, person_id)}
        assert [len(rows) for rows in parts.values()] == [1, 1]
        ending = Ending(id=new_id(), case_ids=frozenset({house.case_id}), alert_ids=frozenset())
        assert [each.erased for each in personal.erase_record(session, ending)] == [1, 1]


@ON_BOTH
def test_a_day_that_does_not_count_moves_its_last_day(house: House) -> None:
    close(house)
    before = followup(house).ends_on
    with house.db.write() as session:
        add_days(
            session,
            actor_at(house, "upe-boss"),
            AddDays(
                first=before,
                kind=DayKind.NON_WORKING,
                title="Feriado de prueba",
                norm="DS 1-2026",
                scope=Scope.NATIONAL,
            ),
        )
    house.work()
    assert followup(house).ends_on > before
    with house.db.read() as session:
        told = session.exec(select(Notice).where(col(Notice.origin).startswith("followups:"))).all()
    lead = house.agencies["UPE"].id
    assert {each.agency_id for each in told} == {lead}
    assert len({each.user_id for each in told}) == len(told) > 0
    page = house.at("upe-boss").get("/notices").text
    assert f"Caso {house.code}: un cambio de calendario movió el fin del seguimiento" in page
    assert f"/cases/{house.code}/follow-up" in page


def test_a_child_who_is_visited_is_not_erased_alone_and_its_sibling_may_be(house: House) -> None:
    with house.db.write() as session:
        lead = system_actor(house.agencies["UPE"].id)
        person = register_person(session, lead, PersonInput(given_names="Tangara"))
        add_children(session, lead, house.case(session), [person.id])
    page, boss = f"/cases/{house.code}/close", house.at("upe-boss")
    form = sent(boss.get(page).text, CaseEnding.RETURNED)
    apart = {"children-1-ending": "archived", "basis": "DL 1297 art. 3"}
    assert boss.fill(page, {**form, **apart}).status_code == 303
    house.work()
    with house.db.read() as session:
        parts = list(session.scalars(select(CaseChild.id).order_by(col(CaseChild.position))))
        assert [each.id for each in list_ended(session, ids=parts)] == [parts[1]]
    with house.db.write() as session:
        row = session.exec(select(FollowUp)).one()
        row.finish(FollowUpEnd.IMPOSSIBLE, words="Se mudó", by=None, at=clock.now())
    with house.db.read() as session:
        assert {each.id for each in list_ended(session, ids=parts)} == set(parts)


def test_the_history_tells_what_followed_the_return_and_what_it_leaves_out(house: House) -> None:
    close(house)
    assert visit(house)[0] == 303
    with house.db.read() as session:
        boss = actor_at(house, "upe-boss")
        found = history(session, boss, house.case_id, with_sealed=False)
    (told,) = found.data["followups"]
    assert told["until"] == followup(house).ends_on.isoformat()
    assert [(each["finding"], each["found"]) for each in told["visits"]] == [
        ("well", "Vive con su madre y asiste a la escuela")
    ]
    mark = Mark("H-1", "Ana", "UPE", clock.now(), "Estudio", "Prueba")
    found.data["left_out"] = [{"module": "shelter", "name": "Acogida"}]
    drawn = draw(marked(found, mark, with_names=False), mark)
    text = " ".join(part.extract_text() for part in PdfReader(BytesIO(drawn)).pages)
    assert "asiste a la escuela" in text
    assert "Acogida" in text


def test_the_prosecutor_gets_the_copy_by_an_oficio_though_the_case_is_closed(house: House) -> None:
    with house.db.write() as session:
        house.agencies["MP"] = make_agency(session, "MP-1", AgencyKind.PROSECUTOR, "Fiscalía")
        session.flush()
        session.expunge_all()
    close(house)
    with house.db.read() as session:
        duty = session.exec(select(Duty)).one()
        assert duty.rule_code == "core.notice.conclusion"
    page, boss = f"/cases/{house.code}/duties", house.at("upe-boss")
    assert "Copia de la conclusión" in boss.get("/").text
    assert boss.get(f"{page}/{duty.id}/refer").status_code == 409
    assert boss.get(f"{page}/sign").status_code == 403
    letter = {"agency_id": str(house.agencies["MP"].id), "document": "Oficio 8-2026"}
    letter["dated"] = clock.today().isoformat()
    assert boss.fill(f"{page}/{duty.id}/letter", letter).status_code == 303
    told = {"document": "Cargo 77", "dated": clock.today().isoformat()}
    assert boss.fill(f"{page}/{duty.id}/confirm", told).status_code == 303
    with house.db.read() as session:
        assert session.exec(select(Duty.status)).one() is DutyStatus.CONFIRMED
    # Concluded again after a reopening: the copy is owed again; an archive owes none.
    boss.fill(f"/cases/{house.code}/reopen", {"reason": "Volvió el riesgo"})
    house.work()
    close(house, CaseEnding.ARCHIVED)
    with house.db.read() as session:
        assert len(session.exec(select(Duty)).all()) == 1
    boss.fill(f"/cases/{house.code}/reopen", {"reason": "Volvió el riesgo"})
    house.work()
    close(house)
    with house.db.read() as session:
        assert len(session.exec(select(Duty)).all()) == 2


def test_a_conclusion_by_mistake_owes_the_prosecutor_nothing(house: House) -> None:
    """One that was reached stays to be told after the case is reopened (DL 42, 91)."""
    boss = house.at("upe-boss")
    for ticked, status in (({"by_mistake": "1"}, DutyStatus.DROPPED), ({}, DutyStatus.OWED)):
        close(house)
        boss.fill(f"/cases/{house.code}/reopen", {"reason": "Otro expediente", **ticked})
        house.work()
        with house.db.read() as session:
            last = session.exec(select(Duty).order_by(col(Duty.known_at).desc())).first()
            assert last
            assert last.status is status
    shown = boss.get(f"/cases/{house.code}/duties").text
    assert "Ya no se debe" in shown
    assert "vino con la conclusión" in shown


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(st.sampled_from(list(Finding)), st.sampled_from(list(FollowUpEnd))), max_size=8
    ),
    st.integers(-30, 30),
)
def test_whatever_the_order_a_follow_up_ends_once_and_keeps_its_risk(
    house: House, acts: list[Finding | FollowUpEnd], left: int
) -> None:
    today, next_on = clock.today(), clock.today() + timedelta(days=9)
    row = FollowUp(
        case_id=house.case_id,
        closing_id=new_id(),
        person_id=new_id(),
        returned_on=today,
        ends_on=today + timedelta(days=left),
        next_on=next_on,
    )
    ended, risk = False, False
    for act in acts:
        early = act is FollowUpEnd.COMPLETED and (left > 0 or risk)
        try:
            if isinstance(act, Finding):
                row.visited(act, today, next_on)
            else:
                row.finish(act, words="", by=None, at=clock.now())
        except Conflict:
            assert ended or early
            continue
        assert not ended
        assert not early
        if isinstance(act, Finding):
            risk = {Finding.RISK: True, Finding.ABSENT: risk}.get(act, False)
        else:
            ended = True
        assert (row.risk_on is not None) is risk
        assert row.runs is not ended
        assert (row.next_on is None) is ended


def test_closing_it_by_hand_opens_it_once_however_often_it_is_heard(house: House) -> None:
    with house.db.write() as session:
        boss = actor_at(house, "upe-boss")
        close_case(
            session, boss, house.case_id, concluded(session, house.case_id, CaseEnding.RETURNED)
        )
    house.work()
    house.work()
    with house.db.read() as session:
        assert len(session.exec(select(FollowUp)).all()) == 1
