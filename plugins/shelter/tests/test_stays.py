"""Admission, the census, discharge: what each person sees, and what is written."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from portal_shelter.models import Bed, OverCapacity, Stay, StayStatus
from portal_shelter.queries import address_of, find_place
from sqlmodel import col

from portal import clock, events, host
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.cases.events import TermMoved
from portal.cases.models import (
    BarKind,
    Case,
    CaseBar,
    CaseChild,
    CaseParty,
    Circle,
    Entry,
    Level,
    Placement,
    Term,
    TermStatus,
)
from portal.cases.queries import list_residents
from portal.cases.services import add_party, end_party
from portal.db import Database, new_id
from portal.errors import Conflict
from portal.host import services
from portal.host.slots import CaseRef
from portal.personal import ErasurePlan
from tests.conftest import Statements
from tests.factories.agencies import make_agency
from tests.factories.care import ADDRESS, House, open_house
from tests.webclient import Browser

pytestmark = pytest.mark.slow

CENSUS = "/p/shelter/"


@pytest.fixture
def house(app: Flask, db: Database, browser: Callable[[], Browser]) -> House:
    """Return the UPE with a place of four beds."""
    with app.test_request_context():
        return open_house(db, browser)


def beds(db: Database) -> list[UUID]:
    with db.read() as session:
        return list(session.scalars(sa.select(col(Bed.id)).order_by(col(Bed.id))))


def stays(db: Database) -> list[Stay]:
    with db.read() as session:
        return list(session.scalars(sa.select(Stay).order_by(col(Stay.id))))


def form(children: list[UUID], chosen: list[UUID | None], **changes: str) -> dict[str, str]:
    found = {
        "measure": "urgent",
        "legal_basis": "DL 1297 art. 45",
        "admitted_at": ago(0),
        "arrival": "Llegan con la PNP, sin lesiones",
        **changes,
    }
    for number, (child, bed) in enumerate(zip(children, chosen, strict=True)):
        found[f"beds-{number}-person_id"] = str(child)
        found[f"beds-{number}-bed_id"] = str(bed) if bed else ""
    return found


def ago(days: int) -> str:
    """Return an hour of some days ago as a form sends it."""
    return clock.local(clock.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def admit(house: House, *ages: int, first: int = 0, **changes: str) -> str:
    """Open a case and admit its children to beds in a row; returns the code."""
    code, children = house.case(*ages)
    chosen: list[UUID | None] = list(beds(house.db)[first : first + len(ages)])
    url = f"{CENSUS}cases/{code}/admit"
    answer = house["coordinator"].fill(url, form(children, chosen, **changes))
    assert answer.status_code == 303, answer.text
    return code


def leaving(**changes: str) -> dict[str, str]:
    return {
        "destination": "extended_family",
        "left_at": ago(0),
        "released_by": "Resolución 4-2026",
        "receiver": "Abuela Reservada, DNI 00000000",
        "why": "Evaluación favorable",
        **changes,
    }


def test_siblings_are_admitted_together_and_everything_follows(house: House) -> None:
    code, children = house.case(9, 4)
    url = f"{CENSUS}cases/{code}/admit"
    first, second = beds(house.db)[:2]
    shown = house["coordinator"].get(url).text
    assert f'value="{first}" selected' in shown
    assert f'value="{second}" selected' in shown
    answer = house["coordinator"].fill(url, form(children, [first, second]))
    assert answer.status_code == 303, answer.text
    with house.db.read() as session:
        placed = list(session.scalars(sa.select(CaseChild)))
        terms = list(session.scalars(sa.select(Term).where(col(Term.rule_code) == "shelter.stay")))
        titles = list(session.scalars(sa.select(col(Entry.title))))
        sealed = [each.whereabouts_sealed or b"" for each in placed]
    assert {each.placement for each in placed} == {Placement.IN_CARE}
    assert all(sealed)
    assert not any(ADDRESS.encode() in each for each in sealed)
    assert {term.person_id for term in terms} == set(children)
    assert {stay.legal_basis for stay in stays(house.db)} == {"DL 1297 art. 45"}
    assert "Admitted to a place of care (%(basis)s)" in titles
    for stay in stays(house.db):
        assert (len(stay.counted), stay.counted[-1]) == (10, terms[0].due_on.isoformat())
        assert b"PNP" not in stay.arrival_sealed
    page = house["coordinator"].get(f"/cases/{code}").text
    for name in ("Tangara Cedro", "Paucar Cedro"):
        assert f" · {name}<small>" in page
        assert f'<p class="meta">{name} · ' in page
    assert "2 of 4" in house["coordinator"].get(CENSUS).text or "2 de 4" in (
        house["coordinator"].get(CENSUS).text
    )


def bring(house: House, code: str, agency: Agency, level: Level) -> UUID:
    """Bring an agency onto a case, by the house's own; return which case it is."""
    with house.db.write() as session:
        case_id = session.scalars(sa.select(col(Case.id)).where(col(Case.code) == code)).one()
        add_party(
            session,
            system_actor(house.agency.id),
            case_id,
            agency_id=agency.id,
            level=level,
            legal_basis="DL 1297 art. 75",
        )
        return case_id


