"""What is kept in the database is said in the language of whoever reads it."""

from datetime import date
from typing import Any

import flask_babel
import pytest
from flask import Flask

from portal.agencies.competence import UNDECIDED, choose
from portal.alerts.models import Alert
from portal.alerts.rules import suggest_priority
from portal.cases.labels import entry_title
from portal.texts import Said, _, _l, _n, inline

DAY = date(2026, 11, 23)


def alert_because(why: list[Any]) -> Alert:
    """Return an alert of which only the reasons matter."""
    fields: dict[str, Any] = {"why": why}
    return Alert(**fields)


def test_why_an_alert_went_somewhere_is_said_in_the_language_of_its_reader(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        _priority, why = suggest_priority(["injuries"], [], DAY)
        kept = [each.kept for each in (*choose(UNDECIDED, "220501", []).why, why)]
    alert = alert_because(kept)
    with app.test_request_context("/"):
        assert "Ninguna Unidad de Protección Especial" in str(alert.reasons[1])
        assert str(alert.pressing) == "hay lesiones"
    with app.test_request_context("/?lang=en"):
        assert str(alert.pressing) == "there are injuries"


def test_an_alert_that_says_nothing_has_no_reason() -> None:
    assert alert_because([]).reasons == []
    assert alert_because([]).pressing is None


def test_facts_are_filled_in() -> None:
    said = Said("%(name)s acts.", {"name": "UPE"})
    assert str(Said(*said.kept)) == "UPE acts."


@pytest.mark.parametrize(
    ("title", "facts", "said"),
    [
        (
            "Term met: %(rule)s",
            {"rule": "core.risk.evaluation", "began": "2026-11-17"},
            "Atendido en plazo: evaluación de la situación de riesgo",
        ),
        (
            "%(right)s: %(state)s",
            {"right": "identity", "state": "restored"},
            "Identidad: restituido",
        ),
        (
            "Referred to %(agency)s: %(right)s",
            {"agency": "Red de Salud", "right": "growth"},
            "Derivación a Red de Salud: crecimiento y vacunas",
        ),
        ("", {}, ""),
    ],
)
def test_an_entry_has_its_title_in_the_language_of_its_reader(
    app: Flask, title: str, facts: dict[str, str], said: str
) -> None:
    with app.test_request_context("/"):
        assert entry_title(title, facts) == said


def test_a_label_within_a_sentence_is_in_small_letters_unless_it_is_an_abbreviation() -> None:
    assert inline("En trámite") == "en trámite"
    assert inline("DNI") == "DNI"
    assert inline("") == ""


def test_what_is_filled_into_a_text_is_escaped_wherever_it_is_shown(app: Flask) -> None:
    """A refusal that quotes what was typed must not bring its markup onto the page."""
    typed = "<b onclick=x>"
    with app.test_request_context("/"):
        for text in (_("No %(typed)s", typed=typed), _l("No %(typed)s", typed=typed)):
            shown = app.jinja_env.from_string("{{ text }}").render(text=text)
            assert typed not in shown
            assert "&lt;b onclick=x&gt;" in shown


def test_a_text_is_said_in_the_language_that_holds_at_that_moment(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert (_("Yes"), _n("%(num)s case", "%(num)s cases", 2)) == (
            "Yes",
            "2 cases",
        )
        with flask_babel.force_locale("es"):
            assert (_("Yes"), _n("%(num)s case", "%(num)s cases", 2)) == (
                "Sí",
                "2 casos",
            )
        assert _("Yes") == "Yes"
    assert _("Yes") == "Yes"
