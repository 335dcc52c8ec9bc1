"""The command line: help everywhere, a mistake in one line, an exit status that is right."""

import argparse
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal import cli, host
from tests.serving import Operator, free_port

pytestmark = pytest.mark.slow

PASSWORD = "una frase larga de prueba"
FIRST = ("init", "--username", "jefa", "--name", "Jefa Prueba", "--password", PASSWORD)
ACCOUNT = ("users", "create", "ana", "--name", "Ana Prueba")


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an instance that is not made yet."""
    made = tmp_path / "data"
    for name, value in (("DATA_DIR", str(made)), ("SECRET_KEY", "x" * 40), ("WEAK_HASH", "1")):
        monkeypatch.setenv(f"PORTAL_{name}", value)
    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Return a way to run commands as the operator of that instance."""

    def command(*arguments: str) -> Said:
        status = cli.main(list(arguments))
        return Said(status, *capsys.readouterr())

    with host.using(host.current()):
        yield command


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an instance as `portal init` makes it."""
    folder = tmp_path_factory.mktemp("begun") / "data"
    made = Operator(folder, {"PORTAL_SECRET_KEY": "x" * 40}, is_forking=True).run(*FIRST)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def made(run: Run, begun: Path, folder: Path) -> Run:
    """Return a way to run commands on an instance that was made."""
    shutil.copytree(begun, folder)
    return run


def refusal(said: Said) -> str:
    """Return the one line that a refused command wrote."""
    assert said.status == 1
    assert said.out == ""
    assert said.err.startswith("portal: ")
    assert said.err.count("\n") == 1
    return said.err.removeprefix("portal: ").strip()


Words = tuple[str, ...]


def commands(of: argparse.ArgumentParser, before: Words = ()) -> list[Words]:
    """Return every command and group of commands by its words."""
    found: list[Words] = []
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, parser in action.choices.items():
                found += [(*before, name), *commands(parser, (*before, name))]
    return found


@pytest.mark.parametrize("words", commands(cli.parser()), ids=" ".join)
def test_each_command_says_what_it_does(words: Words, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: portal {' '.join(words)}")
    assert len(said.split("\n\n")[1]) > 5


@pytest.mark.parametrize(
    "words", [(), ("dance",), ("db",), ("run", "--port", "http"), ("run", "--port", "70000")]
)
def test_a_command_that_is_not_one_shows_its_usage(
    words: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(words))
    assert ended.value.code == 2
    assert "usage: portal" in capsys.readouterr().err


def test_an_instance_is_made_once_and_is_then_whole(run: Run, folder: Path) -> None:
    said = run(*FIRST)
    assert said.status == 0
    assert "Ready" in said.out
    assert (folder / "keys" / "sealing.key").stat().st_mode & 0o077 == 0
    assert run("db", "check").out == "Code and database agree.\n"
    assert run("db", "upgrade").status == 0
    assert run("audit", "verify").out.startswith("The trail is whole: ")
    assert "username" in refusal(run(*FIRST))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((*ACCOUNT, "--role", "boss", "--password", PASSWORD), "There is no role boss"),
        ((*ACCOUNT, "--role", "auditor", "--password", "corta"), "12"),
        (
            (*ACCOUNT, "--role", "coordinator", "--agency", "NADA", "--password", PASSWORD),
            "There is no agency with the code NADA",
        ),
        (("plugins", "admit", "nothing"), "nothing"),
        (("plugins", "enable", "shelter", "--agency", "NADA"), "no agency with the code NADA"),
        (("audit", "verify", "--checkpoint", "absent.jsonl"), "holds no valid checkpoint"),
        (("bench", "--cases", "many"), "Sizes are numbers"),
        (("bench", "--rounds", "0"), "--rounds"),
    ],
)
def test_a_mistake_is_said_in_one_line(made: Run, words: Words, expected: str) -> None:
    assert expected in refusal(made(*words))


@pytest.mark.parametrize(
    "words", [("db", "check"), ("audit", "verify"), ("plugins", "list"), ACCOUNT]
)
def test_before_there_is_an_instance_it_says_what_to_run(
    run: Run, folder: Path, words: Words
) -> None:
    extra = ("--role", "auditor", "--password", PASSWORD) if words == ACCOUNT else ()
    assert "portal init" in refusal(run(*words, *extra))
    assert not (folder / "portal.db").exists()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("COLOUR", "red", "COLOUR"),
        ("PORT", "many", "port"),
        ("DATABASE_URL", "nowhere", "database"),
        ("DATABASE_URL", "oracle://host/db", "database"),
        ("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none", "database"),
    ],
)
def test_a_wrong_setting_is_named(
    made: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"PORTAL_{name}", value)
    assert expected.lower() in refusal(made("db", "check")).lower()


def test_a_secret_that_is_too_short_is_not_served_with(
    made: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "short")
    assert "secret_key" in refusal(made("run", "--port", str(free_port()))).lower()


def test_a_folder_that_cannot_be_written_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.parent.joinpath("file").touch()
    monkeypatch.setenv("PORTAL_DATA_DIR", str(folder.parent / "file" / "data"))
    assert "file" in refusal(run(*FIRST))


def test_a_trail_that_was_bent_names_the_record_and_ends_with_1(made: Run, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "portal.db")) as raw, raw:
        for (name,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        (entry,) = raw.execute("SELECT id FROM portal_audit_entry ORDER BY at, id").fetchone()
    assert made("audit", "verify").status == 0
    with closing(sqlite3.connect(folder / "portal.db")) as raw, raw:
        raw.execute("UPDATE portal_audit_entry SET outcome = 'refused' WHERE id = ?", (entry,))
    said = refusal(made("audit", "verify"))
    assert entry in said.replace("-", "")
    as_json = made("audit", "verify", "--json")
    assert as_json.status == 1
    assert json.loads(as_json.out)["whole"] is False


def test_modules_are_listed_admitted_and_listed_as_admitted(made: Run) -> None:
    def states() -> dict[str, str]:
        return {
            each["slug"]: each["state"]
            for each in json.loads(made("plugins", "list", "--json").out)
        }

    assert states() == {"defensoria": "installed", "procedure": "installed", "shelter": "installed"}
    assert made("plugins", "admit", "shelter").status == 0
    assert states()["shelter"] == "admitted"
    assert "shelter" in made("plugins", "list").out


def test_the_doctor_ends_with_1_where_something_is_unsafe(made: Run, folder: Path) -> None:
    assert made("audit", "checkpoint").status == 0
    (folder / "keys" / "sealing.key").chmod(0o644)
    said = made("doctor")
    assert said.status == 1
    assert "sealing.key" in said.out
    assert json.loads(made("doctor", "--json").out) == said.out.splitlines()


def test_an_account_without_a_password_gets_a_code_of_the_first_day(made: Run) -> None:
    said = made(*ACCOUNT, "--role", "auditor")
    assert said.status == 0
    code = said.out.strip().rsplit(" ", 1)[-1]
    assert [len(part) for part in code.split("-")] == [4, 4, 4]


def test_accounts_are_listed_closed_and_let_in_anew(made: Run) -> None:
    made(*ACCOUNT, "--role", "auditor", "--password", PASSWORD)
    assert [each["opens_with"] for each in json.loads(made("users", "list", "--json").out)] == [
        "password",
        "password",
    ]
    anew = made("users", "reset-second-factor", "ana", "--password")
    assert "Code for ana" in anew.out
    assert "nothing yet" in made("users", "list").out
    assert made("users", "disable", "ana").status == 0
    assert "closed" in made("users", "list").out
    assert "no account nadie" in refusal(made("users", "disable", "nadie"))


def test_the_index_of_names_is_made_anew(made: Run) -> None:
    assert made("reindex").out == "The names of 0 people are indexed.\n"
