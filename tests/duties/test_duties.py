"""Signs on a case, and the notices that they oblige to give: through the pages, on both engines."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, func, select

from portal import clock
from portal.actor import system_actor
from portal.alerts import services as alerts
from portal.alerts.inputs import SendAlert
from portal.cases.models import CaseEnding, CaseRight, Entry, Level
from portal.cases.services import assign, close_case
from portal.cases.transitions import objections
from portal.deadlines.inputs import AddDays
from portal.deadlines.services import add_days
from portal.duties import personal, services
from portal.duties.models import CaseSign, Channel, Duty, DutyStatus, Sign
from portal.errors import Forbidden, Invalid
from portal.notifications.models import Notice
from portal.personal import Ending
from portal.referrals.models import Referral
from tests.cases.test_rights import actor_at
from tests.conftest import Statements
from tests.duties.conftest import address, duties_of
from tests.factories.closing import concluded
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

MONDAY = datetime(2026, 11, 23, 15, tzinfo=clock.LIMA)
DOCUMENT = "Oficio 118-2026-UGEL"


@pytest.fixture(autouse=True)
def on_monday() -> Iterator[None]:
    """Let everything happen on a Monday afternoon."""
    with clock.at(MONDAY):
        yield


def sign(house: House, what: Sign, **given: object) -> None:
    """Record a sign by the page, as the coordinator of the UPE."""
    page = house.at("upe-boss").fill(f"/cases/{house.code}/duties/sign", {"sign": what, **given})
    assert page.status_code == 303, page.text
    house.work()


def told_of(house: House, name: str) -> list[str]:
    """Return the texts of what a person was told."""
    with house.db.read() as session:
        statement = select(Notice.text).where(Notice.user_id == house.users[name].id)
        return list(session.exec(statement))


def home(house: House, name: str) -> str:
    return house.at(name).get("/").text


def test_a_sign_makes_the_list_of_who_must_be_told(told: House) -> None:
    sign(told, Sign.SCHOOL_STAFF)
    found = duties_of(told)
    assert found.keys() == {"ugel", "prosecutor"}
    assert clock.local(found["ugel"].due_at).date() == MONDAY.date() + timedelta(days=1)
    assert found["prosecutor"].due_at - found["prosecutor"].known_at == timedelta(hours=24)
    page = told.at("upe-boss").get(f"/cases/{told.code}/duties").text
    for words in ("Aviso a la UGEL", "Ley 29988", "Cómo se contó", "Nadie fue avisado"):
        assert words in page
    assert "Avisos obligatorios" in told.at("upe-boss").get(f"/cases/{told.code}").text
    with told.db.read() as session:
        titles = session.exec(select(Entry.title).where(Entry.case_id == told.case_id)).all()
    assert titles.count("It must be told: %(rule)s") == 2


def test_the_same_sign_stands_once_and_one_notice_tells_of_all(told: House) -> None:
    sign(told, Sign.CRIME)
    again = told.at("upe-boss").fill(f"/cases/{told.code}/duties/sign", {"sign": "crime"})
    assert again.status_code == 422
    assert "Este indicio ya está registrado en el caso." in again.text
    sign(told, Sign.INJURIES)
    assert len(duties_of(told)) == 1


def test_a_sign_of_the_future_or_of_another_child_is_refused(told: House) -> None:
    later = clock.local(clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    for given, said in (
        ({"known_at": later}, "Esa fecha es futura."),
        ({"person_id": str(told.case_id)}, "Elija"),
    ):
        answer = told.at("upe-boss").fill(
            f"/cases/{told.code}/duties/sign", {"sign": "crime", **given}
        )
        assert answer.status_code == 422
        assert said in answer.text
    assert duties_of(told) == {}


def test_the_notice_goes_by_the_portal_and_is_confirmed_by_its_answer(told: House) -> None:
    sign(told, Sign.SCHOOL_STAFF)
    duty = duties_of(told)["ugel"]
    lead = told.at("upe-boss")
    form = lead.get(address(told, duty.id, "refer")).text
    assert "Personal de una institución educativa es sospechoso" in form
    assert "Juzgado" not in form
    with told.db.read() as session:
        person = session.exec(
            select(CaseRight.person_id).where(CaseRight.case_id == told.case_id)
        ).first()
        before = {row.right: row.state for row in session.exec(select(CaseRight))}
    sent = lead.fill(
        address(told, duty.id, "refer"),
        {
            "to_agency_id": told.agencies["UGE"].id,
            "asked": "Separar a la persona mientras se investiga",
            "person_ids": person,
            "identity_fields": "names",
        },
    )
    assert sent.status_code == 303, sent.text
    duty = duties_of(told)["ugel"]
    assert (duty.status, duty.channel) == (DutyStatus.SENT, Channel.REFERRAL)
    with told.db.read() as session:
        assert session.exec(select(func.count()).select_from(Referral)).one() == 1
        assert {row.right: row.state for row in session.exec(select(CaseRight))} == before
    ugel = told.at("uge-boss")
    assert ugel.get(f"/cases/{told.code}/duties").status_code == 404
    ugel.post(f"/referrals/{duty.referral_id}/accept", ugel.marks(f"/referrals/{duty.referral_id}"))
    answered = ugel.fill(
        f"/referrals/{duty.referral_id}/answer",
        {"answer": "Separado de las aulas", "document": DOCUMENT, "dated": "2026-11-23"},
    )
    assert answered.status_code == 303, answered.text
    told.work()
    duty = duties_of(told)["ugel"]
    assert (duty.status, duty.answer_document) == (DutyStatus.CONFIRMED, DOCUMENT)
    assert DOCUMENT in lead.get(f"/cases/{told.code}/duties").text
    assert "Case %(code)s: a mandatory notice was confirmed" in told_of(told, "upe-boss")
    # Who collaborates since it accepted sees neither the list nor the signs.
    assert ugel.get(f"/cases/{told.code}/duties").status_code == 404


@ON_BOTH
def test_an_answer_without_a_number_confirms_nothing(told: House) -> None:
    sign(told, Sign.CRIME)
    duty = duties_of(told)["prosecutor"]
    refer(told, duty, "FIS")
    duty = duties_of(told)["prosecutor"]
    assert duty.referral_id
    with told.db.write() as session:
        services.confirm_by_answer(session, system_actor(), duty.referral_id, "", MONDAY.date())
    assert duties_of(told)["prosecutor"].status is DutyStatus.SENT
    given = {"document": "Carpeta 44-2026", "dated": "2026-11-23"}
    page = told.at("upe-boss").fill(address(told, duty.id, "confirm"), given)
    assert page.status_code == 303, page.text
    assert duties_of(told)["prosecutor"].status is DutyStatus.CONFIRMED


def refer(house: House, duty: Duty, agency: str) -> None:
    with house.db.read() as session:
        person = session.exec(
            select(CaseRight.person_id).where(CaseRight.case_id == house.case_id)
        ).first()
    page = house.at("upe-boss").fill(
        address(house, duty.id, "refer"),
        {
            "to_agency_id": house.agencies[agency].id,
            "asked": "Los hechos se ponen en su conocimiento",
            "person_ids": person,
        },
    )
    assert page.status_code == 303, page.text
    house.work()


def test_a_notice_that_comes_back_is_owed_again(told: House) -> None:
    sign(told, Sign.CRIME)
    refer(told, duties_of(told)["prosecutor"], "FIS")
    duty = duties_of(told)["prosecutor"]
    fiscal = told.at("fis-boss")
    page = fiscal.fill(
        f"/referrals/{duty.referral_id}/return",
        {"reason": "not_competent", "words": "Corresponde a otra fiscalía"},
    )
    assert page.status_code == 303, page.text
    told.work()
    duty = duties_of(told)["prosecutor"]
    assert (duty.status, duty.referral_id, duty.agency_id) == (DutyStatus.OWED, None, None)


def test_who_does_not_use_the_portal_is_told_by_oficio(told: House) -> None:
    sign(told, Sign.FAMILY_VIOLENCE)
    duty = duties_of(told)["court"]
    lead = told.at("upe-boss")
    with told.db.read() as session:
        person = session.exec(
            select(CaseRight.person_id).where(CaseRight.case_id == told.case_id)
        ).first()
    refused = lead.fill(
        address(told, duty.id, "refer"),
        {"to_agency_id": told.agencies["JUZ"].id, "asked": "Los hechos", "person_ids": person},
    )
    assert refused.status_code == 422
    assert "no usa el portal: registre el oficio." in refused.text
    stranger = {"to_agency_id": told.agencies["UGE"].id, "asked": "Nada", "person_ids": person}
    assert lead.fill(address(told, duty.id, "refer"), stranger).status_code == 422
    url = address(told, duty.id, "letter")
    nobody = lead.fill(url, {"document": "Oficio 9", "dated": "2026-11-23"})
    assert "Indique a quién se envió." in nobody.text
    assert 'value="Oficio 9"' in nobody.text
    to = {"agency_id": told.agencies["JUZ"].id, "document": "Oficio 9"}
    early = lead.fill(url, {**to, "dated": "2026-11-01"})
    assert "anterior a aquella en que se conoció el indicio" in early.text
    assert "futura" in lead.fill(url, {**to, "dated": "2026-12-01"}).text
    wrong = lead.fill(url, {**to, "agency_id": told.agencies["UGE"].id, "dated": "2026-11-23"})
    assert wrong.status_code == 422
    assert lead.fill(url, {**to, "dated": "2026-11-23"}).status_code == 303
    duty = duties_of(told)["court"]
    assert (duty.status, duty.channel) == (DutyStatus.SENT, Channel.LETTER)
    page = lead.get(f"/cases/{told.code}/duties").text
    assert "Oficio 9" in page
    assert "Juzgado de Familia" in page


@ON_BOTH
def test_refused_with_a_reason_and_given_after_all(told: House) -> None:
    sign(told, Sign.FOREIGN_CHILD)
    duty = duties_of(told)["consulate"]
    lead = told.at("upe-boss")
    assert "refugio" in lead.get(f"/cases/{told.code}/duties").text
    assert lead.fill(address(told, duty.id, "refuse"), {"reason": ""}).status_code == 422
    why = "La familia pide refugio respecto de ese país"
    assert lead.fill(address(told, duty.id, "refuse"), {"reason": why}).status_code == 303
    assert why in lead.get(f"/cases/{told.code}/duties").text
    with told.db.write() as session:
        assert services.tell_of_late(session, system_actor()) == 0
    given = {"addressee": "Consulado", "document": "Oficio 10", "dated": "2026-11-23"}
    assert lead.fill(address(told, duty.id, "letter"), given).status_code == 303
    duty = duties_of(told)["consulate"]
    assert (duty.status, duty.refusal) == (DutyStatus.SENT, "")


@ON_BOTH
def test_what_nobody_confirmed_in_its_term_stands_red_with_the_coordinator(told: House) -> None:
    worker = told.users["upe-worker"]
    with told.db.write() as session:
        assign(session, actor_at(told, "upe-boss"), told.case_id, user_id=worker.id)
    sign(told, Sign.CRIME)
    assert "Aviso al Ministerio Público" in home(told, "upe-worker")
    assert "Aviso al Ministerio Público" not in home(told, "upe-boss")
    owed = "Case %(code)s: a mandatory notice must be given"
    assert owed in told_of(told, "upe-worker")
    with clock.at(MONDAY + timedelta(hours=25)):
        with told.db.write() as session:
            assert services.tell_of_late(session, system_actor()) == 1
            assert services.tell_of_late(session, system_actor()) == 0
        told.work()
        assert "Aviso al Ministerio Público" in home(told, "upe-boss")
        late = "Case %(code)s: nobody confirmed a mandatory notice in its term"
        assert late in told_of(told, "upe-boss")
        assert late not in told_of(told, "upe-worker")
        assert "vencido, sin confirmar" in told.at("upe-boss").get(f"/cases/{told.code}").text
        assert "Aviso al Ministerio Público" not in home(told, "dem-boss")


def test_only_the_lead_gives_notices_and_the_team_reads_them(told: House) -> None:
    sign(told, Sign.CRIME)
    duty = duties_of(told)["prosecutor"]
    told.put_on_case("DEM", Level.TEAM)
    told.put_on_case("SAL", Level.INFORMED)
    team, informed = told.at("dem-boss"), told.at("sal-boss")
    page = team.get(f"/cases/{told.code}/duties")
    assert page.status_code == 200
    assert "Registrar un indicio" not in page.text
    assert team.get(f"/cases/{told.code}/duties/sign").status_code == 403
    assert team.get(address(told, duty.id, "refuse")).status_code == 403
    with told.db.write() as session, pytest.raises(Forbidden):
        services.refuse(session, actor_at(told, "dem-boss"), duty.id, reason="Porque sí")
    assert informed.get(f"/cases/{told.code}/duties").status_code == 404
    assert "avisos obligatorios" not in informed.get(f"/cases/{told.code}").text.lower()
    assert informed.get(address(told, duty.id, "confirm")).status_code == 404
    assert duties_of(told)["prosecutor"].status is DutyStatus.OWED


@ON_BOTH
def test_a_sign_by_mistake_ends_what_is_owed_by_it_alone(told: House) -> None:
    sign(told, Sign.SCHOOL_STAFF)
    sign(told, Sign.CRIME)
    with told.db.read() as session:
        found = {row.sign: row.id for row in session.exec(select(CaseSign))}
    url = f"/cases/{told.code}/duties/signs/{found[Sign.SCHOOL_STAFF]}/withdraw"
    page = told.at("upe-boss").fill(url, {"reason": "Era de otra escuela"})
    assert page.status_code == 303, page.text
    states = {name: duty.status for name, duty in duties_of(told).items()}
    assert states == {"ugel": DutyStatus.DROPPED, "prosecutor": DutyStatus.OWED}


def test_the_signs_of_an_alert_oblige_whoever_takes_it_up(told: House) -> None:
    given = SendAlert.model_validate(
        {
            "children": [{"given_names": "Garza", "first_surname": "Aguaje"}],
            "district": "220501",
            "where": "Jr. Prueba 1",
            "what_happens": "Relato de alerta",
            "telephone": "942 000 200",
            "signs": ["sexual_violence", "no_school"],
            "authority_id": told.agencies["UPE"].id,
        }
    )
    with told.db.write() as session:
        alert = alerts.send_alert(session, actor_at(told, "sal-boss"), given)
    with told.db.write() as session:
        case = alerts.accept_alert(session, actor_at(told, "upe-boss"), alert.id)
    told.work()
    with told.db.read() as session:
        duty = session.exec(select(Duty).where(Duty.case_id == case.id)).one()
        assert duty.rule_code == "core.notice.prosecutor"
        assert duty.known_at == alert.sent_at
        assert session.get_one(CaseSign, duty.sign_id).recorded_by is None


def test_an_open_notice_stands_against_closing(told: House) -> None:
    sign(told, Sign.CRIME)
    with told.db.write() as session, pytest.raises(Invalid) as raised:
        close_case(
            session,
            actor_at(told, "upe-boss"),
            told.case_id,
            concluded(session, told.case_id, CaseEnding.RETURNED),
        )
    assert [problem.field for problem in raised.value.problems] == ["against"]
    with told.db.read() as session:
        against = objections(session, actor_at(told, "upe-boss"), told.case_id, "close")
    assert "1 mandatory notice is not confirmed" in str([str(each.text) for each in against])


@ON_BOTH
def test_a_holiday_moves_what_is_counted_in_business_days(told: House) -> None:
    sign(told, Sign.SCHOOL_STAFF)
    before = duties_of(told)
    with told.db.write() as session:
        day = MONDAY.date() + timedelta(days=1)
        given = AddDays.model_validate(
            {
                "first": day,
                "scope": "national",
                "kind": "non_working",
                "title": "Día no laborable",
                "norm": "DS de prueba",
            }
        )
        add_days(session, system_actor(), given)
    told.work()
    after = duties_of(told)
    assert after["ugel"].due_on == before["ugel"].due_on + timedelta(days=1)
    assert after["prosecutor"].due_at == before["prosecutor"].due_at
    with told.db.read() as session:
        said = session.scalars(select(Notice).where(col(Notice.origin).startswith("duties:")))
        assert {(each.user_id, each.facts["count"]) for each in said} == {
            (told.users[name].id, "1") for name in ("upe-boss", "upe-night")
        }


@ON_BOTH
def test_an_erasure_deletes_signs_and_notices(told: House) -> None:
    sign(told, Sign.CRIME)
    with told.db.write() as session:
        ending = Ending(id=told.case_id, case_ids=frozenset([told.case_id]), alert_ids=frozenset())
        erased = {part.table: part.erased for part in personal.erase_record(session, ending)}
    assert erased == {"portal_duty": 1, "portal_case_sign": 1}
    assert duties_of(told) == {}


def test_a_page_of_notices_takes_as_many_queries_for_one_as_for_many(
    told: House, statements: Statements
) -> None:
    sign(told, Sign.CRIME)
    lead = told.at("upe-boss")
    counts = []
    for what in (Sign.FAMILY_VIOLENCE, Sign.SCHOOL_STAFF, Sign.MISSING):
        sign(told, what)
        lead.get(f"/cases/{told.code}/duties")
        statements.seen.clear()
        assert lead.get(f"/cases/{told.code}/duties").status_code == 200
        counts.append(statements.count)
    assert len(set(counts)) == 1, counts
