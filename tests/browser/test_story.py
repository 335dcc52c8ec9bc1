"""The story of the portal, in Spanish: two siblings from a first alert to a council's agreement.

Each person signs in on a device of their own; what is read on one was written on another.
"""

import re
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from tests.browser.steps import SignIn, follow, press
from tests.serving import Site

pytestmark = pytest.mark.browser

FIRST, SECOND, SURNAME = "Tucaneta", "Guacamayo", "Uvilla"
REPORTER = "Vecina de la posta"
LAMAS = "220501"
ASKS = "DNI sin costo y ubicar a la familia extensa"
BRIEF = (
    "Dos hermanos de primera y segunda infancia, provincia de Lamas, en protección de urgencia. "
    "Uno de ellos sin DNI."
)
AGREED = "emite el DNI sin costo y lo entrega"


@dataclass
class Told:
    """What the story knows as it goes on."""

    sign_in: SignIn
    site: Site
    pages: dict[str, Page] = field(default_factory=dict)
    alert: str = ""
    code: str = ""
    referral: str = ""
    session: str = ""

    def at(self, username: str, width: int = 1280) -> Page:
        """Return the page of an account, signed in once."""
        if username not in self.pages:
            self.pages[username] = self.sign_in(username, width)
        return self.pages[username]


def day(ahead: int) -> str:
    return (clock.today() + timedelta(days=ahead)).isoformat()


def test_two_siblings_from_an_alert_to_an_agreement(people: SignIn, site: Site) -> None:
    story = Told(people, site)
    an_alert_is_registered(story)
    the_duty_officer_takes_it(story)
    others_are_brought_in(story)
    both_are_admitted(story)
    the_defensoria_visits(story)
    the_council_agrees(story)
    the_right_is_restored(story)
    the_next_agenda_opens_with_it(story)
    the_module_is_turned_off_and_on(story)
    the_trail_is_whole_until_a_byte_is_changed(story)


def an_alert_is_registered(story: Told) -> None:
    page = story.at("salud", 360)
    page.goto("/alerts/new")
    page.fill("#children-0-given_names", FIRST)
    page.fill("#children-0-first_surname", SURNAME)
    page.fill("#children-0-estimated_age", "9")
    press(page, "Agregar una hermana o un hermano")
    page.fill("#children-1-given_names", SECOND)
    page.fill("#children-1-first_surname", SURNAME)
    page.fill("#children-1-estimated_age", "4")
    page.select_option("#children-1-document_kind", "none")
    page.select_option("#district", LAMAS)
    page.fill("#where", "Jr. Unión, junto a la posta, casa celeste")
    for sign in ("alone_tonight", "parent_in_prison", "parent_in_hospital"):
        page.check(f"#signs-{sign}")
    page.fill("#what_happens", "Madre internada, padre en un penal; esta noche están solos.")
    page.check("#situation-unprotection")
    page.fill("#reporter", REPORTER)
    page.fill("#telephone", "942 000 210")
    page.check("#is_reserved")
    press(page, "Ver a quién se envía")
    expect(page.locator("aside")).to_contain_text("UPE San Martín")
    expect(page.locator("aside a[href^='tel:']").first).to_be_visible()
    expect(page.locator("#what_happens")).to_have_value(re.compile("esta noche están solos"))
    press(page, "Enviar la alerta")
    page.wait_for_url("**/sent")
    story.alert = "/alerts/" + page.url.split("/")[-2]
    expect(page.locator("main")).to_contain_text("UPE San Martín")
    expect(page.locator("a[href^='tel:']").first).to_be_visible()


def the_duty_officer_takes_it(story: Told) -> None:
    page = story.at("turno")
    page.goto("/")
    first = page.locator("main section").first
    expect(first).to_contain_text("Protección inmediata")
    first.locator(f".what a[href='{story.alert}']").click()
    expect(page.locator("main")).to_contain_text("casa celeste")
    expect(page.locator("main")).not_to_contain_text(REPORTER)
    page.locator("main a[href$='/accept']").first.click()
    page.locator("main form button.btn").first.click()
    page.wait_for_url("**/cases/*")
    story.code = page.url.rsplit("/", 1)[-1]
    expect(page.locator("h1")).to_have_text("2 hermanos de 4 y 9 años")
    expect(page.locator("main")).to_contain_text(SURNAME)
    expect(page.locator("main")).to_contain_text("UPE San Martín")
    expect(page.locator("main")).to_contain_text("DL 1297")


