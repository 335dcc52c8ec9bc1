"""The family of each case: the same people by rule, list and address, and few who read where."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import system_actor
from portal.cases import queries as cases
from portal.cases.models import Case, CaseRightStep, Right, RightState
from portal.cases.services import set_right
from portal.cases.strips import visible_right_steps
from portal.db import Database, rows
from portal.errors import Forbidden
from portal.family import queries as family
from portal.family.models import Relative
from portal.registries.inputs import AddCode
from portal.registries.models import OfficialCode, System
from portal.registries.queries import list_codes, visible_codes
from portal.registries.services import add_code
from tests.visibility.rules import File, Someone, World
from tests.visibility.test_sets import by_rule, check_addresses
from tests.visibility.world import WHERE

pytestmark = pytest.mark.slow


def test_relatives_are_read_where_identity_is(world: World, db: Database) -> None:
    made = {relative for file in world.files for relative in file.relatives}
    with db.read() as reading:
        for person in world.people:
            who = str(person)
            expected = {
                relative
                for file in world.files
                if world.reads_all(person, file)
                for relative in file.relatives
            }
            rule = family.visible_relatives(person.actor)
            assert by_rule(reading, col(Relative.id), rule) & made == expected, who
            for file in world.files:
                if not world.sees(person, file):
                    continue
                case = cases.get_case(reading, person.actor, file.id)
                listed = family.list_relatives(reading, person.actor, case)
                assert {row.id for row in listed} == expected & file.relatives.keys(), who
                assert {row.id for row in listed if row.opens_whereabouts} == {
                    relative
                    for relative, is_open in file.relatives.items()
                    if world.opens_whereabouts(person, file, is_open=is_open)
                }, who
                get = partial(family.get_relative, reading, person.actor, case)
                here = set(file.relatives)
                strange = next(iter(made - here))
                check_addresses(world, get, {*here, strange}, expected & here, who)
                check_whereabouts(world, reading, person, file, case)


def check_whereabouts(
    world: World, reading: Session, person: Someone, file: File, case: Case
) -> None:
    """Hold that where a relative is opens to those of the rule and to nobody else."""
    for relative, is_open in file.relatives.items():
        if not world.reads_all(person, file):
            continue
        row = family.get_relative(reading, person.actor, case, relative)
        if world.opens_whereabouts(person, file, is_open=is_open):
            assert family.whereabouts_of(reading, person.actor, case, row) == WHERE
        else:
            with pytest.raises(Forbidden):
                family.whereabouts_of(reading, person.actor, case, row)


def test_how_rights_stood_is_read_where_the_whole_case_is(world: World, db: Database) -> None:
    with db.write() as session:
        boss = system_actor()
        for file in world.files:
            if file.is_open and file.children:
                set_right(
                    session,
                    boss,
                    file.id,
                    person_id=file.children[0],
                    right=Right.SCHOOL,
                    state=RightState.IN_PROCESS,
                )
        steps = sa.select(col(CaseRightStep.id), col(CaseRightStep.case_id))
        cases_of = dict(rows(session, steps))
    with db.read() as reading:
        for person in world.people:
            readable = {file.id for file in world.files if world.reads_all(person, file)}
            expected = {step for step, case_id in cases_of.items() if case_id in readable}
            rule = visible_right_steps(person.actor)
            assert by_rule(reading, col(CaseRightStep.id), rule) == expected, str(person)
            for file in world.files:
                if world.sees(person, file) and file.children:
                    case = cases.get_case(reading, person.actor, file.id)
                    found = cases.list_right_steps(
                        reading,
                        person.actor,
                        case,
                        person_id=file.children[0],
                        right=Right.SCHOOL,
                    )
                    assert bool(found) == (file.id in readable and file.is_open), str(person)


def test_official_codes_are_read_where_identity_is(world: World, db: Database) -> None:
    given = AddCode(system=System.SISPE, number="UPE-1-2026")
    with db.write() as session:
        made = {
            add_code(session, system_actor(), file.id, given).id: file
            for file in world.files
            if file.is_open
        }
    with db.read() as reading:
        for person in world.people:
            expected = {code for code, file in made.items() if world.reads_all(person, file)}
            rule = visible_codes(person.actor)
            assert by_rule(reading, col(OfficialCode.id), rule) == expected, str(person)
            for code, file in made.items():
                if world.sees(person, file):
                    case = cases.get_case(reading, person.actor, file.id)
                    listed = {row.id for row in list_codes(reading, person.actor, case)}
                    assert listed == expected & {code}, str(person)
