"""The same work by other ways: without JavaScript, by keyboard, in the dark, on paper."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.demo.people import PASSWORD
from tests.browser.accessible import violations
from tests.browser.steps import PHONE, SignIn

pytestmark = pytest.mark.browser

LAMAS = "220501"


def send_alert(page: Page, name: str) -> str:
    """Register an alert about one child and return its address."""
    page.goto("/alerts/new")
    page.fill("#children-0-given_names", name)
    page.fill("#children-0-first_surname", "Ungurahui")
    page.fill("#children-0-estimated_age", "7")
    page.select_option("#district", LAMAS)
    page.fill("#where", "Casa comunal, segunda puerta")
    page.check("#signs-alone_tonight")
    page.fill("#what_happens", "Está sola y nadie la recoge.")
    page.check("#situation-unprotection")
    page.fill("#reporter", "Vecino de la cuadra")
    page.fill("#telephone", "942 000 210")
    page.get_by_role("button", name="Enviar la alerta", exact=True).click()
    page.wait_for_url("**/sent")
    return "/alerts/" + page.url.split("/")[-2]


def test_without_javascript(people: SignIn) -> None:
    """Every main job is done by links and forms alone, on a phone."""
    sender = people("salud", PHONE, java_script_enabled=False)
    sender.goto("/alerts/new")
    sender.fill("#children-0-given_names", "Lucero")
    sender.get_by_role("button", name="Agregar una hermana o un hermano").click()
    expect(sender.locator("#children-0-given_names")).to_have_value("Lucero")
    expect(sender.locator("#children-1-given_names")).to_be_visible()
    alert = send_alert(sender, "Lucero")

    officer = people("turno", PHONE, java_script_enabled=False)
    officer.goto("/")
    officer.get_by_text("Menú", exact=True).click()
    expect(officer.locator("details.menu nav").get_by_role("link", name="Casos")).to_be_visible()
    officer.goto(f"{alert}/accept")
    officer.locator("main form button.btn").first.click()
    code = officer.url.rsplit("/", 1)[-1]
    officer.get_by_text("Cómo se contó").first.click()
    expect(officer.locator("details[open]").first).to_be_visible()

    officer.goto(f"/cases/{code}/referrals/new")
    officer.select_option("#to_agency_id", label="RENIEC Tarapoto")
    officer.select_option("#right", "identity")
    officer.fill("#asked", "Verificar si está inscrita")
    officer.fill("#due_on", (clock.today() + timedelta(days=5)).isoformat())
    officer.get_by_role("button", name="Ver lo que verá").click()
    expect(officer.locator("#seen")).to_contain_text("Así la verá RENIEC Tarapoto")
    officer.get_by_role("button", name="Enviar la derivación").click()
    officer.wait_for_url(re.compile("/referrals/[0-9a-f-]{36}$"))
    referral = "/" + officer.url.split("/", 3)[-1]

    civil = people("reniec", PHONE, java_script_enabled=False)
    civil.goto(referral)
    civil.get_by_role("button", name="Aceptar la derivación").click()
    expect(civil.locator("main")).to_contain_text("Verificar si está inscrita")


def test_by_keyboard_alone(visitor: Callable[..., Page]) -> None:
    """Sign in, skip the menu, open what is first, go back and sign out without a pointer."""
    page = visitor()
    page.goto("/login")
    page.focus("#username")
    page.keyboard.type("turno")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.side", state="attached")
    page.keyboard.press("Tab")
    assert focused(page) == "Ir al contenido"
    page.keyboard.press("Enter")
    seen = []
    for _step in range(12):
        page.keyboard.press("Tab")
        seen.append(focused(page))
        assert outline(page) >= 2, f"nothing shows that {seen[-1]!r} has the focus"
        if seen[-1].startswith("Alerta"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/*")
    reach(page, "No nos corresponde")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pass-on")
    page.go_back()
    page.wait_for_url(re.compile(r"/alerts/[0-9a-f-]+$"))
    reach(page, "Cerrar sesión")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/login"))


def reach(page: Page, name: str) -> None:
    """Press Tab until the focus is on what says so."""
    for _step in range(60):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"the keyboard does not reach {name!r}")


def focused(page: Page) -> str:
    said: str = page.evaluate("document.activeElement.innerText || document.activeElement.id")
    return said.strip()


def outline(page: Page) -> float:
    width: str = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    return float(width.removesuffix("px"))


def test_what_is_wrong_gets_the_focus_and_nothing_typed_is_lost(people: SignIn) -> None:
    page = people("salud", PHONE)
    page.goto("/alerts/new")
    page.fill("#children-0-given_names", "Lucero")
    page.fill("#children-0-document_number", "1234567")
    page.select_option("#children-0-document_kind", "dni")
    page.fill("#what_happens", "Texto que no debe perderse.")
    page.get_by_role("button", name="Enviar la alerta", exact=True).click()
    expect(page.locator(".wrongs")).to_be_focused()
    expect(page.locator("#what_happens")).to_have_value("Texto que no debe perderse.")
    said = page.locator("#children-0-document_number").get_attribute("aria-describedby")
    assert said
    expect(page.locator(f"#{said.split()[0]}")).to_contain_text("8")
    page.locator(".wrongs a").first.click()
    assert page.evaluate("document.activeElement.tagName") in {"INPUT", "SELECT", "TEXTAREA"}


def test_a_double_click_sends_one_alert(people: SignIn) -> None:
    page = people("salud")
    page.goto("/alerts")
    expect(page.locator("#box")).to_have_value("out")
    before = page.locator("main a[href^='/alerts/']").count()
    page.goto("/alerts/new")
    page.fill("#children-0-given_names", "Nube")
    page.fill("#children-0-estimated_age", "5")
    page.select_option("#district", LAMAS)
    page.fill("#where", "Terminal terrestre")
    page.fill("#what_happens", "Llegó sola en un bus.")
    page.check("#situation-unprotection")
    page.fill("#telephone", "942 000 210")
    page.get_by_role("button", name="Enviar la alerta", exact=True).dblclick()
    page.wait_for_url("**/sent")
    page.goto("/alerts")
    assert page.locator("main a[href^='/alerts/']").count() == before + 1


@pytest.mark.parametrize("account", ["turno", "defensoria"])
def test_contrast_in_the_dark(people: SignIn, account: str) -> None:
    page = people(account, color_scheme="dark")
    page.goto("/")
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", ground)[:3]) < 60
    page.goto("/cases")
    case = page.locator("main td a, main th a").first.get_attribute("href")
    for address in ("/", "/cases", case, "/alerts", "/referrals", "/councils", "/alerts/new"):
        page.goto(str(address))
        assert violations(page, "color-contrast") == [], address


def test_on_paper_there_is_the_matter_only(people: SignIn) -> None:
    page = people("upe")
    page.goto("/p/shelter/print")
    page.emulate_media(media="print")
    expect(page.locator("table").first).to_be_visible()
    expect(page.locator(".btn").first).to_be_hidden()
    page.goto("/cases")
    page.locator("main table a").first.click()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("nav.side").first).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()


def test_after_signing_out_the_back_button_shows_nothing(people: SignIn) -> None:
    page = people("upe")
    page.goto("/cases")
    page.locator("main table a").first.click()
    title = page.locator("h1").inner_text()
    page.get_by_role("button", name="Cerrar sesión").click()
    page.wait_for_url(re.compile("/login"))
    page.go_back()
    page.wait_for_url(re.compile("/login"))
    expect(page.locator("body")).not_to_contain_text(title)
