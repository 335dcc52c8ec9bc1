"""Switching a module off and on, as an administrator does it."""

from collections.abc import Callable

from flask import Flask

from portal.actor import AgencyKind, Role, system_actor
from portal.db import Database
from portal.host import services
from tests.factories.agencies import make_agency, make_member
from tests.webclient import Browser


def test_off_it_is_gone_at_the_next_request_and_on_it_is_back(
    app: Flask, db: Database, browser: Callable[[], Browser]
) -> None:
    services.admit(db, system_actor(), "procedure")
    with db.write() as session:
        agency = make_agency(session)
        user = make_member(session, agency, Role.COORDINATOR)
        services.enable(session, system_actor(), "procedure", agency.id)
        session.expunge_all()
    person = browser().sign_in(user, agency)
    assert person.get("/p/procedure/").status_code == 200
    assert "/p/procedure/" in person.get("/").text
    with db.write() as session:
        services.disable(session, system_actor(), "procedure", agency.id)
    assert person.get("/p/procedure/").status_code == 404
    assert "/p/procedure/" not in person.get("/").text
    with db.write() as session:
        services.enable(session, system_actor(), "procedure", agency.id)
    assert person.get("/p/procedure/").status_code == 200


def test_a_module_meant_for_others_cannot_be_turned_on(
    app: Flask, db: Database, browser: Callable[[], Browser]
) -> None:
    services.admit(db, system_actor(), "procedure")
    with db.write() as session:
        agency = make_agency(session, "DP", AgencyKind.DEFENSORIA)
        user = make_member(session, agency, Role.AGENCY_ADMIN)
        session.expunge_all()
    page = browser().sign_in(user, agency).get("/admin/plugins").text
    assert "procedure/enable" not in page
