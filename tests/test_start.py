"""What is loaded when the portal starts: what a page needs, nothing heavy beside it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from portal.db.sealing import make_key_file

HEAVY = {
    *("alembic", "typst", "mako", "faker", "playwright", "holidays", "psycopg", "hypothesis"),
    *("webauthn", "pyotp", "segno", "zxcvbn"),
}
LOADED = "; import json, sys; print(json.dumps([name.split('.')[0] for name in sys.modules]))"


def loaded_by(what: str) -> set[str]:
    """Return the top-level names that a fresh process has loaded after some code."""
    made = subprocess.run(
        [sys.executable, "-c", what + LOADED],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(made.stdout))


@pytest.mark.slow
def test_serving_loads_only_what_a_page_needs(tmp_path: Path) -> None:
    make_key_file(tmp_path / "keys" / "sealing.key")
    loaded = loaded_by(
        "from portal.server import portal_server; from portal.settings import Settings;"
        f" portal_server(Settings(secret_key='s' * 40, data_dir={str(tmp_path)!r}))"
    )
    assert {"flask", "sqlmodel", "portal_shelter"} <= loaded
    assert not loaded & HEAVY


def test_asking_for_help_loads_nothing_of_the_portal() -> None:
    loaded = loaded_by("import portal.cli; portal.cli.parser().format_help()")
    assert "portal" in loaded
    assert not loaded & {*HEAVY, "flask", "sqlalchemy", "pydantic", "babel"}
