"""The access matrix: every cell has an answer from the rule, and the portal gives that one."""

import pytest
from flask import Flask

from portal.db import Database
from tests.visibility.asking import ask_everything
from tests.visibility.graphs import compare
from tests.visibility.matrix import POSTS, positions
from tests.webclient import Browser

pytestmark = pytest.mark.slow


def test_every_cell_is_answered_as_the_rule_says(app: Flask, db: Database) -> None:
    answers, _requests = ask_everything(db, lambda: Browser(app, db), positions()[: len(POSTS)])
    assert not answers.unanswered
    assert not answers.wrong, "\n".join(answers.wrong[:40])


def test_set_single_check_and_rule_agree_on_random_graphs(db: Database) -> None:
    done = compare(db, count=25)
    assert done.graphs == 25
    assert done.questions > 500
    assert not done.wrong, "\n".join(done.wrong[:20])
