"""The catalogue of norms on which an institution comes onto a case."""

from datetime import timedelta

from portal import clock
from portal.actor import AgencyKind
from portal.sharing import norms


def test_norms_hold_from_a_day_until_a_day() -> None:
    before = norms.TUO_2026 - timedelta(days=1)
    assert norms.find("collaboration", before) is None
    assert norms.find("collaboration", norms.TUO_2026) is not None
    own = norms.in_force(clock.today(), AgencyKind.DEFENSORIA)
    assert own[0].code == "supervision"
    assert "defence" not in {norm.code for norm in own}
    assert all(norm.citation and norm.title for norm in norms.CATALOGUE)
