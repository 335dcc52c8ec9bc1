"""A reader of Spanish, for the sentences that explain a count."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from portal.db.paths import PACKAGE


@pytest.fixture
def in_spanish() -> Iterator[None]:
    """Let texts come out in Spanish."""
    app = Flask("spanish")
    Babel(
        app,
        default_locale="es",
        default_domain="portal",
        default_translation_directories=str(PACKAGE / "translations"),
    )
    with app.test_request_context():
        yield
