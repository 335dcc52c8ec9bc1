"""The key file and its escrow."""

import os
from pathlib import Path

import pytest
from pyrage import x25519

from portal.db import keys as life
from portal.db.sealing import load_key_file, make_key_file
from portal.errors import OperatorError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a key file of the test's own."""
    made = tmp_path / "keys" / "sealing.key"
    make_key_file(made)
    return made


def test_each_keeper_opens_an_envelope_and_nobody_else(tmp_path: Path, path: Path) -> None:
    keepers = [x25519.Identity.generate() for _each in range(2)]
    files = []
    for number, keeper in enumerate([*keepers, x25519.Identity.generate()]):
        files.append(tmp_path / f"identity{number}")
        files[-1].write_text(f"# a keeper\n{keeper}\n")
    made = life.escrow(path, [str(each.to_public()) for each in keepers], tmp_path / "escrow")
    for envelope, identity in zip(made, files, strict=False):
        assert life.open_envelope(envelope.path, identity) == path.read_text()
        assert envelope.path.read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----")
        assert path.read_text().split()[1] not in envelope.path.read_text()
        with pytest.raises(OperatorError, match="does not open"):
            life.open_envelope(envelope.path, files[2])
    with pytest.raises(OperatorError, match="does not open"):
        life.open_envelope(made[0].path, files[1])
    with pytest.raises(OperatorError, match="exists already"):
        life.escrow(path, [str(keepers[0].to_public())], tmp_path / "escrow")
    for wrong, said in (([], "backup_recipients"), (["age1x"], "public key")):
        with pytest.raises(OperatorError, match=said):
            life.escrow(path, wrong, tmp_path / "other")


def test_what_is_no_key_file_is_said_in_one_line(path: Path) -> None:
    for text in ("", "a b\n", "a " + "0" * 10 + "\n", "only\n"):
        path.write_text(text)
        with pytest.raises(OperatorError, match="damaged"):
            load_key_file(path)
    os.remove(path)
    with pytest.raises(OperatorError, match="missing"):
        load_key_file(path)
