"""Search and duplicates in Spanish: half a name on a phone; one child at two institutions."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PHONE, SignIn, notice, press

pytestmark = pytest.mark.browser

CHILD = ("Loica", "Shiringa", "Huacapú")


def send_alert(page: Page, authority: str, given: str, first: str, second: str) -> None:
    """Send an alert of a girl of eight in Lamas to an authority."""
    page.goto("/alerts/new")
    page.fill("#children-0-given_names", given)
    page.fill("#children-0-first_surname", first)
    page.fill("#children-0-second_surname", second)
    page.fill("#children-0-born_on", "2018-03-04")
    page.select_option("#district", "220501")
    page.fill("#where", "Jr. de la prueba 12, frente al puerto")
    page.fill("#what_happens", "Su abuela está en el hospital y nadie queda en casa")
    page.fill("#telephone", "942 000 111")
    press(page, "Ver a quién se envía")
    page.select_option("#authority_id", label=authority)
    press(page, "Enviar la alerta")
    expect(page.get_by_text("Si otra institución conoce a esta niña")).to_be_visible()


def accept(page: Page, name: str) -> str:
    """Find the alert of the girl by a name, accept it and return the code of the case."""
    page.goto("/search")
    page.fill("#text", name)
    press(page, "Buscar")
    expect(page.get_by_text("1 resultado")).to_be_visible()
    page.locator(".found .what a").first.click()
    page.locator(".head").get_by_role("link", name="Aceptar", exact=True).click()
    press(page, "Aceptar y abrir el caso")
    page.wait_for_url("**/cases/*")
    return page.url.rpartition("/")[2]


def answer(page: Page, says: str) -> None:
    """Answer whether it is the same child."""
    page.get_by_role("link", name=re.compile("Responder|Cambiar la respuesta")).first.click()
    page.get_by_label(says).check()
    page.fill("#reason", "La misma abuela y la misma fecha de nacimiento")
    press(page, "Enviar la respuesta")


def test_one_child_at_two_institutions(people: SignIn) -> None:
    school, upe, demuna = people("ugel"), people("upe"), people("demuna")
    send_alert(school, "UPE San Martín", *CHILD)
    first = accept(upe, "shiringas")
    send_alert(people("salud"), "DEMUNA Lamas", "Loyca", "Chiringa", "Guacapú")
    second = accept(demuna, "chiringa")

    notice(upe, f"{first}: otro registro puede ser de la misma").click()
    demuna.goto(upe.url)
    for page, own, other, who in (
        (upe, first, second, "DEMUNA Lamas"),
        (demuna, second, first, "UPE San Martín"),
    ):
        expect(page.locator("main").get_by_text(own).first).to_be_visible()
        expect(page.get_by_text("ninguna sabe quién es la otra")).to_be_visible()
        expect(page.locator("main").get_by_text(other)).to_have_count(0)
        expect(page.locator("main").get_by_text(who)).to_have_count(0)
        page.goto(f"/cases/{other}")
        expect(page.locator("h1")).to_have_text("Aquí no hay nada")
        page.go_back()

    answer(upe, "Es la misma persona: unir los casos")
    expect(upe.locator("main").get_by_text(second)).to_have_count(0)
    answer(demuna, "Es la misma persona: unir los casos")
    expect(demuna.get_by_text(f"El caso {first} continúa")).to_be_visible()
    demuna.goto(f"/cases/{first}")
    expect(demuna.get_by_text(f"Unido con {second}")).to_be_visible()
    upe.goto(f"/cases/{second}")
    expect(upe.get_by_text(f"Unido al caso {first}: siga allí")).to_be_visible()

    upe.get_by_role("link", name="Ver o deshacer").click()
    upe.get_by_role("link", name="Deshacer la unión").click()
    upe.fill("#reason", "Son primas: la abuela lo aclaró")
    press(upe, "Separar los casos")
    expect(upe.locator("main").get_by_text("Vinculados", exact=True)).to_be_visible()
    upe.goto(f"/cases/{second}")
    expect(upe.locator("h1")).to_have_text("Aquí no hay nada")
    demuna.goto(f"/cases/{second}")
    expect(demuna.get_by_text(f"Vinculado con {first}")).to_be_visible()


def test_half_a_name_on_a_phone_by_keyboard(people: SignIn) -> None:
    page = people("upe", PHONE)
    page.goto("/cases")
    page.locator("td a b").first.click()
    name = page.locator("#children").locator("xpath=ancestor::section").locator("h3").first
    given, surname, *_rest = name.inner_text().split(",")[0].split()[-2:]
    half = f"{surname[:4]} {given[:4]}".lower()
    page.goto("/search")
    page.locator("#text").focus()
    page.keyboard.type(half)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    expect(page.locator(".found li").first).to_be_visible()
    assert half.split()[0] not in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.locator(".found .what a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(cases|alerts)/"))
    page.go_back()
    expect(page.locator(".found li").first).to_be_visible()


def test_search_without_a_script(people: SignIn) -> None:
    page = people("upe", java_script_enabled=False)
    page.goto("/search")
    page.fill("#text", "nadie que exista")
    press(page, "Buscar")
    expect(page.get_by_text("Nada de lo que usted puede ver coincide.")).to_be_visible()
