"""What the columns of a list mean and what a row says; no database.

Headings are known in the words that the institutions use; they may stand below a title, or in two
rows where "Apellidos" spans "Paterno" and "Materno".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from portal import clock
from portal.cases.rules import spoken
from portal.lists.sheets import Cell, Row
from portal.people.inputs import PersonInput
from portal.people.models import DocumentKind, Sex
from portal.people.rules import PARTICLES, Aged, Typed
from portal.places.catalogue import fold
from portal.places.inputs import read_district
from portal.places.queries import find_districts, full_name_of
from portal.texts import Said, msgid

FIRST_ROWS = 15
DNI = 8
EIGHT_DIGITS = (DocumentKind.DNI, DocumentKind.CUI)
# Excel counts days from here; a day of this century has five digits.
EPOCH = date(1899, 12, 30)
EXCEL_DAY = re.compile(r"^[34]\d{4}$")
DAY = re.compile(r"^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$")
ISO_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
AGE = re.compile(r"^(\d{1,2})(?: ?(?:a|anos?|years?))?$")

COLUMNS: dict[str, tuple[str, ...]] = {
    "given_names": ("nombres", "nombre", "prenombres", "nombres del menor", "given names"),
    "first_surname": (
        "primer apellido", "apellido paterno", "apellidos paterno", "paterno", "ap paterno",
        "first surname",
    ),
    "second_surname": (
        "segundo apellido", "apellido materno", "apellidos materno", "materno", "ap materno",
        "second surname",
    ),
    "surnames": ("apellidos", "apellidos del menor", "surnames"),
    "full_name": ("apellidos y nombres", "nombres y apellidos", "nombre completo", "full name"),
    "born_on": ("fecha de nacimiento", "f nacimiento", "fec nac", "nacimiento", "birth date"),
    "age": ("edad", "edad aproximada", "age"),
    "sex": ("sexo", "genero", "sex"),
    "document_kind": ("tipo de documento", "tipo documento", "tipo doc", "document kind"),
    "document": (
        "dni", "numero de dni", "n dni", "nro dni", "numero de documento", "n documento",
        "nro documento", "n de documento", "nro de documento", "documento", "document",
    ),
    "district": ("distrito", "ubigeo", "district"),
    "province": ("provincia", "province"),
    "where": ("direccion", "domicilio", "lugar", "donde esta", "address"),
    "adult": (
        "madre o padre", "nombre del interno", "interno", "nombre de la interna", "padre o madre",
        "apoderado", "con quien vive", "parent",
    ),
    "institution": (
        "establecimiento penitenciario", "e p", "penal", "institucion educativa", "i e", "colegio",
        "institution",
    ),
    "family": ("grupo familiar", "familia", "hermanos", "codigo de familia", "family"),
    "words": ("observaciones", "observacion", "situacion", "detalle", "notes"),
}  # fmt: skip
MEANING = {heading: name for name, headings in COLUMNS.items() for heading in headings}
NAMING = frozenset({"given_names", "first_surname", "surnames", "full_name"})
SEXES = {
    "f": Sex.FEMALE, "femenino": Sex.FEMALE, "mujer": Sex.FEMALE, "nina": Sex.FEMALE,
    "m": Sex.MALE, "masculino": Sex.MALE, "hombre": Sex.MALE, "varon": Sex.MALE, "nino": Sex.MALE,
}  # fmt: skip
# How lists name a kind of document; a number without a kind is that of a DNI.
DOCUMENTS = {
    "dni": DocumentKind.DNI, "cui": DocumentKind.CUI, "cnv": DocumentKind.CNV,
    "certificado de nacido vivo": DocumentKind.CNV, "acta": DocumentKind.ACTA,
    "acta de nacimiento": DocumentKind.ACTA, "partida de nacimiento": DocumentKind.ACTA,
    "ce": DocumentKind.CE, "c e": DocumentKind.CE, "carne de extranjeria": DocumentKind.CE,
    "carnet de extranjeria": DocumentKind.CE, "pasaporte": DocumentKind.PASSPORT,
    "passport": DocumentKind.PASSPORT, "cpp": DocumentKind.CPP, "ptp": DocumentKind.PTP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Child:
    """What a row says of a child, where nothing is wrong with it."""

    person: PersonInput
    district: str
    where: str
    adult: str
    institution: str
    words: str
    family: str

    @property
    def typed(self) -> Aged:
        """Return the child as one whose age can be told: an estimate counts from today."""
        given = self.person
        return Typed(given.born_on, given.estimated_age, clock.today())

    @property
    def kept(self) -> dict[str, Any]:
        """Return what is kept, sealed, until the alert is sent."""
        return {
            "person": self.person.model_dump(mode="json"),
            **{name: getattr(self, name) for name in PLAIN},
        }

    @classmethod
    def revive(cls, kept: Mapping[str, Any]) -> "Child":
        """Return a child as it was kept."""
        person = PersonInput.model_validate(kept["person"])
        return cls(person, **{name: kept[name] for name in PLAIN})


PLAIN = ("district", "where", "adult", "institution", "words", "family")


class WrongRow(Exception):
    """A row that cannot be sent; `said` tells why."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.text)
        self.said = said


