"""What is found, why, by whom and in how many statements; and what may not be seen is not there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from portal import clock
from portal.actor import Actor, Role, system_actor
from portal.audit.models import AuditEntry
from portal.cases.models import Case, CaseChild, CaseParty, Circle, EntryKind, Level
from portal.cases.services import add_children, bar_person, set_shield
from portal.cases.timeline import log
from portal.cases.worklist import rewrite
from portal.db import Database
from portal.family.inputs import AddRelative
from portal.family.models import Relation
from portal.family.services import add_relative
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.search import queries, reach
from portal.search.alike import typed_names
from portal.search.inputs import LookFor, State
from portal.search.models import Search
from portal.search.queries import find
from portal.search.services import forget_old
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import DOCUMENT, House
from tests.webclient import Browser

pytestmark = ON_BOTH


def who(house: House, name: str, *roles: Role) -> Actor:
    """Return a person of the house as a request would find them."""
    agency = house.agencies[house.homes[name]]
    return Actor(
        user_id=house.users[name].id,
        agency_id=agency.id,
        agency_kind=agency.kind,
        roles=frozenset(roles or {Role.COORDINATOR}),
    )


def kinds(house: House, actor: Actor, **wanted: Any) -> set[str]:
    """Return which kinds of record a search finds."""
    with house.db.read() as session:
        return {hit.kind for hit in find(session, actor, LookFor(**wanted)).hits}


def _each(name: str, *texts: str) -> list[dict[str, Any]]:
    return [{name: text} for text in texts]


def look(browser: Browser, **wanted: Any) -> str:
    """Search as a person does and return the page of results."""
    answer = browser.fill("/search", wanted)
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/search/[0-9a-f-]{36}", answer.location)
    page = browser.get(answer.location)
    assert page.status_code == 200
    return page.text


def send_alert(house: House, name: str = "sal-worker") -> Browser:
    """Send an alert of a child by a person."""
    browser = house.at(name)
    answer = browser.fill(
        "/alerts/new",
        {
            "children-0-given_names": "Perdiz",
            "children-0-first_surname": "Lupuna",
            "children-0-estimated_age": "4",
            "district": "220501",
            "where": "Jr. Prueba 1",
            "what_happens": "Duerme sola en el embarcadero",
            "telephone": "942 000 200",
            "authority_id": str(house.agencies["UPE"].id),
        },
    )
    assert answer.status_code == 303
    return browser


def test_a_half_remembered_name_is_found_with_the_reason(house: House) -> None:
    text = look(house.at("upe-boss"), text="cedros nahui")
    assert house.code in text
    assert "Paucar Cedro Ñahui" in text
    assert "Apellido parecido: Cedro ≈ Cedros." in text
    assert "Apellido: Ñahui." in text


@pytest.mark.parametrize("text", ["nahui cedro", "paukar", "sedro", "Cedr", "ñahui paucar cedro"])
def test_it_is_found_however_it_is_spelt(house: House, text: str) -> None:
    assert kinds(house, who(house, "upe-boss"), text=text) == {"case"}


def test_codes_and_documents_are_found_exactly(house: House) -> None:
    boss = who(house, "upe-boss")
    for text in (house.code, house.code.lower(), house.code[-4:], DOCUMENT):
        if text == house.code[-4:] and text.isalpha():
            continue
        assert kinds(house, boss, text=text) == {"case"}, text
    assert kinds(house, boss, text=DOCUMENT[:-1]) == set()
    assert "Número de documento" in look(house.at("upe-boss"), text=DOCUMENT)


def test_details_narrow_and_find_by_themselves(house: House) -> None:
    boss = who(house, "upe-boss")
    age = clock.today().year - 2017
    fits: list[dict[str, Any]] = [
        {"district": "220501"},
        {"age_from": age - 1, "age_to": age + 1},
        {"state": State.OPEN},
        {"agency_id": house.agencies["UPE"].id},
        {"text": "cedro", "district": "220501", "age_to": age + 1},
        {"words": "relato equipo", "district": "220501"},
        {"text": "cedro", "words": "relato"},
    ]
    misses: list[dict[str, Any]] = [
        {"district": "220101"},
        {"age_to": age - 2},
        {"age_from": age + 2},
        {"state": State.CLOSED},
        {"state": State.WAITING},
        {"agency_id": house.agencies["SAL"].id},
        {"mine": True},
        {"text": "cedro", "district": "220101"},
        {"words": "relato", "district": "220101"},
        {"text": "lupuna", "words": "relato"},
    ]
    for wanted in fits:
        assert kinds(house, boss, **wanted) == {"case"}, wanted
    for wanted in misses:
        assert kinds(house, boss, **wanted) == set(), wanted


def test_who_collaborates_finds_by_code_and_place_but_by_no_name(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    boss = who(house, "sal-boss")
    seen: list[dict[str, Any]] = [
        {"text": house.code},
        {"district": "220501"},
        {"state": State.OPEN},
    ]
    for wanted in seen:
        assert kinds(house, boss, **wanted) == {"case"}, wanted
    for wanted in _each("text", "cedro", DOCUMENT) + _each("words", "relato"):
        assert kinds(house, boss, **wanted) == set(), wanted
    text = look(house.at("sal-boss"), text=house.code)
    assert "P. C. Ñ." in text
    assert "Paucar" not in text


def test_strangers_barred_people_and_other_roles_find_nothing(house: House) -> None:
    for wanted in (
        {"text": "cedro"},
        {"text": house.code},
        {"text": DOCUMENT},
        {"words": "relato"},
    ):
        assert kinds(house, who(house, "sal-boss"), **wanted) == set()
        assert kinds(house, who(house, "upe-worker", Role.CASEWORKER), **wanted) == set()
        assert kinds(house, who(house, "upe-admin", Role.AGENCY_ADMIN), **wanted) == set()
    with house.db.write() as session:
        bar_person(
            session,
            who(house, "upe-boss"),
            house.case_id,
            user_id=house.users["upe-night"].id,
            reason="Prueba",
        )
    assert kinds(house, who(house, "upe-night"), text="cedro") == set()
    for name in ("upe-admin", "upe-privacy"):
        assert house.at(name).get("/search").status_code == 404


def test_what_is_hidden_changes_nothing_of_what_is_found(house: House) -> None:
    """A word that only somebody else's child bears is as unknown as one that nobody bears."""
    stranger = who(house, "sal-boss")
    send_alert(house, "sal-boss")
    for text in (
        "perdiz cedro",
        "perdiz inexistente",
        "perdiz lupuna cedro",
        "perdiz lupuna nadie",
    ):
        with house.db.read() as session:
            hits = find(session, stranger, LookFor(text=text)).hits
        assert len(hits) == (len(text.split()) > 2)


