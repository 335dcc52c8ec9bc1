"""What the documents tell an operator exists: commands, targets, settings, files."""

import re
import shlex
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

import sbom
from portal.cli import parser
from portal.settings import Settings, load_settings
from tests import inventory

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACEHOLDERS = {"SLUG": "shelter", "CODE": "UPE", "NAME": "ana", "FILE": "file"}


def said_commands(text: str) -> list[str]:
    """Return the commands of the portal in code: fenced lines and words between back-ticks."""
    code = FENCED.findall(text) + re.findall(r"`([^`]+)`", FENCED.sub("", text))
    lines = [line.strip() for each in code for line in each.replace("\n", " \n").splitlines()]
    return [line for line in lines if re.match(r"(\S*/)?portal [a-z]", line)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_exist(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In prose a command may stand without its arguments; nothing else may be wrong with it."""
    wrong = []
    for line in said_commands(document.read_text()):
        words = [PLACEHOLDERS.get(word, word) for word in shlex.split(line, comments=True)[1:]]
        with suppress(SystemExit):
            parser().parse_args(words)
        said = capsys.readouterr().err
        if "error:" in said and "arguments are required" not in said:
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_targets_exist(document: Path) -> None:
    text = document.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\"]+)\"", text):
        path = document.parent / (target[0] or target[1])
        assert path.exists(), f"{document.name} links to {path}"
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`(?:PORT=\d+ )?make ([a-z-]+)", text)) <= made
    for name in re.findall(r"PORTAL_([A-Z_]+)", text):
        assert name.lower() in Settings.model_fields or name == "CONFIG", name


def test_the_example_of_settings_names_each_of_them_and_loads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = ROOT / "config" / "articula.example.toml"
    named = set(re.findall(r"^(?:# )?([a-z_]+) = ", path.read_text(), re.MULTILINE))
    assert named == set(Settings.model_fields)
    monkeypatch.setenv("PORTAL_CONFIG", str(path))
    for name in named:
        monkeypatch.delenv(f"PORTAL_{name.upper()}", raising=False)
    loaded = load_settings()
    assert loaded.trusted_hosts == ["articula.example.pe"]
    for name, value in tomllib.loads(path.read_text()).items():
        default = Settings.model_fields[name].default
        if name not in {"data_dir", "trusted_hosts", "trusted_proxies"}:
            assert value == default, f"the example of {name} is not its default"


def test_service_proxy_and_container_start_what_exists() -> None:
    service = (ROOT / "config" / "articula.service").read_text()
    container = (ROOT / "config" / "Containerfile").read_text()
    proxy = (ROOT / "config" / "nginx.conf").read_text()
    for line in re.findall(r"^Exec\w+=\S+/portal (.+)$", service, re.MULTILINE):
        parser().parse_args(line.split())
    assert 'CMD ["portal", "run"]' in container
    for name in re.findall(r"COPY (requirements\S+)", container):
        assert (ROOT / name).exists()
    port = Settings.model_fields["port"].default
    assert f"server 127.0.0.1:{port};" in proxy
    assert f"EXPOSE {port}" in container


def test_the_inventory_of_tables_is_current() -> None:
    assert inventory.PAGE.read_text() == inventory.current(), "run python -m tests.inventory"


def test_the_list_of_parts_names_every_locked_package_with_its_hashes() -> None:
    lock = (ROOT / "requirements-runtime.lock").read_text()
    found = sbom.components(lock)
    assert len(found) == len(re.findall(r"^\S+==", lock, re.MULTILINE))
    assert all(each["hashes"] for each in found)
    assert {"flask", "cryptography", "psycopg"} <= {each["name"] for each in found}


def test_each_row_of_asvs_names_files_that_are_there() -> None:
    text = (ROOT / "docs/security/asvs.md").read_text()
    for path in re.findall(r"`((?:tests|portal|plugins)/[^`]+)`", text):
        assert (ROOT / path).exists(), path
