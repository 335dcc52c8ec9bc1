"""Marking of texts for translation: sources are English, each is translated to Spanish.

The typed face of flask_babel, which has no types of its own. Outside a request the source text is
returned as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import flask_babel
from babel.dates import format_date
from flask import g
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

# The languages of the portal's pages, Spanish first.
LOCALES = ("es", "en")


class LaterText(LazyString):  # type: ignore[misc]
    """A text that is translated when it is shown, and escaped like any other.

    The one of flask_babel says of itself that it is HTML, with whatever was filled into it.
    """

    def __html__(self) -> Markup:
        return escape(str(self))


def catalogue() -> Any:
    """Return the texts of the reader's language, found once and kept beside it.

    A page says two hundred texts, and flask_babel asks anew for each of them where they are.
    """
    context = g.get("_flask_babel") if g else None
    if context is None:
        return flask_babel.get_translations()
    kept = context.__dict__
    language = kept.get("babel_locale")
    if language is None or kept.get("catalogue_of") is not language:
        kept["catalogue"] = flask_babel.get_translations()
        kept["catalogue_of"] = kept.get("babel_locale")
    return kept["catalogue"]


def _(text: str, /, **values: Any) -> str:
    """Return a text in the reader's language, with `%(name)s` filled in."""
    said = str(catalogue().gettext(text))
    return said % values if values else said


def _n(one: str, many: str, count: int, /, **values: Any) -> str:
    """Return the singular or plural text for a count, which fills `%(num)s`."""
    return str(catalogue().ngettext(one, many, count)) % {"num": count, **values}


def _l(text: str, /, **values: Any) -> Any:
    """Return a text that is translated when it is shown; for constants and class attributes."""
    return LaterText(_, text, **values)


def msgid(text: str, /) -> str:
    """Mark a text that is kept in the database as it stands and translated when it is read."""
    return text


@dataclass(frozen=True, slots=True)
class Said:
    """A text with its facts that is said in the language of whoever reads it, not who wrote it.

    `text` is marked with `msgid` where it is written; `kept` is what the database holds.
    """

    text: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return _(self.text, **self.facts)

    @property
    def kept(self) -> list[Any]:
        """Return what a JSON column keeps."""
        return [self.text, dict(self.facts)]


def inline(label: object) -> str:
    """Return a label as it stands within a sentence: "High" as "high", "DNI" as it is."""
    words = str(label)
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def day_text(value: date) -> str:
    """Return a day as `lun 23/11/2026` in the reader's language."""
    return _day_in(value, flask_babel.get_locale())


def moment_text(local: datetime) -> str:
    """Return a moment of Lima as `lun 23/11/2026 15:00` in the reader's language."""
    return f"{day_text(local.date())} {local.hour:02}:{local.minute:02}"


def written_day(value: date) -> str:
    """Return a day as letters are dated, `23 de noviembre de 2026`, in the reader's language."""
    return format_date(value, "long", locale=flask_babel.get_locale() or "en")


@lru_cache(maxsize=4096)
def _day_in(value: date, locale: Any) -> str:
    return format_date(value, "EEE dd/MM/yyyy", locale=locale or "en").replace(".", "")
