"""The sentence that explains a count, in both languages, and steps as data."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.deadlines import Calendar, DayKind, OffDay, Step, StepKind, Unit, due, explain
from tests.deadlines.test_counting import NATIONAL, last, rule

SENTENCES = [
    (
        5,
        Unit.BUSINESS_DAYS,
        date(2026, 6, 24),
        "mié 24/6 inicia; lun 29/6 feriado; 5.º día hábil: jue 2/7",
    ),
    (
        5,
        Unit.BUSINESS_DAYS,
        date(2026, 7, 20),
        (
            "lun 20/7 inicia; jue 23/7 feriado; mar 28/7 feriado; mié 29/7 feriado;"
            " 5.º día hábil: jue 30/7"
        ),
    ),
    (
        1,
        Unit.BUSINESS_DAYS,
        date(2026, 12, 31),
        "jue 31/12 inicia; vie 1/1/2027 feriado; 1.º día hábil: lun 4/1/2027",
    ),
    (9, Unit.MONTHS, date(2026, 5, 11), "lun 11/5 inicia; 9 meses: jue 11/2/2027"),
    (
        9,
        Unit.MONTHS,
        date(2026, 5, 31),
        (
            "dom 31/5 inicia; febrero de 2027 no tiene día 31;"
            " primer día hábil del mes siguiente: lun 1/3/2027"
        ),
    ),
    (
        18,
        Unit.MONTHS,
        date(2026, 6, 25),
        (
            "jue 25/6 inicia; 18 meses: sáb 25/12/2027; ese día no es hábil;"
            " día hábil siguiente: lun 27/12/2027"
        ),
    ),
    (5, Unit.CALENDAR_DAYS, date(2026, 6, 24), "mié 24/6 inicia; 5.º día calendario: lun 29/6"),
    (0, Unit.CALENDAR_DAYS, date(2026, 6, 24), "mié 24/6 inicia; el mismo día: mié 24/6"),
    (24, Unit.HOURS, date(2026, 6, 27), "sáb 27/6 12:00 inicia; 24 horas corridas: dom 28/6 12:00"),
]


@pytest.mark.usefixtures("in_spanish")
@pytest.mark.parametrize(("length", "unit", "start", "sentence"), SENTENCES)
def test_the_sentence_in_spanish(length: int, unit: Unit, start: date, sentence: str) -> None:
    assert last(length, unit, start).explanation == sentence


@pytest.mark.usefixtures("in_spanish")
def test_decreed_days_and_suspensions_name_their_norm() -> None:
    calendar = Calendar.of(
        [
            OffDay(date(2026, 5, 12), DayKind.NON_WORKING, "Puente", "DS 1-2026-PCM"),
            OffDay(date(2026, 5, 13), DayKind.SUSPENSION, "Huelga", "RA 2-2026-CE-PJ"),
        ],
        known_until=date(2026, 5, 14),
    )
    assert last(2, Unit.BUSINESS_DAYS, date(2026, 5, 11), calendar).explanation == (
        "lun 11/5 inicia; mar 12/5 día no laborable (DS 1-2026-PCM);"
        " mié 13/5 plazos suspendidos (RA 2-2026-CE-PJ); 2.º día hábil: vie 15/5;"
        " los feriados de 2026 aún no están registrados, la fecha puede variar"
    )


def test_the_sentence_in_english() -> None:
    assert last(5, Unit.BUSINESS_DAYS, date(2026, 6, 24)).explanation == (
        "Wed 24/6 starts; Mon 29/6 holiday; business day 5: Thu 2/7"
    )


def test_steps_survive_a_column() -> None:
    found = due(rule(24, Unit.HOURS), datetime(2026, 6, 27, 22, 30, tzinfo=clock.LIMA), NATIONAL)
    assert explain(found.steps_as_json()) == found.explanation
    assert explain([]) == ""


@given(
    st.builds(
        Step,
        st.sampled_from(StepKind),
        st.dates(),
        st.integers(0, 99),
        st.text(),
        st.none() | st.datetimes(timezones=st.just(UTC)),
    )
)
def test_a_step_is_read_as_it_was_written(step: Step) -> None:
    assert Step.from_json(step.as_json()) == step
