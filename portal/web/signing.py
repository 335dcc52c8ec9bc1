"""The cookie of a sign-in: a random token, whose hash the server keeps."""

from flask import g, request
from werkzeug.wrappers import Response

from portal.settings import Mode
from portal.web.request import portal

PLAIN = "articula"
SECURE = "__Host-articula"
DEVICE_SECONDS = 400 * 86_400


def _is_secure() -> bool:
    """Tell whether cookies are for https alone; on loopback a plain name serves."""
    settings = portal().settings
    return settings.https and settings.mode is Mode.PRODUCTION


def cookie_name() -> str:
    """Return the name of the sign-in cookie."""
    return SECURE if _is_secure() else PLAIN


def device_token() -> str:
    """Return the token of the shared desk that this browser is, or an empty text."""
    return request.cookies.get(f"{cookie_name()}-device", "")


def give_device(response: Response, value: str) -> Response:
    """Make this browser a shared desk, for as long as browsers keep a cookie."""
    response.set_cookie(
        f"{cookie_name()}-device",
        value,
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=_is_secure(),
        path="/",
    )
    return response


def token() -> str:
    """Return the token that the browser sent, or an empty text."""
    return request.cookies.get(cookie_name(), "")


def give(response: Response, value: str) -> Response:
    """Put a new token on an answer."""
    response.set_cookie(
        cookie_name(), value, httponly=True, samesite="Lax", secure=_is_secure(), path="/"
    )
    return response


def take(response: Response) -> Response:
    """Take the token away and clear what the browser kept of our pages."""
    response.delete_cookie(
        cookie_name(), httponly=True, samesite="Lax", secure=_is_secure(), path="/"
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    g.pop("actor", None)
    return response
