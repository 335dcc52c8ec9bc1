"""A decree makes tomorrow a non-working day, in Spanish: what moves is seen first, told once."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.deadlines.holidays import national_holidays
from tests.browser.steps import PHONE, SignIn, press

pytestmark = pytest.mark.browser

SATURDAY = 5
DECREE = "DS 150-2026-PCM"


def next_working_day() -> date:
    """Return tomorrow, or the next day that is worked."""
    day = clock.today() + timedelta(days=1)
    free = {each.day for year in (day.year, day.year + 1) for each in national_holidays(year)}
    while day.weekday() >= SATURDAY or day in free:
        day += timedelta(days=1)
    return day


def test_a_decree_makes_tomorrow_a_non_working_day(people: SignIn) -> None:
    keeper = people("plataforma")
    keeper.goto("/admin/calendars/new")
    keeper.fill("#first", next_working_day().isoformat())
    keeper.fill("#title", "Día no laborable por decreto")
    keeper.fill("#norm", DECREE)
    keeper.get_by_label("Día no laborable", exact=True).check()
    keeper.get_by_label("Todo el país").check()
    press(keeper, "Ver qué plazos se mueven")
    expect(keeper.get_by_role("heading", name="Qué se mueve si lo registra")).to_be_visible()
    # A notice of duty moves too, and on some days first; the list of terms shows those of cases.
    moved = keeper.get_by_role("row", name=re.compile("UPE San Martín Estancia en acogida")).first
    expect(moved).to_contain_text("menos de 5")
    before, after = re.findall(r"\d\d/\d\d/\d{4}", moved.inner_text())
    assert not re.search(r"[A-Z]+-20\d\d-", moved.inner_text())
    expect(keeper.locator("#norm")).to_have_value(DECREE)
    press(keeper, "Registrar los días")
    expect(keeper.get_by_text(DECREE)).to_be_visible()

    upe = people("upe", PHONE)
    upe.goto("/notices")
    told = upe.get_by_text(re.compile(r"cambio de calendario movió (un plazo|\d+ de sus plazos)"))
    expect(told).to_have_count(1)
    upe.goto("/terms?state=moved")
    line = upe.locator(".work > li", has_text=re.compile(f"antes: \\S+ {before}")).first
    expect(line).to_contain_text(after)
    line.get_by_text("Cómo se contó").click()
    expect(line.get_by_text(DECREE)).to_be_visible()
    assert upe.evaluate("document.documentElement.scrollWidth") <= PHONE
