"""Told once: earlier interviews stand before a new one, and their report is one click away."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, func, select

from portal import clock
from portal.cases.models import CaseChild, CaseRight, Entry, EntryKind, Level
from portal.db import new_id
from portal.duplicates.models import Basis, Match, MatchState
from portal.errors import Conflict, Forbidden
from portal.interviews import personal, queries, services
from portal.interviews.models import Interview, ReportRequest
from portal.notifications.models import Notice
from portal.people.models import Person
from portal.personal import Ending
from portal.referrals.models import Referral
from tests.cases.test_rights import actor_at
from tests.conftest import Statements
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

SUBJECT = "Convivencia con su tía"


def child_of(house: House) -> UUID:
    with house.db.read() as session:
        statement = select(CaseChild.person_id).where(CaseChild.case_id == house.case_id)
        return session.exec(statement).one()


def page_of(house: House) -> str:
    return f"/cases/{house.code}/interviews/{child_of(house)}/new"


def form(house: House, agency: str = "UPE", **given: Any) -> dict[str, Any]:
    agency_id = house.agencies[agency].id
    return {
        "kind": "psychological",
        "heard_on": clock.today().isoformat(),
        "agency_id": agency_id,
        "subject": SUBJECT,
        "holder_id": agency_id,
        "report": "Informe 12-2026",
        "may_ask": "team",
        "circle": "team",
        "seen": "0",
        **given,
    }


def record(house: House, name: str = "upe-boss", agency: str = "UPE", **given: object) -> Interview:
    answer = house.at(name).fill(page_of(house), form(house, agency, **given))
    assert answer.status_code == 303, answer.text
    house.work()
    with house.db.read() as session:
        newest = select(Interview).order_by(col(Interview.recorded_at).desc()).limit(1)
        return session.exec(newest).one()


def test_an_interview_stands_in_the_register_and_on_the_timeline(house: House) -> None:
    made = record(house)
    lead = house.at("upe-boss")
    page = lead.get(f"/cases/{house.code}/interviews").text
    for words in ("Informe 12-2026", SUBJECT, "Entrevista psicológica", "UPE San Martín"):
        assert words in page
    assert "Entrevista psicológica" in lead.get(f"/cases/{house.code}").text
    with house.db.read() as session:
        entry = session.exec(select(Entry).where(Entry.kind == EntryKind.INTERVIEW)).one()
        assert (entry.person_id, entry.circle.value) == (made.person_id, "team")
        assert session.exec(select(func.count()).select_from(Interview)).one() == 1


def test_earlier_interviews_stand_before_a_new_one_which_needs_a_reason(house: House) -> None:
    record(house)
    lead = house.at("upe-boss")
    page = lead.get(page_of(house)).text
    assert page.index("Informe 12-2026") < page.index('name="subject"')
    refused = lead.fill(page_of(house), form(house, seen="1", subject="Lo mismo otra vez"))
    assert refused.status_code == 422
    assert "por qué hubo que escuchar otra vez" in refused.text
    assert "Lo mismo otra vez" in refused.text
    again = record(house, seen="1", again_why="Una precisión sobre la fecha")
    assert again.again_why == "Una precisión sobre la fecha"


def test_whoever_did_not_see_the_last_interview_is_shown_it_first(house: House) -> None:
    record(house)
    stale = form(house, seen="0", again_why="Hacía falta")
    refused = house.at("upe-boss").fill(page_of(house), stale)
    assert refused.status_code == 422
    assert "mientras tanto" in refused.text
    assert 'name="seen" value="1"' in refused.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"agency_id": "", "heard_by": ""}, "Diga quién escuchó"),
        ({"holder_id": "", "report": ""}, "Diga dónde está el informe"),
        ({"kind": "single"}, "no es para todas las instituciones"),
        ({"circle": "sealed"}, "Elija quién puede leer"),
        ({"heard_on": "2199-01-01"}, "futura"),
        ({"subject": ""}, "subject-said"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    house: House, given: dict[str, Any], words: str
) -> None:
    refused = house.at("upe-boss").fill(page_of(house), form(house, **given))
    assert refused.status_code == 422
    assert words in refused.text
    with house.db.read() as session:
        assert session.exec(select(func.count()).select_from(Interview)).one() == 0


@ON_BOTH
def test_the_report_is_asked_for_with_one_click_and_once(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    made = record(house, "sal-boss", "SAL")
    with house.db.read() as session:
        before = {row.right: row.state for row in session.exec(select(CaseRight))}
    lead = house.at("upe-boss")
    assert "Pedir el informe" in lead.get(page_of(house)).text
    url = f"/cases/{house.code}/interviews/{made.id}/ask"
    first = lead.fill(f"/cases/{house.code}/interviews", to=url)
    assert first.status_code == 303, first.text
    again = lead.fill(f"/cases/{house.code}/interviews", to=url)
    assert again.location == first.location
    with house.db.read() as session:
        referral = session.exec(select(Referral)).one()
        assert referral.to_agency_id == house.agencies["SAL"].id
        assert "Informe 12-2026" in referral.asked
        assert session.exec(select(func.count()).select_from(ReportRequest)).one() == 1
        assert {row.right: row.state for row in session.exec(select(CaseRight))} == before
    page = lead.get(f"/cases/{house.code}/interviews").text
    assert "Informe pedido" in page
    assert "Pedir el informe" not in page
    assert (
        "Pedir el informe" not in house.at("sal-boss").get(f"/cases/{house.code}/interviews").text
    )


def test_who_may_not_ask_is_told_who_may(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    made = record(house, "sal-boss", "SAL", kind="single", may_ask="justice")
    lead = house.at("upe-boss")
    page = lead.get(f"/cases/{house.code}/interviews").text
    assert "Pedir el informe" not in page
    assert "Solo la fiscalía y el juzgado" in page
    with house.db.write() as session, pytest.raises(Forbidden):
        services.ask_for_report(session, actor_at(house, "upe-boss"), house.case_id, made.id)
    own = record(house, seen="1", again_why="Otra materia")
    with house.db.write() as session, pytest.raises(Conflict):
        services.ask_for_report(session, actor_at(house, "upe-boss"), house.case_id, own.id)


def test_who_collaborates_reads_what_was_written_for_all_and_writes_for_all(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    record(house)
    theirs = house.at("sal-boss")
    assert "Informe 12-2026" not in theirs.get(f"/cases/{house.code}/interviews").text
    assert theirs.fill(page_of(house), form(house, "SAL")).status_code == 422
    record(house, "sal-boss", "SAL", circle="parties", report="Historia 4")
    page = theirs.get(f"/cases/{house.code}/interviews").text
    assert "Historia 4" in page
    assert "Cedro" not in page
    record(house, circle="parties", seen="2", again_why="Otra", report="Informe 13-2026")
    assert "Informe 13-2026" in theirs.get(f"/cases/{house.code}/interviews").text
    assert house.at("dem-boss").get(f"/cases/{house.code}/interviews").status_code == 404


@ON_BOTH
def test_an_interview_by_mistake_is_struck_and_counts_no_more(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    made = record(house)
    url = f"/cases/{house.code}/interviews/{made.id}/strike"
    with house.db.write() as session, pytest.raises(Forbidden):
        services.strike_interview(
            session, actor_at(house, "sal-boss"), house.case_id, made.id, reason="Sin más"
        )
    answer = house.at("upe-boss").fill(url, {"reason": "Era otra niña"})
    assert answer.status_code == 303, answer.text
    page = house.at("upe-boss").get(f"/cases/{house.code}/interviews").text
    assert "Era otra niña" in page
    with house.db.read() as session:
        boss = actor_at(house, "upe-boss")
        assert queries.list_for_child(session, boss, made.person_id) == []
    record(house, seen="0")


def test_two_records_of_one_child_are_heard_as_one(house: House) -> None:
    made = record(house)
    with house.db.write() as session:
        twin = Person(given_names="Paucar", created_at=clock.now())
        session.add(twin)
        session.flush()
        one, other = sorted((made.person_id, twin.id))
        match = Match(one_id=one, other_id=other, basis=Basis.TOLD, found_at=clock.now())
        session.add(match)
        session.flush()
        boss = actor_at(house, "upe-boss")
        assert queries.list_for_child(session, boss, twin.id) == []
        match.state = MatchState.MERGED
        session.flush()
        assert [row.id for row in queries.list_for_child(session, boss, twin.id)] == [made.id]
        stranger = actor_at(house, "dem-boss")
        assert queries.list_for_child(session, stranger, twin.id) == []


def test_the_lead_is_told_that_another_institution_heard_the_child(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    record(house, "sal-boss", "SAL")
    with house.db.read() as session:
        told = session.exec(
            select(Notice.text).where(Notice.user_id == house.users["upe-boss"].id)
        ).all()
    assert "Case %(code)s: another institution heard a child" in told


def test_a_closed_case_takes_no_interview(house: House) -> None:
    made = record(house)
    with house.db.write() as session:
        house.case(session).close(at=clock.now())
    with house.db.write() as session, pytest.raises((Conflict, Forbidden)):
        services.ask_for_report(session, actor_at(house, "upe-boss"), house.case_id, made.id)
    assert house.at("upe-boss").fill(page_of(house), form(house, seen="1")).status_code == 409


def test_an_erasure_deletes_interviews_and_what_asked_for_them(house: House) -> None:
    record(house)
    with house.db.write() as session:
        ending = Ending(id=new_id(), case_ids=frozenset([house.case_id]), alert_ids=frozenset())
        erased = {part.table: part.erased for part in personal.erase_record(session, ending)}
    assert erased == {"portal_interview": 1, "portal_report_request": 0}


def test_the_register_takes_as_many_queries_for_one_as_for_many(
    house: House, statements: Statements
) -> None:
    lead = house.at("upe-boss")
    counts = []
    for seen in range(3):
        record(house, seen=str(seen), again_why="Prueba")
        lead.get(f"/cases/{house.code}/interviews")
        statements.seen.clear()
        assert lead.get(f"/cases/{house.code}/interviews").status_code == 200
        counts.append(statements.count)
    assert len(set(counts)) == 1, counts
