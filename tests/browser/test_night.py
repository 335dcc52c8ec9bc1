"""A Friday at 23:00, in Spanish: an alert that the first on duty does not open goes further."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col

from portal import clock
from portal.access.models import DutyShift
from portal.agencies.models import Agency
from portal.users.models import User
from tests.browser.conftest import People
from tests.browser.steps import A_MINUTE_S, SignIn, notice, press, writing
from tests.serving import DEMO, MOVED, Operator, Site

pytestmark = pytest.mark.browser

LAMAS = "220501"
MINUTE_S = 60
TWO_MINUTES_S = 120
ON_SCREEN_MS = 15_000
FRIDAY = 4


@dataclass
class Night:
    """A site whose clock stands on the night of a Friday, and can be moved on."""

    site: Site
    clock_file: Path

    def move_on(self, **ahead: float) -> None:
        """Let some time go by at once."""
        shift = float(self.clock_file.read_text()) + timedelta(**ahead).total_seconds()
        self.clock_file.write_text(str(shift))


def next_friday_night() -> datetime:
    """Return 23:00 in Lima of the first Friday from tomorrow on."""
    day = clock.today() + timedelta(days=1)
    day += timedelta(days=(FRIDAY - day.weekday()) % 7)
    return datetime(day.year, day.month, day.day, 23, tzinfo=clock.LIMA)


@pytest.fixture(scope="module")
def night(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Serve the demonstration of a Friday night: its clock, its pages and its worker."""
    folder = tmp_path_factory.mktemp("night") / "data"
    shutil.copytree(prepared, folder)
    clock_file = folder.parent / "clock"
    clock_file.write_text(str((next_friday_night() - clock.now()).total_seconds()))
    moved = {
        **DEMO,
        "TEST_CLOCK": str(clock_file),
        "PYTHONPATH": MOVED,
    }
    with Operator(folder, moved).serving("demo") as site:
        yield Night(site, clock_file)


@contextmanager
def opened(browser: Browser, site: Site) -> Iterator[SignIn]:
    """Let people sign in on a site; nothing may have gone wrong in any browser."""
    people = People(browser, site, [])
    yield people.sign_in
    for context in browser.contexts:
        context.close()
    assert people.complaints == []


def write_alert(page: Page, name: str) -> None:
    page.goto("/alerts/new")
    page.fill("#children-0-given_names", name)
    page.fill("#children-0-estimated_age", "2")
    page.select_option("#district", LAMAS)
    page.fill("#where", "Casa comunal, segunda puerta")
    page.check("#signs-alone_tonight")
    page.fill("#what_happens", "Está sola y nadie la recoge.")
    page.check("#situation-unprotection")
    page.fill("#telephone", "942 000 210")


def put_next_on_the_roster(site: Site) -> None:
    """Put the coordinator on the roster for the hours after the first on duty."""
    midnight = next_friday_night() + timedelta(hours=1)
    with writing(site) as session:
        person = session.scalars(sa.select(User).where(col(User.username) == "upe")).one()
        upe = session.scalars(sa.select(Agency).where(col(Agency.code) == "UPE-SM")).one()
        session.add(
            DutyShift(
                agency_id=upe.id,
                user_id=person.id,
                telephone="942 000 109",
                starts_at=midnight,
                ends_at=midnight + timedelta(hours=8),
            )
        )


def test_what_the_first_on_duty_does_not_open_goes_further(night: Night, chromium: Browser) -> None:
    with opened(chromium, night.site) as sign_in:
        put_next_on_the_roster(night.site)
        sender = sign_in("salud", 360)
        write_alert(sender, "Lucero")
        press(sender, "Enviar la alerta")
        sender.wait_for_url("**/sent")
        expect(sender.locator(".call")).to_contain_text("Llame ahora")
        expect(sender.locator(".call a[href^='tel:']")).to_be_visible()
        alert = "/alerts/" + sender.url.split("/")[-2]
        code = sender.locator("h1").inner_text().split()[1]
        sender.goto(alert)
        expect(sender.locator("main")).to_contain_text("vie ")
        expect(sender.locator("main")).to_contain_text("23:0")

        night.move_on(minutes=16)
        called = sign_in("upe")
        notice(called, f"Nadie abrió la alerta {code}: usted es el siguiente", within_s=A_MINUTE_S)
        elsewhere = sign_in("defensoria")
        assert elsewhere.request.get(f"{night.site.url}{alert}").status == 404

        night.move_on(minutes=16)
        notice(elsewhere, f"Una alerta está por calificar: {code}", within_s=A_MINUTE_S)
        elsewhere.goto(alert)
        expect(elsewhere.locator("main")).to_contain_text("Casa comunal")

        late = sign_in("turno")
        late.goto(alert)
        press_accept(late)
        # Half an hour went by: the sender's sign-in has ended, and is begun anew.
        again = sign_in("salud")
        again.goto(alert)
        expect(again.locator("main")).to_contain_text("Aceptada")


def press_accept(page: Page) -> None:
    page.locator(".head").get_by_role("link", name="Aceptar", exact=True).click()
    press(page, "Aceptar y abrir el caso")
    page.wait_for_url("**/cases/*")


def test_an_alert_reaches_the_open_screen_of_whoever_is_on_duty(
    site: Site, chromium: Browser
) -> None:
    """It stands there within seconds, without anybody loading the page again."""
    with opened(chromium, site) as sign_in:
        officer, sender = sign_in("turno"), sign_in("salud")
        officer.goto("/")
        bell = officer.locator("#bell")
        expect(bell.locator("#bell-count")).not_to_have_value("")
        write_alert(sender, "Aurora")
        before = time.monotonic()
        press(sender, "Enviar la alerta")
        expect(bell).to_contain_text("Nuevo", timeout=ON_SCREEN_MS)
        assert (time.monotonic() - before) * 1000 < ON_SCREEN_MS


def test_an_alert_is_sent_by_keyboard_alone_in_under_two_minutes(
    site: Site, chromium: Browser
) -> None:
    with opened(chromium, site) as sign_in:
        page = sign_in("salud")
        page.goto("/alerts/new")
        keys = page.keyboard
        began = time.monotonic()
        type_into(page, "children-0-given_names", "Alba")
        type_into(page, "children-0-estimated_age", "6")
        type_into(page, "district", "Lamas")
        type_into(page, "where", "Frente a la posta, puerta verde")
        reach(page, "signs-alone_tonight")
        keys.press("Space")
        type_into(page, "what_happens", "Pasará la noche sin una persona adulta.")
        type_into(page, "telephone", "942 000 210")
        for _step in range(60):
            keys.press("Tab")
            if page.evaluate("document.activeElement.innerText") == "Enviar la alerta":
                break
        keys.press("Enter")
        page.wait_for_url("**/sent")
        assert time.monotonic() - began < TWO_MINUTES_S
        expect(page.locator(".call")).to_contain_text("Llame ahora")


def type_into(page: Page, name: str, text: str) -> None:
    """Reach a field by Tab and type into it as a person does."""
    reach(page, name)
    page.keyboard.type(text, delay=30)


def reach(page: Page, name: str) -> None:
    """Press Tab until the focus is on a field."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    pytest.fail(f"the keyboard does not reach {name!r}")