def test_the_same_is_found_whoever_is_walked(
    house: House, monkeypatch: pytest.MonkeyPatch, statements: Any
) -> None:
    send_alert(house, "sal-boss")
    with house.db.write() as session:
        given = AddRelative(given_names="Zoila", first_surname="Huayruro", relation=Relation.MOTHER)
        add_relative(session, who(house, "upe-boss"), house.case_id, given)
    texts = ("cedro", "paucar", "perdiz lupuna", "huayruro", "nahui sedro", "inexistente")
    found = []
    for few, first in ((reach.FEW, queries.FIRST_BEARERS), (-1, queries.FIRST_BEARERS), (-1, 1)):
        monkeypatch.setattr(reach, "FEW", few)
        monkeypatch.setattr(queries, "FIRST_BEARERS", first)
        statements.seen.clear()
        with house.db.read() as session:
            found.append(
                [
                    {hit.id for hit in find(session, who(house, name), LookFor(text=text)).hits}
                    for name in ("upe-boss", "sal-boss")
                    for text in texts
                ]
            )
        walks = [each for each in statements.seen if "borne" in each]
        assert all(("UNION ALL SELECT portal_person_name" in each) == (few < 0) for each in walks)
    assert found[0] == found[1] == found[2]
    assert sum(map(len, found[0])) >= 5


