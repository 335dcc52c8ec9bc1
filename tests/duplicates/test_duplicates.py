"""A child known twice: found, told, linked, merged, undone; and what neither side may learn."""

import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal import clock
from portal.actor import Actor, Role, system_actor
from portal.cases.models import Case, CaseChild, CaseParty, Entry, Level
from portal.cases.queries import is_current, visible_cases
from portal.cases.services import close_case, open_case, set_shield
from portal.cases.worklist import differences
from portal.db import rows
from portal.duplicates.inputs import GiveAnswer, SameAs
from portal.duplicates.models import Answer, Basis, Match, MatchParty, MatchState
from portal.duplicates.queries import get_proposal, home_items
from portal.duplicates.services import answer_match, open_to_all, say_same, undo_merge
from portal.errors import Conflict, Invalid
from portal.family.inputs import AddRelative, EditRelative
from portal.family.models import Relative
from portal.family.services import add_relative, edit_relative
from portal.notifications.models import Notice
from portal.people.inputs import PersonInput
from portal.people.models import DocumentKind, Person
from portal.people.services import register_person, update_person
from tests.factories.closing import concluded
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import CHILD, DOCUMENT, House, house

__all__ = ["house"]
MAY = frozenset({"duplicates.match.answer", "duplicates.match.read"})
SAME_CHILD = {**CHILD, "given_names": "Paukar", "first_surname": "Sedro", "second_surname": ""}


def who(house: House, name: str, *roles: Role) -> Actor:
    """Return a person of the house as a request would find them."""
    agency = house.agencies[house.homes[name]]
    return Actor(
        user_id=house.users[name].id,
        agency_id=agency.id,
        agency_kind=agency.kind,
        roles=frozenset(roles or {Role.COORDINATOR}),
        permissions=MAY,
    )


def second_case(house: House, agency: str = "DEM", **child: Any) -> str:
    """Register the child again in a case of another institution; return its code."""
    given = {**SAME_CHILD, **child}
    district = given.pop("district")
    with house.db.write() as session:
        person = register_person(session, system_actor(), PersonInput.model_validate(given))
        first = house.case(session)
        case = open_case(
            session,
            system_actor(house.agencies[agency].id),
            lead_agency_id=house.agencies[agency].id,
            situation=first.situation,
            priority=first.priority,
            district=district,
            summary="Otro relato",
            person_ids=[person.id],
            received_at=clock.now(),
        )
        code = case.code
    house.work()
    return code


def the_match(house: House) -> Match:
    """Return the one proposal there is."""
    with house.db.read() as session:
        return session.exec(select(Match)).one()


def matches(house: House) -> int:
    """Return how many proposals there are."""
    with house.db.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Match)) or 0


def say(house: House, name: str, says: Answer) -> MatchState:
    """Answer for one's side."""
    with house.db.write() as session:
        match = session.exec(select(Match)).one()
        given = GiveAnswer(says=says, reason="Lo vimos en el DNI")
        return answer_match(session, who(house, name), match.id, given).state


def sees(house: House, name: str, code: str) -> bool:
    """Tell whether a person sees a case."""
    with house.db.read() as session:
        rule = sa.select(sa.exists().where(col(Case.code) == code, visible_cases(who(house, name))))
        return bool(session.scalar(rule))


def test_a_like_child_is_proposed_to_both_leads_and_told_to_neither_who_asks(house: House) -> None:
    code = second_case(house)
    match = the_match(house)
    assert (match.basis, match.state) == (Basis.NAME, MatchState.OPEN)
    for name, own, other in (("upe-boss", house.code, code), ("dem-boss", code, house.code)):
        browser = house.at(name)
        with house.db.read() as session:
            notice = session.exec(
                select(Notice).where(
                    Notice.user_id == house.users[name].id,
                    col(Notice.url) == f"/duplicates/{match.id}",
                )
            ).one()
        assert notice.facts == {"code": own}
        home = browser.get("/").text
        page = browser.get(f"/duplicates/{match.id}").text
        assert f"/duplicates/{match.id}" in home
        assert own in page
        for text in (home, page, browser.get("/notices").text):
            assert other not in text
            assert house.agencies["DEM" if name == "upe-boss" else "UPE"].name not in text
    strangers = ("sal-boss", "upe-worker", "upe-admin", "dem-privacy")
    for name in strangers:
        assert house.at(name).get(f"/duplicates/{match.id}").status_code == 404


