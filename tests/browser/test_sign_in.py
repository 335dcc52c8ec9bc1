"""Coming in, in Spanish, in a real browser with an authenticator of its own kind."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.demo.people import PASSWORD
from tests.browser.conftest import PATIENCE_MS
from tests.serving import Site

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """A telephone or computer: a browser, and what verifies who holds it."""

    def __init__(self, chromium: Browser, site: Site, width: int) -> None:
        self.context = chromium.new_context(
            base_url=site.url.replace("127.0.0.1", "localhost"),
            locale="es-PE",
            viewport={"width": width, "height": 900},
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.authenticator = self.context.new_cdp_session(self.page)
        self.authenticator.send("WebAuthn.enable")
        added = self.authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.number = added["authenticatorId"]

    def press(self, name: str) -> None:
        """Press the button that says so."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()

    def press_anywhere(self, name: str) -> None:
        """Press a button that stands outside of the page's content."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the link that says so."""
        self.page.locator("main").get_by_role("link", name=name, exact=True).first.click()

    def come_in(self, username: str) -> None:
        """Sign in with the password of the demonstration."""
        self.page.goto("/login")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.press("Iniciar sesión")


@pytest.fixture
def device(chromium: Browser, site: Site) -> Iterator[Callable[..., Device]]:
    """Return a maker of devices; no script of a page may fail on any."""
    made: list[Device] = []

    def make(width: int = 1280) -> Device:
        made.append(Device(chromium, site, width))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
    assert [said for each in made for said in each.complaints] == []


def a_new_psychologist(site: Site, username: str) -> str:
    """Let the operator make an account; returns its code of the first day."""
    words = ("users", "create", username, "--name", "Iris Capirona", "--agency", "UPE-SM")
    said = site.operator.run(*words, "--role", "caseworker")
    assert said.returncode == 0, said.stderr
    return said.stdout.strip().rsplit(" ", 1)[-1]


def test_the_first_day_of_a_psychologist_with_a_passkey(
    device: Callable[..., Device], site: Site
) -> None:
    code = a_new_psychologist(site, "iris")
    hers = device(360)
    hers.page.goto("/login")
    hers.follow("Es mi primer día: tengo un código")
    hers.page.fill("#username", "iris")
    hers.page.fill("#code", code)
    hers.press("Continuar")
    expect(hers.page.locator("h1")).to_contain_text("Iris Capirona")
    hers.page.fill("#passkey-name", "Mi teléfono")
    hers.press("Crear mi llave de acceso")
    expect(hers.page.locator("h1")).to_have_text("Mis pendientes")
    hers.page.goto("/me")
    expect(hers.page.locator("main")).to_contain_text("Mi teléfono")
    hers.page.get_by_role("button", name="Cerrar sesión").click()
    hers.press("Ingresar con llave de acceso")
    expect(hers.page.locator("h1")).to_have_text("Mis pendientes")
    others = device()
    others.page.goto("/login/first")
    others.page.fill("#username", "iris")
    others.page.fill("#code", code)
    others.press("Continuar")
    expect(others.page.locator("main")).to_contain_text("ya se usó")


def test_the_first_day_with_a_password_and_later_a_passkey(
    device: Callable[..., Device], site: Site
) -> None:
    code = a_new_psychologist(site, "sacha")
    hers = device()
    hers.page.goto("/login/first")
    hers.page.fill("#username", "sacha")
    hers.page.fill("#code", code)
    hers.press("Continuar")
    hers.page.fill("#new_password", "tarapoto2026")
    hers.press("Guardar y continuar")
    expect(hers.page.locator("#new_password-said")).to_contain_text("no la base en su nombre")
    hers.page.fill("#new_password", "aguaje maduro en la orilla")
    hers.press("Guardar y continuar")
    expect(hers.page.locator("main")).to_contain_text("Ya tiene contraseña")
    hers.press("Ahora no: ingresar")
    expect(hers.page.locator("h1")).to_have_text("Mis pendientes")
    hers.page.goto("/me")
    hers.follow("Agregar una llave de acceso")
    hers.press("Crear la llave de acceso")
    hers.page.wait_for_url("**/me")
    expect(hers.page.locator("main")).to_contain_text("Mi equipo")