def test_admitting_is_offered_where_there_is_a_place_and_a_child_outside(house: House) -> None:
    code, children = house.case(9, 4)
    url = f"{CENSUS}cases/{code}/admit"
    with house.db.write() as session:
        other = make_agency(session, "UPE-SIN")
        services.enable(session, system_actor(), "shelter", other.id)
        session.flush()
        session.expunge_all()
    bring(house, code, other, Level.TEAM)
    assert url not in house.sign_in(other, Role.COORDINATOR).get(f"/cases/{code}").text
    for child, bed in zip(children, beds(house.db), strict=False):
        assert url in house["coordinator"].get(f"/cases/{code}").text
        assert house["coordinator"].fill(url, form([child], [bed])).status_code == 303
    assert url not in house["coordinator"].get(f"/cases/{code}").text


def test_the_term_is_ten_business_days_from_the_day_after(house: House) -> None:
    admit(house, 7, admitted_at="2026-07-20T15:00")
    stay = stays(house.db)[0]
    assert stay.expected_on == date(2026, 8, 7)
    assert not {"2026-07-20", "2026-07-23", "2026-07-28", "2026-08-06"} & set(stay.counted)
    assert len(stay.counted) == 10


def test_a_bed_that_was_taken_is_said_and_what_was_typed_stays(house: House) -> None:
    admit(house, 5)
    code, children = house.case(6)
    url = f"{CENSUS}cases/{code}/admit"
    data = form(children, [beds(house.db)[0]], arrival="Con su mochila azul")
    answer = house["coordinator"].fill(url, data)
    assert answer.status_code == 422
    assert "mochila azul" in answer.text
    assert 'href="#beds-0-bed_id"' in answer.text
    assert len(stays(house.db)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"legal_basis": "x" * 201}, {"admitted_at": "2071-01-01T00:00"}, {"measure": "whim"}],
)
def test_bad_input_is_refused(house: House, changes: dict[str, str]) -> None:
    code, children = house.case(6)
    data = form(children, [beds(house.db)[0]], **changes)
    assert house["coordinator"].fill(f"{CENSUS}cases/{code}/admit", data).status_code == 422
    assert stays(house.db) == []


def test_rows_stay_beside_their_child_when_a_sibling_was_admitted_meanwhile(house: House) -> None:
    code, children = house.case(6, 8)
    url = f"{CENSUS}cases/{code}/admit"
    first, second, third = beds(house.db)[:3]
    stale = {**house["coordinator"].marks(url), **form(children, [second, third])}
    assert house["coordinator"].fill(url, form(children, [first, None])).status_code == 303
    answer = house["coordinator"].post(url, stale)
    assert answer.status_code == 422
    assert f'name="beds-1-person_id" value="{children[1]}"' in answer.text
    assert f'value="{third}" selected' in answer.text.partition('id="beds-1-bed_id"')[2]