@ON_BOTH
@pytest.mark.parametrize(
    "child",
    [
        {"district": "220101"},
        {"born_on": "2012-03-02"},
        {"given_names": "Tangara"},
        {"document_kind": "dni", "document_number": "79999999"},
    ],
)
def test_homonyms_and_what_does_not_fit_are_not_proposed(
    house: House, child: dict[str, str]
) -> None:
    second_case(house, **child)
    assert matches(house) == 0


def test_the_same_number_is_enough_wherever_it_is(house: House) -> None:
    second_case(
        house,
        given_names="Desconocido",
        first_surname="",
        district="220101",
        document_kind="dni",
        document_number=DOCUMENT,
    )
    assert the_match(house).basis is Basis.DOCUMENT


@ON_BOTH
def test_what_is_learned_later_is_compared_too_and_a_pair_is_proposed_once(house: House) -> None:
    second_case(house, given_names="", first_surname="")
    assert matches(house) == 0
    with house.db.write() as session:
        unknown = session.exec(select(Person).where(Person.given_names == "")).one()
        known = PersonInput(
            given_names="Paucar", document_kind=DocumentKind.DNI, document_number=DOCUMENT
        )
        update_person(session, system_actor(), unknown, known)
    house.work()
    assert matches(house) == 1
    assert say(house, "dem-boss", Answer.DIFFERENT) is MatchState.DIFFERENT
    shown = house.at("upe-boss").get(f"/duplicates/{the_match(house).id}").text
    assert ("respondió que es otra persona" in shown, "Mientras no coincidan" in shown) == (
        True,
        False,
    )
    with house.db.write() as session:
        person = session.exec(select(Person).where(Person.first_surname == "")).one()
        update_person(session, system_actor(), person, known)
    house.work()
    assert matches(house) == 1


@ON_BOTH
def test_an_alert_is_compared_with_cases(house: House) -> None:
    sender = house.at("sal-worker")
    answer = sender.fill(
        "/alerts/new",
        {
            "children-0-given_names": "Paukar",
            "children-0-first_surname": "Cedro",
            "children-0-born_on": CHILD["born_on"],
            "district": CHILD["district"],
            "where": "Jr. Prueba 1",
            "what_happens": "Está solo",
            "telephone": "942 000 200",
            "authority_id": str(house.agencies["DEM"].id),
        },
    )
    assert "Si otra institución conoce" in sender.get(answer.location).text
    house.work()
    match = the_match(house)
    assert house.at("dem-boss").get(f"/duplicates/{match.id}").status_code == 200
    with pytest.raises(Invalid):
        say(house, "dem-boss", Answer.MERGE)
    assert say(house, "dem-boss", Answer.LINK) is MatchState.OPEN
    assert say(house, "upe-boss", Answer.LINK) is MatchState.LINKED
    text = house.at("dem-boss").get(f"/duplicates/{match.id}").text
    assert house.code in text
    assert "UPE San Martín" in text
    assert sender.get(f"/duplicates/{match.id}").status_code == 404


@ON_BOTH
def test_of_a_shielded_child_only_its_own_lead_is_told(house: House) -> None:
    with house.db.write() as session:
        set_shield(session, who(house, "upe-boss"), house.case_id, reason="Amenaza")
    second_case(house)
    match = the_match(house)
    assert house.at("upe-boss").get(f"/duplicates/{match.id}").status_code == 200
    assert house.at("dem-boss").get(f"/duplicates/{match.id}").status_code == 404
    with house.db.read() as session:
        told = set(
            session.scalars(select(Notice.agency_id).where(col(Notice.url).contains("duplic")))
        )
        assert home_items(session, who(house, "dem-boss"), 10) == []
    assert told == {house.agencies["UPE"].id}


