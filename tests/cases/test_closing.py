"""Concluding a case: what stands against it, how it ended for each child, and the story kept."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from portal import clock
from portal.actor import system_actor
from portal.cases import closing, personal
from portal.cases.endings import ENDS
from portal.cases.models import (
    Case,
    CaseChild,
    CaseEnding,
    CaseRight,
    CaseStatus,
    Closing,
    ClosingChild,
    Entry,
    Level,
    Placement,
    RightState,
    Situation,
    Term,
    TermStatus,
)
from portal.cases.services import add_children, close_case, reopen_case, start_term
from portal.cases.transitions import objections
from portal.copies.gathering import history
from portal.db import new_id
from portal.errors import Conflict
from portal.notifications.models import Notice
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.personal import Ending
from portal.referrals.models import Referral
from tests.cases.test_rights import actor_at
from tests.factories.closing import WHY, concluded, sent
from tests.postgresql import ON_BOTH
from tests.referrals.conftest import send
from tests.sharing.conftest import House


def address(house: House) -> str:
    return f"/cases/{house.code}/close"


def fill(house: House, ending: CaseEnding, /, **given: Any) -> tuple[int, str]:
    boss = house.at("upe-boss")
    answer = boss.fill(address(house), sent(boss.get(address(house)).text, ending, **given))
    return answer.status_code, answer.text


def add_sibling(house: House, born_on: date) -> None:
    with house.db.write() as session:
        lead = system_actor(house.agencies["UPE"].id)
        person = register_person(session, lead, PersonInput(given_names="Tangara", born_on=born_on))
        add_children(session, lead, house.case(session), [person.id])


def closings(house: House) -> list[Closing]:
    with house.db.read() as session:
        return list(session.exec(select(Closing).order_by(col(Closing.at))))


def test_what_is_empty_and_what_cannot_be_are_said_in_one_round(house: House) -> None:
    add_sibling(house, clock.today().replace(day=1) - timedelta(days=9 * 365))
    wrong = {"document": "", "explanation": "", "children-1-ending": "adult", "since": ""}
    status, text = fill(house, CaseEnding.RETURNED, **wrong, lacking_reason="")
    assert status == 422
    for field in ("document", "explanation", "since", "children-1-ending", "lacking_reason"):
        assert f'href="#{field}"' in text, field
    # A day that cannot be read hides nothing of the rest either.
    status, text = fill(house, CaseEnding.RETURNED, **{"children-1-ending": "adult"}, dated="ayer")
    assert [f'href="#{field}"' in text for field in ("dated", "children-1-ending")] == [True] * 2
    assert closings(house) == []


@ON_BOTH
def test_siblings_end_each_in_its_way_and_what_is_missing_needs_a_reason(house: House) -> None:
    born_on = clock.today().replace(day=1) - timedelta(days=18 * 366)
    add_sibling(house, born_on)
    apart = {"children-1-ending": "adult", "basis": "DL 1297 art. 3"}
    reason = {"children-1-lacking_reason": "Ya cuida de sí"}
    status, text = fill(house, CaseEnding.RETURNED, **apart, **reason, lacking_reason="")
    assert (status, len(closings(house))) == (422, 0)
    assert text.count('href="#lacking_reason"') == 1
    assert "RD 15-2026-UPE" in text
    assert "Ya cuida de sí" in text
    # Of all of them, or of one: each is refused where it was said.
    status, text = fill(house, CaseEnding.ADULT, **{"children-1-ending": "overcome"})
    assert 'href="#ending"' in text
    assert 'href="#children-1-ending"' in text
    assert fill(house, CaseEnding.RETURNED, **apart)[0] == 303
    with house.db.read() as session:
        case = house.case(session)
        assert (case.status, case.closed_at is not None) == (CaseStatus.CLOSED, True)
        told = {row.ending: row for row in session.exec(select(ClosingChild))}
        home, grown = told[CaseEnding.RETURNED], told[CaseEnding.ADULT]
        assert (home.since, grown.since, grown.visit_on) == (clock.today(), None, None)
        assert "identity" in home.lacking
        child = session.exec(select(CaseChild).where(CaseChild.position == 0)).one()
        assert child.placement is Placement.WITH_FAMILY
    page = house.at("upe-boss").get(f"/cases/{house.code}").text
    for words in ("RD 15-2026-UPE", "Retornó a la familia", "Cumplió 18 años", "DEMUNA"):
        assert words in page
    assert "RD 15-2026-UPE" not in house.at("dem-boss").get(f"/cases/{house.code}").text


def test_what_cannot_be_is_refused_beside_its_field_and_nothing_typed_is_lost(
    house: House,
) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    for wrong, field in (
        ({"ending": ""}, "ending"),
        ({"ending": "adult"}, "ending"),
        ({"ending": "overcome"}, "ending"),
        ({"ending": "nada"}, "ending"),
        ({"ending": "died"}, "basis"),
        ({"since": ""}, "since"),
        ({"since": tomorrow}, "since"),
        ({"visit_on": yesterday}, "visit_on"),
        ({"dated": tomorrow}, "dated"),
        ({"dated": "2020-01-02"}, "dated"),
        ({"document": ""}, "document"),
        ({"explanation": ""}, "explanation"),
        ({"children-0-person_id": str(new_id())}, ""),
    ):
        status, text = fill(house, CaseEnding.RETURNED, **wrong)
        assert status == 422, wrong
        assert f'href="#{field}"' in text or not field, wrong
        assert "Sigue a cargo de la DEMUNA" in text
    assert closings(house) == []
    assert {end.ending for end in ENDS} == set(CaseEnding)
    assert {end.ending for end in ENDS if not end.source} == {CaseEnding.DIED, CaseEnding.OTHER}


def test_everything_open_stands_against_closing_with_where_to_go(house: House) -> None:
    boss = house.at("upe-boss")
    url = send(house, "SAL")
    boss.fill(f"/cases/{house.code}/duties/sign", {"sign": "crime"})
    boss.post(
        "/drafts",
        {
            "_agency": str(house.agencies["UPE"].id),
            "_path": f"/cases/{house.code}/entries/new",
            "text": "A medio escribir",
        },
    )
    with house.db.write() as session:
        lead = system_actor(house.agencies["UPE"].id)
        for days in (1, 40):
            start_term(
                session,
                lead,
                house.case_id,
                rule_code="core.unprotection.evaluation",
                starts_at=clock.now() - timedelta(days=days),
                agency_id=house.agencies["UPE"].id,
            )
    with house.db.read() as session:
        found = objections(session, actor_at(house, "upe-boss"), house.case_id, "close")
        hidden = objections(session, actor_at(house, "dem-boss"), house.case_id, "close")
    assert {each.where for each in found} == {
        url,
        f"/cases/{house.code}",
        f"/cases/{house.code}/duties",
        f"/cases/{house.code}/entries/new",
    }
    assert len([each for each in found if each.where == f"/cases/{house.code}"]) == 2
    # Whoever does not see the referral learns how many, and neither to whom nor where.
    assert url not in {each.where for each in hidden}
    assert "Centro de Salud" not in " ".join(str(each.text) for each in hidden)
    status, text = fill(house, CaseEnding.RETURNED)
    assert (status, closings(house)) == (422, [])
    assert text.count('id="against"') == 1
    assert f'href="{url}"' in text
    with house.db.read() as session:
        assert session.exec(select(Referral)).one().answered_at is None


def test_reopening_keeps_the_story_and_starts_no_term(house: House) -> None:
    with house.db.write() as session:
        term = start_term(
            session,
            system_actor(house.agencies["UPE"].id),
            house.case_id,
            rule_code="core.unprotection.evaluation",
            starts_at=clock.now(),
            agency_id=house.agencies["UPE"].id,
        )
        term.status, term.ended_at = TermStatus.MET, clock.now()
    page, boss = f"/cases/{house.code}", house.at("upe-boss")
    assert boss.get(f"{page}/reopen").status_code == 409
    assert fill(house, CaseEnding.ARCHIVED)[0] == 303
    assert boss.get(address(house)).status_code == 409
    assert boss.fill(page, {"outcome": "x"}, to=address(house)).status_code == 409
    assert boss.fill(f"{page}/reopen", {"reason": ""}).status_code == 422
    assert boss.fill(f"{page}/reopen", {"reason": "Volvió el riesgo"}).status_code == 303
    text = boss.get(page).text
    assert "Reabierto</span>" in text.split("Registrar una actuación")[0]
    for words in ("RD 15-2026-UPE", "Volvió el riesgo", "Persona upe-boss"):
        assert words in text
    assert fill(house, CaseEnding.ARCHIVED, document="RD 16-2026-UPE")[0] == 303
    first, second = closings(house)
    assert (first.reopen_reason, second.reopened_at) == ("Volvió el riesgo", None)
    with house.db.read() as session:
        assert [row.status for row in session.exec(select(Term))] == [TermStatus.MET]
        titles = [row.title for row in session.exec(select(Entry).order_by(col(Entry.recorded_at)))]
    assert [each for each in titles if each.startswith("Case ")] == [
        "Case opened",
        "Case closed",
        "Case reopened",
        "Case closed",
    ]
    assert "RD 16-2026-UPE" in house.at("upe-boss").get(page).text


@ON_BOTH
def test_the_others_are_told_of_each_end_and_reopening_and_the_measure_has_ended(
    house: House,
) -> None:
    house.put_on_case("DEM", Level.TEAM)
    with house.db.write() as session:
        session.get_one(Case, house.case_id).measure = "Acogimiento de urgencia"
    boss, page = house.at("upe-boss"), f"/cases/{house.code}"
    assert "Acogimiento de urgencia" in boss.get(page).text
    for turn in (1, 2):
        assert fill(house, CaseEnding.ARCHIVED)[0] == 303
        assert "no registró nada" in house.at("dem-boss").get(page).text
        # Closed by mistake, the measure stands; the second time it ended with the case.
        given = {"reason": "Volvió el riesgo"} | ({"by_mistake": "1"} if turn == 1 else {})
        assert "Acogimiento de urgencia" in boss.get(f"{page}/reopen").text
        assert boss.fill(f"{page}/reopen", given).status_code == 303
        shown = boss.get(page).text
        assert ("Acogimiento de urgencia" in shown) == (turn == 1)
        assert shown.count("Se concluyó por error") == 1
        with house.db.read() as session:
            told = session.execute(
                sa.select(col(Notice.agency_id), col(Notice.origin), col(Notice.text)).where(
                    col(Notice.origin).startswith("Case")
                )
            ).all()
        agencies, origins, texts = ({row[place] for row in told} for place in range(3))
        assert agencies == {house.agencies["DEM"].id}
        assert (len(origins), len(texts)) == (2 * turn, 2)


@ON_BOTH
def test_only_who_leads_closes_and_nothing_is_written_on_a_closed_case(house: House) -> None:
    house.put_on_case("DEM", Level.TEAM)
    assert house.at("dem-boss").get(address(house)).status_code == 404
    assert house.at("upe-worker").get(address(house)).status_code == 404
    assert fill(house, CaseEnding.DECLINED)[0] == 303
    boss = house.at("upe-boss")
    note = {"kind": "note", "circle": "team", "text": "Una nota más"}
    with house.db.read() as session:
        for who, sees in (("upe-boss", 1), ("dem-boss", 0)):
            rule = closing.visible_closings(actor_at(house, who))
            assert len(session.exec(select(Closing.id).where(rule)).all()) == sees
    answer = boss.fill(f"/cases/{house.code}/entries/new", note)
    assert answer.status_code == 409
    assert "Reábralo" in answer.text


@ON_BOTH
def test_what_is_held_of_a_child_tells_the_conclusion_and_is_erased_with_it(house: House) -> None:
    assert fill(house, CaseEnding.RETURNED)[0] == 303
    with house.db.read() as session:
        taken = history(session, actor_at(house, "upe-boss"), house.case_id, with_sealed=False).data
        assert taken["case"]["outcome"] == WHY
        assert [each["ending"] for each in taken["conclusions"][0]["children"]] == ["returned"]
    with house.db.write() as session:
        person_id = session.exec(select(CaseChild.person_id)).one()
        parts = {part.table: part for part in personal.export_person(session, person_id)}
        assert "RD 15-2026-UPE" in str(parts["portal_case_closing"].rows)
        assert "DEMUNA" in str(parts["portal_case_closing_child"].rows)
        personal.erase_record(
            session,
            Ending(id=new_id(), case_ids=frozenset({house.case_id}), alert_ids=frozenset()),
        )
        session.expunge_all()
        row = session.exec(select(Closing)).one()
        assert (row.document, row.explanation) == ("", "")
        assert session.exec(select(ClosingChild)).one().lacking_reason == ""


@ON_BOTH
@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["close", "reopen", "restore", "deny"]), max_size=8))
def test_whatever_the_order_the_states_of_a_case_hold(house: House, acts: list[str]) -> None:
    """Closed is closed once, open is open once, and each conclusion but the last was reopened."""
    with house.db.write() as session:
        session.execute(sa.delete(ClosingChild))
        session.execute(sa.delete(Closing))
        case = house.case(session)
        case.status, case.situation = CaseStatus.OPEN, Situation.UNDECIDED
        session.flush()
        boss = actor_at(house, "upe-boss")
        closed, count = False, 0
        for act in acts:
            if act in ("restore", "deny"):
                state = RightState.RESTORED if act == "restore" else RightState.NOT_GUARANTEED
                session.execute(sa.update(CaseRight).values(state=state))
            elif act == "close":
                told = concluded(session, case.id)
                if closed:
                    with pytest.raises(Conflict):
                        close_case(session, boss, case.id, told)
                else:
                    close_case(session, boss, case.id, told)
                    closed, count = True, count + 1
            elif closed:
                reopen_case(session, boss, case.id, reason="De nuevo")
                closed = False
            else:
                with pytest.raises(Conflict):
                    reopen_case(session, boss, case.id, reason="De nuevo")
        rows = session.exec(select(Closing).order_by(col(Closing.at), col(Closing.id))).all()
        assert len(rows) == count
        assert [row.reopened_at is None for row in rows] == [False] * (count - closed) + [
            True
        ] * closed
        assert session.get_one(Case, case.id).is_open is not closed
        assert (closing.standing_closing(session, case.id) is not None) is closed
