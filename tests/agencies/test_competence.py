"""Competence from district, situation and dates (DL 1297 art. 11, transitory provisions)."""

from datetime import timedelta

import pytest

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.competence import propose
from portal.agencies.models import Accreditation, Coverage
from portal.db import WritingSession
from tests.factories.agencies import make_agency

LAMAS, TABALOSOS, RIOJA = "220501", "220510", "220801"


@pytest.fixture
def place(session: WritingSession) -> WritingSession:
    today = clock.today()
    upe = make_agency(session, "UPE-SM", AgencyKind.UPE, district="220901")
    session.add(Coverage(agency_id=upe.id, province="2205", since=today))
    demuna = make_agency(session, "DEM-LAM", AgencyKind.DEMUNA, district=LAMAS)
    make_agency(session, "DEM-TAB", AgencyKind.DEMUNA, district=TABALOSOS)
    make_agency(session, "DEM-RIO", AgencyKind.DEMUNA, district=RIOJA)
    make_agency(session, "JUZ-RIO", AgencyKind.COURT, district="220804")
    session.add(
        Accreditation(agency_id=demuna.id, resolution="R", since=today, recorded_at=clock.now())
    )
    session.flush()
    return session


@pytest.mark.parametrize(
    ("situation", "district", "expected"),
    [
        ("unprotection", LAMAS, "UPE-SM"),
        ("undecided", LAMAS, "UPE-SM"),
        ("risk", LAMAS, "DEM-LAM"),
        ("risk", TABALOSOS, "UPE-SM"),
        ("unprotection", RIOJA, "JUZ-RIO"),
        ("undecided", RIOJA, "JUZ-RIO"),
        ("risk", RIOJA, "DEM-RIO"),
    ],
)
def test_competent(place: WritingSession, situation: str, district: str, expected: str) -> None:
    proposal = propose(place, situation, district)
    assert proposal.agency == f"Agency {expected}"
    assert proposal.why


def test_an_accreditation_that_begins_tomorrow_does_not_count_today(place: WritingSession) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    demuna = make_agency(place, "DEM-SHA", AgencyKind.DEMUNA, district="220509")
    place.add(
        Accreditation(agency_id=demuna.id, resolution="R", since=tomorrow, recorded_at=clock.now())
    )
    place.flush()
    assert propose(place, "risk", "220509").agency == "Agency UPE-SM"
    assert propose(place, "risk", "220509", tomorrow).agency == "Agency DEM-SHA"


def test_nobody_known_says_so(place: WritingSession) -> None:
    proposal = propose(place, "unprotection", "150101")
    assert proposal.agency_id is None
    assert len(proposal.why) == 2


def test_the_upe_counts_from_the_day_it_works(session: WritingSession) -> None:
    today = clock.today()
    upe = make_agency(session, "UPE-SM", AgencyKind.UPE, district="220901")
    upe.operates_from = today + timedelta(days=1)
    session.add(Coverage(agency_id=upe.id, province="2205", since=today))
    session.flush()
    assert propose(session, "unprotection", LAMAS).agency_id is None
    assert propose(session, "unprotection", LAMAS, upe.operates_from).agency_id == upe.id
    upe.closed_on = today + timedelta(days=5)
    session.flush()
    assert propose(session, "unprotection", LAMAS, upe.closed_on).agency_id is None


def test_a_coverage_that_ended_no_longer_counts(session: WritingSession) -> None:
    today = clock.today()
    upe = make_agency(session, "UPE-SM", AgencyKind.UPE)
    since = today - timedelta(days=9)
    session.add(Coverage(agency_id=upe.id, province="2205", since=since, until=today))
    session.flush()
    assert propose(session, "unprotection", LAMAS).agency_id is None
    assert propose(session, "unprotection", LAMAS, today - timedelta(days=1)).agency_id == upe.id


def test_an_accredited_provincial_demuna_covers_its_own_district_only(
    session: WritingSession,
) -> None:
    provincial = make_agency(session, "DEM-RIO", AgencyKind.DEMUNA, district=RIOJA)
    today = clock.today()
    session.add(
        Accreditation(agency_id=provincial.id, resolution="R", since=today, recorded_at=clock.now())
    )
    session.flush()
    assert propose(session, "risk", RIOJA).agency_id == provincial.id
    assert propose(session, "risk", "220804").agency_id is None


def test_the_court_entered_for_the_province_comes_before_the_nearest(
    place: WritingSession,
) -> None:
    entered = make_agency(place, "JUZ-MOY", AgencyKind.COURT, district="220101")
    near = make_agency(place, "JUZ-ZZZ", AgencyKind.COURT, district=RIOJA)
    assert propose(place, "unprotection", RIOJA).agency_id == near.id
    place.add(Coverage(agency_id=entered.id, province="2208", since=clock.today()))
    place.flush()
    assert propose(place, "unprotection", RIOJA).agency_id == entered.id


def test_each_reason_cites_its_article(place: WritingSession) -> None:
    for situation, district in (("risk", LAMAS), ("risk", TABALOSOS), ("unprotection", RIOJA)):
        assert any(
            "DL 1297" in reason for reason in map(str, propose(place, situation, district).why)
        )
    assert any(
        "DS 005-2019-MIMP" in reason for reason in map(str, propose(place, "risk", RIOJA).why)
    )