def test_two_children_do_not_share_a_bed_and_none_enters_without_one(house: House) -> None:
    code, children = house.case(6, 8)
    url = f"{CENSUS}cases/{code}/admit"
    bed = beds(house.db)[0]
    assert house["coordinator"].fill(url, form(children, [bed, bed])).status_code == 422
    assert house["coordinator"].fill(url, form(children, [None, None])).status_code == 422
    assert stays(house.db) == []


def test_a_child_of_another_case_is_not_admitted_with_this_one(house: House) -> None:
    code, _own = house.case(6)
    _other, strangers = house.case(7)
    data = form(strangers, [beds(house.db)[0]])
    assert house["coordinator"].fill(f"{CENSUS}cases/{code}/admit", data).status_code == 422


def test_a_full_house_offers_numbers_elsewhere_or_a_decision(house: House) -> None:
    house.other("CAR-M", beds=3)
    admit(house, 3, 4, 5, 6)
    code, children = house.case(9)
    url = f"{CENSUS}cases/{code}/admit"
    shown = house["coordinator"].get(url).text
    assert "Agency CAR-M" in shown
    assert "<b>3 " in shown
    assert ADDRESS not in shown
    assert "Casa CAR-M" not in shown
    decision = f"{CENSUS}cases/{code}/over-capacity"
    assert decision in shown
    assert house["coordinator"].fill(decision, {"reason": "no", "until": ""}).status_code == 422
    until = clock.today().isoformat()
    given = {"reason": "Ningún otro lugar recibe esta noche", "until": until}
    assert house["coordinator"].fill(decision, given).status_code == 303
    assert house["coordinator"].fill(decision, given).status_code == 409
    extra = beds(house.db)[-1]
    assert house["coordinator"].fill(url, form(children, [extra])).status_code == 303
    with house.db.read() as session:
        found = session.scalars(sa.select(OverCapacity)).one()
        assert (found.decided_by, found.until) == (house.users["coordinator"].id, clock.today())
        assert b"Ning" not in found.reason_sealed
    home = house["coordinator"].get("/").text
    assert "T1" in home


def test_a_temporary_place_is_for_its_case_and_ends_with_the_stay(house: House) -> None:
    admit(house, 3, 4, 5, 6)
    code, children = house.case(9)
    given = {"reason": "Ningún otro lugar recibe", "until": clock.today().isoformat()}
    house["coordinator"].fill(f"{CENSUS}cases/{code}/over-capacity", given)
    extra = beds(house.db)[-1]
    other, strangers = house.case(8)
    refused = house["coordinator"].fill(f"{CENSUS}cases/{other}/admit", form(strangers, [extra]))
    assert refused.status_code == 422
    house["coordinator"].fill(f"{CENSUS}cases/{code}/admit", form(children, [extra]))
    stay = stays(house.db)[-1]
    done = house["coordinator"].fill(f"{CENSUS}stays/{stay.id}/discharge", leaving())
    assert done.status_code == 303, done.text
    with house.db.read() as session:
        assert session.get_one(Bed, extra).retired_at is not None
        assert session.scalars(sa.select(OverCapacity)).one().ended_at is not None