def new_number() -> str:
    """Return the number of a list, such as `L-7K2M4`."""
    return f"L-{spoken(5)}"


def _heading(cell: Cell) -> str:
    return fold(cell) if isinstance(cell, str) else ""


def find_header(first: Sequence[Row]) -> tuple[int, dict[int, str]]:
    """Return how many rows stand above the data, and what each column means.

    The row with most known headings wins, alone or with the one below it. Without a column of
    names the meaning is empty.
    """
    best: tuple[int, dict[int, str]] = (0, {})
    for number, row in enumerate(first):
        alone = _meaning(map(_heading, row))
        below = first[number + 1] if number + 1 < len(first) else []
        both = _meaning(_joined(row, below)) if below else {}
        for rows, found in ((1, alone), (2, both)):
            if len(found) > len(best[1]):
                best = (number + rows, found)
    return best if NAMING & set(best[1].values()) else (0, {})


def _joined(row: Row, below: Row) -> list[str]:
    """Return the headings of two rows together; a blank beside a heading belongs to it."""
    spanning, found = "", []
    for spot in range(max(len(row), len(below))):
        upper = _heading(row[spot]) if spot < len(row) else ""
        lower = _heading(below[spot]) if spot < len(below) else ""
        spanning = upper or spanning
        found.append(f"{spanning} {lower}" if lower else upper)
    return found


