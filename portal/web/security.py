"""Headers of every answer, and whether a request came from our own pages (SECURITY 5.5)."""

import gzip
from urllib.parse import urlsplit

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "report-to policy"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Reporting-Endpoints": 'policy="/policy-reports"',
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
HSTS = "max-age=31536000; includeSubDomains"
COMPRESSIBLE = ("text/html", "text/css", "application/json", "image/svg+xml", "text/javascript")
WORTH_COMPRESSING = 600


def is_same_origin() -> bool:
    """Tell whether an unsafe request comes from our own pages.

    Browsers say so by Sec-Fetch-Site; where one does not, the Origin must be this host. A request
    with neither is refused; no exemption exists.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host


def dress(response: Response) -> Response:
    """Put the headers on an answer; whatever is not a static file is kept out of every cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.vary.add("Cookie")
    return response


def compress(response: Response) -> Response:
    """Compress a text answer for who accepts it; lines are slow where this is used."""
    if (
        not request.accept_encodings.quality("gzip")
        or response.direct_passthrough
        or response.mimetype not in COMPRESSIBLE
        or response.headers.get("Content-Encoding")
    ):
        return response
    body = response.get_data()
    if len(body) < WORTH_COMPRESSING:
        return response
    response.set_data(gzip.compress(body, compresslevel=5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def install(app: Flask) -> None:
    """Dress and compress every answer of an application."""
    app.after_request(compress)
    app.after_request(dress)
