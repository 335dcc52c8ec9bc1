"""A prison that sends lists, the authority that assesses them, and a worker that is at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import SQLModel, col
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from portal import clock, events
from portal.actor import AgencyKind, Role
from portal.agencies.models import Agency, Coverage
from portal.db import Database
from portal.lists.models import AlertList, ListRow, RowState
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member
from tests.webclient import SAME_ORIGIN, Browser

HEAD = "Nombres;Primer apellido;Segundo apellido;Fecha de nacimiento;DNI;Distrito;Grupo familiar"
ROWS = (
    "Tangara;Cedro;Caoba;3/5/2019;71234567;Lamas;a",
    "Paucar;Cedro;Caoba;1/2/2016;;Lamas;a",
    "Garza;Tornillo;;2/2/2012;;Lamas;",
)
BASIS = {
    "kind": "prisoners",
    "agreement": "Convenio 12-2026 entre el penal y la Defensoría",
    "data_bank": "RNPDP-PJP 12345",
    "opinion": "Es necesario para ubicar a los hijos y proporcionado a ese fin.",
    "since": "2026-01-01",
}


def sheet(*lines: str, head: str = HEAD) -> bytes:
    """Return a CSV as a spreadsheet saves it."""
    return "\r\n".join([head, *lines]).encode("cp1252")


@dataclass
class Desk:
    """Who hands lists in, who gives opinions, who assesses, and the database between them."""

    app: Flask
    db: Database
    prison: Agency
    upe: Agency
    people: dict[str, User]
    browsers: dict[str, Browser]

    def hand_in(self, content: bytes, who: str = "worker", **given: str) -> TestResponse:
        """Hand a list in."""
        fields = {"kind": "orphans", "situation": "undecided", "telephone": "942 000 200", **given}
        browser = self.browsers[who]
        marks = browser.marks("/lists/new")
        file = FileStorage(BytesIO(content), "lista.csv")
        boundary, body = encode_multipart({**marks, **fields, "file": file})
        return browser.client.post(
            "/lists/new",
            data=body,
            headers=SAME_ORIGIN,
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    def checked(self, content: bytes, **given: str) -> str:
        """Hand a list in and let it be read; returns its address."""
        answer = self.hand_in(content, **given)
        assert answer.status_code == 303, answer.text
        self.work()
        return str(answer.location)

    def work(self) -> None:
        """Do what the worker would, until nothing is left for later either."""
        with self.app.app_context():
            for turn in range(400):
                with clock.at(clock.now() + timedelta(seconds=turn)):
                    if not events.run_due(self.db):
                        return

    def rows(self) -> list[ListRow]:
        """Return the rows of all lists, in order."""
        with self.db.read() as session:
            found = session.scalars(sa.select(ListRow).order_by(col(ListRow.number))).all()
            session.expunge_all()
            return list(found)

    def states(self) -> list[RowState]:
        """Return how each row stands."""
        return [row.state for row in self.rows()]

    def count(self, table: type[SQLModel]) -> int:
        """Return how many rows a table has."""
        with self.db.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def kept(self) -> AlertList:
        """Return the only list."""
        with self.db.read() as session:
            found = session.scalars(sa.select(AlertList)).one()
            session.expunge_all()
            return found

    def list_id(self) -> UUID:
        """Return which list the only one is."""
        return self.kept().id


@pytest.fixture
def desk(app: Flask, db: Database, browser: Callable[[], Browser]) -> Desk:
    """Return a prison with its people, and a UPE that covers Lamas."""
    with db.write() as session:
        prison = make_agency(session, "PENAL", AgencyKind.PRISON, "Penal de prueba")
        upe = make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE de prueba")
        session.add(Coverage(agency_id=upe.id, province="2205", since=clock.today()))
        people = {
            "worker": make_member(session, prison, Role.CASEWORKER, name="Quien Entrega"),
            "other": make_member(session, prison, Role.CASEWORKER, name="Otra Persona"),
            "head": make_member(session, prison, Role.COORDINATOR, name="Quien Coordina"),
            "officer": make_member(session, prison, Role.PRIVACY_OFFICER, name="Quien Opina"),
            "upe": make_member(session, upe, Role.COORDINATOR, name="Quien Evalúa"),
        }
        session.flush()
        session.expunge_all()
    places = {name: upe if name == "upe" else prison for name in people}
    browsers = {name: browser().sign_in(person, places[name]) for name, person in people.items()}
    return Desk(app, db, prison, upe, people, browsers)
