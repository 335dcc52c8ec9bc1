"""The wheels of core and modules, installed elsewhere, serve without repository or network."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.serving import Operator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "una frase larga de prueba"
INSIDE = (
    "portal/templates/layout/page.html",
    "portal/templates/pdf/acta.typ",
    "portal/templates/pdf/copy.typ",
    "portal/migrations/env.py",
    "portal/config/articula.example.toml",
    "portal/static/vendor/htmx.min.js",
    "portal/static/portal.css",
    "portal/py.typed",
)


def uv(*arguments: str) -> None:
    subprocess.run(
        [str(Path(sys.executable).parent / "uv"), *arguments],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the built wheels: the core's first."""
    folder = tmp_path_factory.mktemp("dist")
    sources = [ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
    for source in sources:
        uv("build", "--wheel", "--offline", "--no-build-isolation", "-o", str(folder), str(source))
    found = sorted(folder.glob("*.whl"), key=lambda path: len(path.name))
    assert len(found) == len(sources) == 4
    return found


@pytest.fixture(scope="module")
def installed(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheels' contents, as an environment holds them."""
    folder = tmp_path_factory.mktemp("site")
    uv("pip", "install", "--offline", "--no-deps", "--target", str(folder), *map(str, wheels))
    return folder


def test_everything_that_serving_needs_is_inside(wheels: list[Path]) -> None:
    names = set(zipfile.ZipFile(wheels[0]).namelist())
    assert set(INSIDE) <= names
    assert any(name.startswith("portal/places/data/") for name in names)
    assert any(name.endswith("es/LC_MESSAGES/portal.mo") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "portal/bench/out"))]
    for module in wheels[1:]:
        inside = zipfile.ZipFile(module).namelist()
        for part in ("/templates/", ".mo", "/migrations/versions/", "entry_points.txt"):
            assert any(part in name for name in inside), f"{module.name} lacks {part}"


def test_it_is_set_up_and_served_from_elsewhere(installed: Path, tmp_path: Path) -> None:
    operator = Operator(
        tmp_path / "data",
        {
            "PYTHONPATH": str(installed),
            "PORTAL_SECRET_KEY": "x" * 40,
            "PORTAL_HTTPS": "false",
            "PORTAL_WORKERS": "1",
        },
    )
    where = subprocess.run(
        [sys.executable, "-c", "import portal, portal_shelter as s; print(portal, s)"],
        cwd=tmp_path,
        env=operator.variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.count(str(installed)) == 2, where.stdout
    who = ("--username", "jefa", "--name", "Jefa Prueba", "--password", PASSWORD)
    for arguments in (("init", *who), ("plugins", "admit", "shelter"), ("db", "check")):
        done = operator.run(*arguments)
        assert done.returncode == 0, done.stderr
    with operator.serving("run") as site:
        page = site.get("/login")
        assert "Iniciar sesión" in page
        address = page.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "--brand" in site.get(address)
    assert site.log.read_text() == ""
