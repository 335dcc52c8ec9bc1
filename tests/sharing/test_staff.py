"""A staff session: one agency, a reason, an hour at most, reading, told, nothing sealed."""

from datetime import timedelta

from sqlmodel import col, select

from portal import clock
from portal.access.models import StaffSession
from portal.actor import Role, system_actor
from portal.audit.models import AuditEntry
from portal.cases.models import Circle, EntryKind
from portal.cases.services import write_entry
from portal.notifications.models import Notice
from tests.factories.agencies import make_member
from tests.postgresql import ON_BOTH
from tests.sharing.conftest import House
from tests.webclient import Browser

REASON = "Un error impide abrir los casos y hay que verlo"


def opened(house: House, name: str = "upe-admin") -> Browser:
    """Return the browser of an administrator who has opened a staff session at the UPE."""
    browser = house.at(name)
    given = {"agency_id": str(house.agencies["UPE"].id), "reason": REASON}
    assert browser.fill("/staff-session", given).status_code == 303
    return browser


def sessions(house: House) -> list[StaffSession]:
    """Return every staff session so far."""
    with house.db.read() as session:
        return list(session.exec(select(StaffSession)).all())


def test_an_administrator_sees_no_case_but_in_a_staff_session(house: House) -> None:
    assert house.at("upe-admin").get(f"/cases/{house.code}").status_code == 404
    admin = opened(house)
    page = admin.get(f"/cases/{house.code}").text
    assert "Relato que solo lee el equipo" in page
    assert "Quedan 60 minutos" in page
    assert house.code in admin.get("/cases").text
    assert "Quedan 60 minutos" in admin.get("/nowhere").text
    end = admin.post("/staff-session/end", {"_agency": str(house.agencies["UPE"].id)})
    assert end.status_code == 303
    assert admin.get(f"/cases/{house.code}").status_code == 404
    assert admin.get("/staff-session").status_code == 200


def test_it_reads_and_nothing_else_and_the_own_role_does_not_act(house: House) -> None:
    admin = opened(house)
    marks = {"_agency": str(house.agencies["UPE"].id), "_key": "k", "text": "x", "kind": "note"}
    for path in (f"/cases/{house.code}/entries/new", "/me/password", "/notices/read", "/nowhere"):
        assert admin.post(path, marks).status_code in (403, 404), path
    assert admin.post("/notices/read", marks).status_code == 403
    for path in ("/admin/plugins", "/access/roster", "/staff-session", "/emergency", "/alerts"):
        assert admin.get(path).status_code == 404, path
    page = admin.get(f"/cases/{house.code}").text
    assert "/entries/new" not in page
    assert admin.get(f"/cases/{house.code}/who").status_code == 404


def test_its_pages_offer_no_act_and_miss_no_role(house: House) -> None:
    page = opened(house).get("/cases?status=closed").text
    assert "Quedan 60 minutos" in page
    assert "Aquí figurarán los casos" in page
    assert 'href="/alerts/new"' not in page
    assert "no tiene un rol" not in page


def test_sealed_pieces_are_not_known_of(house: House) -> None:
    with house.db.write() as session:
        author = system_actor(house.agencies["UPE"].id)
        for circle in (Circle.SEALED, Circle.AGENCY):
            write_entry(
                session,
                author,
                house.case_id,
                kind=EntryKind.NOTE,
                text=f"pieza {circle.value}",
                circle=circle,
            )
    page = opened(house).get(f"/cases/{house.code}").text
    assert "pieza agency" in page
    assert "Acceso restringido" not in page


@ON_BOTH
def test_the_agency_is_told_and_sees_what_was_opened_and_why(house: House) -> None:
    opened(house).get(f"/cases/{house.code}")
    (row,) = sessions(house)
    url = f"/staff-session/{row.id}"
    for name in ("upe-boss", "upe-privacy"):
        with house.db.read() as session:
            told = session.exec(
                select(Notice.url).where(Notice.user_id == house.users[name].id)
            ).all()
        assert told == [url], name
        page = house.at(name).get(url).text
        assert REASON in page
        assert house.code in page
    for name in ("sal-boss", "upe-worker", "upe-admin"):
        assert house.at(name).get(url).status_code == 404, name
    who = house.at("upe-boss").get(f"/cases/{house.code}/who").text
    assert "Persona upe-admin" in who
    assert "sesión administrativa" in who
    assert REASON in who
    with house.db.read() as session:
        entry = session.exec(
            select(AuditEntry).where(
                col(AuditEntry.user_id) == house.users["upe-admin"].id,
                col(AuditEntry.action) == "cases.case.read",
            )
        ).one()
    assert str(row.id) in entry.facts
    assert REASON.encode() not in row.reason_sealed


def test_it_ends_by_the_hour_and_when_nothing_is_asked(house: House) -> None:
    admin = opened(house)
    (row,) = sessions(house)
    start = row.opened_at
    for minutes in (10, 20, 30, 40, 50, 59):
        with clock.at(start + timedelta(minutes=minutes)):
            assert admin.get(f"/cases/{house.code}").status_code == 200, minutes
    with clock.at(start + timedelta(minutes=60, seconds=1)):
        assert admin.get(f"/cases/{house.code}").status_code == 404
    again = opened(house)
    start = sessions(house)[-1].opened_at
    with clock.at(start + timedelta(minutes=15, seconds=1)):
        assert again.get(f"/cases/{house.code}").status_code == 404


def test_an_agencys_administrator_looks_at_the_own_agency_alone(house: House) -> None:
    admin = house.at("sal-admin")
    given = {"agency_id": str(house.agencies["UPE"].id), "reason": REASON}
    assert admin.fill("/staff-session", given).status_code == 403
    assert admin.get(f"/cases/{house.code}").status_code == 404
    for name in ("upe-boss", "upe-privacy", "upe-worker"):
        assert house.at(name).get("/staff-session").status_code == 404, name


def test_the_platforms_administrator_looks_at_one_agency_until_the_role_ends(
    house: House,
) -> None:
    with house.db.write() as session:
        house.users["root"] = make_member(session, None, Role.PLATFORM_ADMIN, name="Persona root")
        session.flush()
        session.expunge_all()
    root = house.browser().sign_in(house.users["root"], None)
    given = {"agency_id": str(house.agencies["SAL"].id), "reason": REASON}
    assert root.fill("/staff-session", given).status_code == 303
    assert root.get(f"/cases/{house.code}").status_code == 404
    assert root.post("/staff-session/end", {"_agency": given["agency_id"]}).status_code == 303
    given["agency_id"] = str(house.agencies["UPE"].id)
    assert root.fill("/staff-session", given).status_code == 303
    assert root.get(f"/cases/{house.code}").status_code == 200
    other = house.browser().sign_in(house.users["root"], None)
    assert other.get(f"/cases/{house.code}").status_code == 404
    out = root.post("/logout", {"_agency": given["agency_id"]})
    assert out.status_code in (302, 303)
    assert root.get("/").status_code in (302, 303)
