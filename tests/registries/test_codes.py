"""Codes in official systems: kept, struck, copied by hand, read where identity is."""

import re

import pytest
import sqlalchemy as sa
from sqlmodel import col

from portal.actor import Actor, Role
from portal.audit.models import AuditEntry
from portal.cases.models import Level
from portal.db import new_id
from portal.errors import Conflict, Forbidden, Invalid
from portal.registries import queries, services
from portal.registries.inputs import AddCode
from portal.registries.models import System
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House

NUMBER = "UPE-000321-2026"


def actor_at(house: House, name: str) -> Actor:
    agency = house.agencies[house.homes[name]]
    return Actor(house.users[name].id, agency.id, agency.kind, frozenset({Role.COORDINATOR}))


@ON_BOTH
def test_a_code_is_kept_once_and_struck_once(house: House) -> None:
    boss, given = actor_at(house, "upe-boss"), AddCode(system=System.SISPE, number=NUMBER)
    with house.db.write() as session:
        code = services.add_code(session, boss, house.case_id, given)
        with pytest.raises(Invalid):
            services.add_code(session, boss, house.case_id, given)
        services.strike_code(session, boss, house.case_id, code_id=code.id)
        with pytest.raises(Conflict):
            services.strike_code(session, boss, house.case_id, code_id=code.id)
        services.add_code(session, boss, house.case_id, given)


@ON_BOTH
def test_a_code_of_a_strange_child_or_an_unnamed_system_is_refused(house: House) -> None:
    boss = actor_at(house, "upe-boss")
    strange = AddCode(system=System.SIS, number="1", person_id=new_id())
    with house.db.write() as session, pytest.raises(Invalid):
        services.add_code(session, boss, house.case_id, strange)
    with pytest.raises(ValueError, match="rule"):
        AddCode(system=System.OTHER, number="1")


def test_who_collaborates_reads_and_writes_no_code(house: House) -> None:
    house.put_on_case("SAL", Level.INFORMED)
    health, given = actor_at(house, "sal-boss"), AddCode(system=System.SISPE, number=NUMBER)
    with house.db.write() as session:
        services.add_code(session, actor_at(house, "upe-boss"), house.case_id, given)
        with pytest.raises(Forbidden):
            services.add_code(session, health, house.case_id, given)
    with house.db.read() as session:
        assert queries.list_codes(session, health, house.case(session)) == []
    browser = house.at("sal-boss")
    for url in (f"/cases/{house.code}/codes", f"/cases/{house.code}/codes/copy/sispe"):
        assert browser.get(url).status_code == 404


def test_a_sheet_follows_the_form_and_its_reading_is_recorded(house: House) -> None:
    browser = house.at("upe-boss")
    url = f"/cases/{house.code}/codes"
    assert browser.fill(url, {"system": "sispe", "number": NUMBER}).status_code == 303
    shown = browser.get(f"{url}/copy/sispe").text
    texts = re.findall(r"<dd[^>]*>([^<]*)</dd>", shown)
    assert NUMBER in texts
    assert texts.index("Cedro") < texts.index("Ñahui") < texts.index("Paucar")
    assert texts.index("71234567") < texts.index("02/03/2017")
    assert browser.get(f"{url}/copy/siagie").status_code == 404
    with house.db.read() as session:
        read = sa.select(col(AuditEntry.action)).where(
            col(AuditEntry.action) == "registries.sheet.read"
        )
        assert session.scalars(read).all() == ["registries.sheet.read"]