def test_a_link_lets_both_know_of_each_other_and_opens_no_case(house: House) -> None:
    code = second_case(house)
    assert say(house, "upe-boss", Answer.MERGE) is MatchState.OPEN
    assert code not in house.at("upe-boss").get(f"/cases/{house.code}").text
    page = f"/duplicates/{the_match(house).id}"
    assert "Espera a la otra institución" in house.at("upe-boss").get(page).text
    assert "Espera a ambas instituciones" in house.at("dem-boss").get(page).text
    assert say(house, "dem-boss", Answer.LINK) is MatchState.LINKED
    assert code in house.at("upe-boss").get(f"/cases/{house.code}").text
    assert house.code in house.at("dem-boss").get(f"/cases/{code}").text
    assert not sees(house, "upe-boss", code)
    assert not sees(house, "dem-boss", house.code)
    house.put_on_case("SAL", Level.TEAM)
    assert code not in house.at("sal-boss").get(f"/cases/{house.code}").text


def test_a_merge_shows_both_stories_to_both_leads_and_to_nobody_else(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    code = second_case(house)
    say(house, "upe-boss", Answer.MERGE)
    assert say(house, "dem-boss", Answer.MERGE) is MatchState.MERGED
    match = the_match(house)
    assert match.kept_case_id == house.case_id
    text = house.at("dem-boss").get(f"/cases/{house.code}").text
    assert "Relato que solo lee el equipo" in text
    assert f"Unido con {code}" in text
    own = house.at("upe-boss").get(f"/cases/{code}").text
    assert f"Unido al caso {house.code}: siga allí" in own
    assert "Otro relato" in own
    assert not sees(house, "sal-boss", code)
    assert code not in house.at("sal-boss").get(f"/cases/{house.code}").text
    with house.db.read() as session:
        assert differences(session) == 0


def test_the_others_see_both_once_both_leads_agree(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    code = second_case(house)
    say(house, "upe-boss", Answer.MERGE)
    say(house, "dem-boss", Answer.MERGE)
    match = the_match(house)
    for name, expected in (("upe-boss", False), ("dem-boss", True)):
        with house.db.write() as session:
            open_to_all(session, who(house, name), match.id)
        assert sees(house, "sal-boss", code) is expected
    assert f"Unido con {code}" in house.at("sal-boss").get(f"/cases/{house.code}").text


State = dict[str, set[Any]]


def standing(session: Session) -> State:
    """Return who is on which case at which level, and which pieces hang on which case."""
    parties = sa.select(col(CaseParty.case_id), col(CaseParty.agency_id), col(CaseParty.level))
    return {
        "parties": set(rows(session, parties.where(is_current()))),
        "children": set(rows(session, sa.select(col(CaseChild.case_id), col(CaseChild.person_id)))),
        "entries": set(rows(session, sa.select(col(Entry.id), col(Entry.case_id)))),
        "status": set(rows(session, sa.select(col(Case.id), col(Case.status)))),
    }


@ON_BOTH
def test_an_undo_leaves_everything_where_it_was(house: House) -> None:
    house.put_on_case("SAL", Level.TEAM)
    code = second_case(house)
    house.put_on_case("DEM", Level.INFORMED)
    with house.db.read() as session:
        before = standing(session)
    say(house, "upe-boss", Answer.MERGE)
    say(house, "dem-boss", Answer.MERGE)
    match = the_match(house)
    for name in ("upe-boss", "dem-boss"):
        with house.db.write() as session:
            open_to_all(session, who(house, name), match.id)
    with house.db.write() as session:
        undo_merge(session, who(house, "dem-boss"), match.id, reason="Eran primos")
    with house.db.read() as session:
        after = standing(session)
        assert session.exec(select(MatchParty)).all() == []
        assert differences(session) == 0
    assert before["entries"] <= after.pop("entries")
    before.pop("entries")
    assert after == before
    assert the_match(house).state is MatchState.LINKED
    assert not sees(house, "upe-boss", code)
    assert not sees(house, "sal-boss", code)


def test_a_merge_is_undone_within_thirty_days(house: House) -> None:
    second_case(house)
    say(house, "upe-boss", Answer.MERGE)
    say(house, "dem-boss", Answer.MERGE)
    match = the_match(house)
    with (
        house.db.write() as session,
        clock.at(clock.now() + timedelta(days=31)),
        pytest.raises(Conflict),
    ):
        undo_merge(session, who(house, "upe-boss"), match.id, reason="Tarde")


def test_impossible_orders_are_refused_with_what_to_do(house: House) -> None:
    code = second_case(house)
    boss = who(house, "upe-boss")

    def refused(given: SameAs) -> str:
        with house.db.write() as session, pytest.raises(Invalid) as found:
            say_same(session, boss, house.case_id, given)
        return str(found.value.problems[0].message)

    reason = "La misma madre"
    assert "same case" in refused(SameAs(code=house.code, reason=reason))
    assert "None of the cases" in refused(SameAs(code=code, reason=reason))
    say(house, "dem-boss", Answer.MERGE)
    with house.db.write() as session:
        case = session.exec(select(Case).where(Case.code == code)).one()
        close_case(session, who(house, "dem-boss"), case.id, concluded(session, case.id))
    with pytest.raises(Invalid):
        say(house, "upe-boss", Answer.MERGE)
    with pytest.raises(Invalid, match="says"):
        say(house, "dem-boss", Answer.MERGE)
    assert the_match(house).state is MatchState.OPEN


@ON_BOTH
def test_one_lead_of_both_merges_at_once(house: House) -> None:
    code = second_case(house, "UPE")
    browser = house.at("upe-boss")
    answer = browser.fill(
        f"/cases/{house.code}/same",
        {"code": code.lower(), "says": "merge", "reason": "Es el mismo DNI"},
    )
    assert answer.status_code == 303
    assert the_match(house).state is MatchState.MERGED
    text = browser.get(f"/cases/{house.code}").text
    assert f"Unido con {code}" in text
    undone = browser.fill(f"{answer.location}/undo", {"reason": "Eran primos"})
    assert undone.status_code == 303
    assert the_match(house).state is MatchState.LINKED


def test_a_second_answer_on_an_old_page_is_shown_both(house: House) -> None:
    second_case(house)
    address = f"/duplicates/{the_match(house).id}/answer"
    upe, dem = house.at("upe-boss"), house.at("dem-boss")
    marks = upe.marks(address)
    dem.fill(address, {"says": "link", "reason": "La conocemos"})
    late = upe.post(address, {**marks, "says": "different", "reason": "Es otra niña"})
    assert late.status_code == 409
    assert "Es otra niña" in late.text


def test_pages_take_the_same_statements_however_many_proposals(
    house: House, statements: Any
) -> None:
    browser = house.at("upe-boss")
    counts = []
    for _round in range(2):
        second_case(house)
        second_case(house)
        browser.get("/")
        statements.seen.clear()
        browser.get("/")
        counts.append(statements.count)
    assert counts[0] == counts[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_no_order_of_answers_reaches_a_state_that_both_did_not_say(house: House, seed: int) -> None:
    """Random answers, merges and undos: the state follows from both, and parties are as before."""
    dice = random.Random(seed)
    house.put_on_case("SAL", Level.TEAM)
    code = second_case(house)
    match_id = the_match(house).id
    with house.db.read() as session:
        before = standing(session)["parties"]
    says: dict[str, Answer | None] = {"upe-boss": None, "dem-boss": None}
    merged = False
    for _turn in range(25):
        name = dice.choice(sorted(says))
        if merged and dice.random() < 0.5:
            with house.db.write() as session:
                undo_merge(session, who(house, name), match_id, reason="Prueba")
            says, merged = dict.fromkeys(says, Answer.LINK), False
        else:
            answer = dice.choice(list(Answer))
            try:
                say(house, name, answer)
            except Conflict:
                assert merged
                continue
            says[name] = answer
        given = set(says.values())
        merged = given == {Answer.MERGE}
        expected = (
            MatchState.DIFFERENT
            if Answer.DIFFERENT in given
            else MatchState.OPEN
            if None in given
            else MatchState.MERGED
            if merged
            else MatchState.LINKED
        )
        assert the_match(house).state is expected
        assert sees(house, "upe-boss", code) is merged
        assert sees(house, "dem-boss", house.code) is merged
        assert not sees(house, "sal-boss", code)
        with house.db.read() as session:
            if not merged:
                assert standing(session)["parties"] == before
            seen = get_proposal(session, who(house, "upe-boss"), match_id).their
        assert (seen is not None) is (expected in (MatchState.LINKED, MatchState.MERGED))


CARER = {"relation": "maternal_grandparent", "given_names": "Shapaja", "first_surname": "D'Ávila"}
BORN = {"estimated_age": 70, "is_caregiver": True}


def put_carer(house: House, name: str, code: str, **changes: Any) -> None:
    """Write the same grandmother into the family of a case, as one who takes care."""
    with house.db.write() as session:
        case = session.scalars(select(Case).where(Case.code == code)).one()
        given = AddRelative.model_validate({**CARER, **BORN, **changes})
        add_relative(session, who(house, name), case.id, given)
    house.work()


@ON_BOTH
def test_an_adult_who_takes_care_in_two_cases_is_proposed_and_shows_neither(house: House) -> None:
    """The same sentence to both leads; linked at most, since the children are not the same."""
    code = second_case(house, given_names="Gallito", first_surname="Caoba", born_on="2012-01-02")
    assert matches(house) == 0
    put_carer(house, "upe-boss", house.code)
    put_carer(house, "dem-boss", code, is_caregiver=False)
    assert matches(house) == 0
    with house.db.write() as session:
        relative = session.scalars(select(Relative).where(~col(Relative.is_caregiver))).one()
        given = EditRelative.model_validate({"relation": CARER["relation"], "is_caregiver": True})
        edit_relative(
            session, who(house, "dem-boss"), relative.case_id, relative_id=relative.id, given=given
        )
    house.work()
    match = the_match(house)
    for name, own, other in (("upe-boss", house.code, code), ("dem-boss", code, house.code)):
        page = house.at(name).get(f"/duplicates/{match.id}").text
        assert own in page
        assert other not in page
        assert "Otra institución registró a una persona que puede ser la misma." in page
        assert f"/duplicates/{match.id}" in house.at(name).get("/").text
        said = f"{own}: la misma persona adulta puede estar a cargo en otro registro"
        assert said in house.at(name).get("/notices").text
    refused = house.at("upe-boss").fill(
        f"/duplicates/{match.id}/answer", {"says": "merge", "reason": "La misma abuela"}
    )
    assert refused.status_code == 422
    assert "no se acumulan" in refused.text
    assert house.at("sal-boss").get(f"/duplicates/{match.id}").status_code == 404
    assert say(house, "upe-boss", Answer.LINK) is MatchState.OPEN
    assert say(house, "dem-boss", Answer.LINK) is MatchState.LINKED
    assert code in house.at("upe-boss").get(f"/cases/{house.code}").text


def test_of_the_carer_of_a_shielded_child_nobody_else_is_told(house: House) -> None:
    code = second_case(house, given_names="Gallito", first_surname="Caoba", born_on="2012-01-02")
    with house.db.write() as session:
        session.scalars(select(Case).where(Case.code == code)).one().shielded_at = clock.now()
    put_carer(house, "dem-boss", code)
    put_carer(house, "upe-boss", house.code)
    match = the_match(house)
    assert house.at("upe-boss").get(f"/duplicates/{match.id}").status_code == 404
    assert house.at("dem-boss").get(f"/duplicates/{match.id}").status_code == 200