def test_a_child_moves_from_a_temporary_place_to_a_bed_that_became_free(house: House) -> None:
    admit(house, 3, 4, 5, 6)
    code, children = house.case(9)
    given = {"reason": "Ningún otro lugar recibe", "until": clock.today().isoformat()}
    house["coordinator"].fill(f"{CENSUS}cases/{code}/over-capacity", given)
    house["coordinator"].fill(f"{CENSUS}cases/{code}/admit", form(children, [beds(house.db)[-1]]))
    first, last = stays(house.db)[0], stays(house.db)[-1]
    url = f"{CENSUS}stays/{last.id}/move"
    page = house["coordinator"].get(f"{CENSUS}stays/{last.id}").text
    assert "otro lugar recibe" in page
    assert ">1 beyond capacity<" in house["coordinator"].get(CENSUS).text.replace(
        "1 por encima de la capacidad", "1 beyond capacity"
    )
    house["coordinator"].fill(f"{CENSUS}stays/{first.id}/discharge", leaving())
    taken = str(stays(house.db)[1].bed_id)
    assert house["coordinator"].fill(url, {"bed_id": taken}).status_code == 422
    assert house["coordinator"].fill(url, {"bed_id": str(first.bed_id)}).status_code == 303
    with house.db.read() as session:
        assert session.scalars(sa.select(OverCapacity)).one().ended_at is not None
    assert "T1" not in house["coordinator"].get(CENSUS).text
    assert house["carer"].get(url).status_code in (403, 404)


def test_a_temporary_place_that_nobody_took_goes_with_its_decision(house: House) -> None:
    admit(house, 3, 4, 5, 6)
    code, _children = house.case(9)
    given = {"reason": "Ningún otro lugar recibe", "until": clock.today().isoformat()}
    house["coordinator"].fill(f"{CENSUS}cases/{code}/over-capacity", given)
    assert "T1" in house["coordinator"].get(CENSUS).text
    assert "T1" in house["coordinator"].get("/").text
    with house.db.write() as session:
        decision = session.scalars(sa.select(OverCapacity)).one()
        decision.until = clock.today() - timedelta(days=1)
    assert "T1" not in house["coordinator"].get(CENSUS).text
    assert "T1" not in house["coordinator"].get("/").text


def test_while_beds_are_free_nobody_decides_beyond_them(house: House) -> None:
    code, _children = house.case(9)
    given = {"reason": "Por si acaso mañana", "until": clock.today().isoformat()}
    url = f"{CENSUS}cases/{code}/over-capacity"
    assert house["coordinator"].fill(url, given).status_code == 409


def test_discharge_frees_the_bed_meets_the_term_and_needs_an_order(house: House) -> None:
    admit(house, 5)
    stay = stays(house.db)[0]
    url = f"{CENSUS}stays/{stay.id}/discharge"
    assert house["coordinator"].fill(url, leaving(released_by="")).status_code == 422
    assert house["coordinator"].fill(url, leaving(receiver="")).status_code == 422
    assert house["coordinator"].fill(url, leaving(left_at="2020-01-01T10:00")).status_code == 422
    assert house["coordinator"].fill(url, leaving()).status_code == 303
    ended = stays(house.db)[0]
    assert ended.status is StayStatus.DISCHARGED
    assert b"Abuela" not in ended.receiver_sealed
    with house.db.read() as session:
        assert session.scalars(sa.select(Term)).one().status is TermStatus.MET
        child = session.scalars(sa.select(CaseChild)).one()
        assert (child.placement, child.placed_by) == (Placement.WITH_FAMILY, None)
    assert house["coordinator"].get(url).status_code == 404
    assert "Abuela" in house["coordinator"].get(f"{CENSUS}stays/{stay.id}").text
    admit(house, 6)


def test_leaving_without_authorisation_needs_no_order(house: House) -> None:
    admit(house, 15)
    stay = stays(house.db)[0]
    given = leaving(destination="unauthorised", released_by="", receiver="")
    assert house["coordinator"].fill(f"{CENSUS}stays/{stay.id}/discharge", given).status_code == 303
    assert stays(house.db)[0].status is StayStatus.GONE
    with house.db.read() as session:
        assert session.scalars(sa.select(Term)).one().status is TermStatus.CANCELLED


