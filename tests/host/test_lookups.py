"""What modules ask of the lower contexts comes as frozen views; the core's cells stay shut."""

from dataclasses import FrozenInstanceError

import pytest

from portal.actor import AgencyKind
from portal.db import Database, new_id
from portal.errors import NotFound
from portal.host import lookups
from tests.host.conftest import People


def test_agencies_come_as_views(db: Database, people: People) -> None:
    with db.read() as session:
        upe = lookups.get_agency(session, people.upe.id)
        assert (upe.code, upe.kind) == ("UPE-SM", AgencyKind.UPE)
        with pytest.raises(FrozenInstanceError):
            upe.name = "Renamed"  # type: ignore[misc]
        assert [a.code for a in lookups.list_agencies(session, [AgencyKind.DEMUNA])] == ["DEM-LA"]
        with pytest.raises(NotFound):
            lookups.get_agency(session, new_id())


def test_a_module_seals_its_own_cells_only(db: Database, people: People) -> None:
    scope, row = new_id(), new_id()
    with db.write() as session:
        cell = lookups.seal(session, scope, "dummy_note", "text_sealed", row, "a note")
        assert lookups.unseal(session, scope, "dummy_note", "text_sealed", row, cell) == "a note"
        with pytest.raises(NotFound):
            lookups.unseal(session, scope, "dummy_note", "text_sealed", new_id(), cell)
        with pytest.raises(PermissionError):
            lookups.seal(session, scope, "portal_case_entry", "text_sealed", row, "x")
        with pytest.raises(PermissionError):
            lookups.unseal(session, scope, "portal_case_entry", "text_sealed", row, cell)
