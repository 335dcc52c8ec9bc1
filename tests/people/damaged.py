"""Two thousand synthetic names, and two hundred as people half remember them, by kind of slip."""

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.people.sounds import name_words

SEED = 1297
PEOPLE = 2000
EACH = 10
HEADS = (
    "Bola", "Capi", "Cedro", "Chambi", "Caoba", "Copai", "Cumace", "Espi", "Garza", "Guaca",
    "Huacra", "Huay", "Ishpin", "Jergón", "Gero", "Llaja", "Llullu", "Lupu", "Machi", "Ñeja", "Ojé",
    "Paucar", "Quilla", "Quini", "Requia", "Shihua", "Tahua", "Tanga", "Ubos", "Virola", "Yacu",
    "Yarina", "Zúnga", "Zapo", "Güero", "Gilo", "Cético", "Sacha", "Peña", "Wicun",
)  # fmt: skip
TAILS = (
    "huaco", "rana", "zisa", "cocha", "mal", "ruma", "caspi", "vera", "baco", "llama", "yacu",
    "quiro", "cillo", "nahui", "goya", "jama", "pía", "ñaco", "bel", "chique", "zán", "cero", "güi",
    "tica", "yoc", "vasa",
)  # fmt: skip
GIVEN = (
    "José", "María", "Rosa", "Luis", "Enrique", "Jesús", "Isabel", "Francisco", "Milagros", "Yoni",
    "Hilario", "Héctor", "Javier", "Gisela", "Jhonatan", "Bryan", "Vilma", "Benita", "Zoila",
    "Cecilia", "Sixto", "Wilder", "Hugo", "Kélita", "Quintina", "Yolanda", "Guillermo", "Íñigo",
    "Rosario", "Gonzalo", "Mercedes", "Eduardo", "Alberto", "Graciela", "Ignacio", "Fernando",
)  # fmt: skip
NATIVE = ("Wajajái", "Tsamaráin", "Kukúsh", "Shawít", "Ampúsh", "Yampís", "Nugkúm", "Chijiáp")
SHORT = {
    "José": "Pepe", "Luis": "Lucho", "Enrique": "Quique", "Jesús": "Chucho", "Isabel": "Chabela",
    "Francisco": "Pancho", "Milagros": "Mili", "Rosario": "Charo", "Gonzalo": "Chalo",
    "Mercedes": "Meche", "Eduardo": "Lalo", "Alberto": "Beto", "Graciela": "Chela",
    "Ignacio": "Nacho", "Fernando": "Nando",
}  # fmt: skip

Name = tuple[str, str, str]


@dataclass(frozen=True)
class Damaged:
    """A name as somebody half remembers it, the kind of slip, and whose name it was."""

    kind: str
    typed: str
    meant: Name


def names(rng: random.Random) -> list[Name]:
    """Return the names of so many people: few given names, many surnames."""
    found: dict[Name, None] = {}
    while len(found) < PEOPLE:
        given = " ".join(rng.sample(GIVEN, rng.choice((1, 1, 2))))
        found[given, _surname(rng), _surname(rng) if rng.random() < 0.9 else ""] = None
    return list(found)


def _surname(rng: random.Random) -> str:
    drawn = rng.random()
    if drawn < 0.06:
        return rng.choice(NATIVE)
    made = rng.choice(HEADS) + rng.choice(TAILS)
    if drawn < 0.12:
        return rng.choice(("de la ", "del ", "de los ")).title() + made
    return f"D'{made}" if drawn < 0.17 else made


def whole(name: Name) -> str:
    """Return a name as it is written."""
    return " ".join(part for part in name if part)


def plain(text: str) -> str:
    """Return a text without marks over letters, in small letters."""
    signs = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


def replaced(*pairs: tuple[str, str]) -> Callable[[Name, random.Random], str]:
    """Return a slip that writes some letters for others, each pair both ways, all over."""

    def damage(name: Name, _rng: random.Random) -> str:
        text = plain(whole(name))
        for old, new in pairs:
            if old in text:
                return text.replace(old, new)
        return text

    return damage


def _accents(name: Name, _rng: random.Random) -> str:
    return plain(whole(name)) if plain(whole(name)) != whole(name).lower() else ""