def test_a_late_discharge_says_why(house: House) -> None:
    admit(house, 5, admitted_at=ago(30))
    stay = stays(house.db)[0]
    url = f"{CENSUS}stays/{stay.id}/discharge"
    assert house["coordinator"].fill(url, leaving()).status_code == 422
    assert house["coordinator"].fill(url, leaving(late_reason="Sin familia")).status_code == 303


def test_a_carer_sees_the_residents_and_no_case(house: House) -> None:
    code = admit(house, 5)
    stay = stays(house.db)[0]
    census = house["carer"].get(CENSUS)
    assert census.status_code == 200
    assert "Tangara C." in census.text
    assert code not in census.text
    page = house["carer"].get(f"{CENSUS}stays/{stay.id}")
    assert "Tangara C." in page.text
    assert code not in page.text
    assert "PNP" not in page.text
    assert house["carer"].get(f"/cases/{code}").status_code in (403, 404)
    assert house["carer"].get(f"{CENSUS}cases/{code}/admit").status_code in (403, 404)
    assert house["carer"].get(f"{CENSUS}stays/{stay.id}/discharge").status_code in (403, 404)
    assert house["carer"].get(f"{CENSUS}print").status_code == 200


def test_who_may_not_see_the_case_sees_an_occupied_bed(house: House) -> None:
    admit(house, 5)
    stay = stays(house.db)[0]
    shown = house["caseworker"].get(CENSUS).text
    assert "Tangara" not in shown
    assert "Ocupada" in shown or "Occupied" in shown
    assert house["caseworker"].get(f"{CENSUS}stays/{stay.id}").status_code == 404


def test_a_carer_who_is_barred_from_the_case_does_not_see_its_child(house: House) -> None:
    admit(house, 5)
    stay = stays(house.db)[0]
    with house.db.write() as session:
        session.add(
            CaseBar(
                case_id=stay.case_id,
                user_id=house.users["carer"].id,
                kind=BarKind.BARRED,
                reason_sealed=b"x",
                at=clock.now(),
            )
        )
    assert "Tangara" not in house["carer"].get(CENSUS).text
    assert house["carer"].get(f"{CENSUS}stays/{stay.id}").status_code == 404


def test_another_institution_with_the_module_sees_nothing_of_this_place(house: House) -> None:
    code = admit(house, 5)
    stay = stays(house.db)[0]
    car = house.other("CAR-M")
    stranger = house.sign_in(car, Role.COORDINATOR)
    assert "Tangara" not in stranger.get(CENSUS).text
    for url in (f"stays/{stay.id}", f"stays/{stay.id}/discharge", f"cases/{code}/admit"):
        assert stranger.get(CENSUS + url).status_code == 404


def test_residents_are_those_of_the_acting_institution(house: House) -> None:
    admit(house, 5)
    car = house.other("CAR-M")
    carers = [
        Actor(user_id=new_id(), agency_id=agency.id, roles=frozenset({Role.CARER}))
        for agency in (house.agency, car)
    ]
    with house.db.read() as session:
        own, theirs = (list_residents(session, actor) for actor in carers)
        assert [child.label for child in own.values()] == ["Tangara C."]
        assert theirs == {}
        nobody = Actor(user_id=new_id(), roles=frozenset({Role.CARER}))
        assert list_residents(session, nobody) == {}


def test_a_care_home_that_intervenes_admits_to_its_own_beds(house: House) -> None:
    code, children = house.case(9)
    car = house.other("CAR-M")
    case_id = bring(house, code, car, Level.INFORMED)
    home = house.sign_in(car, Role.COORDINATOR)
    url = f"{CENSUS}cases/{code}/admit"
    assert home.get(url).status_code == 403
    with house.db.write() as session:
        party = session.scalars(
            sa.select(CaseParty).where(col(CaseParty.agency_id) == car.id)
        ).one()
        party.level = Level.TEAM
    theirs = beds(house.db)[-1]
    assert home.fill(url, form(children, [theirs])).status_code == 303
    again = house["coordinator"].fill(url, form(children, [beds(house.db)[0]]))
    assert again.status_code == 422
    assert "in care already" in again.text.replace("Ya está en acogida", "in care already")
    assert "Casa CAR-M" not in again.text
    with house.db.write() as session, pytest.raises(Conflict):
        end_party(
            session, system_actor(house.agency.id), case_id, party_id=party.id, reason="Prueba"
        )


