"""Who names whom to the seats of a council, and who learns who works where."""

from collections.abc import Callable

from portal.actor import AgencyKind, Role
from portal.councils import composition
from portal.councils.inputs import CouncilInput, SeatInput
from portal.councils.models import CouncilKind, Office
from portal.db import Database
from tests.factories.agencies import make_actor, make_agency, make_member
from tests.webclient import Browser


def test_only_its_institution_or_who_runs_the_council_sees_whom_a_seat_may_name(
    db: Database, browser: Callable[[], Browser]
) -> None:
    """The form lists the people of an institution; another member is not told."""
    with db.write() as session:
        platform = make_actor(session, None, Role.PLATFORM_ADMIN)
        upe = make_agency(session)
        police = make_agency(session, "PNP-TAR", AgencyKind.POLICE)
        council = composition.create_council(
            session,
            platform,
            CouncilInput(kind=CouncilKind.PROVINCIAL, name="Consejo de prueba", territory="2205"),
        )
        seats = [
            composition.add_seat(
                session, platform, council.id, SeatInput(agency_id=agency.id, office=Office.MEMBER)
            ).id
            for agency in (upe, police)
        ]
        chief = make_member(session, police, Role.COORDINATOR, name="Iván Huayruro")
        make_member(session, upe, Role.CASEWORKER, name="Marco Lupuna")
        session.flush()
        session.expunge_all()
    person = browser().sign_in(chief, police)
    theirs, own = (person.get(f"/seats/{seat}/people/new") for seat in seats)
    assert theirs.status_code == 404
    assert "Marco Lupuna" not in theirs.text
    assert own.status_code == 200
    assert "Iván Huayruro" in own.text
