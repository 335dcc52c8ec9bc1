"""The register of rules, the catalogue, and the holidays."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.actor import AgencyKind
from portal.deadlines import CORE_RULES, CalendarKind, Need, Unit, rules
from portal.deadlines.holidays import easter, national_calendar, national_holidays
from portal.errors import NotFound
from tests.deadlines.test_counting import rule


@pytest.fixture(autouse=True)
def own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        rules, "_register", {code: [*each] for code, each in rules._register.items()}
    )


@pytest.mark.parametrize(
    ("code", "length", "unit", "source"),
    [
        ("core.risk.evaluation", 5, Unit.BUSINESS_DAYS, "DL 28"),
        ("core.risk.plan_draft", 10, Unit.BUSINESS_DAYS, "R 42.3"),
        ("core.risk.measures_life", 9, Unit.MONTHS, "DL 30, 41; R 43.e.1"),
        ("core.urgent.file_to_court", 30, Unit.BUSINESS_DAYS, "DL 45.1.2"),
        ("core.unprotection.evaluation", 5, Unit.BUSINESS_DAYS, "DL 47; R 41"),
        ("core.unprotection.edict", 5, Unit.CALENDAR_DAYS, "DL 48; R 147"),
        ("core.unprotection.plan_draft", 20, Unit.BUSINESS_DAYS, "R 42.3"),
        ("core.unprotection.plan_life", 18, Unit.MONTHS, "DL 55, 63, 92; R 42.5, 42.6, 43.e.2"),
        ("core.fostering.urgent_check", 5, Unit.BUSINESS_DAYS, "R 76.4"),
        ("core.care.preventive_centre", 10, Unit.BUSINESS_DAYS, "R 13.ª DCT"),
        ("core.appeal.delay", 3, Unit.BUSINESS_DAYS, "DL 115; R 164"),
    ],
)
def test_the_catalogue_holds_the_terms_of_the_law(
    code: str, length: int, unit: Unit, source: str
) -> None:
    found = rules.get(code)
    assert (found.length, found.unit, found.source) == (length, unit, source)


def test_every_rule_is_complete() -> None:
    assert len({each.code for each in CORE_RULES}) == len(CORE_RULES)
    for each in CORE_RULES:
        assert each.code.startswith("core.")
        assert len(each.code) <= 60
        assert all(str(text) for text in (each.title, each.starts_on, each.act_owed, each.source))
        assert bool(each.readings) <= bool(str(each.doubt)), each.code


def test_courts_count_by_their_own_calendar() -> None:
    for each in CORE_RULES:
        if AgencyKind.COURT in each.owed_by and len(each.owed_by) == 1:
            assert each.calendar is CalendarKind.JUDICIARY, each.code


def test_modules_own_the_preliminary_assessment_and_the_stay() -> None:
    codes = {each.code for each in CORE_RULES}
    assert not {code for code in codes if "preliminary" in code or "stay" in code}


def test_an_extension_gives_the_whole_length() -> None:
    life = rules.get("core.risk.measures_life")
    longer = life.extended(life.extensions[0])
    assert (longer.length, longer.unit) == (12, Unit.MONTHS)
    assert longer.source == "DL 30, 41; R 43.e.1; DL 41; R 43.e.1"
    assert life.extensions[0].needs == (Need.REASON,)


def test_a_doubtful_rule_may_be_read_otherwise() -> None:
    edict = rules.get("core.urgent.edict")
    assert edict.read_as(edict.readings[0]).unit is Unit.CALENDAR_DAYS
    assert edict.unit is Unit.BUSINESS_DAYS


def test_a_module_enters_its_rules_twice_without_harm() -> None:
    mine = replace(rule(10), code="shelter.stay")
    rules.register(mine)
    rules.register(mine)
    assert rules.get("shelter.stay") == mine
    assert [each for each in rules.list_rules() if each.code == "shelter.stay"] == [mine]


def test_an_amended_law_keeps_the_old_term_for_its_days() -> None:
    amended = date(2026, 7, 1)
    old = replace(rule(5), code="core.amended", valid_until=amended)
    new = replace(rule(3), code="core.amended", valid_from=amended)
    rules.register(old, new)
    assert rules.get("core.amended", amended - timedelta(days=1)).length == 5
    assert rules.get("core.amended", amended).length == 3
    assert [each.length for each in rules.list_rules() if each.code == "core.amended"] == [3, 5]


def test_an_unknown_rule_is_not_found() -> None:
    rules.register(replace(rule(5), code="core.gone", valid_until=date(2020, 1, 1)))
    for code in ("core.unknown", "core.gone"):
        with pytest.raises(NotFound):
            rules.get(code)


@pytest.mark.parametrize(
    ("year", "thursday"),
    [
        (2025, date(2025, 4, 17)),
        (2026, date(2026, 4, 2)),
        (2027, date(2027, 3, 25)),
        (2028, date(2028, 4, 13)),
    ],
)
def test_sixteen_national_holidays(year: int, thursday: date) -> None:
    found = {each.day: each.title for each in national_holidays(year)}
    assert len(found) == 16
    assert found[thursday] == "Jueves Santo"
    assert found[thursday + timedelta(days=1)] == "Viernes Santo"
    assert {(day.month, day.day) for day in found} >= {(6, 7), (6, 29), (7, 23), (8, 6), (12, 9)}


@pytest.mark.parametrize(
    "sunday",
    [date(1954, 4, 18), date(1981, 4, 19), date(2024, 3, 31), date(2049, 4, 18), date(2076, 4, 19)],
)
def test_easter_in_its_exceptional_years(sunday: date) -> None:
    assert easter(sunday.year) == sunday


def test_a_national_calendar_knows_its_end() -> None:
    calendar = national_calendar(2025, 2028)
    assert len(calendar.off) == 64
    assert calendar.known_until == date(2028, 12, 31)
    assert not calendar.is_business(date(2026, 7, 23))
