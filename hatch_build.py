"""Build steps of the wheels: compiled catalogues, and top-level folders mapped into the package.

Run as a command it compiles the catalogues of the checkout (`python hatch_build.py`), or collects
the texts to translate into them (`python hatch_build.py collect`).

Each context keeps its translations in a file of its own, `translations/<locale>/<context>.po`; they
are merged into one compiled catalogue per package, so that two contexts never edit the same file.
"""

import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "msgid": None,
    "gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
    "pgettext": ((1, "c"), 2),
}
LOCALES = ("es",)


def package_of(root: Path) -> Path:
    """Return the import package of a distribution: `portal`, or a plugin's `portal_<slug>`."""
    if (root / "portal").is_dir():
        return root / "portal"
    return next(path for path in root.iterdir() if path.name.startswith("portal_"))


def domain_of(package: Path) -> str:
    """Return the catalogue's domain: `portal`, or the plugin's slug."""
    return package.name.removeprefix("portal_")


def compile_catalogs(root: Path) -> None:
    """Merge the context files of each locale into `<locale>/LC_MESSAGES/<domain>.mo`.

    Raises SystemExit where two contexts translate the same text differently: the reader would see
    whichever came last.
    """
    package = package_of(root)
    for folder in sorted((package / "translations").glob("*")):
        sources = sorted(folder.glob("*.po"))
        target = folder / "LC_MESSAGES" / f"{domain_of(package)}.mo"
        if not sources or is_current(target, sources):
            continue
        merged = Catalog(locale=folder.name, domain=domain_of(package))
        for source in sources:
            for message in read_po(source.open("rb"), locale=folder.name):
                words = message.string if isinstance(message.string, tuple) else (message.string,)
                if not message.id or not all(words):
                    continue
                present = merged.get(message.id, message.context)
                if present and present.string and present.string != message.string:
                    raise SystemExit(f"{source}: {message.id!r} is translated in two ways.")
                merged.add(message.id, message.string, context=message.context, flags=message.flags)
        target.parent.mkdir(exist_ok=True)
        with target.open("wb") as handle:
            write_mo(handle, merged)


def is_current(target: Path, sources: list[Path]) -> bool:
    """Tell whether the compiled catalogue is newer than each of its sources."""
    newest = max(path.stat().st_mtime for path in [*sources, sources[0].parent])
    return target.is_file() and target.stat().st_mtime >= newest


def contexts_of(root: Path) -> dict[str, list[Path]]:
    """Group the source files by the context that owns their texts."""
    package = package_of(root)
    groups: dict[str, list[Path]] = {}
    plugin = package.name != "portal"
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.html")]):
        inside = path.relative_to(package).parts
        own = domain_of(package) if plugin or len(inside) == 1 else inside[0]
        groups.setdefault(own, []).append(path)
    if not plugin:
        for path in sorted((root / "templates").rglob("*.html")):
            folder = path.relative_to(root / "templates").parts[0]
            own = folder if (package / folder).is_dir() else "web"
            groups.setdefault(own, []).append(path)
    return groups


def extract(paths: list[Path], root: Path) -> Catalog:
    """Return the texts that these files mark for translation."""
    catalog = Catalog()
    for path in paths:
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        place = str(path.relative_to(root))
        for _line, text, _notes, context in extract_from_file(
            method, path, keywords=KEYWORDS, options={"silent": "false"}
        ):
            catalog.add(text, locations=[(place, 1)], context=context)
    return catalog


def collect(root: Path) -> None:
    """Bring the context files up to date with the texts of the sources, keeping translations."""
    package = package_of(root)
    for locale in LOCALES:
        folder = package / "translations" / locale
        folder.mkdir(parents=True, exist_ok=True)
        for own, paths in contexts_of(root).items():
            found = extract(paths, root)
            target = folder / f"{own}.po"
            if not len(found) and not target.exists():
                continue
            catalog = (
                read_po(target.open("rb"), locale=locale)
                if target.exists()
                else Catalog(locale=locale)
            )
            catalog.update(found, no_fuzzy_matching=True)
            catalog.obsolete.clear()
            with target.open("wb") as handle:
                write_po(
                    handle, catalog, no_location=True, omit_header=True, sort_output=True, width=100
                )


def distributions(root: Path) -> list[Path]:
    """Return the core and every plugin of the checkout."""
    return [root, *sorted(path.parent for path in root.glob("plugins/*/pyproject.toml"))]


if __name__ == "__main__":
    for each in distributions(Path(__file__).parent):
        if sys.argv[1:] == ["collect"]:
            collect(each)
        compile_catalogs(each)
else:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class Hook(BuildHookInterface):  # type: ignore[type-arg]
        """Compile the catalogues and, for a wheel, map the top-level folders inside the package."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Prepare a build; `version` is "standard" or "editable"."""
            root = Path(self.root)
            compile_catalogs(root)
            if version == "editable" or not (root / "portal").is_dir():
                return
            if not (root / "portal/static/vendor/htmx.min.js").is_file():
                raise SystemExit("Run 'make setup' first: htmx is missing.")
            for name in ("templates", "migrations", "config"):
                build_data["force_include"][f"{self.root}/{name}"] = f"portal/{name}"
