"""Languages: Spanish first, English complete; times in Lima."""

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from portal.db.paths import PACKAGE
from portal.texts import LOCALES, catalogue

DEFAULT = "es"


def choose() -> str:
    """Return the reader's language: the user's own, else the page's `lang`, else Spanish.

    The worker, outside of any request, writes Spanish.
    """
    if not has_request_context():
        return DEFAULT
    chosen = g.get("locale") or request.args.get("lang", "")
    return chosen if chosen in LOCALES else DEFAULT


def install(app: Flask, catalogues: list[tuple[str, str]]) -> None:
    """Give an application its languages; `catalogues` are the modules' (domain, folder) pairs.

    Where a text stands in two catalogues the last wins, so the core's comes last.
    """
    pairs = [*catalogues, ("portal", str(PACKAGE / "translations"))]
    Babel(
        app,
        default_locale=DEFAULT,
        default_timezone="America/Lima",
        default_domain=";".join(domain for domain, _folder in pairs),
        default_translation_directories=";".join(folder for _domain, folder in pairs),
        locale_selector=choose,
    )
    app.jinja_env.globals["locale"] = choose
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue().gettext(text),
        lambda one, many, count: catalogue().ngettext(one, many, count),
        newstyle=True,
    )
