"""Spanish is complete and right: every text of core and modules, and none written past it."""

import ast
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment

import hatch_build

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = hatch_build.distributions(ROOT)
# Names and units, which are the same in every language, and a language's name in itself.
NAMES = {"Articula", "Español", "English", "ms"}
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])|%(?!%)")
# Attributes that are read aloud or shown.
SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description", "label")
MARKED = re.compile(
    r"""\b(?:_|ngettext|gettext)\(\s*(?:"[^"]*"|'[^']*')(?:\s*,\s*(?:"[^"]*"|'[^']*'))?"""
)
# Whatever stands between braces is marked by this, so that it separates but has no letter.
HOLE = "\0"


def name_of(root: Path) -> str:
    """Return how a distribution is called in a test."""
    return hatch_build.domain_of(hatch_build.package_of(root))


def catalogues() -> list[Path]:
    """Return every catalogue of the core and of each module."""
    found: list[Path] = []
    for root in DISTRIBUTIONS:
        for locale in hatch_build.LOCALES:
            folder = hatch_build.package_of(root) / "translations" / locale
            found += sorted(folder.glob("*.po"))
    return found


def templates() -> list[Path]:
    """Return every template of the core and of each module."""
    folders = [ROOT / "templates", *(hatch_build.package_of(root) for root in DISTRIBUTIONS)]
    return [path for folder in folders for path in sorted(folder.rglob("*.html"))]


@cache
def read(path: Path) -> Catalog:
    """Return a catalogue as it stands in its file."""
    with path.open("rb") as handle:
        return read_po(handle, locale=path.parent.name)


def entries(path: Path) -> list[Message]:
    """Return the texts of a catalogue without its header."""
    return [message for message in read(path) if message.id]


def words(value: object) -> tuple[str, ...]:
    """Return the one text of an entry, or its singular and plural."""
    return tuple(value) if isinstance(value, list | tuple) else (str(value or ""),)


every_catalogue = pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
every_distribution = pytest.mark.parametrize("root", DISTRIBUTIONS, ids=name_of)


@every_catalogue
def test_nothing_is_left_untranslated(path: Path) -> None:
    assert [message.id for message in entries(path) if not all(words(message.string))] == []


@every_catalogue
def test_nothing_is_fuzzy_or_obsolete(path: Path) -> None:
    assert [message.id for message in entries(path) if message.fuzzy] == []
    assert list(read(path).obsolete) == []


@every_catalogue
def test_placeholders_are_those_of_the_source(path: Path) -> None:
    wrong = [message.id for message in entries(path) if not keeps_placeholders(message)]
    assert wrong == []


def keeps_placeholders(message: Message) -> bool:
    """Tell whether each form of a translation fills in what the source's form fills in."""
    sources, translations = words(message.id), words(message.string)
    return len(sources) == len(translations) and all(
        sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(translation))
        for source, translation in zip(sources, translations, strict=True)
    )


@every_distribution
def test_each_text_of_the_sources_stands_in_its_catalogue(root: Path) -> None:
    package = hatch_build.package_of(root)
    for locale in hatch_build.LOCALES:
        for own, paths in hatch_build.contexts_of(root).items():
            path = package / "translations" / locale / f"{own}.po"
            found = {message.id for message in hatch_build.extract(paths, root) if message.id}
            kept = {message.id for message in entries(path)} if path.exists() else set()
            assert found == kept, f"run: make messages, then translate {path.name}"


def within_others(path: Path) -> list[str]:
    """Return where a text is marked within another one's braces."""
    return [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.JoinedStr)
        for call in ast.walk(outer)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in hatch_build.KEYWORDS
    ]


@every_distribution
def test_no_text_is_marked_where_it_is_collected_by_some_versions_of_python_only(
    root: Path,
) -> None:
    paths = [path for paths in hatch_build.contexts_of(root).values() for path in paths]
    sources = [path for path in paths if path.suffix == ".py"]
    assert sources
    assert [at for path in sources for at in within_others(path)] == []


def test_a_text_is_said_in_one_way() -> None:
    """Catalogues are joined and the core's wins, so another way of a module is never read."""
    said: dict[object, dict[tuple[str, ...], str]] = {}
    for path in catalogues():
        for message in entries(path):
            ways = said.setdefault((path.parent.name, message.id), {})
            ways.setdefault(words(message.string), path.stem)
    assert [(text, ways) for text, ways in said.items() if len(ways) > 1] == []


class Visible(HTMLParser):
    """Collects what a reader sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes that are read aloud; leave styles and scripts out."""
        self.hidden += tag in ("style", "script")
        self.found += [value or "" for name, value in attrs if name in SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        """Come back from a style or script."""
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        """Keep a text; a macro that writes attributes of its caller's tag shows none."""
        if not self.hidden and '="' not in data:
            self.found.append(data)


def written_past(source: str) -> list[str]:
    """Return what a template shows without translation: texts, spoken attributes, literals."""
    page, literals = [], []
    for _line, kind, value in Environment(autoescape=True).lex(MARKED.sub("(", source)):
        if kind == "data":
            page.append(value)
        elif kind == "variable_begin":
            page.append(HOLE)
        elif kind == "string":
            literals.append(value[1:-1])
    reader = Visible()
    reader.feed("".join(page))
    reader.close()
    texts = [part.strip() for text in reader.found for part in text.split(HOLE)]
    return [text for text in texts if has_words(text)] + [
        text for text in literals if reads_as_text(text)
    ]


def has_words(text: str) -> bool:
    """Tell whether a shown text is more than signs, digits and names."""
    bare = re.sub(rf"\b({'|'.join(sorted(NAMES))})\b", "", text)
    return any(letter.isalpha() for letter in bare)


def reads_as_text(literal: str) -> bool:
    """Tell whether a literal of a template looks as if somebody were to read it."""
    capital = literal[:1].isupper() and literal[1:2].islower()
    sentence = " " in literal.strip() and literal.strip()[-1:] in ".:?!"
    return (capital or sentence) and literal not in NAMES


def test_no_template_shows_words_past_translation() -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in templates()
        if (found := written_past(path.read_text()))
    }
    assert wrong == {}
