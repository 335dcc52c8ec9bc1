"""The genogram of a family as figures and lines, in the symbols that social workers use; pure.

Square, circle and diamond are a man, a woman and a person of unknown sex; a child of the case is
drawn double, a cross marks who has died, a broken line goes around those who live together, one
stroke crosses the line of parents who are separated and two of who are divorced, and the lines of
children of one birth begin in one point (McGoldrick, Gerson and Petry, Genograms: Assessment and
Treatment). Lengths are SVG units.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from portal.family.models import Parting, Relation

SLOT = 112
SIZE = 46
TOP = 26
ROW = 176
SIDE = 14
LABELS = 74
PAD = 10


class Shape(StrEnum):
    """The figure of a person."""

    SQUARE = "male"
    CIRCLE = "female"
    DIAMOND = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person to draw: what is written under the figure, and to whom the relation is.

    `relation` is None for a child of the case; `of` holds the children to whom the relation is,
    all of them where it is empty.
    """

    key: Hashable
    words: tuple[str, ...]
    shape: Shape
    relation: Relation | None = None
    of: frozenset[Hashable] = frozenset()
    has_died: bool = False
    lives_with: bool = False
    age: int | None = None
    born_on: date | None = None
    parting: Parting | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A person where it stands: the middle of the figure, and the lines of text under it."""

    member: Member
    x: int
    y: int

    @property
    def is_index(self) -> bool:
        """Tell whether this is a child of the case, drawn double."""
        return self.member.relation is None

    @property
    def texts(self) -> list[tuple[int, str]]:
        """Return the height and the words of each line of text."""
        begin = self.y + SIZE // 2 + 18
        return [(begin + 16 * number, words) for number, words in enumerate(self.member.words)]


@dataclass(slots=True)
class Drawing:
    """Everything to draw, in a box of `width` by `height`."""

    width: int = 0
    height: int = 0
    figures: list[Figure] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    households: list[str] = field(default_factory=list)

    def at(self, key: Hashable) -> Figure:
        """Return where a person stands."""
        return next(figure for figure in self.figures if figure.member.key == key)


# The grandparents of each side, and who are their children.
SIDES = (
    (Relation.PATERNAL_GRANDPARENT, (Relation.FATHER, Relation.PATERNAL_AUNT_UNCLE)),
    (Relation.MATERNAL_GRANDPARENT, (Relation.MOTHER, Relation.MATERNAL_AUNT_UNCLE)),
    (Relation.GRANDPARENT, ()),
)
OLDEST = tuple(above for above, _below in SIDES)
MIDDLE = (
    Relation.PATERNAL_AUNT_UNCLE,
    Relation.FATHER,
    Relation.MOTHER,
    Relation.STEPPARENT,
    Relation.MATERNAL_AUNT_UNCLE,
    Relation.AUNT_UNCLE,
    Relation.GUARDIAN,
    Relation.CARER,
    Relation.OTHER,
)
PARENTS = (Relation.MOTHER, Relation.FATHER)


def draw(members: Sequence[Member]) -> Drawing:
    """Return the genogram: three generations from above, children ordered by parents and age."""
    drawing = Drawing()
    young = _youngest(members)
    generations = [
        _ordered(members, OLDEST),
        _couples_together(_ordered(members, MIDDLE)),
        young,
    ]
    shown = [generation for generation in generations if generation]
    drawing.width = max((len(each) for each in shown), default=1) * SLOT + 2 * SIDE
    heights = [TOP + SIZE // 2 + number * ROW for number in range(len(shown))]
    for generation, y in list(zip(shown, heights, strict=True))[::-1]:
        if generation is generations[0]:
            _put_above(drawing, generation, y)
        else:
            _put(drawing, generation, y)
    drawing.height = TOP + len(shown) * ROW - (ROW - SIZE) + LABELS + PAD
    _draw_grandparents(drawing, members)
    _draw_unions(drawing, members, young)
    drawing.households = _households(drawing, shown)
    return drawing


def _ordered(members: Iterable[Member], relations: Sequence[Relation]) -> list[Member]:
    mine = [member for member in members if member.relation in relations]
    return sorted(mine, key=lambda member: relations.index(member.relation or Relation.OTHER))


def _couples_together(middle: list[Member]) -> list[Member]:
    """Put a second father on the other side of the mother, so that lines do not cross."""
    fathers = [member for member in middle if member.relation is Relation.FATHER]
    mothers = [member for member in middle if member.relation is Relation.MOTHER]
    if len(fathers) < 2 or not mothers:
        return middle
    moved = fathers[1:]
    rest = [member for member in middle if member not in moved]
    place = rest.index(mothers[0]) + 1
    return rest[:place] + moved + rest[place:]


def _youngest(members: Sequence[Member]) -> list[Member]:
    relations = (None, Relation.SIBLING, Relation.COUSIN)
    mine = [member for member in members if member.relation in relations]
    unions = list(dict.fromkeys(_parents(members, child) for child in mine))
    return sorted(
        mine,
        key=lambda child: (
            child.relation is Relation.COUSIN,
            unions.index(_parents(members, child)),
            -(child.age if child.age is not None else -1),
            child.born_on or date.max,
        ),
    )


def _parents(members: Sequence[Member], child: Member) -> tuple[Hashable, ...]:
    """Return the parents of a child, of a sister or brother those of the first child."""
    if child.relation is Relation.COUSIN:
        return ()
    whose = child.key
    if child.relation is Relation.SIBLING:
        whose = next(iter(child.of), None) or next(
            (each.key for each in members if each.relation is None), child.key
        )
    return tuple(
        member.key
        for member in members
        if member.relation in PARENTS and (not member.of or whose in member.of)
    )


def _put(drawing: Drawing, generation: Sequence[Member], y: int) -> None:
    begin = (drawing.width - len(generation) * SLOT) // 2 + SLOT // 2
    drawing.figures += [
        Figure(member, begin + place * SLOT, y) for place, member in enumerate(generation)
    ]


def _put_above(drawing: Drawing, old: Sequence[Member], y: int) -> None:
    """Put each side's grandparents over the middle of their own children."""
    least = SIDE + SLOT // 2
    for above, below in SIDES:
        side = [member for member in old if member.relation is above]
        children = [each.x for each in drawing.figures if each.member.relation in below]
        middle = (min(children) + max(children)) // 2 if children else drawing.width // 2
        begin = max(least, middle - (len(side) - 1) * SLOT // 2)
        drawing.figures += [
            Figure(member, begin + place * SLOT, y) for place, member in enumerate(side)
        ]
        least = begin + len(side) * SLOT if side else least
    drawing.width = max(drawing.width, least - SLOT // 2 + SIDE)


def _draw_grandparents(drawing: Drawing, members: Sequence[Member]) -> None:
    for number, (above, below) in enumerate(SIDES):
        if not below:
            continue
        old = [drawing.at(member.key) for member in members if member.relation is above]
        children = [drawing.at(member.key) for member in members if member.relation in below]
        # A second mother or father is of another family.
        parents = [each for each in children if each.member.relation in PARENTS][1:]
        _join(drawing, old[:2], [each for each in children if each not in parents], number)


def _draw_unions(drawing: Drawing, members: Sequence[Member], young: Sequence[Member]) -> None:
    unions: dict[tuple[Hashable, ...], list[Figure]] = {}
    for child in young:
        if child.relation is not Relation.COUSIN:
            unions.setdefault(_parents(members, child), []).append(drawing.at(child.key))
    for number, (parents, children) in enumerate(unions.items()):
        couple = sorted(map(drawing.at, parents), key=_is_second(members))[:2]
        _join(drawing, couple, children, number)


def _is_second(members: Sequence[Member]) -> Callable[[Figure], bool]:
    """Return which figure is a second mother or father: the first of each are the couple."""
    first = {
        relation: next((each.key for each in members if each.relation is relation), None)
        for relation in PARENTS
    }
    return lambda figure: figure.member.key not in first.values()


def _join(
    drawing: Drawing, parents: Sequence[Figure], children: Sequence[Figure], number: int
) -> None:
    """Draw the line of a couple, the line down, and one to each child; each union a bit apart."""
    half = SIZE // 2
    anchor: tuple[int, int] | None = None
    if len(parents) == 2:
        left, right = sorted(parents, key=lambda figure: figure.x)
        middle = (left.x + right.x) // 2
        if right.x - left.x == SLOT:
            drawing.lines.append(f"M{left.x + half} {left.y}H{right.x - half}")
            anchor = (middle, left.y)
        else:
            low = left.y + half + LABELS - 2 + 8 * number
            drawing.lines.append(f"M{left.x} {left.y + half}V{low}H{right.x}V{right.y + half}")
            anchor = (middle, low)
        drawing.lines += _strokes(parents, anchor)
    elif parents:
        anchor = (parents[0].x, parents[0].y + half)
    if not children or (anchor is None and len(children) < 2):
        return
    top = children[0].y - half
    bar = top - 22 - 9 * number
    begins = _begins(children)
    ends = list(begins.values()) + ([anchor[0]] if anchor else [])
    if anchor:
        drawing.lines.append(f"M{anchor[0]} {anchor[1]}V{bar}")
    if max(ends) > min(ends):
        drawing.lines.append(f"M{min(ends)} {bar}H{max(ends)}")
    drawing.lines += [
        f"M{child.x} {bar}V{top}"
        if begins[child.x] == child.x
        else f"M{begins[child.x]} {bar}L{child.x} {top}"
        for child in children
    ]


def _strokes(parents: Sequence[Figure], anchor: tuple[int, int]) -> list[str]:
    """Return the strokes across the line of parents who stand apart: one or two."""
    told = {parent.member.parting for parent in parents}
    count = 2 if Parting.DIVORCED in told else int(Parting.SEPARATED in told)
    x, y = anchor[0] - 14, anchor[1]
    return [f"M{x - 6 * each - 4} {y + 9}L{x - 6 * each + 4} {y - 9}" for each in range(count)]


def _begins(children: Sequence[Figure]) -> dict[int, int]:
    """Return where the line to each child begins: of one birth, in the middle between them."""
    births: dict[Hashable, list[int]] = {}
    for child in children:
        births.setdefault(child.member.born_on or child.x, []).append(child.x)
    return {x: (min(each) + max(each)) // 2 for each in births.values() for x in each}


def of_one_birth(members: Sequence[Member]) -> dict[Hashable, list[Hashable]]:
    """Return for each child who else was born on the same day of the same parents."""
    births: dict[tuple[Hashable, ...], list[Hashable]] = {}
    for child in _youngest(members):
        if child.born_on is not None and child.relation is not Relation.COUSIN:
            births.setdefault((child.born_on, *_parents(members, child)), []).append(child.key)
    return {
        key: [other for other in each if other != key] for each in births.values() for key in each
    }


def _households(drawing: Drawing, shown: Sequence[Sequence[Member]]) -> list[str]:
    """Return the broken lines around those who live together, one where they stand together."""
    bands: list[tuple[int, int, int]] = []
    for generation in shown:
        figures = [drawing.at(member.key) for member in generation]
        run: list[Figure] = []
        for figure in [*figures, None]:
            if figure is not None and figure.member.lives_with:
                run.append(figure)
            elif run:
                bands.append((run[0].y, run[0].x - SLOT // 2 + 4, run[-1].x + SLOT // 2 - 4))
                run = []
    if sum(right - left > 0 for _y, left, right in bands) == 0:
        return []
    return [_outline(group) for group in _grouped(bands)]


def _grouped(
    bands: Sequence[tuple[int, int, int]],
) -> list[list[tuple[int, int, int]]]:
    """Join bands of following generations that stand one above the other."""
    groups: list[list[tuple[int, int, int]]] = []
    for band in bands:
        above = next((group for group in groups if _continues(group, band, bands)), None)
        if above is None:
            groups.append([band])
        else:
            above.append(band)
    return groups


def _continues(
    group: Sequence[tuple[int, int, int]],
    band: tuple[int, int, int],
    bands: Sequence[tuple[int, int, int]],
) -> bool:
    y, left, right = group[-1]
    alone = sum(each[0] == band[0] for each in bands) == sum(each[0] == y for each in bands) == 1
    return alone and band[0] - y == ROW and left < band[2] and band[1] < right


def _outline(group: Sequence[tuple[int, int, int]]) -> str:
    """Return the closed path around bands: down on the right, up on the left, stepping between."""
    half = SIZE // 2
    path = [f"M{group[0][1]} {group[0][0] - half - PAD}H{group[0][2]}"]
    for (y, _left, _right), following in pairwise(group):
        path.append(f"V{y + half + LABELS}H{following[2]}")
    path.append(f"V{group[-1][0] + half + LABELS}H{group[-1][1]}")
    backwards = list(reversed(group))
    for _band, following in pairwise(backwards):
        path.append(f"V{following[0] + half + LABELS}H{following[1]}")
    return "".join([*path, "Z"])
