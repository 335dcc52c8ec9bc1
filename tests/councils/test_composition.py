"""Who names whom to the seats of a council, and who learns who works where."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import col

from portal.actor import AgencyKind, Role
from portal.councils import composition
from portal.councils.inputs import CouncilInput, SeatInput
from portal.councils.models import Council, CouncilKind, Office
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


def test_a_territory_is_chosen_by_name_and_homonyms_are_told_apart(
    db: Database, browser: Callable[[], Browser]
) -> None:
    """What was typed stays, and what a refusal proposes may be written as it stands."""
    with db.write() as session:
        keeper = make_member(session, None, Role.PLATFORM_ADMIN)
    person = browser().sign_in(keeper, None)
    typed = {"name": "Consejo de Lamas", "kind": "provincial", "territory": "Lamas"}
    refused = person.fill("/councils/new", typed)
    assert refused.status_code == 422
    field = refused.text.partition('id="territory-said"')[2].partition(">")[2]
    told, _, rest = field.partition("<input")
    assert "Precise el lugar: Provincia de Lamas, San Martín; Distrito de Lamas, Lamas" in told
    assert 'value="Lamas"' in rest.partition(">")[0]
    assert '<option value="Provincia de Lamas, San Martín">' in rest
    person.post("/me", {"locale": "en", "_agency": "", "_key": "k"})
    told = person.fill("/councils/new", typed).text
    assert "Say which place is meant: Province of Lamas, San Martín; District of Lamas" in told
    typed["territory"] = "Province of Lamas, San Martín"
    made = person.fill("/councils/new", typed)
    assert made.status_code == 303
    assert "Province of Lamas, San Martín" in person.get(made.location).text
    with db.read() as session:
        assert session.scalar(sa.select(col(Council.territory))) == "2205"