def test_what_is_written_on_the_case_names_no_place(house: House) -> None:
    admit(house, 5)
    with house.db.read() as session:
        for entry in session.scalars(sa.select(Entry)):
            assert "Casa" not in str(entry.facts) + entry.text
            assert entry.circle in (Circle.TEAM, Circle.SEALED, Circle.PARTIES)


def test_a_case_does_not_close_while_a_child_stays(house: House) -> None:
    code = admit(house, 5)
    answer = house["coordinator"].fill(f"/cases/{code}/close", {"explanation": "Retorno"})
    assert answer.status_code == 422
    assert CENSUS in answer.text
    with house.db.read() as session:
        case_id = session.scalars(sa.select(col(Case.id))).one()
        found = host.case_objections(session, system_actor(), case_id, "close", {house.agency.id})
        assert [each.where for each in found] == [""]
        assert (
            host.calling.objections_of(
                "shelter", session, system_actor(), CaseRef(case_id), "merge"
            )
            == []
        )


def test_the_module_is_not_switched_off_while_children_stay(house: House) -> None:
    admit(house, 5, 6)
    with house.db.write() as session, pytest.raises(services.Objected) as caught:
        services.disable(session, system_actor(), "shelter", house.agency.id)
    objection = caught.value.objections[0]
    assert "2" in str(objection.text)
    assert objection.where == f"Casa {house.agency.code}"


def test_a_place_whose_module_is_off_is_offered_to_nobody(house: House) -> None:
    car = house.other("CAR-M")
    admit(house, 3, 4, 5, 6)
    code, _children = house.case(9)
    url = f"{CENSUS}cases/{code}/admit"
    assert "Agency CAR-M" in house["coordinator"].get(url).text
    for turn in (services.disable, services.enable):
        with house.db.write() as session:
            turn(session, system_actor(), "shelter", car.id)
        events.deliver(house.db, session)
        shown = "Agency CAR-M" in house["coordinator"].get(url).text
        assert shown is (turn is services.enable)


def test_a_moved_term_moves_the_stay(house: House) -> None:
    admit(house, 5)
    stay = stays(house.db)[0]
    with house.db.write() as session:
        term = session.get_one(Term, stay.term_id)
        term.due_on += timedelta(days=7)
        events.record(session, TermMoved(stay.case_id, term.id, house.agency.id))
        moved = term.due_on
    events.deliver(house.db, session)
    assert stays(house.db)[0].expected_on == moved


def test_the_panel_stands_on_the_case_for_its_own_place_only(house: House) -> None:
    code = admit(house, 5)
    stay = stays(house.db)[0]
    assert f"/p/shelter/stays/{stay.id}" in house["coordinator"].get(f"/cases/{code}").text


def test_a_carer_is_told_of_a_stay_that_ends(house: House) -> None:
    admit(house, 5)
    ends_on = stays(house.db)[0].expected_on
    assert ends_on
    for ahead, is_told in ((3, False), (2, True)):
        then = datetime.combine(ends_on - timedelta(days=ahead), time(9), clock.LIMA)
        with clock.at(then):
            told = house.sign_in(house.agency, Role.CARER).get("/").text
            untold = house.sign_in(house.agency, Role.COORDINATOR).get("/").text
        assert ("Tangara C." in told) is is_told
        assert "Tangara C." not in untold


