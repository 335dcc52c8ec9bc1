"""Quorum, majority, dates and what a text must not hold."""

from datetime import date, datetime, timedelta

import pytest

from portal import clock
from portal.councils import rules
from portal.councils.models import Sense

OWN = rules.CouncilRules()


@pytest.mark.parametrize(
    ("seats", "call", "needed"),
    [(15, 1, 8), (16, 1, 9), (1, 1, 1), (15, 2, 5), (16, 2, 6), (7, 2, 3), (4, 2, 3)],
)
def test_quorum_is_the_absolute_majority_then_a_third_and_at_least_three(
    seats: int, call: int, needed: int
) -> None:
    assert rules.quorum_needed(seats, call=call, rules=OWN) == needed
    assert rules.quorum(needed, seats, call=call, rules=OWN).is_met
    assert not rules.quorum(needed - 1, seats, call=call, rules=OWN).is_met


def test_the_second_call_is_the_next_day_in_lima() -> None:
    late = datetime(2026, 11, 23, 22, 0, tzinfo=clock.LIMA)
    assert rules.second_call_day(late) == date(2026, 11, 24)


def test_a_majority_of_those_present_carries_and_the_chair_breaks_a_tie() -> None:
    favour, against, abstained = Sense.FOR, Sense.AGAINST, Sense.ABSTAINED
    assert rules.carries([favour, favour, against], chair=None)
    assert not rules.carries([favour, against, abstained], chair=favour)
    assert rules.carries([favour, against], chair=favour)
    assert not rules.carries([favour, against], chair=against)
    assert not rules.carries([], chair=None)


def test_briefs_stay_readable_to_the_end_of_the_last_day_in_lima() -> None:
    closed = datetime(2026, 11, 23, 23, 30, tzinfo=clock.LIMA)
    until = rules.readable_until(closed, 5)
    assert until == datetime(2026, 11, 29, 0, 0, tzinfo=clock.LIMA)
    assert rules.opens_at(closed, 48) == closed - timedelta(hours=48)


def test_letters_go_on_after_z() -> None:
    assert rules.next_letter([]) == "A"
    assert rules.next_letter(["A", "C"]) == "B"
    assert rules.next_letter(rules.LETTERS) == "AA"


@pytest.mark.parametrize("text", ["Ver UPE-SM-2026-K7RT mañana", "DNI 71234567 emitido"])
def test_what_points_to_one_person_or_case_is_found(text: str) -> None:
    assert rules.identifies(text)


@pytest.mark.parametrize("text", ["Resolución 123-2026", "el 23/11/2026 a las 9:00", "942 000 100"])
def test_numbers_of_papers_days_and_telephones_pass(text: str) -> None:
    assert rules.identifies(text) is None


def test_words_that_may_be_names_are_found_without_accents_or_case() -> None:
    found = rules.words_found("La niña tángara fue vista", ["Tangara de la Cruz"])
    assert found == ["Tangara"]
    assert rules.words_found("Vive en la casa de su tía", ["De La Cruz"]) == []


def test_suggested_days_are_ahead_sorted_and_once() -> None:
    today = date(2026, 11, 23)
    later = date(2026, 11, 30)
    assert rules.suggested_days(today, [later, today], later) == [later]
