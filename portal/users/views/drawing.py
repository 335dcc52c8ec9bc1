"""The square that a telephone reads, drawn here as SVG."""

import io

from markupsafe import Markup

from portal.users import factors


def square(secret: str, username: str) -> dict[str, str]:
    """Return what a page needs to show an app's secret: itself, in groups, and as a square."""
    import segno

    # One that was bent on its way opens nothing: the page shows another.
    secret = secret if factors.is_secret(secret) else factors.new_secret()
    drawn = io.BytesIO()
    segno.make(factors.address_of(secret, username), error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, scale=4, border=3, light="white", nl=False
    )
    return {
        "secret": secret,
        "spelt": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "drawn": Markup(drawn.getvalue().decode()),  # noqa: S704 - made of squares only.
    }