def _meaning(headings: Iterable[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for spot, heading in enumerate(headings):
        name = MEANING.get(heading)
        if name and name not in found.values():
            found[spot] = name
    return found


def is_blank(row: Row, meaning: Mapping[int, str]) -> bool:
    """Tell whether a row has nothing in any column that means something."""
    return not any(row[spot] for spot in meaning if spot < len(row))


def read_row(row: Row, meaning: Mapping[int, str], *, district: str) -> Child | None:
    """Return what a row says, None where it is blank; raises WrongRow.

    `district` stands for those rows that name none.
    """
    if is_blank(row, meaning):
        return None
    cells = {name: row[spot] if spot < len(row) else "" for spot, name in meaning.items()}
    wrong = next((cell for cell in cells.values() if isinstance(cell, Said)), None)
    if wrong is not None:
        raise WrongRow(wrong)
    texts = {name: str(cell) for name, cell in cells.items()}
    return Child(
        person=_person(cells, texts),
        district=_district(texts, district),
        where=texts.get("where", "")[:400],
        adult=texts.get("adult", "")[:160],
        institution=texts.get("institution", "")[:160],
        words=texts.get("words", "")[:1000],
        family=fold(texts.get("family", ""))[:32],
    )


def _person(cells: Mapping[str, Any], texts: Mapping[str, str]) -> PersonInput:
    given, first, second = names_of(texts)
    if not (given or first):
        raise WrongRow(Said(msgid("The row has no name.")))
    kind, number = _document(texts)
    try:
        return PersonInput.model_validate(
            {
                "given_names": given,
                "first_surname": first,
                "second_surname": second,
                "born_on": _day(cells.get("born_on", "")),
                "estimated_age": _age(texts.get("age", "")),
                "sex": _sex(texts.get("sex", "")),
                "document_kind": kind,
                "document_number": number,
            }
        )
    except ValidationError as error:
        raise WrongRow(_said(error)) from error


def _document(texts: Mapping[str, str]) -> tuple[DocumentKind, str]:
    """Return the kind and number of the identity document; raises WrongRow for an unknown kind."""
    number = texts.get("document", "").replace(" ", "")
    if not number:
        return DocumentKind.NONE, ""
    named = texts.get("document_kind", "")
    kind = DOCUMENTS.get(fold(named)) if named else DocumentKind.DNI
    if kind is None:
        unknown = msgid(
            "“%(text)s” is no known kind of document."
            " Write DNI, CUI, CNV, acta, CE, pasaporte, CPP or PTP."
        )
        raise WrongRow(Said(unknown, {"text": named[:40]}))
    if kind in EIGHT_DIGITS and number.isdigit() and DNI - 2 <= len(number) < DNI:
        # A sheet drops the zeros with which a number begins.
        number = number.zfill(DNI)
    return kind, number


def _said(error: ValidationError) -> Said:
    """Return the first thing that is wrong, in the words that a form would say beside the field."""
    first: Any = error.errors()[0]
    message = (first.get("ctx") or {}).get("message")
    if message is not None:
        return Said(str(message))
    return Said(msgid("A name or number is longer than fits."))


def names_of(texts: Mapping[str, str]) -> tuple[str, str, str]:
    """Return given names, first and second surname, from whichever columns the list has.

    "CEDRO CAOBA, Tangara" is parted at its comma; without one the first two words are surnames.
    """
    given, first = texts.get("given_names", ""), texts.get("first_surname", "")
    second, surnames = texts.get("second_surname", ""), texts.get("surnames", "")
    whole = texts.get("full_name", "")
    if whole and not given:
        if "," in whole:
            surnames, given = (part.strip() for part in whole.split(",", 1))
        else:
            words = whole.split()
            surnames, given = " ".join(words[:2]), " ".join(words[2:])
    if surnames and not first:
        first, second = part_surnames(surnames)
    return given, first, second


def part_surnames(text: str) -> tuple[str, str]:
    """Return first and second surname; particles stay with the word that follows them."""
    found: list[str] = []
    waiting: list[str] = []
    for word in text.split():
        waiting.append(word)
        if fold(word) not in PARTICLES:
            found.append(" ".join(waiting))
            waiting = []
    if waiting:
        found.append(" ".join(waiting))
    return (found[0] if found else ""), " ".join(found[1:])


def _day(cell: Cell) -> date | None:
    if isinstance(cell, date):
        return cell
    text = str(cell).strip()
    if not text:
        return None
    try:
        if typed := DAY.match(text):
            return date(int(typed[3]), int(typed[2]), int(typed[1]))
        if iso := ISO_DAY.match(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if EXCEL_DAY.match(text):
            return EPOCH + timedelta(days=int(text))
    except ValueError:
        pass
    raise WrongRow(Said(msgid("“%(text)s” is no date. Write day/month/year."), {"text": text[:40]}))


def _age(text: str) -> int | None:
    if not text:
        return None
    found = AGE.match(fold(text))
    if found is None:
        raise WrongRow(Said(msgid("“%(text)s” is no age in years."), {"text": text[:40]}))
    return int(found[1])


def _sex(text: str) -> Sex:
    return SEXES.get(fold(text), Sex.UNKNOWN)


def _district(texts: Mapping[str, str], default: str) -> str:
    named = texts.get("district", "")
    if not named:
        if not default:
            raise WrongRow(Said(msgid("The row names no district, and none was chosen for all.")))
        return default
    province = texts.get("province", "")
    for typed in ([f"{named}, {province}"] if province else []) + [named]:
        found = _resolved(typed, province)
        if found:
            return found
    raise WrongRow(
        Said(
            msgid("Which district is “%(text)s”? Write district and province, or the UBIGEO."),
            {"text": named[:60]},
        )
    )


def _resolved(typed: str, province: str) -> str | None:
    try:
        return str(read_district(typed))
    except PydanticCustomError:
        near = [
            place
            for place in find_districts(typed.replace(",", " "), limit=5)
            if not province or fold(province) in fold(full_name_of(place.code))
        ]
        exact = [place for place in near if fold(place.name) == fold(typed.split(",")[0])]
        return exact[0].code if len(exact) == 1 else None
