"""Names of many people: a few given names, thousands of surnames, by Zipf's law, all invented."""

import random
from dataclasses import dataclass
from itertools import accumulate, product

GIVEN = (
    "Rosa", "Luis", "Jhon", "Milagros", "Yolanda", "Héctor", "Javier", "Wilder", "Segundo",
    "Zoila", "Quintín", "Cecilia", "Benita", "Hilario", "Gisela", "Íngrid", "Nube", "Lucero",
)  # fmt: skip
HEADS = (
    "Agua", "Bola", "Capi", "Cedro", "Chambi", "Cao", "Copai", "Cuma", "Espi", "Gar", "Gua", "Hua",
    "Huay", "Ishpi", "Jer", "Lla", "Lullu", "Lupu", "Machi", "Ñe", "O", "Pau", "Qui", "Requi",
    "Shi", "Tahua", "Tan", "Ubi", "Viro", "Yacu", "Yari", "Zun",
)  # fmt: skip
MIDDLES = ("", "na", "ri", "lla", "co", "que", "mo", "shi", "ba", "zi", "cha", "tu")
TAILS = (
    "huaco", "rana", "zisa", "cocha", "mal", "ruma", "caspi", "vera", "baco", "yama", "quiro",
    "cillo", "nahui", "goya", "jama", "pía", "ñaco", "bel", "chique", "zán", "cero", "güi", "tica",
    "yoc", "vasa", "mari", "pano", "luna", "ton", "dor", "sima", "hueco", "lago", "rico",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A person's names."""

    given_names: str
    first_surname: str
    second_surname: str


class Names:
    """Draws names: the same in every run of one seed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.surnames = ["".join(parts) for parts in product(HEADS, MIDDLES, TAILS)]
        rng.shuffle(self.surnames)
        self.weights = list(accumulate(1 / (place + 20) for place in range(len(self.surnames))))

    def draw(self) -> Name:
        """Return the name of one person."""
        first, second = self.rng.choices(self.surnames, cum_weights=self.weights, k=2)
        given = " ".join(self.rng.sample(GIVEN, self.rng.choice((1, 1, 2))))
        return Name(given, first, second)