def test_the_bearers_of_a_name_are_walked_as_far_as_it_takes(
    house: House, monkeypatch: pytest.MonkeyPatch, statements: Any
) -> None:
    """Two siblings bear the name: found one portion after the other, unless one is enough."""
    monkeypatch.setattr(reach, "FEW", -1)
    monkeypatch.setattr(queries, "FIRST_BEARERS", 1)
    with house.db.write() as session:
        given = PersonInput(given_names="Paucar", first_surname="Cedro")
        other = register_person(session, system_actor(), given)
        add_children(session, who(house, "upe-boss"), house.case(session), [other.id])
    asked = []
    for most in (1, 2, queries.MOST_NAMED):
        monkeypatch.setattr(queries, "MOST_NAMED", most)
        statements.seen.clear()
        with house.db.read() as session:
            found = find(session, who(house, "upe-boss"), LookFor(text="cedro"))
        walks = sum("borne" in statement for statement in statements.seen)
        asked.append((sum(len(hit.why) for hit in found.hits), walks))
    assert asked == [(1, 1), (2, 2), (2, 3)]


def test_alerts_are_found_by_sender_and_authority(house: House) -> None:
    send_alert(house)
    for name, roles in (
        ("sal-worker", {Role.CASEWORKER}),
        ("sal-boss", {Role.COORDINATOR}),
        ("upe-boss", {Role.COORDINATOR}),
    ):
        someone = who(house, name, *roles)
        asked: list[dict[str, Any]] = [
            {"text": "lupuna"},
            {"text": "Lupunas perdis"},
            {"words": "embarcadero"},
            {"state": State.WAITING},
            {"age_from": 4, "age_to": 4},
        ]
        for wanted in asked:
            assert kinds(house, someone, **wanted) >= {"alert"}, (name, wanted)
    for name in ("dem-boss", "dem-worker"):
        assert kinds(house, who(house, name), text="lupuna") == set()


def test_what_is_sealed_or_struck_or_of_another_circle_is_not_looked_through(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    with house.db.write() as session:
        case, boss = house.case(session), who(house, "upe-boss")
        for circle, word in (
            (Circle.TEAM, "guacamayo"),
            (Circle.AGENCY, "manatí"),
            (Circle.SEALED, "paiche"),
        ):
            log(session, boss, case, kind=EntryKind.NOTE, title="", text=word, circle=circle)
    found = {
        (name, word): kinds(house, who(house, name), words=word)
        for name in ("upe-boss", "sal-boss")
        for word in ("guacamayo", "manati", "paiche")
    }
    assert {key for key, value in found.items() if value} == {
        ("upe-boss", "guacamayo"),
        ("upe-boss", "manati"),
        ("sal-boss", "guacamayo"),
    }


def test_the_own_cases_stand_first_and_the_likest_before(house: House) -> None:
    with house.db.write() as session:
        other = register_person(
            session, system_actor(), PersonInput(given_names="Paucar", first_surname="Sedro")
        )
        add_children(session, who(house, "upe-boss"), house.case(session), [other.id])
    with house.db.read() as session:
        (hit,) = find(session, who(house, "upe-boss"), LookFor(text="cedro")).hits
    assert [why.likeness.cost for why in hit.why if why.likeness] in ([0, 1], [1, 0])


def test_results_come_twenty_a_page(house: House) -> None:
    with house.db.write() as session:
        case = house.case(session)
        for _number in range(25):
            again = Case(**case.model_dump(exclude={"id", "code", "serial"}), code="", serial=0)
            again.code, again.serial = f"UPE-SM-2026-{again.id.hex[-6:]}", again.id.int % 10**8
            session.add(again)
            copy_of(session, case, again, CaseChild, CaseParty)
    browser = house.at("upe-boss")
    answer = browser.fill("/search", {"text": "cedro"})
    first = browser.get(answer.location).text
    assert "26 resultados" in first
    following = re.search(r'href="(\?after=[^"]+)"', first)
    assert following
    second = browser.get(answer.location + following[1]).text
    codes = [re.findall(r'href="/cases/([^"]+)"', text) for text in (first, second)]
    assert [len(each) for each in codes] == [20, 6]
    assert len({code for each in codes for code in each}) == 26


def test_a_name_and_words_meet_beyond_those_that_are_ranked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "FEW", -1)
    monkeypatch.setattr(queries, "FIRST_BEARERS", 1)
    monkeypatch.setattr(queries, "MOST_NAMED", 1)
    boss = who(house, "upe-boss")
    with house.db.write() as session:
        case = house.case(session)
        again = Case(**case.model_dump(exclude={"id", "code", "serial"}), code="", serial=0)
        again.code, again.serial, again.summary = "UPE-SM-2026-99ZZ", 99, "Vista con un guacamayo"
        session.add(again)
        copy_of(session, case, again, CaseParty)
        given = PersonInput(given_names="Paucar", first_surname="Cedro")
        other = register_person(session, system_actor(), given)
        add_children(session, boss, again, [other.id])
    with house.db.read() as session:
        (hit,) = find(session, boss, LookFor(text="cedro", words="guacamayo")).hits
        assert hit.id == again.id


