"""Which reading is unusual: an hour slides, and surnames alone accuse nobody."""

from datetime import timedelta

import pytest

from portal import clock
from portal.db import new_id
from portal.privacy.models import AlertKind
from portal.privacy.rules import Declared, Named, Opened, bursts, relation

READER, AGENCY = new_id(), new_id()
START = clock.now()


def opened(*minutes: int) -> list[Opened]:
    """Return a new file opened at each minute."""
    return [Opened(START + timedelta(minutes=m), READER, AGENCY, new_id()) for m in minutes]


def test_more_than_so_many_files_within_an_hour_are_a_burst() -> None:
    assert bursts(opened(0, 10, 20), most=3) == []
    [burst] = bursts(opened(0, 10, 20, 59), most=3)
    assert len(burst.case_ids) == 4
    assert burst.until - burst.since == timedelta(minutes=59)


def test_the_hour_slides_and_the_fullest_counts() -> None:
    assert bursts(opened(0, 30, 61, 95), most=3) == []
    [burst] = bursts(opened(0, 50, 70, 80, 90, 200), most=3)
    assert (len(burst.case_ids), burst.since) == (4, START + timedelta(minutes=50))


def test_the_same_file_opened_again_counts_once() -> None:
    [one] = opened(0)
    again = [Opened(START + timedelta(minutes=m), READER, AGENCY, one.case_id) for m in range(9)]
    assert bursts(again, most=1) == []


def test_each_person_and_institution_counts_apart() -> None:
    mixed = [
        *opened(0, 1),
        Opened(START, new_id(), AGENCY, new_id()),
        Opened(START, READER, new_id(), new_id()),
    ]
    assert bursts(mixed, most=2) == []


CHILD = Named("Achiote", "Ñejilla", "71234567", "220501")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Declared(), None),
        (Declared("Achiote", "Ñejilla"), None),
        (Declared("Achiote", "Ñejilla", district="220901"), None),
        (Declared("Achiote", "Ñejilla", district="220501"), AlertKind.KIN),
        (Declared("achiote", "ÑEJILLA", district="220501"), AlertKind.KIN),
        (Declared("Achiote", "Topa", district="220501"), None),
        (Declared("Ñejilla", "Achiote", district="220501"), None),
        (Declared(kin=("71234567",)), AlertKind.KIN),
        (Declared(document="71234567"), AlertKind.OWN),
        (Declared(document="71234568", kin=("71234569",)), None),
    ],
)
def test_surnames_count_only_with_the_district_and_documents_by_themselves(
    declared: Declared, expected: AlertKind | None
) -> None:
    assert relation(declared, CHILD) is expected


def test_a_child_without_surnames_or_document_is_nobodys_kin() -> None:
    unknown = Named("", "", "", "220501")
    assert relation(Declared(district="220501"), unknown) is None
