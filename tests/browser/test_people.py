"""A new person and a leaver, in Spanish: a code handed over, a post handed over, a dead tab."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import PHONE, SignIn, follow, press
from tests.serving import Site

pytestmark = pytest.mark.browser

LEAVER, HEIR = "Marco Lupuna", "Elena Caoba"


def test_a_new_person_gets_an_account_and_a_code_in_person(people: SignIn) -> None:
    page = people("adminupe")
    page.goto("/admin/users")
    follow(page, "Crear una cuenta")
    page.fill("#name", "Nadia Topa Huito")
    page.fill("#username", "nadia.topa")
    page.fill("#post", "Psicóloga")
    page.check("#roles-caseworker")
    press(page, "Crear la cuenta")
    expect(page.locator("h1")).to_have_text("Nadia Topa Huito")
    expect(page.locator("main")).to_contain_text("Atención de casos")
    press(page, "Entregar el código del primer día")
    code = page.locator("main .lead.num")
    expect(code).to_have_text(re.compile(r"^[A-Z0-9]{4}(-[A-Z0-9]{4})+$"))
    words = code.inner_text()
    page.goto("/admin/users")
    follow(page, "Nadia Topa Huito")
    expect(page.locator("main")).not_to_contain_text(words)


def test_a_leaver_hands_over_and_the_open_tab_is_dead(people: SignIn, site: Site) -> None:
    leaver = people("psicologia", PHONE)
    leaver.goto("/cases")
    case = leaver.locator("main a[href^='/cases/UPE-SM-']").first
    code = (case.get_attribute("href") or "").rsplit("/", 1)[-1]
    case.click()
    expect(leaver.locator("main")).to_contain_text("UPE San Martín")

    admin = people("adminupe")
    admin.goto("/admin/users")
    follow(admin, LEAVER)
    follow(admin, "Deja el cargo")
    expect(admin.locator("main")).to_contain_text("En manos de esta persona")
    press(admin, "Abrir la entrega de cargo")
    expect(admin.locator("h1")).to_have_text(f"Entrega de cargo de {LEAVER}")
    expect(admin.locator("main")).not_to_contain_text(code)

    coordinator = people("upe", PHONE)
    coordinator.goto("/")
    coordinator.locator("main a", has_text="Decir quién recibe").first.click()
    expect(coordinator.locator("main")).to_contain_text(code)
    press(coordinator, "Concluir la entrega de cargo")
    expect(coordinator.locator(".wrongs")).to_be_visible()
    coordinator.select_option("#everything", label=HEIR)
    press(coordinator, "Concluir la entrega de cargo")
    follow(coordinator, "Hoja para firmar")
    sheet = coordinator.locator("main")
    for words in (code, LEAVER, HEIR, "Acta de entrega de cargo"):
        expect(sheet).to_contain_text(words)

    leaver.reload()
    expect(leaver).to_have_url(re.compile("/login"))

    admin.goto("/admin/users?state=former")
    expect(admin.locator("main")).to_contain_text(LEAVER)
    coordinator.goto(f"/cases/{code}")
    expect(coordinator.locator("aside").first).to_contain_text(HEIR)


@pytest.mark.parametrize("width", [1280, PHONE])
def test_nothing_scrolls_sideways(people: SignIn, width: int) -> None:
    page = people("adminupe", width)
    wide = []
    for address in (
        "/admin/users",
        "/admin/users/new",
        "/admin/signers",
        "/admin/signers/new",
        "/admin/reviews",
        "/access/roster",
        "/access/handovers",
        "/me/acting",
    ):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert wide == []