def copy_of(session: Session, case: Case, again: Case, *tables: Any) -> None:
    """Give a case the rows of another in some tables."""
    session.flush()
    for table in tables:
        row = session.exec(select(table).where(table.case_id == case.id)).one()
        session.add(table(**row.model_dump(exclude={"id", "case_id"}), case_id=again.id))
    rewrite(session, again)


def test_a_search_stands_in_the_trail_by_its_mark_alone(house: House, db: Database) -> None:
    browser = house.at("upe-boss")
    for text in ("Cedro", "cedro", "caoba"):
        look(browser, text=text)
    with db.read() as session:
        entries = session.exec(
            select(AuditEntry).where(col(AuditEntry.action) == "search.search.run")
        ).all()
        marks = [re.findall(r'"mark":"([0-9a-f]{64})"', entry.facts)[0] for entry in entries]
        reads = session.exec(
            select(AuditEntry.action).where(col(AuditEntry.action).like("%.list"))
        ).all()
        kept = session.exec(select(Search)).all()
    assert marks[0] == marks[1] != marks[2]
    assert not any("edro" in entry.facts or "aoba" in entry.facts for entry in entries)
    assert "cases.case.list" in reads
    assert not any(b"edro" in search.wanted_sealed for search in kept)


def test_a_search_is_ones_own_and_is_forgotten_unless_it_is_kept(house: House) -> None:
    browser = house.at("upe-boss")
    address = browser.fill("/search", {"text": "cedro"}).location
    assert house.at("upe-night").get(address).status_code == 404
    kept = browser.fill(address, {"name": "Hermanos del puerto"}, to=f"{address}/save")
    assert (kept.status_code, kept.location) == (303, address)
    assert "Hermanos del puerto" in browser.get("/search").text
    assert "Hermanos del puerto" not in house.at("upe-night").get("/search").text
    other = browser.fill("/search", {"text": "caoba"}).location
    with house.db.write() as session, clock.at(clock.now() + timedelta(days=2)):
        forget_old(session)
    assert browser.get(other).status_code == 404
    assert browser.get(address).status_code == 200
    gone = browser.fill(address, to=f"{address}/forget")
    assert gone.location == "/search"
    assert browser.get(address).status_code == 404


