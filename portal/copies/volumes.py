"""How a file is foliated and parted into volumes. Pure.

A volume (tomo, cuerpo) holds at most 200 folios, and a document that is one text is not parted
between two: what does not fit begins the next one (TUO of Ley 27444 art. 152). A document that no
volume can hold goes on in the next, which its line in the index shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_FOLIOS = 200


@dataclass(frozen=True, slots=True)
class Numbered:
    """The folios of a piece, and the volumes in which they stand, from first to last."""

    first: int
    last: int
    volume: int
    last_volume: int


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume, and its folios from first to last."""

    number: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """Return how many folios it holds."""
        return self.last - self.first + 1


def foliate(lengths: Sequence[int]) -> tuple[list[Numbered], list[Volume]]:
    """Return the folios of pieces of so many sheets each, in order, and the volumes."""
    numbered: list[Numbered] = []
    starts: list[int] = []
    folio = 1
    for length in lengths:
        used = folio - starts[-1] if starts else MOST_FOLIOS
        if used + length > MOST_FOLIOS and used:
            starts.append(folio)
        began = len(starts)
        last = folio + length - 1
        while last - starts[-1] >= MOST_FOLIOS:
            starts.append(starts[-1] + MOST_FOLIOS)
        numbered.append(Numbered(folio, last, began, len(starts)))
        folio = last + 1
    ends = [start - 1 for start in starts[1:]] + [folio - 1]
    return numbered, [
        Volume(number, first, last)
        for number, (first, last) in enumerate(zip(starts, ends, strict=True), start=1)
    ]
