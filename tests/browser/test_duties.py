"""Staff of a school is suspected and nobody told the UGEL, in Spanish."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import PHONE, SignIn, press

pytestmark = pytest.mark.browser

NOTICE = "Aviso a la UGEL por personal de una institución educativa bajo sospecha"
DOCUMENT = "Oficio 512-2026-UGEL-Lamas"


def test_staff_of_a_school_is_suspected_and_nobody_told_the_ugel(people: SignIn) -> None:
    lead = people("upe")
    lead.goto("/")
    line = lead.locator("ul.work li", has_text=NOTICE)
    expect(line.locator(".when")).to_have_class(re.compile("late"))
    expect(line).to_contain_text("Nadie fue avisado")
    lead.goto("/notices")
    expect(
        lead.get_by_text(re.compile("nadie confirmó un aviso obligatorio")).first
    ).to_be_visible()

    lead.goto("/")
    line.get_by_role("link", name="Dar el aviso").click()
    expect(lead.locator("h1")).to_have_text("Avisos obligatorios")
    expect(lead.get_by_text("vencido, sin confirmar").first).to_be_visible()
    expect(lead.get_by_text("Ley 29988; DS 004-2018-MINEDU").first).to_be_visible()
    code = lead.locator(".soft a", has_text="UPE-SM-").first.inner_text()
    own = lead.locator("li", has_text=NOTICE)
    own.get_by_text("Cómo se contó").click()
    expect(own.get_by_text(re.compile("El plazo no está confirmado"))).to_be_visible()
    own.get_by_role("link", name="Avisar por el portal").click()
    expect(lead.locator("#to_agency_id option:checked")).to_have_text("UGEL Lamas")
    expect(lead.locator("#asked")).to_have_value(
        re.compile("Personal de una institución educativa")
    )
    press(lead, "Enviar el aviso")
    expect(own.get_by_text("Enviado, sin confirmar")).to_be_visible()
    expect(own.get_by_text("vencido, sin confirmar")).to_be_visible()

    ugel = people("ugel", PHONE)
    ugel.goto("/referrals")
    ugel.get_by_role("link", name=re.compile("Vida libre de violencia")).first.click()
    expect(ugel.get_by_text(re.compile("separe de niñas, niños y adolescentes"))).to_be_visible()
    press(ugel, "Aceptar la derivación")
    ugel.get_by_role("link", name="Responder la derivación").click()
    ugel.fill("#answer", "La persona fue separada de las aulas mientras se investiga")
    ugel.fill("#document", DOCUMENT)
    assert ugel.evaluate("document.documentElement.scrollWidth") <= PHONE
    press(ugel, "Enviar la respuesta")
    expect(ugel.get_by_text(DOCUMENT).first).to_be_visible()
    # Whoever was told collaborates: it reads neither the signs nor the other notices.
    ugel.goto(f"/cases/{code}")
    expect(ugel.locator("h1")).to_be_visible()
    expect(ugel.get_by_text("Avisos obligatorios")).to_have_count(0)
    ugel.goto(f"/cases/{code}/duties")
    expect(ugel.locator("h1")).to_have_text("Aquí no hay nada")

    lead.goto(f"/cases/{code}/duties")
    expect(own.get_by_text("Confirmado", exact=True)).to_be_visible()
    expect(own.get_by_text("confirmado fuera de plazo")).to_be_visible()
    expect(own).to_contain_text(DOCUMENT)
    lead.goto("/")
    expect(lead.get_by_text(NOTICE)).to_have_count(0)