def test_siblings_whose_terms_end_together_share_a_line(house: House) -> None:
    code = admit(house, 5, 9, admitted_at=ago(13))
    home = house["coordinator"].get("/").text
    assert home.count(f"{code} · ") == 1
    assert "(×2)" in home


def test_the_administrator_sets_up_beds_up_to_the_capacity(house: House) -> None:
    admin = house["admin"]
    assert admin.get(CENSUS).status_code in (403, 404)
    data = {"name": "Casa nueva", "kind": "reception", "capacity": "5", "shares_vacancies": "1"}
    assert admin.fill("/p/shelter/place", data).status_code == 303
    bed = {"room": "B", "label": "5"}
    assert admin.fill("/p/shelter/beds/new", {**bed, "label": "4"}).status_code == 422
    assert admin.fill("/p/shelter/beds/new", bed).status_code == 303
    assert admin.fill("/p/shelter/beds/new", {**bed, "label": "6"}).status_code == 422
    assert admin.fill("/p/shelter/place", {**data, "capacity": "4"}).status_code == 422
    admit(house, 5)
    taken, free = beds(house.db)[0], beds(house.db)[-1]
    marks = {"_agency": str(house.agency.id)}
    assert admin.post(f"/p/shelter/beds/{taken}/retire", marks).status_code == 409
    assert admin.post(f"/p/shelter/beds/{free}/retire", marks).status_code == 303
    shown = admin.get("/p/shelter/place").text
    assert ADDRESS not in shown
    assert "Tangara" not in shown


def test_the_address_stays_when_the_form_leaves_it_empty(house: House) -> None:
    data = {"name": "Casa nueva", "kind": "reception", "capacity": "5"}
    assert house["admin"].fill("/p/shelter/place", data).status_code == 303
    with house.db.read() as session:
        place = find_place(session, house.agency.id)
        assert place is not None
        assert address_of(session, place) == ADDRESS


def test_pages_cost_the_same_for_one_child_and_for_many(
    house: House, statements: Statements
) -> None:
    admit(house, 5)
    counts = []
    for first in (1, 2):
        admit(house, *range(5, 5 + first), first=first)
        statements.seen.clear()
        house["coordinator"].get(CENSUS)
        house["carer"].get(CENSUS)
        counts.append(statements.count)
    assert counts[0] == counts[1]


def test_reading_the_census_and_a_stay_is_recorded(house: House) -> None:
    admit(house, 5)
    stay = stays(house.db)[0]
    house["carer"].get(f"{CENSUS}stays/{stay.id}")
    with house.db.read() as session:
        actions = set(session.scalars(sa.text("SELECT action FROM portal_audit_entry")))
    assert {"shelter.stay.admit", "shelter.stay.read", "cases.resident.list"} <= actions


def test_a_person_is_given_out_and_erased(house: House) -> None:
    admit(house, 5)
    stay = stays(house.db)[0]
    with house.db.read() as session:
        parts = host.calling.export_person(session, stay.person_id, ["shelter"])
        assert parts[0].rows[0]["How the child arrived"].startswith("Llegan")
    for held, expected in (({stay.case_id}, (0, 1)), (set(), (1, 0))):
        plan = ErasurePlan(
            id=stay.id,
            person_id=stay.person_id,
            reason="pedido",
            held_case_ids=frozenset(held),
        )
        with house.db.write() as session:
            erased = host.calling.erase_person(session, stay.person_id, plan, ["shelter"])
        assert (erased[0].erased, erased[0].held) == expected
    assert stays(house.db)[0].arrival_sealed == b""
    assert house["coordinator"].get(f"{CENSUS}stays/{stay.id}").status_code == 200


def test_it_is_meant_for_places_of_care_only(house: House) -> None:
    with house.db.write() as session:
        agency_id = make_agency(session, "DP", AgencyKind.DEFENSORIA).id
    with house.db.write() as session, pytest.raises(Exception, match="not meant"):
        services.enable(session, system_actor(), "shelter", agency_id)
