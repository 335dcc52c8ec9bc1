"""Eight siblings, in Spanish and without JavaScript: one form, a genogram, rights one by one."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations
from tests.browser.steps import PHONE, SignIn, press

pytestmark = pytest.mark.browser

AGES = (17, 15, 13, 12, 9, 0)
NAMES = ("Tahuari", "Ishpingo", "Shiringa", "Pona", "Ubos", "Catahua")


def check(page: Page) -> None:
    """Hold that the page is accessible and fits the device."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def case_of_two(page: Page) -> str:
    """Return the code of the case of two siblings on which RENIEC collaborates."""
    page.goto("/cases")
    row = page.locator("tr", has_text="2 hermanos de 4 y 9 años").first
    return row.locator("a b").inner_text()


@pytest.mark.parametrize("width", [1280, PHONE])
def test_the_pages_of_a_family_are_accessible_and_fit(people: SignIn, width: int) -> None:
    page = people("upe", width)
    page.goto("/cases")
    code = page.locator("tr", has_text="8 hermanos").first.locator("a b").inner_text()
    for part in ("family", "family/new", "family/add", "rights", "codes", "codes/copy/sispe"):
        page.goto(f"/cases/{code}/{part}")
        check(page)
    page.goto(f"/cases/{code}/family")
    drawing = page.get_by_role("img", name=f"Genograma del caso {code}")
    expect(drawing).to_be_visible()
    table, drawn = page.locator("#who"), page.locator("#drawn")
    above = table.bounding_box()["y"] < drawn.bounding_box()["y"]  # type: ignore[index]
    assert above is (width == PHONE)
    page.get_by_role("link", name="Identidad Lupuna Ñejilla").click()
    check(page)
    page.emulate_media(color_scheme="dark")
    page.goto(f"/cases/{code}/family")
    check(page)


def test_where_a_protected_caregiver_is_opens_to_few_and_is_recorded(people: SignIn) -> None:
    lead = people("upe")
    lead.goto("/cases")
    code = case_of_two(lead)
    lead.goto(f"/cases/{code}/family")
    lead.get_by_role("link", name="Abrir dónde está esta persona").first.click()
    expect(lead.locator("#whereabouts")).to_have_value(
        "Lamas, barrio Wayku, frente a la capilla; 942 000 321"
    )
    demuna = people("demuna")
    demuna.goto(f"/cases/{code}/family")
    expect(demuna.get_by_text("Paradero de acceso restringido")).to_be_visible()
    expect(demuna.get_by_role("link", name="Abrir dónde está esta persona")).to_have_count(0)
    expect(demuna.get_by_text("Wayku")).to_have_count(0)


def test_eight_siblings_in_one_form_and_their_rights_one_by_one(people: SignIn) -> None:
    registry = people("reniec")
    code = case_of_two(registry)

    lead = people("upe", java_script_enabled=False)
    lead.goto(f"/cases/{code}")
    lead.get_by_role("link", name="Ver la familia y su genograma").click()
    lead.get_by_role("link", name="Registrar hermanos y familia").click()
    expect(lead.locator("#first_surname")).not_to_have_value("")
    press(lead, "Agregar filas para más hermanos")
    for number, (name, age) in enumerate(zip(NAMES, AGES, strict=True)):
        lead.fill(f"#children-{number}-given_names", name)
        lead.fill(f"#children-{number}-estimated_age", str(age))
    lead.select_option("#children-5-document_kind", label="Certificado de nacido vivo (CNV)")
    lead.fill("#children-5-document_number", "12")
    lead.select_option("#adults-0-relation", label="Abuela o abuelo por parte de madre")
    lead.fill("#adults-0-given_names", "Ceiba")
    lead.fill("#adults-0-first_surname", "D'Oliva Ñahui")
    lead.fill("#adults-0-estimated_age", "90")
    lead.check("#adults-0-is_caregiver")
    lead.fill("#whereabouts", "Casa de la abuela, a orillas del río")
    lead.fill("#said_by", "La abuela")
    press(lead, "Registrar")
    expect(
        lead.get_by_text("El certificado de nacido vivo (CNV) tiene de 6 a 12 dígitos").first
    ).to_be_visible()
    expect(lead.locator("#children-0-given_names")).to_have_value("Tahuari")
    lead.fill("#children-5-document_number", "1000123456")
    press(lead, "Registrar")
    expect(lead.locator("h1")).to_have_text("Familia")
    expect(lead.get_by_text("D'Oliva Ñahui").first).to_be_visible()
    expect(lead.locator("td", has_text="NNA del caso")).to_have_count(8)
    expect(lead.get_by_text("orillas del río")).to_have_count(0)

    lead.goto(f"/cases/{code}/rights")
    lead.get_by_role("link", name="Identidad, Tahuari").click()
    lead.get_by_label("En trámite").check()
    lead.select_option("#agency_id", label="RENIEC Tarapoto")
    for sibling in lead.locator("#also input").all():
        sibling.check()
    press(lead, "Guardar")
    identity = lead.locator("tr", has_text="Identidad")
    expect(identity.get_by_text("En trámite")).to_have_count(8)
    expect(identity.get_by_text("retrocedió el")).to_have_count(1)
    for state, evidence in (("Restituido", "DNI a la vista"), ("No garantizado", "DNI anulado")):
        lead.get_by_role("link", name="Identidad, Ishpingo").click()
        lead.locator("#state").get_by_label(state, exact=True).check()
        lead.fill("#evidence", evidence)
        press(lead, "Guardar")
    expect(identity.get_by_text("retrocedió el")).to_have_count(2)
    lead.get_by_role("link", name="Identidad, Ishpingo").click()
    expect(lead.get_by_text("Cómo estuvo")).to_be_visible()
    expect(lead.get_by_text("Sustento: DNI a la vista")).to_be_visible()

    registry.goto(f"/cases/{code}/rights")
    expect(registry.get_by_text("Identidad").first).to_be_visible()
    expect(registry.get_by_text("Educación")).to_have_count(0)
    expect(registry.get_by_text("Ishpingo")).to_have_count(0)
    registry.goto(f"/cases/{code}/family")
    expect(registry.locator("h1")).to_have_text("Aquí no hay nada")
