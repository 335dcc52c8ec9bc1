"""Two people end a case whose term has passed: the rule, the plan, the approval, the tombstone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import SignIn, look_until
from tests.serving import Site

pytestmark = pytest.mark.browser


def end_followup(page: Page) -> None:
    """End the visits that follow the return: until then the case has not ended."""
    page.goto("/cases?status=closed")
    page.locator("td a").first.click()
    page.wait_for_url("**/cases/*-*")
    page.goto(f"{page.url}/follow-up")
    page.locator("main a[href$='/end']").first.click()
    page.fill("#words", "La familia se mudó fuera del país")
    page.get_by_role("button", name="Terminar el seguimiento").click()
    page.wait_for_url("**/follow-up")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_officer_proposes_and_the_platform_approves(
    people: SignIn, site: Site, width: int
) -> None:
    """The case that the demonstration closed goes at the first width; a hold is tried at both."""
    platform, officer = people("plataforma", width), people("datosupe", width)
    platform.goto("/admin/retention/rules/new")
    platform.check("#record-case")
    platform.fill("#years", "0")
    platform.check("#counted_from-closing")
    platform.fill("#norm", "Programa de control de documentos, R.D. 12-2026")
    platform.fill("#norm_on", "2026-01-15")
    platform.fill("#doubt", "Falta la opinión del Archivo Regional")
    platform.get_by_role("button", name="Registrar la regla").click()
    expect(platform.get_by_text("Falta la opinión").first).to_be_visible()
    assert platform.evaluate("document.documentElement.scrollWidth") <= width
    if width == 360:
        return
    end_followup(people("upe"))
    officer.goto("/admin/retention")
    officer.get_by_role("link", name="Proponer una supresión").click()
    line = officer.locator("label[for^=record_ids]").first.inner_text()
    officer.locator("input[name=record_ids]").first.check()
    officer.check("#ground-rule")
    officer.fill("#reason", "Su plazo venció según el programa")
    officer.get_by_role("button", name="Hacer el plan").click()
    expect(officer.get_by_text("Debe aprobarlo otra persona")).to_be_visible()
    platform.goto(officer.url)
    platform.get_by_role("link", name="Aprobar").click()
    platform.fill("#reason", "Conforme al programa")
    platform.get_by_role("button", name="Aprobar la supresión").click()
    expect(platform.get_by_role("heading", name="Supresión de 1 registro")).to_be_visible()
    look_until(platform, platform.url, lambda page: page.get_by_text("Suprimido,"))
    code = line.split(" ")[0]
    officer.goto(f"/admin/retention/codes?code={code}")
    expect(officer.get_by_text(f"{code} fue suprimido el")).to_be_visible()
    assert (site.folder / "tombstones.jsonl").read_text().count("\n") == 1
