"""A court without users: the portal writes the oficio, the UPE enters its answer, in Spanish."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from tests.browser.steps import PHONE, SignIn, press
from tests.browser.test_interviews import case_of_siblings

pytestmark = pytest.mark.browser

COURT = "Juzgado de Familia de San Martín"
RULING = "Resolución n.° 04, Expediente 00412-2026-0-2208-JR-FT-01"
SAID = "El juzgado aprueba la medida y cita a la vista de la causa"
SCAN = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
# The day and hour of the stamp stand in Lima.
STAMP = "%Y-%m-%dT%H:%M"


def refer(page: Page, code: str, to: str) -> str:
    """Refer a child of a case to an institution; return the referral's address."""
    page.goto(f"/cases/{code}/referrals/new")
    page.select_option("#to_agency_id", label=to)
    expect(page.locator("#seen h2").first).to_have_text(f"Así la verá {to}")
    page.select_option("#right", "legal_defence")
    page.fill("#asked", "Tener por comunicada la medida y señalar la vista de la causa")
    press(page, "Enviar la derivación")
    page.wait_for_url(re.compile("/referrals/[0-9a-f-]{36}$"))
    return "/" + page.url.split("/", 3)[-1]


def test_the_answer_of_a_court_without_users_is_entered_for_it_and_marked_so(
    people: SignIn, tmp_path: Path
) -> None:
    team = people("demuna")
    code = case_of_siblings(team)
    lead = people("upe")
    referral = refer(lead, code, COURT)
    expect(lead.get_by_text(re.compile(f"{COURT} no tiene usuarios"))).to_be_visible()
    oficio = lead.get_by_role("link", name=re.compile(r"^Oficio N\.° .* \(PDF\)$"))
    drawn = lead.request.get(str(oficio.evaluate("each => each.href")))
    assert drawn.headers["content-type"] == "application/pdf"
    assert drawn.body().startswith(b"%PDF-")

    phone = people("upe", PHONE)
    phone.goto(referral)
    phone.get_by_role("link", name="Anotar el número de la institución receptora").click()
    phone.fill("#number", "Mesa de partes 1180-2026")
    phone.fill("#received_at", f"{clock.local(clock.now() + timedelta(days=1)):{STAMP}}")
    press(phone, "Guardar")
    expect(phone.get_by_text("Esa fecha es futura.").first).to_be_visible()
    expect(phone.locator("#number")).to_have_value("Mesa de partes 1180-2026")
    phone.fill("#received_at", f"{clock.local(clock.now()):{STAMP}}")
    press(phone, "Guardar")
    expect(phone.get_by_text("Mesa de partes 1180-2026")).to_be_visible()
    phone.get_by_role("link", name="Responder la derivación").click()
    expect(phone.get_by_text(re.compile("usted registra su respuesta"))).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE
    phone.fill("#answer", SAID)
    phone.fill("#document", RULING)
    phone.fill("#dated", f"{clock.today():%Y-%m-%d}")
    scan = tmp_path / "escaneo.pdf"
    scan.write_bytes(SCAN)
    phone.set_input_files("#file", scan)
    press(phone, "Enviar la respuesta")
    expect(phone.get_by_text(SAID)).to_be_visible(timeout=60_000)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE

    # Whoever intervenes reads it with who entered it, and opens the scan; others see nothing.
    team.goto(referral)
    expect(team.get_by_text("registrada en su nombre")).to_be_visible()
    expect(team.get_by_text(re.compile(f"Registrada por Elena Caoba.*{COURT}"))).to_be_visible()
    expect(team.get_by_text(RULING).first).to_be_visible()
    team.locator("section", has=team.get_by_role("heading", name="Documentos")).get_by_role(
        "link"
    ).first.click()
    with team.expect_download() as loading:
        team.get_by_role("link", name="Descargar").first.click()
    assert Path(loading.value.path()).read_bytes() == SCAN
    other = people("reniec")
    other.goto(referral)
    expect(other.locator("h1")).to_have_text("Aquí no hay nada")

    # An institution with users answers by itself: nobody answers in its name.
    theirs = refer(lead, code, "RENIEC Tarapoto")
    expect(lead.get_by_role("link", name="Responder la derivación")).to_have_count(0)
    lead.goto(f"{theirs}/answer")
    expect(lead.locator("main")).to_contain_text("usa el portal y responde")
    expect(lead.locator("main")).to_contain_text("042 000 014")