def others_are_brought_in(story: Told) -> None:
    page = story.at("upe")
    page.goto(f"/cases/{story.code}/parties/new")
    page.select_option("#agency_id", label="Oficina Defensorial de Tarapoto")
    page.check("#level-informed")
    page.select_option("#norm", "supervision")
    page.locator("main form button.btn").first.click()
    page.wait_for_url(f"**/cases/{story.code}/who")
    story.referral = refer(story, "RENIEC Tarapoto", "identity", "Inscribir y emitir el DNI")
    refer(story, "Red de Salud Lamas", "growth", "Control de ambos y afiliación")
    civil = story.at("reniec", 360)
    civil.goto("/")
    civil.locator(f"main a[href='{story.referral}']").first.click()
    expect(civil.locator("main")).to_contain_text("Inscribir y emitir el DNI")
    expect(civil.locator("main")).not_to_contain_text("penal")
    press(civil, "Aceptar la derivación")
    page.goto(story.referral)
    expect(page.locator("main p.notice")).to_contain_text("Aceptada; se espera la respuesta")
    expect(page.locator("aside")).to_contain_text("Recibido en el portal por")
    letter = page.get_by_role("link", name=re.compile(r"^Oficio N\.° "))
    expect(letter).to_contain_text("-UPE-SM")
    drawn = page.request.get(story.site.url + str(letter.get_attribute("href")))
    assert drawn.body().startswith(b"%PDF-")
    civil.goto(f"/cases/{story.code}")
    expect(civil.locator("main")).not_to_contain_text("Red de Salud")
    expect(civil.locator("main")).not_to_contain_text("casa celeste")
    stranger = story.at("pnp")
    answer = stranger.goto(f"/cases/{story.code}")
    assert answer is not None
    assert answer.status == 404


def refer(story: Told, agency: str, right: str, asked: str) -> str:
    page = story.at("upe")
    page.goto(f"/cases/{story.code}/referrals/new")
    page.select_option("#to_agency_id", label=agency)
    expect(page.locator("#seen h2").first).to_have_text(f"Así la verá {agency}")
    page.select_option("#right", right)
    page.fill("#asked", asked)
    page.fill("#due_on", day(5))
    press(page, "Enviar la derivación")
    page.wait_for_url(re.compile("/referrals/[0-9a-f-]{36}$"))
    return "/" + page.url.split("/", 3)[-1]


def both_are_admitted(story: Told) -> None:
    page = story.at("upe")
    page.goto("/p/shelter/")
    before = re.search(r"(\d+) de 10", page.locator("main").inner_text())
    assert before is not None
    page.goto(f"/p/shelter/cases/{story.code}/admit")
    beds = [page.locator(f"#beds-{number}-bed_id").input_value() for number in (0, 1)]
    assert len(set(beds)) == 2
    assert all(beds)
    page.locator("input[name=measure]").first.check()
    press(page, "Registrar el ingreso")
    page.goto("/p/shelter/")
    expect(page.locator("main")).to_contain_text(f"{int(before[1]) + 2} de 10")
    expect(page.locator("main")).to_contain_text(FIRST)
    page.goto(f"/cases/{story.code}")
    expect(page.locator("main")).to_contain_text("10.º día hábil")


def the_defensoria_visits(story: Told) -> None:
    page = story.at("defensoria")
    page.goto("/p/defensoria/")
    expect(page.locator("main")).to_contain_text(story.code)
    page.goto("/p/defensoria/visits/new")
    page.select_option("#visited_id", label="UPE San Martín")
    page.fill("#visited_on", day(0))
    page.fill("#found", "El espacio atiende de noche con una sola persona.")
    page.fill("#recommendation", "Asegurar dos personas en el turno de noche")
    page.fill("#due_on", day(20))
    page.locator("main form button.btn").first.click()
    expect(page.locator("main")).to_contain_text("Asegurar dos personas")
    owing = story.at("upe")
    owing.goto("/")
    owing.locator("main a", has_text="Asegurar dos personas").first.click()
    follow(owing, "Presentar sustento")
    owing.fill("#words", "Segunda persona designada desde hoy")
    owing.fill("#document", "Memorando 31")
    owing.locator("main form button.btn").first.click()
    expect(owing.locator("main")).to_contain_text("Memorando 31")
    assert owing.locator("nav.side").first.inner_text().count("Seguimiento") == 0


