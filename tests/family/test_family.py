"""The family of a case: registered at once, added, changed, struck, read by whoever may."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor, AgencyKind, Role
from portal.cases.models import (
    Case,
    CaseChild,
    CaseGrant,
    CaseRight,
    Entry,
    Level,
    Placement,
    Right,
)
from portal.db import new_id
from portal.db.sealing import unseal
from portal.errors import Forbidden, Invalid, NotFound
from portal.family import personal, queries, services
from portal.family.inputs import AddRelative, EditRelative, RegisterFamily
from portal.family.models import Relation
from portal.people.inputs import PersonDetails
from portal.people.models import DocumentKind, Person
from portal.personal import Ending, ErasurePlan
from portal.retention import rooms
from tests.factories.care import new_case
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import CHILD, House

WHERE = "Casa de la tía, jr. Secreto 45"


def actor_at(house: House, name: str) -> Actor:
    agency = house.agencies[house.homes[name]]
    return Actor(house.users[name].id, agency.id, agency.kind, frozenset({Role.COORDINATOR}))


def case_id_of(session: Session, code: str) -> UUID:
    return session.scalars(sa.select(col(Case.id)).where(col(Case.code) == code)).one()


def grandmother(**changes: object) -> AddRelative:
    given = {
        "relation": "maternal_grandparent",
        "given_names": "Shapaja",
        "first_surname": "D'Ávila",
        "sex": "female",
        "estimated_age": 90,
        "lives_with": True,
        "is_caregiver": True,
        "said_by": "La vecina",
        "whereabouts": WHERE,
        **changes,
    }
    return AddRelative.model_validate(given)


def family(**changes: object) -> RegisterFamily:
    ages = (17, 15, 13, 12, 9, 7, 4, 0)
    given = {
        "first_surname": "Ñahui",
        "second_surname": "De la Cruz",
        "people": "Kichwa",
        "language": "Kichwa",
        "interpreter_needed": True,
        "children": [
            {"given_names": f"Tangara {age}", "estimated_age": age, "sex": "female"} for age in ages
        ],
        "whereabouts": "Al lado del río, casa sin número",
        "adults": [
            {"relation": "mother", "given_names": "Lupuna", "has_died": True},
            {"relation": "maternal_grandparent", "given_names": "Shapaja", "is_caregiver": True},
        ],
        "said_by": "La abuela",
        **changes,
    }
    return RegisterFamily.model_validate(given)


@ON_BOTH
def test_eight_siblings_in_one_form_share_what_is_written_once(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        children = services.register_family(session, boss, house.case_id, family())
        case = house.case(session)
        assert len(children) == 8
        assert {child.first_surname for child in children} == {"Ñahui"}
        assert {child.people for child in children} == {"Kichwa"}
        assert all(child.interpreter_needed for child in children)
        rows = session.scalars(
            sa.select(CaseChild).where(
                col(CaseChild.person_id).in_([child.id for child in children])
            )
        ).all()
        assert {row.placement for row in rows} == {Placement.WITH_FAMILY}
        row = rows[-1]
        told = unseal(
            session,
            case.id,
            "portal_case_child",
            "whereabouts_sealed",
            row.id,
            row.whereabouts_sealed or b"",
        )
        assert told.startswith("Al lado del río")
        rights = session.scalar(
            sa.select(sa.func.count())
            .select_from(CaseRight)
            .where(col(CaseRight.person_id).in_([child.id for child in children]))
        )
        assert rights == 8 * len(Right)
        relatives = queries.list_relatives(session, boss, case)
        assert [(row.relation, row.has_died) for row in relatives] == [
            (Relation.MOTHER, True),
            (Relation.MATERNAL_GRANDPARENT, False),
        ]


def test_a_child_keeps_the_surname_of_its_own(house: House) -> None:
    children = [{"given_names": "Garza", "second_surname": "Topa"}, {"given_names": "Paucar"}]
    with house.db.write() as session:
        made = services.register_family(
            session, actor_at(house, "upe-boss"), house.case_id, family(children=children)
        )
        assert [(child.first_surname, child.second_surname) for child in made] == [
            ("", "Topa"),
            ("Ñahui", "De la Cruz"),
        ]


def test_a_number_that_stands_twice_is_refused_beside_its_field(house: House) -> None:
    twice = {"document_kind": "dni", "document_number": "71234567"}
    with house.db.write() as session, pytest.raises(Invalid) as refused:
        services.register_family(
            session,
            actor_at(house, "upe-boss"),
            house.case_id,
            family(children=[{"given_names": "Garza"}, {"given_names": "Paucar", **twice}]),
        )
    assert [each.field for each in refused.value.problems] == ["children-1-document_number"]


def test_nobody_written_is_nobody_registered(house: House) -> None:
    with house.db.write() as session, pytest.raises(Invalid):
        services.register_family(
            session,
            actor_at(house, "upe-boss"),
            house.case_id,
            family(children=[], adults=[]),
        )


def test_where_a_relative_is_is_read_by_few_unless_it_is_open(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    boss, health = actor_at(house, "upe-boss"), actor_at(house, "sal-boss")
    with house.db.write() as session:
        relative = services.add_relative(session, boss, house.case_id, grandmother())
        assert WHERE.encode() not in (relative.whereabouts_sealed or b"")
    with house.db.read() as session:
        case = house.case(session)
        row = queries.get_relative(session, health, case, relative.id)
        assert queries.whereabouts_of(session, boss, case, row) == WHERE
        with pytest.raises(Forbidden):
            queries.whereabouts_of(session, health, case, row)
    with house.db.write() as session, pytest.raises(Forbidden):
        services.set_whereabouts(
            session,
            health,
            house.case_id,
            relative_id=relative.id,
            whereabouts="Otra parte",
            whereabouts_open=True,
        )
    with house.db.write() as session:
        services.set_whereabouts(
            session,
            boss,
            house.case_id,
            relative_id=relative.id,
            whereabouts=WHERE,
            whereabouts_open=True,
        )
    with house.db.read() as session:
        case = house.case(session)
        row = queries.get_relative(session, health, case, relative.id)
        assert queries.whereabouts_of(session, health, case, row) == WHERE


def test_whoever_collaborates_reads_nothing_of_the_family(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    with house.db.write() as session:
        relative = services.add_relative(
            session, actor_at(house, "upe-boss"), house.case_id, grandmother()
        )
    health = actor_at(house, "sal-boss")
    with house.db.read() as session:
        case = house.case(session)
        assert queries.list_relatives(session, health, case) == []
        for get in (
            lambda: queries.get_relative(session, health, case, relative.id),
            lambda: queries.get_member(session, health, case, relative.person_id),
        ):
            with pytest.raises(NotFound):
                get()
    page = house.at("sal-boss").get(f"/cases/{house.code}/family")
    assert page.status_code == 404
    with house.db.write() as session, pytest.raises(Forbidden):
        services.add_relative(session, health, house.case_id, grandmother())


@ON_BOTH
def test_a_relation_holds_to_some_children_and_until_a_day(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        children = services.register_family(session, boss, house.case_id, family(adults=[]))
        relative = services.add_relative(
            session, boss, house.case_id, grandmother(relation="father")
        )
        services.edit_relative(
            session,
            boss,
            house.case_id,
            relative_id=relative.id,
            given=EditRelative(
                relation=Relation.FATHER,
                child_ids=[children[0].id],
                since=date(2020, 1, 1),
                until=date(2024, 5, 1),
            ),
        )
        row = queries.list_relatives(session, boss, house.case(session))[0]
        assert row.is_of(children[0].id)
        assert not row.is_of(children[1].id)
        assert not row.is_current(date(2026, 1, 1))
        assert row.lives_with is False
        with pytest.raises(Invalid):
            services.edit_relative(
                session,
                boss,
                house.case_id,
                relative_id=relative.id,
                given=EditRelative(relation=Relation.FATHER, child_ids=[relative.person_id]),
            )


@ON_BOTH
def test_who_was_struck_stays_in_the_list_and_no_more(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        relative = services.add_relative(session, boss, house.case_id, grandmother())
        services.strike_relative(
            session, boss, house.case_id, relative_id=relative.id, reason="Era la vecina"
        )
        row = queries.list_relatives(session, boss, house.case(session))[0]
        assert row.struck_at
        assert not row.is_current(date(2026, 1, 1))


@ON_BOTH
def test_sensitive_conditions_are_encrypted_and_come_back(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        child = session.scalar(sa.select(Person).where(col(Person.document_number) == "71234567"))
        assert child
        services.identify(
            session,
            boss,
            house.case_id,
            person_id=child.id,
            given=PersonDetails(
                given_names="Paucar",
                document_kind=DocumentKind.ACTA,
                document_number="6300-1",
                disability="Síndrome de Down",
                pregnancy="20 semanas",
            ),
        )
        assert b"Down" not in (child.disability_sealed or b"")
        assert queries.get_member(session, boss, house.case(session), child.id) is child
        entry = session.scalars(
            sa.select(Entry).where(col(Entry.title) == "Identity data updated")
        ).one()
        assert entry.text == ""


def test_the_same_adult_is_found_where_the_other_case_is_read(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    same = {"document_kind": "dni", "document_number": "40000001"}
    born = {"given_names": "Lupuna", "first_surname": "Ñahui", "born_on": "1985-02-03"}
    with house.db.write() as session:
        other, _children = new_case(session, house.agencies["UPE"], 5)
        hidden, _children = new_case(session, house.agencies["DEM"], 5)
        here = services.add_relative(session, boss, house.case_id, grandmother(**same, **born))
        accents = {"given_names": "LUPUNA", "first_surname": "Nahui", "born_on": "1985-02-03"}
        upe = Actor(None, house.agencies["UPE"].id, AgencyKind.UPE, is_system=True)
        for code in (other, hidden):
            case_id = case_id_of(session, code)
            services.add_relative(session, upe, case_id, grandmother(**accents))
        case = house.case(session)
        found = queries.find_elsewhere(
            session, boss, case, queries.list_relatives(session, boss, case)
        )
        assert found == {here.person_id: [other]}


@ON_BOTH
def test_homonyms_with_other_numbers_are_not_one(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    born = {"given_names": "Lupuna", "first_surname": "Ñahui", "born_on": "1985-02-03"}
    with house.db.write() as session:
        other, _children = new_case(session, house.agencies["UPE"], 5)
        for code, number in ((house.code, "40000001"), (other, "40000002")):
            case_id = case_id_of(session, code)
            given = grandmother(document_kind="dni", document_number=number, **born)
            services.add_relative(session, boss, case_id, given)
        case = house.case(session)
        listed = queries.list_relatives(session, boss, case)
        assert queries.find_elsewhere(session, boss, case, listed) == {}


@ON_BOTH
def test_an_erased_case_leaves_no_relative_but_who_is_of_another(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        relative = services.add_relative(session, boss, house.case_id, grandmother())
        copy = rooms.export_person(session, relative.person_id)
        told = [part for part in copy if part.table == "portal_relative"]
        assert [part.is_reserved for part in told] == [False, True]
        assert WHERE in str(told[1].rows)
        rooms.erase_records(
            session,
            Ending(
                id=new_id(),
                case_ids=frozenset([house.case_id]),
                alert_ids=frozenset(),
            ),
        )
        person = session.get_one(Person, relative.person_id)
        assert (person.given_names, person.born_on, relative.said_by) == ("", None, "")
        assert relative.whereabouts_sealed is None


def test_the_pages_of_a_family(house: House) -> None:
    page = house.at("upe-boss")
    url = f"/cases/{house.code}/family"
    assert "No hay" not in page.get(url).text
    new = page.get(f"{url}/new").text
    assert new.count('name="children-') // 7 == 4
    more = page.post(f"{url}/new", {**page.marks(f"{url}/new"), "_add": "children"}).text
    assert 'name="children-7-given_names"' in more
    typed = {
        "children-1-given_names": "Paucar",
        "children-1-document_kind": "dni",
        "children-1-document_number": "123",
        "adults-0-relation": "father",
        "language": "Kichwa",
        "interpreter_needed": "1",
    }
    wrong = page.fill(f"{url}/new", typed)
    assert wrong.status_code == 422
    (said,) = re.findall(r'<a href="#children-1-document_number">(.*?):', wrong.text)
    assert re.fullmatch(r"Niña, niño o adolescente \d, número", said)
    right = page.fill(f"{url}/new", {**typed, "children-1-document_number": "12345678"})
    assert right.status_code == 303
    shown = page.get(url).text
    assert "DNI 12345678" in shown
    assert "Lengua: Kichwa · necesita intérprete" in shown
    assert "<svg" in shown
    assert shown.count('class="person"') == 2 * 2 + 1
    assert "style=" not in shown


def test_what_tells_a_child_apart_may_change_and_never_end(house: House) -> None:
    with house.db.read() as session:
        child = session.scalar(sa.select(Person).where(col(Person.document_number) == "71234567"))
    assert child
    url = f"/cases/{house.code}/family/people/{child.id}"
    page = house.at("upe-boss")
    empty = {"sex": "female", "language": "Kichwa", "document_kind": "dni"}
    number = {"document_number": "71234567"}
    refused = page.fill(url, {**empty, **number, "given_names": "  "})
    assert refused.status_code == 422
    assert 'href="#given_names"' in refused.text
    said = refused.text.split('id="given_names-said"')[1].split("</span>")[0]
    assert "Deje un nombre, aunque sea asignado, o una descripción" in said
    assert 'value="Kichwa"' in refused.text
    described = {**empty, **number, "description": "Cicatriz en la ceja izquierda"}
    assert page.fill(url, described).status_code == 303
    assert page.fill(url, {**empty, **number}).status_code == 422
    assigned = {**empty, **number, "given_names": "Luna", "name_is_assigned": "1"}
    assert page.fill(url, assigned).status_code == 303


@ON_BOTH
def test_two_people_at_once_see_both_texts(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        relative = services.add_relative(session, boss, house.case_id, grandmother())
    first, second = house.at("upe-boss"), house.at("upe-boss")
    url = f"/cases/{house.code}/family/{relative.id}"
    marks = second.marks(url)
    assert first.fill(url, {"relation": "grandparent", "note": "Vive cerca"}).status_code == 303
    late = second.post(url, {**marks, "relation": "carer", "note": "No vive cerca"})
    assert late.status_code == 409
    assert "Vive cerca" in late.text
    assert "No vive cerca" in late.text


@ON_BOTH
def test_a_child_erased_alone_takes_along_who_was_its_relative_alone(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    with house.db.write() as session:
        first, second = services.register_family(
            session,
            boss,
            house.case_id,
            family(children=[{"given_names": "Garza"}, {"given_names": "Tunqui"}], adults=[]),
        )
        own, shared, of_all = (
            services.add_relative(
                session, boss, house.case_id, grandmother(given_names=name, child_ids=whose)
            )
            for name, whose in (
                ("Lupuna", [first.id]),
                ("Cedro", [first.id, second.id]),
                ("Caoba", []),
            )
        )
        case_ids = frozenset([house.case_id])
        plan = ErasurePlan(
            id=new_id(),
            person_id=first.id,
            reason="-",
            held_case_ids=case_ids,
            shared_case_ids=case_ids,
        )
        erased = personal.erase_person(session, first.id, plan)
        assert own.person_id in frozenset().union(*[part.scopes for part in erased])
        rows = queries.list_relatives(session, boss, house.case(session))
        told = {row.id: (row.given_names, row.child_ids, bool(row.struck_at)) for row in rows}
        assert told == {
            own.id: ("", frozenset([first.id]), True),
            shared.id: ("Cedro", frozenset([second.id]), False),
            of_all.id: ("Caoba", frozenset(), False),
        }


def test_in_an_emergency_no_institution_of_the_table_is_named(house: House) -> None:
    with house.db.write() as session:
        home = actor_at(house, "upe-boss")
        services.add_relative(session, home, house.case_id, grandmother())
        agency = house.agencies["DEM"]
        opened = clock.now()
        session.add(
            CaseGrant(
                case_id=house.case_id,
                agency_id=agency.id,
                user_id=house.users["dem-boss"].id,
                reason_sealed=b"-",
                opened_at=opened,
                until=opened + timedelta(hours=1),
                review_due_on=opened.date(),
            )
        )
    shown = house.at("dem-boss").get(f"/cases/{house.code}/family").text
    assert "Shapaja" in shown
    assert "Lo informa: La vecina</span>" in shown
    assert "Paradero de acceso restringido" in shown
    assert "/family/new" not in shown


@ON_BOTH
def test_the_table_says_what_the_drawing_shows_and_the_paper_who_printed_it(house: House) -> None:
    """Parents who stand apart, children of one birth; in words for who cannot see the drawing."""
    boss, url = house.at("upe-boss"), f"/cases/{house.code}/family"
    mother = {"relation": "mother", "given_names": "Lupuna", "parting": "divorced"}
    assert boss.fill(f"{url}/add", mother).status_code == 303
    wrong = boss.fill(f"{url}/add", {**mother, "relation": "sibling"})
    assert wrong.status_code == 422
    assert "Solo de la madre o del padre" in wrong.text
    born = {"relation": "sibling", "given_names": "Tangara", "born_on": CHILD["born_on"]}
    assert boss.fill(f"{url}/add", born).status_code == 303
    page = boss.get(url).text
    assert "divorciada o divorciado del otro progenitor" in page
    assert f"Nació junto con {CHILD['given_names']}" in page
    assert "Nació junto con Tangara" in page
    assert "Impreso por Persona upe-boss, UPE San Martín" in page


def test_who_is_only_informed_reads_no_family(house: House) -> None:
    """The level shows what is addressed to it, with the identity ticked there, and no relatives."""
    house.put_on_case("SAL", Level.INFORMED)
    stranger = house.at("sal-boss")
    assert stranger.get(f"/cases/{house.code}").status_code == 200
    assert stranger.get(f"/cases/{house.code}/family").status_code == 404
    for page in ("family/add", f"family/people/{new_id()}"):
        assert stranger.get(f"/cases/{house.code}/{page}").status_code == 403
    assert f"/cases/{house.code}/family" not in stranger.get(f"/cases/{house.code}").text


def test_the_form_for_siblings_begins_where_the_children_of_the_case_are(house: House) -> None:
    """With whom they are is chosen already and stands in words; the place itself is not shown."""
    with house.db.write() as session:
        child = session.scalars(
            sa.select(CaseChild).where(col(CaseChild.case_id) == house.case_id)
        ).one()
        child.placement = Placement.HOSPITAL
    boss, url = house.at("upe-boss"), f"/cases/{house.code}/family/new"
    page = boss.get(url).text
    assert '<option value="hospital" selected>' in page
    assert "en un establecimiento de salud. <a" in page or "hospital" in page
    assert f"Ya están en el caso: {CHILD['given_names']} " in " ".join(page.split())
    with house.db.write() as session:
        session.get_one(CaseChild, child.id).placement = Placement.IN_CARE
    again = boss.get(url).text
    assert "selected" not in again.split('id="placement"')[1].split("</select>")[0]