def _swapped(name: Name, _rng: random.Random) -> str:
    return f"{name[2]} {name[1]}, {name[0]}" if name[2] else ""


def _one_surname(name: Name, rng: random.Random) -> str:
    return rng.choice([part for part in name[1:] if part])


def _nickname(name: Name, _rng: random.Random) -> str:
    first = name[0].split()[0]
    return f"{SHORT[first]} {name[1]}" if first in SHORT else ""


def _particles(name: Name, _rng: random.Random) -> str:
    text = plain(whole(name))
    bare = " ".join(word for word in text.split() if word not in ("de", "la", "del", "los"))
    return bare if bare != text else ""


def _apostrophes(name: Name, _rng: random.Random) -> str:
    return whole(name).replace("'", "") if "'" in whole(name) else ""


def _native(name: Name, rng: random.Random) -> str:
    own = [part for part in name[1:] if part in NATIVE]
    if not own:
        return ""
    pairs = (("w", "hu"), ("j", "h"), ("k", "c"), ("sh", "ch"), ("ts", "s"))
    text = plain(own[0])
    old, new = rng.choice([pair for pair in pairs if pair[0] in text] or [("a", "a")])
    return f"{name[0]} {text.replace(old, new, 1)}"


def _halves(name: Name, _rng: random.Random) -> str:
    return " ".join(
        word[:4] for word in plain(whole(name).replace("'", "")).split() if len(word) > 3
    )


def _one_letter(change: Callable[[str, int], str]) -> Callable[[Name, random.Random], str]:
    def damage(name: Name, rng: random.Random) -> str:
        word = plain(name[1]).split()[-1].replace("'", "")
        if len(word) < 6:
            return ""
        return f"{name[0]} {change(word, rng.randrange(1, len(word) - 2))}"

    return damage


KINDS: dict[str, Callable[[Name, random.Random], str]] = {
    "accents": _accents,
    "b and v": replaced(("v", "b"), ("b", "v")),
    "s, z and c": replaced(("z", "s"), ("ci", "si"), ("ce", "ze")),
    "y and ll": replaced(("ll", "y"), ("y", "ll")),
    "h": replaced(("hua", "ua"), ("h", "")),
    "g and j": replaced(("ge", "je"), ("gi", "ji")),
    "qu and k": replaced(("qui", "ki"), ("que", "ke"), ("qu", "k")),
    "i and y": replaced(("y", "i"), ("ia", "ya")),
    "ü": replaced(("gue", "güe"), ("gui", "güi")),
    "ñ": lambda name, _rng: plain(whole(name)) if "ñ" in whole(name).lower() else "",
    "swapped surnames": _swapped,
    "one surname": _one_surname,
    "nickname": _nickname,
    "particles": _particles,
    "apostrophes": _apostrophes,
    "indigenous": _native,
    "halves of words": _halves,
    "letters swapped": _one_letter(lambda w, at: w[:at] + w[at + 1] + w[at] + w[at + 2 :]),
    "letter missing": _one_letter(lambda w, at: w[:at] + w[at + 1 :]),
    "letter mistaken": _one_letter(lambda w, at: w[:at] + "n" + w[at + 1 :]),
}


def damaged(people: Sequence[Name], rng: random.Random) -> list[Damaged]:
    """Return ten damaged names of each kind, of people whose right name fits at most ten."""
    made = []
    for kind, damage in KINDS.items():
        found: list[Damaged] = []
        while len(found) < EACH:
            name = rng.choice(people)
            typed = damage(name, rng)
            if not typed or (typed in (whole(name), plain(whole(name))) and kind not in EASY):
                continue
            if kind != "one surname" or len(_bearing(people, typed)) <= EACH:
                found.append(Damaged(kind, typed, name))
        made += found
    return made


# Kinds where leaving out the mark is the slip itself.
EASY = ("accents", "ñ", "particles", "apostrophes")


def _bearing(people: Sequence[Name], surname: str) -> list[Name]:
    words = set(name_words(surname))
    return [name for name in people if words <= set(name_words(whole(name)))]


__all__ = ["SEED", "Damaged", "Name", "damaged", "names", "whole"]
