"""Who sees a case, in Spanish: 3 a.m. on a phone and its review; a curious administrator."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PHONE, SignIn, press

pytestmark = pytest.mark.browser

REASON = "Adolescente herida en la comisaría, hay que ubicar a su familia"
A_MINUTE = 60


def first_code(page: Page) -> str:
    """Return the code of the first case in a person's list."""
    page.goto("/cases")
    return page.locator("td a b").first.inner_text()


def test_three_in_the_morning_on_a_phone_and_the_review(people: SignIn) -> None:
    lead = people("upe")
    code = first_code(lead)

    police = people("pnp", PHONE)
    police.goto(f"/cases/{code}")
    expect(police.locator("h1")).to_have_text("Aquí no hay nada")
    began = time.monotonic()
    police.get_by_role("link", name="Acceso de emergencia").first.click()
    police.fill("#known", "UPE-SM-2026-ZZZZ")
    police.fill("#reason", REASON)
    press(police, "Abrir el caso por 60 minutos")
    expect(police.get_by_text("Ningún caso se abre con estos datos.")).to_be_visible()
    expect(police.locator("#reason")).to_have_value(REASON)
    police.fill("#known", code.lower())
    press(police, "Abrir el caso por 60 minutos")
    expect(police.get_by_text("solo de lectura").first).to_be_visible()
    assert time.monotonic() - began < A_MINUTE
    assert police.url.endswith(f"/cases/{code}")
    expect(police.get_by_role("link", name="Escribir una actuación")).to_have_count(0)
    assert police.evaluate("document.documentElement.scrollWidth") <= PHONE
    police.goto("/cases")
    expect(police.get_by_text(re.compile("emergencia hasta las"))).to_be_visible()

    lead.goto("/notices")
    expect(lead.get_by_text(f"Acceso de emergencia al caso {code}").first).to_be_visible()
    lead.goto("/")
    lead.get_by_role("link", name="Revisar", exact=True).first.click()
    expect(lead.get_by_text(REASON)).to_be_visible()
    lead.get_by_label("No justificado").check()
    lead.fill("#words", "La familia ya estaba ubicada por la UPE esa noche")
    press(lead, "Concluir la revisión")
    expect(lead.get_by_text("La familia ya estaba ubicada")).to_be_visible()
    lead.goto(f"/cases/{code}/who")
    expect(lead.get_by_text("Hugo Ishpingo, PNP Comisaría de Familia Tarapoto")).to_be_visible()
    press(lead, "Terminarlo ahora")

    police.goto(f"/cases/{code}")
    expect(police.locator("h1")).to_have_text("Aquí no hay nada")
    police.goto("/notices")
    expect(police.get_by_text("calificado como no justificado").first).to_be_visible()


def test_a_curious_administrator_is_seen_by_whom_was_looked_at(people: SignIn) -> None:
    lead = people("upe")
    code = first_code(lead)

    admin = people("plataforma")
    admin.goto(f"/cases/{code}")
    expect(admin.locator("h1")).to_have_text("Aquí no hay nada")
    admin.get_by_role("link", name="Sesión administrativa").first.click()
    admin.select_option("#agency_id", label="UPE San Martín")
    admin.fill("#reason", "Un error impide abrir la lista y hay que verlo")
    press(admin, "Abrir la sesión administrativa")
    expect(admin.get_by_text("Sesión administrativa en UPE San Martín")).to_be_visible()
    admin.goto(f"/cases/{code}")
    expect(admin.get_by_text(re.compile(r"Quedan? \d+ minutos?"))).to_be_visible()
    expect(admin.get_by_role("link", name="Escribir una actuación")).to_have_count(0)
    admin.goto("/admin/agencies")
    expect(admin.locator("h1")).to_have_text("Aquí no hay nada")
    press(admin, "Terminar la sesión administrativa")
    admin.goto(f"/cases/{code}")
    expect(admin.locator("h1")).to_have_text("Aquí no hay nada")

    lead.goto("/notices")
    lead.get_by_role("link", name=re.compile("sesión administrativa")).first.click()
    expect(lead.get_by_text("Pedro Renaco")).to_be_visible()
    expect(lead.get_by_text(code)).to_be_visible()
    lead.goto(f"/cases/{code}/who")
    row = lead.get_by_role("row", name=re.compile("Pedro Renaco"))
    expect(row.first).to_contain_text("Un error impide abrir la lista")
