"""Tests of migrations give some hundred commands: the scripts are read once for all of a test."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory


@pytest.fixture(autouse=True)
def scripts_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what was read of a folder of revisions."""
    read, known = ScriptDirectory.from_config, dict[str | None, ScriptDirectory]()

    def kept(config: Config) -> ScriptDirectory:
        where = config.get_main_option("version_locations")
        if where not in known:
            known[where] = read(config)
        return known[where]

    monkeypatch.setattr(ScriptDirectory, "from_config", kept)
