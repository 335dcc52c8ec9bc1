"""The genogram: who stands where, joined to whom, and who lives together."""

from dataclasses import replace
from datetime import date

import pytest

from portal.family.genogram import ROW, SIZE, SLOT, Member, Shape, draw, of_one_birth
from portal.family.inputs import EditRelative
from portal.family.models import Parting, Relation


def child(key: str, age: int, *, at_home: bool = True) -> Member:
    return Member(key=key, words=(key,), shape=Shape.DIAMOND, age=age, lives_with=at_home)


def adult(key: str, relation: Relation, *of: str, at_home: bool = False) -> Member:
    return Member(
        key=key,
        words=(key,),
        shape=Shape.CIRCLE,
        relation=relation,
        of=frozenset(of),
        lives_with=at_home,
    )


ILAVE = [
    *[child(f"n{age}", age) for age in (4, 17, 15, 13, 12, 9, 7, 0)],
    adult("madre", Relation.MOTHER),
    adult("padre", Relation.FATHER),
    adult("abuela", Relation.MATERNAL_GRANDPARENT, at_home=True),
    adult("tío", Relation.MATERNAL_AUNT_UNCLE, at_home=True),
]


def test_three_generations_stand_one_under_the_other() -> None:
    drawing = draw(ILAVE)
    heights = [drawing.at(key).y for key in ("abuela", "madre", "n17")]
    assert heights[1] - heights[0] == heights[2] - heights[1] == ROW
    assert drawing.at("padre").x < drawing.at("madre").x < drawing.at("tío").x
    order = [figure.member.key for figure in drawing.figures if figure.is_index]
    assert order == ["n17", "n15", "n13", "n12", "n9", "n7", "n4", "n0"]


def test_nobody_stands_on_somebody_else_or_outside_the_drawing() -> None:
    drawing = draw(ILAVE)
    places = [(figure.x, figure.y) for figure in drawing.figures]
    assert len(set(places)) == len(ILAVE)
    for figure in drawing.figures:
        assert SIZE // 2 < figure.x < drawing.width - SIZE // 2
        assert all(y < drawing.height for y, _words in figure.texts)


def test_a_couple_is_joined_and_each_child_hangs_from_it() -> None:
    drawing = draw(ILAVE)
    father, mother = drawing.at("padre"), drawing.at("madre")
    assert mother.x - father.x == SLOT
    assert f"M{father.x + SIZE // 2} {father.y}H{mother.x - SIZE // 2}" in drawing.lines
    for figure in drawing.figures:
        if figure.is_index:
            end = f"V{figure.y - SIZE // 2}"
            assert any(
                line.startswith(f"M{figure.x} ") and line.endswith(end) for line in drawing.lines
            )


def test_two_fathers_make_two_unions_at_both_sides_of_the_mother() -> None:
    drawing = draw(
        [
            child("a", 9),
            child("b", 7),
            adult("madre", Relation.MOTHER),
            adult("uno", Relation.FATHER, "a"),
            adult("dos", Relation.FATHER, "b"),
        ]
    )
    assert drawing.at("uno").x < drawing.at("madre").x < drawing.at("dos").x
    assert drawing.at("a").x < drawing.at("b").x


def test_one_line_goes_around_those_who_live_together() -> None:
    drawing = draw(ILAVE)
    assert len(drawing.households) == 1
    apart = draw(
        [child("a", 3), adult("x", Relation.AUNT_UNCLE), adult("y", Relation.OTHER, at_home=True)]
    )
    assert apart.households
    alone = draw([child("a", 3, at_home=False), adult("madre", Relation.MOTHER)])
    assert alone.households == []


def test_a_case_with_nobody_around_is_drawn_too() -> None:
    assert draw([child("a", 3)]).lines == []
    assert draw([]).figures == []


@pytest.mark.parametrize("relation", list(Relation))
def test_every_relation_has_its_place(relation: Relation) -> None:
    assert draw([child("a", 3), adult("x", relation)]).at("x")


def test_it_cannot_end_before_it_began() -> None:
    with pytest.raises(ValueError, match="rule"):
        EditRelative(relation=Relation.AUNT_UNCLE, since=date(2020, 5, 2), until=date(2020, 5, 1))


PARENTS = [adult("madre", Relation.MOTHER), adult("padre", Relation.FATHER)]


@pytest.mark.parametrize(
    ("parting", "strokes"), [(None, 0), (Parting.SEPARATED, 1), (Parting.DIVORCED, 2)]
)
def test_strokes_cross_the_line_of_parents_who_stand_apart(
    parting: Parting | None, strokes: int
) -> None:
    mother, father = PARENTS
    drawing = draw([child("a", 9), replace(mother, parting=parting), father])
    line = drawing.at("madre").y
    across = [each for each in drawing.lines if "L" in each]
    assert len(across) == strokes
    assert all(f" {line + 9}L" in each and each.endswith(f" {line - 9}") for each in across)


def test_lines_of_children_of_one_birth_begin_in_one_point() -> None:
    births = {"a": date(2017, 1, 2), "b": date(2019, 3, 4), "c": date(2019, 3, 4)}
    children = [replace(child(key, 9), born_on=day) for key, day in births.items()]
    members = [*children, *PARENTS]
    drawing = draw(members)
    begin = (drawing.at("b").x + drawing.at("c").x) // 2
    for key in "bc":
        end = f"L{drawing.at(key).x} {drawing.at(key).y - SIZE // 2}"
        assert any(each.startswith(f"M{begin} ") and each.endswith(end) for each in drawing.lines)
    assert any(each.startswith(f"M{drawing.at('a').x} ") and "V" in each for each in drawing.lines)
    assert of_one_birth(members) == {"a": [], "b": ["c"], "c": ["b"]}


def test_one_day_of_birth_of_two_mothers_is_chance() -> None:
    day = date(2019, 3, 4)
    own = [replace(child(key, 7), born_on=day) for key in ("a", "b")]
    mothers = [adult("m1", Relation.MOTHER, "a"), adult("m2", Relation.MOTHER, "b")]
    assert of_one_birth([*own, *mothers]) == {"a": [], "b": []}


def test_the_first_mother_and_the_first_father_are_the_couple() -> None:
    """Where nobody says of which child each is, two mothers are not drawn as parents together."""
    mothers = [adult("madre", Relation.MOTHER), adult("madrina", Relation.MOTHER)]
    parted = adult("padre", Relation.FATHER)
    drawing = draw([child("a", 9), *mothers, replace(parted, parting=Parting.SEPARATED)])
    ends = {drawing.at(key).x for key in ("madre", "padre")}
    [stroke] = [each for each in drawing.lines if "L" in each]
    x = int(stroke[1:].split(" ")[0])
    assert min(ends) < x < max(ends)
