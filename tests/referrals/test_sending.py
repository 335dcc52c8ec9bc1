"""A referral is shown before it is sent, and goes to an institution or to a unit of it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from portal import clock
from portal.actor import AgencyKind, Role, system_actor
from portal.cases.models import CaseChild
from portal.family.models import Relation, Relative, RelativeChild
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.referrals.models import Referral, ReferralStatus
from portal.referrals.rules import IdentityField, minimum_for
from tests.conftest import Statements
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import asked, send, stands
from tests.sharing.conftest import CHILD, DOCUMENT, House

MOTHER, GRANDMOTHER = "Capirona Cedro", "Shihuahuaco Ñahui"


def new(house: House) -> str:
    return f"/cases/{house.code}/referrals/new"


def count(house: House) -> int:
    with house.db.read() as session:
        return len(session.exec(select(Referral.id)).all())


def ticked(text: str, field: IdentityField) -> bool:
    return f'value="{field.value}" checked' in text


def seen(text: str) -> str:
    """Return the part of the form that shows what the receiver will see."""
    return text[text.index('id="seen"') :]


def give_family(house: House) -> None:
    """Give the child a mother, who is in prison, and a grandmother who cares for it."""
    with house.db.write() as session:
        child = session.exec(select(CaseChild.person_id)).one()
        for name, relation, cares in (
            (MOTHER, Relation.MOTHER, False),
            (GRANDMOTHER, Relation.MATERNAL_GRANDPARENT, True),
        ):
            given, surname = name.split()
            person = register_person(
                session, system_actor(), PersonInput(given_names=given, first_surname=surname)
            )
            row = Relative(
                case_id=house.case_id,
                person_id=person.id,
                relation=relation,
                is_caregiver=cares,
                recorded_at=clock.now(),
            )
            session.add(row)
            session.flush()
            session.add(RelativeChild(relative_id=row.id, person_id=child))


def test_it_is_shown_as_the_receiver_will_see_it_before_it_is_sent(
    desk: House, statements: Statements
) -> None:
    boss = desk.at("upe-boss")
    given = {key: value for key, value in asked(desk, "REN").items() if key != "shown"}
    first = boss.fill(new(desk), {**given, "identity_fields": []})
    assert first.status_code == 200
    assert count(desk) == 0
    assert "Aún no se envía" in first.text
    shown = seen(first.text)
    assert given["asked"] in shown
    assert DOCUMENT in shown
    for field in IdentityField:
        assert ticked(shown, field) == (field in minimum_for(AgencyKind.CIVIL_REGISTRY)), field
    # Something was taken away since: it is shown anew, and sent once that was seen.
    fewer = boss.fill(
        new(desk), {**given, "shown": asked(desk, "REN", identity_fields=[])["shown"]}
    )
    assert (fewer.status_code, count(desk)) == (200, 0)
    assert DOCUMENT not in seen(fewer.text)
    url = boss.fill(new(desk), asked(desk, "REN", contact="Abuela, 942 000 555")).location
    received = desk.at("ren-boss").get(url).text
    for text in (given["asked"], CHILD["given_names"], "Abuela, 942 000 555"):
        assert text in received
    assert DOCUMENT not in received
    statements.seen.clear()
    assert boss.get(f"{new(desk)}?to={desk.agencies['REN'].id}").status_code == 200
    assert statements.count <= 30


@ON_BOTH
def test_another_institution_gets_the_minimum_of_its_own_kind(desk: House) -> None:
    give_family(desk)
    with desk.db.write() as session:
        session.merge(desk.agencies["JUZ"]).kind = AgencyKind.PRISON
    boss = desk.at("upe-boss")
    moved = {**asked(desk, "JUZ"), "shown": asked(desk, "REN")["shown"]}
    shown = seen(boss.fill(new(desk), moved).text)
    assert MOTHER in shown
    assert GRANDMOTHER not in shown
    assert CHILD["given_names"] not in shown
    health = {**asked(desk, "SAL"), "shown": ""}
    shown = seen(boss.fill(new(desk), health).text)
    assert GRANDMOTHER in shown
    assert MOTHER not in shown


def test_a_network_passes_it_on_to_its_centre_which_accepts(desk: House) -> None:
    url = send(desk, "RED", right="growth")
    red, cen, upe = desk.at("red-boss"), desk.at("cen-boss"), desk.at("upe-boss")
    assert "Pasar a una unidad" in red.get(url).text
    assert cen.get(url).status_code == 404
    wrong = {"unit_id": str(desk.agencies["SAL"].id)}
    assert red.fill(f"{url}/pass-on", wrong).status_code == 422
    passed = red.fill(f"{url}/pass-on", {"unit_id": str(desk.agencies["CEN"].id)})
    assert passed.status_code == 303
    desk.work()
    assert "Una derivación espera" in cen.get("/notices").text
    assert "Centro de Salud Alto" in upe.get(url).text
    assert "Red de Salud" in upe.get(url).text
    # The network follows it and acts no more on it.
    assert red.get(url).status_code == 200
    assert url not in red.get("/").text
    refused = red.fill(url, to=f"{url}/accept")
    assert refused.status_code == 403
    assert "Centro de Salud Alto" in refused.text
    assert cen.fill(url, to=f"{url}/accept").status_code == 303
    assert stands(desk, url).status is ReferralStatus.ACCEPTED
    assert desk.at("sal-boss").get(url).status_code == 404


def test_nothing_is_passed_on_to_a_unit_where_nobody_would_see_it(desk: House) -> None:
    url = send(desk, "RED", right="growth")
    with desk.db.write() as session:
        session.merge(desk.agencies["JUZ"]).parent_id = desk.agencies["RED"].id
    answer = desk.at("red-boss").fill(f"{url}/pass-on", {"unit_id": str(desk.agencies["JUZ"].id)})
    assert answer.status_code == 422
    assert "atiéndala su institución" in answer.text
    # Somebody to whom nothing comes before it is assigned does not see it either.
    with desk.db.write() as session:
        desk.add(session, "JUZ", "juz-worker", Role.CASEWORKER)
    again = {"unit_id": str(desk.agencies["JUZ"].id)}
    assert desk.at("red-boss").fill(f"{url}/pass-on", again).status_code == 422
    shown = desk.at("upe-boss").get(f"{new(desk)}?to={desk.agencies['JUZ'].id}").text
    assert "no tiene coordinación" in shown
    assert stands(desk, url).to_agency_id == desk.agencies["RED"].id


@pytest.mark.parametrize("accepted", [True, False])
def test_a_unit_returns_it_to_whoever_sent_it(desk: House, accepted: bool) -> None:
    url = send(desk, "RED", right="growth")
    red = desk.at("red-boss")
    if accepted:
        assert red.fill(url, to=f"{url}/accept").status_code == 303
    red.fill(f"{url}/pass-on", {"unit_id": str(desk.agencies["CEN"].id)})
    given = {"reason": "no_capacity", "words": "Sin cupo esta semana"}
    assert desk.at("cen-boss").fill(f"{url}/return", given).status_code == 303
    assert "Sin cupo" in desk.at("upe-boss").get(url).text
    assert red.get(url).status_code == 404


def test_a_unit_is_chosen_under_its_institution(desk: House) -> None:
    text = desk.at("upe-boss").get(new(desk)).text
    assert "Red de Salud › Centro de Salud Alto" in text
    url = send(desk, "CEN", right="growth", due_on=(clock.today() + timedelta(days=9)).isoformat())
    assert desk.at("cen-boss").get(url).status_code == 200
    assert desk.at("red-boss").get(url).status_code == 404
