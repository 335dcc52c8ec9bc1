"""The copy of a person's data: whole, in words, of that person, or not at all."""

from collections.abc import Sequence

import pytest
from flask import Flask

from portal import host, retention
from portal.actor import system_actor
from portal.db import Database
from portal.errors import Unavailable
from portal.host import services as modules
from portal.personal import PersonExport
from tests.postgresql import ON_BOTH
from tests.retention.conftest import NAMES, PERSONAL, PLACE, REPORTER, SEALED, Story


def text_of(parts: Sequence[PersonExport], *, reserved: bool | None = None) -> str:
    """Return all that parts say, or only the reserved or the others."""
    wanted = [part for part in parts if reserved is None or part.is_reserved is reserved]
    return str([(str(part.title), list(part.rows)) for part in wanted])


def test_a_copy_holds_what_every_context_knows_of_a_child(story: Story, db: Database) -> None:
    with db.read() as session:
        parts = retention.export_person(session, story.children[0])
    told = text_of(parts)
    for said in PERSONAL:
        assert (said in told) == (said != NAMES[1]), said
    assert REPORTER not in told


def test_what_is_handed_out_by_a_decision_of_its_own_stands_apart(
    story: Story, db: Database
) -> None:
    with db.read() as session:
        parts = retention.export_person(session, story.children[0])
    for said in (PLACE, SEALED):
        assert said not in text_of(parts, reserved=False)
        assert said in text_of(parts, reserved=True)


def test_a_sibling_gets_what_is_of_the_case_and_not_what_is_of_the_other(
    story: Story, db: Database
) -> None:
    with db.read() as session:
        parts = retention.export_person(session, story.children[1])
    told = text_of(parts)
    assert story.code in told
    assert "Pedir la partida" not in told
    assert "Control y vacunas" not in told


def test_it_reads_in_the_language_of_whoever_asks(story: Story, app: Flask, db: Database) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}), db.read() as session:
        parts = retention.export_person(session, story.children[0])
        told = text_of(parts)
    assert "Desprotección" in told
    assert "Unprotection" not in told


@ON_BOTH
def test_a_worker_gets_what_is_held_of_the_account(story: Story, db: Database) -> None:
    assert story.lead.user_id
    with db.read() as session:
        parts = retention.export_user(session, story.lead.user_id)
    tables = {part.table for part in parts}
    assert {"portal_user", "portal_membership", "portal_case_assignment"} <= tables
    told = text_of(parts)
    assert not any(said in told for said in PERSONAL)


def test_a_module_that_cannot_answer_stops_the_whole_copy_by_name(
    story: Story, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules.admit(db, system_actor(), "procedure")
    monkeypatch.delitem(host.current().loaded, "procedure")
    with db.read() as session, pytest.raises(Unavailable, match=r"[Pp]rocedure"):
        retention.export_person(session, story.children[0])
