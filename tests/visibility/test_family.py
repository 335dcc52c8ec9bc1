"""The family of each case: the same people by rule, list and address, and few who read where."""

from functools import partial

import pytest
from sqlmodel import Session, col

from portal.cases import queries as cases
from portal.cases.models import Case
from portal.db import Database
from portal.errors import Forbidden
from portal.family import queries as family
from portal.family.models import Relative
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
