"""The UPE forms the copy of the file for the judge and records that the court received it."""

import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from portal import clock
from tests.browser.steps import PHONE, SignIn, follow, look_until, press
from tests.copies.test_court import FOLIO, sheets
from tests.documents.samples import photo

pytestmark = pytest.mark.browser

REPORT, BIRTH = "Informe social de la visita", "Partida de nacimiento"
SEALED = "Relato reservado que no sale de aquí"
COURT = "Juzgado de Familia de Tarapoto"


def filed(page: Page, code: str, title: str, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    page.goto(f"/cases/{code}/documents/new")
    page.set_input_files("#file", path)
    page.fill("#title", title)
    press(page, "Incorporar el documento")
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}$"))


def case_with_pieces(page: Page, folder: Path) -> str:
    """Return a case that the UPE leads, with a report, a photograph and a restricted entry."""
    page.goto("/cases")
    code = page.locator("td a b").filter(has_text="UPE-SM").first.inner_text()
    filed(page, code, REPORT, folder / "informe.pdf", sheets(3))
    filed(page, code, BIRTH, folder / "partida.jpg", photo(900, 1300))
    page.goto(f"/cases/{code}/entries/new")
    page.select_option("#kind", label="Nota")
    page.fill("#text", SEALED)
    page.check("#circle-sealed")
    press(page, "Guardar la actuación")
    page.wait_for_url(f"**/cases/{code}")
    return code


def listed(page: Page) -> list[str]:
    """Return the pieces of a draft in their order."""
    return page.locator("ol.work .what").all_inner_texts()


def test_a_copy_of_the_file_for_the_judge(people: SignIn, tmp_path: Path) -> None:
    upe = people("upe")
    code = case_with_pieces(upe, tmp_path)
    upe.goto(f"/cases/{code}")
    upe.get_by_text("Más", exact=True).first.click()
    follow(upe, "Copias para el juzgado")
    follow(upe, "Registrar la declaración")
    upe.fill("#resolution", "41-2026-UPE-SM")
    upe.fill("#declared_on", clock.today().isoformat())
    press(upe, "Registrar la declaración")
    expect(upe.get_by_text("Las copias se remiten al juzgado hasta el")).to_be_visible()
    follow(upe, "Formar copia del expediente")
    address = upe.url

    # The choosing is done on a phone.
    phone = people("upe", PHONE)
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE
    expect(phone.locator("main")).to_contain_text("Acceso restringido: Nota")
    expect(phone.locator("main")).not_to_contain_text(SEALED)
    if phone.locator("#court_id").count():
        phone.select_option("#court_id", index=0)
    phone.fill("#court", COURT)
    for box in phone.locator("input[name=pieces]").all():
        box.set_checked(False)
    press(phone, "Continuar con el orden")
    expect(phone.get_by_text("Elija al menos una opción.").first).to_be_visible()
    for title in (REPORT, BIRTH):
        phone.get_by_label(title, exact=True).check()
    press(phone, "Continuar con el orden")
    phone.wait_for_url("**/copies/*")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE
    draft = phone.url

    upe.goto(draft)
    assert [REPORT in listed(upe)[0], BIRTH in listed(upe)[1]] == [True, True]
    upe.get_by_role("button", name=f"Subir: {BIRTH}").click()
    expect(upe.locator("ol.work .what").first).to_contain_text(BIRTH)
    follow(upe, "Formar la copia")
    press(upe, "Formarla ahora")
    look_until(
        upe, draft, lambda page: page.get_by_role("link", name="Descargar el PDF"), within_s=25
    )
    with upe.expect_download() as download:
        follow(upe, "Descargar el PDF")
    assert download.value.suggested_filename.startswith(code)
    _look_at(download.value.path().read_bytes())

    follow(upe, "Registrar la entrega")
    now = clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M")
    upe.fill("#delivered_at", now)
    upe.fill("#received_by", "Mesa de partes")
    upe.fill("#receipt", "4411-2026")
    press(upe, "Registrar la entrega")
    expect(upe.locator("main")).to_contain_text("La recibió Mesa de partes, cargo 4411-2026")
    upe.goto(f"/cases/{code}")
    expect(upe.locator("#timeline")).to_be_visible()
    expect(upe.locator("main")).to_contain_text(f"recibida por {COURT}")
    expect(upe.locator("main")).to_contain_text(
        "Atendido en plazo: remisión de copias del expediente al juzgado"
    )


def _look_at(content: bytes) -> None:
    """Hold what the judge opens: pages, folios in figures and words, the index, nothing sealed."""
    told = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    # Cover, index, one folio of the photograph, three of the report, certificate.
    assert len(told) == 7
    folios = [FOLIO.search(text) for text in told[2:6]]
    assert [(each[1], each[2]) for each in folios if each] == [
        ("1", "uno"),
        ("2", "dos"),
        ("3", "tres"),
        ("4", "cuatro"),
    ]
    assert re.search(rf"{BIRTH} .*?\b1 1\b", told[1]), told[1]
    assert re.search(rf"{REPORT} .*?\b2–4 1\b", told[1]), told[1]
    assert "Acceso restringido: Nota" in told[1]
    assert COURT in told[0]
    assert "consta de 4 (cuatro) folios" in told[6]
    assert SEALED not in " ".join(told)
