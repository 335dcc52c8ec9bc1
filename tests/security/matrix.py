"""Goal 4: every cell of the access matrix has an answer, and the portal gives that one."""

from tests.security.ground import Ground, Measure
from tests.visibility.asking import ask_everything
from tests.visibility.graphs import compare
from tests.visibility.matrix import positions
from tests.webclient import Browser

GOAL = "4 access matrix"
WHOLE = len(positions())
MOST_SHOWN = 40


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many people are put to both cases."""
    with ground.elsewhere() as db:
        answers, requests = ask_everything(db, lambda: Browser(ground.app, db), most=size)
    cells = len(answers.made.expected)
    return Measure(
        GOAL,
        "100 % of cells answered, 0 mismatches",
        f"{cells:,} cells, {len(answers.unanswered)} without an answer, "
        f"{len(answers.wrong)} mismatches; {requests:,} requests",
        not answers.unanswered and not answers.wrong,
        tuple(answers.wrong[:MOST_SHOWN]),
    )


def check_graphs(ground: Ground, *, size: int) -> Measure:
    """Measure sets against single checks; `size` is how many random graphs are drawn."""
    with ground.elsewhere() as db:
        done = compare(db, count=size)
    return Measure(
        f"{GOAL}: random graphs",
        f"SQL list = single check = rule on {size:,} graphs",
        f"{done.graphs:,} graphs, {done.questions:,} questions, {len(done.wrong)} mismatches",
        not done.wrong and done.graphs == size,
        tuple(done.wrong[:MOST_SHOWN]),
    )
