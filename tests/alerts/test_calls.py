"""An alert that nobody opens calls the next on the roster, then goes beyond its authority."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from portal import clock, events
from portal.access.models import DutyShift
from portal.access.queries import next_on_roster
from portal.actor import AgencyKind, Role
from portal.agencies.models import Agency, Coverage
from portal.alerts.models import Alert, AlertRecipient, AlertStatus
from portal.alerts.services import escalate_alerts
from portal.db import Database
from portal.notifications.models import Notice
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.postgresql import ON_BOTH
from tests.webclient import Browser

QUARTER = timedelta(minutes=15)
ALERT = {
    "children-0-given_names": "Perdiz",
    "district": "220501",
    "where": "Junto a la posta",
    "what_happens": "Están solos",
    "situation": "undecided",
    "telephone": "942 000 300",
    "signs": "alone_tonight",
}


@dataclass
class Night:
    """A UPE with a roster of two, the Defensoría, and a health centre that sends an alert."""

    db: Database
    upe: Agency
    defensoria: Agency
    people: dict[str, User]
    browsers: dict[str, Browser]
    alert_id: UUID

    def pass_by(self, minutes: int) -> int:
        """Let the worker look after some minutes from now; returns how many alerts went further."""
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            with self.db.write() as session:
                found = escalate_alerts(session, after=QUARTER)
            events.deliver(self.db, session)
        return found

    def told(self, name: str) -> list[str]:
        """Return what a person was told of, as marks of origin."""
        with self.db.read() as session:
            return list(
                session.scalars(
                    sa.select(col(Notice.origin)).where(col(Notice.user_id) == self.people[name].id)
                )
            )

    def reached(self) -> set[UUID]:
        """Return to which institutions it went beyond its authority."""
        with self.db.read() as session:
            return set(session.scalars(sa.select(col(AlertRecipient.agency_id))))

    def alert(self) -> Alert:
        """Return the alert as it stands."""
        with self.db.read() as session:
            found = session.get_one(Alert, self.alert_id)
            session.expunge_all()
            return found


@pytest.fixture
def night(app: Flask, db: Database, browser: Callable[[], Browser]) -> Night:
    """Return the night of an alert: the first is on duty now, the second comes next."""
    with db.write() as session:
        upe = make_agency(session, "UPE-SM", AgencyKind.UPE, "UPE de prueba")
        defensoria = make_agency(session, "DEF", AgencyKind.DEFENSORIA, "Defensoría de prueba")
        health = make_agency(session, "SAL", AgencyKind.HEALTH, "Posta de prueba")
        session.add(Coverage(agency_id=upe.id, province="2205", since=clock.today()))
        people = {
            "first": make_member(session, upe, Role.DUTY_OFFICER, name="Primera Guardia"),
            "second": make_member(session, upe, Role.DUTY_OFFICER, name="Segunda Guardia"),
            "third": make_member(session, upe, Role.DUTY_OFFICER, name="Sin Turno"),
            "defensoria": make_member(session, defensoria, Role.COORDINATOR),
            "health": make_member(session, health, Role.CASEWORKER),
        }
        put_on_duty(session, upe, people["first"])
        session.add(
            DutyShift(
                agency_id=upe.id,
                user_id=people["second"].id,
                telephone="942 000 101",
                starts_at=clock.now() + timedelta(hours=8),
                ends_at=clock.now() + timedelta(hours=16),
            )
        )
        session.flush()
        session.expunge_all()
    places = {"defensoria": defensoria, "health": health}
    browsers = {
        name: browser().sign_in(user, places.get(name, upe)) for name, user in people.items()
    }
    assert browsers["health"].fill("/alerts/new", ALERT).status_code == 303
    with db.read() as session:
        alert_id = session.scalars(sa.select(col(Alert.id))).one()
    return Night(db, upe, defensoria, people, browsers, alert_id)


def test_the_next_on_the_roster_is_called_before_it_goes_beyond(night: Night) -> None:
    address = f"/alerts/{night.alert_id}"
    assert night.browsers["second"].get(address).status_code == 404
    assert night.pass_by(14) == 0
    assert night.pass_by(16) == 1
    assert night.told("second") == [f"alert:{night.alert_id}:called"]
    assert night.told("third") == []
    assert night.reached() == set()
    assert night.browsers["third"].get(address).status_code == 404
    assert "siguiente" in night.browsers["second"].get("/notices").text

    home = night.browsers["second"].get("/").text
    assert address in home
    assert night.pass_by(17) == 0
    assert night.pass_by(40) == 1
    assert night.defensoria.id in night.reached()
    assert night.pass_by(90) == 0


@ON_BOTH
def test_who_was_called_takes_it_up(night: Night) -> None:
    night.pass_by(16)
    address = f"/alerts/{night.alert_id}"
    second = night.browsers["second"]
    assert "Aceptar" in second.get(address).text
    assert second.fill(f"{address}/accept").status_code == 303
    assert night.alert().status is AlertStatus.ACCEPTED
    assert night.pass_by(60) == 0
    assert f"alert:{night.alert_id}:ended" in night.told("health")


def test_opened_in_time_it_calls_nobody(night: Night) -> None:
    night.browsers["first"].get(f"/alerts/{night.alert_id}")
    assert night.pass_by(60) == 0
    assert night.told("second") == []


@ON_BOTH
def test_without_another_on_the_roster_it_goes_beyond_at_once(night: Night) -> None:
    with night.db.write() as session:
        session.execute(
            sa.delete(DutyShift).where(col(DutyShift.user_id) == night.people["second"].id)
        )
    assert night.pass_by(16) == 1
    assert night.defensoria.id in night.reached()


def test_the_next_is_another_on_duty_before_the_shift_that_follows(night: Night) -> None:
    def following() -> UUID | None:
        with night.db.read() as session:
            found = next_on_roster(session, night.upe.id)
        return found.user_id if found else None

    assert following() == night.people["second"].id
    with night.db.write() as session:
        put_on_duty(session, night.upe, night.people["third"])
    assert following() == night.people["third"].id


@ON_BOTH
def test_an_open_page_of_who_attends_is_told_of_what_is_new(night: Night) -> None:
    first = night.browsers["first"]
    assert 'hx-get="/notices/bell"' in first.get("/").text
    assert 'hx-get="/notices/bell"' not in night.browsers["health"].get("/").text
    begun = first.get("/notices/bell?counted=")
    assert (begun.status_code, "Nuevo" in begun.text) == (200, False)
    assert 'value="1"' in begun.text
    assert first.get("/notices/bell?counted=1").status_code == 204
    assert "Nuevo" in first.get("/notices/bell?counted=0").text
    first.post("/notices/read", first.marks("/notices"))
    assert "Nuevo" not in first.get("/notices/bell?counted=1").text
