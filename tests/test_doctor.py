"""What the doctor finds: each line from an instance that has just that fault."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import audit, clock, doctor
from portal.actor import system_actor
from portal.db import Database, new_id
from portal.db.files import FileStore
from portal.db.keys import is_unfinished
from portal.db.sealing import Keyring
from portal.documents.models import Format
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.settings import Mode, Settings

SOUND: dict[str, Any] = {
    "mode": Mode.PRODUCTION,
    "secret_key": "0123456789abcdef" * 3,
    "trusted_hosts": ["articula.example.pe"],
    "trusted_proxies": 1,
    "second_factor": "required",
    "backup_recipients": ["age1tangara", "age1paucar"],
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mode": Mode.DEMO}, "Mode is demo"),
        ({"secret_key": "short"}, "secret key is short"),
        ({"secret_key": "ab" * 20}, "secret key repeats"),
        ({"https": False}, "https is off"),
        ({"second_factor": "offered"}, "No second factor"),
        ({"weak_hash": True}, "weak_hash is on"),
        ({"trusted_hosts": ["*"]}, "admits any name"),
        ({"trusted_hosts": [".example.pe"]}, "admits any name"),
        ({"trusted_hosts": ["localhost"]}, "this machine only"),
        ({"host": "0.0.0.0"}, "beside the proxy"),
        ({"trusted_proxies": 0}, "No proxy is trusted"),
        ({"backup_recipients": ["age1tangara"]}, "Fewer than two people"),
    ],
)
def test_a_setting_that_is_unsafe_is_named(changes: dict[str, Any], said: str) -> None:
    assert doctor.of_settings(Settings(**SOUND)) == []
    found = doctor.of_settings(Settings(**{**SOUND, **changes}))
    assert len(found) == 1
    assert said in found[0]


def test_files_that_others_may_read_are_named(tmp_path: Path) -> None:
    settings = Settings(**SOUND, data_dir=tmp_path)
    settings.key_path.parent.mkdir()
    settings.key_path.touch(mode=0o644)
    tmp_path.chmod(0o755)
    found = doctor.of_files(settings)
    assert [str(settings.key_path) in line for line in found] == [True, False, False]
    assert "chmod 700" in found[1]
    assert "no checkpoint" in found[2]


def test_a_clock_before_the_trail_is_said(db: Database) -> None:
    with clock.at(clock.now() + timedelta(hours=1)), db.write() as session:
        audit.record(session, system_actor(), "test.act", None)
    with db.read() as session:
        assert "The clock was put back" in doctor.of_clock(session)[0]
        with clock.at(clock.now() + timedelta(hours=2)):
            assert doctor.of_clock(session) == []


def test_a_rotation_that_was_stopped_is_said(db: Database) -> None:
    with db.write() as session:
        audit.record(session, system_actor(), "test.act", None, reason="Prueba")
    with db.read() as session:
        assert not is_unfinished(session, db.keys)
        assert is_unfinished(session, Keyring("new", {**db.keys.keys, "new": b"k" * 32}))
        assert is_unfinished(session, Keyring("new", {"new": b"k" * 32}))


def test_files_of_documents_that_are_missing_are_named(db: Database, tmp_path: Path) -> None:
    settings = Settings(**SOUND, data_dir=tmp_path)
    store = FileStore(settings.files_path)
    content = Content(Format.PDF, store.write([b"%PDF-1.7"]), "0" * 64)
    with db.write() as session:
        attach(
            session,
            system_actor(),
            content,
            piece="entry",
            piece_id=new_id(),
            case_id=None,
            title="Oficio",
        )
    assert doctor.of_documents(db, settings) == []
    store.remove(content.file.name)
    found = doctor.of_documents(db, settings)
    assert len(found) == 1
    assert "1 files of documents are missing" in found[0]
