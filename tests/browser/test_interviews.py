"""A child tells it once, in Spanish: who heard it stands before a new interview."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PHONE, SignIn, press

pytestmark = pytest.mark.browser

REPORT = "Informe psicológico 33-2026"
WHY = "Precisión sobre con quién estuvo el fin de semana"


def case_of_siblings(page: Page) -> str:
    """Return the code of the case that the DEMUNA intervenes on."""
    page.goto("/cases")
    codes = page.locator("td a b").all_inner_texts()
    for code in codes:
        page.goto(f"/cases/{code}/interviews")
        if page.get_by_text(REPORT).count():
            return str(code)
    raise AssertionError(codes)


def test_who_heard_a_child_stands_before_a_new_interview(people: SignIn) -> None:
    demuna = people("demuna")
    code = case_of_siblings(demuna)

    upe = people("upe", PHONE)
    upe.goto(f"/cases/{code}")
    expect(upe.get_by_text("Ya se les escuchó")).to_be_visible()
    upe.get_by_role("link", name="Registrar una actuación").first.click()
    expect(upe.locator("#kind option")).to_have_text(["Nota", "Diligencia", "Visita"])
    upe.get_by_role("link", name=re.compile("Vea primero quién ya lo hizo")).click()
    upe.get_by_role("link", name=re.compile("Registrar una entrevista de")).first.click()
    expect(upe.get_by_role("heading", name="Ya se le escuchó 2 veces")).to_be_visible()
    expect(upe.get_by_text("Acta de entrevista única 18-2026")).to_be_visible()
    expect(upe.get_by_text("Solo la fiscalía y el juzgado").first).to_be_visible()
    assert upe.evaluate("document.documentElement.scrollWidth") <= PHONE
    # The single interview is not asked for by everybody: one button, for the other report.
    expect(upe.get_by_role("button", name="Pedir el informe")).to_have_count(1)
    form = upe.url
    press(upe, "Pedir el informe")
    expect(upe.get_by_text(re.compile("para que no se escuche otra vez"))).to_be_visible()

    upe.goto(form)
    expect(upe.get_by_text("Informe pedido")).to_be_visible()
    upe.select_option("#kind", label="Entrevista social")
    upe.fill("#subject", "Fin de semana de la internación")
    upe.fill("#report", "Sin informe todavía")
    press(upe, "Registrar la entrevista")
    expect(upe.get_by_text("Ya se le escuchó antes").first).to_be_visible()
    expect(upe.locator("#subject")).to_have_value("Fin de semana de la internación")
    upe.fill("#again_why", WHY)
    press(upe, "Registrar la entrevista")
    expect(upe.get_by_text(WHY)).to_be_visible()

    demuna.goto("/")
    expect(demuna.get_by_text(re.compile(code)).first).to_be_visible()
    demuna.goto("/referrals")
    demuna.locator("main a[href^='/referrals/']").first.click()
    expect(demuna.get_by_text(re.compile(REPORT))).to_be_visible()
    demuna.goto(f"/cases/{code}/interviews")
    expect(demuna.get_by_text(WHY)).to_be_visible()