def the_council_agrees(story: Told) -> None:
    secretary = story.at("defensoria")
    story.session = prepare_session(story)
    lead = story.at("upe")
    lead.goto(f"/cases/{story.code}/council")
    lead.check(f"input[value='{story.session.rsplit('/', 1)[-1]}']")
    lead.locator("main form button.btn").first.click()
    lead.fill("#text", BRIEF)
    lead.fill("#asks", ASKS)
    press(lead, "Guardar el resumen")
    press(lead, "Aprobar el resumen")
    expect(lead.locator("main")).to_contain_text("Resumen aprobado")
    secretary.goto(story.session)
    press(secretary, "Convocar a los miembros")
    hold_session(story)
    member = story.at("reniec", 360)
    member.goto(f"{story.session}/live")
    expect(member.locator("#live-face")).to_contain_text(BRIEF)
    room = secretary.context.new_page()
    room.goto(f"{story.session}/screen")
    expect(room.locator("h1")).to_contain_text("Caso")
    secretary.bring_to_front()
    secretary.select_option("#agency_id", label="RENIEC Tarapoto")
    secretary.fill("#text", AGREED)
    secretary.fill("#due_on", day(5))
    secretary.select_option("#verifier_agency_id", label="UPE San Martín")
    press(secretary, "Registrar el acuerdo")
    for face in (member.locator("#live-face"), room.locator("#screen-face")):
        expect(face).to_contain_text(AGREED)
    shown = room.locator("body").inner_text()
    assert story.code not in shown
    assert SURNAME not in shown
    assert FIRST not in shown
    member.locator("form[action$='/accept'] button").click()
    expect(secretary.locator("#desk-point")).to_contain_text("Aceptado")
    to_the_end(secretary)
    press(secretary, "Cerrar la sesión")
    follow_pdf = secretary.request.get(f"{story.site.url}{story.session}/minutes.pdf")
    assert follow_pdf.body().startswith(b"%PDF-")
    room.close()


def prepare_session(story: Told) -> str:
    page = story.at("defensoria")
    page.goto("/councils")
    page.locator("main ul.work a").first.click()
    follow(page, "Preparar una sesión")
    now = clock.local(clock.now() + timedelta(minutes=2))
    page.check("#kind-ordinary")
    page.fill("#day", f"{now:%Y-%m-%d}")
    page.fill("#hour", f"{now:%H:%M}")
    page.fill("#place", "Auditorio municipal")
    press(page, "Preparar")
    page.wait_for_url("**/sessions/*")
    address = "/" + page.url.split("/", 3)[-1]
    follow(page, "Agregar un punto")
    page.fill("#title", "Jornada de DNI en Chazuta")
    press(page, "Agregar el punto")
    return address


def hold_session(story: Told) -> None:
    """Take attendance until there is quorum, open, and pass on to the case."""
    page = story.at("defensoria")
    page.goto(f"{story.session}/desk")
    for name in ("Carmen Shihuahuaco", "Elena Caoba", "Julia Capirona", "Delia Estoraque",
                 "Óscar Moena", "Raúl Catahua", "Ana Pumaquiro", "Hugo Ishpingo",
                 "Berta Topa"):  # fmt: skip
        press(page, f"Marcar a {name}")
    expect(page.locator("#desk-head")).to_contain_text("Quórum 9 de 16")
    press(page, "Instalar la sesión")
    for _step in range(12):
        if "Caso" in page.locator("#desk-head h2").inner_text():
            return
        press(page, "Siguiente punto ›")
    pytest.fail("the case is not on the agenda")


