"""Who signs for an agency: by dates, by kind of act, and no longer once the post is left."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col

from portal import clock
from portal.access.inputs import AddSigner
from portal.access.leaving import leave
from portal.access.models import Signer, SignerAct, SignerStanding
from portal.access.queries import current_signers, may_sign
from portal.access.signers import add_signer, end_signer
from portal.actor import Actor, Role, system_actor
from portal.db import Database, WritingSession
from portal.errors import Invalid, NotFound
from tests.factories.agencies import make_actor, make_agency, make_member
from tests.webclient import Browser

NewBrowser = Callable[[], Browser]


def given(**changes: object) -> AddSigner:
    today = clock.today()
    values = {
        "standing": "titular",
        "act": "any",
        "resolution": "RD 014-2026",
        "resolved_on": today,
        "since": today,
        **changes,
    }
    return AddSigner.model_validate(values)


class Bureau:
    """An agency with an administrator, a coordinator and a caseworker."""

    def __init__(self, session: WritingSession) -> None:
        self.session = session
        self.agency = make_agency(session)
        self.admin: Actor = make_actor(session, self.agency, Role.AGENCY_ADMIN)
        self.head: Actor = make_actor(session, self.agency, Role.COORDINATOR)
        self.worker: Actor = make_actor(session, self.agency, Role.CASEWORKER)

    def enter(self, actor: Actor, **changes: object) -> Signer:
        return add_signer(self.session, self.admin, given(user_id=actor.user_id, **changes))


@pytest.fixture
def bureau(app: Flask, session: WritingSession) -> Bureau:
    assert app
    return Bureau(session)


def test_a_signer_signs_from_the_first_to_the_last_day(bureau: Bureau) -> None:
    today = clock.today()
    bureau.enter(bureau.head, since=today + timedelta(days=1), until=today + timedelta(days=3))
    seen = []
    for days in range(5):
        with clock.at(clock.now() + timedelta(days=days)):
            seen.append(may_sign(bureau.session, bureau.head))
    assert seen == [False, True, True, True, False]
    later = clock.now() + timedelta(days=2)
    assert len(current_signers(bureau.session, bureau.agency.id, later)) == 1


def test_a_signer_of_one_kind_of_act_signs_no_other(bureau: Bureau) -> None:
    bureau.enter(bureau.head, act="data_answer")
    assert may_sign(bureau.session, bureau.head, SignerAct.DATA_ANSWER)
    assert not may_sign(bureau.session, bureau.head, SignerAct.RESOLUTION)
    assert may_sign(bureau.session, bureau.head)
    assert not may_sign(bureau.session, bureau.worker)


def test_titulars_stand_before_alternates(bureau: Bureau) -> None:
    bureau.enter(bureau.worker, standing="alternate", since=date(2026, 1, 1))
    bureau.enter(bureau.head)
    found = current_signers(bureau.session, bureau.agency.id)
    assert [each.standing for each in found] == [SignerStanding.TITULAR, SignerStanding.ALTERNATE]


def test_who_is_of_another_agency_or_nobody_cannot_be_entered(bureau: Bureau) -> None:
    other = make_actor(bureau.session, make_agency(bureau.session, "DEM-LAM"), Role.COORDINATOR)
    for wrong in (
        {"user_id": other.user_id},
        {"user_id": None},
        {"user_id": bureau.head.user_id, "until": clock.today() - timedelta(days=1)},
    ):
        with pytest.raises(Invalid):
            add_signer(bureau.session, bureau.admin, given(**wrong))
    without = add_signer(bureau.session, bureau.admin, given(name="Alcaldesa Topa"))
    assert without.user_id is None


def test_another_agency_neither_reads_nor_ends_a_signer(bureau: Bureau) -> None:
    signer = bureau.enter(bureau.head)
    other = make_agency(bureau.session, "DEM-LAM")
    strange = make_actor(bureau.session, other, Role.AGENCY_ADMIN)
    with pytest.raises(NotFound):
        end_signer(bureau.session, strange, signer.id, last_day=clock.today())
    assert current_signers(bureau.session, other.id) == []


def test_leaving_the_post_ends_the_signature(bureau: Bureau) -> None:
    bureau.enter(bureau.head)
    assert bureau.head.user_id
    done = leave(
        bureau.session, system_actor(), user_id=bureau.head.user_id, agency_id=bureau.agency.id
    )
    assert done.noted == {"signatures": 1}
    assert current_signers(bureau.session, bureau.agency.id) == []


def test_only_the_administrator_keeps_them(db: Database, browser: NewBrowser) -> None:
    with db.write() as session:
        agency = make_agency(session)
        admin = make_member(session, agency, Role.AGENCY_ADMIN)
        head = make_member(session, agency, Role.COORDINATOR, name="Elena Caoba")
        session.flush()
        session.expunge_all()
    keeper = browser().sign_in(admin, agency)
    assert browser().sign_in(head, agency).get("/admin/signers").status_code == 404
    sent = {
        "user_id": str(head.id),
        "standing": "titular",
        "act": "any",
        "resolution": "",
        "resolved_on": "2026-11-02",
        "since": "2026-11-03",
    }
    refused = keeper.fill("/admin/signers/new", sent)
    assert refused.status_code == 422
    assert 'href="#resolution"' in refused.text
    sent["resolution"] = "RD 014-2026"
    assert keeper.fill("/admin/signers/new", sent).status_code == 303
    assert "Elena Caoba" in keeper.get("/admin/signers").text
    with db.read() as session:
        signer = session.scalars(sa.select(Signer)).one()
    url = f"/admin/signers/{signer.id}/end"
    assert keeper.fill(url, {"last_day": "2026-11-01"}).status_code == 422
    assert keeper.fill(url, {"last_day": "2026-11-05"}).status_code == 303
    with db.read() as session:
        assert session.scalars(sa.select(col(Signer.until))).one() == date(2026, 11, 6)
