"""The order of the sheets to copy, and what a setting changes of it."""

import pytest

from portal.registries.labels import FIELD, SYSTEM
from portal.registries.models import System
from portal.registries.rules import ORDER, order_of
from portal.settings import CopyField, CopySystem, Settings


def test_every_field_of_a_sheet_has_its_words() -> None:
    assert FIELD.keys() == set(CopyField)
    assert SYSTEM.keys() == set(System)
    assert {system.value for system in ORDER} == {system.value for system in CopySystem}


@pytest.mark.parametrize("system", list(ORDER))
def test_a_form_asks_for_nothing_twice(system: System) -> None:
    assert len(set(ORDER[system])) == len(ORDER[system])


def test_the_instance_may_set_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_COPY_ORDER", '{"sispe": ["number", "code"]}')
    changed = Settings().copy_order
    assert order_of(System.SISPE, changed) == [CopyField.NUMBER, CopyField.CODE]
    assert order_of(System.SISDNA, changed) == ORDER[System.SISDNA]
    monkeypatch.setenv("PORTAL_COPY_ORDER", '{"sispe": ["shoe_size"]}')
    with pytest.raises(ValueError, match="sispe"):
        Settings()
