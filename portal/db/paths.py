"""Where the top-level folders lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def folder(name: str) -> Path:
    """Return the folder `templates`, `migrations` or `config`."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
