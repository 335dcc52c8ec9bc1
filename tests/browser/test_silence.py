"""A referral that nobody answers until it stands on the council's agenda, in Spanish."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.referrals.models import Referral
from portal.referrals.silence import escalate_silent
from tests.browser.steps import PHONE, SignIn, notice, press, writing
from tests.serving import Site

pytestmark = pytest.mark.browser

RECEIVER = "RENIEC Tarapoto"
LONG_AGO = timedelta(days=30)


def stay_silent(site: Site, referral: str) -> None:
    """Let the days pass that the receiver has for its next word, and the worker look."""
    with writing(site) as session:
        row = session.get_one(Referral, UUID(referral.rsplit("/", 1)[-1]))
        row.patient_until = clock.today() - LONG_AGO
        row.sent_at = clock.now() - LONG_AGO
        row.silence_at = row.silence_at and row.silence_at - LONG_AGO
        session.flush()
        escalate_silent(session)


def test_a_referral_nobody_answers_until_it_stands_on_the_agenda(
    people: SignIn, site: Site
) -> None:
    lead = people("upe")
    lead.goto("/cases")
    lead.locator("main a[href^='/cases/UPE-SM-']").first.click()
    lead.get_by_role("link", name="Derivar", exact=True).click()
    code = lead.url.split("/")[-3]
    lead.select_option("#to_agency_id", label=RECEIVER)
    seen = lead.locator("#seen")
    expect(seen.locator("h2").first).to_have_text(f"Así la verá {RECEIVER}")
    lead.select_option("#right", "identity")
    lead.fill("#asked", "Inscribir y emitir el DNI sin costo")
    press(lead, "Enviar la derivación")
    lead.wait_for_url(re.compile("/referrals/[0-9a-f-]{36}$"))
    referral = "/" + lead.url.split("/", 3)[-1]
    line = lead.locator("main p.notice").first
    expect(line).to_contain_text("aún no se abre")
    expect(line).to_contain_text("si no hay respuesta, se le recordará")

    for said in ("se le recordó el", "se avisó a su coordinación el", "oficio a su jefatura el"):
        stay_silent(site, referral)
        lead.goto(referral)
        expect(line).to_contain_text(said)
    head = lead.get_by_role("link", name=re.compile(r"^Oficio N\.° ")).last
    expect(lead.get_by_text("a la jefatura de la institución")).to_be_visible()
    letter = lead.request.get(site.url + str(head.get_attribute("href")))
    assert letter.body().startswith(b"%PDF-")
    notice(people("reniec", PHONE), f"{code}: su institución debe respuesta", within_s=60)

    stay_silent(site, referral)
    lead.goto(referral)
    expect(line).to_contain_text("para la próxima agenda del consejo")
    secretary = people("defensoria")
    secretary.goto("/councils")
    secretary.locator("main ul.work a").first.click()
    secretary.get_by_role("link", name="Preparar una sesión").click()
    ahead = clock.local(clock.now() + timedelta(days=9))
    secretary.check("#kind-ordinary")
    secretary.fill("#day", f"{ahead:%Y-%m-%d}")
    secretary.fill("#hour", "10:00")
    secretary.fill("#place", "Auditorio municipal")
    press(secretary, "Preparar")
    secretary.wait_for_url("**/sessions/*")
    agenda = secretary.locator("ol.work")
    expect(agenda).to_contain_text(f"Sin respuesta de {RECEIVER}: identidad")
    assert code not in agenda.inner_text()
    lead.goto(referral)
    expect(line).to_contain_text("Está en la agenda de la sesión")
    phone = people("upe", PHONE)
    phone.goto(referral)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE
