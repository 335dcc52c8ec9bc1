"""Keys, backups and restores as the operator runs them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyrage import x25519

from portal import cli, host

PASSWORD = "una frase larga de prueba"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Return a way to run commands on an instance that was made; what was said comes back."""
    for name, value in (("DATA_DIR", "data"), ("SECRET_KEY", "x" * 40), ("WEAK_HASH", "1")):
        monkeypatch.setenv(f"PORTAL_{name}", value)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str]:
        status = cli.main(list(arguments))
        said = capsys.readouterr()
        return status, said.out + said.err

    with host.using(host.current()):
        made = ("init", "--username", "jefa", "--name", "Jefa Prueba", "--password", PASSWORD)
        assert command(*made)[0] == 0
        yield command


@pytest.fixture
def keepers(tmp_path: Path) -> list[tuple[Path, str]]:
    """Return two keepers: the file of the private key, and the public one."""
    found = []
    for number in range(2):
        identity = x25519.Identity.generate()
        path = tmp_path / f"keeper{number}.txt"
        path.write_text(str(identity))
        found.append((path, str(identity.to_public())))
    return found


@pytest.mark.slow
def test_a_night_and_its_drill(
    run: Run, keepers: list[tuple[Path, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("backup", "night.age") == (
        1,
        "portal: Name whom it is encrypted to: set backup_recipients, or give --to age1…\n",
    )
    status, said = run("backup", "night.age", "--to", keepers[0][1])
    assert (status, "second recipient" in said) == (0, True)
    monkeypatch.setenv("PORTAL_BACKUP_RECIPIENTS", json.dumps([each[1] for each in keepers]))
    status, said = run("backup", "second.age", "--json")
    kept = json.loads(said)
    assert (status, kept["recipients"]) == (0, 2)
    assert run("restore", "second.age", "--identity", str(keepers[1][0]))[0] == 1
    monkeypatch.setenv("PORTAL_DATA_DIR", "drill")
    monkeypatch.setenv("PORTAL_KEY_FILE", "data/keys/sealing.key")
    status, said = run("restore", "second.age", "--identity", str(keepers[1][0]), "--json")
    back = json.loads(said)
    assert (status, back["rows"], back["erased_again"]) == (0, kept["rows"], 0)
    assert run("audit", "verify")[0] == 0


@pytest.mark.slow
def test_a_key_is_rotated_and_kept(run: Run, keepers: list[tuple[Path, str]]) -> None:
    to = [word for each in keepers for word in ("--to", each[1])]
    status, said = run("keys", "escrow", *to, "--out", "before", "--json")
    envelope = json.loads(said)["files"][1]
    assert status == 0
    check = ("keys", "escrow", "--check", envelope, "--identity", str(keepers[1][0]))
    assert run(*check)[0] == 0
    status, said = run("keys", "rotate")
    assert (status, "is current" in said, "escrow" in said) == (0, True, True)
    assert run(*check)[0] == 1
    assert run("keys", "escrow")[0] == 1
    assert run("keys", "make") == (
        1,
        "portal: data/keys/sealing.key exists already; rotate the key instead of replacing it.\n",
    )
    assert run("doctor")[1].count("sealing") == 0
