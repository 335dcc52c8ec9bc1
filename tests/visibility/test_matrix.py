"""The access matrix: every cell has an answer from the rule, and the portal gives that one."""

import pytest
from flask import Flask

from portal.db import Database
from tests.visibility.asking import ask_everything
from tests.webclient import Browser

pytestmark = pytest.mark.slow


def test_every_cell_is_answered_as_the_rule_says(app: Flask, db: Database) -> None:
    answers, _requests = ask_everything(db, lambda: Browser(app, db), most=22)
    assert not answers.unanswered
    assert not answers.wrong, "\n".join(answers.wrong[:40])
