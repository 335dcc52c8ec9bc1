"""Who names whom to the seats of a council, and who learns who works where."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import col

from portal.actor import AgencyKind, Role, system_actor
from portal.audit.models import AuditEntry
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


def test_whoever_makes_a_council_changes_it_and_two_at_once_see_both_texts(
    db: Database, browser: Callable[[], Browser]
) -> None:
    with db.write() as session:
        keeper = make_member(session, None, Role.PLATFORM_ADMIN)
        seated = make_agency(session)
        chief = make_member(session, seated, Role.COORDINATOR)
        made, other = (
            composition.create_council(
                session,
                make_actor(session, None, Role.PLATFORM_ADMIN),
                CouncilInput(
                    kind=CouncilKind.PROVINCIAL, name=name, territory="2205", item_minutes=15
                ),
            )
            for name in ("Consejo de Lamas", "Consejo de Picota")
        )
        seat = SeatInput(agency_id=seated.id, office=Office.CHAIR)
        composition.add_seat(session, system_actor(), made.id, seat)
        session.flush()
        session.expunge_all()
    person, url = browser().sign_in(keeper, None), f"/councils/{made.id}/edit"
    assert url in person.get(f"/councils/{made.id}").text
    assert url not in browser().sign_in(chief, seated).get(f"/councils/{made.id}").text
    marks = person.marks(url)
    assert 'value="Provincia de Lamas, San Martín"' in person.get(url).text
    typed = {"name": "Consejo de El Dorado", "kind": "local", "programme": "Rompiendo Cadenas"}
    typed |= {"territory": "Provincia de El Dorado", "open_hours": "72", "brief_days": ""}
    taken = person.fill(url, {**typed, "name": other.name})
    assert taken.status_code == 422
    assert "Provincia de El Dorado" in taken.text
    assert person.fill(url, typed).status_code == 303
    late = person.post(url, {**marks, **typed, "name": "Consejo Provincial de Lamas"})
    assert late.status_code == 409
    assert "Consejo Provincial de Lamas" in late.text
    assert "Consejo de El Dorado" in late.text
    with db.read() as session:
        council = session.get_one(Council, made.id)
        assert (council.name, council.kind) == ("Consejo de El Dorado", CouncilKind.LOCAL)
        assert (council.territory, council.programme) == ("2203", "Rompiendo Cadenas")
        assert (council.rules["open_hours"], council.rules["item_minutes"]) == (72, 15)
        [kept] = session.scalars(
            sa.select(AuditEntry).where(col(AuditEntry.action) == "councils.council.edit")
        )
        assert json.loads(kept.facts)["fields"] == [
            "kind",
            "name",
            "programme",
            "rules",
            "territory",
        ]


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