def test_nobody_verified_is_told_and_may_use_the_password(
    device: Callable[..., Device],
) -> None:
    his = device()
    his.authenticator.send(
        "WebAuthn.setUserVerified", {"authenticatorId": his.number, "isUserVerified": False}
    )
    his.page.goto("/login")
    his.press("Ingresar con llave de acceso")
    expect(his.page.locator("main")).to_contain_text("No se presentó ninguna llave")
    his.come_in("upe")
    expect(his.page.locator("h1")).to_have_text("Mis pendientes")


def test_a_lost_telephone_and_back_within_minutes(device: Callable[..., Device]) -> None:
    lost = device(360)
    lost.come_in("psicologia")
    lost.page.goto("/me")
    lost.follow("Agregar una llave de acceso")
    lost.press("Crear la llave de acceso")
    lost.page.wait_for_url("**/me")
    admin, second = device(), device()
    admin.come_in("adminupe")
    admin.page.goto("/recovery")
    admin.follow("Ayudar a una o un colega")
    admin.page.fill("#username", "psicologia")
    admin.page.fill("#reason", "Le robaron el teléfono en el camino; la conozco")
    admin.press("Pedir una segunda persona")
    expect(admin.page.locator("main")).to_contain_text("confirma otra persona")
    second.come_in("upe")
    second.page.goto("/notices")
    second.page.locator("main a", has_text="espera su confirmación").first.click()
    second.page.fill("#reason", "Trabajo con ella; está aquí conmigo")
    second.press("Confirmar y ver el código")
    code = second.page.locator(".call").inner_text()
    lost.page.goto("/")
    lost.page.wait_for_url(re.compile("/login"))
    lost.press("Ingresar con llave de acceso")
    expect(lost.page.locator("main")).to_contain_text("no abre esta cuenta")
    hers = device(360)
    hers.come_in("psicologia")
    hers.page.fill("#code", code)
    hers.press("Entrar")
    hers.press("Crear mi llave de acceso")
    expect(hers.page.locator("h1")).to_have_text("Códigos de recuperación")
    expect(hers.page.locator(".codes li")).to_have_count(10)
    hers.follow("Ya los guardé")
    expect(hers.page.locator("h1")).to_have_text("Mis pendientes")


def test_a_locked_screen_keeps_what_was_typed(device: Callable[..., Device]) -> None:
    his = device()
    his.come_in("salud")
    his.page.goto("/alerts/new")
    with his.page.expect_response("**/drafts"):
        his.page.fill("#what_happens", "Escrito antes de bloquear")
    his.page.get_by_role("button", name="Bloquear").click()
    expect(his.page.locator("h1")).to_have_text("Pantalla bloqueada")
    his.page.goto("/cases")
    expect(his.page.locator("h1")).to_have_text("Pantalla bloqueada")
    his.page.fill("#password", PASSWORD)
    his.press("Desbloquear")
    his.page.wait_for_url("**/cases")
    his.page.goto("/alerts/new")
    expect(his.page.locator("#what_happens")).to_have_value("Escrito antes de bloquear")


def test_two_minutes_before_the_end_a_page_says_so(device: Callable[..., Device]) -> None:
    hers = device()
    hers.come_in("upe")
    hers.page.clock.install()
    hers.page.goto("/cases")
    answers = iter(({"left": 119}, {"left": 1790}))
    hers.page.route("**/me/left", lambda route: route.fulfill(json=next(answers)))
    expect(hers.page.locator("[data-leaving]")).to_be_hidden()
    hers.page.clock.fast_forward("28:01")
    expect(hers.page.locator("[data-leaving]")).to_contain_text("en dos minutos")
    hers.press_anywhere("Sigo aquí")
    expect(hers.page.locator("[data-leaving]")).to_be_hidden()