def test_what_cannot_be_looked_for_is_told_beside_the_field(house: House) -> None:
    browser = house.at("upe-boss")
    asked: list[tuple[dict[str, str], str]] = [
        ({}, "Escriba un nombre"),
        ({"age_from": "9", "age_to": "4"}, "La primera edad es mayor"),
        ({"age_from": "x"}, "número entero"),
        ({"state": "lost"}, "Elija"),
    ]
    for wanted, said in asked:
        answer = browser.fill("/search", wanted)
        assert answer.status_code == 422
        assert said in answer.text, wanted


def test_nothing_found_says_what_to_try(house: House) -> None:
    text = look(house.at("upe-boss"), text="inexistente", district="220501")
    assert "Nada de lo que usted puede ver" in text
    assert "Registrar una alerta" in text


def test_a_search_takes_the_same_statements_however_much_it_finds(
    house: House, statements: Any
) -> None:
    browser = house.at("upe-boss")
    counts = []
    for text in ("cedro", "inexistente", "paucar cedro nahui lupuna"):
        address = browser.fill("/search", {"text": text}).location
        statements.seen.clear()
        browser.get(address)
        counts.append(statements.count)
    assert len(set(counts)) == 1
    assert counts[0] <= 26, statements.seen


def test_a_shield_is_no_bar_to_those_who_see_the_case(house: House) -> None:
    with house.db.write() as session:
        set_shield(session, who(house, "upe-boss"), house.case_id, reason="Amenaza")
    assert kinds(house, who(house, "upe-boss"), text="cedro") == {"case"}
    assert kinds(house, who(house, "sal-boss"), text="cedro") == set()


CHILD = {
    "children-0-given_names": "Paukar",
    "children-0-first_surname": "Sedro",
    "children-1-document_number": DOCUMENT,
}


def test_a_form_tells_while_it_is_filled_in_who_is_known_already(house: House) -> None:
    browser = house.at("upe-boss")
    marks = browser.marks("/alerts/new")
    answer = browser.post("/search/alike", {"_agency": marks["_agency"], **CHILD})
    assert answer.status_code == 200
    assert answer.text.count(f'href="/cases/{house.code}"') == 1
    assert "Paucar Cedro Ñahui" in answer.text
    nobody = {**CHILD, "children-0-first_surname": "", "children-1-document_number": ""}
    assert "/cases/" not in browser.post("/search/alike", {**marks, **nobody}).text
    stranger = house.at("sal-boss")
    marks = stranger.marks("/alerts/new")
    assert stranger.post("/search/alike", {**marks, **CHILD}).text.strip() == ""


def test_without_a_script_it_tells_with_where_the_alert_goes(house: House) -> None:
    browser = house.at("upe-boss")
    asked = {**CHILD, "district": "220501", "_look": "1"}
    assert "Paucar Cedro Ñahui" in browser.fill("/alerts/new", asked).text
    assert "Paucar" not in house.at("sal-boss").fill("/alerts/new", asked).text


def test_a_relative_leads_to_the_case_where_the_family_is_read(house: House) -> None:
    with house.db.write() as session:
        given = AddRelative(given_names="Zoila", first_surname="Huayruro", relation=Relation.MOTHER)
        add_relative(session, who(house, "upe-boss"), house.case_id, given)
    assert kinds(house, who(house, "upe-boss"), text="soila guairuro") == {"case"}
    assert kinds(house, who(house, "sal-boss"), text="huayruro") == set()
    house.put_on_case("SAL", Level.INFORMED)
    assert kinds(house, who(house, "sal-boss"), text="huayruro") == set()
    text = look(house.at("upe-boss"), text="guairuro")
    assert "Familiar: Zoila Huayruro." in text
    assert "Apellido parecido: Huayruro ≈ Guairuro." in text


def test_siblings_are_looked_for_by_the_surnames_that_they_share(house: House) -> None:
    typed = {"children-0-given_names": "Paucar", "first_surname": "Cedro"}
    assert typed_names(typed) == ["Paucar Cedro"]
    assert typed_names({"children-0-given_names": "Paucar"}) == []
