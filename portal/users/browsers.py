"""What a browser says of itself, in words that its owner knows: "Chrome on Android"."""

import re

from portal.texts import _

# The first that is found is meant: each of these pretends to be those that come after it.
BROWSERS = (
    ("Edge", re.compile(r"Edg(A|iOS)?/")),
    ("Opera", re.compile(r"OPR/")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"(Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"(Chrome|CriOS)/")),
    ("Safari", re.compile(r"(Version|Safari)/")),
)
SYSTEMS = (
    ("Android", re.compile(r"Android")),
    ("iPad", re.compile(r"iPad")),
    ("iPhone", re.compile(r"iPhone")),
    ("Chromebook", re.compile(r"CrOS")),
    ("Windows", re.compile(r"Windows")),
    ("Mac", re.compile(r"Mac OS X|Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)


def browser_words(agent: str) -> str:
    """Return browser and system in words, whichever of them are known; else an empty text."""
    browser, system = _first(BROWSERS, agent), _first(SYSTEMS, agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system


def _first(names: tuple[tuple[str, re.Pattern[str]], ...], agent: str) -> str:
    return next((name for name, pattern in names if pattern.search(agent)), "")