def to_the_end(page: Page) -> None:
    """Pass over the remaining points."""
    following = page.locator("#desk-head").get_by_role("button", name="Siguiente punto ›")
    while following.count():
        following.click()
        page.wait_for_load_state()


def the_right_is_restored(story: Told) -> None:
    civil = story.at("reniec", 360)
    civil.goto(f"{story.referral}/answer")
    civil.fill("#answer", "DNI emitido y entregado a la UPE")
    civil.fill("#document", "Constancia 77")
    civil.check("#restores")
    civil.locator("main form button.btn").first.click()
    lead = story.at("upe")
    lead.goto(f"/cases/{story.code}")
    expect(lead.locator("ul.rights li.kept").first).to_contain_text("Identidad")
    civil.goto("/")
    civil.locator("main a", has_text=AGREED).first.click()
    follow(civil, "Presentar sustento")
    civil.fill("#words", "DNI emitido y entregado")
    civil.fill("#document", "Constancia 77")
    civil.fill("#dated", day(0))
    civil.locator("main form button.btn").first.click()
    lead.goto("/")
    lead.locator("main a", has_text=AGREED).first.click()
    follow(lead, "Verificar")
    lead.locator("input[name=is_done]").first.check()
    lead.fill("#words", "DNI a la vista")
    lead.locator("main form button.btn").first.click()
    expect(lead.locator("main")).to_contain_text("Cumplido y verificado")


def the_next_agenda_opens_with_it(story: Told) -> None:
    address = prepare_session(story)
    page = story.at("defensoria")
    page.goto(address)
    agenda = page.locator("ol.work > li")
    expect(agenda.nth(0)).to_contain_text("Acta de la sesión anterior")
    opening = agenda.filter(has_text=AGREED)
    expect(opening).to_contain_text("Cumplido y verificado")
    point = agenda.filter(has_text="Jornada de DNI")
    names = agenda.all_inner_texts()
    assert names.index(opening.inner_text()) < names.index(point.inner_text())


def the_module_is_turned_off_and_on(story: Told) -> None:
    page = story.at("adminupe")
    page.goto("/admin/plugins")
    page.locator(
        "main a[href*='/shelter/'][href*='disable'], main a[href*='shelter'][aria-label^='Apagar']"
    ).first.click()
    expect(page.locator("main [role=alert]")).to_contain_text("permanecen aquí")
    keeper = story.at("car")
    keeper.goto("/p/shelter/")
    expect(keeper.locator("main")).to_contain_text("0 de")
    keeper.goto("/admin/plugins")
    keeper.locator("main a[aria-label^='Apagar Acogida']").first.click()
    keeper.locator("main form button.btn").first.click()
    answer = keeper.goto("/p/shelter/")
    assert answer is not None
    assert answer.status == 404
    assert "Acogida" not in keeper.locator("nav.side").first.inner_text()
    keeper.goto("/admin/plugins")
    keeper.locator("main button[aria-label^='Activar Acogida']").first.click()
    keeper.goto("/p/shelter/")
    expect(keeper.locator("main")).to_contain_text("0 de")
    defender = story.at("admindp")
    defender.goto("/admin/plugins")
    assert defender.locator("main button[aria-label*='Acogida']").count() == 0


def the_trail_is_whole_until_a_byte_is_changed(story: Told) -> None:
    whole = story.site.operator.run("audit", "verify")
    assert whole.returncode == 0, whole.stderr
    database = sqlite3.connect(story.site.folder / "portal.db")
    with database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE ?",
            ("portal_audit%",),
        ).fetchall()
        for (name,) in names:
            database.execute(f'DROP TRIGGER "{name}"')
        row = database.execute(
            "SELECT id, action FROM portal_audit_entry WHERE action = 'cases.case.open' LIMIT 1"
        ).fetchone()
        changed = database.execute(
            "UPDATE portal_audit_entry SET action = 'cases.case.opem' WHERE id = ?", (row[0],)
        )
        assert changed.rowcount == 1
    database.close()
    bent = story.site.operator.run("audit", "verify")
    assert bent.returncode == 1
    entry = str(row[0])
    assert entry in (bent.stdout + bent.stderr).replace("-", "")
